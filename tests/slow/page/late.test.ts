/** <backnorm-lab> among the scripts of a page that come when they like: before it is defined, after it has spoken, or moving it. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { aSecond, frames, type Lab } from "../../page/browser.ts";
import { heard, kHeard, lectureTest, settled, shown } from "../../page/lecture.ts";

const kShifts = `
  globalThis.shifts = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) shifts += value;
  }).observe({ type: "layout-shift", buffered: true });`;
const kRule = "backnorm-lab:not(:defined) { display: block; min-height: 600px }";

for (const attributes of ["", 'view="embed"', 'mode="no-spoiler"', 'link="#v=1&tour=2"'])
  lectureTest(
    `with a height, nothing on the page moves from the first picture to the verdict: ${attributes || "the whole"}`,
    {
      body: `<p>before</p><backnorm-lab id="lab" height="600" ${attributes}></backnorm-lab><p>${"after ".repeat(400)}</p>`,
      css: kRule,
      before: kShifts,
      notInFirefox: "only Chromium measures how far a layout shifts",
    },
    async (page) => {
      await settled(page);
      await aSecond();
      await frames(page);
      const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number }).shifts);
      assert.ok(shifts < 0.01, `${shifts}: without the rule, the text after it makes 0.18`);
    },
  );

/** What a listener that comes late can read. */
const told = (page: Page) =>
  page.evaluate(() => {
    const { verdict, selection } = document.getElementById("lab") as Lab;
    return { verdict, selection };
  });

const kPasses = { source: "check", verdict: "pass", firstWrong: null, right: 12, given: 12 };

lectureTest(
  "who listens too late reads the verdict and the selection, also after the element has moved or was away",
  { body: '<div id="other"></div><backnorm-lab id="lab" node="std"></backnorm-lab>', before: kHeard },
  async (page) => {
    const all = { verdict: kPasses, selection: { node: "std", cell: { row: 0, column: 0 } } };
    await settled(page);
    assert.deepEqual(await told(page), all);
    assert.equal((await heard(page)).length, 1);
    await page.evaluate(() =>
      document.getElementById("other")?.append(document.getElementById("lab") as Lab),
    );
    await settled(page);
    assert.deepEqual(await told(page), all);
    await page.evaluate(async () => {
      const lab = document.getElementById("lab") as Lab;
      lab.remove();
      await new Promise((resume) => setTimeout(resume));
      document.body.append(lab);
    });
    await settled(page);
    assert.deepEqual(await told(page), all);
    assert.deepEqual(await heard(page), [], "what is known is not told again");
  },
);

lectureTest(
  "an element that was taken away before its check ended tells the verdict once it is back",
  { body: '<backnorm-lab id="other"></backnorm-lab>', before: kHeard },
  async (page) => {
    await settled(page);
    await heard(page);
    await page.evaluate(async () => {
      const lab = document.createElement("backnorm-lab") as Lab;
      Object.assign(lab, { id: "lab", preset: "randn:231:300x40" });
      document.body.append(lab);
      while (!lab.session.computed) await new Promise((resume) => setTimeout(resume));
      if (lab.session.computed.report) throw new Error("the check was too fast");
      lab.remove();
      await new Promise((resume) => setTimeout(resume, 100));
      if (lab.verdict) throw new Error("a check ran on");
      document.body.append(lab);
    });
    await settled(page);
    assert.deepEqual((await told(page)).verdict, kPasses);
    assert.deepEqual(await heard(page), [["lab", "verdict", kPasses]]);
  },
);

lectureTest(
  "a case arrives as a property before the element is defined, or before it is on the page, and as an attribute",
  {
    body: `<backnorm-lab id="early"></backnorm-lab>
      <backnorm-lab id="written" case='{ "x": [[1, 2], [3, 5]] }' mine="dbeta = [1, 2]"></backnorm-lab>`,
    before: `addEventListener("DOMContentLoaded", () => {
      const early = document.querySelector("#early");
      if (early.matches(":defined")) throw Error("too late");
      early.case = { x: [[1, 2], [3, 5], [4, 1]] };
    });`,
  },
  async (page) => {
    await page.evaluate(async () => {
      await customElements.whenDefined("backnorm-lab");
      const lab = document.createElement("backnorm-lab") as Lab;
      Object.assign(lab, { id: "later", case: { x: [[1], [2], [3], [4]] } });
      await new Promise((resume) => setTimeout(resume, 100));
      document.body.append(lab);
    });
    const shapes = { early: [3, 2], written: [2, 2], later: [4, 1] };
    for (const [id, shape] of Object.entries(shapes))
      await page.waitForFunction(
        (name, wanted) =>
          `${(document.getElementById(name) as Lab).session.computed?.kase.shape}` === `${wanted}`,
        {},
        id,
        shape,
      );
    await page.evaluate(() => document.getElementById("early")?.setAttribute("case", "[object Object]"));
    await page.waitForFunction(() => (document.getElementById("early") as Lab).session.message);
    assert.notEqual(
      (await shown(page, "early")).fault,
      "",
      "what a framework makes of an object is an error",
    );
  },
);

lectureTest(
  "an equal case, as a framework gives at each rendering, is read once, and a changed or repeated one again",
  { body: '<backnorm-lab id="lab"></backnorm-lab>', before: kHeard },
  async (page) => {
    await settled(page);
    await heard(page);
    const verdicts = async (code: string) => {
      await page.evaluate(code);
      await aSecond();
      await settled(page);
      return (await heard(page)).length;
    };
    await page.evaluate("globalThis.kase = { x: Float64Array.of(1, 2, 3, 5), shape: [2, 2] }");
    assert.equal(await verdicts("lab.case = kase"), 1);
    assert.equal(await verdicts("lab.case = { ...kase }"), 0);
    assert.equal(await verdicts("kase.x[0] = -0; lab.case = kase"), 1, "the same object with another number");
    assert.equal(await verdicts("kase.x[0] = 0; lab.case = kase"), 1, "and with another zero");
    assert.equal(await verdicts("lab.mine = { dbeta: [1, 2] }; lab.mine = { dbeta: [1, 2] }"), 1);
    assert.equal(await verdicts("lab.mine = { dbeta: [1, 2] }"), 0);
    assert.equal(await verdicts("lab.case = null; lab.case = kase"), 2, "to begin again, with one for mine");
  },
);
