/** The font that formulas get where no math font is installed: on our page, on another's, in a frame and in one file. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Frame, Page } from "puppeteer-core";
import { aSecond, follow, inFirefox, type Lab, type Place, pageTest, ready, root } from "./browser.ts";
import { frameTest } from "./frame.ts";
import { kNoneInstalled, kOneInstalled } from "./installed.ts";
import { lectureTest } from "./lecture.ts";

const { mathCharacters } = (await import(
  new URL("../../.scripts/math-font.js", import.meta.url).href
)) as Record<string, string>;

/** Until the formulas have the font. */
const arrived = (place: Place) =>
  place.waitForFunction(() =>
    [...document.fonts].some(({ family, status }) => /Backnorm Math/.test(family) && status === "loaded"),
  );

/** How tall a bracket is around something of 80 pixels: only a font with a MATH table stretches it. */
const bracket = (place: Place) =>
  place.evaluate(() => {
    const box = document.createElement("div");
    box.innerHTML = `<math><mrow><mo>(</mo><mspace height="40px" depth="40px"></mspace><mo>)</mo></mrow></math>`;
    (box.firstElementChild as HTMLElement).style.fontFamily = "Backnorm Math";
    document.body.append(box);
    const { height } = (box.querySelector("mo") as Element).getBoundingClientRect();
    box.remove();
    return height;
  });

const fontsAsked = (page: Page) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (/math-font/.test(request.url())) asked.push(request.url());
  });
  return asked;
};

pageTest(
  "without a math font the page fetches one after its first verdict, and it has every sign of the formulas",
  { before: kNoneInstalled },
  async (page) => {
    await arrived(page);
    if (!inFirefox) assert.ok((await bracket(page)) >= 80, "brackets stretch"); // there, elements don't tell
    const asked = fontsAsked(page);
    const missing = new Set<string>();
    for (const names of ["paper", "cs231n", "pytorch"])
      for (const lens of ["graph", "steps", "paths", "closed"]) {
        await follow(page, `#v=1&node=mean&lens=${lens}&names=${names}`);
        const signs = await page.evaluate(() =>
          window
            .everyElement()
            .filter(({ localName }) => localName === "math")
            .map(({ textContent }) => textContent)
            .join(""),
        );
        for (const sign of signs.replace(/\s/g, "")) if (!mathCharacters?.includes(sign)) missing.add(sign);
      }
    assert.deepEqual([...missing], []);
    assert.deepEqual(asked, [], "it is fetched once");
  },
);

pageTest("with a math font installed the page fetches none", { before: kOneInstalled }, async (page) => {
  const asked = fontsAsked(page);
  await page.reload();
  await ready(page);
  await aSecond();
  assert.deepEqual(asked, []);
  assert.equal(await page.evaluate(() => document.fonts.size), 0);
});

lectureTest(
  "formulas get the font on somebody else's page too, under a policy that names no fonts",
  { body: '<backnorm-lab lens="steps"></backnorm-lab>', before: kNoneInstalled },
  async (page) => {
    await arrived(page);
  },
);

lectureTest(
  "the font follows the element into another document",
  { body: '<iframe></iframe><backnorm-lab id="lab"></backnorm-lab>', before: kNoneInstalled },
  async (page) => {
    await arrived(page);
    await page.evaluate(() => {
      const lab = document.getElementById("lab") as Lab;
      document.querySelector("iframe")?.contentDocument?.body.append(lab);
    });
    await arrived(page.frames()[1] as Frame);
  },
);

frameTest(
  "formulas get the font in a frame without an origin",
  { sandbox: 'sandbox="allow-scripts"', before: kNoneInstalled },
  async (_, frame) => {
    await arrived(frame);
  },
);

pageTest(
  "formulas get the font in one file, which has it and its licence inside",
  { address: async () => "about:blank", fails: true, before: kNoneInstalled },
  async (page) => {
    await page.goto(pathToFileURL(join(root, "dist/backnorm.html")).href);
    await ready(page);
    await arrived(page);
    assert.match(await page.content(), /SIL OPEN FONT LICENSE Version 1\.1/);
  },
);
