import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, Dtype, FloatArray, ForwardOptions, Layout } from "backnorm";
import { readCases, readLayouts } from "./reference.ts";
import {
  assertSameBits,
  assertWithin,
  bytesOf,
  caseOf,
  engines,
  javascript,
  kinds,
  rounded,
  roundoff,
  unitRoundoff,
  webassembly,
} from "./support.ts";

const matrices = ["cs231n.txt", "iris.txt", "iris-f32.txt", "edges.txt"].flatMap(readCases);
const cs231n = webassembly.presets.cs231n as Case<Float64Array>;

/** Both passes at once. */
function run<A extends FloatArray>(bn: typeof webassembly, x: A, dy: A, options: ForwardOptions<A>) {
  const { y, cache } = bn.forward(x, options);
  return { y, ...bn.backward(dy, cache), mean: cache.mean, invstd: cache.invstd };
}

for (const reference of matrices) {
  test(`both passes of ${reference.name} equal NumPy and PyTorch`, () => {
    const { x, dy, ...options } = caseOf(reference);
    const got = run(webassembly, x, dy, options);
    for (const [name, values] of Object.entries(got)) {
      const bound = roundoff(reference, name);
      // The arithmetic is float64 for either kind, so float32 adds one rounding, that of the result.
      const last = values instanceof Float32Array ? unitRoundoff.float32 : 0;
      for (const oracle of ["numpy.", "torch.bn_"]) {
        const want = reference.arrays.get(oracle + name);
        if (want)
          assertWithin(values, want, (i) => bound(i) + last * Math.abs(want[i] as number), oracle + name);
      }
    }
    assertSameBits(run(javascript, x, dy, options), got, "the JavaScript engine's result");
  });
}

test("every case that PyTorch's batch norm accepts has its reference", () => {
  const without = matrices.filter(({ arrays }) => !arrays.has("torch.bn_dx")).map(({ name }) => name);
  assert.deepEqual(without, ["cs231n-ddof-1", "cs231n-ddof-1-f32", "one-row", "one-row-f32"]);
});

for (const { name, layout, dims, eps, array } of readLayouts()) {
  for (const [dtype, Kind] of Object.entries(kinds)) {
    test(`both passes of ${name} in ${dtype} equal PyTorch`, () => {
      const take = (wanted: string): FloatArray => Kind.from(array(wanted));
      const options = { shape: dims, layout, gamma: take("gamma"), beta: take("beta"), eps };
      const got = run(webassembly, take("x"), take("dy"), options);
      for (const [wanted, values] of Object.entries(got)) {
        const want = array(wanted);
        const largest = want.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        // (N + 16)·u·(1 + |x|/std), as in support.ts: at most 24 values a channel, |x| below 8, std above 1. In float32
        // it is the rounding of the inputs that comes this way, since the arithmetic is float64.
        const u = dtype === "float32" ? unitRoundoff.float32 : unitRoundoff.float64;
        assertWithin(values, want, () => 360 * u * largest, wanted);
      }
      assertSameBits(run(javascript, take("x"), take("dy"), options), got, "the JavaScript engine's result");
    });
  }
}

test("a matrix gives the same bits in either layout", () => {
  const { x, dy, ...options } = cs231n;
  const first = run(webassembly, x, dy, { ...options, layout: "channels-first" });
  assertSameBits(run(webassembly, x, dy, { ...options, layout: "channels-last" }), first, "channels-last");
});

test("eps defaults to 1e-5, ddof to 0, layout to channels-first", () => {
  const { x, dy, shape, gamma, beta } = cs231n;
  const given = { shape, gamma, beta, eps: 1e-5, ddof: 0, layout: "channels-first" } as const;
  const want = run(webassembly, x, dy, given);
  assertSameBits(run(webassembly, x, dy, { shape, gamma, beta }), want, "left out");
  const none = { eps: undefined, ddof: undefined, layout: undefined };
  assertSameBits(run(webassembly, x, dy, { shape, gamma, beta, ...none }), want, "undefined");
});

