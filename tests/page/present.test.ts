/** Lessons as slides: that a clicker alone runs through them, and that a class can read them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { lessonLink } from "../../web/lab/teach/lessons.ts";
import { assertAccessible } from "./accessible.ts";
import { address, click, focused, frames, pageTest, press, ready, root, texts, url } from "./browser.ts";

const kSizes = [
  [1280, 720],
  [1920, 1080],
] as const;

/** The deck of a lesson, as the teacher's page makes it. */
function lesson(number: number): string {
  const page = readFileSync(join(root, "web/teach.html"), "utf8");
  const [, section = ""] = new RegExp(`id="lesson-${number}"(.*?)</section>`, "s").exec(page) ?? [];
  const links = [...section.matchAll(/class="go" href="\.\/#([^"]*)">(.*?)<\/a>/gs)];
  return lessonLink(
    links.map(([, link = "", title = ""]) => ({ title, link: link.replaceAll("&amp;", "&") })),
  );
}

/** Where the slides are: everything that a key may change. */
const place = (page: Page) =>
  page.evaluate(() => {
    const session = document.querySelector("backnorm-lab")?.session;
    const slides = document
      .querySelector("backnorm-lab")
      ?.shadowRoot?.querySelector("bn-present")?.shadowRoot;
    const body = slides?.querySelector(".body") as HTMLElement;
    const steps = slides?.querySelector("bn-steps") as (Element & { shown: number; count: number }) | null;
    return {
      slide: session?.slide,
      shown: body.dataset["shown"],
      moment: session?.moment,
      line: steps?.shown,
      scrolled: Math.round(body.scrollTop),
    };
  });
type Where = Awaited<ReturnType<typeof place>>;

/** Presses a key, and waits until it has led somewhere else. */
async function go(page: Page, key: "PageDown" | "PageUp", from: Where): Promise<Where> {
  await press(page, key);
  for (;;) {
    await ready(page);
    const to = await place(page);
    if (JSON.stringify(to) !== JSON.stringify(from)) return to;
  }
}

/** What a class could not read: what sticks out, what is too small, and a line of the derivation that is not whole. */
const unreadable = (page: Page, least: number) =>
  page.evaluate((leastType) => {
    const slides = document.querySelector("backnorm-lab")?.shadowRoot?.querySelector("bn-present")
      ?.shadowRoot as ShadowRoot;
    const body = slides.querySelector(".body") as HTMLElement;
    const found: string[] = [];
    /** Pixels for each unit of a picture's part. The picture's own matrix has the zoom in Chromium and lacks it in Firefox. */
    const scaleOf = (one: SVGGraphicsElement) => {
      const picture = one.ownerSVGElement ?? (one as SVGSVGElement);
      const box = picture.getBoundingClientRect();
      const { width, height } = picture.viewBox.baseVal;
      const whole = Math.min(box.width / width, box.height / height);
      return (whole * (one.getScreenCTM()?.a ?? 1)) / (picture.getScreenCTM()?.a ?? 1);
    };
    const { scrollWidth, scrollHeight } = document.documentElement;
    if (scrollWidth > innerWidth || scrollHeight > innerHeight)
      found.push(`page ${scrollWidth}×${scrollHeight}`);
    if (body.scrollWidth > body.clientWidth + 8)
      found.push(`body ${body.scrollWidth} of ${body.clientWidth}`);
    const isGraph = body.dataset["shown"] === "graph";
    if (isGraph && body.scrollHeight > body.clientHeight + 8) found.push("the graph is too high");
    const all = window.everyElement().filter((one) => {
      const host = (one.getRootNode() as ShadowRoot).host;
      const isText = [...one.childNodes].some(
        ({ nodeType, textContent }) => nodeType === 3 && textContent?.trim(),
      );
      return isText && host && host.localName !== "backnorm-lab" && !one.closest("math, style, .unseen");
    });
    for (const one of all) {
      if (!one.checkVisibility({ visibilityProperty: true }) || one.getBoundingClientRect().width < 2)
        continue;
      const drawn =
        one instanceof SVGGraphicsElement
          ? scaleOf(one)
          : ((one as Element & { currentCSSZoom?: number }).currentCSSZoom ?? 1);
      const size = Number.parseFloat(getComputedStyle(one).fontSize) * drawn;
      if (size < leastType - 0.01) found.push(`${size} px: ${one.localName} “${one.textContent}”`);
    }
    const lines = slides.querySelector("bn-steps")?.shadowRoot?.querySelectorAll("[data-line]");
    const newest = lines?.[lines.length - 1];
    if (newest) {
      const box = body.getBoundingClientRect();
      const end = (newest.getRootNode() as ShadowRoot).host.getBoundingClientRect().bottom;
      if (newest.getBoundingClientRect().top < box.top - 2 || end > box.bottom + 12)
        found.push(`line ${lines?.length}: ${newest.textContent} ends ${end - box.bottom} px too low`);
    }
    return found;
  }, least);

