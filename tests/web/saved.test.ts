/** Backward passes from statistics that another library saved, and the gradients of the statistics in eval mode. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FloatArray, ForwardOptions } from "backnorm";
import { assertSameBits, engines, kinds, webassembly } from "./support.ts";

const [x, dy, gamma] = webassembly.randn(17, [48, 48, 48]) as [Float64Array, Float64Array, Float64Array];

/** Each norm, and how many values its gamma has. */
const norms: [options: ForwardOptions, parameters: number][] = [
  [{ shape: [6, 8] }, 8],
  [{ shape: [6, 8], ddof: 1 }, 8],
  [{ shape: [2, 4, 6], layout: "channels-last" }, 6],
  [{ norm: "layer", shape: [6, 8], ddof: 1 }, 8],
  [{ norm: "group", groups: 2, shape: [2, 4, 6] }, 4],
  [{ norm: "instance", shape: [2, 6, 4], axis: -1 }, 4],
  [{ norm: "rms", shape: [6, 8], unitOffset: true }, 8],
];

const closeTo = (got: FloatArray, want: FloatArray, share: number, what: string) => {
  const largest = Math.max(...want.map(Math.abs));
  assert.equal(got.length, want.length, what);
  for (const [at, value] of want.entries())
    assert.ok(
      Math.abs((got[at] as number) - value) <= share * largest,
      `${what}[${at}]: ${got[at]}, ${value}`,
    );
};

for (const [options, parameters] of norms) {
  const name = `${options.norm ?? "batch"} norm of [${options.shape}]`;
  test(`the statistics of a cache give the gradients of the cache: ${name}`, () => {
    for (const bn of engines)
      for (const Kind of Object.values(kinds)) {
        const scale = Kind.from(gamma.subarray(0, parameters));
        const eps = 1e-3;
        const given = { ...options, x: Kind.from(x), gamma: scale };
        const { cache } = bn.forward<FloatArray>(given.x, { ...options, gamma: scale, eps });
        const { mean, invstd, var: variance } = cache;
        assert.equal(cache.variance, variance, "two names of one array");
        const want = bn.backward<FloatArray>(Kind.from(dy), cache);
        const back = (saved: object) => bn.backward<FloatArray>(Kind.from(dy), { ...given, ...saved });
        const ofMean = options.norm === "rms" ? {} : { mean };
        assertSameBits(back({ ...ofMean, invstd }), want, "by invstd");
        assertSameBits(back({ ...ofMean, var: variance, eps }), want, "by var");
        assertSameBits(back({ ...ofMean, variance, eps }), want, "by variance");
        const single = { mean: Float32Array.from(mean), invstd: Float32Array.from(invstd) };
        const rough = back(single);
        for (const part of ["dx", "dgamma", "dbeta"] as const)
          closeTo(rough[part], want[part], 1e-6, `${part} by float32 statistics`);
      }
  });
}

test("var is the variance of the ddof, and the mean of squares for RMS norm", () => {
  for (const bn of engines) {
    const values = Float64Array.of(1, 3, 2, 6);
    const varOf = (options: Partial<ForwardOptions<Float64Array>>) =>
      Array.from(bn.forward(values, { shape: [2, 2], ...options }).cache.var);
    assert.deepEqual(varOf({}), [0.25, 2.25]);
    assert.deepEqual(varOf({ ddof: 1 }), [0.5, 4.5]);
    assert.deepEqual(varOf({ norm: "layer" }), [1, 4]);
    assert.deepEqual(varOf({ norm: "rms" }), [5, 20]);
    const whole = bn.mergeStatistics([bn.statistics(values, { shape: [2, 2] })]);
    assert.deepEqual(
      Array.from(bn.normalize(values, whole, { shape: [2, 2], ddof: 1 }).cache.var),
      [0.5, 4.5],
    );
  }
});

test("a part of a batch has the sums and dx of saved statistics too", () => {
  for (const bn of engines) {
    const shape = [6, 8];
    const { cache } = bn.forward(x, { shape });
    const { mean, invstd } = cache;
    const saved = { x, shape, mean, invstd, count: 6 };
    const sums = bn.sums(dy, saved);
    assertSameBits(sums, bn.sums(dy, cache), "the sums");
    assertSameBits(bn.apply(dy, saved, sums), bn.backward(dy, cache).dx, "dx");
    assert.throws(() => bn.backward(dy, { ...saved, count: 12 }), { code: "partial-cache" });
  }
});

test("null stands for arrays that are left out", () => {
  for (const bn of engines) {
    const shape = [6, 8];
    const nothing = { gamma: null, beta: null };
    const left = bn.forward(x, { shape, ...nothing, running: null });
    const want = bn.forward(x, { shape });
    assertSameBits(left.y, want.y, "y");
    assert.equal(left.cache.gamma, undefined);
    assertSameBits(bn.backward(dy, { ...left.cache, gamma: null }), bn.backward(dy, want.cache), "gradients");
    const statistics = { runningMean: gamma.subarray(0, 8), runningVar: new Float64Array(8).fill(2) };
    const frozen = { shape, ...statistics };
    assertSameBits(bn.infer(x, { ...frozen, ...nothing }), bn.infer(x, frozen), "infer()");
    const layer = bn.layer({ shape, dtype: "float64", ...nothing, runningMean: null, runningVar: null });
    layer.x.set(x);
    layer.forward();
    assertSameBits(layer.y.slice(), want.y, "a layer");
    layer.dispose();
    const kase = { x, shape, dy, gamma: gamma.subarray(0, 8) };
    assertSameBits(bn.trace({ ...kase, beta: null }), bn.trace(kase), "a case");
  }
});

