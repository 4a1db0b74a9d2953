import { dialectNames } from "../../src/dialects.ts";
import { placeIn } from "../../src/faults.ts";
import type { Backnorm, Case, ParsedArray } from "../../src/index.ts";
import { type NamesOf, optionsOf } from "../../src/options.ts";
import { formatOf, parseNpy } from "../../src/parse-npy.ts";
import { parseNpz } from "../../src/parse-npz.ts";
import { fault } from "../../src/sentences.ts";
import { PageError } from "../words/page-error.ts";
import type { RestWords } from "../words/vocabulary.ts";
import { refuseLarge, refuseNotFinite } from "./refusals.ts";

/** The time of a check grows as N²·D. This much takes about twenty seconds. */
const kMostWork = 4e8;

/** The largest case that a link can have too. Its arrays take half a gigabyte. */
const kMostValues = 1e6;

export interface Opened {
  kase: Case<Float64Array>;
  /** How the other inputs were filled in, if the file held only a matrix. */
  note(words: RestWords): string;
}

interface Matrix {
  data: Float64Array | Float32Array;
  shape: number[];
}

const isNpy = (bytes: Uint8Array) => bytes[0] === 0x93 && bytes[1] === 0x4e && bytes[2] === 0x55; // \x93NU, as of \x93NUMPY

function matrixOf({ data, shape }: Matrix): { x: Float64Array; shape: [number, number] } {
  const argument = "matrix";
  if (shape.length !== 2) throw new PageError("not-a-matrix", { shape }, { argument });
  const [rows, columns] = shape as [number, number];
  if (rows * rows * columns > kMostWork)
    throw new PageError("too-much-work", { most: kMostWork, shape }, { argument });
  if (rows * columns > kMostValues)
    throw new PageError("too-many-numbers", { most: kMostValues, shape }, { argument });
  refuseNotFinite(data, columns, argument);
  return { x: Float64Array.from(data), shape: [rows, columns] };
}

/** A matrix becomes x. If the shape is the same, the other inputs stay; otherwise NumPy's generator draws them. */
function around(matrix: Matrix, bn: Backnorm, current: Case<Float64Array>): Opened {
  const { x, shape } = matrixOf(matrix);
  const [rows, columns] = shape;
  if (rows === current.shape[0] && columns === current.shape[1]) {
    return { kase: { ...current, x, shape }, note: ({ files }) => files.kept };
  }
  const [gamma, beta, dy] = bn.randn(0, [columns, columns, rows * columns]) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return {
    kase: { x, shape, gamma, beta, dy, eps: current.eps },
    note: ({ files }) => files.drawn,
  };
}

const kNames: NamesOf<Pick<Case, "x" | "gamma" | "beta" | "dy" | "eps" | "ddof">> = {
  x: 0,
  gamma: 0,
  beta: 0,
  dy: 0,
  eps: 0,
  ddof: 0,
};

/** Other names of a case's numbers; the dialects have those of its arrays. */
const kSettings: Readonly<Record<string, string>> = {
  epsilon: "eps",
  variance_epsilon: "eps",
  correction: "ddof",
};
const kArrays = ["x", "gamma", "beta", "dy"] as const;
const arrayNames = dialectNames(kArrays);

/** The part of a case that a name means; the name itself if none is known. */
function partOf(name: string): string {
  const at = arrayNames.get(name);
  return at === undefined
    ? Object.hasOwn(kSettings, name)
      ? (kSettings[name] as string)
      : name
    : (kArrays[at] as string);
}

