/** Running statistics: the numbers are the package's. */
import assert from "node:assert/strict";
import { assertIs, kPyTorch, open, steps } from "./batches.ts";
import { click, find, pageTest } from "./browser.ts";

pageTest(
  "the running statistics and both modes are the package's, at first and after 1, 10 and 200 batches",
  {},
  async (page) => {
    await open(page);
    await assertIs(page, kPyTorch, 4, []);
    await click(page, '[name="step"]');
    await assertIs(page, kPyTorch, 4, steps(1));
    await click(page, '[name="reset"]');
    await click(page, '[name="ten"]');
    await assertIs(page, kPyTorch, 4, steps(10));
    for (let tens = 1; tens < 21; tens++) await click(page, '[name="ten"]');
    await assertIs(page, kPyTorch, 4, steps(200));
    const full = await (await find(page, '[name="step"]')).evaluate((button) => button.ariaDisabled);
    assert.equal(full, "true");
  },
);
