import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, NodeId } from "backnorm";
import fc from "fast-check";
import { webassembly as bn } from "./support.ts";

fc.configureGlobal({ seed: 1 }); // the same cases every time: no run fails by chance

/** Numbers of 20 bits and a power of 2, so that a shift or a scale of x rounds nothing. */
const numbers = (length: number) =>
  fc.array(fc.integer({ min: -(2 ** 19), max: 2 ** 19 }), { minLength: length, maxLength: length });
const cases: fc.Arbitrary<Case<Float64Array>> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: -30, max: 0 }))
  .chain(([rows, columns, exponent]) =>
    fc.record({
      x: numbers(rows * columns).map((values) => Float64Array.from(values, (v) => v * 2 ** exponent)),
      dy: numbers(rows * columns).map((values) => Float64Array.from(values, (v) => v * 2 ** -16)),
      gamma: numbers(columns).map((values) => Float64Array.from(values, (v) => v * 2 ** -18)),
      beta: numbers(columns).map((values) => Float64Array.from(values, (v) => v * 2 ** -18)),
      eps: fc.constantFrom(1e-12, 1e-5, 1),
      shape: fc.constant([rows, columns] as const),
    }),
  );

const gradientOf = (kase: Case<Float64Array>, id: NodeId) => {
  const { analytic, bound } = bn.gradcheck(kase).nodes.find((one) => one.id === id) as ReturnType<
    typeof bn.gradcheck<Float64Array>
  >["nodes"][number];
  return { analytic, bound };
};

/** Equal within what rounding explains of either side. */
function assertClose(kase: Case<Float64Array>, other: Case<Float64Array>, id: NodeId, at = (i: number) => i) {
  const [before, after] = [gradientOf(kase, id), gradientOf(other, id)];
  for (const [i, value] of after.analytic.entries()) {
    const off = Math.abs(value - (before.analytic[at(i)] as number));
    const bound = (after.bound[i] as number) + (before.bound[at(i)] as number);
    assert.ok(!(off > bound), `${id}[${i}] is off by ${off}, more than ${bound}`);
  }
}

test("both invariants hold and no right gradient fails, on any case", () => {
  fc.assert(
    fc.property(cases, (kase) => {
      const { verdict, invariants, checkerAtFault } = bn.gradcheck(kase);
      assert.notEqual(verdict, "fail");
      assert.equal(checkerAtFault, false);
      assert.equal(invariants.sumOfDx.holds, true);
      assert.equal(invariants.sumOfDxXhat.holds, true);
    }),
  );
});

test("permuted rows have permuted gradients", () => {
  fc.assert(
    fc.property(cases, fc.nat(8), (kase, turn) => {
      const [rows, columns] = kase.shape as readonly [number, number];
      const from = (i: number) => (i + turn * columns) % (rows * columns);
      const turned = (values: Float64Array) => values.map((_, i) => values[from(i)] as number);
      const other = { ...kase, x: turned(kase.x), dy: turned(kase.dy) };
      assertClose(kase, other, "x", from);
      for (const id of ["gamma", "beta"] as const) assertClose(kase, other, id);
    }),
  );
});

test("a shift of x changes neither dx nor dgamma nor dbeta", () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: -1000, max: 1000 }), (kase, shift) => {
      const other = { ...kase, x: kase.x.map((value) => value + shift) };
      for (const id of ["x", "gamma", "beta"] as const) assertClose(kase, other, id);
    }),
  );
});

test("x times 2^k with eps times 4^k divides dx by 2^k bit for bit, and keeps dgamma and dbeta", () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: -20, max: 20 }), (kase, k) => {
      const scale = 2 ** k;
      const other = {
        ...kase,
        x: kase.x.map((value) => value * scale),
        eps: (kase.eps as number) * scale ** 2,
      };
      const grad = (of: Case<Float64Array>, id: NodeId) =>
        bn.trace(of).nodes.find((one) => one.id === id)?.grad as Float64Array;
      assert.deepEqual(
        grad(other, "x"),
        grad(kase, "x").map((value) => value / scale),
      );
      for (const id of ["gamma", "beta"] as const) assert.deepEqual(grad(other, id), grad(kase, id));
    }),
  );
});
