/** Tensors without values: eval mode gives none back, and what normalizes by the batch refuses an empty one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Backnorm, ForwardOptions } from "backnorm";
import { assertSameBits, engines } from "./support.ts";

const none = new Float64Array(0);
const three = Float64Array.of(1, 2, 3);
const saved = { runningMean: three, runningVar: three };
const refused = { name: "BacknormRangeError", code: "empty-batch" };
const zeros = new Float64Array(3);

const empty: [shape: number[], layout?: "channels-last"][] = [
  [[0, 3]],
  [[0, 3, 2]],
  [[4, 3, 0]],
  [[4, 0, 3], "channels-last"],
];

test("batch norm of an empty batch gives an empty y in eval mode, and gradients of 0 for its parameters", () => {
  for (const bn of engines)
    for (const [shape, layout] of empty) {
      const options = { shape, layout, gamma: three, ...saved };
      assertSameBits(bn.infer(none, { ...options, beta: three }), none, `y of ${shape}`);
      const got = bn.inferBackward(none, { ...options, x: none });
      assert.ok([...got.dmean, ...got.dvar].every((value) => value === 0) && got.dmean.length === 3);
      assertSameBits([got.dx, got.dgamma, got.dbeta], [none, zeros, zeros], `gradients of ${shape}`);
    }
});

test("what normalizes by the batch refuses an empty one, and names its shape", () => {
  const message = (name: string, shape: number[]) =>
    `${name}: expected one value or more in each channel or group, to normalize by, got none, in shape [${shape.join(", ")}]`;
  for (const bn of engines)
    for (const [shape, layout] of empty) {
      const wanted = { ...refused, message: message("x", shape) };
      const running = { mean: three.slice(), var: three.slice() };
      assert.throws(() => bn.forward(none, { shape, layout, running }), wanted);
      assertSameBits(running, { mean: three, var: three }, "the running statistics");
      assert.throws(() => bn.statistics(none, { shape, layout }), wanted);
      const ofBatch = { x: none, shape, layout, mean: three, invstd: three };
      assert.throws(() => bn.backward(none, ofBatch), { ...refused, message: message("cache.x", shape) });
    }
});

test("a layer of an empty batch works in eval mode, and refuses to train", () => {
  for (const bn of engines) {
    const layer = bn.layer({ shape: [0, 3], dtype: "float64", training: false, ...saved });
    layer.forward();
    layer.backward();
    const { x, y, dy, dx, dgamma, dbeta, runningMean } = layer;
    assert.deepEqual([x.length, y.length, dy.length, dx.length], [0, 0, 0, 0]);
    assertSameBits([dgamma.slice(), dbeta.slice()], [zeros, zeros], "the parameters' gradients");
    layer.training = true;
    assert.throws(() => layer.forward(), refused);
    assertSameBits(runningMean.slice(), three, "the running mean");
    layer.dispose();
  }
});

const withoutGroups: ForwardOptions<Float64Array>[] = [
  { norm: "layer", shape: [0, 3] },
  { norm: "rms", shape: [2, 0, 3] },
  { norm: "layer", shape: [0, 1, 3], normalizedDims: 2 },
  { norm: "group", groups: 3, shape: [0, 3, 4] },
  { norm: "instance", shape: [0, 5, 3], layout: "channels-last" },
];

/** The arrays of every call that the other norms have. */
function passes(bn: Backnorm, options: ForwardOptions<Float64Array>) {
  const { y, cache } = bn.forward(none, options);
  const frozen = bn.inferBackward(none, { ...options, x: none });
  return { y, ...bn.backward(none, cache), inferred: bn.infer(none, options), frozenDx: frozen.dx };
}

test("the other norms have nothing to normalize where there are no samples", () => {
  for (const bn of engines)
    for (const options of withoutGroups) {
      const of = `${options.norm} norm of [${options.shape}]`;
      const { y, dx, dgamma, dbeta, inferred, frozenDx } = passes(bn, { ...options, gamma: three });
      assertSameBits([y, dx, inferred, frozenDx], [none, none, none, none], of);
      assertSameBits([dgamma, dbeta], [zeros, options.norm === "rms" ? none : zeros], of);
      const layer = bn.layer({ ...options, dtype: "float64" });
      layer.forward();
      layer.backward();
      assert.equal(layer.dgamma.length, 3, of);
      layer.dispose();
    }
});

test("a group without a value is refused by every norm", () => {
  for (const bn of engines)
    for (const options of [
      { norm: "layer", shape: [2, 0] },
      { norm: "rms", shape: [2, 3, 0], normalizedDims: 2 },
      { norm: "group", groups: 2, shape: [2, 4, 0] },
      { norm: "instance", shape: [2, 4, 0] },
    ] as const) {
      assert.throws(() => bn.forward(none, options), refused);
      assert.throws(() => bn.infer(none, options), refused);
      const layer = bn.layer(options);
      assert.throws(() => layer.forward(), refused);
      layer.dispose();
    }
});

test("no channel at all has nothing to normalize", () => {
  for (const bn of engines) {
    const { y, cache } = bn.forward(none, { shape: [4, 0] });
    assertSameBits([y, bn.backward(none, cache).dgamma, cache.mean], [none, none, none], bn.engine);
    assert.equal(bn.apply(none, cache, bn.sums(none, cache)).length, 0);
    assert.equal(bn.normalize(none, bn.statistics(none, { shape: [4, 0] }), { shape: [4, 0] }).y.length, 0);
  }
});

test("a case has values", () => {
  for (const bn of engines)
    for (const shape of [
      [0, 3],
      [3, 0],
    ]) {
      const kase = { x: none, dy: none, gamma: three, shape };
      assert.throws(() => bn.trace(kase), { code: "invalid-shape" });
    }
});
