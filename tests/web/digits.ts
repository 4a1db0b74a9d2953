/**
 * A two-layer network with batch norm, or another norm, learns to read handwritten digits, in plain loops: once with
 * calls that take and return arrays, once with a layer on the heap. web/reference/calls.md quotes the two loops. tests/data/digits.py
 * trains the same network in PyTorch. Matrices are Float64Arrays, row major. For Node.
 */
import { readFileSync } from "node:fs";
import type { Backnorm } from "backnorm";

const [pixels, hidden, classes] = [64, 32, 10];
const [seed, rate, epochs] = [1998, 0.5, 10];

/** 100 images: 64 pixels each, from 0 to 1, and what they show. */
interface Batch {
  x: Float64Array;
  labels: number[];
}
const all = readBatches();
const [trainBatches, testBatches] = [all.slice(0, 6), all.slice(6)];

export interface Outcome {
  /** Of each step, before it. */
  losses: number[];
  /** Of the test images in eval mode, after the last step. */
  evalLoss: number;
  /** How many images eval mode gets right. */
  trainRight: number;
  testRight: number;
}

/** The same kernels, but every pass of the network is that of group norm, which has no running statistics. */
export function withGroupNorm(bn: Backnorm, groups: number): Backnorm {
  const choice = { norm: "group", groups } as const;
  return {
    ...bn,
    forward: (x, { running: _, ...options }) => bn.forward(x, { ...options, ...choice }),
    infer: (x, { runningMean: _, runningVar: __, ...options }) => bn.infer(x, { ...options, ...choice }),
    layer: (options) => bn.layer({ ...options, ...choice }),
  };
}

/** With `bn.forward`, `bn.backward` and `bn.infer`: arrays go in and come out. */
export function trainByCalls(bn: Backnorm): Outcome {
  const { first, second, batches, losses } = start(bn);

  const [gamma, beta] = [new Float64Array(32).fill(1), new Float64Array(32)];
  const running = { mean: new Float64Array(32), var: new Float64Array(32).fill(1) }; // for infer()
  for (const { x, labels } of batches) {
    const { y, cache } = bn.forward(first.forward(x), { shape: [100, 32], gamma, beta, running });
    const dscores = crossEntropy(second.forward(relu(y)), labels, losses);
    const dy = reluBackward(second.backward(dscores), y);
    const { dx, dgamma, dbeta } = bn.backward(dy, cache);
    first.backward(dx);
    descend([gamma, dgamma], [beta, dbeta]);
  }

  return outcome(losses, (x) => {
    const statistics = { runningMean: running.mean, runningVar: running.var };
    const y = bn.infer(first.forward(x), { shape: [100, 32], gamma, beta, ...statistics });
    return second.forward(relu(y));
  });
}

/** With `bn.layer`: the tensors stay in the kernels' memory, and the loops write straight into it. */
export function trainOnHeap(bn: Backnorm): Outcome {
  const { first, second, batches, losses } = start(bn);

  const norm = bn.layer({ shape: [100, 32], dtype: "float64" }); // norm.dispose() frees it
  for (const { x, labels } of batches) {
    first.forward(x, norm.x);
    norm.forward();
    const dscores = crossEntropy(second.forward(relu(norm.y)), labels, losses);
    reluBackward(second.backward(dscores), norm.y, norm.dy);
    norm.backward();
    first.backward(norm.dx);
    descend([norm.gamma, norm.dgamma], [norm.beta, norm.dbeta]);
  }

  norm.training = false;
  const result = outcome(losses, (x) => {
    first.forward(x, norm.x);
    norm.forward();
    return second.forward(relu(norm.y));
  });
  norm.dispose();
  return result;
}

/** Weights as NumPy draws them, and the batches of all epochs, in the order of the file. */
function start(bn: Backnorm) {
  const [first, second] = bn.randn(seed, [pixels * hidden, hidden * classes]) as [Float64Array, Float64Array];
  const scaled = (weights: Float64Array, inputs: number) => weights.map((value) => value / Math.sqrt(inputs));
  return {
    first: new Linear(scaled(first, pixels), pixels),
    second: new Linear(scaled(second, hidden), hidden, new Float64Array(classes)),
    batches: Array.from({ length: epochs }, () => trainBatches).flat(),
    losses: [] as number[],
  };
}