const axes: [
  shape: number[],
  axis: number | undefined,
  extents: [outer: number, channels: number, inner: number],
][] = [
  [[6], undefined, [1, 6, 1]],
  [[6], 0, [1, 6, 1]],
  [[6], -1, [1, 6, 1]],
  [[4, 6], 0, [1, 4, 6]],
  [[4, 6], -2, [1, 4, 6]],
  [[2, 3, 4], -3, [1, 2, 12]],
  [[2, 3, 4], 1, [2, 3, 4]],
  [[2, 3, 4], -1, [6, 4, 1]],
  [[2, 3, 2, 2, 2], 3, [12, 2, 2]],
  [[2, 1, 3, 1, 2, 2, 1, 2], -4, [6, 2, 4]],
  [[2, 1, 3, 1, 2, 2, 1, 2], 7, [24, 2, 1]],
  [[1, 1, 1, 1, 1, 1, 1, 1], 5, [1, 1, 1]],
];
for (const [shape, axis, extents] of axes) {
  test(`axis ${axis} of [${shape}] has its channels, in every call`, () => {
    const [outer, channels, inner] = extents;
    const [x, dy, gamma, beta, runningMean] = webassembly.randn(5, [
      outer * channels * inner,
      outer * channels * inner,
      channels,
      channels,
      channels,
    ]) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
    const runningVar = runningMean.map((value) => value * value);
    const frozen = { runningMean, runningVar };
    const all = (bn: typeof webassembly, of: { shape: number[]; axis?: number | undefined }) => {
      const options = { ...of, gamma, beta };
      const { cache, ...passes } = { ...run(bn, x, dy, options), ...bn.forward(x, options) };
      const part = bn.statistics(x, of);
      const normalized = bn.normalize(x, part, options);
      using layer = bn.layer({ ...options, unbiasedRunningVariance: false });
      layer.x.set(x);
      layer.forward();
      return {
        ...passes,
        inferred: bn.infer(x, { ...options, ...frozen }),
        inferredBackward: bn.inferBackward(dy, { ...of, gamma, ...frozen, x }),
        part,
        normalized: normalized.y,
        sums: bn.sums(dy, normalized.cache),
        dx: bn.apply(dy, cache, bn.sums(dy, cache)),
        layer: [layer.y.slice(), layer.runningMean.slice(), layer.runningVar.slice()],
      };
    };
    for (const bn of engines) {
      const { cache } = bn.forward(x, { shape, axis });
      assert.deepEqual(
        [cache.layout, cache.axis],
        axis === undefined ? ["channels-first", undefined] : [undefined, axis],
      );
      assertSameBits(all(bn, { shape, axis }), all(bn, { shape: extents }), bn.engine);
    }
  });
}

test("options may be inherited properties", () => {
  const { x, dy, ...options } = cs231n;
  const want = run(webassembly, x, dy, options);
  assertSameBits(run(webassembly, x, dy, Object.create(options)), want, "inherited");
});

for (const [dtype, Kind] of Object.entries(kinds)) {
  test(`every result of a ${dtype} batch is a new array of its kind`, () => {
    for (const bn of engines) {
      const { x, dy, gamma, beta, shape } = dtype === "float32" ? rounded(cs231n) : cs231n;
      const { y, cache } = bn.forward(x as FloatArray, { shape, gamma, beta });
      const { dx, dgamma, dbeta } = bn.backward(dy as FloatArray, cache);
      const results = { y, dx, dgamma, dbeta };
      for (const [name, values] of Object.entries(results)) {
        assert.ok(values instanceof Kind, name);
        assert.equal(values.length, name === "y" || name === "dx" ? 20 : 5, name);
        // A view into wasm memory would die with the next call.
        assert.equal(values.buffer.byteLength, values.byteLength, `${name} owns its buffer`);
      }
      assert.equal(new Set(Object.values(results).map(({ buffer }) => buffer)).size, 4);
    }
  });

  test(`neither pass changes an input of a ${dtype} batch`, () => {
    for (const bn of engines) {
      const { x, dy, gamma, beta, shape } = dtype === "float32" ? rounded(cs231n) : cs231n;
      const inputs: FloatArray[] = [x, dy, gamma, beta];
      const before = inputs.map((values) => values.slice());
      const { cache } = bn.forward(x as FloatArray, { shape, gamma, beta });
      const saved = [cache.mean.slice(), cache.invstd.slice()];
      bn.backward(dy as FloatArray, cache);
      assertSameBits(inputs, before, "inputs");
      assertSameBits([cache.mean, cache.invstd], saved, "cache");
    }
  });
}

