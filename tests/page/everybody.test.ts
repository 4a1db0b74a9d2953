/** For everybody: by keyboard alone, light and dark, narrow and wide, and what axe-core finds of the WCAG. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { assertAccessible } from "./accessible.ts";
import {
  appears,
  cell,
  click,
  focused,
  follow,
  frames,
  hold,
  kPhone,
  type Lab,
  pageTest,
  press,
  ready,
  type Start,
  state,
} from "./browser.ts";

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
  "Tab goes through the whole page and ends; each stop is in view with a focus ring, and the graph is one",
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
    assert.equal(seen.filter((what) => what.startsWith("g ")).length, 1, seen.join("\n"));
  },
);

pageTest("the first stop leads past the header, and a click leaves the focus alone", {}, async (page) => {
  await press(page, "Tab");
  await press(page, "Enter", "Tab");
  assert.ok(await page.$(">>> main [role=tab]:focus"), "the next stop is in the content");
  await press(page, "Tab");
  assert.equal(await page.$(">>> main[tabindex]"), null);
});

pageTest(
  "a whole lesson works by keyboard: names, language, a lens, a node, a cell, a number, and back",
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

const tools = async (page: Page) => {
  for (const tool of ["bn-mine", "bn-bank", "bn-batches"]) await appears(page, tool);
};

const states: [string, Start, ((page: Page) => Promise<unknown>)?][] = [
  ["in light, with all tools open", { link: "#v=1&node=x&open=mine,bank,batches" }, tools],
  [
    "in dark, with a wrong number in a field",
    { dark: true },
    async (page) => {
      await click(page, cell("x", 0));
      await page.keyboard.type("abc");
      await press(page, "Enter");
    },
  ],
  ["on a phone in dark", { view: kPhone, dark: true, link: "#v=1&case=cs231n&node=xc&cell=2,2" }],
  ["with a mistake made", { link: "#v=1&case=cs231n&node=x&cell=1,2&mistake=detached-stats" }],
];

for (const [name, start, act] of states) {
  pageTest(`axe finds no violation of WCAG 2.2 A and AA ${name}`, start, async (page) => {
    await act?.(page);
    await assertAccessible(page);
  });
}

pageTest(
  "the page does not scroll sideways, from 320 pixels to 200 % zoom of 1440",
  { view: kPhone },
  async (page) => {
    for (const width of [360, 320, 720, 820]) {
      await page.setViewport({ ...kPhone, width });
      for (const link of [
        "#v=1&case=cs231n&node=x&cell=1,1&lens=steps&mistake=dvar-half",
        "#v=1&case=iris&node=mean&cell=99,2&lens=paths",
        "#v=1&case=cs231n&node=x&cell=1,1&lens=closed",
        "#v=1&case=cs231n&node=x&cell=1,1",
        "#v=1&case=iris&node=mean&cell=99,2",
      ]) {
        await follow(page, link);
        const measured = await page.evaluate(() => ({
          content: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
          window: document.documentElement.clientWidth,
          visible: innerWidth,
        }));
        assert.ok(measured.content <= width, `${link} is ${measured.content} wide in ${width}`);
        // a phone zooms out where a page is too wide for it
        assert.deepEqual([measured.window, measured.visible], [width, width]);
        const cut = await page.evaluate(() =>
          window
            .everyElement()
            .filter((element) => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
            .filter((element) => {
              const { overflowX, backgroundImage } = getComputedStyle(element);
              const shows = backgroundImage.split("gradient").length > 4 || element.matches(".scroll"); // a grid's columns
              return /auto|scroll/.test(overflowX) && !shows;
            })
            .map(({ localName, className }) => `${localName} ${className}`),
        );
        assert.deepEqual(cut, [], `${link}: cut off at ${width} without a sign`);
      }
      // On a tablet the graph scrolls in a box of its own: every card can be brought into sight.
      const cards = await page.evaluate(() =>
        window
          .everyElement()
          .filter((element) => element.matches(".node"))
          .map((card) => {
            card.scrollIntoView({ inline: "center" });
            return card.getBoundingClientRect().toJSON() as DOMRect;
          }),
      );
      assert.equal(cards.length, 12);
      for (const { left, right } of cards)
        assert.ok(left >= 0 && right <= width, `a card cannot be seen at ${width}`);
      assert.equal(await page.evaluate(() => scrollX), 0);
    }
  },
);
