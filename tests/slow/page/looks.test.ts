/** Light and dark, narrow and wide, and what axe-core finds of the WCAG in each state. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { assertAccessible } from "../../page/accessible.ts";
import { appears, click, kPhone, pageTest, type Start, upload } from "../../page/browser.ts";
import { holdChecks, kHeld } from "../../page/held.ts";

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
  [
    "on a phone in dark, in the middle of the backward pass",
    { view: kPhone, dark: true, link: "#v=1&case=cs231n&node=xc&moment=b10" },
  ],
  ["with batches trained on, on a phone in dark", { view: kPhone, dark: true }, train],
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
  ["on the closed form", { link: "#v=1&case=cs231n&node=x&lens=closed" }],
  [
    "on the closed form in dark, with a mistake made",
    { dark: true, view: kPhone, link: "#v=1&case=cs231n&node=x&lens=closed&mistake=dvar-half" },
  ],
  [
    "in an assignment in Chinese on a phone in dark",
    { view: kPhone, dark: true, link: "#v=1&case=randn:7:6x3&mode=no-spoiler&lang=zh" },
    (page) => appears(page, "bn-mine"),
  ],
  ["after an error", {}, (page) => upload(page, "marks.csv", "a,b\n1,2\n3,oops\n")],
  ["with undecidable gradients", {}, (page) => upload(page, "row.csv", "1,2,3\n")],
  ["with the step sweep and float32 on a phone in dark", { view: kPhone, dark: true }, openParts],
  [
    "after a check was cancelled",
    { before: kHeld },
    async (page) => {
      await holdChecks(page);
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
    `the page is ${name} if the system is, and the button switches the theme`,
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
  "the page follows the system while it is open, until a theme is chosen by hand",
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
