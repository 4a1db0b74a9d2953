/** axe-core, which looks for violations of WCAG 2.2 A and AA, and of a few practices beyond it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Place } from "./browser.ts";

const axe = await readFile(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const kTags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
/** 2.5.3, which axe calls experimental, and practices that any page can follow. */
const kMore = ["label-content-name-mismatch", "aria-allowed-role", "heading-order", "tabindex"];
/** What only a whole page has. */
const kOfPages = ["landmark-one-main", "landmark-unique", "page-has-heading-one", "region"];

// What passes is only counted, since all of it takes drivers seconds to carry over.
const run = (rules: readonly string[]) => `axe
  .run(document, {
    runOnly: ${JSON.stringify(kTags)},
    rules: ${JSON.stringify(Object.fromEntries(rules.map((id) => [id, { enabled: true }])))},
    resultTypes: ["violations"],
  })
  .then(({ violations, passes }) => JSON.stringify({
    found: violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => [id, help, target.join(" "), failureSummary].join(": "))),
    looked: passes.map(({ id }) => id),
  }))`;

export async function assertAccessible(place: Place, what = "") {
  if (!(await place.evaluate("Boolean(globalThis.axe)"))) await place.evaluate(axe);
  const isOurs = await place.evaluate(() => document.querySelector("backnorm-lab[linked]") !== null);
  const { found, looked } = JSON.parse(
    (await place.evaluate(run(isOurs ? [...kMore, ...kOfPages] : kMore))) as string,
  );
  assert.deepEqual(found.slice(0, 8), [], `${found.length} violations ${what}`);
  assert.ok(looked.includes("color-contrast"), "axe has looked at it");
}
