/** Layer, group, instance and RMS norm by the formulas, in the shapes that callers have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Backnorm, Case, FloatArray, ForwardOptions } from "backnorm";
import { assertComplaint, type Kind, type Row, thrownBy } from "./bad-values.ts";
import { watch } from "./nothing-lost.ts";
import { assertSameBits, assertWithin, engines, kinds, webassembly } from "./support.ts";

type Options = Omit<ForwardOptions<FloatArray>, "gamma" | "beta" | "running">;

/** Of a value: its group and its parameter. */
type Place = (at: number) => { group: number; parameter: number };
const product = (lengths: readonly number[]) => lengths.reduce((a, b) => a * b, 1);

/** By indices in every dim, so that nothing here knows how a kernel walks through memory. */
function placesOf({ shape, norm, groups = shape[1], normalizedDims = 1, axis = 1 }: Options): Place {
  const rank = shape.length;
  const indexOf = (at: number) =>
    shape.map((length, dim) => Math.floor(at / product(shape.slice(dim + 1))) % length);
  const flat = (index: number[], dims: readonly number[]) =>
    index.reduce((sum, i, dim) => sum * (dims[dim] as number) + i, 0);
  if (norm === "layer" || norm === "rms") {
    const first = rank - normalizedDims;
    return (at) => {
      const index = indexOf(at);
      return {
        group: flat(index.slice(0, first), shape.slice(0, first)),
        parameter: flat(index.slice(first), shape.slice(first)),
      };
    };
  }
  const channel = axis < 0 ? axis + rank : axis;
  const channels = shape[channel] as number;
  const count = norm === "instance" ? channels : (groups as number);
  return (at) => {
    const index = indexOf(at);
    const c = index[channel] as number;
    return { group: (index[0] as number) * count + Math.floor((c * count) / channels), parameter: c };
  };
}

interface Inputs<A extends FloatArray = FloatArray> {
  x: A;
  dy: A;
  gamma: A;
  beta: A;
}

/** Both passes, in float64. */
function reference({ x, dy, gamma, beta }: Inputs, options: Options, count: number) {
  const { norm, eps = 1e-5, ddof = 0, unitOffset } = options;
  const place = placesOf(options);
  const m = x.length / count;
  const at = (array: FloatArray, i: number) => array[i] as number;
  const sums = (term: (i: number) => number, size: number, of: "group" | "parameter") => {
    const total = new Float64Array(size);
    for (let i = 0; i < x.length; i++) total[place(i)[of]] = at(total, place(i)[of]) + term(i);
    return total;
  };
  const mean = norm === "rms" ? new Float64Array(count) : sums((i) => at(x, i) / m, count, "group");
  const centred = (i: number) => at(x, i) - at(mean, place(i).group);
  const variance = sums((i) => centred(i) ** 2 / (m - ddof), count, "group");
  const invstd = variance.map((value) => 1 / Math.sqrt(value + eps));
  const xhat = (i: number) => centred(i) * at(invstd, place(i).group);
  const scale = (i: number) => at(gamma, place(i).parameter) + (unitOffset ? 1 : 0);
  const dxhat = (i: number) => at(dy, i) * scale(i);
  const ofMean = sums((i) => (norm === "rms" ? 0 : dxhat(i) / m), count, "group");
  const ofVar = sums((i) => (dxhat(i) * xhat(i)) / (m - ddof), count, "group");
  const map = (value: (i: number) => number) => Float64Array.from(x, (_, i) => value(i));
  const parameters = gamma.length;
  return {
    y: map((i) => xhat(i) * scale(i) + (norm === "rms" ? 0 : at(beta, place(i).parameter))),
    dx: map((i) => {
      const { group } = place(i);
      return at(invstd, group) * (dxhat(i) - at(ofMean, group) - xhat(i) * at(ofVar, group));
    }),
    dgamma: sums((i) => at(dy, i) * xhat(i), parameters, "parameter"),
    dbeta: norm === "rms" ? new Float64Array(0) : sums((i) => at(dy, i), parameters, "parameter"),
    mean: norm === "rms" ? new Float64Array(0) : mean,
    invstd,
  };
}

