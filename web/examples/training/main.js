// Trains a network of two layers, in plain loops, to tell the three arms of a spiral apart. Between the layers is a batch
// norm of Backnorm. Prints the loss of every 25th step, and how many new points the network gets right.
//
//     h = x·w1              [N, H]      the norm has the bias
//     y = norm(h)           [N, H]
//     scores = relu(y)·w2   [N, K]
//
// A tensor is a Float64Array, row major. A gradient is d + name.
import { load } from "backnorm";

const [N, H, K] = [150, 32, 3]; // points in a batch, channels, arms
const [steps, rate] = [200, 0.5];

const bn = await load();
const norm = bn.layer({ shape: [N, H], dtype: "float64" }); // gamma is 1 and beta is 0
const [w1, w2] = bn.randn(1, [2 * H, H * K]);
for (let i = 0; i < w2.length; i++) w2[i] /= Math.sqrt(H);

for (let step = 0; step < steps; step++) {
  const { x, arms } = spiral(2 + step);
  const scores = forward(x);
  const { loss, dscores } = crossEntropy(scores, arms);
  if (step % 25 === 0) console.log(`step ${step}: loss ${loss.toFixed(4)}`);

  const hidden = norm.y.map((value) => Math.max(value, 0));
  const dw2 = multiply(transpose(hidden, N), dscores, N);
  const dhidden = multiply(dscores, transpose(w2, H), K);
  norm.dy.set(dhidden.map((value, i) => (hidden[i] > 0 ? value : 0)));
  norm.backward();
  const dw1 = multiply(transpose(x, N), norm.dx, N);

  const { gamma, dgamma, beta, dbeta } = norm;
  for (const [parameter, gradient] of [
    [w1, dw1],
    [w2, dw2],
    [gamma, dgamma],
    [beta, dbeta],
  ])
    for (let i = 0; i < parameter.length; i++) parameter[i] -= rate * gradient[i];
}

norm.training = false; // from now on it normalizes by the running statistics
const { x, arms } = spiral(1);
const scores = forward(x);
const right = arms.filter((arm, n) => {
  const row = scores.subarray(n * K, (n + 1) * K);
  return row.indexOf(Math.max(...row)) === arm;
}).length;
console.log(`${right} of ${N} new points are right`);
norm.dispose(); // nothing else frees its memory

/** The scores [N, K] of the points x [N, 2]. */
function forward(x) {
  norm.x.set(multiply(x, w1, 2)); // straight into the kernels' memory
  norm.forward();
  return multiply(
    norm.y.map((value) => Math.max(value, 0)),
    w2,
    H,
  );
}

/** N points on K arms, which turn by a bit more than half a circle. */
function spiral(seed) {
  const [noise] = bn.randn(seed, [N]);
  const arms = Array.from({ length: N }, (_, n) => n % K);
  const points = arms.flatMap((arm, n) => {
    const radius = (n + 1) / N;
    const angle = 3.5 * radius + (2 * Math.PI * arm) / K + 0.1 * noise[n];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
  return { x: Float64Array.from(points), arms };
}

/** The mean cross-entropy of the softmax of scores [N, K], and its gradient. */
function crossEntropy(scores, arms) {
  const dscores = scores.slice();
  let loss = 0;
  for (const [n, arm] of arms.entries()) {
    const row = dscores.subarray(n * K, (n + 1) * K);
    const most = Math.max(...row);
    const sum = row.reduce((sum, score) => sum + Math.exp(score - most), 0);
    loss += (Math.log(sum) + most - row[arm]) / N;
    for (let k = 0; k < K; k++) row[k] = (Math.exp(row[k] - most) / sum - (k === arm ? 1 : 0)) / N;
  }
  return { loss, dscores };
}

/** a·b, where `inner` counts the columns of a and the rows of b. */
function multiply(a, b, inner) {
  const [rows, columns] = [a.length / inner, b.length / inner];
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++)
      for (let j = 0; j < columns; j++) out[i * columns + j] += a[i * inner + k] * b[k * columns + j];
  return out;
}

function transpose(a, rows) {
  const columns = a.length / rows;
  return a.map((_, i) => a[(i % rows) * columns + Math.floor(i / rows)]);
}
