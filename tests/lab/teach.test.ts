/** The teacher's pages: their links are read, their numbers are those of the cases, and both languages have the same. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { type Case, load, type NodeId, type NormCase } from "backnorm";
import { type ArrayId, kNotations, notationOf } from "../../web/lab/maths/notations.ts";
import { kExamples } from "../../web/lab/mine/examples.ts";
import { kCheckParts, kTools } from "../../web/lab/model/choices.ts";
import { momentsOf } from "../../web/lab/model/moment.ts";
import { kOpenings } from "../../web/lab/model/openings.ts";
import { kPresets } from "../../web/lab/model/presets.ts";
import { readLink, writeLink } from "../../web/lab/session/link.ts";
import { csvOf } from "../../web/lab/teach/csv.ts";
import { isPossible, kUsual, namesIn, type Plan, studentsOf } from "../../web/lab/teach/plan.ts";
import { seedOf } from "../../web/lab/teach/seed.ts";
import { halfOfLastDigit, read } from "./numbers.ts";

const bn = await load();
const file = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

const pages = {
  "teach.html": await file("web/teach.html"),
  "teach.zh.html": await file("web/teach.zh.html"),
};

const names = Object.keys(pages) as (keyof typeof pages)[];

const linksOf = (name: keyof typeof pages) =>
  [...pages[name].matchAll(/href="\.\/(#[^"]*)"/g)].map(([, link = ""]) => link.replaceAll("&amp;", "&"));

const known = {
  nodes: [bn.graph, bn.graphOf("rms")].flatMap(({ nodes }) => nodes.map(({ id }) => id as NodeId)),
  mistakes: bn.mistakes.flatMap(({ id, switchable }) => (switchable ? [id] : [])),
  moments: momentsOf(bn.graph).map(({ id }) => id),
};

const otherwise = { base: "cs231n", selection: { node: "var" as NodeId, cell: { row: 0, column: 0 } } };

for (const name of names) {
  test(`every link in ${name} is read without a fault`, () => {
    const links = linksOf(name);
    assert.ok(links.length > 70, `${links.length} links`);
    for (const link of links) {
      const { faults, kase } = readLink(link, known, otherwise);
      assert.equal(faults.length, 0, link);
      // what says nothing of a case leaves the one that is there
      assert.equal(kase !== undefined, /&(case|x|gamma|beta|dy|eps|ddof)=/.test(link), link);
    }
  });

  test(`${name} documents every link key and every case`, () => {
    const everything = writeLink(
      {
        selection: otherwise.selection,
        lens: "paths",
        mistake: "dvar-half",
        moment: "f1",
        language: "zh",
        notation: "cs231n",
        theme: "dark",
        off: new Set(["direct"]),
        factor: "dy",
        tools: new Set(kTools),
        parts: new Set(kCheckParts),
        example: 1,
        tour: 1,
        sparing: true,
        brief: true,
      },
      {
        base: "own",
        changes: {
          x: Float64Array.of(1, 2),
          dy: Float64Array.of(1, 2),
          gamma: Float64Array.of(1),
          beta: Float64Array.of(1),
          shape: [2, 1],
          eps: 0.1,
          ddof: 1,
        },
      },
    );
    const keys = [...new URLSearchParams(everything.slice(1)).keys()];
    for (const said of [...keys, ...kPresets])
      assert.match(pages[name], new RegExp(`<th scope="row">(?:(?!</th>).)*<code>${said}</code>`), said);
  });
}

test("both languages have the same links, except that the Chinese ones open in Chinese", () => {
  const chinese = linksOf("teach.zh.html");
  const plain = (link: string) => link.replace(/&lang=zh/, "");
  assert.deepEqual(linksOf("teach.html").map(plain), chinese.map(plain));
  for (const link of chinese) assert.match(link, /&lang=zh$/);
});

test("the table of names has each notation's names of the arrays", () => {
  for (const name of names) {
    const rows = [...pages[name].matchAll(/data-array="(\w+)">(.*?)<\/tr>/g)];
    assert.equal(rows.length, 9);
    for (const [, id, row = ""] of rows) {
      const shown = [...row.matchAll(/<code>(\w+)<\/code>/g)].map(([, code]) => code);
      assert.deepEqual(
        shown,
        kNotations.map((notation) => notationOf(notation, bn.graph).code[id as ArrayId]),
      );
    }
  }
});

/** What a sentence says last, after its equals sign: "= −0.16", "1.9·10⁻⁴". */
function numberIn(phrase: string): { value: number; half: number } {
  const [mantissa = "", power = ""] = (phrase.split("=").at(-1) as string).trim().split("·10");
  const exponent = [...power].map((sign) => (sign === "⁻" ? "-" : "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(sign))).join("");
  const scale = 10 ** Number(exponent);
  return { value: read(mantissa) * scale, half: halfOfLastDigit(mantissa) * scale };
}

/** The case of the lessons on layer and RMS norm. */
const wholeNumbers = (norm: "layer" | "rms", x: number[], dy: number[]): NormCase<Float64Array> => ({
  norm,
  shape: [3, 4],
  x: Float64Array.from(x),
  gamma: Float64Array.of(1, 3, 5, 1),
  ...(norm === "layer" ? { beta: Float64Array.of(0, 1, -1, 2) } : {}),
  dy: Float64Array.of(...dy, 2, 1, -1, 0, 3, 0, 1, -4),
  eps: 0,
});

const gradient = (kase: NormCase<Float64Array>, id: NodeId, mistake?: string) =>
  bn.trace(kase, { mistakes: mistake ? [mistake] : [] }).nodes.find((node) => node.id === id)
    ?.grad as Float64Array;

test("the numbers in the lessons are those of their cases", () => {
  const { notes, cs231n, cs231nAlt, largeMean } = bn.presets;
  const of = (kase: Case<Float64Array>, id: NodeId, which: "value" | "grad" = "grad") =>
    bn.trace(kase).nodes.find((node) => node.id === id)?.[which] as Float64Array;
  const column = ({ shape }: Case, values: Float64Array, at: number) =>
    values.filter((_, place) => place % (shape[1] as number) === at);
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const centredSum = (kase: Case<Float64Array>) => sum(column(kase, of(kase, "xc", "value"), 0));
  const second = (kase: Case<Float64Array>) => bn.trace(kase).paths.mean.throughVar[0] as number;
  const sweep = (id: NodeId, kind: "float64" | "float32", step: number) =>
    bn.stepSweep(cs231n, id, { steps: [step] })[kind][0] as number;
  const single = ({ x, gamma, beta, dy, ...rest }: Case<Float64Array>) => {
    const [a, b, c, d] = [x, gamma, beta, dy].map((values) => Float32Array.from(values));
    return bn.gradcheck({ ...rest, x: a, gamma: b, beta: c, dy: d } as Case<Float32Array>);
  };
  const share = (kase: Case<Float64Array>) => {
    const { direct, throughMean } = bn.trace(kase).paths.x;
    return (100 * Math.hypot(...throughMean)) / Math.hypot(...direct);
  };
  const dx13 = of(cs231n, "x")[2] as number;
  const loss3 = sum(
    column(cs231n, cs231n.dy, 2).map(
      (value, row) => value * (of(cs231n, "y", "value")[5 * row + 2] as number),
    ),
  );
  const loose = bn.gradcheck(cs231n, { mistakes: ["eps-outside"] }).nodes.find(({ id }) => id === "x");
  assert.equal(single(largeMean).nodes.filter(({ verdict }) => verdict === "undecidable").length, 8);

  const layer = wholeNumbers("layer", [3, 9, 17, 11, 5, 3, 3, 5, 18, 34, 22, 6], [5, 5, 3, 5]);
  const rms = wholeNumbers("rms", [1, 5, 5, 7, -4, 2, 4, 8, 6, -2, 6, 18], [5, 1, 1, 5]);
  const row = (kase: NormCase<Float64Array>, mistake?: string) => gradient(kase, "x", mistake).subarray(0, 4);
  const squares = (kase: NormCase<Float64Array>, mistake?: string) =>
    bn.trace(kase, { mistakes: mistake ? [mistake] : [] }).nodes.find(({ id }) => id === ("ms" as NodeId))
      ?.value[0];
  assert.deepEqual(gradient(layer, "gamma", "wrong-axis").length, 3);

  const claims: [phrase: string, value: number | undefined][] = [
    ["2 + 1 + 3 + 2 = 8", of(notes, "beta")[0]],
    ["−2.8 − 0.2 + 4.2 + 0.4 = 1.6", of(notes, "gamma")[0]],
    ["−½ · 40 / 5³ = −0.16", of(notes, "var")[0]],
    ["−40 / 5 = −8", of(notes, "mean")[0]],
    ["10/5 + (−0.16)·2·(−7)/4 + (−8)/4 = 2 + 0.56 − 2 = 0.56", of(notes, "x")[0]],
    ["(3 + 9 + 17 + 11)/4 = 10", of(notes, "mean", "value")[0]],
    ["−(2.56 + 1.08 + 2.44 + 1.92) = −8", -sum(column(notes, of(notes, "xc"), 0))],
    ["39", share(cs231n)],
    ["10", share(cs231nAlt)],
    ["−7.1·10⁻¹⁵", centredSum(cs231n)],
    ["−1.9·10⁻¹⁷", second(cs231n)],
    ["∂μ = −0.0011", of(cs231n, "mean")[0]],
    ["7.0·10⁻¹⁰", centredSum(largeMean)],
    ["6.4·10⁻¹⁰", second(largeMean)],
    ["−6.9", of(largeMean, "mean")[0]],
    ["2.2·10⁻⁴", sweep("x", "float64", 0.1)],
    ["2.2·10⁻⁶", sweep("x", "float64", 0.01)],
    ["2.0·10⁻¹⁰", sweep("x", "float64", 1e-4)],
    ["1.9·10⁻⁴", sweep("x", "float32", 0.1)],
    ["0.31", sweep("x", "float32", 1e-5)],
    ["4.8·10⁻⁸", sweep("gamma", "float32", 1)],
    ["1.3·10⁻³", sweep("gamma", "float32", 1e-5)],
    ["5.4·10⁻⁸", single(cs231n).nodes.find(({ id }) => id === "x")?.relativeError],
    ["−0.00156", dx13],
    ["2h·∂x = 3.1·10⁻⁸", 2e-5 * Math.abs(dx13)],
    ["−0.41", loss3],
    ["3.0·10⁻⁸", 2 ** (Math.floor(Math.log2(Math.abs(loss3))) - 23)],
    ["5.6·10⁻¹⁷", 2 ** (Math.floor(Math.log2(Math.abs(loss3))) - 52)],
    ["4.0·10⁻⁵", loose?.measures.exact.maxRelative],
    ["−(1 + 3 + 3 + 1) = −8", gradient(layer, "mean")[0]],
    ["−7 + 2 − 0.6 = −5.6", gradient(layer, "gamma")[0]],
    ["5/5 + (−0.24)·2·(−7)/4 + (−8)/4 = 1 + 0.84 − 2 = −0.16", row(layer)[0]],
    ["0.05 · (−3.2) = −0.16", row(layer)[0]],
    ["−0.272", sum(row(layer, "gamma-factored-out"))],
    ["(1 + 25 + 25 + 49)/4 = 25", squares(rms)],
    ["5/5 + (−0.32)·2·1/4 = 1 − 0.16 = 0.84", row(rms)[0]],
    ["0.05 · 16.8 = 0.84", row(rms)[0]],
    ["0.72", sum(row(rms))],
    ["−0.9", (row(rms, "layer-backward")[0] as number) - (row(rms)[0] as number)],
    ["25 − 4.5² = 4.75", squares(rms, "variance-for-ms")],
  ];
  for (const [phrase, value] of claims) {
    for (const name of names) assert.ok(pages[name].includes(phrase), `${name} says ${phrase}`);
    const { value: said, half } = numberIn(phrase);
    // 1 + 1e-9: the digits of the sentence are decimal
    assert.ok(Math.abs(said - (value as number)) <= half * (1 + 1e-9), `${phrase}: it is ${value}`);
  }
});

test("the teacher's list gives the first wrong array of each linked example", () => {
  const kase = bn.presets.cs231n;
  const first = kExamples.map((mistake) => {
    const { nodes } = bn.trace(kase, { mistakes: [mistake] });
    const steps = nodes.filter(({ id }) => ["beta", "gamma", "xhat", "var", "mean", "x"].includes(id));
    return bn.diagnose(kase, Object.fromEntries(steps.map(({ id, grad }) => [`d${id}`, grad]))).firstWrong;
  });
  for (const name of names) {
    const rows = [...pages[name].matchAll(/<th scope="row">(\d)<\/th><td><code>(\w+)<\/code>/g)];
    assert.deepEqual(
      rows.map(([, at, array]) => [Number(at), array]),
      first.map((array, at) => [at + 1, array]),
      name,
    );
  }
});

test("a name has the seed of its FNV-1a hash, however it is typed", () => {
  assert.equal(seedOf(""), 0x811c9dc5);
  assert.equal(seedOf("a"), 0xe40c292c);
  assert.equal(seedOf("foobar"), 0xbf9cf968);
  const same = ["Ada Lovelace", " ada  lovelace", "ADA\tLOVELACE ", "Ａｄａ\u3000Lovelace"].map(seedOf);
  assert.deepEqual([...new Set(same)], [same[0]]);
  assert.equal(seedOf("Zoë"), seedOf("Zoe\u0308"));
  assert.notEqual(seedOf("Zoë"), seedOf("Zoe"));
});

test("the Python of both pages has a name and its seed", () => {
  for (const name of names) {
    const [, student = "", seed] = /seed\("(.+?)"\) {2}# (\d+)/.exec(pages[name]) ?? [];
    assert.equal(seedOf(student), Number(seed), name);
  }
});

test("a thousand names have a thousand seeds", () => {
  const seeds = Array.from({ length: 1000 }, (_, at) => seedOf(`Student ${at}`));
  assert.equal(new Set(seeds).size, 1000);
});

const planOf = (part: Partial<Plan>): Plan => ({
  norm: "batch",
  shape: kUsual[part.norm ?? "batch"].shape,
  groups: 2,
  notation: "paper",
  language: "en",
  opening: "assignment",
  ...part,
});

test("each built link is read without a fault, and opens what was asked for", () => {
  for (const norm of ["batch", "layer", "group", "instance", "rms"] as const)
    for (const opening of kOpenings)
      for (const other of [{}, { notation: "cs231n", language: "zh" }] as const) {
        const plan = planOf({ norm, opening, ...other });
        const [student] = studentsOf(plan, "Ada Lovelace");
        const { fragment, seed, example } = student as NonNullable<typeof student>;
        const { faults, kase, choices } = readLink(fragment, known, otherwise);
        assert.deepEqual(faults, [], fragment);
        assert.match(kase?.base ?? "", new RegExp(`^randn:${seed}:${plan.shape}:`));
        assert.equal(kase?.changes.norm ?? "batch", norm);
        assert.equal(choices.sparing, opening === "assignment");
        assert.equal(choices.tools.has("mine"), opening === "mine" || opening === "example");
        assert.equal(choices.lens, ["steps", "paths", "closed"].includes(opening) ? opening : "graph");
        assert.equal(choices.example, example);
        assert.equal(choices.notation, plan.notation);
        assert.equal(choices.language, plan.language);
      }
});

test("a shape that the norm can't have has no links", () => {
  for (const [part, isGood] of [
    [{ shape: "6x3" }, true],
    [{ shape: " (6, 3) " }, true],
    [{ shape: "6 × 3" }, true],
    [{ shape: "1x3" }, false], // one value in each group
    [{ shape: "6" }, false],
    [{ shape: "sixty" }, false],
    [{ shape: "1000x500" }, false],
    [{ norm: "layer", shape: "3x1" }, false],
    [{ norm: "group", shape: "2x6x2x3", groups: 3 }, true],
    [{ norm: "group", shape: "2x6x2x3", groups: 4 }, false],
    [{ norm: "instance", shape: "2x3" }, false],
  ] as const)
    assert.equal(isPossible(planOf(part)), isGood, JSON.stringify(part));
});

test("a list of names has each name once, in its order", () => {
  assert.deepEqual(namesIn("  Emmy   Noether\r\n\nAda\nEMMY NOETHER\n李华"), ["Emmy Noether", "Ada", "李华"]);
});

test("the table quotes its fields, and has no formulas", () => {
  const rows = [
    ["Lovelace, Ada", 7],
    ['"Q"', -1],
    ["=1+1", 0],
  ] as const;
  assert.equal(csvOf(rows), '"Lovelace, Ada",7\r\n"""Q""",-1\r\n\'=1+1,0\r\n');
});