const cases: [options: Options, parameters: number, groups: number][] = [
  [{ norm: "layer", shape: [4, 5] }, 5, 4],
  [{ norm: "layer", shape: [7] }, 7, 1],
  [{ norm: "layer", shape: [2, 3, 4, 5], normalizedDims: 3, ddof: 1 }, 60, 2],
  [{ norm: "layer", shape: [3, 2, 2], normalizedDims: 3, eps: 0.1 }, 12, 1],
  [{ norm: "layer", shape: [6, 700] }, 700, 6],
  [{ norm: "rms", shape: [4, 5] }, 5, 4],
  [{ norm: "rms", shape: [2, 1, 3, 1, 2, 1, 4, 2], normalizedDims: 2, unitOffset: true }, 8, 12],
  [{ norm: "group", groups: 2, shape: [2, 6, 4, 5] }, 6, 4],
  [{ norm: "group", groups: 3, shape: [3, 6] }, 6, 9],
  [{ norm: "group", groups: 1, shape: [2, 4, 5, 6], axis: -1 }, 6, 2],
  [{ norm: "group", groups: 2, shape: [2, 3, 4, 5], axis: 2, ddof: 1 }, 4, 4],
  [{ norm: "instance", shape: [2, 3, 30, 20] }, 3, 6],
  [{ norm: "instance", shape: [2, 4, 5, 3], axis: 3 }, 3, 6],
];

function draw(options: Options, parameters: number, kind: typeof Float32Array | typeof Float64Array) {
  const size = product(options.shape);
  const drawn = webassembly.randn(11, [size, size, parameters, parameters]) as Float64Array[];
  const [x, dy, gamma, beta] = drawn.map((values) => kind.from(values)) as [
    FloatArray,
    FloatArray,
    FloatArray,
    FloatArray,
  ];
  x.forEach((value, at) => {
    x[at] = 3 * value + 10;
  });
  return { x, dy, gamma, beta };
}

/** Both passes of a norm, by its own options. */
function passes(bn: Backnorm, { x, dy, gamma, beta }: Inputs, options: Options) {
  const affine = options.norm === "rms" ? { gamma } : { gamma, beta };
  const { y, cache } = bn.forward(x, { ...options, ...affine });
  const { dx, dgamma, dbeta } = bn.backward(dy, structuredClone(cache));
  return { y, dx, dgamma, dbeta, mean: cache.mean, invstd: cache.invstd };
}

for (const [options, parameters, groups] of cases) {
  const { shape, ...others } = options;
  const title = `${JSON.stringify(others)} of [${shape}]`;
  for (const [dtype, kind] of Object.entries(kinds)) {
    test(`${title} equals the formulas in ${dtype}, in every call`, () => {
      const inputs = draw(options, parameters, kind);
      const want = reference(inputs, options, groups);
      for (const bn of engines) {
        // In lanes what the README promises. Else sums of at most 2^12 terms in another order; and the last rounding to float32.
        const lanes = dtype === "float32" && bn.engine === "webassembly" && inputs.x.length > 512;
        const tolerance = lanes ? 1e-6 : dtype === "float32" ? 2 ** -23 : 2 ** -40;
        const leastStd = 1 / Math.max(...want.invstd);
        const got = passes(bn, inputs, options);
        for (const name of Object.keys(want) as (keyof typeof want)[]) {
          const isStatistic = name === "mean" || name === "invstd";
          const largest = want[name].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          const exact = (isStatistic ? 2 ** -40 : tolerance) * largest;
          const bound = !(lanes && isStatistic) ? exact : 1e-6 * (name === "mean" ? leastStd : largest);
          assertWithin(got[name], want[name], () => bound, `${bn.engine}: ${name}`);
          if (!isStatistic) assert.ok(got[name] instanceof kind, name);
        }
        const { x, dy, gamma, beta } = inputs;
        const affine = options.norm === "rms" ? { gamma } : { gamma, beta };
        assertSameBits(bn.infer(x, { ...options, ...affine }), got.y, "infer()");
        const { y, mean, invstd, ...gradients } = got;
        const { dmean, dvar, ...inferred } = bn.inferBackward(dy, { ...options, gamma, x });
        assertSameBits(inferred, gradients, "inferBackward()");
        assert.deepEqual([dmean.length, dvar.length], [0, 0], "no statistics are inputs");
        using layer = bn.layer({ ...options, ...affine });
        layer.x.set(x);
        layer.dy.set(dy);
        for (const training of [true, false]) {
          layer.training = training;
          layer.y.fill(0);
          layer.forward();
          layer.backward();
          const { dx, dgamma, dbeta } = layer;
          const whole = { y: layer.y.slice(), dx: dx.slice(), dgamma: dgamma.slice(), dbeta: dbeta.slice() };
          assertSameBits(whole, { y, ...gradients }, `a layer, training: ${training}`);
          assertSameBits(layer.x.slice(), x, "x of a layer");
        }
      }
    });
  }
  test(`${title} without gamma and beta scales by 1 and shifts by nothing`, () => {
    const { x, dy } = draw(options, parameters, Float64Array);
    const ones = new Float64Array(parameters).fill(options.unitOffset ? 0 : 1);
    const plain = { x, dy, gamma: ones, beta: new Float64Array(parameters) };
    for (const bn of engines) {
      const { y, cache } = bn.forward(x, options);
      const { dx, dgamma, dbeta } = bn.backward(dy, cache);
      const { mean: _, invstd: __, ...want } = passes(bn, plain, options);
      assertSameBits({ y, dx, dgamma, dbeta }, want, bn.engine);
      using layer = bn.layer({ ...options, dtype: "float64" });
      layer.x.set(x);
      layer.forward();
      assertSameBits([layer.gamma.slice(), layer.y.slice()], [ones, want.y], "a layer");
    }
  });
}

