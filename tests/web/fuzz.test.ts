/**
 * What others wrote, broken at random: prints, tables, JSON, .npy files and links. Each reads, or is refused in a
 * sentence that says where. BACKNORM_FUZZ_SECONDS: how long to go on with each reader, in place of a few seconds.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { kNotations } from "../../web/lab/maths/notations.ts";
import { kFactors, kLanguages, kLenses, kThemes } from "../../web/lab/model/choices.ts";
import { switchableIn } from "../../web/lab/model/mistakes.ts";
import { momentsOf } from "../../web/lab/model/moment.ts";
import { isPreset } from "../../web/lab/model/presets.ts";
import { fromFiles } from "../../web/lab/session/intake.ts";
import { drawOf, kOwn, readLink, writeLink } from "../../web/lab/session/link.ts";
import { caseAsJson } from "../../web/lab/share/case-text.ts";
import { Locale } from "../../web/lab/words/locale.ts";
import { PageError } from "../../web/lab/words/page-error.ts";
import { BacknormRangeError, type ErrorPlace } from "../../web/src/errors.ts";
import type { Case, NodeId } from "../../web/src/index.ts";
import { type ParsedArray, parseArray } from "../../web/src/parse-array.ts";
import { parseNpy } from "../../web/src/parse-npy.ts";
import { inChinese } from "./in-chinese.ts";
import { webassembly as bn } from "./support.ts";

const seconds = Number(process.env["BACKNORM_FUZZ_SECONDS"] ?? 0);
const runs: fc.Parameters<unknown> = seconds
  ? { numRuns: 2 ** 31 - 1, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false }
  : { numRuns: 4000, seed: 1 }; // the same inputs every time: what is new is found by the long run

/** How often each reader ran, and which of its answers were met: kinds of arrays, and what else was expected. */
const met = new Map<string, { times: number; answers: Set<string> }>();
function meet(reader: string, answer: string) {
  const so = met.get(reader) ?? { times: 0, answers: new Set() };
  met.set(reader, so);
  so.times += 1;
  so.answers.add(answer.replace(/, got .*/s, "").replace(/\d+/g, "0"));
}
after(() => {
  for (const [reader, { times, answers }] of met)
    console.log(`${reader}: ${times} inputs, ${answers.size} kinds of answer`);
});

// --- Breaking

interface Cut<Piece> {
  at: number;
  drop: number;
  put: Piece;
}

/** A place is a share of the length, so that a cut says the same of any input. */
const cuts = <Piece>(piece: fc.Arbitrary<Piece>) =>
  fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.nat(6), put: piece }), {
    maxLength: 5,
  });

function broken<Whole extends string | Uint8Array>(
  whole: Whole,
  all: readonly Cut<Whole>[],
  join: (...parts: Whole[]) => Whole,
): Whole {
  let result = whole;
  for (const { at, drop, put } of all) {
    const from = Math.floor(at * result.length);
    result = join(result.slice(0, from) as Whole, put, result.slice(from + drop) as Whole);
  }
  return result;
}

const textCuts = cuts(
  fc.oneof(
    fc.constantFrom(
      ..."[](){},;:#=*'\"<>\t\n\r .-+&%0158eE\u2212\u00A0\uFEFF\uD800…",
      ...[
        "...",
        "nan",
        "inf",
        "1e999",
        "1e-999",
        "0x1",
        "1_000",
        "NaN",
        "null",
        "true",
        "x=",
        "array(",
        "tensor(",
      ],
      ...[
        "dtype=float32",
        "torch.float64",
        "Out[1]:",
        "1.0e+03 *\n",
        "1,5",
        "\r\n",
        "[[",
        "]]",
        "%00",
        "&x=",
        "é",
      ],
    ),
    fc.string({ maxLength: 4 }),
  ),
);
const brokenText = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, textCuts).map(([whole, all]) => broken(whole, all, (...parts) => parts.join("")));

const bytesOf = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

// --- Arrays

