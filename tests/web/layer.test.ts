import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, Dtype, FloatArray, Layer, LayerOptions } from "backnorm";
import { assertSameBits, assertWithin, engines, kinds, webassembly } from "./support.ts";

const { x, dy, gamma, beta } = webassembly.presets.cs231n as Case<Float64Array>;
const shape = [4, 5];

/** A layer for the length of one test. */
function withLayer<D extends Dtype>(
  bn: typeof webassembly,
  options: LayerOptions<D>,
  use: (layer: ReturnType<typeof bn.layer<D>>) => void,
): void {
  const layer = bn.layer(options);
  try {
    use(layer);
  } finally {
    layer.dispose();
  }
}

for (const dtype of ["float32", "float64"] as const) {
  const Kind = kinds[dtype];
  const batch = { x: Kind.from(x), dy: Kind.from(dy), gamma: Kind.from(gamma), beta: Kind.from(beta) };

  test(`a ${dtype} layer in training mode gives what forward() and backward() give`, () => {
    for (const bn of engines) {
      const { y, cache } = bn.forward<FloatArray>(batch.x, { shape, gamma: batch.gamma, beta: batch.beta });
      const want = { y, ...bn.backward<FloatArray>(batch.dy, cache) };
      withLayer<Dtype>(bn, { shape, dtype }, (layer) => {
        for (const name of ["x", "dy", "gamma", "beta"] as const) layer[name].set(batch[name]);
        layer.forward();
        layer.backward();
        const { y, dx, dgamma, dbeta } = layer;
        const got = { y: y.slice(), dx: dx.slice(), dgamma: dgamma.slice(), dbeta: dbeta.slice() };
        assertSameBits(got, want, bn.engine);
      });
    }
  });

  test(`a ${dtype} layer in eval mode gives what infer() and inferBackward() give`, () => {
    for (const bn of engines) {
      const runningMean = Kind.from([1, 2, 3, 4, 5]);
      const runningVar = Kind.from([1, 0.5, 2, 3, 4]);
      const options = { shape, gamma: batch.gamma, runningMean, runningVar };
      const want = {
        y: bn.infer<FloatArray>(batch.x, { ...options, beta: batch.beta }),
        ...bn.inferBackward<FloatArray>(batch.dy, { ...options, x: batch.x }),
      };
      withLayer<Dtype>(bn, { shape, dtype }, (layer) => {
        for (const name of ["x", "dy", "gamma", "beta"] as const) layer[name].set(batch[name]);
        layer.runningMean.set(runningMean);
        layer.runningVar.set(runningVar);
        layer.training = false;
        layer.forward();
        layer.training = true; // backward() goes by the pass that was run
        layer.backward();
        const { y, dx, dgamma, dbeta } = layer;
        const got = { y: y.slice(), dx: dx.slice(), dgamma: dgamma.slice(), dbeta: dbeta.slice() };
        assertSameBits(got, want, bn.engine);
        assertSameBits(layer.runningMean.slice(), runningMean, "eval mode leaves the running mean");
      });
    }
  });
}

test("infer() and inferBackward() are the formulas with constant statistics", () => {
  const runningMean = Float64Array.of(1, -1);
  const runningVar = Float64Array.of(3, 8);
  const eps = 1; // so that the deviations are 2 and 3
  const options = { shape: [2, 2], runningMean, runningVar, gamma: Float64Array.of(2, 3), eps };
  const values = Float64Array.of(3, 2, 5, 5);
  const y = webassembly.infer(values, { ...options, beta: Float64Array.of(10, 20) });
  assert.deepEqual([...y], [12, 23, 14, 26]);
  const got = webassembly.inferBackward(Float64Array.of(1, 1, 2, 3), { ...options, x: values });
  assert.deepEqual([...got.dx], [1, 1, 2, 3]);
  assert.deepEqual([...got.dgamma], [5, 7]);
  assert.deepEqual([...got.dbeta], [3, 4]);
});

