/** Claims whose shape or numbers leave more than one reading. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NormCase } from "backnorm";
import { engines } from "./support.ts";

/** Numbers with no pattern. */
const numbers = (count: number) =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(i * i + 1) * 3 + 1);
const caseOf = (shape: number[], channels: number, options: Partial<NormCase<Float64Array>>) => {
  const x = numbers(shape.reduce((a, b) => a * b, 1));
  const dy = x.map((v, i) => Math.cos(7 * i) - v / 5);
  return { shape, x, dy, gamma: numbers(channels), ...options } as NormCase<Float64Array>;
};

test("channels at another axis are found where only dims of 1 tell the shapes apart", () => {
  const kase = caseOf([2, 3, 1, 3], 3, { norm: "batch" });
  for (const bn of engines) {
    const dx = bn.trace(kase).nodes[0]?.grad as Float64Array;
    const data = dx.map(
      (_, i) => dx[Math.floor(i / 9) * 9 + (i % 3) * 3 + (Math.floor(i / 3) % 3)] as number,
    );
    const found = bn.diagnose(kase, { dx: { data, shape: [2, 1, 3, 3] } });
    assert.equal(found.firstWrong, null);
  }
});