const value = fc.oneof(
  fc.double(),
  fc.integer({ min: -9, max: 9 }),
  fc.constantFrom(0, -0, 5e-324, 1e308, 0.1, 1 / 3),
);
const matrix = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rows, columns]) => {
    const row = fc.array(value, { minLength: columns, maxLength: columns });
    return fc.array(row, { minLength: rows, maxLength: rows });
  });
const nested = (rows: number[][], comma: string, print: (one: number) => string) =>
  `[${rows.map((row) => `[${row.map(print).join(comma)}]`).join(`${comma}\n `)}]`;
const lines = (rows: number[][], separator: string) => rows.map((row) => row.join(separator)).join("\n");
const printers: ((rows: number[][]) => string)[] = [
  (rows) => `array(${nested(rows, ", ", String)}, dtype=float32)`,
  (rows) => nested(rows, " ", (one) => one.toExponential(8)),
  (rows) => `dx = tensor(${nested(rows, ", ", (one) => one.toFixed(4))}, grad_fn=<MulBackward0>)`,
  (rows) => `tensor(${nested(rows, ", ", String)}, device='cuda:0', dtype=torch.float64)`,
  (rows) => `1.0e+03 *\n${nested(rows, ", ", String)}`,
  (rows) => JSON.stringify(rows),
  (rows) => JSON.stringify([rows, rows]),
  (rows) => `${(rows[0] ?? []).map((_, i) => `"x ${i}"`)}\n${lines(rows, ",")}`,
  (rows) => `# a comment\n${lines(rows, ";")}\r\n`,
  (rows) => lines(rows, "\t"),
  (rows) => lines(rows, "  "),
];
const prints = fc.tuple(fc.constantFrom(...printers), matrix).map(([print, rows]) => print(rows));

function assertWhole({ data, shape, resolution }: ParsedArray, most: number) {
  assert.ok(data instanceof Float32Array || data instanceof Float64Array);
  assert.ok(shape.length <= most && shape.every((length) => Number.isSafeInteger(length) && length >= 0));
  assert.equal(
    data.length,
    shape.reduce((product, length) => product * length, 1),
  );
  assert.ok(!resolution || (resolution.length === data.length && resolution.every((half) => half >= 0)));
}

/** What a reader made of it, or the error with which it refused. */
function outcome(read: () => ParsedArray): ParsedArray | BacknormRangeError {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof BacknormRangeError, (error as Error).stack);
    inChinese(error);
    return error;
  }
}

const listOf = (data: ArrayLike<number>, shape: readonly number[]): unknown =>
  shape.reduceRight<unknown[]>(
    (members, length) =>
      Array.from({ length: members.length / length }, (_, i) => members.slice(i * length, (i + 1) * length)),
    Array.from(data, (one) => (Object.is(one, -0) ? 0 : one)),
  )[0];

/** JSON that is no array of numbers of up to five dimensions, all lists of a depth of one length, gives nothing. */
function jsonArray(text: string): unknown {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  const shape: number[] = [];
  for (let list = found; Array.isArray(list); list = list[0]) shape.push(list.length);
  const fits = (list: unknown, depth: number): boolean =>
    depth === shape.length
      ? typeof list === "number" && Number.isFinite(list)
      : Array.isArray(list) && list.length === shape[depth] && list.every((one) => fits(one, depth + 1));
  const regular = shape.length > 0 && shape.length <= 5 && !shape.includes(0) && fits(found, 0);
  return regular ? found : undefined;
}

