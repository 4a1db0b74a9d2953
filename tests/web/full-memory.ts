/** Memory that is full, and all that asks for it. */
import assert from "node:assert/strict";
import type { Backnorm, Case, Layer, NormCase } from "backnorm";
import { BacknormRangeError } from "backnorm";

const values = Float64Array.of(3, 1, 4, 1, 5, 9);
const pair = Float64Array.of(2, 7);
const options = { shape: [3, 2] };
const kase: Case<Float64Array> = { ...options, x: values, dy: values.toReversed(), gamma: pair, beta: pair };
const ofGroups: Case<Float64Array> = { ...kase, norm: "group", groups: 2 };
const ofSquares: NormCase<Float64Array> = { ...options, norm: "rms", x: values, dy: values, gamma: pair };
const running = { runningMean: pair, runningVar: pair };
const part = { count: 3, mean: pair, m2: pair };
const large = { count: 3, mean: new Float64Array(64), m2: new Float64Array(64) };
const saved = { mean: pair, invstd: pair, count: 3 };
const cache = { x: values, gamma: pair, ...options, layout: "channels-first", ddof: 0, ...saved } as const;

/** Every call that needs the kernels' memory, each with the name of what the error complains of. */
export const calls: Record<string, [call: (bn: Backnorm) => unknown, argument?: string]> = {
  forward: [(bn) => bn.forward(values, { ...options, gamma: pair, beta: pair })],
  backward: [(bn) => bn.backward(values, cache)],
  infer: [(bn) => bn.infer(values, { ...options, ...running })],
  inferBackward: [(bn) => bn.inferBackward(values, { ...options, ...running, x: values })],
  layer: [(bn) => bn.layer(options).dispose()],
  statistics: [(bn) => bn.statistics(values, options)],
  mergeStatistics: [(bn) => bn.mergeStatistics([large, large])],
  normalize: [(bn) => bn.normalize(values, part, options)],
  sums: [(bn) => bn.sums(values, cache)],
  apply: [(bn) => bn.apply(values, cache, { dbeta: pair, dgamma: pair })],
  trace: [(bn) => bn.trace(kase, { mistakes: ["no-mean-path", "transposed"] })],
  gradcheck: [(bn) => bn.gradcheck(kase, { mistakes: ["no-gamma"] })],
  gradcheckAsync: [(bn) => bn.gradcheckAsync(ofSquares, { mistakes: ["mean-subtracted"] })],
  examine: [(bn) => bn.examine(ofGroups, { mistakes: ["over-the-batch"] })],
  diagnose: [(bn) => bn.diagnose(kase, { dx: values, dgamma: Float64Array.of(1, 2, 3), dbeta: pair })],
  diagnoseAsync: [(bn) => bn.diagnoseAsync(kase, { dx: values, dbeta: pair })],
  extrapolate: [(bn) => bn.extrapolate(ofSquares, "x")],
  stepSweep: [(bn) => bn.stepSweep(kase, "var")],
  taylorTest: [(bn) => bn.taylorTest(kase, { dx: values })],
  dotProductTest: [(bn) => bn.dotProductTest(kase)],
  randn: [(bn) => bn.randn(231, [3]), "sizes"],
  presets: [(bn) => bn.presets.twoRows, "sizes"],
};
/** The result, or that the memory was full; any other error is thrown. */
export async function attempt(bn: Backnorm, name: string): Promise<{ result: unknown } | "out-of-memory"> {
  const [call, argument = "shape"] = calls[name] as (typeof calls)[string];
  try {
    return { result: await call(bn) };
  } catch (error) {
    assert.ok(error instanceof BacknormRangeError && error.code === "out-of-memory", `${name}: ${error}`);
    const isNamed = [argument, "case", "dx", "dgamma", "dbeta"].includes(error.argument);
    assert.ok(isNamed, `${name}: ${error.message}`);
    assert.match(error.message, /^\w+: expected a shape that fits in the kernels' memory, got \[[\d, ]+\]$/);
    return "out-of-memory";
  }
}

/** As where an engine has no more memory to give: what there is of it is all. */
export async function withoutGrowth<Result>(use: () => Result | Promise<Result>): Promise<Result> {
  const { grow } = WebAssembly.Memory.prototype;
  const makeBuffer = globalThis.ArrayBuffer; // by which the memory of the JavaScript engine grows
  const refuse = () => {
    throw new RangeError("out of memory");
  };
  WebAssembly.Memory.prototype.grow = refuse;
  globalThis.ArrayBuffer = new Proxy(makeBuffer, { construct: refuse });
  try {
    return await use();
  } finally {
    WebAssembly.Memory.prototype.grow = grow;
    globalThis.ArrayBuffer = makeBuffer;
  }
}

/** Of 15 MB. */
export const kLargest = 2 ** 18;

/**
 * Layers of at most `most` channels, as many as there is room for, for the length of `use`: less is left than the smallest
 * layer needs, some 500 bytes.
 */
export async function whereFull<Result>(
  bn: Backnorm,
  most: number,
  use: (layers: readonly Layer[]) => Result | Promise<Result>,
): Promise<Result> {
  const layers: Layer[] = [];
  try {
    for (let channels = most; channels >= 1; ) {
      try {
        layers.push(bn.layer({ shape: [1, channels] }));
      } catch (error) {
        assert.equal((error as BacknormRangeError).code, "out-of-memory", `${error}`);
        channels = Math.floor(channels / 2);
      }
    }
    return await use(layers);
  } finally {
    for (const layer of layers) layer.dispose();
  }
}

/** How many channels of layers the memory has room for, as large as it is. */
export const room = (bn: Backnorm): Promise<number> =>
  withoutGrowth(() =>
    whereFull(bn, kLargest, (layers) => layers.reduce((sum, { shape }) => sum + (shape[1] as number), 0)),
  );
