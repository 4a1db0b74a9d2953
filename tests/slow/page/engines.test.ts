/** Where the rest of the package can't be had, by neither engine. */
import assert from "node:assert/strict";
import { appears, click, find, kUnfetched, pageTest, state, withRole } from "../../page/browser.ts";

pageTest(
  "where the rest can't be had, the list of cases goes back, and a sentence says why",
  { missing: ["backnorm.wasm", "fallback.js"], expected: kUnfetched },
  async (page) => {
    const list = await find(page, 'select[aria-label="Case"]');
    await list.select("iris");
    await page.waitForFunction(
      () => document.querySelector("backnorm-lab")?.session.message?.kind === "fault",
    );
    const { message, name } = await state(page);
    assert.match(message?.text ?? "", /^The rest of the page could not be fetched: load\(\): expected/);
    assert.equal(await list.evaluate((select) => (select as HTMLSelectElement).value), "cs231n");
    assert.equal(name, "cs231n");
  },
);

pageTest(
  "where the rest can't be had, the bank of mistakes says so, and the page stays",
  { missing: ["backnorm.wasm", "fallback.js"], expected: kUnfetched },
  async (page) => {
    await click(page, 'button[name="bank"]');
    await appears(page, "#bank [role=alert]");
    assert.match(
      (await withRole(page, "alert")).join(),
      /^This part of the page could not be fetched\. If trying again does not help, reload the page\.$/,
    );
    await click(page, "#bank .wait button");
    await appears(page, "#bank [role=alert]");
    const { message, name, report } = await state(page);
    assert.deepEqual([message, name], [undefined, "cs231n"]);
    assert.ok(
      report?.every(({ verdict }) => verdict === "pass"),
      "the page still shows its case",
    );
  },
);
