/** Light and dark, narrow and wide, and what axe-core finds of the WCAG in each state. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { assertAccessible } from "./accessible.ts";
import { appears, click, follow, kPhone, pageTest, press, type Start, upload } from "./browser.ts";

async function train(page: Page) {
  await click(page, "details#batches > summary");
  await page.waitForFunction(() => window.everyElement().some((element) => element.matches(".chart")));
  await click(page, '[name="ten"]');
}
const openParts = async (page: Page) => {
  for (const part of ["sweep", "float32"]) await click(page, `bn-checks >>> [name=${part}]`);
  await appears(page, "[role=slider]");
  await appears(page, ".float32");
};

const states: [string, Start, ((page: Page) => Promise<unknown>)?][] = [
  ["in light", {}],
  [
    "in dark, with a wrong number in a field",
    { dark: true },
    async (page) => {
      await click(page, 'bn-matrix[input="x"] >>> [data-at="0"]');
      await page.keyboard.type("abc");
      await press(page, "Enter");
    },
  ],
  ["on a phone", { view: kPhone }],
  ["on a phone in dark", { view: kPhone, dark: true, link: "#v=1&case=cs231n&node=xc&cell=2,2" }],
  ["with iris", { link: "#v=1&case=iris&node=mean&cell=120,3" }],
  ["with a mistake made", { link: "#v=1&case=cs231n&node=x&cell=1,2&mistake=detached-stats" }],
  ["with a mistake made in dark", { dark: true, link: "#v=1&case=cs231n&node=x&mistake=dvar-half" }],
  ["in the middle of the forward pass", { link: "#v=1&case=cs231n&node=xc&moment=f2" }],
  [
    "on a phone in dark, in the middle of the backward pass",
    { view: kPhone, dark: true, link: "#v=1&case=cs231n&node=xc&moment=b10" },
  ],
  ["with batches trained on", {}, train],
  ["with batches trained on, on a phone in dark", { view: kPhone, dark: true }, train],
  ["on the steps", { link: "#v=1&case=cs231n&node=x&cell=2,3&lens=steps" }],
  [
    "on the steps in dark, with a mistake made",
    { dark: true, link: "#v=1&case=cs231n&node=var&lens=steps&mistake=dvar-half" },
  ],
  ["on the paths on a phone", { view: kPhone, link: "#v=1&case=cs231n&node=x&lens=paths" }],
  [
    "on the paths in dark, with one left out",
    { dark: true, link: "#v=1&case=cs231n&node=x&lens=paths" },
    (page) => click(page, 'bn-paths >>> [data-path="throughMean"]'),
  ],
  [
    "on the paths with one left out",
    { link: "#v=1&case=iris&node=x&cell=120,3&lens=paths" },
    (page) => click(page, 'bn-paths >>> [data-path="throughVar"]'),
  ],
  ["on the closed form", { link: "#v=1&case=cs231n&node=x&lens=closed" }],
  [
    "on the closed form in dark, with a mistake made",
    { dark: true, view: kPhone, link: "#v=1&case=cs231n&node=x&lens=closed&mistake=dvar-half" },
  ],
  ["in Chinese", { link: "#v=1&case=cs231n&node=x&lang=zh&names=cs231n" }],
  [
    "on the steps by makemore's names in dark",
    { dark: true, link: "#v=1&node=x&lens=steps&names=makemore&theme=dark" },
  ],
  ["by PyTorch's names on a phone", { view: kPhone, link: "#v=1&node=x&names=pytorch" }],
  ["in an assignment", { link: "#v=1&case=randn:7:6x3&mode=no-spoiler" }, (page) => appears(page, "bn-mine")],
  [
    "in an assignment in Chinese on a phone in dark",
    { view: kPhone, dark: true, link: "#v=1&case=randn:7:6x3&mode=no-spoiler&lang=zh" },
    (page) => appears(page, "bn-mine"),
  ],
  [
    "with what is shared",
    {},
    async (page) => {
      await click(page, "[name=share]");
      await appears(page, "dialog[open]");
    },
  ],
  [
    "with all tools open",
    { link: "#v=1&node=x&open=mine,bank,batches" },
    async (page) => {
      for (const tool of ["bn-mine", "bn-bank", "bn-batches"]) await appears(page, tool);
    },
  ],
  ["after an error", {}, (page) => upload(page, "marks.csv", "a,b\n1,2\n3,oops\n")],
  ["with undecidable gradients", {}, (page) => upload(page, "row.csv", "1,2,3\n")],
  ["with the step sweep and float32", {}, openParts],
  ["with the step sweep and float32 on a phone in dark", { view: kPhone, dark: true }, openParts],
  [
    "after a check was cancelled",
    {},
    async (page) => {
      await upload(
        page,
        "large.csv",
        Array.from({ length: 1500 }, (_, i) => `${i % 7},${i % 11}`).join("\n"),
      );
      await click(page, ".checking button");
    },
  ],
];

for (const [name, start, act] of states) {
  pageTest(`axe finds no violation of WCAG 2.2 A and AA ${name}`, start, async (page) => {
    await act?.(page);
    await assertAccessible(page);
  });
}

const background = (page: Page) =>
  page.evaluate(() => {
    const lab = document.querySelector("backnorm-lab") as HTMLElement;
    const { backgroundColor, color } = getComputedStyle(lab);
    return { backgroundColor, color, scheme: getComputedStyle(document.documentElement).colorScheme };
  });
const light = { backgroundColor: "rgb(251, 250, 246)", color: "rgb(34, 32, 27)" };
const dark = { backgroundColor: "rgb(23, 23, 22)", color: "rgb(236, 235, 230)" };

const assertLooks = async (page: Page, wanted: typeof light) => {
  const { scheme, ...colours } = await background(page);
  assert.deepEqual(colours, wanted, `with color-scheme ${scheme}`);
};
const button = 'button[aria-label="Switch between light and dark"]';

for (const [name, first, other] of [
  ["light", light, dark],
  ["dark", dark, light],
] as const) {
  pageTest(
    `the page is ${name} where the system is, and the button changes it either way`,
    { dark: name === "dark" },
    async (page) => {
      for (const wanted of [first, other, first]) {
        await assertLooks(page, wanted);
        await click(page, button);
      }
    },
  );
}

pageTest(
  "the page follows the system while it is open, until light or dark is chosen by hand",
  { notInFirefox: "WebDriver BiDi cannot change prefers-color-scheme while a page is open" },
  async (page) => {
    const setSystem = (value: string) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    await assertLooks(page, light);
    await setSystem("dark");
    await assertLooks(page, dark);
    await click(page, button);
    await click(page, button);
    await setSystem("light");
    await assertLooks(page, dark);
  },
);

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
