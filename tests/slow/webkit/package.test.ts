/** In WebKit: the package's own tests, tests/web; and every public call, which gives what it gives in Node. */
import { after, test } from "node:test";
import { serveTests } from "../engines/browser/site.ts";
import { open } from "./driver.ts";

const site = await serveTests();
after(site.close);

for (const { title, address, check } of site.tests)
  test(title, { timeout: 300_000 }, async () => {
    const page = await open();
    try {
      await page.get(address);
      await page.wait(() => page.executeScript("return window.outcome !== undefined"), 280_000);
      await check(JSON.parse(await page.executeScript("return JSON.stringify(window.outcome)")));
    } finally {
      await page.quit();
    }
  });