function checkText(text: string) {
  const read = outcome(() => parseArray(text));
  if (read instanceof BacknormRangeError) {
    meet("parseArray", read.message);
    assert.equal(read.code, "unreadable-array");
    const { offset, line = 0, column = 0 } = read.at as ErrorPlace;
    const before = text.slice(0, offset).split(/\r\n?|\n/);
    assert.ok(offset <= text.length, read.message);
    assert.deepEqual([line, column], [before.length, (before.at(-1) as string).length + 1], read.message);
    assert.equal(jsonArray(text), undefined, "what JSON reads as an array is one");
    return;
  }
  meet(
    "parseArray",
    `${read.data.constructor.name} of ${read.shape.length}, ${read.resolution ? "rounded" : ""}`,
  );
  assertWhole(read, 5);
  assert.ok(read.data.length > 0);
  assert.deepEqual(parseArray(`${text}\n`), read, "a line end at the end changes nothing");
  const json = jsonArray(text);
  if (json !== undefined) assert.deepEqual(listOf(read.data, read.shape), JSON.parse(JSON.stringify(json)));
}

test("a broken print, table or list is read, or refused with line, column and a sentence in both languages", () => {
  fc.assert(fc.property(brokenText(prints), checkText), runs as fc.Parameters<[string]>);
});

// --- .npy

const types = ["<f8", ">f8", "<f4", ">f4", "<f2", "|i1", "<i8", ">u2", "|b1", "=f8", "<c16", "|O", "<U3"];
const npy = fc
  .record({
    type: fc.constantFrom(...types),
    fortran: fc.boolean(),
    shape: fc.array(fc.oneof(fc.nat(4), fc.constantFrom(2 ** 31, 2 ** 53)), { maxLength: 6 }),
    version: fc.constantFrom(1, 1, 2, 3, 4),
    surplus: fc.constantFrom(0, 0, 0, -1, 1),
    content: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  })
  .map(({ type, fortran, shape, version, surplus, content }) => {
    const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
    const order = fortran ? "True" : "False";
    const dict = `{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${tuple}, }\n`;
    const start = version === 1 ? 10 : 12;
    const bytes = shape.reduce((product, length) => product * length, Number(type.slice(2)) || 8) + surplus;
    const file = new Uint8Array(start + dict.length + Math.max(0, bytes < 1e5 ? bytes : 64));
    file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version]);
    new DataView(file.buffer).setUint16(8, dict.length, true);
    file.set(new TextEncoder().encode(dict), start);
    for (let i = start + dict.length; i < file.length; i++) file[i] = content[i % 8] as number;
    return file;
  });
const brokenNpy = fc
  .tuple(
    npy,
    fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: cuts(fc.uint8Array({ maxLength: 4 })) },
    ),
  )
  .map(([file, all]) => broken<Uint8Array>(file, all, bytesOf));

function checkNpy(file: Uint8Array) {
  const read = outcome(() => parseNpy(file));
  const amid = new Uint8Array(file.length + 5).subarray(3, 3 + file.length);
  amid.set(file);
  const again = outcome(() => parseNpy(amid));
  if (read instanceof BacknormRangeError) {
    meet("parseNpy", read.message);
    assert.equal(read.code, "unreadable-npy");
    const { offset } = read.at as ErrorPlace;
    assert.ok(offset >= 0 && offset <= file.length, read.message);
    assert.equal((again as Error).message, read.message);
    return;
  }
  meet("parseNpy", `${read.data.constructor.name} of ${read.shape.length}`);
  assertWhole(read, 64);
  assert.deepEqual(again, read);
}

test("a broken .npy file is read, or refused with the byte, at any offset in its buffer", () => {
  fc.assert(fc.property(brokenNpy, checkNpy), runs as fc.Parameters<[Uint8Array]>);
});

// --- Files of a whole case

const current: Case<Float64Array> = bn.presets.cs231n;
const caseFiles = fc.tuple(matrix, fc.boolean(), fc.constantFrom(1e-5, 0, 1)).map(([rows, unbiased, eps]) => {
  const [shape, columns] = [[rows.length, rows[0]?.length ?? 0] as const, rows[0] ?? []];
  const x = Float64Array.from(rows.flat());
  const gamma = Float64Array.from(columns);
  return caseAsJson({ x, shape, gamma, beta: gamma, dy: x, eps, ddof: unbiased ? 1 : 0 });
});

