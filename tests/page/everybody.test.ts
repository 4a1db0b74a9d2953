/** By keyboard alone. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { focused, frames, hold, type Lab, pageTest, press, ready, state } from "./browser.ts";

/** What has the keyboard: whether it can be seen, and whether it says so itself. */
const standing = (page: Page) =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!element || element === document.body) return undefined;
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const isFile = element.matches("input[type=file]"); // its label is what is seen
    const shown = isFile ? (element.parentElement as Element) : element;
    const ring = (one: Element | null): boolean => {
      if (!one) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
    };
    return {
      what: `${element.localName} ${element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 30)}`,
      ringed:
        ring(element) ||
        ring(shown) ||
        ring(element.closest("label")) ||
        element.querySelector(".card, .pick") !== null,
      inSight: bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
      width: right - left,
      height: bottom - top,
    };
  });

pageTest(
  "Tab goes through the whole page, each stop in sight with a ring around it, and ends",
  {},
  async (page) => {
    const seen: string[] = [];
    for (let stops = 0; stops < 120; stops++) {
      await page.keyboard.press("Tab");
      const at = await standing(page);
      if (!at) break;
      await frames(page);
      const now = (await standing(page)) ?? at;
      seen.push(now.what);
      assert.ok(now.inSight, `${now.what} is out of sight`);
      assert.ok(now.ringed, `${now.what} has no ring`);
    }
    assert.ok(seen.length > 30 && seen.length < 120, `${seen.length} stops`);
  },
);

pageTest(
  "a whole lesson by keyboard: names, language, a lens, a node, a cell, a number, back again",
  {},
  async (page) => {
    const tabTo = async (name: RegExp) => {
      for (let stops = 0; stops < 120; stops++) {
        await page.keyboard.press("Tab");
        if (name.test((await focused(page)) ?? "")) return frames(page);
      }
      assert.fail(`Tab never comes to ${name}`);
    };
    await tabTo(/^Names$/);
    await page.keyboard.type("K");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.notation === "kratzert");
    await tabTo(/language/);
    await press(page, "Enter");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
    await press(page, "Enter");
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "en");
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.evaluate(() => {
      const { shadowRoot } = document.querySelector("backnorm-lab") as Lab;
      (shadowRoot as ShadowRoot).querySelector<HTMLElement>("#tab-graph")?.focus();
    });
    await press(page, "ArrowRight");
    assert.equal(await page.evaluate(() => document.querySelector("backnorm-lab")?.session.lens), "steps");
    await ready(page);
    await press(page, "ArrowLeft");
    await ready(page);
    await tabTo(/^mu,|^var,/);
    const before = await state(page);
    await press(page, "ArrowDown");
    assert.notEqual((await state(page)).selection.node, before.selection.node);
    await tabTo(/^x: /);
    await press(page, "ArrowRight");
    await page.keyboard.type("2");
    await press(page, "Enter");
    const changed = await state(page);
    assert.equal(changed.x[1], 2);
    assert.notDeepEqual(changed.grads["x"], before.grads["x"]);
    await hold(page, ["Control"], "z");
    assert.deepEqual((await state(page)).x, before.x);
  },
);
