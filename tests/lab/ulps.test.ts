/** Distances between numbers, in numbers that lie between them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ulpsBetween } from "../../web/lab/ulps.ts";
import { ordered } from "./cases.ts";

test("ulps count the float64 between two numbers, across 0 as well", () => {
  assert.equal(ulpsBetween(1 + Number.EPSILON, 1), 1);
  assert.equal(ulpsBetween(1, 1 + 3 * Number.EPSILON), -3);
  assert.equal(ulpsBetween(1, 1 - Number.EPSILON / 2), 1); // below a power of 2 they lie twice as dense
  assert.equal(ulpsBetween(0, -0), 0);
  assert.equal(ulpsBetween(5e-324, -5e-324), 2);
  assert.equal(ulpsBetween(2, 1), 2 ** 52);
  assert.equal(ulpsBetween(-1, -2), 2 ** 52);
  assert.ok(Number.isNaN(ulpsBetween(Number.NaN, 1)), "NaN is no place");
  // either side of where the low half runs over
  const [below, above] = [
    new Float64Array(BigInt64Array.of(0x3ff00000ffffffffn).buffer)[0],
    new Float64Array(BigInt64Array.of(0x3ff0000100000000n).buffer)[0],
  ];
  assert.equal(ulpsBetween(above as number, below as number), 1);
  for (let i = 1; i < 200; i++) {
    const [a, b] = [Math.sin(i) * 1e-3, Math.sin(i) * 1e-3 * (1 + i * 1e-15)];
    assert.equal(ulpsBetween(a, b), Number(ordered(a) - ordered(b)), `${a} and ${b}`);
  }
});