/** Σ dy·y in eval mode. */
const loss = (bn: typeof webassembly, mean: Float64Array, variance: Float64Array) => {
  const options = { shape: [6, 8], gamma: gamma.subarray(0, 8), eps: 1e-3 };
  const y = bn.infer(x, { ...options, runningMean: mean, runningVar: variance });
  return y.reduce((sum, value, at) => sum + value * (dy[at] as number), 0);
};

test("dmean and dvar of eval mode are the derivatives of the loss", () => {
  for (const bn of engines) {
    const mean = gamma.slice(8, 16);
    const variance = gamma.slice(16, 24).map((value) => value * value + 0.5);
    const options = { x, shape: [6, 8], gamma: gamma.subarray(0, 8), eps: 1e-3 };
    const { dmean, dvar } = bn.inferBackward(dy, { ...options, runningMean: mean, runningVar: variance });
    const h = 2 ** -17; // its truncation and rounding errors are below 1e-9
    const moved = (values: Float64Array, c: number, by: number) =>
      values.map((value, at) => (at === c ? value + by : value));
    const slopes = (of: (by: number, c: number) => number) =>
      Float64Array.from(mean, (_, c) => (of(h, c) - of(-h, c)) / (2 * h));
    closeTo(
      dmean,
      slopes((by, c) => loss(bn, moved(mean, c, by), variance)),
      1e-8,
      "dmean",
    );
    closeTo(
      dvar,
      slopes((by, c) => loss(bn, mean, moved(variance, c, by))),
      1e-8,
      "dvar",
    );
  }
});

test("dmean and dvar of whole numbers are those by hand, and empty for other norms", () => {
  for (const bn of engines)
    for (const Kind of Object.values(kinds)) {
      const of = (...values: number[]): FloatArray => Kind.from(values);
      const options = { x: of(5, 1), shape: [2, 1], gamma: of(6), eps: 1 };
      const { dmean, dvar } = bn.inferBackward(of(2, 1), {
        ...options,
        ...{ runningMean: of(2), runningVar: of(8) }, // std 3, xhat 1 and -1/3
      });
      // dmean = -6/3·(2 + 1); dvar = -6/9/2·(2·1 - 1/3)
      assert.equal(dmean[0], -6);
      assert.ok(Math.abs((dvar[0] as number) + 5 / 9) <= (Kind === Float32Array ? 1e-7 : 1e-15));
      const other = bn.inferBackward(of(2, 1), { ...options, norm: "instance" });
      assert.deepEqual([other.dmean.length, other.dvar.length], [0, 0]);
    }
});

test("dmean and dvar are finite where var and eps are 0 and gamma is 0 too", () => {
  for (const bn of engines) {
    const of = { x: Float64Array.of(1, 3), shape: [2, 1], gamma: Float64Array.of(0), eps: 0 };
    const statistics = { runningMean: Float64Array.of(2), runningVar: Float64Array.of(0) };
    const { dmean, dvar } = bn.inferBackward(Float64Array.of(1, 2), { ...of, ...statistics });
    assert.deepEqual([dmean[0], dvar[0]], [0, 0]);
  }
});

test("the statistics may be a layer's, whose views die when the memory grows during the call", () => {
  const [mean, variance] = [Float64Array.of(1, 2), Float64Array.of(1, 4)];
  for (const bn of engines) {
    const growing = (call: (statistics: Float64Array[], shape: number[], x: Float64Array) => unknown) => {
      const options = { gamma: mean, runningMean: mean, runningVar: variance };
      const layer = bn.layer({ shape: [1, 2], dtype: "float64", unbiasedRunningVariance: false, ...options });
      const rows = Math.ceil(layer.x.buffer.byteLength / 16) + 1; // more than the whole memory
      const big = new Float64Array(2 * rows).fill(3);
      try {
        return call([layer.runningMean, layer.runningVar, layer.gamma], [rows, 2], big);
      } finally {
        layer.dispose();
      }
    };
    const back = ([runningMean, runningVar, scale]: Float64Array[], shape: number[], big: Float64Array) => {
      const { dmean, dvar } = bn.inferBackward(big, {
        ...{ x: big, shape, gamma: scale, eps: 0 },
        ...{ runningMean: runningMean as Float64Array, runningVar: runningVar as Float64Array },
      });
      return [...dmean, ...dvar].map((value) => value / (shape[0] as number));
    };
    // dmean = -gamma·invstd·3; dvar = -gamma·invstd²/2·3·(3 - mean)·invstd
    assert.deepEqual(growing(back), [-3, -3, -3, -0.375], bn.engine);
    const part = ([first, second]: Float64Array[], shape: number[], big: Float64Array) => {
      const whole = {
        count: 2 * (shape[0] as number),
        mean: first as Float64Array,
        m2: second as Float64Array,
      };
      return Array.from(bn.normalize(big, whole, { shape }).cache.var, (value) => value * whole.count);
    };
    assert.deepEqual(growing(part), [1, 4], bn.engine);
  }
});
