/** How much the page fetches before it can be used, and that the rest waits until it is needed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { HTTPResponse, Page } from "puppeteer-core";
import { aSecond, follow, frames, kLab, makeMistake, pageTest, root, upload, url } from "./browser.ts";

/** The page's whole first load, in bytes as a server sends them by brotli: the aim, and what it was when last written down. */
const kMost = 210_000;

const { "the page's first view": known } = JSON.parse(
  readFileSync(join(root, "tests/data/sizes.json"), "utf8"),
) as Record<string, number>;

/** Some browsers fetch it and some don't, and when they like: it counts always, and in no list of what was asked for. */
const kIcon = "favicon.svg";

/** The font of formulas comes after the first verdict, and only where none is installed (math-font.test.ts). */
const kFont = /^math-font-/;
const kMostOfFont = 24_000;

/** The size of a file as it is served, in bytes by brotli. */
const sizeOf = (path: string) =>
  brotliCompressSync(readFileSync(join(root, "dist/page", path)), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11 },
  }).length;

/** Loads the page anew, and gives a list to which every response is added from its first one on. */
async function responsesOf(page: Page): Promise<HTTPResponse[]> {
  const responses: HTTPResponse[] = [];
  const address = page.url();
  await page.setCacheEnabled(false);
  await page.goto("about:blank"); // what the last load still fetches isn't of this one
  page.on("response", (response) => {
    if (pathOf(response) !== kIcon) responses.push(response);
  });
  await page.goto(address);
  await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.computed?.report);
  for (let before = -1; before < responses.length; await aSecond()) before = responses.length;
  await frames(page);
  return responses;
}

const pathOf = (response: HTTPResponse) =>
  response.url().replace(/#.*/, "").slice(url.length) || "index.html";

/** Every file of the first load and its size, and all of them as one text for a message. */
async function firstLoad(page: Page) {
  const paths = (await responsesOf(page)).map(pathOf);
  const all = paths.map((path) => [path, sizeOf(path)] as const); // a browser may have dropped a body by now
  const [fonts, sizes] = [
    all.filter(([path]) => kFont.test(path)),
    all.filter(([path]) => !kFont.test(path)),
  ];
  assert.ok(fonts.length <= 1 && fonts.every(([, size]) => size <= kMostOfFont), fonts.join());
  sizes.push([kIcon, sizeOf(kIcon)]);
  const told = sizes.map(([path, size]) => `${path} ${size}`).join(", ");
  return { sizes, total: sizes.reduce((sum, [, size]) => sum + size, 0), told };
}

pageTest("the first load is at most 210,000 bytes by brotli, and no file loads twice", {}, async (page) => {
  const { sizes, total, told } = await firstLoad(page);
  for (const path of ["index.html", "index.js", "backnorm.wasm"])
    assert.ok(
      sizes.some(([found, size]) => found === path && size > 0),
      `${path} was not counted: ${told}`,
    );
  assert.equal(new Set(sizes.map(([path]) => path)).size, sizes.length, `fetched twice: ${told}`);
  assert.ok(total <= kMost, `the first load is ${total} bytes: ${told}`);
  assert.ok(total <= (known ?? 0), `the first load is ${total} bytes, and sizes.json says ${known}: ${told}`);
});

pageTest(
  "only the tour fetches the tour, and with it the first load is small too",
  { link: "" },
  async (page) => {
    const { sizes, total, told } = await firstLoad(page);
    const fetched = sizes.map(([path]) => path.replace(/-.*/, ""));
    assert.ok(fetched.includes("tour") && !fetched.includes("rest"), told);
    assert.ok(total <= kMost, `the first load is ${total} bytes: ${told}`);
    await follow(page, kLab);
    const inLab = (await firstLoad(page)).sizes.map(([path]) => path.replace(/-.*/, ""));
    assert.ok(!inLab.includes("tour"), inLab.join());
  },
);

pageTest("the code that reads files loads with the first file", {}, async (page) => {
  const responses = await responsesOf(page);
  const count = () => responses.filter((response) => /^rest-.*\.js$/.test(pathOf(response))).length;
  assert.equal(count(), 0);
  await upload(page, "a.csv", "1,2\n3,5\n7,4\n");
  assert.equal(count(), 1);
});

pageTest(
  "without WebAssembly the fallback loads once, and also computes mistakes",
  { before: "delete globalThis.WebAssembly" },
  async (page) => {
    const responses = await responsesOf(page);
    await makeMistake(page, "dvar-half");
    const fetched = responses.map(pathOf);
    assert.equal(fetched.filter((path) => path === "fallback.js").length, 1);
  },
);
