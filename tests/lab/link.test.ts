/** Links: what they say is what is read, and what is wrong in them is a sentence. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { load, type NodeId } from "backnorm";
import fc from "fast-check";
import { kPaths } from "../../web/lab/maths/graph-facts.ts";
import { kNotations } from "../../web/lab/maths/notations.ts";
import {
  type Choices,
  kCheckParts,
  kFactors,
  kLanguages,
  kLenses,
  kThemes,
  kTools,
} from "../../web/lab/model/choices.ts";
import { switchableIn } from "../../web/lab/model/mistakes.ts";
import { momentsOf } from "../../web/lab/model/moment.ts";
import { kPresets } from "../../web/lab/model/presets.ts";
import { kScenes } from "../../web/lab/model/tour.ts";
import {
  type CaseLink,
  drawOf,
  kKeys,
  kMostCharacters,
  readLink,
  writeLink,
} from "../../web/lab/session/link.ts";
import { addWords, Locale } from "../../web/lab/words/locale.ts";
import * as chinese from "../../web/lab/words/zh/all.ts";

fc.configureGlobal({ seed: 1 }); // the same cases every time: no run fails by chance

const bn = await load();

const known = {
  nodes: bn.graph.nodes.map(({ id }) => id),
  mistakes: switchableIn(bn).map(({ id }) => id),
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
  tour: fc.nat({ max: kScenes.length }),
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

test("a link holds every choice and all digits of a case, and reading it gives them back", () => {
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

test("a link has no character that mail programs or wikis break", () => {
  fc.assert(
    fc.property(choices, fc.oneof(based, own), (chosen, kase) => {
      assert.match(writeLink(chosen, kase), /^#v=1&[\w=&,;:.%-]+$/);
    }),
  );
});

test("reading any fragment throws nothing, and every fault has a sentence", async () => {
  const { words } = new Locale("en", "paper", bn.graph);
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
      for (const fault of read(fragment).faults)
        assert.match(words.link(words.fault(fault)), /^The link.* got .*\.$/su);
    }),
    { numRuns: 1000 },
  );
});

test("each fault in a link has a sentence, and the rest of the state stays", () => {
  const { words } = new Locale("en", "paper", bn.graph);
  for (const [link, ...sentences] of [
    ["#v=2", /^The link’s v: expected 1, got “2”\.$/],
    ["#v=1&case=mnist", /^The link’s case: expected cs231n, .*, got “mnist”\.$/],
    ["#v=1&node=dvar", /^The link’s node: expected x, gamma, .*, got “dvar”\.$/],
    ["#v=1&cell=0,1", /^The link’s cell: expected a row and a column such as 1,2, got “0,1”\.$/],
    ["#v=1&cell=1;2", /^The link’s cell/],
    ["#v=1&lense=paths", /^The link: expected the key lens, got “lense”, which was ignored\.$/],
    ["#v=1&Language=zh", /^The link: expected the key lang, got “Language”, which was ignored\.$/],
    ["#v=1&amp;lens=paths", /^The link: expected the key lens, got “amp;lens”, which was ignored\.$/],
    [
      "#v=1&colour=red",
      /^The link: expected keys such as case, node, lens, got “colour”, which was ignored\.$/,
    ],
    [`#v=1${Array.from({ length: 99 }, (_, at) => `&q${at}=1`).join("")}`, /“q0”/, /“q1”/, /“q2”/],
    ["#v=1&cell=1e9,1", /^The link’s cell/],
    [
      "#v=9&case=a&node=b&cell=c",
      /^The link’s v/,
      /^The link’s case/,
      /^The link’s node/,
      /^The link’s cell/,
    ],
  ] as const) {
    const { faults, kase, choices } = read(link);
    assert.equal(faults.length, sentences.length, link);
    for (const [at, sentence] of sentences.entries())
      assert.match(words.link(words.fault(faults[at])), sentence);
    assert.deepEqual([kase, choices.selection], [undefined, otherwise.selection], link);
  }
});

test("a draw that is too large is refused, and NumPy's seeds are accepted", () => {
  assert.deepEqual(drawOf("randn:231:4x5:5:12"), { seed: 231, shape: [4, 5], spread: 5, mean: 12 });
  assert.deepEqual(drawOf("randn:0:2x3"), { seed: 0, shape: [2, 3], spread: 1, mean: 0 });
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

const document = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("every link in the README and in the reference is read without a fault", () => {
  const reference = readdirSync(new URL("../../web/reference", import.meta.url));
  const paths = reference.filter((name) => name.endsWith(".md")).map((name) => `web/reference/${name}`);
  for (const [path, least] of [...paths.map((path) => [path, 0] as const), ["README.md", 2] as const]) {
    const links = (document(path).match(/#v=1[^\s`"]*/g) ?? []).filter((link) => !/…|&amp;$/.test(link));
    assert.ok(links.length >= (path.endsWith("links.md") ? 9 : least), path);
    for (const link of links) assert.deepEqual(read(link).faults, [], `${path}: ${link}`);
  }
});

test("the reference has a row for every key of a link, and for no other", () => {
  const [, table = ""] = document("web/reference/links.md").split("| key | value |\n|---|---|\n");
  const rows = table
    .split("\n")
    .flatMap((line) => (line.startsWith("| ") ? [line.split(" | ")[0] ?? ""] : []));
  const keys = rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key));
  assert.deepEqual(keys.toSorted(), [...kKeys].toSorted());
});

test("the reference says what each setting of a link and attribute of the element can be", () => {
  const choices = { kLenses, kLanguages, kThemes, kNotations };
  for (const [path, names] of [
    ["web/reference/links.md", ["lens", "lang", "theme", "names"]],
    ["web/reference/element.md", ["lens", "language", "theme", "notation"]],
  ] as const)
    for (const [at, values] of Object.values(choices).entries()) {
      const row = document(path).match(new RegExp(`^\\| \`${names[at]}\` \\| (.*)$`, "m"))?.[1] ?? "";
      const said = [...(row.split(" | ")[0] ?? "").matchAll(/`([\w-]+)`/g)].map(([, value]) => value);
      assert.deepEqual(said, [...values], `${path}: ${names[at]}`);
    }
});

const kTwoShapes = "#v=1&case=own&x=1,2,3;4,5,7&dy=1,2;3,4;5,6&gamma=1,1,1&beta=0,0,0";

// readChanges had one shape for both, that of whichever it read last: dy was shown in x's
test("a link whose x and dy differ in shape is refused with both shapes, and gives no case", () => {
  const { kase, faults } = read(kTwoShapes);
  assert.equal(kase, undefined);
  const said = (language: "en" | "zh") => {
    const { words } = new Locale(language, "paper", bn.graph);
    return faults.map((fault) => words.link(words.fault(fault)));
  };
  assert.deepEqual(said("en"), ["The link’s dy: expected 2×3 numbers, the shape of x, got “1,2;3,4;5,6”."]);
  assert.deepEqual(said("zh"), ["链接中的 dy：应为与 x 一样的 2×3 个数，实为“1,2;3,4;5,6”。"]);
});

test("the limit of a link is 16 KB, and a preset of any size is short", () => {
  assert.equal(kMostCharacters, 16384);
  const chosen = read("").choices;
  assert.ok(writeLink(chosen, { base: "cs231nAlt", changes: {} }).length < 60);
});
