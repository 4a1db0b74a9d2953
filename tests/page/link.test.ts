/** Links: what they say is what is shown, in every language and notation, and old ones keep opening. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load, type NodeId } from "backnorm";
import fc from "fast-check";
import type { Page } from "puppeteer-core";
import {
  type Choices,
  kCheckParts,
  kFactors,
  kLenses,
  kPaths,
  kThemes,
  kTools,
} from "../../web/lab/choices.ts";
import { type CaseLink, drawOf, kMostCharacters, readLink, writeLink } from "../../web/lab/link.ts";
import { addWords, kLanguages, Locale } from "../../web/lab/locale.ts";
import { momentsOf } from "../../web/lab/moment.ts";
import { kNotations } from "../../web/lab/notations.ts";
import { kPresets } from "../../web/lab/presets.ts";
import * as chinese from "../../web/lab/words/zh/all.ts";
import {
  click,
  find,
  follow,
  frames,
  type Lab,
  look,
  pageTest,
  ready,
  state,
  upload,
  url,
} from "./browser.ts";

const bn = await load();
const known = {
  nodes: bn.graph.nodes.map(({ id }) => id),
  mistakes: bn.mistakes.filter(({ switchable }) => switchable).map(({ id }) => id),
  moments: momentsOf(bn.graph).map(({ id }) => id),
};
const otherwise = { base: "cs231n", selection: { node: "var" as NodeId, cell: { row: 0, column: 0 } } };
// deepEqual tells records without a prototype from objects
const record = <T>(parts: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(parts, { noNullPrototype: true });
const read = (fragment: string) => readLink(fragment, known, otherwise);
addWords("zh", chinese);

const place = fc.nat({ max: 9999 });
const someOf = <Value>(values: readonly Value[]) =>
  fc.subarray([...values]).map((chosen): ReadonlySet<Value> => new Set(chosen));
const choices: fc.Arbitrary<Choices> = record({
  selection: record({
    node: fc.constantFrom(...known.nodes),
    cell: record({ row: place, column: place }),
  }),
  lens: fc.constantFrom(...kLenses),
  mistake: fc.constantFrom("", ...known.mistakes),
  moment: fc.constantFrom(...known.moments),
  language: fc.constantFrom(...kLanguages),
  notation: fc.constantFrom(...kNotations),
  theme: fc.constantFrom(undefined, ...kThemes),
  off: someOf(kPaths),
  factor: fc.constantFrom(...kFactors),
  parts: someOf(kCheckParts),
  tools: someOf(kTools),
  example: fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }),
  sparing: fc.boolean(),
  brief: fc.boolean(),
});
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const numbers = (length: number) =>
  fc.array(number, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values));
const own: fc.Arbitrary<CaseLink> = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rows, columns]) =>
    record({
      base: fc.constant("own"),
      changes: record({
        shape: fc.constant([rows, columns]),
        x: numbers(rows * columns),
        dy: numbers(rows * columns),
        gamma: numbers(columns),
        beta: numbers(columns),
        eps: fc.double({ min: 0, max: 1, noNaN: true }),
        ddof: fc.constantFrom(0 as const, 1 as const),
      }),
    }),
  );
const based = fc.constantFrom(...kPresets, "randn:231:4x5", "randn:0:32x8:2.5:-1e6").map((base) => ({
  base,
  changes: {},
}));

test("a link says all that is chosen and all digits of a case, and reading it gives just that back", () => {
  fc.assert(
    fc.property(choices, fc.oneof(based, own), (chosen, kase) => {
      const found = read(writeLink(chosen, kase));
      assert.deepEqual(found.faults, []);
      assert.deepEqual(found.choices, chosen);
      assert.deepEqual(found.kase, kase);
    }),
    { numRuns: 500 },
  );
});

test("a link has no character that mails and wikis break", () => {
  fc.assert(
    fc.property(choices, fc.oneof(based, own), (chosen, kase) => {
      assert.match(writeLink(chosen, kase), /^#v=1&[\w=&,;:.%-]+$/);
    }),
  );
});

test("whatever a fragment is, reading it throws nothing, and every fault is a sentence", async () => {
  const { words } = new Locale("en", "paper");
  const anything = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc
      .array(fc.tuple(fc.constantFrom("v", "case", "x", "eps", "node", "cell", "lang", "off"), fc.string()), {
        maxLength: 8,
      })
      .map((pairs) => `#${pairs.map(([key, value]) => `${key}=${value}`).join("&")}`),
  );
  fc.assert(
    fc.property(anything, (fragment) => {
      for (const fault of read(fragment).faults) assert.match(fault(words), /^The link.* got .*\.$/su);
    }),
    { numRuns: 1000 },
  );
});

test("a draw is refused where it has no end, and takes NumPy's own seeds", () => {
  assert.deepEqual(drawOf("randn:231:4x5:5:12"), { seed: 231, rows: 4, columns: 5, spread: 5, mean: 12 });
  assert.deepEqual(drawOf("randn:0:2x3"), { seed: 0, rows: 2, columns: 3, spread: 1, mean: 0 });
  for (const wrong of [
    "randn:4294967296:4x5", // seeds have 32 bits
    "randn:1:0x5",
    "randn:1:9999x9999",
    "randn:1:4x5:e",
    "randn:-1:4x5",
    "randn:1:4",
    "randn:1:4x5:1:2:3",
  ])
    assert.equal(drawOf(wrong), undefined, wrong);
});

test("every link of the README is read without a fault", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const links = readme.match(/#v=1[^\s`"]*/g) ?? [];
  assert.ok(links.length >= 5);
  for (const link of links) assert.deepEqual(read(link).faults, [], link);
});

