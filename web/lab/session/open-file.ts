import { placeIn } from "../../src/faults.ts";
import type { Backnorm, Case, ParsedArray } from "../../src/index.ts";
import { type NamesOf, optionsOf } from "../../src/options.ts";
import { parseNpy } from "../../src/parse-npy.ts";
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

/** { x, gamma, beta, dy, eps, ddof } with nested lists: a whole case. */
function wholeCase(value: Record<string, unknown>, bn: Backnorm, current: Case<Float64Array>): Opened {
  const read = (name: string) => {
    try {
      return bn.parseArray(JSON.stringify(value[name] ?? null));
    } catch (cause) {
      throw new PageError("not-numbers", { missing: value[name] === undefined }, { argument: name, cause });
    }
  };
  optionsOf("case", value, kNames, []);
  if (value["x"] === undefined) throw new PageError("no-x", {});
  const filled = around(read("x"), bn, { ...current, eps: (value["eps"] as number) ?? 1e-5, ddof: 0 });
  const kase = filled.kase;
  const given = ["gamma", "beta", "dy"].filter((name) => value[name] !== undefined);
  for (const name of given as ("gamma" | "beta" | "dy")[]) {
    const { data, shape } = read(name);
    if (name === "dy" && String(shape) !== String(kase.shape))
      throw new PageError("not-like-x", { shape: kase.shape, got: shape }, { argument: name });
    kase[name] = Float64Array.from(data);
  }
  if (value["ddof"] !== undefined) kase.ddof = value["ddof"] as 0 | 1;
  return { kase, note: given.length === 3 ? () => "" : filled.note };
}

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

/** The contents of a file: the array of a .npy file, or text. Throws an error that says what was expected. */
export async function contentOf(file: File): Promise<ParsedArray | string> {
  refuseLarge(file.size);
  const bytes = new Uint8Array(await file.arrayBuffer());
  return isNpy(bytes) || file.name.toLowerCase().endsWith(".npy") ? parseNpy(bytes) : textOf(bytes);
}

/**
 * Reads a case from a file: .npy, JSON, CSV, or output of NumPy and PyTorch. The content decides the format, not the name.
 * Throws an error that gives the line or byte and what was expected.
 */
export async function openFile(file: File, bn: Backnorm, current: Case<Float64Array>): Promise<Opened> {
  const content = await contentOf(file);
  let opened: Opened;
  if (typeof content !== "string") opened = around(content, bn, current);
  else if (content.trimStart().startsWith("{")) opened = wholeCase(await readJson(content), bn, current);
  else opened = around(bn.parseArray(content), bn, current);
  bn.trace(opened.kase); // the package checks the case before anything on the page is replaced
  return opened;
}
