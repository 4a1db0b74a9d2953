/** The teacher's pages: their links open, their numbers are those of the cases, and both languages have the same. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Page } from "puppeteer-core";
import { assertAccessible } from "../../page/accessible.ts";
import { frames, kPhone, type Lab, pageTest, ready, url } from "../../page/browser.ts";

const file = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), "utf8");

const pages = {
  "teach.html": await file("web/teach.html"),
  "teach.zh.html": await file("web/teach.zh.html"),
};

const linksOf = (name: keyof typeof pages) =>
  [...pages[name].matchAll(/href="\.\/(#[^"]*)"/g)].map(([, link = ""]) => link.replaceAll("&amp;", "&"));

/** Opens a link as a reader does who comes from another page. */
async function openAfresh(page: Page, link: string) {
  await page.goto("about:blank"); // a new fragment alone would not load the page again
  await page.goto(new URL(link, url).href);
  await ready(page);
}

for (const [name, how, start] of [
  ["teach.html", "in light", {}],
  ["teach.zh.html", "in dark on a phone", { dark: true, view: kPhone }],
] as const)
  pageTest(
    `axe finds no violation of WCAG 2.2 A and AA on ${name} ${how}, with all answers open`,
    { ...start, link: name, fails: true },
    async (page) => {
      await page.waitForSelector("bn-links .key");
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
  const complaintAt = () =>
    page.evaluate(() => (document.querySelector("backnorm-lab") as Lab).session.message?.text);
  for (const link of new Set(linksOf("teach.zh.html"))) {
    if (link.includes("cs231nAlt")) continue; // 100×500, which takes seconds each time
    if (link.includes("&norm=")) {
      await openAfresh(page, link);
      assert.equal(await complaintAt(), undefined, link);
      continue;
    }
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

/** A page on which Find my mistake has judged arrays. */
type Judging = Lab["session"] & { mine?: { firstWrong: string | null } };

/** What the link builder shows of a class, with the numbers as they stand there. */
const shown = (page: Page) =>
  page.evaluate(() => {
    const texts = (selector: string) =>
      Array.from(document.querySelectorAll(selector), (one) => one.textContent.trim());
    const numbers = (selector: string) =>
      texts(selector).map((text) => text.replaceAll("−", "-").match(/-?\d+\.\d+(?:e[+-]\d+)?/g) ?? []);
    return {
      links: Array.from(document.querySelectorAll(".links a"), (link) => link.getAttribute("href") as string),
      printed: texts(".slip .where"),
      x: numbers(".slip .what"),
      dx: numbers(".key td:nth-of-type(2)"),
      total: numbers(".key td:nth-of-type(3)"),
      said: texts(".key td:nth-of-type(1)"),
    };
  });

for (const [name, norm, opening] of [
  ["teach.html", "batch", "assignment"],
  ["teach.zh.html", "layer", "steps"],
  ["teach.html", "group", "closed"],
  ["teach.zh.html", "rms", "example"],
] as const)
  pageTest(
    `each link of a class opens with the numbers of its slip and of the key: ${norm}, ${opening}, ${name}`,
    { link: name, fails: true },
    async (page) => {
      await page.select("#links-norm", norm);
      await page.select("#links-opening", opening);
      await page.evaluate(() => {
        const list = document.querySelector("#links-students") as HTMLTextAreaElement;
        list.value = "Grace Hopper\n王小明\n\ngrace hopper";
        list.dispatchEvent(new Event("input", { bubbles: true }));
      });
      await page.waitForFunction(() => document.querySelectorAll(".key tbody tr").length === 2);
      const { links, printed, x, dx, total, said } = await shown(page);
      assert.equal(new Set(links).size, 2);
      assert.deepEqual(
        printed,
        links.map((link) => new URL(link, url).href),
      );
      for (const [at, link] of links.entries()) {
        await openAfresh(page, link);
        if (opening === "example")
          await page.waitForFunction(
            () => ((document.querySelector("backnorm-lab") as Lab).session as Judging).mine,
          );
        const opened = await page.evaluate(() => {
          const { session } = document.querySelector("backnorm-lab") as Lab;
          const { kase, trace } = session.computed as NonNullable<Lab["session"]["computed"]>;
          const { grad } = trace.nodes.find(({ id }) => id === "x") as (typeof trace.nodes)[number];
          const { norm = "batch" } = kase as { norm?: string };
          return { norm, x: [...kase.x], dx: [...grad], firstWrong: (session as Judging).mine?.firstWrong };
        });
        assert.equal(opened.norm, norm);
        const digits = (values: number[]) => values.slice(0, 4).map((value) => value.toPrecision(4));
        const read = (texts: string[] = []) => texts.map((text) => Number(text).toPrecision(4));
        assert.deepEqual(read(x[at]), digits(opened.x));
        assert.deepEqual(read(dx[at]), digits(opened.dx));
        assert.deepEqual(read(total[at]), [
          opened.dx.reduce((sum, value) => sum + Math.abs(value), 0).toPrecision(4),
        ]);
        if (opening === "example") assert.ok(said[at]?.includes(`${opened.firstWrong}`), said[at]);
      }
    },
  );

/** A browser that copies into a variable. */
const kCopying = `Object.defineProperty(navigator, "clipboard", {
  value: { writeText: async (text) => { globalThis.hit = text; } } });`;

pageTest(
  "the links of a class are copied one by one, and all as a table",
  { link: "teach.html", fails: true, before: kCopying },
  async (page) => {
    await page.waitForSelector(".links");
    const copied = async (selector: string) => {
      await page.click(selector);
      await page.waitForFunction(() => document.querySelector(".acts [role=status]")?.textContent);
      return page.evaluate(() => window.hit as string);
    };
    const links = await page.$$eval(".links a", (all) => all.map((one) => (one as HTMLAnchorElement).href));
    assert.equal(links.length, 3);
    assert.equal(await copied(".links tr:nth-child(2) button"), links[1]);
    const [head, ...lines] = (await copied(".acts button")).trim().split("\r\n");
    assert.equal(head, "Name,Seed,Link");
    assert.deepEqual(
      lines.map((line) => line.split(",").at(-1)),
      links,
    );
  },
);

pageTest(
  "a class is printed as a sheet and a key, and the page without them",
  {
    link: "teach.html",
    fails: true,
    before: "globalThis.print = () => { globalThis.hit = 'printed'; };",
    notInFirefox: "WebDriver BiDi cannot show a page as it is printed",
  },
  async (page) => {
    await page.waitForSelector("bn-links .key");
    await page.emulateMediaType("print");
    const seen = () =>
      page.evaluate(() =>
        ["#lesson-1", ".form", ".sheet", ".key"].filter((one) =>
          document.querySelector(one)?.checkVisibility(),
        ),
      );
    assert.deepEqual(await seen(), ["#lesson-1"]);
    await page.evaluate(() => {
      const buttons = [...document.querySelectorAll<HTMLButtonElement>(".acts button")];
      buttons.at(-1)?.click();
    });
    assert.equal(await page.evaluate(() => window.hit), "printed");
    assert.deepEqual(await seen(), [".sheet", ".key"]);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.deepEqual(await seen(), ["#lesson-1"]);
  },
);

pageTest(
  "a shape that the norm can't have is refused beside the form",
  { link: "teach.html", fails: true },
  async (page) => {
    await page.waitForSelector("bn-links .key");
    await page.evaluate(() => {
      const shape = document.querySelector("#links-shape") as HTMLInputElement;
      shape.value = "1x3";
      shape.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.waitForSelector("#links-impossible");
    await frames(page);
    assert.equal(await page.$(".links"), null);
    await assertAccessible(page);
  },
);