/** What each link of an earlier version opens on. None is ever taken out. */
const old: readonly (readonly [link: string, shown: Record<string, unknown>])[] = [
  ["", { name: "cs231n", node: "var", cell: "1,1", lens: "graph" }],
  ["#v=1&case=iris&node=var&cell=3,2&lens=steps", { name: "iris", node: "var", cell: "3,2", lens: "steps" }],
  ["#v=1&case=cs231n&node=xc&moment=f2", { name: "cs231n", node: "xc", moment: "f2" }],
  ["#v=1&case=cs231n&node=x&cell=1,2&mistake=no-mean-path", { mistake: "no-mean-path", cell: "1,2" }],
  ["#v=1&case=twoRows&node=x&lens=closed", { name: "twoRows", lens: "closed" }],
  ["#v=1&node=gamma", { name: "cs231n", node: "gamma", language: "en", notation: "paper" }],
];

const shown = (page: Page) =>
  page.evaluate(() => {
    const { session } = document.querySelector("backnorm-lab") as Lab;
    const { selection, name, lens, mistake, moment, language, notation, theme, factor, sparing } = session;
    const { node, cell } = selection;
    return {
      node,
      cell: `${cell.row + 1},${cell.column + 1}`,
      name,
      lens,
      mistake,
      moment,
      language,
      notation,
      theme: theme ?? "",
      off: [...session.off].join(),
      factor,
      parts: [...session.parts].join(),
      tools: [...session.tools].join(),
      sparing,
      fault: session.message?.text ?? "",
    };
  });

/** Opens the page anew by a link. */
async function openBy(page: Page, link: string) {
  await page.goto("about:blank");
  await page.goto(url + link);
  await ready(page);
}

pageTest("links of earlier versions keep opening on what they showed", {}, async (page) => {
  for (const [link, wanted] of old) {
    await openBy(page, link);
    const found = await shown(page);
    for (const [name, value] of Object.entries(wanted))
      assert.equal(found[name as keyof typeof found], value, `${name} of ${link}`);
    assert.equal(found.fault, "", link);
  }
});

const address = (page: Page) =>
  page.evaluate(() => {
    (document.querySelector("backnorm-lab") as Lab).session.flush();
    return location.hash;
  });

