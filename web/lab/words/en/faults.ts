/** What the page refuses, a row for each reason. The package says its own errors in English (web/src/sentences.ts). */
import { expectation } from "../../../src/errors.ts";
import type { Sentence } from "../../../src/faults.ts";
import { type Argument, isFault } from "../../base/fault.ts";
import { notFinite, quote } from "../../base/numbers.ts";

type Shape = readonly number[];
interface Got {
  got: string;
}
export interface Place {
  /** From 1; a matrix of one row has none. */
  row?: number | undefined;
  column: number;
}

const bracketed = (shape: Shape) => `[${shape.join(", ")}]`;
const placeOf = ({ row, column }: Place) => `${row ? `row ${row}, ` : ""}column ${column}`;
/** All of a short list; of a long one enough to see what it is about. */
const listOf = (names: readonly string[]) =>
  names.length > 14 ? `one of ${names.length}, such as ${names.slice(0, 3).join(", ")}` : names.join(", ");

/** By the codes of jsonc-parser. */
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
  // Files, and what is pasted
  "too-large": ({ most, got }: { most: number; got: number }) => [`at most ${most} MiB`, String(got)],
  "not-text": ({ byte }: { byte: string }) => ["text in UTF-8, or .npy", byte],
  "not-json": ({ code, got }: { code: string; got: string }) => [
    json[code] ?? "JSON",
    got ? quote(got) : "the end of the file",
  ],
  "no-x": ['a list of rows, or an object with "x" in it', 'an object without "x"'],
  "not-numbers": ({ missing }: { missing: boolean }) => [
    "numbers in nested lists",
    missing ? "nothing" : "something else",
  ],
  "not-like-x": ({ shape, got }: { shape: Shape; got: Shape }) => [
    `shape ${bracketed(shape)} as of x`,
    bracketed(got),
  ],
  "not-a-matrix": ({ shape }: { shape: Shape }) => ["2 dimensions", `${shape.length}: ${bracketed(shape)}`],
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
  "does-not-fit": ({ most, from, got }: { most: Shape; from: Place; got: Shape }) => [
    `at most ${most.join("×")} numbers from ${placeOf(from)} on`,
    got.join("×"),
  ],
  "cut-off": ["a whole file", "its beginning"],

  // Links, and attributes
  "not-one-of": ({ names }: Got & { names: readonly string[] }) => listOf(names),
  "not-some-of": ({ names }: Got & { names: readonly string[] }) => `some of ${names.join(", ")}`,
  "not-a-count": "a number from 1 to 99",
  "not-a-cell": "a row and a column such as 1,2",
  "not-rows": "rows of numbers such as 1,2;3,4",
  "not-a-row": "numbers such as 1,2,3",
  "not-as-many-as-x": ({ shape }: Got & { shape: Shape }) => `${shape.join("×")} numbers, as x has`,
  "negative-eps": "a number that is not negative",
  "not-a-height": "a number of pixels such as 600",
  "not-an-address": "an address such as https://example.org/backnorm/",
  "link-too-long": ({ most, got }: { most: number; got: number }) => [
    `at most ${most} characters`,
    `${got}: it was not read`,
  ],
  "one-of-two": ({ shape, base }: { shape: Shape; base: Shape }) => [
    `x and dy, both ${shape.join("×")}`,
    `one of them; the case that it begins with is ${base.join("×")}`,
  ],
  "no-numbers": [
    "the numbers of its case",
    "none, since they were too many for a link: open the file that it was saved to",
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

/** What was expected, and what was given. */
export function partsOf<Of extends PageReason>(
  reason: Of,
  params: PageParams<Of>,
): readonly [string, string] {
  const row: Sentence | ((params: never) => Sentence) = pageFaults[reason];
  const sentence = typeof row === "function" ? row(params as never) : row;
  return typeof sentence === "string" ? [sentence, quote((params as Got).got)] : sentence;
}

/** An error as a sentence without its full stop. */
export function fault(error: unknown): string {
  if (!isFault(error)) return (error as Error).message.replace(/\.$/, "");
  return `${about(error.argument)}${expectation(error)}`.replace(/\.$/, "");
}
