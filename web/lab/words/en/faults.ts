/** The page's own errors, one row for each reason. The package has its own sentences (web/src/sentences.ts). */
import { expectation } from "../../../src/errors.ts";
import type { Sentence } from "../../../src/faults.ts";
import { type Argument, isFault } from "../../base/fault.ts";
import { notFinite, quote } from "../../base/numbers.ts";

type Shape = readonly number[];
interface Got {
  got: string;
}
export interface Place {
  /** Counts from 1; undefined for a matrix of one row. */
  row?: number | undefined;
  column: number;
}

const bracketed = (shape: Shape) => `[${shape.join(", ")}]`;
const placeOf = ({ row, column }: Place) => `${row ? `row ${row}, ` : ""}column ${column}`;
/** A short list in full; a few examples of a long one. */
const listOf = (names: readonly string[]) =>
  names.length > 16 ? `one of ${names.length}, such as ${names.slice(0, 3).join(", ")}` : names.join(", ");

/** Keys are the error codes of jsonc-parser. */
const json: Readonly<Record<string, string>> = {
  PropertyNameExpected: "a name in double quotes",
  ValueExpected: "a number or a list",
  ColonExpected: "a colon",
  CommaExpected: "a comma",
  CloseBraceExpected: 'a comma or "}"',
  CloseBracketExpected: 'a comma or "]"',
  EndOfFileExpected: "the end of the file",
};

export const pageFaults = {
  // Files and pasted text
  "too-large": ({ most, got }: { most: number; got: number }) => [`at most ${most} MiB`, String(got)],
  "not-text": ({ byte }: { byte: string }) => ["text in UTF-8, or .npy", byte],
  "not-json": ({ code, got }: { code: string; got: string }) => [
    json[code] ?? "JSON",
    got ? quote(got) : "the end of the file",
  ],
  "no-x": ['a list of rows, or an object with the key "x"', 'an object without "x"'],
  "not-numbers": ({ missing }: { missing: boolean }) => [
    "numbers in nested lists",
    missing ? "nothing" : "something else",
  ],
  "not-like-x": ({ shape, got }: { shape: Shape; got: Shape }) => [
    `shape ${bracketed(shape)}, the shape of x`,
    bracketed(got),
  ],
  "not-a-matrix": ({ shape }: { shape: Shape }) => [
    "2 or more dimensions",
    `${shape.length}: ${bracketed(shape)}`,
  ],
  "not-a-block": ({ shape }: { shape: Shape }) => [
    "a number, a row or a matrix",
    `${shape.length} dimensions: ${bracketed(shape)}`,
  ],
  "not-finite-in": ({ value, ...place }: Place & { value: number }) => [
    "finite numbers",
    `${notFinite(value)} in ${placeOf(place)}`,
  ],
  "too-much-work": ({ most, shape }: { most: number; shape: Shape }) => [
    `N²·D up to ${most.toExponential(0)} for the check`,
    shape.join("×"),
  ],
  "too-many-numbers": ({ most, shape }: { most: number; shape: Shape }) => [
    `at most ${most} numbers`,
    shape.join("×"),
  ],
  "does-not-fit": ({ most, from, got }: { most: Shape; from: Place; got: Shape }) => [
    `at most ${most.join("×")} numbers starting at ${placeOf(from)}`,
    got.join("×"),
  ],
  "cut-off": ["a complete file", "only its beginning"],

  // Links and attributes
  "not-one-of": ({ names }: Got & { names: readonly string[] }) => listOf(names),
  "not-some-of": ({ names }: Got & { names: readonly string[] }) => `some of ${names.join(", ")}`,
  "mistake-of-other-norm": ({ got, norm }: Got & { norm: string }) => [
    `a mistake that can be made in ${norm} norm`,
    quote(got),
  ],
  "unknown-key": ({ meant, names, got }: Got & { meant: string | undefined; names: readonly string[] }) => [
    meant ? `the key ${meant}` : `keys such as ${names.join(", ")}`,
    `${quote(got)}, which was ignored`,
  ],
  "no-known-name": ({ names }: { names: readonly string[] }) => [
    "an array with a known name, such as x or dx",
    names.map(quote).join(", "),
  ],
  "not-a-count": "a whole number above 0",
  "not-a-cell": "a row and a column such as 1,2",
  "not-rows": "rows of numbers such as 1,2;3,4",
  "not-arrays": "arrays such as dx:1,2;3,4|y:1,2",
  "too-many-arrays": ({ most }: { most: number }) => [`at most ${most} arrays`, "more"],
  "not-a-shape": "as many numbers as x has, such as 2,6,4,5",
  "not-a-row": "numbers such as 1,2,3",
  "not-as-many-as-x": ({ shape }: Got & { shape: Shape }) => `${shape.join("×")} numbers, the shape of x`,
  "negative-eps": "a number that is 0 or greater",
  "not-a-deck": ({ names }: Got & { names: readonly string[] }) => `slides such as ${names.join()}`,
  "not-a-height": "a number of pixels such as 600",
  "not-an-address": "a URL such as https://example.org/backnorm/",
  "link-too-long": ({ most, got }: { most: number; got: number }) => [
    `at most ${most} characters`,
    `${got}, so it was not read`,
  ],
  "one-of-two": ({ shape, base }: { shape: Shape; base: Shape }) => [
    `x and dy, both ${shape.join("×")}`,
    `only one of them; the case is ${base.join("×")}`,
  ],
  "no-x-there": ({ names }: { names: readonly string[] }) => [
    "x, the numbers of its case, such as x=1,2;3,4",
    `${names.join(", ")} without x`,
  ],
  "no-numbers": [
    "the numbers of its case",
    "none, because they are too many for a link: open the saved file",
  ],
} satisfies Record<string, Sentence | ((params: never) => Sentence)>;

export type PageReason = keyof typeof pageFaults;
type SayOf<Of extends PageReason> = (typeof pageFaults)[Of];
export type PageParams<Of extends PageReason> =
  SayOf<Of> extends (params: infer P extends object) => Sentence
    ? P
    : SayOf<Of> extends string
      ? Got
      : object;

function about(argument: Argument): string {
  if (typeof argument !== "string") return `The link${argument.link && `’s ${argument.link}`}: `;
  if (argument === "matrix") return "the matrix: ";
  return ["", "text", "bytes"].includes(argument) ? "" : `${argument}: `;
}

/** What was expected, and what was found. */
export function partsOf<Of extends PageReason>(
  reason: Of,
  params: PageParams<Of>,
): readonly [string, string] {
  const row: Sentence | ((params: never) => Sentence) = pageFaults[reason];
  const sentence = typeof row === "function" ? row(params as never) : row;
  return typeof sentence === "string" ? [sentence, quote((params as Got).got)] : sentence;
}

/** An error as a sentence without the full stop. */
export function fault(error: unknown): string {
  if (!isFault(error)) return (error as Error).message.replace(/\.$/, "");
  return `${about(error.argument)}${expectation(error)}`.replace(/\.$/, "");
}
