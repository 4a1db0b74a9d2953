import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Case, Dtype, FloatArray, LayerOptions } from "backnorm";
import { assertSameBits, engines, javascript, kinds, webassembly } from "./support.ts";

const { x, dy, gamma, beta } = webassembly.presets.cs231n as Case<Float64Array>;
const shape = [4, 5];

/** A layer for the length of one test. */
function withLayer<D extends Dtype, Result>(
  bn: typeof webassembly,
  options: LayerOptions<D>,
  use: (layer: ReturnType<typeof bn.layer<D>>) => Result,
): Result {
  const layer = bn.layer(options);
  try {
    return use(layer);
  } finally {
    layer.dispose();
  }
}

for (const dtype of ["float32", "float64"] as const) {
  const Kind = kinds[dtype];
  const batch = { x: Kind.from(x), dy: Kind.from(dy), gamma: Kind.from(gamma), beta: Kind.from(beta) };

  test(`a ${dtype} layer in training mode gives the results of forward() and backward()`, () => {
    for (const bn of engines) {
      const { y, cache } = bn.forward<FloatArray>(batch.x, { shape, gamma: batch.gamma, beta: batch.beta });
      const want = { y, ...bn.backward<FloatArray>(batch.dy, cache) };
      withLayer<Dtype, void>(bn, { shape, dtype }, (layer) => {
        for (const name of ["x", "dy", "gamma", "beta"] as const) layer[name].set(batch[name]);
        layer.forward();
        layer.backward();
        const { y, dx, dgamma, dbeta } = layer;
        const got = { y: y.slice(), dx: dx.slice(), dgamma: dgamma.slice(), dbeta: dbeta.slice() };
        assertSameBits(got, want, bn.engine);
      });
    }
  });

  test(`a ${dtype} layer in eval mode gives the results of infer() and inferBackward()`, () => {
    for (const bn of engines) {
      const runningMean = Kind.from([1, 2, 3, 4, 5]);
      const runningVar = Kind.from([1, 0.5, 2, 3, 4]);
      const options = { shape, gamma: batch.gamma, runningMean, runningVar };
      const frozen = bn.inferBackward<FloatArray>(batch.dy, { ...options, x: batch.x });
      const { dmean: _, dvar: __, ...gradients } = frozen; // which no layer has
      const want = { y: bn.infer<FloatArray>(batch.x, { ...options, beta: batch.beta }), ...gradients };
      withLayer<Dtype, void>(bn, { shape, dtype }, (layer) => {
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

test("a layer begins with the gamma, beta and training that it is given, and has their type", () => {
  for (const bn of engines) {
    using layer = bn.layer({ shape, gamma, beta, training: false });
    const typed: Float64Array = layer.x; // by the types too
    typed.set(x);
    assert.equal(layer.training, false);
    layer.gamma.set(layer.gamma); // views of its own memory
    layer.forward();
    const [runningMean, runningVar] = [new Float64Array(5), new Float64Array(5).fill(1)];
    assertSameBits(layer.y, bn.infer(x, { shape, gamma, beta, runningMean, runningVar }), bn.engine);
    layer.gamma.fill(7);
    assert.notEqual(gamma[0], 7, "what was given was copied");
    using copy = bn.layer({ shape, gamma: layer.gamma, beta: layer.beta });
    assertSameBits(
      [copy.gamma.slice(), copy.beta.slice()],
      [new Float64Array(5).fill(7), beta],
      "from a layer",
    );
    using plain = bn.layer({ shape });
    const single: Float32Array = plain.x;
    assert.equal(single.BYTES_PER_ELEMENT, 4);
  }
});

test("infer() and inferBackward() use the formulas with constant statistics", () => {
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

test("gamma and runningVar start as ones, everything else as zeros", () => {
  withLayer(webassembly, { shape: [2, 3] }, (layer) => {
    assert.deepEqual([...layer.gamma, ...layer.runningVar], [1, 1, 1, 1, 1, 1]);
    assert.deepEqual([...layer.beta, ...layer.runningMean], [0, 0, 0, 0, 0, 0]);
    assert.ok(layer.x instanceof Float32Array && layer.x.length === 6);
    assert.deepEqual(layer.shape, [2, 3]);
  });
});

test("other calls take a layer's arrays, even if the memory grows", () => {
  const values = withLayer(webassembly, { shape: [1, 1] }, ({ x }) => x.buffer.byteLength) / 16;
  withLayer(webassembly, { shape: [values, 4] }, (layer) => {
    // the layer is four times what the memory was, each call below wants more than is left
    layer.x.fill(3);
    layer.x[0] = 4;
    layer.runningMean.fill(1);
    const options = { shape: layer.shape, eps: 0 };
    const running = { mean: layer.runningMean, var: layer.runningVar };
    const gone = { code: "detached-buffer", argument: "running.mean" };
    assert.throws(() => webassembly.forward(layer.x, { ...options, running }), gone); // nowhere left to write to
    assert.deepEqual([...layer.runningMean, ...layer.runningVar], [1, 1, 1, 1, 1, 1, 1, 1]);

    using _plug = webassembly.layer({ shape: [values, 2] }); // as much as forward() has left
    const { x, runningMean, runningVar } = layer;
    const y = webassembly.infer(x, { ...options, runningMean, runningVar });
    assert.equal(x.length, 0, "the memory has not grown, so that nothing was tried");
    assert.equal(y[0], 3);
    assert.ok(
      y.subarray(1).every((value) => value === 2),
      "y",
    );
  });
});

test("a new view sees memory that has grown", () => {
  withLayer(webassembly, { shape: [64, 64] }, (layer) => {
    layer.x.fill(2);
    withLayer(webassembly, { shape: [1024, 4096] }, () => assert.equal(layer.x[4095], 2));
    layer.beta.fill(5);
    layer.forward();
    assert.ok(layer.y.every((value) => value === 5));
  });
});

test("layers don't affect each other", () => {
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

/** What the garbage collector cannot free. Compiled code and the like come and go: some 100 KB either way. */
function heapInUse(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

for (const [bn, steps] of [
  [webassembly, 1_000_000],
  [javascript, 100_000], // which takes as long
] as const) {
  test(`${steps} steps of a layer in ${bn.engine} neither grow nor leak memory`, () => {
    withLayer(bn, { shape: [32, 3], momentum: 0.1 }, (layer) => {
      const step = (at: number) => {
        layer.x[at % 96] = at % 7;
        layer.dy[at % 96] = at % 5;
        layer.forward();
        layer.backward();
      };
      for (let at = 0; at < 1000; at++) step(at);
      const [size, before] = [layer.x.buffer.byteLength, heapInUse()];
      for (let at = 0; at < steps; at++) step(at);
      assert.equal(layer.x.buffer.byteLength, size);
      const grown = heapInUse() - before;
      assert.ok(grown < 1e6, `${grown} bytes more`); // the smallest object at every step: 1.2 MB at the least
      assert.ok(
        layer.runningVar.every((value) => value > 1 && value < 10),
        `${layer.runningVar}`,
      );
      assert.ok(
        layer.dx.some((value) => value !== 0),
        "the steps did something",
      );
    });
  });
}

test("ten thousand layers, made and disposed of, use no more memory than the first", () => {
  for (const bn of engines) {
    const make = (at: number) => {
      using layer = bn.layer({ shape: [32, 1 + (at % 99)], dtype: at % 2 ? "float32" : "float64" });
      return layer.x.buffer.byteLength;
    };
    for (let at = 0; at < 198; at++) make(at);
    const [size, before] = [make(0), heapInUse()];
    for (let at = 0; at < 10_000; at++) assert.equal(make(at), size);
    const grown = heapInUse() - before;
    assert.ok(grown < 1e6, `${grown} bytes more`); // 100 bytes a layer
  }
});

test("one value per channel trains only with a population running variance", () => {
  withLayer(webassembly, { shape: [1, 2] }, (layer) => {
    assert.throws(() => layer.forward(), { code: "one-value-per-channel" });
    layer.training = false;
    layer.forward();
  });
  withLayer(webassembly, { shape: [1, 2], unbiasedRunningVariance: false }, (layer) => {
    layer.beta.fill(5);
    layer.forward();
    assert.deepEqual([...layer.y], [5, 5]);
  });
});

test("a layer begins with the running statistics that it is given, of which it keeps copies", () => {
  for (const bn of engines) {
    const runningMean = Float64Array.of(1, 2, 3, 4, 5);
    const runningVar = Float64Array.of(1, 0.5, 2, 3, 4);
    withLayer(bn, { shape, runningMean, runningVar, training: false }, (layer) => {
      const want = bn.infer(x, { shape, runningMean: runningMean.slice(), runningVar: runningVar.slice() });
      runningMean.fill(9);
      runningVar.fill(9);
      assert.equal(layer.x.constructor, Float64Array, "the dtype is theirs");
      layer.x.set(x);
      layer.forward();
      assertSameBits(layer.y.slice(), want, bn.engine);
    });
    const short = { shape, dtype: "float64", runningVar: new Float64Array(4) } as const;
    assert.throws(() => bn.layer(short), { code: "length-mismatch", argument: "runningVar" });
    const other = { shape, norm: "layer", runningMean: Float64Array.of(1) } as const;
    assert.throws(() => bn.layer(other), { code: "no-running-statistics", argument: "runningMean" });
  }
});

test("a layer's momentum can be read and set between passes", () => {
  for (const bn of engines) {
    withLayer(bn, { shape, dtype: "float64", decay: 0.75 }, (layer) => {
      assert.equal(layer.momentum, 0.25);
      layer.x.set(x);
      layer.momentum = 1; // the statistics of the last batch alone
      layer.forward();
      const { mean, m2, count } = bn.statistics(x, { shape });
      assertSameBits(layer.runningMean.slice(), mean, "the running mean");
      assertSameBits(
        layer.runningVar.slice(),
        m2.map((value) => value / (count - 1)),
        "the running variance",
      );
      layer.momentum = 0;
      layer.x.fill(7);
      layer.forward();
      assertSameBits(layer.runningMean.slice(), mean, "the running mean, kept");
    });
    withLayer(bn, { shape, norm: "layer" }, (layer) => {
      assert.throws(() => layer.momentum, { code: "no-running-statistics", argument: "momentum" });
      assert.throws(() => Object.assign(layer, { momentum: 0.5 }), { code: "no-running-statistics" });
    });
  }
});
