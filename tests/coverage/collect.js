// Loaded into every test process of npm run coverage: writes what was counted, by it and by its pages, into the folder
// that BACKNORM_COVERAGE names.
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { register } from "node:module";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

register("./hooks.js", import.meta.url);

const folder = process.env.BACKNORM_COVERAGE;
const keep = (text) => writeFileSync(join(folder, `${randomUUID()}.json`), text);

/** The counters, without what they stand for. */
const counters = () =>
  JSON.stringify(Object.entries(globalThis.__coverage__ ?? {}).map(([path, { s, b }]) => [path, s, b]));
const inPage = `(${counters})()`;

process.on("exit", () => keep(counters()));

// A page counts for itself, and is asked when it is left: it, and the frames in it.
const { launch } = puppeteer;
puppeteer.launch = async (...options) => {
  const browser = await launch.apply(puppeteer, options);
  const open = browser.newPage;
  browser.newPage = async () => {
    const page = await open.apply(browser);
    await page.exposeFunction("keepCounters", keep);
    await page.evaluateOnNewDocument(`addEventListener("pagehide", () => keepCounters(${inPage}))`);
    const close = page.close;
    page.close = async (...how) => {
      for (const frame of page.frames()) keep(await frame.evaluate(inPage).catch(() => "[]"));
      return close.apply(page, how);
    };
    return page;
  };
  return browser;
};
