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

test("sums over positions alone are per sample, but not whatever adds up to the gradient", () => {
  const options = [
    { norm: "group", groups: 2 },
    { norm: "group", groups: 4 },
    { norm: "instance" },
    {},
  ] as const;
  for (const bn of engines) {
    for (const option of options) {
      const kase = caseOf([2, 4, 3], 4, option);
      const { nodes } = bn.trace(kase);
      const dgamma = nodes.find(({ id }) => id === "gamma")?.grad as Float64Array;
      const xhat = nodes.find(({ id }) => id === "xhat")?.value as Float64Array;
      const relationOf = (data: Float64Array) =>
        bn.diagnose(kase, { dgamma: { data, shape: [2, 4] } }).nodes[0]?.relation;
      const sums = new Float64Array(8);
      for (const [i, v] of xhat.entries()) (sums[Math.floor(i / 3)] as number) += v * (kase.dy[i] as number);
      assert.deepEqual(relationOf(sums), { kind: "per-sample" });
      const shared = sums.map((_, i) => (dgamma[i % 4] as number) / 2);
      assert.deepEqual(relationOf(shared), { kind: "shape", expected: [4], got: [2, 4] });
    }
  }
});

test("numbers without a pattern have no relation and no mistake, also where a group has one value", () => {
  for (const bn of engines) {
    for (const shape of [
      [4, 1],
      [3, 2],
    ]) {
      const last = shape[1] as number;
      const kase = caseOf(shape, last, { norm: "layer", eps: 1e-12, ddof: last > 1 ? 1 : 0 });
      for (const [id, count] of [
        ["xc", kase.x.length],
        ["std", shape[0] as number],
        ["invstd", shape[0] as number],
        ["dx", kase.x.length],
      ] as const) {
        const found = bn.diagnose(kase, { [id]: numbers(count).map((v, i) => 20 + Math.cos(i * v)) });
        const { truth, relation } = found.nodes[0] as (typeof found.nodes)[number];
        assert.equal(truth, "fail", id);
        assert.equal(relation, null, `${id} of ${shape}: ${relation?.kind}`);
        // one-pass-variance fits where rounding alone may have led anywhere
        const named = found.mistakes.filter((one) => one.id !== "one-pass-variance");
        assert.deepEqual(named, [], `${id} of ${shape}`);
      }
    }
  }
});
