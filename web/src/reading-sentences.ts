/** The error messages about texts, like sentences.ts for arguments. */

import type { ErrorPlace } from "./errors.ts";
import { anyOf, count, faultIn, type Got, type ParamsIn, type Table } from "./faults.ts";
import { said } from "./given.ts";

/** What may come next in a text: one of these, or quoted marks. */
const things = {
  number: "a number",
  "number with a point": "a number with a decimal point",
  "column name": "a name above each column",
  "row name": "a name in front of each row",
  separator: "a separator in front",
  keyword: "a keyword such as dtype=",
  "closing quote": "a closing quote in this line",
  nothing: "nothing after the array",
  dtype: "a dtype in quotes, none of records",
  lengths: "a tuple of lengths, 0 or more each",
  "header end": '"}" and the end of the header',
};
export type Thing = keyof typeof things;
export type Mark = `"${string}"`;
export type Unexpected = Got & { wanted: readonly (Thing | Mark)[]; asAbove?: true };
export const unexpected = ({ wanted, asAbove }: Unexpected) =>
  anyOf(wanted.map((one) => things[one as Thing] ?? one)) + (asAbove ? " as above" : "");

/** A list and its members: a row holds values, a table rows. */
export type Level = "value" | "row" | "table" | "block" | "group";
/** `at`: which list, from 1. Compared with the header, or with list 1. */
export type Ragged = { length: number; member: Level; list: Level; at: number; header: boolean; got: number };
export type Separator = "," | ";" | "\t" | " ";
const separators = { ",": "a comma", ";": "a semicolon", "\t": "a tab", " ": "a space" };
/** If so, a decimal comma may have been meant. */
export const hasComma = (...between: readonly Separator[]) => between.includes(",");

export const atMostDimensions = ({ most, got }: { most: number; got: number }) =>
  [`at most ${most} dimensions`, String(got)] as const;

export const readingSentences = {
  // Texts
  "not-a-string": ["not-a-string", "Type", "a string"],
  "unexpected-in-text": ["unreadable-array", "Range", unexpected],
  ragged: [
    "unreadable-array",
    "Range",
    ({ length, member, list, at, header, got }: Ragged) => [
      `${count(length, member)} in ${list} ${at} as in ${header ? "the header" : `${list} 1`}`,
      String(got),
    ],
  ],
  "mixed-separators": [
    "unreadable-array",
    "Range",
    ({ before, got }: { before: Separator; got: Separator }) => [
      `${separators[before]} between values as before`,
      `${separators[got]}${hasComma(before, got) ? " (a decimal comma is not read: write 1.5 for 1,5)" : ""}`,
    ],
  ],
  shortened: [
    "unreadable-array",
    "Range",
    ({ got }: Got) => [
      "every number",
      `${said(got)}: the print was shortened, np.set_printoptions(threshold=sys.maxsize) or torch.set_printoptions(profile="full") prints all of it`,
    ],
  ],
  "decimal-commas": [
    "unreadable-array",
    "Range",
    ({ got }: Got) => [
      "1.5 for a number with decimals, or 1, 5 for two numbers",
      `${said(got)}, which may be either`,
    ],
  ],
  "in-pieces": [
    "unreadable-array",
    "Range",
    ({ got }: Got) => [
      "an array in one piece",
      `${said(got)}: jsonencode(dx) in MATLAB or Octave, println(dx) in Julia, write.csv(dx) in R or print(dx.to_csv()) in pandas prints it so`,
    ],
  ],
  "too-deep": ["unreadable-array", "Range", atMostDimensions],
} as const satisfies Table;

export type Reason = keyof typeof readingSentences;
export type ParamsOf<Of extends Reason> = ParamsIn<typeof readingSentences, Of>;

export const fault = <Of extends Reason>(
  reason: Of,
  argument: string,
  params: ParamsOf<Of>,
  at?: ErrorPlace,
) => faultIn(readingSentences, reason, argument, params, at);