test("the cache keeps the options of the norm as they were given", () => {
  const x = new Float64Array(24).map((_, at) => at);
  const kept = (options: Options) => {
    const { x: _, gamma, mean, var: __, variance, invstd, ...others } = webassembly.forward(x, options).cache;
    return JSON.parse(JSON.stringify(others));
  };
  const common = { ddof: 0 };
  assert.deepEqual(kept({ norm: "layer", shape: [2, 3, 4], normalizedDims: 2 }), {
    ...common,
    shape: [2, 3, 4],
    norm: "layer",
    normalizedDims: 2,
    count: 12,
  });
  assert.deepEqual(kept({ norm: "rms", shape: [6, 4], unitOffset: true }), {
    ...common,
    shape: [6, 4],
    norm: "rms",
    unitOffset: true,
    count: 4,
  });
  assert.deepEqual(kept({ norm: "group", groups: 2, shape: [3, 2, 4], axis: -1 }), {
    ...common,
    shape: [3, 2, 4],
    norm: "group",
    groups: 2,
    axis: -1,
    count: 4,
  });
  assert.deepEqual(kept({ norm: "instance", shape: [3, 2, 4] }), {
    ...common,
    shape: [3, 2, 4],
    norm: "instance",
    layout: "channels-first",
    count: 4,
  });
});

test("a group of one value gives y = beta and no gradient, but RMS norm scales it", () => {
  const [x, dy] = [Float64Array.of(3, -4, 5, 0), Float64Array.of(1, 2, 3, 4)];
  const [gamma, beta] = [Float64Array.of(2, 3), Float64Array.of(0.1, -7)];
  for (const bn of engines) {
    for (const options of [
      { norm: "instance", shape: [2, 2] },
      { norm: "group", groups: 2, shape: [2, 2] },
    ] as const) {
      const { y, dx, dgamma, dbeta } = passes(bn, { x, dy, gamma, beta }, { ...options, eps: 0 });
      assert.deepEqual([...y], [0.1, -7, 0.1, -7]);
      assert.deepEqual([...dx, ...dgamma, ...dbeta].map(Math.abs), [0, 0, 0, 0, 0, 0, 4, 6]);
    }
    const one = { x, dy, gamma: gamma.subarray(0, 1), beta: beta.subarray(0, 1) };
    const layer = passes(bn, one, { norm: "layer", shape: [4, 1] });
    assert.deepEqual([...layer.y, ...layer.dx], [0.1, 0.1, 0.1, 0.1, 0, 0, 0, 0]);
    const { y } = passes(bn, one, { norm: "rms", shape: [4, 1], eps: 7 });
    assertWithin(y, [6 / 4, -8 / Math.sqrt(23), 10 / Math.sqrt(32), 0], () => 1e-15, "RMS norm");
  }
});

const cs231n = webassembly.presets.cs231n as Case<Float64Array>;
const { x, dy, gamma, beta } = cs231n;
const shape = [4, 5];
const stats = { runningMean: gamma, runningVar: gamma };
const running = { mean: gamma.slice(), var: gamma.slice() };
const onlyBatch =
  "batch norm, which alone has running statistics, since other norms normalize in eval mode as in training";
