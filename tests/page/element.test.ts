/** <backnorm-lab> on somebody else's page. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { appears, click, drop, find, hold } from "./browser.ts";
import {
  type Asked,
  ask,
  cell,
  edit,
  heard,
  kFirst,
  kHeard,
  kLarge,
  lectureTest,
  type Shown,
  settled,
  shown,
  valuesOf,
} from "./lecture.ts";

const inAttributes = (asked: Asked) =>
  Object.entries(asked)
    .map(([name, value]) => ` ${name}="${value}"`)
    .join("");

/** What each attribute does. */
const table: readonly (readonly [asked: Asked, does: Partial<Shown>])[] = [
  [{ preset: "iris" }, { name: "iris" }],
  [{ preset: "randn:231:4x5" }, { name: "randn:231:4x5" }],
  [{ lens: "closed" }, { lens: "closed" }],
  [{ node: "std" }, { node: "std" }],
  [{ mode: "no-spoiler" }, { sparing: true }],
  [{ view: "embed" }, { brief: true }],
  [{ language: "zh" }, { language: "zh-Hans" }],
  [{ notation: "makemore" }, { notation: "makemore" }],
  [{ theme: "dark" }, { ground: "rgb(23, 23, 22)" }],
  [
    { link: "https://example.org/backnorm/?a=b#v=1&case=notes&node=x&cell=2,1&lens=paths&mistake=dvar-half" },
    { name: "notes", node: "x", cell: "2,1", lens: "paths", mistake: "dvar-half" },
  ],
  [
    { link: "#v=1&case=cs231n&eps=0.1&node=x&lens=paths", preset: "twoRows", lens: "steps" },
    { name: "twoRows", node: "x", lens: "steps" },
  ],
  [{ link: "#v=1&eps=0.1", preset: "notes" }, { name: "notes, changed" }],
  [{ preset: "", lens: "", theme: "", height: "", link: "" }, {}],
];

lectureTest(
  "each attribute does what it says where it is there at first",
  {
    body: table
      .map(([asked], at) => `<backnorm-lab id="at${at}"${inAttributes(asked)}></backnorm-lab>`)
      .join(""),
  },
  async (page) => {
    await settled(page);
    for (const [at, [asked, does]] of table.entries())
      assert.deepEqual(await shown(page, `at${at}`), { ...kFirst, ...does }, inAttributes(asked));
  },
);

lectureTest(
  "each attribute does what it says where it comes later, and without it all is as at first",
  { body: '<backnorm-lab id="lab"></backnorm-lab>' },
  async (page) => {
    for (const [asked, does] of table) {
      await ask(page, asked);
      assert.deepEqual(await shown(page), { ...kFirst, ...does }, inAttributes(asked));
      const none = Object.fromEntries(Object.keys(asked).map((name) => [name, null]));
      await ask(page, { ...none, node: "var" }); // a node stays, as in a link
      assert.deepEqual(await shown(page), { ...kFirst, cell: (await shown(page)).cell }, "without it");
      await ask(page, { node: null, link: "#v=1&cell=1,1" });
      await ask(page, { link: null });
    }
  },
);

lectureTest(
  "a verdict is told as an event, and so is each other node or cell that is chosen",
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
  "several on a page keep to themselves, and leave its address, history, title and place alone",
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
