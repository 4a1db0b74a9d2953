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

// A page counts for itself, and is asked before it is left: it, and the frames in it. What it says while it is left is lost.
const kLeaving = ["goto", "reload", "goBack", "goForward", "close"];
const asked = (frame) =>
  Promise.race([frame.evaluate(inPage), new Promise((give) => setTimeout(give, 2000, "[]"))]).catch(
    () => "[]",
  );

const { launch } = puppeteer;
puppeteer.launch = async (...options) => {
  const browser = await launch.apply(puppeteer, options);
  const open = browser.newPage;
  browser.newPage = async () => {
    const page = await open.apply(browser);
    for (const name of kLeaving) {
      const leave = page[name];
      page[name] = async (...how) => {
        for (const counted of await Promise.all(page.frames().map(asked))) keep(counted);
        return leave.apply(page, how);
      };
    }
    return page;
  };
  return browser;
};
