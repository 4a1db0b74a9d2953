/**
 * A small transformer in plain loops, forward and backward by hand: one block with pre-norm, whose norms are layers of
 * Backnorm. It learns a line of text by heart, character by character, with plain gradient descent.
 *
 *     x0 = wte[tokens] + wpe                               [T, C]
 *     x1 = x0 + attention(norm1(x0)·wqkv)·wproj            [T, C]
 *     x2 = x1 + gelu(norm2(x1)·wup)·wdown                  [T, C]
 *     logits = norm3(x2)·wout                              [T, V]
 *
 * T: positions, C: channels, which is the width of the model, V: characters in the vocabulary. A tensor is a
 * Float64Array, row major. A gradient is d + name.
 */

export const text = "a norm keeps every layer at one scale, and so the gradients flow.";
const vocabulary = [...new Set(text)].sort();
const tokens = Array.from(text, (character) => vocabulary.indexOf(character));

const T = text.length - 1; // the last character is only a target
const C = 16;
const V = vocabulary.length;
const heads = 2;
const D = C / heads; // channels of a head
const seed = 1;

/**
 * Trains a new model. Returns the loss of each step, before its update, and the text that the trained model writes when
 * it is given the first character.
 *
 * bn: what `load()` gives. norm: "layer" or "rms". rate: from about 0.35 on, the steps overshoot, and rounding errors
 * grow from one to the next.
 */
export function train(bn, { norm = "layer", steps = 50, rate = 0.25 } = {}) {
  const model = createModel(bn, norm);
  const [inputs, targets] = [tokens.slice(0, T), tokens.slice(1)];
  const losses = [];
  for (let step = 0; step < steps; step++) {
    const activations = forward(model, inputs);
    const { loss, dlogits } = crossEntropy(activations.logits, targets);
    losses.push(loss);
    for (const [parameter, gradient] of backward(model, inputs, activations, dlogits)) {
      for (let i = 0; i < parameter.length; i++) parameter[i] -= rate * gradient[i];
    }
  }
  const sample = write(model, tokens[0]);
  for (const layer of [model.norm1, model.norm2, model.norm3]) layer.dispose(); // nothing else frees their memory
  return { losses, sample };
}

/** Weights as np.random.seed and np.random.randn draw them, divided by √n where they go into sums of n terms. */
function createModel(bn, norm) {
  const sizes = [V * C, T * C, C * 3 * C, C * C, C * 4 * C, 4 * C * C, C * V];
  const [wte, wpe, wqkv, wproj, wup, wdown, wout] = bn.randn(seed, sizes);
  const scaled = (w, n) => w.map((value) => value / Math.sqrt(n));
  // A layer holds gamma, which starts as ones, beta, which starts as zeros, x, y, and the gradients of all of them.
  const createNorm = () => bn.layer({ norm, shape: [T, C], dtype: "float64" });
  return {
    wte,
    wpe,
    wqkv: scaled(wqkv, C),
    wproj: scaled(wproj, C),
    wup: scaled(wup, C),
    wdown: scaled(wdown, 4 * C),
    wout: scaled(wout, C),
    norm1: createNorm(),
    norm2: createNorm(),
    norm3: createNorm(),
  };
}

/** The logits [T, V] of the character that follows each input, and the activations that backward() needs. */
function forward({ wte, wpe, wqkv, wproj, wup, wdown, wout, norm1, norm2, norm3 }, inputs) {
  const x0 = wpe.map((value, i) => value + wte[inputs[Math.floor(i / C)] * C + (i % C)]);
  const qkv = matmul(normalize(norm1, x0), wqkv, C);
  const { attention, mixed } = attend(qkv);
  const x1 = add(x0, matmul(mixed, wproj, C));
  const up = matmul(normalize(norm2, x1), wup, C);
  const hidden = up.map(gelu);
  const x2 = add(x1, matmul(hidden, wdown, 4 * C));
  const logits = matmul(normalize(norm3, x2), wout, C);
  return { qkv, attention, mixed, up, hidden, logits };
}

