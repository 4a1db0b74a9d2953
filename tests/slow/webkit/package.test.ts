/** In WebKit: the package's own tests, tests/web; and every public call, which gives what it gives in Node. */
import { after, test } from "node:test";
import { serveTests } from "../engines/browser/site.ts";
import { inBrowser } from "./driver.ts";

const site = await serveTests();
after(site.close);

for (const { title, address, check } of site.tests)
  test(title, { timeout: 600_000 }, () =>
    inBrowser({ patience: 290_000 }, async (page) => {
      await page.get(address);
      await page.wait(() => page.executeScript("return window.outcome !== undefined"), 280_000);
      await check(JSON.parse(await page.executeScript("return JSON.stringify(window.outcome)")));
    }),
  );
