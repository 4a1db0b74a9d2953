/** More than a page is made for: a tab that is frozen while it checks, and pastes of fifty megabytes. */
import assert from "node:assert/strict";
import { load } from "backnorm";
import type { Page } from "puppeteer-core";
import {
  appears,
  caseOf,
  click,
  type Lab,
  openTool,
  pageTest,
  press,
  ready,
  state,
  upload,
  withRole,
} from "../../page/browser.ts";
import { goOn, holdChecks, kHeld } from "../../page/held.ts";

const bn = await load();

const progress = (page: Page) =>
  page.evaluate(() => {
    const { progress, computed } = (document.querySelector("backnorm-lab") as Lab).session;
    return computed?.report ? 1 : progress;
  });

pageTest(
  "a check in a frozen tab waits, and ends with the same result",
  { before: kHeld, notInFirefox: "WebDriver BiDi cannot freeze a page" },
  async (page) => {
    const rows = Array.from({ length: 2000 }, (_, row) => `${Math.sin(row)},${Math.cos(3 * row)},${row % 7}`);
    await holdChecks(page);
    await upload(page, "long.csv", rows.join("\n"));
    const cdp = await page.createCDPSession();
    await Promise.all([goOn(page), cdp.send("Page.setWebLifecycleState", { state: "frozen" })]);
    const before = (await progress(page)) ?? 0;
    const report = bn.gradcheck(caseOf(await state(page))); // takes Node as long as it would have taken the page
    assert.equal(await progress(page), before);
    assert.ok(before < 1, "the check was over at once");
    await cdp.send("Page.setWebLifecycleState", { state: "active" });
    await cdp.send("Emulation.setFocusEmulationEnabled", { enabled: true }); // or it stays hidden, and draws no frame
    await ready(page);
    const shown = await state(page);
    assert.deepEqual(
      shown.report?.map(({ id, verdict, numeric, exact }) => ({ id, verdict, numeric, exact })),
      report.nodes.map(({ id, verdict, numeric, exact }) => ({
        id,
        verdict,
        numeric: [...numeric],
        exact: [...exact],
      })),
    );
    assert.deepEqual([shown.progress, shown.message?.kind], [undefined, "note"]);
  },
);

/** Pastes 50 MB, which no clipboard of a test holds, where the keyboard is. Gives whether the page took it from the browser. */
const pasteHuge = (page: Page, text: string) =>
  page.evaluate(`{
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", ${text});
    let focused = document.activeElement;
    while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true, composed: true });
    !focused.dispatchEvent(paste);
  }`);

pageTest(
  "pasting fifty megabytes is refused with a message, and nothing changes",
  { notInFirefox: "a paste made by script carries no data there" },
  async (page) => {
    const field = 'bn-matrix[input="x"] >>> [data-at="7"]';
    await click(page, field);
    await page.keyboard.type("0.1");
    await press(page, "Enter");
    await openTool(page, "mine");
    await click(page, "bn-mine >>> textarea[name]");
    await page.keyboard.type("dbeta = [1, 2, 3, 4, 5]");
    await appears(page, ".headline");
    await click(page, field);
    const before = await state(page);
    const typed = () =>
      page.$$eval(">>> textarea[name]", ([area]) => (area as HTMLTextAreaElement | undefined)?.value);
    for (const text of ['"1.5, -2\\n".repeat(6e6)', '"<img src=x onerror=window.hit=1>".repeat(1.5e6)']) {
      assert.equal(await pasteHuge(page, text), true);
      await appears(page, "[role=alert]:not(:empty)");
      const said = async () => (await withRole(page, "alert")).filter(Boolean).join("; ");
      assert.match(await said(), /^Nothing was pasted: expected at most 32 MiB, got 4\d\./);
      await click(page, "bn-mine >>> textarea[name]");
      assert.equal(await pasteHuge(page, text), true);
      await appears(page, ".troubles li");
      assert.match(await said(), /expected at most 8 MiB, got 4\d\.$/);
      assert.equal(await typed(), "dbeta = [1, 2, 3, 4, 5]");
      assert.deepEqual(await state(page), before);
      await click(page, field);
    }
    await click(page, "bn-mine >>> textarea[name]");
    assert.equal(await page.evaluate(() => window.hit ?? null), null);
    await press(page, "End");
    await page.keyboard.type("\ndgamma = [1, 2, 3, 4, 5]");
    await page.waitForFunction(
      () => window.everyElement().filter((element) => element.matches("[data-array]")).length === 2,
    );
  },
);
