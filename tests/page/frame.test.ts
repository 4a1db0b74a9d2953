/** The page in a frame of 400×360 on somebody else's page: what it tells, how it fits, and what a sandbox leaves of it. */
import assert from "node:assert/strict";
import type { Frame, Page } from "puppeteer-core";
import { assertAccessible } from "./accessible.ts";
import {
  appears,
  click,
  elsewhere,
  follow,
  frames,
  look,
  pageTest,
  press,
  ready,
  type Start,
  state,
  url,
} from "./browser.ts";

interface Told {
  type?: string;
  subject?: string;
  height?: number;
}

declare global {
  interface Window {
    /** What the frame has told. */
    told: Told[];
  }
}

/** Listens as the documentation says; where it obeys, the frame is as tall as it asks to be. */
const kListens = (obeys: boolean) => `
  globalThis.told = [];
  addEventListener("message", ({ data, source }) => {
    const frame = document.querySelector("iframe");
    if (source !== frame.contentWindow) return;
    told.push(data);
    if (${obeys} && data.type === "backnorm:height") frame.style.height = data.height + "px";
  });`;

let courses = 0;

/** A test on a course's page with the lab in a frame of 400×360. */
function frameTest(
  title: string,
  {
    link = "#v=1&node=x&view=embed",
    sandbox = "",
    obeys = false,
    ...start
  }: Start & { sandbox?: string; obeys?: boolean },
  body: (page: Page, frame: Frame) => Promise<void>,
) {
  const html = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Course</title><link rel="icon" href="data:,"><script>${kListens(obeys)}</script></head>
  <body>
    <button>of the page</button>
    <iframe ${sandbox} title="Batch norm" width="400" height="360" style="border: 0" src="${url}${link}"></iframe>
  </body>
</html>`;
  const address = () => elsewhere(`course-${courses++}.html`, html);
  pageTest(title, { address, fails: true, ...start }, async (page) => {
    const frame = await (await page.waitForSelector("iframe"))?.contentFrame();
    assert.ok(frame);
    await ready(frame);
    await body(page, frame);
  });
}

const told = (page: Page, type: string) =>
  page.evaluate(
    (wanted) => window.told.filter((message) => message.type === wanted || message.subject === wanted),
    type,
  );

/** The heights, when no other has come for a while. */
async function heights(page: Page): Promise<number[]> {
  let count = -1;
  for (let now = 0; now !== count; now = await page.evaluate(() => window.told.length)) {
    count = now;
    await new Promise((done) => setTimeout(done, 150));
    await frames(page);
  }
  return (await told(page, "backnorm:height")).map(({ height }) => height ?? 0);
}

const size = (frame: Frame) =>
  frame.evaluate(() => {
    const { scrollHeight, scrollWidth } = document.documentElement;
    return { height: innerHeight, width: innerWidth, scrollHeight, scrollWidth };
  });

frameTest(
  "where the page around obeys, a frame grows and shrinks to what it shows, and needs no scroll bar",
  { obeys: true },
  async (page, frame) => {
    const settledOn: number[] = [];
    for (const lens of ["graph", "steps", "closed", "paths", "graph"]) {
      if (lens !== "graph" || settledOn.length > 0) await look(frame, lens);
      const all = await heights(page);
      assert.ok(all.length <= 4 * (settledOn.length + 1), `${all} does not settle`);
      const { height, scrollHeight } = await size(frame);
      assert.equal(height, all.at(-1), lens);
      assert.equal(scrollHeight, height, lens);
      settledOn.push(height);
    }
    assert.equal(settledOn.at(-1), settledOn[0], "as tall as before");
    assert.ok(new Set(settledOn).size > 3, `${settledOn}`);
    assert.ok(Math.min(...settledOn) > 360);
    const asked = await told(page, "lti.frameResize");
    assert.deepEqual(
      asked,
      (await heights(page)).map((height) => ({ subject: "lti.frameResize", height })),
    );
  },
);

frameTest(
  "a whole page in a frame tells its height as well",
  { obeys: true, link: "#v=1&open=bank" },
  async (page, frame) => {
    await appears(frame, "bn-bank");
    const { height, scrollHeight } = await size(frame);
    assert.deepEqual([scrollHeight, (await heights(page)).at(-1)], [height, height]);
    await click(frame, "#bank > summary");
    await heights(page);
    const after = await size(frame);
    assert.ok(after.height < height - 100, `${after.height} after ${height}`);
    assert.equal(after.scrollHeight, after.height);
  },
);

frameTest("each verdict is told to the page around", {}, async (page, frame) => {
  const passes = { type: "backnorm:verdict", source: "check", verdict: "pass", firstWrong: null };
  assert.deepEqual(await told(page, "backnorm:verdict"), [{ ...passes, right: 12, given: 12 }]);
  await follow(frame, "#v=1&node=x&view=embed&mistake=no-mean-path");
  await page.waitForFunction(
    () => window.told.filter(({ type }) => type === "backnorm:verdict").length === 2,
  );
  assert.deepEqual((await told(page, "backnorm:verdict"))[1], {
    type: "backnorm:verdict",
    source: "check",
    verdict: "fail",
    firstWrong: "dx",
    right: 11,
    given: 12,
  });
});

frameTest(
  "messages to it are ignored, and its choices are no steps of the page around",
  {},
  async (page, frame) => {
    const before = await state(frame);
    const steps = await page.evaluate(() => history.length);
    const count = (await heights(page)).length;
    await page.evaluate(() => {
      const { contentWindow } = document.querySelector("iframe") as HTMLIFrameElement;
      for (const message of [
        "#v=1&case=iris",
        "javascript:hit=1",
        { type: "backnorm:height", height: 99 },
        { type: "backnorm:verdict", source: "check", verdict: "fail" },
        { type: "bn-select", detail: { node: "beta" } },
        null,
        undefined,
      ])
        contentWindow?.postMessage(message, "*");
    });
    await new Promise((done) => setTimeout(done, 200));
    await frames(frame);
    assert.deepEqual(await state(frame), before);
    assert.equal((await heights(page)).length, count);
    await click(frame, '[data-node="xc"] .label');
    await look(frame, "steps");
    assert.equal(await page.evaluate(() => history.length), steps);
    assert.match(await frame.evaluate(() => location.hash), /node=xc.*lens=steps/);
  },
);

const chosen = (frame: Frame) =>
  frame.evaluate(() => {
    const { session } = document.querySelector("backnorm-lab") ?? {};
    return [session?.name, session?.selection.node, session?.lens, session?.language];
  });

frameTest(
  "in a sandbox that allows scripts alone all lenses are fetched, and the whole opens in place and closes again",
  { sandbox: 'sandbox="allow-scripts"', link: "#v=1&case=notes&node=x&lens=steps&view=embed&lang=zh" },
  async (page, frame) => {
    assert.equal(await frame.evaluate(() => origin), "null");
    const begun = ["notes", "x", "steps", "zh"];
    assert.deepEqual(await chosen(frame), begun);
    for (const lens of ["paths", "closed", "graph", "steps"]) await look(frame, lens);
    assert.equal((await told(page, "backnorm:verdict")).length, 1);

    await click(frame, "button[name=whole]");
    await appears(frame, "bn-checks");
    assert.deepEqual(await chosen(frame), begun);
    await click(frame, "button[name=mine]");
    await appears(frame, "bn-mine");
    await click(frame, 'bn-matrix[input="x"] >>> [data-at="1"]');
    await page.keyboard.type("6.5");
    await page.keyboard.press("Enter");
    await frames(frame);
    assert.equal((await told(page, "backnorm:verdict")).length, 2);
    await click(frame, "button[name=brief]");
    assert.equal(await frame.$(">>> bn-checks"), null);
    const [name, ...others] = await chosen(frame);
    assert.deepEqual(
      [(await state(frame)).x[1], name, ...others],
      [6.5, "notes（已改动）", ...begun.slice(1)],
    );
  },
);

frameTest(
  "without a sandbox a link leads to the whole page in the same state",
  { link: "#v=1&case=notes&node=x&cell=2,1&lens=paths&off=direct&view=embed&lang=zh&names=cs231n" },
  async (page, frame) => {
    const { href, target, rel } = await frame.evaluate(() => {
      const found = window.everyElement().find((element) => element.matches("a[name=whole]"));
      const { href, target, rel } = found as HTMLAnchorElement;
      return { href, target, rel };
    });
    assert.deepEqual([target, rel], ["_blank", "noopener"]);
    assert.equal(href, `${url}#v=1&case=notes&node=x&cell=2,1&lens=paths&off=direct&lang=zh&names=cs231n`);
    const before = await state(frame);
    await page.goto(href);
    await ready(page);
    assert.deepEqual(await state(page), before);
    await appears(page, "bn-checks");
  },
);