const noOther = '"batch" or nothing, since this call knows no other norm';
const refused: [call: (bn: Backnorm) => unknown, kind: Kind, code: Row[3], message: string][] = [
  [(bn) => bn.forward(x, { shape, norm: "rms", beta }), "Type", "unknown-option", "beta: expected no beta, since RMS norm has none, got a Float64Array"],
  [(bn) => bn.layer({ shape, norm: "rms", beta }), "Type", "unknown-option", "beta: expected no beta, since RMS norm has none, got a Float64Array"],
  [(bn) => bn.forward(x, { shape, norm: "rms", ddof: 1 }), "Range", "invalid-ddof", "ddof: expected 0, since RMS norm divides by all values, got 1"],
  [(bn) => bn.forward(x, { shape, norm: "instance", ddof: 1 }), "Range", "one-value-per-channel", "ddof: expected 0, since a single value per group has no unbiased variance, got 1"],
  [(bn) => bn.forward(x, { shape, norm: "layer", running }), "Type", "no-running-statistics", `running: expected ${onlyBatch}, got "layer"`],
  [(bn) => bn.infer(x, { shape, norm: "layer", ...stats }), "Type", "no-running-statistics", `runningMean: expected ${onlyBatch}, got "layer"`],
  [(bn) => bn.inferBackward(dy, { x, shape, norm: "rms", runningVar: gamma }), "Type", "no-running-statistics", `runningVar: expected ${onlyBatch}, got "rms"`],
  [(bn) => bn.layer({ shape, norm: "group", groups: 5, momentum: 0.1 }), "Type", "no-running-statistics", `momentum: expected ${onlyBatch}, got "group"`],
  [(bn) => bn.layer({ shape, norm: "layer", unbiasedRunningVariance: false }), "Type", "no-running-statistics", `unbiasedRunningVariance: expected ${onlyBatch}, got "layer"`],
  [(bn) => bn.infer(x, { shape }), "Type", "not-a-typed-array", "runningMean: expected a Float32Array or a Float64Array, got undefined"],
  [(bn) => bn.statistics(x, { shape, norm: "layer" } as never), "Type", "invalid-norm", `norm: expected ${noOther}, got "layer"`],
  [(bn) => bn.normalize(x, bn.statistics(x, { shape }), { shape, norm: "layer" }), "Type", "invalid-norm", `norm: expected ${noOther}, got "layer"`],
  [(bn) => bn.sums(dy, bn.forward(x, { shape, norm: "layer" }).cache), "Type", "invalid-norm", `cache.norm: expected ${noOther}, got "layer"`],
  [(bn) => bn.backward(dy, { ...bn.forward(x, { shape, norm: "layer" }).cache, count: 10 }), "Type", "foreign-cache", "cache: expected the cache of forward(), or x with mean and invstd, or mean, var and eps, got one whose count is 10"],
  [(bn) => bn.backward(dy, { ...bn.forward(x, { shape }).cache, norm: "layer", layout: undefined }), "Range", "length-mismatch", "cache.mean: expected 4 values for shape [4], got 5"],
  [(bn) => bn.forward(x, { shape: [2, 2, 5], norm: "layer", normalizedDims: 2, gamma }), "Range", "length-mismatch", "gamma: expected 10 values for shape [2, 5], got 5"],
  [(bn) => bn.forward(x, { shape, norm: "group", groups: 2, gamma }), "Range", "invalid-groups", "groups: expected a positive whole number that divides 5 channels, got 2"],
  [(bn) => bn.forward(x, { shape, norm: "layer", normalizedDims: 3 }), "Range", "invalid-dims", "normalizedDims: expected a whole number from 1 to 2, the rank of x, got 3"],
]; // biome-ignore format: a table
for (const [call, kind, code, message] of refused) {
  test(`refused: ${message}`, async () => {
    for (const bn of engines) {
      const watched = watch(bn);
      assertComplaint(await thrownBy(() => call(bn)), [message, undefined, kind, code, message]);
      watched.assertNothingLost(message);
      watched.end();
    }
  });
}

test("a layer without running statistics says so when they are read", () => {
  for (const bn of engines) {
    using layer = bn.layer({ shape, norm: "layer" });
    assert.throws(() => layer.runningMean, { code: "no-running-statistics", argument: "runningMean" });
    assert.throws(() => layer.runningVar, { code: "no-running-statistics", argument: "runningVar" });
    using rms = bn.layer({ shape, norm: "rms" });
    assert.equal(rms.beta.length, 0);
  }
});

test("a NaN spoils its own group, and the parameters that sum over it", () => {
  for (const bn of engines) {
    const spoilt = x.slice();
    spoilt[7] = Number.NaN;
    const { y, dx, dgamma, dbeta } = passes(bn, { x: spoilt, dy, gamma, beta }, { shape, norm: "layer" });
    const good = passes(bn, { x, dy, gamma, beta }, { shape, norm: "layer" });
    const rows = (array: FloatArray) => [array.slice(0, 5), array.slice(10)];
    assertSameBits([rows(y), rows(dx), dbeta], [rows(good.y), rows(good.dx), good.dbeta], "other rows");
    assert.ok([...y.slice(5, 10), ...dx.slice(5, 10), ...dgamma].every(Number.isNaN));
  }
});
