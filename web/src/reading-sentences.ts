/** The error messages about texts and .npy files, like sentences.ts for arguments. */

import type { ErrorPlace } from "./errors.ts";
import {
  anyOf,
  bracketed,
  count,
  faultIn,
  type Got,
  type ParamsIn,
  type Shape,
  type Table,
} from "./faults.ts";
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
const unexpected = ({ wanted, asAbove }: Unexpected) =>
  anyOf(wanted.map((one) => things[one as Thing] ?? one)) + (asAbove ? " as above" : "");

/** A list and its members: a row holds values, a table rows. */
export type Level = "value" | "row" | "table" | "block" | "group";
/** `at`: which list, from 1. Compared with the header, or with list 1. */
export type Ragged = { length: number; member: Level; list: Level; at: number; header: boolean; got: number };
export type Separator = "," | ";" | "\t" | " ";
const separators = { ",": "a comma", ";": "a semicolon", "\t": "a tab", " ": "a space" };
/** If so, a decimal comma may have been meant. */
export const hasComma = (...between: readonly Separator[]) => between.includes(",");

const atMostDimensions = ({ most, got }: { most: number; got: number }) =>
  [`at most ${most} dimensions`, String(got)] as const;

export type NpyPiece = "version" | "header length" | "header";
/** The contents of a dtype without real numbers. */
export type NotNumbers =
  | ("complex numbers" | "Python objects" | "byte strings" | "text")
  | ("dates" | "durations" | "raw bytes");
const hex = (byte: number) => byte.toString(16).padStart(2, "0");
export const hexOf = (bytes: readonly number[]) => bytes.map(hex).join(" ");

/** Formats of files that hold arrays, but aren't .npy. */
export type FileFormat = "zip" | "MATLAB" | "HDF5" | "pickle" | "PyTorch" | "safetensors";
export const kSave = 'np.savez("arrays.npz", dx=dx)';
const formats: Readonly<Record<FileFormat, string>> = {
  zip: "a zip file such as .npz, which parseNpz reads",
  MATLAB: "a MATLAB file",
  HDF5: "an HDF5 file",
  pickle: "a Python pickle",
  PyTorch: "a PyTorch file",
  safetensors: "a safetensors file",
};
/** What else a file is, and how to save its arrays. */
const insteadOf = (format: FileFormat | undefined) =>
  format ? ` (${formats[format]}${format === "zip" ? "" : `: save its arrays by ${kSave}`})` : "";

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

  // .npy files
  "not-bytes": ["not-a-typed-array", "Type", "a Uint8Array or an ArrayBuffer"],
  "not-npy": [
    "unreadable-npy",
    "Range",
    ({ first, format }: { first: readonly number[]; format: FileFormat | undefined }) => [
      "93 4e 55 4d 50 59, with which .npy files begin",
      (hexOf(first) || "no bytes") + insteadOf(format),
    ],
  ],
  "npy-cut": [
    "unreadable-npy",
    "Range",
    ({ piece, end }: { piece: NpyPiece; end: number }) => [
      `a ${piece} up to byte ${end}`,
      "the end of the file",
    ],
  ],
  "npy-version": [
    "unreadable-npy",
    "Range",
    ({ version }: { version: string }) => ["version 1.0, 2.0 or 3.0", version],
  ],
  "unexpected-in-npy": ["unreadable-npy", "Range", unexpected],
  "npy-dtype": [
    "unreadable-npy",
    "Range",
    ({ got, holds }: Got & { holds: NotNumbers | undefined }) => [
      "a dtype of floats up to f8, integers or booleans",
      said(got) + (holds ? `: ${holds}` : ""),
    ],
  ],
  "npy-too-deep": ["unreadable-npy", "Range", atMostDimensions],
  "npy-too-large": ["unreadable-npy", "Range", "an array of less than 2^53 bytes"],
  "npy-data": [
    "unreadable-npy",
    "Range",
    ({ bytes, shape, size, got }: { bytes: number; shape: Shape; size: number; got: number }) => [
      `${bytes} bytes of data for shape ${bracketed(shape)}, bytes a value: ${size}`,
      `${got}: ${got < bytes ? "the file is cut short" : `${got - bytes} left over`}`,
    ],
  ],

  // .npz files
  "not-npz": [
    "unreadable-npz",
    "Range",
    ({ first, format }: { first: readonly number[]; format: FileFormat | undefined }) => [
      "50 4b 03 04, with which .npz files begin",
      (hexOf(first) || "no bytes") + insteadOf(format),
    ],
  ],
  "npz-damaged": ["unreadable-npz", "Range", ["a whole .npz file", "one that is cut short or damaged"]],
  "npz-member": [
    "unreadable-npz",
    "Range",
    ({ got, format }: Got & { format: FileFormat | undefined }) => [
      "only .npy files in the zip",
      said(got) + insteadOf(format),
    ],
  ],
  "npz-method": [
    "unreadable-npz",
    "Range",
    ({ method }: { method: number }) => [
      "arrays as np.savez and np.savez_compressed write them",
      `zip method ${method}`,
    ],
  ],
} as const satisfies Table;

export type Reason = keyof typeof readingSentences;
export type ParamsOf<Of extends Reason> = ParamsIn<typeof readingSentences, Of>;

export const fault = <Of extends Reason>(
  reason: Of,
  argument: string,
  params: ParamsOf<Of>,
  at?: ErrorPlace,
) => faultIn(readingSentences, reason, argument, params, at);