for (const [number, name] of [
  [1, "batch norm"],
  [6, "layer norm"],
] as const)
  for (const [width, height] of kSizes)
    pageTest(
      `the lesson on ${name} runs on and back by a clicker, and can be read, at ${width}×${height}`,
      { link: lesson(number), view: { width, height } },
      async (page) => {
        const first = await place(page);
        const kinds = new Set<string | undefined>();
        const all = await page.evaluate(
          () => document.querySelector("backnorm-lab")?.session.deck?.slides.length as number,
        );
        let at = first;
        assert.equal(at.slide, 1);
        for (let presses = 0; at.slide !== all; presses++) {
          assert.deepEqual(await unreadable(page, (18 * width) / 1280), [], JSON.stringify(at));
          if (!kinds.has(at.shown)) await assertAccessible(page, at.shown);
          kinds.add(at.shown);
          at = await go(page, "PageDown", at);
          assert.ok(presses < 200, "it goes on");
        }
        assert.match(await address(page), new RegExp(`&deck=[^&]*&slide=${all}$`));
        assert.deepEqual(await texts(page, "bn-present >>> .count [aria-hidden]"), [`${all} / ${all}`]);
        while (JSON.stringify(at) !== JSON.stringify(first)) at = await go(page, "PageUp", at);
        await press(page, "Escape");
        await ready(page);
        const lab = await address(page);
        assert.doesNotMatch(lab, /deck=/);
        assert.match(lab, /&node=/);
        assert.equal(await page.evaluate(() => document.querySelector("backnorm-lab")?.session.tour), 0);
      },
    );

pageTest(
  "all keys of a presenter work, and those in a field stay there",
  { link: "#v=1&case=notes&deck=One_,node=mean_;Two_,node=var_;Three_,open=mine" },
  async (page) => {
    const isAt = async (title: string) => {
      await page.waitForFunction(
        (wanted) =>
          document
            .querySelector("backnorm-lab")
            ?.shadowRoot?.querySelector("bn-present")
            ?.shadowRoot?.querySelector("h2")?.textContent === wanted,
        {},
        title,
      );
      await ready(page);
    };
    for (const [key, title] of [
      ["ArrowRight", "Two"],
      ["ArrowLeft", "One"],
      [" ", "Two"],
      ["Home", "One"],
      ["Enter", "Two"],
      ["PageUp", "One"],
      ["End", "Three"],
    ] as const) {
      await press(page, key);
      await isAt(title);
    }
    await click(page, "bn-mine >>> textarea");
    await page.keyboard.type("b ");
    await press(page, "ArrowLeft", "Home", "PageUp");
    await frames(page);
    await isAt("Three");
    assert.equal((await texts(page, "bn-present >>> .blank")).length, 0);
    await press(page, "Home");
    await page.goBack();
    await isAt("One");
    await press(page, "b");
    await page.waitForSelector(">>> .blank");
    await press(page, "ArrowRight");
    await page.waitForFunction(() => window.everyElement().every((one) => !one.matches(".blank")));
    await isAt("One");
    await click(page, 'bn-present >>> [name="next"]');
    await isAt("Two");
    await click(page, 'bn-present >>> [name="lab"]');
    await ready(page);
    assert.match(await address(page), /node=var/);
  },
);

pageTest(
  "the teacher's page has a link that presents each lesson",
  { link: "teach.html", fails: true },
  async (page) => {
    await page.waitForSelector(".lesson .present a");
    const links = await page.$$eval(".lesson", (lessons) =>
      lessons.map((one) => one.querySelector(".present a")?.getAttribute("href")),
    );
    assert.equal(links.length, 7);
    assert.equal(links[5], `./${lesson(6)}`);
    assert.ok(
      links.every((link) => link && link.length < 2048),
      "they can be passed on",
    );
    await page.goto("about:blank");
    await page.goto(new URL(links[6] as string, url).href);
    await ready(page);
    assert.equal(
      await page.evaluate(() => document.querySelector("backnorm-lab")?.session.message),
      undefined,
    );
    await frames(page);
    assert.ok(await focused(page));
  },
);