test("gamma and runningVar begin as ones, all else as zeros", () => {
  withLayer(webassembly, { shape: [2, 3] }, (layer) => {
    assert.deepEqual([...layer.gamma, ...layer.runningVar], [1, 1, 1, 1, 1, 1]);
    assert.deepEqual([...layer.beta, ...layer.runningMean], [0, 0, 0, 0, 0, 0]);
    assert.ok(layer.x instanceof Float32Array && layer.x.length === 6);
    assert.deepEqual(layer.shape, [2, 3]);
  });
});

const conventions: [name: string, options: Partial<LayerOptions>, mean: number, variance: number][] = [
  ["PyTorch's, the default", {}, 0.3, 0.9 + 0.1 * (14 / 3)],
  ["momentum 0.25", { momentum: 0.25 }, 0.75, 0.75 + 0.25 * (14 / 3)],
  ["Keras' and CS231n's", { decay: 0.9, unbiasedRunningVariance: false }, 0.3, 0.9 + 0.1 * 3.5],
  ["decay, unbiased", { decay: 0.75 }, 0.75, 0.75 + 0.25 * (14 / 3)],
  ["whatever ddof the pass divides by", { ddof: 1 }, 0.3, 0.9 + 0.1 * (14 / 3)],
];
for (const [name, options, mean, variance] of conventions) {
  test(`running statistics follow the convention: ${name}`, () => {
    for (const bn of engines) {
      withLayer(bn, { shape: [4, 1], dtype: "float64", ...options }, (layer) => {
        layer.x.set([1, 2, 3, 6]); // mean 3, Σ (x - mean)² = 14
        layer.forward();
        // a few roundings of numbers below 4
        assertWithin(layer.runningMean, [mean], () => 1e-15, "mean");
        assertWithin(layer.runningVar, [variance], () => 2e-15, "variance");
      });
    }
  });
}

test("a view taken anew sees memory that has grown since", () => {
  withLayer(webassembly, { shape: [64, 64] }, (layer) => {
    layer.x.fill(2);
    withLayer(webassembly, { shape: [1024, 4096] }, () => assert.equal(layer.x[4095], 2));
    layer.beta.fill(5);
    layer.forward();
    assert.ok(layer.y.every((value) => value === 5));
  });
});

test("layers keep to themselves", () => {
  withLayer(webassembly, { shape: [3, 2] }, (one) => {
    withLayer(webassembly, { shape: [3, 2] }, (other) => {
      one.x.set([1, 2, 3, 4, 5, 6]);
      other.x.fill(7);
      one.forward();
      const y = one.y.slice();
      other.forward();
      assertSameBits(one.y.slice(), y, "y of the first");
    });
  });
});

const disposed = {
  code: "disposed",
  message: "layer: expected a layer in use, got one that was disposed of",
};

test("a layer that was disposed of says so, and dispose() may be called again", () => {
  const layer: Layer = webassembly.layer({ shape });
  layer.dispose();
  layer.dispose();
  layer[Symbol.dispose]();
  assert.throws(() => layer.x, { name: "BacknormTypeError", ...disposed });
  assert.throws(() => layer.forward(), disposed);
  assert.throws(() => layer.backward(), disposed);
});

test("a thousand layers of a megabyte leave no memory behind", () => {
  const make = () => webassembly.layer({ shape: [256, 256] }).dispose();
  for (let i = 0; i < 20; i++) make();
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 1000; i++) make();
  // 1 GB if none were freed
  assert.ok((process.memoryUsage().rss - before) / 2 ** 20 < 100);
});