frameTest(
  "at 400×360 each lens fits its width, and axe finds no violation of WCAG",
  {},
  async (_page, frame) => {
    for (const [lens, lang] of [
      ["graph", "zh"],
      ["steps", "en"],
      ["paths", "zh"],
      ["closed", "en"],
    ]) {
      const what = `${lens} in ${lang}`;
      await follow(frame, `#v=1&node=x&view=embed&lens=${lens}&lang=${lang}`);
      const { width, scrollWidth, scrollHeight } = await size(frame);
      assert.ok(scrollWidth <= width && scrollHeight > 360, `${what}: ${scrollWidth} in ${width}`);
      const bar = await frame.evaluate(() => {
        const bar = window.everyElement().find((element) => element.matches(".stage .bar"));
        return [...(bar?.querySelectorAll("button, .chip, [name=whole]") ?? [])].map((element) => {
          const { left, right, top, bottom } = element.getBoundingClientRect();
          return left >= 0 && right <= innerWidth && top >= 0 && bottom < 60;
        });
      });
      assert.deepEqual(bar, Array(6).fill(true), `${what}: tabs, verdict and the way to the whole in a row`);
      await assertAccessible(frame, what);
    }
  },
);

frameTest(
  "by keyboard alone a frame is entered, its lenses, nodes and cells are chosen, and its whole is opened",
  { sandbox: 'sandbox="allow-scripts"' },
  async (page, frame) => {
    const at = () =>
      frame.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        const { id, localName } = element ?? {};
        return element?.getAttribute("data-node") ?? element?.getAttribute("name") ?? (id || localName);
      });
    const tabTo = async (wanted: string) => {
      for (let stops = 0; stops < 20 && (await at()) !== wanted; stops++) await press(page, "Tab");
      assert.equal(await at(), wanted);
    };
    await page.focus("button");
    await tabTo("tab-graph");
    await press(page, "ArrowRight");
    await ready(frame);
    assert.equal((await chosen(frame))[2], "steps");
    await press(page, "ArrowLeft");
    await tabTo("x");
    await press(page, "ArrowDown");
    assert.notEqual((await chosen(frame))[1], "x");
    await page.focus("button");
    await tabTo("whole");
    await press(page, "Enter");
    await appears(frame, "bn-checks");
    assert.equal(await at(), "brief");
    await press(page, "Enter");
    assert.equal(await frame.$(">>> bn-checks"), null);
    assert.equal(await at(), "whole");
  },
);

pageTest(
  "a page that is in no frame posts nothing",
  {
    link: "#v=1&view=embed",
    before: `
      globalThis.told = [];
      addEventListener("message", ({ data }) => told.push(data));`,
  },
  async (page) => {
    await look(page, "steps");
    await click(page, 'bn-steps >>> [data-step="x"] .number');
    await new Promise((done) => setTimeout(done, 100));
    assert.deepEqual(await page.evaluate(() => window.told), []);
  },
);