test("the cache holds x and gamma by reference, the shape as a copy, the statistics in float64", () => {
  const { x, gamma, shape } = rounded(cs231n);
  const { cache } = webassembly.forward(x, { shape, gamma, layout: "channels-last", ddof: 1 });
  const { mean, invstd, var: variance, variance: same, ...rest } = cache;
  assert.deepEqual(rest, { x, gamma, shape: [4, 5], layout: "channels-last", ddof: 1, count: 4 });
  assert.equal(rest.x, x);
  assert.equal(rest.gamma, gamma);
  assert.notEqual(rest.shape, shape);
  assert.ok(mean instanceof Float64Array && mean.length === 5);
  assert.ok(variance instanceof Float64Array && variance.length === 5 && same === variance);
  assert.ok(invstd instanceof Float64Array && invstd.length === 5);
});

test("the backward pass reads the current x, since the cache holds no copy", () => {
  const { x, dy, ...options } = webassembly.presets.cs231n as Case<Float64Array>;
  const { cache } = webassembly.forward(x, options);
  const before = webassembly.backward(dy, cache);
  x[0] = (x[0] as number) + 1;
  assert.notDeepEqual(webassembly.backward(dy, cache).dgamma, before.dgamma);
});

test("a cache serves any number of backward passes", () => {
  for (const bn of engines) {
    const { cache } = bn.forward(cs231n.x, cs231n);
    const first = bn.backward(cs231n.dy, cache);
    bn.backward(cs231n.x, cache);
    bn.forward(cs231n.dy, { shape: [2, 10] });
    assertSameBits(bn.backward(cs231n.dy, cache), first, "the second pass");
  }
});

test("a cache works after structuredClone", () => {
  const { cache } = webassembly.forward(cs231n.x, cs231n);
  const want = webassembly.backward(cs231n.dy, cache);
  assertSameBits(javascript.backward(cs231n.dy, structuredClone(cache)), want, "by the clone");
});

test("gamma defaults to ones and beta to zeros", () => {
  const { x, dy, shape } = cs231n;
  const [ones, zeros] = [new Float64Array(5).fill(1), new Float64Array(5)];
  for (const bn of engines) {
    const want = run(bn, x, dy, { shape, gamma: ones, beta: zeros });
    assertSameBits(run(bn, x, dy, { shape }), want, "neither");
    assertSameBits(run(bn, x, dy, { shape, gamma: ones }), want, "no beta");
    assertSameBits(run(bn, x, dy, { shape, beta: zeros }), want, "no gamma");
  }
});

test("ddof 1 scales invstd by sqrt((m - 1)/m) when eps is 0", () => {
  const shape = [2, 5, 2];
  const population = webassembly.forward(cs231n.x, { shape, eps: 0 });
  const unbiased = webassembly.forward(cs231n.x, { shape, eps: 0, ddof: 1 });
  const want = population.cache.invstd.map((value) => value * Math.sqrt(3 / 4));
  // a division, a root and a reciprocal on one side, a root and a product on the other
  assertWithin(unbiased.cache.invstd, want, (i) => 4 * unitRoundoff.float64 * (want[i] as number), "invstd");
});

for (const shape of [
  [1, 5],
  [1, 5, 1],
  [1, 5, 1, 1],
  [1, 5, 1, 1, 1],
]) {
  test(`one value per channel in shape [${shape}] gives y = beta and dx = dgamma = 0`, () => {
    const { gamma, beta } = cs231n;
    const [x, dy] = [cs231n.x.slice(0, 5), cs231n.dy.slice(0, 5)];
    for (const bn of engines) {
      for (const eps of [1e-5, 0]) {
        const { y, dx, dgamma, dbeta } = run(bn, x, dy, { shape, gamma, beta, eps });
        assert.deepEqual([...y], [...beta]);
        // numbers, not bits: a zero may be negative
        assertWithin(dx, new Float64Array(5), () => 0, "dx");
        assertWithin(dgamma, new Float64Array(5), () => 0, "dgamma");
        assert.deepEqual([...dbeta], [...dy]);
      }
    }
  });
}

