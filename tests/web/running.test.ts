/** Running statistics: those of a layer, and those that forward() and normalize() update for their caller. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FloatArray, RunningRule } from "backnorm";
import type { Module } from "../../web/src/module.ts";
import { assertSameBits, assertWithin, engines, kinds } from "./support.ts";

type Rule = RunningRule & { unbiased?: boolean };
interface Convention {
  rule: Rule;
  ddof?: 0 | 1;
  mean: number;
  variance: number;
}
/** Of one channel of 1, 2, 3, 6, whose mean is 3 and Σ (x - mean)² = 14, after 0 and 1. */
const conventions: Record<string, Convention> = {
  "PyTorch's, the default": { rule: {}, mean: 0.3, variance: 0.9 + 0.1 * (14 / 3) },
  "momentum 0.25": { rule: { momentum: 0.25 }, mean: 0.75, variance: 0.75 + 0.25 * (14 / 3) },
  "Keras' and CS231n's": { rule: { decay: 0.9, unbiased: false }, mean: 0.3, variance: 0.9 + 0.1 * 3.5 },
  "decay, unbiased": { rule: { decay: 0.75 }, mean: 0.75, variance: 0.75 + 0.25 * (14 / 3) },
  "momentum 0, which keeps the old": { rule: { momentum: 0 }, mean: 0, variance: 1 },
  "decay 0, which keeps nothing": { rule: { decay: 0 }, mean: 3, variance: 14 / 3 },
  "whatever ddof the pass divides by": { rule: {}, ddof: 1, mean: 0.3, variance: 0.9 + 0.1 * (14 / 3) },
};
const x = Float64Array.of(1, 2, 3, 6);
const zeros = (length: number) => new Float64Array(length);
const ones = (length: number) => new Float64Array(length).fill(1);

for (const [name, { rule, ddof, mean, variance }] of Object.entries(conventions)) {
  test(`running statistics follow the convention: ${name}`, () => {
    const { unbiased, ...momentum } = rule;
    for (const bn of engines) {
      const shape = [4, 1];
      using layer = bn.layer({
        shape,
        dtype: "float64",
        ddof,
        ...momentum,
        unbiasedRunningVariance: unbiased,
      });
      layer.x.set(x);
      layer.forward();

      const byForward = { mean: zeros(1), var: ones(1), ...rule };
      bn.forward(x, { shape, ddof, running: byForward });

      const byParts = { mean: zeros(1), var: ones(1), ...rule };
      const part = { shape: [2, 1], ddof, running: byParts };
      const halves = [x.subarray(0, 2), x.subarray(2)];
      const whole = bn.mergeStatistics(halves.map((half) => bn.statistics(half, { shape: [2, 1] })));
      bn.normalize(x.subarray(0, 2), whole, part); // the other half would take in the batch a second time

      const found = {
        "a layer": [...layer.runningMean, ...layer.runningVar],
        "forward()": [...byForward.mean, ...byForward.var],
        "normalize()": [...byParts.mean, ...byParts.var],
      };
      // a few roundings of numbers below 5
      for (const [way, got] of Object.entries(found)) assertWithin(got, [mean, variance], () => 2e-15, way);
    }
  });
}

for (const [dtype, Kind] of Object.entries(kinds)) {
  test(`forward() updates the caller's ${dtype} running statistics as a layer does, at every step`, () => {
    for (const bn of engines) {
      for (const shape of [
        [6, 5],
        [70, 40], // of which float32 is computed in float32
        [4, 3, 5, 5],
      ]) {
        const [size, channels] = [shape.reduce((a, b) => a * b), shape[1] as number];
        using layer = bn.layer({ shape, dtype: dtype as "float32", momentum: 0.3 });
        const [mean, variance]: FloatArray[] = [new Kind(channels), new Kind(channels).fill(1)];
        const running = { mean: mean as FloatArray, var: variance as FloatArray, momentum: 0.3 };
        for (const drawn of bn.randn(7, [size, size, size])) {
          const batch: FloatArray = Kind.from(drawn);
          layer.x.set(batch);
          layer.forward();
          const { y, cache } = bn.forward(batch, { shape, running });
          const without = bn.forward(batch, { shape });
          assertSameBits({ y, cache }, without, "what forward() returns");
          assertSameBits(y, layer.y.slice(), "y");
          assertSameBits(running.mean, layer.runningMean.slice(), "mean");
          assertSameBits(running.var, layer.runningVar.slice(), "var");
        }
        assert.ok(
          running.mean.some((value) => value !== 0),
          "the mean has moved",
        );
      }
    }
  });
}

test("one value per channel updates a population running variance", () => {
  for (const bn of engines) {
    const running = { mean: zeros(2), var: ones(2), momentum: 0.5, unbiased: false };
    bn.forward(Float64Array.of(3, 4), { shape: [1, 2], running });
    assert.deepEqual([...running.mean, ...running.var], [1.5, 2, 0.5, 0.5]);
  }
});

test("running statistics may share a buffer, and options may be inherited", () => {
  for (const bn of engines) {
    const room = Float64Array.of(7, 0, 1, 7);
    const running = Object.create({ mean: room.subarray(1, 2), var: room.subarray(2, 3), momentum: 1 });
    bn.forward(x, { shape: [4, 1], running });
    assert.deepEqual([...room], [7, 3, 14 / 3, 7]);
  }
});

test("a batch with a refused invstd doesn't update running statistics", async () => {
  // The package checks all of this first, so the fault showed only here: the update ran all the same.
  const fallback = new URL("../../dist/fallback.js", import.meta.url).href;
  const { start } = (await import(fallback)) as { start(): Promise<Module> };
  const run = (await start()).NormRunFloat64.make();
  assert.ok(run);
  assert.equal(run.reserve(1, 1, 1, false, false, false), "ok");
  run.track(0.5, false);
  const normalize = (eps: number, ddof: number) => {
    run.mean().fill(1);
    run.runningMean().fill(3);
    return [run.normalize(1, eps, ddof), run.runningMean()[0]];
  };
  assert.deepEqual(normalize(1e-5, 1), ["one-value-per-channel", 3]);
  assert.deepEqual(normalize(-1, 0), ["invalid-eps", 3]);
  assert.deepEqual(normalize(1e-5, 0), ["ok", 2]);
  run.delete();
});
