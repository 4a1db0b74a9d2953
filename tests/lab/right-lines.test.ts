/** The right line of code for every array. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { kNotations, notationOf } from "../../web/lab/notations.ts";
import { rightLine } from "../../web/lab/right-lines.ts";

const bn = await load();

test("a right line of code stands for every array in every notation, and is called as it is there", () => {
  for (const notation of kNotations.map(notationOf))
    for (const { id } of bn.graph.nodes)
      for (const array of [id, `d${id}`] as const)
        for (const ddof of [0, 1] as const) {
          const line = rightLine(array, ddof, notation);
          if (["x", "gamma", "beta", "dy"].includes(array)) assert.equal(line, undefined);
          else
            assert.ok(line?.startsWith(`${notation.code[array]} = `), `${array} by ${notation.id}: ${line}`);
        }
  const of = (id: string, name: (typeof kNotations)[number], ddof: 0 | 1 = 0) =>
    rightLine(id, ddof, notationOf(name));
  assert.equal(of("dsq", "paper", 1), "dsq = np.ones((N, D)) * dvar / (N - 1)");
  assert.equal(of("std", "kratzert"), "sqrtvar = np.sqrt(var + eps)");
  assert.equal(of("mean", "makemore"), "bnmeani = hprebn.mean(0, keepdim=True)");
  assert.equal(of("var", "pytorch", 1), "var = sq.sum(0) / (N - 1)");
  assert.equal(of("x->mean", "cs231n"), "dx2 = np.ones_like(x) * dsample_mean / N");
});
