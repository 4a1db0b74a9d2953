/** The words of the page: in every language, for every notation, of all that they are given. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { load, type Mistake } from "backnorm";
import { kColumns, layoutOf } from "../../web/lab/maths/layout.ts";
import { viewsOf } from "../../web/lab/maths/nodes.ts";
import { kNotations, notationOf } from "../../web/lab/maths/notations.ts";
import { kLanguages } from "../../web/lab/model/choices.ts";
import { inGraph, mistakesIn } from "../../web/lab/model/mistakes.ts";
import { first } from "../../web/lab/words/en/first.ts";
import { rest } from "../../web/lab/words/en/rest.ts";
import { tour } from "../../web/lab/words/en/tour.ts";
import { addWords, Locale } from "../../web/lab/words/locale.ts";
import * as chinese from "../../web/lab/words/zh/all.ts";

const bn = await load();
const { graph } = bn;

/** The text of a template of lit, of a string, or of what is joined. */
function textOf(said: unknown): string {
  if (Array.isArray(said)) return said.map(textOf).join("");
  if (typeof said === "object" && said !== null && "strings" in said) {
    const { strings, values } = said as { strings: string[]; values: unknown[] };
    return strings.map((part, at) => part + textOf(values[at] ?? "")).join("");
  }
  return typeof said === "symbol" ? "" : String(said);
}

/** What an argument may be: the types are not there when a program runs. Each can be told in a text. */
const samples: ((at: number) => unknown)[] = [
  (at) => `given${at}`,
  (at) => 71 + at,
  (at) => [`given${at}`, `other${at}`],
  (at) => ({ cells: 71 + at, ulps: 81 + at }),
  (at) => [{ noun: "row", at: 71 + at }],
  () => true,
  () => undefined,
];

/** All ways to fill in that many arguments. */
const fillings = (count: number): unknown[][] =>
  count === 0
    ? [[]]
    : fillings(count - 1).flatMap((before) => samples.map((sample) => [...before, sample(before.length)]));

type Say = (...given: unknown[]) => unknown;

/** Every sentence of a language, by its place in the words. */
function sentencesOf(words: object, path = ""): [path: string, say: Say][] {
  return Object.entries(words).flatMap(([name, value]) =>
    typeof value === "function"
      ? [[`${path}${name}`, value as Say] as [string, Say]]
      : typeof value === "object" && value !== null && !("strings" in value)
        ? sentencesOf(value, `${path}${name}.`)
        : [],
  );
}

