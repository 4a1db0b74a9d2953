/** <backnorm-lab> on somebody else's page: what it is asked for, and what it tells. */
import assert from "node:assert/strict";
import { load, type NodeId } from "backnorm";
import type { Page } from "puppeteer-core";
import { notationOf } from "../../../web/lab/maths/notations.ts";
import { printed } from "../../../web/lab/mine/inputs-as-code.ts";
import { appears, click, drop, find, type Lab, state } from "../../page/browser.ts";
import {
  type Asked,
  ask,
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
} from "../../page/lecture.ts";

const bn = await load();

const kWrong: readonly (readonly [asked: Asked, fault: RegExp, inChinese: RegExp])[] = [
  [{ preset: "mnist" }, /^preset: expected cs231n, .*, got “mnist”\.$/, /^preset：应为 cs231n.*“mnist”。$/],
  [{ lens: "<b>" }, /^lens: expected graph, steps, paths, closed, got “<b>”\.$/, /^lens：/],
  [{ node: "dvar" }, /^node: expected x, .*, got “dvar”\.$/, /^node：/],
  [{ mode: "spoiler" }, /^mode: expected no-spoiler, got “spoiler”\.$/, /^mode：/],
  [{ view: "full" }, /^view: expected embed, got “full”\.$/, /^view：/],
  [{ notation: "maths" }, /^notation: expected paper, .*, got “maths”\.$/, /^notation：/],
  [{ theme: "black" }, /^theme: expected light, dark, got “black”\.$/, /^theme：/],
  [
    { height: "40em" },
    /^height: expected a number of pixels such as 600, got “40em”\.$/,
    /^height：.*“40em”/,
  ],
  [
    { page: "javascript:hit=1" },
    /^page: expected a URL such as https:.*, got “javascript:hit=1”\.$/,
    /^page：.*“javascript:hit=1”/,
  ],
  [{ page: "https://" }, /^page: expected an address/, /^page：/],
  [{ link: "#v=1&cell=0" }, /^The link’s cell: expected/, /^链接中的 cell/],
  [{ link: "#v=1&lens=a", lens: "b" }, /^lens: expected .*, got “b”\.$/, /^lens：/],
];

lectureTest(
  "an error in an attribute shows a message that names it, until it is corrected",
  { body: '<backnorm-lab id="lab" view="embed"></backnorm-lab>' },
  async (page) => {
    const fault = async () => (await shown(page)).fault;
    await ask(page, { language: "german" });
    assert.match(await fault(), /^language: expected en, zh, got “german”\.$/);
    for (const [at, [asked, inEnglish, inChinese]] of kWrong.entries()) {
      const language = at % 2 ? "zh" : "en";
      await ask(page, { language, ...asked });
      assert.match(await fault(), language === "en" ? inEnglish : inChinese);
      await ask(page, {
        ...Object.fromEntries(Object.keys(asked).map((name) => [name, null])),
        view: "embed",
      });
      assert.equal(await fault(), "");
    }
    assert.deepEqual(await page.evaluate(() => window.hit), undefined);
  },
);

lectureTest(
  "properties work like attributes, and null or undefined leaves a property unset",
  { body: '<backnorm-lab id="lab" lens="paths"></backnorm-lab>' },
  async (page) => {
    const set = (asked: Record<string, unknown>) =>
      page.evaluate((values) => {
        Object.assign(document.getElementById("lab") as Lab, values);
      }, asked);
    assert.equal(
      await page.evaluate(() => (document.getElementById("lab") as Lab & { lens: string }).lens),
      "paths",
    );
    await set({
      preset: "twoRows",
      lens: "steps",
      node: "x",
      notation: "pytorch",
      height: 500,
      theme: "light",
    });
    await settled(page);
    const wanted = { name: "twoRows", lens: "steps", node: "x", notation: "pytorch" };
    assert.deepEqual(await shown(page), { ...kFirst, ...wanted });
    assert.equal(await page.evaluate(() => document.getElementById("lab")?.offsetHeight), 500);
    await set({ preset: null, lens: null, node: null, notation: null, height: null, theme: null });
    await settled(page);
    assert.deepEqual(await shown(page), { ...kFirst, node: "x" });
    assert.notEqual(await page.evaluate(() => document.getElementById("lab")?.offsetHeight), 500);
  },
);

lectureTest(
  "edits survive a change of lens, language or theme, but not of preset",
  { body: '<backnorm-lab id="lab" preset="iris"></backnorm-lab>' },
  async (page) => {
    await edit(page, "x", 1, "-7.25");
    const edited = await valuesOf(page, "x");
    assert.equal(edited[1], -7.25);
    for (const asked of [
      { lens: "steps" },
      { language: "zh", theme: "dark" },
      { lens: null },
      { language: "en" },
    ]) {
      await ask(page, asked);
      assert.deepEqual(await valuesOf(page, "x"), edited);
      await edit(page, "dy", 0, "3"); // and at once, before a pause
    }
    assert.equal((await shown(page)).name, "iris, changed");
    await ask(page, { preset: "cs231n" });
    assert.equal((await state(page)).name, "cs231n");
    await drop(page, "large.csv", kLarge);
    for (const lens of ["steps", "graph"]) {
      await ask(page, { lens });
      const { name, fault, lens: looked } = await shown(page);
      assert.deepEqual([name, looked, fault], ["large.csv", lens, ""]);
      assert.equal((await valuesOf(page, "x"))[3], Math.sin(1));
    }
  },
);

