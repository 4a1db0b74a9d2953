import type { Backnorm, Case, ParsedArray } from "../../src/index.ts";
import { parseNpy } from "../../src/parse-npy.ts";
import { notFinite, quote } from "../base/numbers.ts";
import { PageError } from "../base/page-error.ts";
import type { RestWords } from "../words/vocabulary.ts";

/** A check takes time as N²·D; this much takes some twenty seconds. */
const kMostWork = 4e8;
const kMostMebibytes = 32;

export interface Opened {
  kase: Case<Float64Array>;
  /** What was filled in, if the file held a matrix only. */
  note(words: RestWords): string;
}

interface Matrix {
  data: Float64Array | Float32Array;
  shape: number[];
}

const isNpy = (bytes: Uint8Array) => bytes[0] === 0x93 && bytes[1] === 0x4e && bytes[2] === 0x55; // \x93NU, as of \x93NUMPY

function matrixOf({ data, shape }: Matrix, what: string): { x: Float64Array; shape: [number, number] } {
  if (shape.length !== 2)
    throw new PageError(what, "a matrix, 2 dimensions", `${shape.length}: [${shape.join(", ")}]`);
  const [rows, columns] = shape as [number, number];
  if (rows * rows * columns > kMostWork) {
    throw new PageError(what, `N²·D up to ${kMostWork.toExponential(0)} for the check`, `${rows}×${columns}`);
  }
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    const place = `row ${Math.floor(at / columns) + 1}, column ${(at % columns) + 1}`;
    throw new PageError(what, "finite numbers", `${notFinite(data[at] as number)} in ${place}`);
  }
  return { x: Float64Array.from(data), shape: [rows, columns] };
}

/** A matrix becomes x. What it lacks stays if the shape is the same; else NumPy's generator draws it. */
function around(matrix: Matrix, bn: Backnorm, current: Case<Float64Array>): Opened {
  const { x, shape } = matrixOf(matrix, "the matrix");
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

/** { x, gamma, beta, dy, eps, ddof } with nested lists: a whole case. */
function wholeCase(value: Record<string, unknown>, bn: Backnorm, current: Case<Float64Array>): Opened {
  const read = (name: string) => {
    try {
      return bn.parseArray(JSON.stringify(value[name] ?? null));
    } catch (cause) {
      const got = value[name] === undefined ? "nothing" : "something else";
      throw new PageError(name, "numbers in nested lists", got, { cause });
    }
  };
  if (value["x"] === undefined)
    throw new PageError("", 'a list of rows, or an object with "x" in it', 'an object without "x"');
  const filled = around(read("x"), bn, { ...current, eps: (value["eps"] as number) ?? 1e-5, ddof: 0 });
  const kase = filled.kase;
  const given = ["gamma", "beta", "dy"].filter((name) => value[name] !== undefined);
  for (const name of given as ("gamma" | "beta" | "dy")[]) {
    const { data, shape } = read(name);
    if (name === "dy" && String(shape) !== String(kase.shape))
      throw new PageError(name, `shape [${kase.shape.join(", ")}] as of x`, `[${shape.join(", ")}]`);
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
    const at = new TextEncoder().encode(readable).length;
    const got = bytes[at]?.toString(16).padStart(2, "0");
    throw new PageError("", "text in UTF-8, or .npy", `${got} at byte ${at}`, { cause });
  }
}

/** What the text holds as JSON, or an error that says where it stops being JSON. */
async function readJson(text: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // browsers differ in whether they name the place, so a parser that does is fetched
    const { parse, printParseErrorCode } = await import("jsonc-parser");
    const errors: import("jsonc-parser").ParseError[] = [];
    parse(text, errors, { disallowComments: true });
    const [{ error, offset } = { error: 0, offset: text.length }] = errors;
    const before = text.slice(0, offset).split("\n");
    const [line, column] = [before.length, (before.at(-1) as string).length + 1];
    const expected = kJsonExpected[printParseErrorCode(error)] ?? "JSON";
    const got = offset < text.length ? quote(text.charAt(offset)) : "the end of the file";
    throw new PageError("", `${expected} (line ${line}, column ${column})`, got, { cause });
  }
}

const kJsonExpected: Readonly<Record<string, string>> = {
  PropertyNameExpected: "a name in double quotes",
  ValueExpected: "a number or a list",
  ColonExpected: "a colon",
  CommaExpected: "a comma",
  CloseBraceExpected: 'a comma or "}"',
  CloseBracketExpected: 'a comma or "]"',
  EndOfFileExpected: "the end of the file",
};

/** Throws an error for what is too large to be read. `size`: in bytes or characters; `most`: in 2^20 of them. */
export function refuseLarge(size: number, most = kMostMebibytes) {
  const mebibytes = size / 2 ** 20;
  if (mebibytes > most) throw new PageError("", `at most ${most} MiB`, String(Math.ceil(mebibytes)));
}

/** What a file holds: the array of a .npy file, or a text. Throws an error that says what was expected. */
export async function contentOf(file: File): Promise<ParsedArray | string> {
  refuseLarge(file.size);
  const bytes = new Uint8Array(await file.arrayBuffer());
  return isNpy(bytes) || file.name.toLowerCase().endsWith(".npy") ? parseNpy(bytes) : textOf(bytes);
}

/**
 * Reads a case from a file: .npy, JSON, CSV, or what NumPy and PyTorch print. What it is, the content says and
 * not the name. Throws an error that says which line or byte, and what was expected.
 */
export async function openFile(file: File, bn: Backnorm, current: Case<Float64Array>): Promise<Opened> {
  const content = await contentOf(file);
  let opened: Opened;
  if (typeof content !== "string") opened = around(content, bn, current);
  else if (content.trimStart().startsWith("{")) opened = wholeCase(await readJson(content), bn, current);
  else opened = around(bn.parseArray(content), bn, current);
  bn.trace(opened.kase); // the package's own checks speak before anything on the page is replaced
  return opened;
}