/** Each parameter with its gradient, from dlogits [T, V]: the lines of forward(), last one first. */
function backward(model, inputs, { qkv, attention, mixed, up, hidden }, dlogits) {
  const { wte, wpe, wqkv, wproj, wup, wdown, wout, norm1, norm2, norm3 } = model;
  const [dy3, dwout] = matmulBackward(dlogits, norm3.y, wout, C);
  const dx2 = normalizeBackward(norm3, dy3);

  const [dhidden, dwdown] = matmulBackward(dx2, hidden, wdown, 4 * C);
  const dup = dhidden.map((value, i) => value * geluSlope(up[i]));
  const [dy2, dwup] = matmulBackward(dup, norm2.y, wup, C);
  const dx1 = add(dx2, normalizeBackward(norm2, dy2)); // x1 reaches x2 twice: as it is, and through the MLP

  const [dmixed, dwproj] = matmulBackward(dx1, mixed, wproj, C);
  const dqkv = attendBackward(dmixed, qkv, attention);
  const [dy1, dwqkv] = matmulBackward(dqkv, norm1.y, wqkv, C);
  const dx0 = add(dx1, normalizeBackward(norm1, dy1));

  const dwte = new Float64Array(V * C); // a character that occurs more than once has the sum over its positions
  for (let i = 0; i < T * C; i++) dwte[inputs[Math.floor(i / C)] * C + (i % C)] += dx0[i];

  const weights = [wte, wpe, wqkv, wproj, wup, wdown, wout];
  const gradients = [dwte, dx0, dwqkv, dwproj, dwup, dwdown, dwout];
  const ofNorm = ({ gamma, dgamma, beta, dbeta }) => [
    [gamma, dgamma],
    [beta, dbeta], // empty for RMS norm
  ];
  return [...weights.map((weight, i) => [weight, gradients[i]]), ...[norm1, norm2, norm3].flatMap(ofNorm)];
}

/** y [T, C] of a layer: a view of the kernels' memory, which a later allocation may move, so it is read at once. */
function normalize(layer, x) {
  layer.x.set(x);
  layer.forward();
  return layer.y;
}

/** dx [T, C], copied; dgamma and dbeta stay in the layer. It must still have the x that normalize() gave it. */
function normalizeBackward(layer, dy) {
  layer.dy.set(dy);
  layer.backward();
  return layer.dx.slice();
}

/** y [rows, outputs] = x [rows, inputs] · w [inputs, outputs]. */
function matmul(x, w, inputs) {
  const [rows, outputs] = [x.length / inputs, w.length / inputs];
  const y = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) y[row * outputs + o] += x[row * inputs + i] * w[i * outputs + o];
    }
  }
  return y;
}

/** dx [rows, inputs] = dy · wᵀ and dw [inputs, outputs] = xᵀ · dy. */
function matmulBackward(dy, x, w, inputs) {
  const [rows, outputs] = [x.length / inputs, w.length / inputs];
  const [dx, dw] = [new Float64Array(x.length), new Float64Array(w.length)];
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) {
        dx[row * inputs + i] += dy[row * outputs + o] * w[i * outputs + o];
        dw[i * outputs + o] += dy[row * outputs + o] * x[row * inputs + i];
      }
    }
  }
  return [dx, dw];
}

/**
 * Causal self-attention: a position sees itself and earlier ones. A row of qkv [T, 3·C] has the queries of all heads,
 * then the keys, then the values.
 *
 *     attention [heads, T, T] = softmax over s of q[t]·k[s] / √D, and 0 where s > t
 *     mixed [T, C] = Σ over s of attention[t, s]·v[s], the heads side by side
 */
