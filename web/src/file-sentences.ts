/** The error messages about .npy and .npz files, apart from those about texts so that parseArray alone stays small. */

import type { ErrorPlace } from "./errors.ts";
import { bracketed, faultIn, type Got, type ParamsIn, type Shape, type Table } from "./faults.ts";
import { said } from "./given.ts";
import { atMostDimensions, unexpected } from "./reading-sentences.ts";

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

export const fileSentences = {
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

export type Reason = keyof typeof fileSentences;
export type ParamsOf<Of extends Reason> = ParamsIn<typeof fileSentences, Of>;

export const fault = <Of extends Reason>(reason: Of, params: ParamsOf<Of>, at?: ErrorPlace) =>
  faultIn(fileSentences, reason, "bytes", params, at);
