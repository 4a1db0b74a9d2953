// Takes a picture of every state of the page into screenshots/, which git ignores, for review.
// npm run screenshots -- iris share: only these. -- readme: the picture in the README.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "./build.js";
import { main, root } from "./run.js";
import { serve } from "./serve.js";
import { findChromium, setUp } from "./setup.js";

const press =
  (...selectors) =>
  async (page) => {
    // visible: otherwise changes in a shadow root go unnoticed
    for (const selector of selectors)
      await (await page.waitForSelector(`>>> ${selector}`, { visible: true })).click();
  };
const type = (selector, text) => async (page) => {
  await press(selector)(page);
  await page.keyboard.type(text);
};
const cell = 'bn-matrix[input="x"] >>> [data-at="6"]';
const paste = (text) => async (page) => {
  await press(cell)(page);
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, cancelable: true }));
  }, text);
};
const upload = (path) => async (page) => {
  await (await page.$(">>> input[type=file]")).uploadFile(join(root, path));
};
const unreadable = "dvar = [1, oops]\n[1 2 3]\nloss = [0.5]\ndx = [1, nan]\n<b>";
const tenSteps = "#batches >>> [name=ten]";
const next = "bn-mine >>> .next";

// Name: the link, and the actions after opening it. "share -phone-dark" makes two pictures: "share" on a desktop, and
// "share-phone-dark" on that screen.
const states = {
  "cs231n -dark -tablet -phone": "",
  iris: "case=iris&node=x&cell=120,3",
  "constant-channel -dark": "case=constantChannel&node=x&cell=1,3",
  unbiased: "node=x&ddof=1",
  "graph-forward": "node=xc&moment=f2",
  "graph-backward -phone": "case=iris&node=mean&cell=3,3&moment=b11",
  "bad-link": "case=<img src=x onerror=alert(1)>&node=var",
  "bad-file": ["", upload("package.json")],
  "inputs-invalid -phone-dark": ["", type(cell, "abc\n")],
  "inputs-pasted": ["", paste("1\t-2\n-3\t4")],
  "inputs-paste-refused": ["", paste("1,2,3,4,5,6")],
  "checking -phone-dark": "case=randn:7:1000x100",
  "check-cancelled -phone-dark": ["case=randn:7:1000x100", press(".checking button")],
  "sweep -phone": "node=x&check=sweep",
  "float32 -phone": "case=randn:7:16x4:1:1e5&check=float32",
  "mistake-paths -phone": "node=x&cell=1,2&mistake=no-mean-path",
  "batches -phone": ["open=batches", press(tenSteps, tenSteps, tenSteps)],
  "batches-full -dark": ["case=iris&open=batches", press(...Array(10).fill(tenSteps))],
  "mine-hints -phone-dark": ["open=mine&example=1", press(next, next)],
  "mine-unreadable": ["open=mine", type("bn-mine >>> textarea", unreadable)],
  bank: "open=bank",
  "bank-made -dark": "mistake=no-mean-path&open=bank",
  "bank-search -phone": ["open=bank", type("bn-bank >>> input", "eps")],
  tools: "node=x&open=mine,bank,batches&example=1",
  "steps -phone": "node=mean&cell=2,3&lens=steps",
  "steps-mistake -dark": "node=var&cell=2,3&lens=steps&mistake=dvar-half",
  "paths -phone-dark": "node=x&cell=2,1&lens=paths",
  "paths-without": "case=iris&node=x&cell=120,3&lens=paths&off=throughMean",
  "paths-mistake": "node=x&cell=2,1&lens=paths&mistake=detached-stats",
  "closed -phone": "node=x&cell=2,3&lens=closed",
  "closed-mistake -dark": "node=x&lens=closed&mistake=dvar-half",
  "chinese -phone-dark": "node=x&lang=zh&names=makemore",
  "names-cs231n": "node=x&lens=closed&names=cs231n",
  "names-pytorch -dark": "node=invstd&names=pytorch",
  assignment: "case=randn:7:6x3&mode=no-spoiler",
  "assignment-chinese -phone": "case=randn:7:6x3&mode=no-spoiler&lang=zh",
  "share -phone-dark": ["node=x&lens=paths", press("[name=share]")],
  "embed-graph -dark": "view=embed",
  "embed-steps": "case=iris&lens=steps&view=embed",
  "embed-paths": "lens=paths&view=embed&lang=zh",
  readme: "node=var",
  ...Object.fromEntries(
    Array.from({ length: 7 }, (_, at) => [`tour-${at + 1} -phone-dark -laptop`, `tour=${at + 1}`]),
  ),
};

const screens = {
  laptop: { width: 1280, height: 720 },
  tablet: { width: 820, height: 1100 },
  phone: { width: 360, height: 780, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  embed: { width: 400, height: 360, deviceScaleFactor: 2 },
  readme: { width: 1280, height: 690, deviceScaleFactor: 2 },
};

const wanted = process.argv.slice(2);
const pictures = Object.entries(states)
  .flatMap(([names, state]) => {
    const [name, ...others] = names.split(" ");
    return ["", ...others].map((other) => [name + other, ...[state].flat()]);
  })
  .filter(([name]) => wanted.length === 0 || wanted.includes(name));

/** Waits until everything is fetched, computed and drawn. A check of 1,000 rows is a picture itself. */
async function settle(page) {
  await page.waitForNetworkIdle({ idleTime: 100 });
  await page.waitForFunction(() => {
    const { computed, following } = document.querySelector("backnorm-lab").session;
    return following === 0 && (computed?.report || computed?.givenUp || computed?.rows >= 1000);
  });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function take(page, address, name, link, act) {
  const screen = Object.keys(screens).find((one) => name.split("-").includes(one));
  const view = screens[screen] ?? { width: 1440, height: 900 };
  const path = screen === "readme" ? ".github/backnorm.png" : `screenshots/${name}.png`;
  page.on("pageerror", (error) => console.error(`${name}: ${error}`));
  page.on("console", (message) => message.type() === "error" && console.error(`${name}: ${message.text()}`));
  await page.setViewport(view);
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: name.endsWith("-dark") ? "dark" : "light" },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.goto(`${address}#v=1&${link}`);
  await settle(page);
  await act?.(page);
  await settle(page);
  // content far from the screen isn't drawn, so the screen must be as high as the page
  for (let height = view.height; screen !== "readme"; ) {
    const needed = await page.evaluate(() => document.documentElement.scrollHeight);
    if (needed === height) break;
    height = needed;
    await page.setViewport({ ...view, height });
    await settle(page);
  }
  await page.screenshot({ path: join(root, path) });
  console.log(path);
  await page.close();
}

await main(import.meta.url, async () => {
  await setUp(["page"]);
  await build({ quiet: true });
  await mkdir(join(root, "screenshots"), { recursive: true });
  const { default: puppeteer } = await import("puppeteer-core");
  const { url, close } = await serve({ root: join(root, "dist/page"), port: 0 });
  const args = ["--no-sandbox", "--disable-background-networking"];
  const browser = await puppeteer.launch({ executablePath: findChromium(), args });
  try {
    for (const [name, ...state] of pictures) await take(await browser.newPage(), url, name, ...state);
  } finally {
    await browser.close();
    await close();
  }
});
