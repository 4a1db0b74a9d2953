/** Languages and notations: all is renamed, and the browser's language is the first. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { kNotations } from "../../web/lab/notations.ts";
import { pageTest, ready, url } from "./browser.ts";
import { everyText } from "./texts.ts";

/** Changes language and names on the open page. */
async function speak(page: Page, language: string, names: string) {
  await page.evaluate(
    async (...wanted) => {
      const { session } = document.querySelector("backnorm-lab") as unknown as {
        session: { speak(language: string, names: string): Promise<void> };
      };
      await session.speak(...wanted);
    },
    language,
    names,
  );
  await ready(page);
}

pageTest(
  "a change of names or language renames what is there, and changes no number",
  { link: "#v=1&case=cs231n&node=var&lens=steps" },
  async (page) => {
    const numbers = async () => (await everyText(page)).filter((text) => /^−?\d+\.\d+$/.test(text)).sort();
    const before = await numbers();
    for (const id of kNotations) {
      await speak(page, "zh", id);
      assert.deepEqual(await numbers(), before);
    }
    assert.equal(await page.title(), "backnorm：批量归一化的反向传播，每个梯度都摊开来看");
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
  },
);

pageTest(
  "a browser that prefers Chinese opens on it where the address says nothing, and on what the address says",
  { before: 'Object.defineProperty(Navigator.prototype, "language", { get: () => "zh-CN" })' },
  async (page) => {
    const language = () => page.evaluate(() => document.querySelector("backnorm-lab")?.session.language);
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
    const steps = await page.evaluate(() => history.length);
    await page.evaluate(() => document.querySelector("backnorm-lab")?.session.flush());
    assert.match(await page.evaluate(() => location.hash), /&lang=zh$/);
    assert.equal(await page.evaluate(() => history.length), steps, "it is no step to go back from");
    await page.goto("about:blank");
    await page.goto(`${url}#v=1&case=cs231n&node=x`);
    await ready(page);
    assert.equal(await language(), "en");
  },
);