pageTest("a link restores the exact state, in either language and all notations", {}, async (page) => {
  const links = [
    "case=cs231n&node=x&cell=2,3&lens=paths&off=throughVar,throughMean",
    "case=cs231n&node=mean&cell=1,4&lens=closed&factor=xhat",
    "case=randn:7:6x3:2:10&node=var&cell=1,2&mistake=dvar-half",
    "case=iris&eps=0.1&ddof=1&node=xc&cell=120,3&lens=steps&theme=dark",
    "case=own&gamma=1,2&beta=0,1&x=1,2;4,3;5,9&dy=1,0;2,1;0,5&node=x&cell=3,2&moment=b7&check=sweep&open=bank",
  ];
  for (const [at, notation] of kNotations.entries()) {
    const language = at % 2 ? "zh" : "en";
    const tongue = `${language === "en" ? "" : `&lang=${language}`}${notation === "paper" ? "" : `&names=${notation}`}`;
    const link = `#v=1&${links[at]}`.replace(/(&theme=.*)?$/, (theme) => `${tongue}${theme}`);
    await openBy(page, link);
    const before = await shown(page);
    assert.equal(before.fault, "", link);
    assert.deepEqual([before.language, before.notation], [language, notation]);
    const numbers = await state(page);
    const written = await address(page);
    assert.deepEqual(
      [...new URLSearchParams(written.slice(1))].sort(),
      [...new URLSearchParams(link.slice(1))].sort(),
    );
    await openBy(page, written);
    assert.deepEqual(await shown(page), before);
    assert.deepEqual(await state(page), numbers);
  }
});

