import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, StepSweep } from "backnorm";
import { assertSameBits, engines, rounded, webassembly } from "./support.ts";

const bn = webassembly;
const course = bn.presets.cs231n as Case<Float64Array>;

test("extrapolated derivatives are within their error bars, in both engines", () => {
  for (const { id, shape, exact } of bn.gradcheck(course).nodes) {
    const found = bn.extrapolate(course, id);
    assert.deepEqual([found.id, found.shape], [id, shape]);
    const largest = Math.max(...exact.map(Math.abs));
    for (const [i, value] of found.gradient.entries()) {
      const bar = found.errorBar[i] as number;
      assert.ok(Math.abs(value - (exact[i] as number)) <= bar, `${id}[${i}]`);
      assert.ok(bar <= 1e-9 * largest, `${id}[${i}] has a bar of ${bar}`);
    }
    assertSameBits(engines.map((engine) => engine.extrapolate(course, id))[1], found, id);
  }
});

test("the sweep of the course's case draws a V in float64 and none in float32", () => {
  const sweep = bn.stepSweep(course, "x");
  assert.deepEqual(
    [...sweep.steps],
    Array.from({ length: 14 }, (_, i) => Number(`1e-${i + 1}`)),
  );
  const noted = [2e-4, 2e-6, 2e-8, 3e-10, 1e-9, 8e-9, 2e-7, 2e-6, 4e-5, 1e-4];
  for (const [i, want] of noted.entries()) {
    const got = sweep.float64[i] as number;
    assert.ok(got < 2 * want && got > want / 2, `${got} at ${sweep.steps[i]}, noted ${want}`);
  }
  const least = (errors: StepSweep["float64"]) => Math.min(...errors.map((error) => error ?? Infinity));
  assert.equal(least(sweep.float32), sweep.float32[0]);
  assert.equal(sweep.float32.at(-1), null); // too small a step to move x
  assert.equal(typeof sweep.float64.at(-1), "number");
});

test("a sweep takes custom steps and a float32 case", () => {
  for (const steps of [[0.5, 1e-3], Float32Array.of(0.5, 2 ** -10), Float64Array.of(0.25)]) {
    const { steps: used, float64, float32 } = bn.stepSweep(rounded(course), "var", { steps });
    assert.deepEqual([...used], [...steps]);
    assert.deepEqual([float64.length, float32.length], [steps.length, steps.length]);
  }
});

test("the Taylor remainder has slope 2 for the right dx and 1 for a wrong one", () => {
  const dx = bn.trace(course).nodes.find(({ id }) => id === "x")?.grad as Float64Array;
  for (const options of [{}, { seed: 5 }, { dx }]) {
    const { slope, verdict, steps, remainders } = bn.taylorTest(course, options);
    assert.ok(slope !== null && Math.abs(slope - 2) < 0.1, `slope ${slope}`);
    assert.equal(verdict, "pass");
    assert.equal(steps.length, remainders.length);
  }
  const wrong = bn.taylorTest(course, { dx: dx.map((value) => 1.001 * value) });
  assert.ok(wrong.slope !== null && Math.abs(wrong.slope - 1) < 0.2, `slope ${wrong.slope}`);
  assert.equal(wrong.verdict, "fail");
});

test("the Taylor remainder of one row is undecidable", () => {
  const row = { ...course, x: course.x.slice(0, 5), dy: course.dy.slice(0, 5), shape: [1, 5] };
  const { slope, verdict } = bn.taylorTest(row);
  assert.deepEqual([slope, verdict], [null, "undecidable"]);
});

test("forward and backward mode give the same dot product, within a bound near the last digit", () => {
  for (const kase of [course, rounded(course), bn.presets.iris]) {
    for (const seed of [0, 1, 2]) {
      const { forward, backward, difference, bound, holds } = bn.dotProductTest(kase, { seed });
      assert.equal(holds, true);
      assert.equal(difference, Math.abs(forward - backward));
      assert.ok(bound < 1e-10 * Math.abs(forward), `${bound} of ${forward}`);
    }
  }
});

test("a direction test has a default seed of 0", () => {
  assert.deepEqual(bn.dotProductTest(course), bn.dotProductTest(course, { seed: 0 }));
  assert.deepEqual(bn.dotProductTest(course, {}), bn.dotProductTest(course, { seed: 0 }));
  assert.deepEqual(bn.taylorTest(course), bn.taylorTest(course, { seed: 0 }));
});

test("a report compares the analytic gradient with the exact derivative and the difference", () => {
  for (const kase of [course, rounded(course)] as Case[]) {
    for (const { id, analytic, exact, numeric, measures } of bn.gradcheck(kase).nodes) {
      for (const [found, n] of [
        [measures.exact, exact],
        [measures.numeric, numeric],
      ] as const) {
        const relative = [...n].map((value, i) => {
          const a = analytic[i] as number;
          return Math.abs(a - value) / Math.max(1e-8, Math.abs(a) + Math.abs(value));
        });
        assert.equal(found.maxRelative, Math.max(...relative), id);
        assert.equal(found.pytorch.passes, true, id);
        assert.equal(found.numpy.passes, found.numpy.excess <= 0, id);
        assert.ok(found.ulps >= 0 && found.normRatio >= 0, id);
      }
    }
  }
});