function attend(qkv) {
  const [attention, mixed] = [new Float64Array(heads * T * T), new Float64Array(T * C)];
  for (let head = 0; head < heads; head++) {
    const { q, k, v } = views(qkv, head);
    for (let t = 0; t < T; t++) {
      const weights = rowOf(attention, head, t);
      for (let s = 0; s <= t; s++) weights[s] = dot(q[t], k[s]) / Math.sqrt(D);
      weights.set(softmax(weights));
      const out = mixed.subarray(t * C + head * D, t * C + (head + 1) * D);
      for (let s = 0; s <= t; s++) addTo(out, weights[s], v[s]);
    }
  }
  return { attention, mixed };
}

/** dqkv [T, 3·C] from dmixed [T, C]. */
function attendBackward(dmixed, qkv, attention) {
  const dqkv = new Float64Array(qkv.length);
  for (let head = 0; head < heads; head++) {
    const { q, k, v } = views(qkv, head);
    const { q: dq, k: dk, v: dv } = views(dqkv, head);
    for (let t = 0; t < T; t++) {
      const weights = rowOf(attention, head, t);
      const dout = dmixed.subarray(t * C + head * D, t * C + (head + 1) * D);
      const dweights = weights.map((_, s) => dot(dout, v[s]));
      const mean = dot(weights, dweights); // softmax keeps the sum at 1: a gradient equal for all moves nothing
      for (let s = 0; s <= t; s++) {
        const dscore = (weights[s] * (dweights[s] - mean)) / Math.sqrt(D);
        addTo(dq[t], dscore, k[s]);
        addTo(dk[s], dscore, q[t]);
        addTo(dv[s], weights[s], dout);
      }
    }
  }
  return dqkv;
}

/** The query, key and value of one head at each position: T views [D] each. */
function views(qkv, head) {
  const starting = (first) =>
    Array.from({ length: T }, (_, t) => qkv.subarray(t * 3 * C + first, t * 3 * C + first + D));
  return { q: starting(head * D), k: starting(C + head * D), v: starting(2 * C + head * D) };
}

/** What position t gives to positions 0 to t, as a view. */
function rowOf(attention, head, t) {
  const start = (head * T + t) * T;
  return attention.subarray(start, start + t + 1);
}

/** GELU as in GPT-2: x/2·(1 + tanh(u)) with u = √(2/π)·(x + 0.044715·x³). */
function gelu(x) {
  return (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function geluSlope(x) {
  const tanh = Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));
  const du = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2);
  return (1 + tanh) / 2 + (x / 2) * (1 - tanh ** 2) * du;
}

/** The mean of -log softmax(logits)[target] over the positions, and its gradient dlogits [T, V]. */
function crossEntropy(logits, targets) {
  const dlogits = new Float64Array(T * V);
  let loss = 0;
  for (let t = 0; t < T; t++) {
    const probabilities = softmax(logits.subarray(t * V, (t + 1) * V));
    loss -= Math.log(probabilities[targets[t]]) / T;
    for (let v = 0; v < V; v++) dlogits[t * V + v] = (probabilities[v] - (v === targets[t] ? 1 : 0)) / T;
  }
  return { loss, dlogits };
}

/** A copy: a row of weights that sum to 1. */
function softmax(scores) {
  const most = Math.max(...scores); // without it, exp could overflow
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** out += factor·values */
function addTo(out, factor, values) {
  for (let i = 0; i < out.length; i++) out[i] += factor * values[i];
}

function add(a, b) {
  return a.map((value, i) => value + b[i]);
}

/** The likeliest character after the first one, then the likeliest after these two, and so on. */
function write(model, first) {
  const written = new Array(T).fill(0); // the zeros stand for characters to come, which no earlier position sees
  written[0] = first;
  for (let t = 0; t < T; t++) {
    const row = forward(model, written).logits.subarray(t * V, (t + 1) * V);
    written[t + 1] = row.indexOf(Math.max(...row));
  }
  return written.map((token) => vocabulary[token]).join("");
}