function outcome(losses: number[], scoresOf: (x: Float64Array) => Float64Array): Outcome {
  const right = ({ x, labels }: Batch) => {
    const scores = scoresOf(x);
    return labels.filter((label, row) => {
      const own = scores.subarray(row * classes, (row + 1) * classes);
      return own.indexOf(Math.max(...own)) === label;
    }).length;
  };
  const evalLosses: number[] = [];
  for (const { x, labels } of testBatches) crossEntropy(scoresOf(x), labels, evalLosses);
  return {
    losses,
    evalLoss: total(evalLosses) / evalLosses.length,
    trainRight: total(trainBatches.map(right)),
    testRight: total(testBatches.map(right)),
  };
}

/** y = x·w + b, and on the way back the step of gradient descent. */
class Linear {
  readonly #weights: Float64Array; // inputs × outputs
  readonly #inputs: number;
  readonly #bias: Float64Array | undefined;
  #x: Float64Array = new Float64Array();

  constructor(weights: Float64Array, inputs: number, bias?: Float64Array) {
    this.#weights = weights;
    this.#inputs = inputs;
    this.#bias = bias;
  }

  forward(x: Float64Array, out?: Float64Array): Float64Array {
    this.#x = x;
    const y = multiply(x, this.#weights, this.#inputs, out);
    const bias = this.#bias;
    if (bias) y.set(y.map((value, at) => value + (bias[at % bias.length] as number)));
    return y;
  }

  /** dx, by the weights before the step. */
  backward(dy: Float64Array): Float64Array {
    const rows = this.#x.length / this.#inputs;
    const dx = multiply(dy, transpose(this.#weights, this.#inputs), dy.length / rows);
    descend([this.#weights, multiply(transpose(this.#x, rows), dy, rows)]);
    if (this.#bias) descend([this.#bias, multiply(new Float64Array(rows).fill(1), dy, rows)]);
    return dx;
  }
}

/** a·b, where `inner` counts the columns of a and the rows of b. */
function multiply(
  a: Float64Array,
  b: Float64Array,
  inner: number,
  out: Float64Array = new Float64Array((a.length / inner) * (b.length / inner)),
): Float64Array {
  const columns = b.length / inner;
  for (let at = 0; at < out.length; at++) {
    const row = Math.floor(at / columns) * inner;
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum += (a[row + k] as number) * (b[k * columns + (at % columns)] as number);
    out[at] = sum;
  }
  return out;
}

function transpose(a: Float64Array, rows: number): Float64Array {
  const columns = a.length / rows;
  return a.map((_, at) => a[(at % rows) * columns + Math.floor(at / rows)] as number);
}

function relu(y: Float64Array): Float64Array {
  return y.map((value) => Math.max(value, 0));
}

/** dy from the gradient behind the ReLU. */
function reluBackward(
  dhidden: Float64Array,
  y: Float64Array,
  dy: Float64Array = new Float64Array(y.length),
): Float64Array {
  dy.set(dhidden.map((value, at) => ((y[at] as number) > 0 ? value : 0)));
  return dy;
}

/** The gradient of the mean cross-entropy of the softmax of scores; the loss itself goes to the end of `losses`. */
function crossEntropy(scores: Float64Array, labels: readonly number[], losses: number[]): Float64Array {
  const dscores = scores.slice();
  const perRow = labels.map((label, row) => {
    const own = dscores.subarray(row * classes, (row + 1) * classes);
    const most = Math.max(...own);
    const logSum = most + Math.log(total(own.map((score) => Math.exp(score - most))));
    const loss = logSum - (own[label] as number);
    own.forEach((score, c) => {
      own[c] = (Math.exp(score - logSum) - (c === label ? 1 : 0)) / labels.length;
    });
    return loss;
  });
  losses.push(total(perRow) / labels.length);
  return dscores;
}

/** One step of gradient descent, in place. */
function descend(...pairs: [parameter: Float64Array, gradient: Float64Array][]): void {
  for (const [parameter, gradient] of pairs)
    parameter.set(parameter.map((value, at) => value - rate * (gradient[at] as number)));
}

function total(values: readonly number[] | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** The lines of tests/data/digits.txt: a pixel is a digit of base 17, of sixteenths; then the label. */
function readBatches(): Batch[] {
  const text = readFileSync(new URL("../data/digits.txt", import.meta.url), "utf8");
  const lines = text.split("\n").filter((line) => /^[0-9a-g]{64} \d$/.test(line));
  return Array.from({ length: lines.length / 100 }, (_, batch) => {
    const own = lines.slice(batch * 100, (batch + 1) * 100);
    const x = own.flatMap((line) =>
      [...line.slice(0, pixels)].map((digit) => Number.parseInt(digit, 17) / 16),
    );
    return { x: Float64Array.from(x), labels: own.map((line) => Number(line.at(-1))) };
  });
}
