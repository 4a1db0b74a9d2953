/** The example of a batch on four workers, in Chromium, under the page's own policy. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import puppeteer from "puppeteer-core";
import { install, root, run } from "./packed.ts";

const { serve } = (await import(join(root, ".scripts/serve.js"))) as {
  serve(options: { root: string }): Promise<{ url: string; close(): Promise<void> }>;
};

test("four workers that share no memory give the results of one pass over the whole batch", async () => {
  const project = await install(["workers"]);
  await run("npm", ["run", "build"], project);
  const site = await serve({ root: join(project, "dist") });
  const executablePath = process.env["CHROMIUM"] as string;
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await puppeteer.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    await page.goto(site.url);
    await page.waitForFunction(() => document.querySelector("#result")?.textContent?.startsWith("{"), {
      timeout: 30_000,
    });
    const text = await page.$eval("#result", (element) => element.textContent ?? "");
    assert.deepEqual(faults, []);
    const furthest = JSON.parse(text) as Record<string, number>;
    assert.deepEqual(Object.keys(furthest).sort(), ["dbeta", "dgamma", "dx", "y"]);
    // Sums of 103 values in another order: 103 u = 1.1e-14 of their terms, of which the largest value is a few.
    for (const [name, error] of Object.entries(furthest)) assert.ok(error <= 1e-13, `${name}: ${error}`);
  } finally {
    await browser.close();
    await site.close();
  }
});
