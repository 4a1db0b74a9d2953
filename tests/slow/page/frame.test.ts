/** The page in a frame of 400×360 on somebody else's page: what it tells, how it fits, and what a sandbox leaves of it. */
import assert from "node:assert/strict";
import { assertAccessible } from "../../page/accessible.ts";
import {
  appears,
  click,
  follow,
  frames,
  look,
  pageTest,
  press,
  ready,
  state,
  url,
} from "../../page/browser.ts";
import { chosen, frameTest, heights, size, told } from "../../page/frame.ts";

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

frameTest(
  "if the host page follows its messages, a frame fits its content and needs no scroll bar",
  { obeys: true },
  async (page, frame) => {
    const settledOn: number[] = [];
    for (const lens of ["graph", "steps", "closed", "paths", "graph"]) {
      if (lens !== "graph" || settledOn.length > 0) await look(frame, lens);
      const all = await heights(page, frame);
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
      (await heights(page, frame)).map((height) => ({ subject: "lti.frameResize", height })),
    );
  },
);

frameTest(
  "a whole page in a frame sends its height too",
  { obeys: true, link: "#v=1&open=bank" },
  async (page, frame) => {
    await appears(frame, "bn-bank");
    const { height, scrollHeight } = await size(frame);
    assert.deepEqual([scrollHeight, (await heights(page, frame)).at(-1)], [height, height]);
    await click(frame, "#bank > summary");
    await heights(page, frame);
    const after = await size(frame);
    assert.ok(after.height < height - 100, `${after.height} after ${height}`);
    assert.equal(after.scrollHeight, after.height);
  },
);

frameTest(
  "a frame ignores messages, and its choices are not steps in the host page's history",
  {},
  async (page, frame) => {
    const before = await state(frame);
    const steps = await page.evaluate(() => history.length);
    const count = (await heights(page, frame)).length;
    await frame.evaluate(() => {
      window.told = [];
      addEventListener("message", ({ data }) => window.told.push(data));
    });
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
    await frame.waitForFunction(() => window.told.length === 7);
    await frames(frame);
    assert.deepEqual(await state(frame), before);
    assert.equal((await heights(page, frame)).length, count);
    await click(frame, '[data-node="xc"] .label');
    await look(frame, "steps");
    assert.equal(await page.evaluate(() => history.length), steps);
    assert.match(await frame.evaluate(() => location.hash), /node=xc.*lens=steps/);
  },
);

frameTest(
  "without a sandbox, a link opens the whole page in the same state",
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
    }
    await assertAccessible(frame);
  },
);

frameTest(
  "by keyboard alone one can enter a frame, choose lenses, nodes and cells, and open the whole page",
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
  "a page that is not in a frame posts no messages",
  {
    link: "#v=1&view=embed",
    before: `
      globalThis.told = [];
      addEventListener("message", ({ data }) => told.push(data));`,
  },
  async (page) => {
    await look(page, "steps");
    await click(page, 'bn-steps >>> [data-step="x"] .number');
    await page.evaluate(() => postMessage({ type: "the last" })); // which comes after all others
    await page.waitForFunction(() => window.told.length > 0);
    assert.deepEqual(await page.evaluate(() => window.told), [{ type: "the last" }]);
  },
);
