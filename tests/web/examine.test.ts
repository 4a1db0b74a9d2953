/** bn.examine: what trace, gradcheck and diagnose say of a case, from one copy of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Claim, NormCase, Trace } from "backnorm";
import { caseFor, genericShapes, randomNormCase } from "./programs.ts";
import { assertSameBits, engines, rounded, webassembly } from "./support.ts";

/** Every value and gradient of a trace, as diagnose takes them. */
const claimsOf = ({ nodes }: Trace): Record<string, Claim> =>
  Object.fromEntries(
    nodes.flatMap(({ id, value, grad, gradShape }) => [
      [id, value],
      [`d${id}`, { data: grad, shape: gradShape }],
    ]),
  );

for (const bn of engines) {
  test(`examine() in ${bn.engine} gives the bits of trace and gradcheck`, () => {
    const { cs231n, makemore, notes } = bn.presets;
    const others = Object.values(genericShapes).map((options) => randomNormCase(bn, options));
    for (const kase of [cs231n, makemore, rounded(notes), ...others] as NormCase[]) {
      const { trace, report, origins } = bn.examine(kase);
      assertSameBits(trace, bn.trace(kase), "trace");
      assertSameBits(report, bn.gradcheck(kase), "report");
      assert.deepEqual(origins, []);
    }
  });
}

const norms = ["batch", "layer", "group", "instance", "rms"] as const;
for (const norm of norms) {
  test(`each mistake of ${norm} norm begins where a diagnosis finds an array wrong and not inherited`, () => {
    for (const { id } of webassembly.mistakes.filter((one) => one.switchable && one.norms.includes(norm))) {
      const kase = norm === "batch" ? webassembly.presets.cs231n : caseFor(webassembly, norm, id);
      const { trace, origins } = webassembly.examine(kase, { mistakes: [id], check: false });
      const { nodes } = webassembly.diagnose(kase, claimsOf(trace));
      const begins = nodes.filter(({ truth, local }) => truth === "fail" && local === "fail");
      assert.deepEqual(
        origins,
        begins.map((node) => node.id),
        id,
      );
    }
  });
}

test("without a check there is no report", () => {
  const { report, trace } = webassembly.examine(webassembly.presets.cs231nAlt, { check: false });
  assert.equal(report, null);
  assert.equal(trace.nodes.length, 12);
});
