/** In WebKit: the package's own tests, tests/web; and every public call, which gives what it gives in Node. */
import { after, test } from "node:test";
import { assertPassed, assertSameAsHere, serveTests, testFiles } from "../../engines/browser/site.ts";
import { Driver, type WebKitPage } from "./driver.ts";

const site = await serveTests();
const driver = await Driver.start({ patience: 120_000 }).catch(async (error) => {
  await site.close();
  throw error;
});
after(async () => {
  driver.stop();
  await site.close();
});

/** A test on a page of its own, given what came of it. */
function onPage(
  title: string,
  query: Record<string, string>,
  body: (outcome: unknown, page: WebKitPage) => Promise<void> | void,
) {
  test(title, { timeout: 300_000 }, async () => {
    const page = await driver.open();
    try {
      await page.go(site.addressOf(query));
      while (!(await page.run(() => window.outcome !== undefined)))
        await new Promise((later) => setTimeout(later, 200));
      await body(await page.run(() => window.outcome), page);
    } finally {
      await page.close();
    }
  });
}

for (const file of testFiles)
  onPage(`${file} passes in WebKit as it does in Node`, { file }, (outcome) => assertPassed(file, outcome));

for (const engine of ["webassembly", "javascript"] as const)
  onPage(`every call by ${engine} gives bit for bit what it gives in Node`, { engine }, (outcome, page) =>
    assertSameAsHere(engine, outcome, (name) => page.run((one) => window.linesOfCall(one), name)),
  );
