/** Every mistake of layer, group, instance and RMS norm shows on a case of that norm, and is named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FloatArray, Norm, NormCase } from "backnorm";
import { caseFor, claimsOf, genericShapes, randomNormCase } from "./programs.ts";
import { assertSameBits, webassembly as bn, engines, haveSameBytes } from "./support.ts";

const norms = Object.keys(genericShapes) as Exclude<Norm, "batch">[];
const switchable = bn.mistakes.filter((mistake) => mistake.switchable);
/** What shows in rounding alone, and on no generic case. */
const ofRounding = "one-pass-variance";

/** The arrays that a mistake changes. */
const changedBy = (kase: NormCase, id: string) => {
  const right = bn.trace(kase).nodes;
  const { nodes } = bn.trace(kase, { mistakes: [id] });
  const changed = (part: "value" | "grad") =>
    nodes
      .filter((node, at) => !haveSameBytes(node[part], right[at]?.[part] as FloatArray))
      .map((node) => node.id);
  return { values: changed("value"), gradients: changed("grad") };
};

for (const norm of norms) {
  const own = switchable.filter(({ norms, id }) => norms.includes(norm) && id !== ofRounding);
  for (const { id } of own) {
    test(`${id} changes an array of ${norm} norm, diagnose names it, and gradcheck fails with a wrong gradient`, async () => {
      const kase = caseFor(bn, norm, id);
      const { values, gradients } = changedBy(kase, id);
      assert.notEqual(values.length + gradients.length, 0);
      for (const one of engines) {
        const found = one.diagnose(kase, claimsOf(one, kase, id));
        assert.notEqual(found.firstWrong, null);
        assert.deepEqual(
          found.mistakes.map((fit) => fit.id),
          [id],
        );
        // the arrays are those of the same C++: nothing is left over, but where a right array is computed in another order
        const isReordered = norm === "rms" && id === "gamma-factored-out"; // (dy·invrms)·gamma on the direct path
        assert.ok((found.mistakes[0]?.residual as number) <= (isReordered ? 2 ** -52 : 0), "a residual");
        const report = one.gradcheck(kase, { mistakes: [id] });
        assert.equal(report.verdict === "fail", gradients.length > 0, report.verdict);
        for (const node of report.nodes)
          assert.ok(node.verdict !== "fail" || gradients.includes(node.id), node.id);
        assert.equal(report.checkerAtFault, false);
        assertSameBits(await one.gradcheckAsync(kase, { mistakes: [id] }), report, "in slices");
      }
    });
  }

  test(`${norm} norm refuses the mistakes of other norms, in every call that switches mistakes on`, async () => {
    const kase = randomNormCase(bn, genericShapes[norm]);
    const others = switchable.filter(({ norms }) => !norms.includes(norm));
    assert.notEqual(others.length, 0);
    for (const one of engines) {
      for (const { id } of others) {
        const refusal = { code: "unknown-mistake", reason: "not-in-this-norm", argument: "mistakes[1]" };
        const options = { mistakes: ["dvar-sign", id] };
        assert.throws(() => one.trace(kase, options), refusal, id);
        assert.throws(() => one.gradcheck(kase, options), refusal, id);
        assert.throws(() => one.examine(kase, options), refusal, id);
        await assert.rejects(one.gradcheckAsync(kase, options), refusal, id);
      }
    }
  });

  if (norm === "rms") continue;
  test(`a one-pass variance of ${norm} norm is visible in float32 if the mean dwarfs the spread`, () => {
    const far = randomNormCase(bn, genericShapes[norm], 3e3);
    const round = (array: FloatArray) => Float32Array.from(array);
    const { x, gamma, beta, dy, ...rest } = far;
    const single = {
      ...rest,
      x: round(x),
      gamma: round(gamma),
      beta: round(beta as FloatArray),
      dy: round(dy),
    };
    assert.ok(changedBy(single, ofRounding).values.includes("var"), "var is as it was");
  });
}

test("a mistake that needs a square or another option is refused where it can't be made", () => {
  const needy: [norm: Exclude<Norm, "batch">, id: string, can: object, cannot: object][] = [
    ["layer", "gamma-along-samples", { shape: [4, 4] }, { shape: [4, 5] }],
    ["rms", "gamma-along-samples", { shape: [2, 2, 4] }, { shape: [4, 5] }],
    ["layer", "no-keepdims", { shape: [4, 4] }, { shape: [4, 5] }],
    ["rms", "no-keepdims", { shape: [2, 2, 4] }, { shape: [4, 5] }],
    ["rms", "no-unit-offset", { unitOffset: true }, {}],
    ["rms", "unit-offset", {}, { unitOffset: true }],
    ["group", "interleaved-groups", { groups: 3 }, { groups: 1 }],
    ["group", "interleaved-groups", { groups: 2 }, { groups: 6 }],
  ];
  for (const [norm, id, can, cannot] of needy) {
    const traced = (options: object) =>
      bn.trace(randomNormCase(bn, { ...genericShapes[norm], ...options }), { mistakes: [id] });
    traced(can);
    assert.throws(() => traced(cannot), {
      reason: "not-in-this-norm",
      message: RegExp(`of ${norm} norm.*${id}$`),
    });
  }
});
