/** The paths of dx, and the mistakes that lack some of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { kPaths } from "../../web/lab/choices.ts";
import { mistakeWithout, pathsLeftOut } from "../../web/lab/path-laws.ts";
import { arrayOf, left, subsets, unbiased } from "./cases.ts";

const bn = await load();
const { cs231n, iris } = bn.presets;

test("what is left without some paths is the dx of the mistake that is named", () => {
  for (const kase of [cs231n, iris, unbiased])
    for (const off of subsets) {
      const id = mistakeWithout(off);
      assert.equal(id === undefined, off.size === 0 || off.size === 3, [...off].join());
      if (!id) continue;
      assert.deepEqual(pathsLeftOut(id), off);
      const dx = arrayOf(kase, "x", "grad", [id]);
      const most = Math.max(...kPaths.flatMap((path) => [...bn.trace(kase).paths.x[path]].map(Math.abs)));
      // a term that should be 0, and a sum in another order
      for (const [at, value] of left(kase, off).entries())
        assert.ok(Math.abs(value - (dx[at] as number)) <= 1e-14 * most, `${id}[${at}]: ${value}, ${dx[at]}`);
    }
  const evaluated = pathsLeftOut("eval-backward");
  assert.deepEqual(evaluated, new Set(["throughVar", "throughMean"]));
});
