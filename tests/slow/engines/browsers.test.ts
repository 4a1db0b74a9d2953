/** The package's own tests, tests/web, in Chromium or Firefox; and every public call, which gives what it gives in Node. */
import { after } from "node:test";
import { pageTest } from "../../page/browser.ts";
import { serveTests } from "./browser/site.ts";

const site = await serveTests();
after(site.close);

for (const { title, address, check } of site.tests)
  pageTest(
    title,
    { address: async () => address, fails: true /* there is no lab on it */, minutes: 5 },
    async (page) => {
      await page.waitForFunction(() => window.outcome, { timeout: 280_000 });
      await check(JSON.parse((await page.evaluate("JSON.stringify(window.outcome)")) as string));
    },
  );