/** What is said, or undefined where it can't be said with that. */
function saidOf(say: Say, given: unknown[]): string | undefined {
  try {
    const text = textOf(say(...given));
    return /undefined|NaN|\[object/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Which of the texts and numbers that it was given a sentence has. */
const heard = (text: string) =>
  [...new Set(text.match(/(?:given|other)\d|(?<!\d)[78]\d(?!\d)/g) ?? [])].sort().join();

/** What is not held to that, and why. */
const otherwise: Record<string, string> = {
  "checks.passed": "Chinese says 'all' where both counts are equal",
  "mine.others": "Chinese counts those with a name among the others",
  "gates.forward": "takes a gate",
  "gates.backward": "takes a gate",
  "moments.name": "takes a moment",
  fault: "takes an error",
  "mistakes.title": "takes a mistake's id",
  "mistakes.explanation": "takes a mistake's id",
  "mistakes.hint": "takes a mistake's id",
};

/** A case of each way to share statistics. */
const settings = {
  columns: kColumns,
  rows: layoutOf(bn.presets.layernorm),
  channels: layoutOf(bn.presets.spatial),
  groups: layoutOf(bn.presets.groupnorm),
  maps: layoutOf({ norm: "instance", shape: [2, 3, 4] }),
  "rows of RMS norm": layoutOf(bn.presets.tokens),
};
const rms = bn.graphOf("rms") as unknown as typeof graph;

for (const [id, [kind, setting]] of [
  ...kNotations.map((id) => [id, ["columns", kColumns]] as const),
  ...Object.entries(settings).map((one) => ["paper", one] as const),
])
  test(`with the names of ${id}, each Chinese sentence about ${kind} has the content of the English one`, () => {
    const notation = notationOf(id, setting.norm === "rms" ? rms : graph);
    const english = sentencesOf({
      ...first(notation, setting),
      ...rest(notation, setting),
      ...tour(notation),
    });
    const others = new Map(
      sentencesOf({
        ...chinese.first(notation, setting),
        ...chinese.rest(notation, setting),
        ...chinese.tour(notation),
      }),
    );
    assert.deepEqual([...others.keys()].sort(), english.map(([path]) => path).sort());
    const wrong: Record<string, string> = {};
    let count = 0;
    for (const [path, say] of english) {
      const translated = others.get(path) as Say;
      const ways = fillings(Math.max(say.length, translated.length)).flatMap((given) => {
        const [one, other] = [saidOf(say, given), saidOf(translated, given)];
        return one === undefined || other === undefined ? [] : [{ given, one, other }];
      });
      count += ways.length;
      if (ways.length === 0) wrong[path] = "can’t be said in both";
      const differs = ways.find(({ one, other }) => heard(one) !== heard(other));
      if (differs) wrong[path] = `${JSON.stringify(differs.given)}: ${differs.one} | ${differs.other}`;
    }
    assert.ok(english.length > 150 && count > 500, `${english.length} sentences, said in ${count} ways`);
    const unknown = Object.entries(wrong).filter(([path]) => !(path in otherwise));
    assert.deepEqual(unknown, []);
    assert.deepEqual(Object.keys(wrong).sort(), Object.keys(otherwise).sort(), "each exception is one");
  });

const order = graph.nodes.map(({ id }) => id);
addWords("zh", chinese);

test("every edge has a slope and every node has its texts, in every language and notation", () => {
  const counts = { rows: 4, groups: 5, size: 4, copies: 4, ddof: 1 } as const;
  for (const names of kNotations) {
    for (const language of kLanguages) {
      const { formulas, words, labels } = new Locale(language, names, graph);
      for (const ddof of [0, 1] as const)
        for (const edge of graph.edges) assert.doesNotMatch(formulas.slope(edge, ddof).text, /undefined/);
      const [forward, backward] = [words.gates.forward(counts), words.gates.backward(counts)];
      for (const record of [forward, backward]) for (const id of order) assert.ok(record[id], id);
      assert.ok(forward.xhat.includes(labels.invstd) && forward.xhat.includes(labels.xc), forward.xhat);
      assert.ok(backward.gamma.includes(`${labels.dscaled}·${labels.xhat}`), backward.gamma);
      assert.ok(backward.x.includes(labels.dxc) && backward.x.includes(labels.dmean), backward.x);
    }
  }
  const { forward } = new Locale("en", "paper", graph).words.gates;
  assert.match(forward(counts).var, /5 sum gates with 4 inputs each, then a division by 3/);
  assert.match(
    forward({ rows: 1, groups: 1, size: 1, copies: 1, ddof: 0 }).mean,
    /1 sum gate with 1 input each/,
  );
  assert.equal(
    new Locale("zh", "paper", graph).words.gates.forward(counts).var,
    "每列求平均：5 个求和门，各有 4 个输入，再除以 3。",
  );
});

test("the sentences about a gate speak of the groups of each norm", () => {
  const said = Object.entries(settings).map(([kind, setting]) => {
    const { gates } = new Locale("en", "paper", setting.norm === "rms" ? rms : graph, setting).words;
    const counts = { rows: 2, groups: 4, size: 60, copies: 40, ddof: 0 } as const;
    return [
      kind,
      gates.forward(counts)[setting.norm === "rms" ? "ms" : "mean"],
      gates.backward(counts).gamma,
    ];
  });
  assert.deepEqual(said, [
    [
      "columns",
      "Each column is averaged: 4 sum gates with 60 inputs each, then a division by 60.",
      "γ was copied to 40 rows, so the rows of ∂(γx̂)·x̂ are summed.",
    ],
    [
      "rows",
      "Each row is averaged: 4 sum gates with 60 inputs each, then a division by 60.",
      "γ was copied to 40 rows, so the rows of ∂(γx̂)·x̂ are summed.",
    ],
    [
      "channels",
      "Each channel is averaged: 4 sum gates with 60 inputs each, then a division by 60.",
      "γ was copied to 40 values, so the values of ∂(γx̂)·x̂ are summed.",
    ],
    [
      "groups",
      "Each group of each sample is averaged: 4 sum gates with 60 inputs each, then a division by 60.",
      "γ was copied to 40 values, so the values of ∂(γx̂)·x̂ are summed.",
    ],
    [
      "maps",
      "Each channel of each sample is averaged: 4 sum gates with 60 inputs each, then a division by 60.",
      "γ was copied to 40 values, so the values of ∂(γx̂)·x̂ are summed.",
    ],
    [
      "rows of RMS norm",
      "Each row is averaged: 4 sum gates with 60 inputs each, then a division by 60. No mean was subtracted before.",
      "γ was copied to 40 rows, so the rows of ∂y·x̂ are summed.",
    ],
  ]);
});

test("the words of every mistake have the names of each notation, for every norm that it is made in", () => {
  addWords("en", { rest });
  for (const names of kNotations)
    for (const language of kLanguages)
      for (const setting of Object.values(settings)) {
        const of = setting.norm === "rms" ? rms : graph;
        const { mistakes } = new Locale(language, names, of, setting).rest;
        for (const { id } of mistakesIn(bn, setting.norm))
          for (const say of [mistakes.title, mistakes.explanation, mistakes.hint])
            assert.doesNotMatch(say(id), /[{}]|undefined/, `${id} of ${setting.norm} norm`);
      }
  const { title, hint } = new Locale("en", "kratzert", graph, settings.rows).rest.mistakes;
  assert.equal(title("dstd-sign"), "Wrong sign of dsqrtvar");
  assert.equal(hint("no-1/N-mean"), "Raise one x of a row by 1: how far does the mean move?");
});

test("a mistake of batch norm is at the edges and nodes of RMS norm's graph that stand for its own", () => {
  const places = (id: string) => {
    const mistake = bn.mistakes.find((one) => one.id === id) as Mistake;
    assert.equal(inGraph(mistake, graph), mistake);
    const { edges, nodes } = inGraph(mistake, rms);
    return [...edges.map(({ from, to }) => `${from}->${to}`), ...nodes];
  };
  assert.deepEqual(places("dvar-half"), ["ms->rms"]);
  assert.deepEqual(places("no-gamma"), ["xhat->y"]);
  assert.deepEqual(places("no-factor-2"), ["x->sq"]);
  assert.deepEqual(places("eps-outside"), ["rms"]);
  assert.deepEqual(places("no-rms-path"), ["x->sq"]);
  for (const mistake of mistakesIn(bn, "rms")) {
    const { edges, nodes } = inGraph(mistake, rms);
    assert.ok(
      edges.every((edge) => rms.edges.includes(edge)),
      mistake.id,
    );
    assert.ok(
      nodes.every((id) => rms.nodes.some((node) => node.id === id)),
      mistake.id,
    );
  }
});

test("a product puts a difference in parentheses, but not a name", () => {
  const invstd = (names: (typeof kNotations)[number]) =>
    new Locale("en", names, graph).words.gates.backward({ rows: 4, groups: 5, size: 4, copies: 4, ddof: 0 })
      .invstd;
  assert.match(invstd("paper"), /the rows of ∂x̂·\(x − μ\) are summed/);
  assert.match(invstd("kratzert"), /the rows of dxhat·xmu are summed/);
  assert.match(invstd("pytorch"), /the rows of grad_xhat·\(input − save_mean\) are summed/);
});

/** The texts of every template of a source, without its tags and without what is filled in. */
function textsOf(source: string): string[] {
  const texts: string[] = [];
  /** Reads a template from behind its first backtick; gives the place behind its last one. */
  function template(from: number, isMarkup: boolean): number {
    let text = "";
    let at = from;
    while (source[at] !== "`") {
      assert.ok(at < source.length, `a template ends: ${source.slice(from - 200, from + 100)}`);
      if (source[at] === "\\") at += 2;
      else if (source.startsWith("${", at)) {
        at = code(at + 2);
        text += "\u0000";
      } else text += source[at++];
    }
    if (isMarkup) texts.push(text);
    return at + 1;
  }
  /** Behind a string, a comment or a regular expression that begins at a place; the same place, if none does. */
  function skipped(at: number): number {
    const before = /[^\s]?(?=\s*$)/.exec(source.slice(Math.max(0, at - 40), at))?.[0] ?? "";
    const patterns = [/"(?:\\.|[^"\\])*"/y, /'(?:\\.|[^'\\\n])*'/y, /\/\/[^\n]*/y, /\/\*[\s\S]*?\*\//y];
    if (/^[(,=:[!&|?{};>]?$/.test(before))
      patterns.push(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/[\\\n])+\/[a-z]*/y);
    for (const pattern of patterns) {
      pattern.lastIndex = at;
      if (pattern.test(source)) return pattern.lastIndex;
    }
    return at;
  }
  /** Reads code up to the brace that ends it. */
  function code(from: number): number {
    let depth = 0;
    for (let at = from; at < source.length; at++) {
      const sign = source[at];
      if (sign === "{") depth += 1;
      else if (sign === "}" && depth-- === 0) return at + 1;
      else if (sign === "`")
        at = template(at + 1, /(?:html|svg)$/.test(source.slice(Math.max(0, at - 4), at))) - 1;
      else if (/["'/]/.test(sign as string)) at = Math.max(at, skipped(at) - 1);
    }
    return source.length;
  }
  code(0);
  return texts;
}

/** What is a name in every language: the page's own, a product, a key, a sign of mathematics. */
const names = /^(?:backnorm|NumPy|PyTorch|SVG|PNG|JSON|npy|N|L|x|y)$/;

test("no template of the page has its own texts: they are in web/lab/words, in every language", () => {
  const folder = new URL("../../web/lab/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !name.startsWith("words/"),
  );
  assert.ok(files.length > 40);
  let templates = 0;
  for (const file of files) {
    for (const text of textsOf(readFileSync(new URL(file, folder), "utf8"))) {
      templates += 1;
      const said = [
        ...text.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]*)"/g),
        ...text.matchAll(/(?:^|>)([^<>]*)(?=<|$)/g),
      ].flatMap(([, part = ""]) => part.match(/\p{L}{2,}/gu) ?? []);
      // a template may begin or end within a tag, as a list of attributes
      const words = said.filter((word) => !names.test(word) && !/^(?:nbsp|amp|lt|gt)$/.test(word));
      assert.deepEqual(words, [], `${file} says ${words.join(" ")}`);
    }
  }
  assert.ok(templates > 100, `${templates} templates were found`);
});

test("the page's node tables have the keys of the package's graphs", () => {
  for (const one of [graph, rms]) {
    const ids = one.nodes.map(({ id }) => id).sort();
    assert.deepEqual(Object.keys(viewsOf(one)).sort(), ids);
    for (const notation of kNotations) {
      const { formulas, words } = new Locale("en", notation, one);
      const { symbols, partials } = formulas;
      for (const record of [words.nodes, symbols, partials]) for (const id of ids) assert.ok(record[id], id);
    }
  }
});
