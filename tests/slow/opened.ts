/** Built sites opened in Chromium, for the tests of bundlers and frameworks. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after } from "node:test";
import puppeteer, { type Page } from "puppeteer-core";
import { root } from "./packed.ts";

export const { serve } = (await import(join(root, ".scripts/serve.js"))) as {
  serve(options: { root: string }): Promise<{ url: string; close(): Promise<void> }>;
};
const browser = await puppeteer.launch({
  executablePath: process.env["CHROMIUM"] as string,
  args: ["--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
after(() => browser.close());

/**
 * Opens a page, in which the script `before` runs first. Fails if the page throws, writes an error, violates its policy,
 * or asks for what is missing or on another host.
 */
export async function open(url: string, body: (page: Page) => Promise<void>, { before = "" } = {}) {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`throws ${error}`));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) faults.push(`writes ${message.text()}`);
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== "data:" && asked.origin !== new URL(url).origin) faults.push(`asks for ${asked}`);
  });
  await page.evaluateOnNewDocument(`${before}
    addEventListener("securitypolicyviolation", (event) =>
      console.error("violates the policy: " + event.violatedDirective + " " + event.blockedURI))`);
  try {
    await page.goto(url);
    await body(page).catch((error) => faults.push(String(error)));
    assert.deepEqual(faults, [], "the page");
  } finally {
    await page.close();
  }
}