lectureTest(
  "changing the details of an event does not affect the lab",
  { body: '<backnorm-lab id="lab"></backnorm-lab>' },
  async (page) => {
    await page.evaluate(() => {
      document.addEventListener("backnorm-select", (event) => {
        (event as CustomEvent).detail.cell.row = 9;
      });
    });
    await click(page, '#lab >>> bn-inspector >>> bn-matrix[label^="value"] >>> [data-at="2"]');
    assert.equal((await shown(page)).cell, "1,3");
  },
);

/** Types or pastes into Find my mistake, and waits until it is read. */
async function giveArrays(page: Page, text: string) {
  await (await find(page, "bn-mine >>> textarea[name]")).evaluate((area, pasted) => {
    (area as HTMLTextAreaElement).value = pasted;
    area.dispatchEvent(new Event("input"));
  }, text);
  await page.waitForFunction(() => window.heard.length > 0);
}

/** Gradients of a program with that mistake, as it would print them. */
const printedWith = (mistake: string, ids: readonly NodeId[]) => {
  const { nodes } = bn.trace(bn.presets.cs231n, { mistakes: [mistake] });
  return ids
    .map((id) => {
      const { grad, gradShape } = nodes.find((node) => node.id === id) as (typeof nodes)[number];
      return printed(`d${id}`, grad, gradShape, notationOf("cs231n", bn.graph));
    })
    .join("\n");
};

for (const mode of ["", "no-spoiler"])
  lectureTest(
    `a verdict of Find my mistake is told ${mode ? "in an assignment too, and nothing besides" : "with its source"}`,
    {
      body: `<backnorm-lab id="lab" link="#v=1&case=cs231n&open=mine" mode="${mode}"></backnorm-lab>`,
      before: kHeard,
    },
    async (page) => {
      await settled(page);
      await appears(page, "bn-mine");
      assert.equal((await heard(page)).length, 1, "the check's");
      await giveArrays(page, printedWith("dvar-half", ["beta", "gamma", "var", "x"]));
      const wrong = { source: "mine", verdict: "fail", firstWrong: "dvar", right: 2, given: 4 };
      assert.deepEqual(await heard(page), [["lab", "verdict", wrong]]);
      await giveArrays(page, printedWith("dvar-half", ["beta", "gamma"]));
      const right = { source: "mine", verdict: "pass", firstWrong: null, right: 2, given: 2 };
      assert.deepEqual(await heard(page), [["lab", "verdict", right]]);
    },
  );

lectureTest(
  "the small view links to the whole page if its URL is known, and otherwise opens it in place",
  {
    body: '<backnorm-lab id="lab" view="embed" preset="notes" lens="steps"></backnorm-lab>',
  },
  async (page) => {
    const way = () =>
      page.evaluate(() => {
        const found = document.getElementById("lab")?.shadowRoot?.querySelector("[name=whole]");
        return (
          found && [
            found.localName,
            found.getAttribute("href"),
            found.getAttribute("target"),
            found.getAttribute("rel"),
          ]
        );
      });
    assert.deepEqual(await way(), ["button", null, null, null]);
    const fragment = "#v=1&case=notes&node=var&cell=1,1&lens=steps";
    await ask(page, { page: "https://example.org/backnorm/?a=b#c" });
    assert.deepEqual(await way(), [
      "a",
      `https://example.org/backnorm/?a=b${fragment}`,
      "_blank",
      "noopener",
    ]);
    await ask(page, { page: "whole/" });
    assert.deepEqual(await way(), ["a", new URL(`whole/${fragment}`, page.url()).href, "_blank", "noopener"]);
    await ask(page, { page: null });
    await click(page, "#lab >>> [name=whole]");
    assert.deepEqual(await shown(page), { ...kFirst, name: "notes", lens: "steps" });
    await appears(page, "bn-checks");
    await click(page, "#lab >>> [name=brief]");
    assert.deepEqual(await shown(page), { ...kFirst, name: "notes", lens: "steps", brief: true });
  },
);

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
  "each attribute works when it is present from the start",
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
  "each attribute works when it is set later, and removing it restores the default",
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
  "the element and the package on one page share an engine",
  {
    body: '<backnorm-lab id="lab"></backnorm-lab>',
    before: `
      globalThis.started = 0;
      const { instantiate } = WebAssembly;
      WebAssembly.instantiate = (...given) => (started++, instantiate(...given));`,
  },
  async (page) => {
    const [engine, started] = await page.evaluate(async () => {
      const { load } = await import(new URL("backnorm/index.js", location.href).href);
      const bn = await load();
      return [bn.engine, (globalThis as unknown as { started: number }).started];
    });
    assert.deepEqual([engine, started], ["webassembly", 1]);
  },
);