const bad: [what: string, options: unknown, error: { name: string; code: string; message: string }][] = [
  ["no options", undefined, type("not-an-object", "options: expected an object, got undefined")],
  [
    "no shape",
    {},
    type("invalid-shape", "shape: expected an array of 2 to 5 positive whole numbers, got undefined"),
  ],
  [
    "an unknown layout",
    { shape, layout: "NCHW" },
    type("invalid-layout", 'layout: expected "channels-first" or "channels-last", got the string "NCHW"'),
  ],
  [
    "an unknown dtype",
    { shape, dtype: "f32" },
    type("invalid-dtype", 'dtype: expected "float32" or "float64", got the string "f32"'),
  ],
  [
    "a negative eps",
    { shape, eps: -1 },
    range("invalid-eps", "eps: expected a finite number, 0 or greater, got -1"),
  ],
  ["ddof 2", { shape, ddof: 2 }, range("invalid-ddof", "ddof: expected 0 or 1, got 2")],
  [
    "momentum above 1",
    { shape, momentum: 1.5 },
    range("invalid-momentum", "momentum: expected a number from 0 to 1, got 1.5"),
  ],
  [
    "momentum NaN",
    { shape, momentum: Number.NaN },
    range("invalid-momentum", "momentum: expected a number from 0 to 1, got NaN"),
  ],
  [
    "a string for momentum",
    { shape, momentum: "0.1" },
    type("invalid-momentum", 'momentum: expected a number from 0 to 1, got the string "0.1"'),
  ],
  [
    "a negative decay",
    { shape, decay: -0.1 },
    range("invalid-decay", "decay: expected a number from 0 to 1, got -0.1"),
  ],
  [
    "momentum and decay",
    { shape, momentum: 0.1, decay: 0.9 },
    type("invalid-momentum", "decay: expected either momentum or decay, which is 1 - momentum, got both"),
  ],
  [
    "1 for a boolean",
    { shape, unbiasedRunningVariance: 1 },
    type("not-a-boolean", "unbiasedRunningVariance: expected true or false, got 1"),
  ],
  [
    "ddof 1 of one value",
    { shape: [1, 5], ddof: 1 },
    range(
      "one-value-per-channel",
      "ddof: expected 0, since a single value per channel has no unbiased variance, got 1",
    ),
  ],
];
function type(code: string, message: string) {
  return { name: "BacknormTypeError", code, message };
}
function range(code: string, message: string) {
  return { name: "BacknormRangeError", code, message };
}
for (const [what, options, error] of bad) {
  test(`layer() refuses ${what}`, () => {
    for (const bn of engines) assert.throws(() => bn.layer(options as LayerOptions), error);
  });
}

test("backward() before forward(), and training that is no boolean, are refused", () => {
  withLayer(webassembly, { shape }, (layer) => {
    assert.throws(
      () => layer.backward(),
      range("no-forward", "backward(): expected forward() to have run, got a layer that is new"),
    );
    const set = () => {
      layer.training = 0 as never;
    };
    assert.throws(set, type("not-a-boolean", "training: expected true or false, got 0"));
    assert.equal(layer.training, true);
  });
});

test("one value per channel trains only where the running variance is of the population", () => {
  withLayer(webassembly, { shape: [1, 2] }, (layer) => {
    layer.x.set([3, 4]);
    const expected = "two or more values per channel, for the running variance is unbiased";
    assert.throws(
      () => layer.forward(),
      range("one-value-per-channel", `forward(): expected ${expected}, got [1, 2]`),
    );
    assert.deepEqual([...layer.runningMean, ...layer.runningVar], [0, 0, 1, 1]);
    layer.training = false;
    layer.forward();
  });
  withLayer(webassembly, { shape: [1, 2], unbiasedRunningVariance: false }, (layer) => {
    layer.beta.fill(5);
    layer.forward();
    assert.deepEqual([...layer.y], [5, 5]);
  });
});

test("infer() and inferBackward() name the argument that is wrong", () => {
  const [runningMean, runningVar] = [new Float64Array(5), new Float64Array(5)];
  const options = { shape, runningMean, runningVar };
  const short = "expected 5 values for 5 channels, got 4";
  assert.throws(
    () => webassembly.infer(x, { ...options, runningVar: new Float64Array(4) }),
    range("length-mismatch", `runningVar: ${short}`),
  );
  assert.throws(() => webassembly.infer(x, { shape, runningMean } as never), { code: "not-a-typed-array" });
  assert.throws(
    () => webassembly.inferBackward(dy.subarray(1), { ...options, x }),
    range("length-mismatch", "dy: expected 20 values for shape [4, 5], got 19"),
  );
  assert.throws(() => webassembly.inferBackward(new Float32Array(20) as never, { ...options, x }), {
    code: "mixed-kinds",
  });
});
