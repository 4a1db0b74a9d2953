/** What no hostile text may do to a page. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { chooseNode, chosen, state } from "./browser.ts";

/** Nothing ran, no element or handler came out of a text, and no prototype has anything new. */
export async function assertUnharmed(page: Page, what: string) {
  const found = await page.evaluate(() => ({
    hit: window.hit ?? null,
    elements: window.everyElement().filter((element) => element.matches("img, iframe, object, body script"))
      .length,
    suspects: window
      .everyElement()
      .filter((element) =>
        [...element.attributes].some(
          ({ name, value }) =>
            /^on/i.test(name) || (/(href|src|action|srcdoc)$/i.test(name) && /^\s*javascript:/i.test(value)),
        ),
      )
      .map((element) => element.outerHTML.slice(0, 80)),
    inherited: [{}, [], "", () => {}].flatMap((value) => {
      const names: string[] = [];
      for (const name in value as object) names.push(name);
      return names;
    }),
    isPolluted: "polluted" in {} || "polluted" in [],
  }));
  assert.deepEqual(found, { hit: null, elements: 0, suspects: [], inherited: [], isPolluted: false }, what);
}

export async function assertWorks(page: Page) {
  await chooseNode(page, "mean");
  assert.deepEqual((await chosen(page)).graph, ["mean"]);
  assert.ok((await state(page)).report);
}

export const kMarkup = "<img src=x onerror=window.hit=1>";