test("a broken case file is opened whole, or refused with a sentence", async () => {
  const engine = bn as unknown as Parameters<typeof fromFiles>[1]; // the package as built, of the same types
  const check = async (text: string) => {
    try {
      const { kase } = await fromFiles([new File([text], "case.json")], engine, current);
      if (!kase) return; // arrays of the passes alone
      meet("openFile", `${kase.shape.length} ${kase.ddof}`);
      const [rows, columns] = kase.shape as [number, number];
      assert.equal(kase.x.length, rows * columns);
      assert.equal(kase.dy.length, rows * columns);
      assert.ok(kase.gamma.length === columns && kase.beta?.length === columns);
    } catch (error) {
      const { name, stack } = error as Error;
      assert.ok(
        error instanceof PageError || ["BacknormRangeError", "BacknormTypeError"].includes(name),
        stack,
      );
      meet("openFile", (error as Error).message);
      inChinese(error);
    }
  };
  await fc.assert(fc.asyncProperty(brokenText(caseFiles), check), runs as fc.Parameters<[string]>);
});

// --- Links

const known = {
  nodes: bn.graph.nodes.map(({ id }) => id),
  mistakes: switchableIn(bn).map(({ id }) => id),
  moments: momentsOf(bn.graph).map(({ id }) => id),
};
const otherwise = { base: "cs231n", selection: { node: "var" as NodeId, cell: { row: 0, column: 0 } } };
const links = fc.constantFrom(
  "#v=1&case=iris&eps=0.1&node=xhat&cell=3,2&lens=steps&lang=zh&names=pytorch&theme=dark",
  "#v=1&case=randn:231:4x5:5:12&ddof=1&mistake=no-mean-path&mode=no-spoiler&open=mine,bank",
  "#v=1&case=own&x=1,2;3,5&gamma=1,1&beta=0,0&dy=1,0;0,1&eps=1e-5&off=direct,throughVar&lens=paths",
  "v=1&case=cs231n&gamma=1,2,3,4,5&check=float32,sweep&factor=ratio&lens=closed&example=7&view=embed",
);

test("a broken link is followed as far as possible, reports each fault, and is written back consistently", () => {
  const english = new Locale("en", "paper", bn.graph).words;
  const check = (fragment: string) => {
    const { choices, kase, faults } = readLink(fragment, known, otherwise);
    for (const fault of faults) {
      const said = english.link(english.fault(fault));
      meet("readLink", said);
      assert.match(said, /^The link.* got .*\.$/su);
      assert.ok(said.length < 2000, said);
    }
    if (faults.length === 0) meet("readLink", "followed");
    assert.ok(kLenses.includes(choices.lens) && kFactors.includes(choices.factor));
    assert.ok(kLanguages.includes(choices.language) && kNotations.includes(choices.notation));
    assert.ok(choices.theme === undefined || kThemes.includes(choices.theme));
    assert.ok(known.nodes.includes(choices.selection.node) && known.moments.includes(choices.moment));
    assert.ok(choices.mistake === "" || known.mistakes.includes(choices.mistake));
    const { row, column } = choices.selection.cell;
    assert.ok(row >= 0 && column >= 0 && Number.isSafeInteger(row + column));
    if (!kase) return;
    assert.ok(isPreset(kase.base) || kase.base === kOwn || drawOf(kase.base));
    const { eps = 0, ddof = 0, x, dy, shape = [] } = kase.changes;
    assert.ok(eps >= 0 && eps < Infinity && (ddof === 0 || ddof === 1));
    for (const matrix of [x, dy])
      if (matrix) assert.equal(matrix.length, (shape[0] as number) * (shape[1] as number));
    const again = readLink(writeLink(choices, kase), known, otherwise);
    assert.deepEqual(again.faults, []);
    assert.deepEqual(again.choices, choices);
    assert.deepEqual(again.kase, kase);
  };
  fc.assert(fc.property(brokenText(links), check), runs as fc.Parameters<[string]>);
});