test("a subarray that starts in the middle of its buffer is read from there", () => {
  const { x, dy, gamma, beta, shape } = cs231n;
  for (const Kind of Object.values(kinds)) {
    const whole = (values: Float64Array): FloatArray => Kind.from(values);
    const within = (values: Float64Array): FloatArray => {
      const room: FloatArray = new Kind(values.length + 7).fill(Number.NaN);
      room.set(values, 3);
      return room.subarray(3, 3 + values.length);
    };
    for (const bn of engines) {
      const call = (form: typeof whole) =>
        run(bn, form(x), form(dy), { shape, gamma: form(gamma), beta: form(beta) });
      assertSameBits(call(within), call(whole), `${bn.engine}, ${Kind.name}`);
    }
  }
});

test("one buffer may hold x, dy, gamma and beta", () => {
  const { x, dy, gamma, beta, shape } = cs231n;
  const buffer = Float64Array.from([...x, ...gamma, ...beta, ...dy]);
  const [a, b, c, d] = [[0, 20] as const, [20, 25] as const, [25, 30] as const, [30, 50] as const].map(
    ([begin, end]) => buffer.subarray(begin, end),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const got = run(webassembly, a, d, { shape, gamma: b, beta: c });
  assertSameBits(got, run(webassembly, x, dy, { shape, gamma, beta }), "in one buffer");
});

for (const poison of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
  test(`${poison} in x or dy spoils only its own channel`, () => {
    for (const Kind of Object.values(kinds)) {
      for (const bn of engines) {
        const [x, dy]: FloatArray[] = [Kind.from(cs231n.x), Kind.from(cs231n.dy)] as [FloatArray, FloatArray];
        const clean = run(bn, x as FloatArray, dy as FloatArray, { shape: [4, 5] });
        for (const spoilt of ["x", "dy"]) {
          const [badX, badDy] = [Kind.from(cs231n.x), Kind.from(cs231n.dy)] as [FloatArray, FloatArray];
          (spoilt === "x" ? badX : badDy)[7] = poison; // row 1, channel 2
          const got = run(bn, badX, badDy, { shape: [4, 5] });
          for (const [name, values] of Object.entries(got)) {
            const others = (all: FloatArray) => all.filter((_, i) => i % 5 !== 2) as FloatArray;
            const want = clean[name as keyof typeof clean];
            assertSameBits(others(values), others(want), `${name} of the other channels`);
          }
          assert.ok(
            got.dx.every((value, i) => i % 5 !== 2 || !Number.isFinite(value)),
            `${spoilt}: dx`,
          );
        }
      }
    }
  });
}

// The fallback's mean was 13,000 standard deviations off around 1e15.
for (const mean of [1e6, 1e15]) {
  test(`a million values around ${mean} in one channel keep their digits`, () => {
    for (const bn of engines) {
      const x = Float64Array.from({ length: 2 ** 20 }, (_, i) => mean + (i % 2) / 2); // statistics are exact
      const { y, cache } = bn.forward(x, { shape: [2 ** 20, 1], eps: 0 });
      assert.deepEqual([...cache.mean, ...cache.invstd], [mean + 0.25, 4]);
      assert.ok(y.every((value, i) => value === (i % 2 ? 1 : -1)));
    }
  });
}

// A mean of Σ x / m is an ulp or more off, and y was off by that times 1 / sqrt(eps).
const constants: [shape: number[], Layout][] = [
  [[3, 2], "channels-first"],
  [[1000, 1], "channels-first"],
  [[1030, 3], "channels-first"],
  [[2, 3, 5], "channels-first"],
  [[2, 3, 5], "channels-last"],
  [[40, 6, 5], "channels-first"],
  [[1, 1, 600], "channels-first"],
  [[2, 2, 60, 50], "channels-first"],
  [[2, 60, 50, 2], "channels-last"],
];
for (const [dtype, Kind] of Object.entries(kinds)) {
  for (const [shape, layout] of constants) {
    test(`a constant ${dtype} channel of [${shape}], ${layout}, gives y = beta, by every call`, () => {
      const size = shape.reduce((a, b) => a * b, 1);
      const channels = (layout === "channels-first" ? shape[1] : shape.at(-1)) as number;
      const inner = layout === "channels-first" ? shape.slice(2).reduce((a, b) => a * b, 1) : 1;
      const filled = (length: number, of: (at: number) => number) =>
        Kind.from(Array.from({ length }, (_, at) => of(at)));
      const perChannel = (of: (c: number) => number) => filled(channels, of);
      const gamma = perChannel((c) => 3 - c);
      const beta = perChannel((c) => 0.1 + c);
      const want = filled(size, (i) => beta[Math.floor(i / inner) % channels] as number);
      for (const bn of engines) {
        for (const value of [1.7e9 + 0.1, 1e15 + 0.3, -0.1]) {
          for (const eps of [1e-5, 0]) {
            const what = `${bn.engine}, ${value}, eps ${eps}`;
            const x: FloatArray = new Kind(size).fill(value);
            const mean = perChannel(() => value);
            const options = { shape, layout, gamma, beta, eps };
            const running = { mean: mean.slice(), var: perChannel(() => 1), decay: 0.9, unbiased: false };
            assertSameBits(bn.forward(x, { ...options, running }).y, want, `forward, ${what}`);
            assertSameBits(running.mean, mean, `running mean, ${what}`);

            const part = bn.statistics(x, { shape, layout });
            assert.deepEqual([...part.mean, ...part.m2], [...mean, ...mean.map(() => 0)], what);
            const whole = bn.mergeStatistics([part, part, part]);
            assertSameBits(bn.normalize(x, whole, options).y, want, `normalize, ${what}`);

            const frozen = { runningMean: running.mean, runningVar: perChannel(() => 0) };
            assertSameBits(bn.infer(x, { ...options, ...frozen }), want, `infer, ${what}`);

            using layer = bn.layer({ shape, layout, dtype: dtype as Dtype, eps, momentum: 1 });
            layer.x.set(x);
            layer.gamma.set(gamma);
            layer.beta.set(beta);
            layer.forward();
            assertSameBits(layer.y.slice(), want, `layer, ${what}`);
            layer.training = false;
            layer.forward();
            assertSameBits(layer.y.slice(), want, `layer in eval mode, ${what}`);
          }
        }
      }
    });
  }
}

test("batches of changing size don't disturb each other while memory grows", () => {
  for (const bn of engines) {
    const want = run(bn, cs231n.x, cs231n.dy, cs231n);
    for (const rows of [2, 2 ** 8, 2, 2 ** 16, 2, 2 ** 20]) {
      const x = new Float64Array(rows * 2).map((_, i) => i % 4); // 0 1 / 2 3 / 0 1 / 2 3: var is 1
      const { y } = bn.forward(x, { shape: [rows, 2], eps: 0 });
      assert.ok(
        y.every((value, i) => value === (i % 4 < 2 ? -1 : 1)),
        `${rows} rows`,
      );
      assertSameBits(run(bn, cs231n.x, cs231n.dy, cs231n), want, `after ${rows} rows`);
    }
  }
});

test("ten thousand passes use no more memory than the first", () => {
  const [shape, x] = [[64, 32], new Float32Array(2048).map((_, i) => i % 7)];
  for (const bn of engines) {
    const memory = bn.layer({ shape: [1, 1] });
    const pass = () => bn.backward(x, bn.forward(x, { shape }).cache);
    pass();
    const size = memory.x.buffer.byteLength;
    for (let i = 0; i < 10_000; i++) pass();
    assert.equal(memory.x.buffer.byteLength, size); // 340 MB more if no run were freed
    memory.dispose();
  }
});

test("the bytes of a NaN in an input stay the same", () => {
  const x = Float64Array.from(cs231n.x);
  new Uint32Array(x.buffer)[1] = 0x7ff80123; // a NaN with a payload
  const before = bytesOf(x).slice();
  run(webassembly, x, cs231n.dy, { shape: [4, 5] });
  assert.deepEqual(bytesOf(x), before);
});