pageTest("a link to numbers of the reader's own brings every digit back", {}, async (page) => {
  await click(page, 'bn-matrix[input="x"] >>> [data-at="6"]');
  await page.keyboard.type("0.1");
  await page.keyboard.press("Enter");
  await frames(page);
  const changed = await state(page);
  assert.equal(changed.name, "cs231n, changed");
  const link = await address(page);
  assert.match(link, /^#v=1&case=cs231n&x=/);
  assert.doesNotMatch(link, /&dy=|&gamma=/); // what is as in the preset, the preset says
  await openBy(page, link);
  assert.deepEqual(await state(page), changed);
  await upload(page, "own.csv", "1,2\n3,5\n7,4\n");
  const own = await state(page);
  await openBy(page, await address(page));
  const again = await state(page);
  assert.deepEqual({ ...again, name: "", message: undefined }, { ...own, name: "", message: undefined });
  assert.equal(again.name, "own numbers");
});

pageTest(
  "a case too large for a link is not in it, and the link says so where it is opened",
  {},
  async (page) => {
    const rows = Array.from({ length: 300 }, (_, row) => `${Math.sin(row)},${Math.cos(row)},${row / 7}`);
    await upload(page, "large.csv", rows.join("\n"));
    const link = await address(page);
    assert.ok(link.length < 200, link);
    assert.match(link, /case=own/);
    await openBy(page, link);
    assert.match((await shown(page)).fault, /does not hold the numbers of its case/);
    assert.equal((await state(page)).name, "cs231n");
  },
);

pageTest(
  "a link whose numbers overflow says so, and opens on the first case",
  { link: "#v=1&case=own&x=1e308;-1e308&gamma=1&beta=0&dy=1;2&node=var" },
  async (page) => {
    const { fault } = await shown(page);
    assert.match(fault, /expected numbers that stay finite on the way/);
    const { name, selection, message } = await state(page);
    assert.deepEqual([name, selection.node, message?.kind], ["cs231n", "var", "fault"]);
  },
);

const kTwoShapes = "#v=1&case=own&x=1,2,3;4,5,7&dy=1,2;3,4;5,6&gamma=1,1,1&beta=0,0,0";

// readChanges had one shape for both, that of whichever it read last: dy was shown in x's
test("a link whose x and dy have two shapes is refused with both of them, and has no case", () => {
  const { kase, faults } = read(kTwoShapes);
  assert.equal(kase, undefined);
  const said = (language: "en" | "zh") => faults.map((fault) => fault(new Locale(language, "paper").words));
  assert.deepEqual(said("en"), ["The link’s dy: expected 2×3 numbers, as x has, got “1,2;3,4;5,6”."]);
  assert.deepEqual(said("zh"), ["链接中的 dy：应为 与 x 一样的 2×3 个数，实为 “1,2;3,4;5,6”。"]);
});

pageTest(
  "a link with a matrix of another shape than the rest of its case is refused, and what is here stays",
  {},
  async (page) => {
    await click(page, 'bn-matrix[input="x"] >>> [data-at="7"]');
    await page.keyboard.type("0.1");
    await page.keyboard.press("Enter");
    await frames(page);
    const before = await state(page);
    const five = "1,2,3,4;5,6,7,8;9,1,2,3;4,5,6,7;8,9,1,2"; // as many numbers as cs231n has, in 5×4
    const refused =
      /^The link: expected x and dy, both 5×4, got one of them; the case that it begins with is 4×5\.$/;
    for (const [link, fault] of [
      [kTwoShapes, /^The link’s dy: expected 2×3 numbers/],
      [`#v=1&case=cs231n&gamma=1,1,1,1&beta=0,0,0,0&dy=${five}`, refused],
      [`#v=1&case=cs231n&gamma=1,1,1,1&beta=0,0,0,0&x=${five}`, refused],
      [
        `#v=1&case=cs231n&lang=zh&gamma=1,1,1,1&beta=0,0,0,0&dy=${five}`,
        /^链接：应同时给出 x 和 dy（均为 5×4）/,
      ],
    ] as const) {
      await follow(page, link);
      const { message, ...now } = await state(page);
      assert.match(message?.text ?? "", fault, link);
      assert.deepEqual([now.x, now.dy, now.rows], [before.x, before.dy, before.rows], link);
    }
    await openBy(page, `#v=1&case=cs231n&gamma=1,1,1,1&beta=0,0,0,0&x=${five}&dy=${five}`);
    const { message, rows, columns } = await state(page);
    assert.deepEqual([message, rows, columns], [undefined, 5, 4]);
  },
);

test("the limit of a link is 16 KB, and a preset of any size is short", () => {
  assert.equal(kMostCharacters, 16384);
  const chosen = read("").choices;
  assert.ok(writeLink(chosen, { base: "cs231nAlt", changes: {} }).length < 60);
});

pageTest("Back and Forward walk through what was chosen, and cells are no steps of it", {}, async (page) => {
  const states = [await shown(page)];
  const act = async (deed: () => Promise<unknown>) => {
    await deed();
    await frames(page);
    states.push(await shown(page));
  };
  await act(() => click(page, '[data-node="xc"] .label'));
  await act(() => look(page, "steps"));
  await act(() => click(page, 'bn-steps >>> [data-step="x"] .number'));
  await click(page, 'bn-inspector >>> [data-at="7"]');
  states[states.length - 1] = await shown(page);
  await act(async () => {
    await (await find(page, "button[name=language]")).click();
    await page.waitForFunction(() => document.querySelector("backnorm-lab")?.session.language === "zh");
  });
  const expectAt = async (at: number) => {
    await page.waitForFunction(
      (wanted) => {
        const { session } = document.querySelector("backnorm-lab") as Lab;
        return `${session.language} ${session.lens} ${session.selection.node}` === wanted;
      },
      {},
      `${states[at]?.language} ${states[at]?.lens} ${states[at]?.node}`,
    );
    assert.deepEqual(await shown(page), states[at]);
  };
  for (let at = states.length - 2; at >= 0; at--) {
    await page.evaluate(() => history.back());
    await expectAt(at);
  }
  for (let at = 1; at < states.length; at++) {
    await page.evaluate(() => history.forward());
    await expectAt(at);
  }
});

pageTest(
  "a case is drawn anew by the next seed, and a shape that is too large is refused in a sentence",
  {},
  async (page) => {
    const draw = async () => {
      await (await find(page, "select[aria-label=Case]")).select("draw");
      await page.waitForFunction(() => (document.querySelector("backnorm-lab") as Lab).session.whole);
      await frames(page);
      return (await shown(page)).name;
    };
    assert.equal(await draw(), "randn:1:4x5");
    const first = await state(page);
    assert.equal(await draw(), "randn:2:4x5");
    const [x] = bn.randn(2, [20]);
    assert.deepEqual((await state(page)).x, [...(x as Float64Array)]);
    assert.notDeepEqual((await state(page)).x, first.x);
    await upload(page, "tall.csv", Array.from({ length: 12_000 }, (_, row) => String(row % 7)).join("\n"));
    await draw();
    assert.match((await shown(page)).fault, /too large\. What was here stays\.$/);
    assert.equal((await state(page)).name, "tall.csv");
  },
);
