/** The largest cases: the page draws, computes and checks them in many tasks, so that it stays usable meanwhile. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { diagnosis, kLargest, longestTask } from "../../bench/longest-task.ts";
import { pageTest, ready, url } from "../../page/browser.ts";

/**
 * That no task does much of the whole work, on any machine. Seen: 2 % of a case of a million numbers, 4 % beside another browser,
 * and 22 % where its trace was one task; 10 % of a diagnosis. The milliseconds are in npm run bench:tasks.
 */
async function inParts(page: Page, share: number, act: () => Promise<void>) {
  const { longest, all, count } = await longestTask(page, act);
  assert.ok(count > 20, `${count} tasks`);
  assert.ok(longest < all * share, `one task took ${longest} of ${all} ms`);
}

const notInFirefox = "WebDriver BiDi tells no tasks";

for (const link of kLargest)
  pageTest(
    `a case of a million numbers is a matter of many tasks: ${link}`,
    { notInFirefox },
    async (page) => {
      await inParts(page, 1 / 20, async () => {
        await page.goto("about:blank");
        await page.goto(url + link);
        await ready(page);
      });
      const { rows, columns, verdict, largest, made } = await page.evaluate(() => {
        const { computed, mistake } = document.querySelector("backnorm-lab")?.session ?? {};
        if (!computed?.report) throw new Error("nothing is checked");
        const { layout, kase, report } = computed;
        const { rows, columns } = layout.sheets.elements;
        const largest = kase.x.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
        return { rows, columns, verdict: report.verdict, largest, made: mistake };
      });
      const failed = made === "transposed";
      assert.deepEqual([rows, columns, verdict], [100, 9999, failed ? "fail" : "pass"]);
      assert.ok(largest > 4 && largest < 6, "the numbers are those of randn");
    },
  );

pageTest("a diagnosis of 100×500 is a matter of many tasks", { notInFirefox }, async (page) => {
  const diagnose = await diagnosis(page);
  let named: string[] = [];
  await inParts(page, 1 / 5, async () => {
    named = await diagnose();
  });
  assert.deepEqual(named, ["dvar-half"]);
});