/** A whole case by usual names: `x`, `input`, `dout`, `grad_output`, `epsilon`. An array is in nested lists, or parsed. */
export function caseOf(given: Record<string, unknown>, bn: Backnorm, current: Case<Float64Array>): Opened {
  const names = new Map<string, string>();
  for (const name of Object.keys(given)) {
    const part = partOf(name);
    const twin = names.get(part);
    if (twin !== undefined) throw fault("same-array-twice", "case", { id: part, names: [twin, name] });
    names.set(part, name);
  }
  const value = Object.fromEntries([...names].map(([part, name]) => [part, given[name]]));
  const read = (part: string) => {
    if (isParsed(value[part])) return value[part];
    try {
      return bn.parseArray(JSON.stringify(value[part] ?? null));
    } catch (cause) {
      const argument = names.get(part) ?? part;
      throw new PageError("not-numbers", { missing: value[part] === undefined }, { argument, cause });
    }
  };
  const number = (part: string) =>
    isParsed(value[part]) && value[part].shape.length === 0 ? value[part].data[0] : value[part];
  optionsOf("case", value, kNames, []);
  if (value["x"] === undefined) throw new PageError("no-x", {});
  const filled = around(read("x"), bn, { ...current, eps: (number("eps") as number) ?? 1e-5, ddof: 0 });
  const kase = filled.kase;
  const inputs = kArrays.filter((name) => name !== "x" && value[name] !== undefined) as (
    | "gamma"
    | "beta"
    | "dy"
  )[];
  for (const name of inputs) {
    const { data, shape } = read(name);
    if (name === "dy" && String(shape) !== String(kase.shape))
      throw new PageError(
        "not-like-x",
        { shape: kase.shape, got: shape },
        { argument: names.get(name) as string },
      );
    kase[name] = Float64Array.from(data);
  }
  if (value["ddof"] !== undefined) kase.ddof = number("ddof") as 0 | 1;
  const areDrawn = String(kase.shape) !== String(current.shape);
  const missing = kArrays.filter((part) => value[part] === undefined);
  const note = ({ files }: RestWords) =>
    [
      ...[...names].filter(([part, name]) => part !== name).map(([part, name]) => files.taken(name, part)),
      ...(missing.length > 0 ? [files.missing(missing, areDrawn)] : []),
    ].join(" ");
  return { kase, note };
}

const isParsed = (value: unknown): value is ParsedArray =>
  ArrayBuffer.isView((value as ParsedArray | undefined)?.data);

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const [readable] = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\uFFFD", 1);
    const offset = new TextEncoder().encode(readable).length;
    const byte = (bytes[offset] as number).toString(16).padStart(2, "0");
    throw new PageError("not-text", { byte }, { at: { offset }, cause });
  }
}

/** The JSON in a text. Throws an error that says where the text is not JSON. */
async function readJson(text: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // not every browser says where the error is, so a parser that does is fetched
    const { parse, printParseErrorCode } = await import("jsonc-parser");
    const errors: import("jsonc-parser").ParseError[] = [];
    parse(text, errors, { disallowComments: true });
    const [{ error, offset } = { error: 0, offset: text.length }] = errors;
    const params = { code: printParseErrorCode(error), got: text.charAt(offset) };
    throw new PageError("not-json", params, { at: placeIn(text, offset), cause });
  }
}

/** The contents of a file: the array of a .npy file, the arrays of a .npz file by their names, or text. */
type Content = { array: ParsedArray } | { arrays: Record<string, ParsedArray> } | { text: string };

/** Throws an error that says what was expected. */
export async function contentOf(file: File): Promise<Content> {
  refuseLarge(file.size);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const format = formatOf(new DataView(bytes.buffer));
  const isNamed = (ending: string) => file.name.toLowerCase().endsWith(ending);
  if (format === "zip" || isNamed(".npz")) return { arrays: await parseNpz(bytes) };
  // parseNpy says of other formats what to save instead
  if (isNpy(bytes) || format || isNamed(".npy")) return { array: parseNpy(bytes) };
  return { text: textOf(bytes) };
}

/**
 * Reads a case from a file: .npy, .npz, JSON, CSV, or output of NumPy and PyTorch. The content decides the format, not the
 * name. Throws an error that gives the line or byte and what was expected.
 */
export async function openFile(file: File, bn: Backnorm, current: Case<Float64Array>): Promise<Opened> {
  const content = await contentOf(file);
  let opened: Opened;
  if ("array" in content) opened = around(content.array, bn, current);
  else if ("arrays" in content) opened = caseOf(content.arrays, bn, current);
  else if (content.text.trimStart().startsWith("{"))
    opened = caseOf(await readJson(content.text), bn, current);
  else opened = around(bn.parseArray(content.text), bn, current);
  bn.trace(opened.kase); // the package checks the case before anything on the page is replaced
  return opened;
}
