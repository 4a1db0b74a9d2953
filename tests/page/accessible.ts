/** axe-core, which looks for violations of WCAG 2.2 A and AA. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Place } from "./browser.ts";

const axe = await readFile(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

// What passes is only counted, since all of it takes drivers seconds to carry over.
const kRun = `axe
  .run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], resultTypes: ["violations"] })
  .then(({ violations, passes }) => JSON.stringify({
    found: violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => [id, help, target.join(" "), failureSummary].join(": "))),
    looked: passes.map(({ id }) => id),
  }))`;

export async function assertAccessible(place: Place, what = "") {
  if (!(await place.evaluate("Boolean(globalThis.axe)"))) await place.evaluate(axe);
  const { found, looked } = JSON.parse((await place.evaluate(kRun)) as string);
  assert.deepEqual(found.slice(0, 8), [], `${found.length} violations ${what}`);
  assert.ok(looked.includes("color-contrast"), "axe has looked at it");
}
