/** Light and dark, narrow and wide, and what axe-core finds of the WCAG. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { assertAccessible } from "./accessible.ts";
import { appears, cell, click, follow, kPhone, pageTest, press, type Start } from "./browser.ts";

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
