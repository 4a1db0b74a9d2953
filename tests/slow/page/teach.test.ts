/** The teacher's pages: their links open, their numbers are those of the cases, and both languages have the same. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { assertAccessible } from "../../page/accessible.ts";
import { kPhone, pageTest } from "../../page/browser.ts";

const file = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), "utf8");

const pages = {
  "teach.html": await file("web/teach.html"),
  "teach.zh.html": await file("web/teach.zh.html"),
};

const linksOf = (name: keyof typeof pages) =>
  [...pages[name].matchAll(/href="\.\/(#[^"]*)"/g)].map(([, link = ""]) => link.replaceAll("&amp;", "&"));

for (const [name, how, start] of [
  ["teach.html", "in light", {}],
  ["teach.zh.html", "in dark on a phone", { dark: true, view: kPhone }],
] as const)
  pageTest(
    `axe finds no violation of WCAG 2.2 A and AA on ${name} ${how}, with all answers open`,
    { ...start, link: name, fails: true },
    async (page) => {
      await page.evaluate(() => {
        for (const answer of document.querySelectorAll("details")) answer.open = true;
      });
      assert.equal(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        0,
        "nothing sticks out",
      );
      await assertAccessible(page);
    },
  );

pageTest("every link on the teacher's pages opens without an error", {}, async (page) => {
  for (const link of new Set(linksOf("teach.zh.html"))) {
    if (link.includes("cs231nAlt")) continue; // 100×500, which takes seconds each time
    const complaint = await page.evaluate(async (hash) => {
      const { session } = document.querySelector("backnorm-lab") as unknown as {
        session: { followLink(): Promise<void>; message?: { text: string } };
      };
      history.replaceState(null, "", hash);
      await session.followLink();
      return session.message?.text;
    }, link);
    assert.equal(complaint, undefined, link);
  }
});
