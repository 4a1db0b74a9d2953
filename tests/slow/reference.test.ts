/** The reference as it is published: what TypeDoc would warn of, its links, and its pages under the page's own policy. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import puppeteer, { type Page } from "puppeteer-core";

const root = fileURLToPath(new URL("../../", import.meta.url));
const script = (name: string) => import(join(root, ".scripts", name));
const { reference } = (await script("reference.js")) as { reference(out: string): Promise<void> };
const { serve } = (await script("serve.js")) as {
  serve(options: { root: string }): Promise<{ url: string; close(): Promise<void> }>;
};

const folder = await mkdtemp(join(tmpdir(), "backnorm-reference-"));
const out = join(folder, "reference");
after(() => rm(folder, { recursive: true, force: true }));

before(() => reference(out)); // fails if a public symbol has no sentence, or a signature names a type that isn't exported

test("every link between its pages leads to a page, and to a place in it", async () => {
  const names = (await readdir(out, { recursive: true })).filter((name) => name.endsWith(".html"));
  const pages = new Map<string, string>();
  for (const name of names) pages.set(`/${name}`, await readFile(join(out, name), "utf8"));
  const broken: string[] = [];
  let count = 0;
  for (const [at, page] of pages) {
    for (const [, href = ""] of page.matchAll(/<a [^>]*href="([^"]*)"/g)) {
      const { origin, pathname, hash } = new URL(href.replaceAll("&amp;", "&"), `reference:${at}`);
      if (origin !== "null" || !href || href.endsWith("../")) continue; // another host, or the page beside it
      count += 1;
      const target = pages.get(pathname.replace(/\/$/, "/index.html"));
      const id = decodeURIComponent(hash.slice(1));
      if (target === undefined || (id && !target.includes(`id="${id}"`))) broken.push(`${at}: ${href}`);
    }
  }
  assert.deepEqual([...new Set(broken)], []);
  assert.ok(names.length > 100 && count > 1000, `${names.length} pages, ${count} links`);
});

test("its pages, search and theme work under the policy, without an error in the console", async () => {
  const site = await serve({ root: folder });
  const browser = await puppeteer.launch({
    executablePath: process.env["CHROMIUM"] as string,
    args: ["--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
  });
  try {
    const page = await browser.newPage();
    const faults = faultsOf(page, site.url);
    await page.goto(`${site.url}reference/`);
    assert.match(await page.$eval("#tsd-nav-container", (menu) => `${menu.textContent}`), /backnorm\/lab/);
    await page.waitForFunction(() => document.documentElement.dataset["theme"] === "os");
    await page.select("#tsd-theme", "dark");

    await page.click("#tsd-search-trigger");
    await page.locator("#tsd-search-input").fill("gradcheckAsync");
    const found = await page.waitForSelector("#tsd-search-results a");
    await Promise.all([page.waitForNavigation(), found?.click()]);
    assert.match(page.url(), /\/reference\/backnorm\/Backnorm\.html#gradcheckasync$/);
    assert.equal(await page.$eval("h1", (title) => title.innerText), "Interface Backnorm");
    assert.equal(await page.$eval("html", ({ dataset }) => dataset["theme"]), "dark");
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
    await site.close();
  }
});

/** What a page throws, writes as an error, or asks of another host. */
function faultsOf(page: Page, url: string): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`throws ${error}`));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) faults.push(`writes ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) faults.push(`asks for ${request.url()}`);
  });
  return faults;
}
