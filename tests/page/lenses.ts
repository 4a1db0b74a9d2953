/** The lenses, as the tests act on them and read them, and what the package says of the same case. */
import assert from "node:assert/strict";
import type { Case } from "backnorm";
import type { Page } from "puppeteer-core";
import { kPaths, type Path } from "../../web/lab/choices.ts";
import { addWords } from "../../web/lab/locale.ts";
import * as chinese from "../../web/lab/words/zh/all.ts";
import { arrayOf, fusedOf, ordered } from "../lab/cases.ts";
import { read } from "../lab/numbers.ts";
import { click, inSight, matrix } from "./browser.ts";

addWords("zh", chinese);

export const link = (lens: string, rest = "node=x&cell=2,3", name = "cs231n") =>
  `#v=1&case=${name}&${rest}&lens=${lens}`;

/** The text of everything that a deep selector finds, on one line each. */
export const texts = (page: Page, selector: string): Promise<string[]> =>
  page.$$eval(`>>> ${selector}`, (found) =>
    found.map((one) => (one.textContent ?? "").replace(/\s+/g, " ").trim()),
  );

// Paths

export const result = (page: Page) => matrix(page, 'bn-paths >>> bn-matrix[label="the gradient of x"]');

/** Switches the paths so that these are off. */
export async function switchOff(page: Page, off: ReadonlySet<Path>) {
  for (const path of kPaths) {
    const button = await inSight(page, `bn-paths >>> [data-path="${path}"]`);
    const isOn = (await button.evaluate((one) => one.ariaPressed)) === "true";
    if (isOn === off.has(path)) await click(page, `bn-paths >>> [data-path="${path}"]`);
  }
}

// Closed form

export async function assertUlps(page: Page, kase: Case<Float64Array>) {
  const { dx } = fusedOf(kase);
  const staged = arrayOf(kase, "x", "grad");
  const ulps = staged.map((value, at) => Number(ordered(value) - ordered(dx[at] as number)));
  const shown = await matrix(page, 'bn-closed-form >>> bn-matrix[label*="in ulps"]');
  assert.deepEqual(shown.values, [...ulps]);
  for (const { at, text } of shown.shown) assert.equal(read(text), ulps[at], `the ulps of cell ${at}`);
  const sizes = [...ulps].map(Math.abs);
  const [said] = await texts(page, "bn-closed-form >>> [data-told]");
  const zeros = sizes.filter((size) => size === 0).length;
  assert.match(
    said ?? "",
    new RegExp(`^0 ulp in ${zeros} of ${sizes.length} cells.*at most ${Math.max(...sizes)}$`),
  );
  const result = await matrix(page, 'bn-closed-form >>> bn-matrix[label="∂x by the closed form"]');
  assert.deepEqual(result.values, [...dx]);
}
