/** The package's own tests, tests/web, in the browser; and every public call, which gives what it gives in Node. */
import { after } from "node:test";
import type { Page } from "puppeteer-core";
import { assertPassed, assertSameAsHere, serveTests, testFiles } from "../../engines/browser/site.ts";
import { pageTest } from "../browser.ts";

const site = await serveTests();
after(site.close);

const start = (query: Record<string, string>) => ({
  address: async () => site.addressOf(query),
  fails: true, // there is no lab on it
  minutes: 5,
});
async function outcomeOf(page: Page): Promise<unknown> {
  await page.waitForFunction(() => window.outcome, { timeout: 280_000 });
  return JSON.parse((await page.evaluate("JSON.stringify(window.outcome)")) as string);
}

for (const file of testFiles)
  pageTest(`${file} passes in the browser as it does in Node`, start({ file }), async (page) => {
    assertPassed(file, await outcomeOf(page));
  });

for (const engine of ["webassembly", "javascript"] as const)
  pageTest(
    `every call by ${engine} gives bit for bit what it gives in Node`,
    start({ engine }),
    async (page) => {
      const lines = (name: string) => page.evaluate((one) => window.linesOfCall(one), name);
      await assertSameAsHere(engine, await outcomeOf(page), lines);
    },
  );
