/** On somebody else's page: the element, and the page in a frame. */
import assert from "node:assert/strict";
import type { Frame, Page } from "puppeteer-core";
import {
  appears,
  aSecond,
  click,
  drop,
  find,
  follow,
  frames,
  hold,
  type Lab,
  look,
  looked,
  state,
} from "./browser.ts";
import { chosen, frameTest, told } from "./frame.ts";
import { kOneInstalled } from "./installed.ts";
import {
  ask,
  cell,
  edit,
  heard,
  kFirst,
  kHeard,
  kLarge,
  lectureTest,
  settled,
  shown,
  valuesOf,
} from "./lecture.ts";

const kShifts = `
  globalThis.shifts = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) shifts += value;
  }).observe({ type: "layout-shift", buffered: true });`;

lectureTest(
  "with the documented rule, nothing jumps when the element is defined",
  {
    body: `<p>before</p><backnorm-lab id="lab" height="600"></backnorm-lab><p>${"after ".repeat(400)}</p>`,
    css: "backnorm-lab:not(:defined) { display: block; min-height: 600px }",
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

lectureTest(
  "a verdict fires an event, and so does a newly chosen node or cell",
  { body: '<backnorm-lab id="lab" node="std"></backnorm-lab>', before: kHeard },
  async (page) => {
    const passes = { source: "check", verdict: "pass", firstWrong: null, right: 12, given: 12 };
    assert.deepEqual(await heard(page), [["lab", "verdict", passes]]);
    await click(page, '#lab >>> [data-node="xc"] .label');
    assert.deepEqual(await heard(page), [["lab", "select", { node: "xc", cell: { row: 0, column: 0 } }]]);
    await click(page, '#lab >>> bn-inspector >>> bn-matrix[label^="value"] >>> [data-at="13"]');
    assert.deepEqual(await heard(page), [["lab", "select", { node: "xc", cell: { row: 2, column: 3 } }]]);
    await ask(page, { node: "x" });
    assert.deepEqual(await heard(page), [["lab", "select", { node: "x", cell: { row: 2, column: 3 } }]]);
    await ask(page, { lens: "steps", language: "zh", theme: "dark" });
    assert.deepEqual(await heard(page), [], "neither was there anything else to check");
    await ask(page, { link: "#v=1&mistake=dvar-half&node=x&cell=3,4" });
    assert.deepEqual(await heard(page), [
      ["lab", "verdict", { source: "check", verdict: "fail", firstWrong: "dvar", right: 8, given: 12 }],
    ]);
    await ask(page, { link: "#v=1&mistake=no-gamma-forward&node=x&cell=3,4" }); // a value, whose gradients are right
    assert.deepEqual(await heard(page), [
      ["lab", "verdict", { source: "check", verdict: "fail", firstWrong: "y", right: 12, given: 12 }],
    ]);
    await find(page, "#lab >>> .bar .chip.fail");
    await edit(page, "x", 13, "nothing"); // is refused
    assert.deepEqual(await heard(page), []);
  },
);

const around = (page: Page) =>
  page.evaluate(() => ({
    address: location.href,
    steps: history.length,
    title: document.title,
    root: [...document.documentElement.attributes].map(({ name, value }) => `${name}=${value}`),
    scrolled: scrollY,
  }));

lectureTest(
  "several labs on a page are independent, and leave its URL, history, title and scroll position alone",
  {
    body: '<button>of the page</button><div class="far"></div><backnorm-lab id="a" link="#v=1&open=bank"></backnorm-lab><backnorm-lab id="b"></backnorm-lab>',
    css: ".far { height: 1500px }",
    before: kHeard,
  },
  async (page) => {
    await settled(page);
    await appears(page, "bn-bank");
    const before = await around(page);
    assert.equal(before.scrolled, 0, "nobody has unfolded the bank by hand");
    assert.equal((await heard(page)).length, 2);

    await click(page, '#a >>> [data-node="xc"] .label');
    await click(page, "#a >>> [id=tab-closed]");
    await click(page, "#a >>> [name=language]");
    await click(page, "#a >>> [name=theme]");
    await settled(page);
    assert.deepEqual(await shown(page, "a"), {
      ...kFirst,
      node: "xc",
      lens: "closed",
      language: "zh-Hans",
      ground: "rgb(23, 23, 22)",
    });
    assert.deepEqual(await shown(page, "b"), kFirst);

    const [xOfA, xOfB] = [await valuesOf(page, "x", "a"), await valuesOf(page, "x", "b")];
    await edit(page, "x", 1, "5", "a");
    await edit(page, "x", 2, "7", "b");
    await hold(page, ["Control"], "z");
    assert.deepEqual(await valuesOf(page, "x", "b"), xOfB);
    assert.deepEqual(await valuesOf(page, "x", "a"), xOfA.with(1, 5));
    await page.focus("button");
    await hold(page, ["Control"], "z", "y");
    assert.deepEqual(await valuesOf(page, "x", "a"), xOfA.with(1, 5));
    await (await find(page, cell("x", 1, "a"))).focus();
    await hold(page, ["Control"], "z");
    assert.deepEqual(await valuesOf(page, "x", "a"), xOfA);
    await hold(page, ["Control"], "y");
    assert.deepEqual(await valuesOf(page, "x", "a"), xOfA.with(1, 5));

    await drop(page, "large.csv", kLarge, "#a >>> bn-closed-form");
    await heard(page);
    await (await find(page, '#a >>> [data-mistake="dvar-half"] a')).evaluate((link) =>
      (link as HTMLElement).click(),
    );
    await settled(page);
    const { name, mistake, node, fault } = await shown(page, "a");
    assert.deepEqual([name, mistake, node, fault], ["large.csv", "dvar-half", "var", ""]);
    assert.ok((await heard(page)).every(([id]) => id === "a"));
    assert.equal((await shown(page, "b")).mistake, "");
    const { scrolled, ...rest } = await around(page);
    assert.ok(scrolled > 1000, "the picture of the mistake is brought into sight");
    assert.deepEqual({ ...rest, scrolled: 0 }, before);
  },
);

/** Moves the lab into a frame, or back onto its page, and says how its elements look there. */
const looksIn = (page: Page, place: "frame" | "page") =>
  page.evaluate(async (to) => {
    const frame = document.querySelector("iframe") as HTMLIFrameElement;
    const inFrame = frame.contentDocument as Document;
    const lab = document.querySelector("backnorm-lab") ?? inFrame.querySelector("backnorm-lab");
    (to === "frame" ? inFrame : document).body.append(lab as Lab);
    const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await frames();
    const below = (root: ParentNode): Element[] =>
      [...root.querySelectorAll("*")].flatMap((element) => [
        element,
        ...(element.shadowRoot ? below(element.shadowRoot) : []),
      ]);
    const roots = [lab as Lab, ...below((lab as Lab).shadowRoot as ShadowRoot)];
    return {
      isThere: (lab as Lab).ownerDocument === (to === "frame" ? inFrame : document),
      unstyled: roots.flatMap(({ localName, shadowRoot }) =>
        shadowRoot && shadowRoot.adoptedStyleSheets.length === 0 ? localName : [],
      ),
      looks: roots.map((element) => {
        const { color, backgroundColor, display, fontSize, padding, borderRadius } =
          getComputedStyle(element);
        return `${element.localName} ${[color, backgroundColor, display, fontSize, padding, borderRadius]}`;
      }),
    };
  }, place);

lectureTest(
  "the element keeps its looks in another document and back, with all panels, and those that it opens there",
  {
    body: '<iframe></iframe><backnorm-lab id="lab" link="#v=1&open=mine,bank&check=float32,sweep"></backnorm-lab>',
    css: "body { margin: 0 } iframe { position: absolute; border: 0; width: 100%; height: 100% }",
    before: kOneInstalled, // else a font comes into each document when it likes
  },
  async (page) => {
    await appears(page, "bn-sweep");
    await appears(page, "bn-bank");
    await page.evaluate(() => {
      const { contentDocument: empty } = document.querySelector("iframe") as HTMLIFrameElement;
      empty?.write("<!doctype html><html lang=en>"); // an empty one is in quirks mode
      empty?.close();
    });
    const before = await looksIn(page, "page");
    assert.ok(before.looks.length > 500 && before.unstyled.length === 0, `${before.unstyled}`);
    const inFrame = await looksIn(page, "frame");
    assert.deepEqual(inFrame, before);
    const frame = page.frames()[1] as Frame;
    const lookInFrame = async (lens: string) => {
      // Firefox's driver doesn't find where a click in such a frame goes
      await (await find(frame, `[role=tab][id="tab-${lens}"]`)).evaluate((tab) => tab.click());
      await looked(frame);
    };
    for (const lens of ["steps", "paths", "closed"]) {
      await lookInFrame(lens);
      assert.deepEqual((await looksIn(page, "frame")).unstyled, []);
    }
    await lookInFrame("graph");
    assert.deepEqual(await looksIn(page, "page"), before);
  },
);

lectureTest(
  "a property takes any value: what says nothing becomes a message, and none is rejected unheard",
  { body: '<backnorm-lab id="lab"></backnorm-lab>' },
  async (page) => {
    await page.evaluate(() => {
      addEventListener("unhandledrejection", ({ reason }) => console.error(`rejected: ${reason}`));
    });
    const names = "preset lens node mode view language notation theme height link page".split(" ");
    const kinds = "symbol bigint bare function thrower array date proxy nan true".split(" ");
    for (const kind of kinds) {
      for (const name of names) {
        await page.evaluate(
          async (property, kind) => {
            const thrower = () => {
              throw new Error("no text");
            };
            const { proxy, revoke } = Proxy.revocable({}, {});
            revoke();
            const values: Record<string, unknown> = {
              symbol: Symbol("odd"),
              bigint: 10n ** 30n,
              bare: Object.create(null),
              function: () => {},
              thrower: { toString: thrower, [Symbol.toPrimitive]: thrower },
              array: [[]],
              date: new Date(Number.NaN),
              proxy,
              nan: Number.NaN,
              true: true,
            };
            const lab = document.querySelector("backnorm-lab") as Lab;
            Object.assign(lab, { [property]: values[kind] });
            await lab.updateComplete;
            Object.assign(lab, { [property]: undefined });
            await lab.updateComplete;
          },
          name,
          kind,
        );
      }
      await settled(page);
      assert.deepEqual(await shown(page), kFirst, kind);
    }
    const faultOf = async (name: string, value: string) => {
      await page.evaluate(`document.querySelector("backnorm-lab").${name} = ${value}`);
      await settled(page);
      return (await shown(page)).fault;
    };
    assert.match(await faultOf("height", "Symbol('odd')"), /height: expected .* got “Symbol\(odd\)”/);
    assert.match(await faultOf("height", "Object.create(null)"), /height: expected .* got “object”/);
    assert.equal(await faultOf("height", "640n"), "");
    const lab = await find(page, "#lab");
    assert.equal(await lab.evaluate(({ style }) => style.height), "640px");
    assert.match(await faultOf("preset", "Object.create(null)"), /preset: expected .* got “object”/);
  },
);

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

frameTest("each verdict is sent to the host page", {}, async (page, frame) => {
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
  "in a sandbox that allows only scripts, all lenses load, and the whole page opens in place and closes again",
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
