/** The error messages about arguments. Each row has a code, a class, and what was expected. */
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
import { type Given, listed, said } from "./given.ts";
import type { Instead } from "./options.ts";

/**
 * What determines an array's length: one value per channel or column, the data it belongs to, or a shape. last: one value per
 * channel, but as many as the last axis has if the caller forgot to say that the channels are there.
 */
export type LengthOf = "channel" | "column" | "data" | Shape | { last: number };

const forgotten = 'layout "channels-last"';

const entriesOf = (got: Given) => (got.entries ? listed(got) : said(got));
const aName = ({ names }: Got & { names: readonly string[] }) => anyOf(names.map((name) => `"${name}"`));

const needs = {
  webassembly: "WebAssembly with SIMD",
  javascript: "fallback.js beside the package's entry",
};

const instead: Readonly<Record<Instead, string>> = {
  "given-statistics": "forward() to normalize by the batch, or infer() by runningMean and runningVar",
  "of-a-layer": "training: false to normalize by runningMean and runningVar, which are options too",
  "of-eval-mode": "inferBackward() for running statistics, which are inputs of their own",
  axes: "axis to say where the channels are, since all other axes are normalized over",
  mask: "x without the values to leave out, since every value counts",
  affine: "gamma and beta to be left out, which stands for ones and zeros",
  dtype: "no dtype beside x, whose type it is",
};

export const sentences = {
  // Arrays
  "not-a-typed-array": ["not-a-typed-array", "Type", "a Float32Array or a Float64Array"],
  "mixed-kinds": [
    "mixed-kinds",
    "Type",
    ({ kind, likeX }: Got & { kind: string; likeX: boolean }) => `a ${kind}Array${likeX ? " like x" : ""}`,
  ],
  "detached-buffer": [
    "detached-buffer",
    "Type",
    ["an attached buffer", "one that was transferred away, or was the kernels' memory before it grew"],
  ],
  "length-mismatch": [
    "length-mismatch",
    "Range",
    ({ length, of, got }: { length: number; of: LengthOf; got: number }) => {
      const isOfLast = typeof of === "object" && "last" in of;
      const noun = isOfLast ? "channel" : of;
      const what = typeof noun === "string" ? count(length, noun) : `shape ${bracketed(noun)}`;
      const hint =
        isOfLast && of.last === got
          ? `, the length of the last axis: for channels there, pass ${forgotten}`
          : "";
      return [`${count(length, "value")} ${of === "data" ? "as data has" : `for ${what}`}`, `${got}${hint}`];
    },
  ],
  "not-finite": [
    "not-finite",
    "Range",
    ({ got, index }: Got & { index: Shape }) => ["finite values", `${said(got)} at ${bracketed(index)}`],
  ],
  overflow: [
    "not-finite",
    "Range",
    [
      "numbers that stay finite on the way through",
      "an overflow or a division by 0, as of eps = 0 with a constant column",
    ],
  ],

  // Options
  "not-an-object": ["not-an-object", "Type", "an object"],
  "unknown-option": [
    "unknown-option",
    "Type",
    ({ meant, got }: { meant: string; got: string }) => [meant, got],
  ],
  "no-such-option": [
    "unknown-option",
    "Type",
    ({ names, got }: { names: readonly string[]; got: string }) => [`only ${names.join(", ")}`, got],
  ],
  "other-option": [
    "unknown-option",
    "Type",
    ({ instead: what, got }: { instead: Instead; got: string }) => [instead[what], got],
  ],
  "invalid-shape": [
    "invalid-shape",
    "array",
    ({ rank, shortest, got }: Got & { rank: [number, number]; shortest: 0 | 1 }) => [
      `an array of ${rank[0] === rank[1] ? rank[0] : rank.join(" to ")} ${shortest ? "positive whole numbers" : "whole numbers from 0"}`,
      entriesOf(got),
    ],
  ],
  "empty-batch": [
    "empty-batch",
    "Range",
    ({ shape }: { shape: Shape }) => [
      "one value or more in each channel or group, to normalize by",
      `none, in shape ${bracketed(shape)}`,
    ],
  ],
  "shape-too-large": [
    "invalid-shape",
    "Range",
    ({ most, shape, size }: { most: number; shape: Shape; size: number }) => [
      `at most ${most} values`,
      `${bracketed(shape)}, ${size} values`,
    ],
  ],
  "invalid-layout": ["invalid-layout", "string", aName],
  "invalid-axis": [
    "invalid-axis",
    "number",
    ({ least, rank }: Got & { least: number; rank: number }) =>
      `a whole number from ${least} to ${rank - 1}, or from ${least - rank} to -1`,
  ],
  "layout-and-axis": [
    "invalid-axis",
    "Range",
    ({ layout, axis }: Got & { layout: string; axis: number }) => `${axis}, which is ${layout}`,
  ],
  "invalid-norm": ["invalid-norm", "string", aName],
  "other-norm": [
    "invalid-norm",
    "Type",
    ({ names, norm }: { names: readonly string[]; norm: string }) => [
      `norm ${anyOf(names.map((name) => `"${name}"`))} with it`,
      `"${norm}"`,
    ],
  ],
  "invalid-groups": [
    "invalid-groups",
    "number",
    ({ channels, isOfLast }: Got & { channels: number; isOfLast: boolean }) =>
      `a positive whole number that divides ${count(channels, "channel")}${isOfLast ? `, or ${forgotten} for channels on the last axis` : ""}`,
  ],
  "invalid-dims": [
    "invalid-dims",
    "number",
    ({ rank }: Got & { rank: number }) => `a whole number from 1 to ${rank}, the rank of x`,
  ],
  "invalid-dtype": ["invalid-dtype", "string", aName],
  "invalid-engine": ["invalid-engine", "string", aName],
  "invalid-eps": ["invalid-eps", "number", "a finite number, 0 or greater"],
  "no-running-statistics": [
    "no-running-statistics",
    "Type",
    ({ norm }: { norm: string }) => [
      "batch norm, which alone has running statistics, since other norms normalize in eval mode as in training",
      `"${norm}"`,
    ],
  ],
  "batch-norm-only": [
    "invalid-norm",
    "Type",
    ({ norm }: { norm: string }) => ['"batch" or nothing, since this call knows no other norm', `"${norm}"`],
  ],
  "invalid-ddof": ["invalid-ddof", "number", "0 or 1"],
  "invalid-momentum": ["invalid-momentum", "number", "a number from 0 to 1"],
  "invalid-decay": ["invalid-decay", "number", "a number from 0 to 1"],
  "both-momentum-and-decay": [
    "invalid-momentum",
    "Type",
    ["either momentum or decay, which is 1 - momentum", "both"],
  ],
  "not-a-boolean": ["not-a-boolean", "Type", "true or false"],
  "one-value-per-channel": [
    "one-value-per-channel",
    "Range",
    ({ instead, of }: Got & { instead: string; of: "channel" | "group" }) =>
      `${instead}, since a single value per ${of} has no unbiased variance`,
  ],
  "one-value-in-training": [
    "one-value-per-channel",
    "Range",
    ({ shape }: { shape: Shape }) => [
      "two or more values per channel, for the running variance is unbiased",
      bracketed(shape),
    ],
  ],
  "out-of-memory": [
    "out-of-memory",
    "Range",
    ({ shape }: { shape: Shape }) => ["a shape that fits in the kernels' memory", bracketed(shape)],
  ],

  // Layers, caches, and batches in parts
  "no-forward": ["no-forward", "Range", ["forward() to have run", "a layer that is new"]],
  disposed: ["disposed", "Type", ["a layer in use", "one that was disposed of"]],
  "foreign-cache": [
    "foreign-cache",
    "Type",
    ({ part, got }: Got & { part: string }) => [
      "the cache of forward(), or x with mean and invstd, or mean, var and eps",
      `one whose ${part} is ${said(got)}`,
    ],
  ],
  "partial-cache": [
    "partial-cache",
    "Range",
    ({ count, part }: { count: number; part: number }) => [
      `a cache of a whole batch, ${part} values per channel`,
      `one of a part of ${count}: add up sums() of all parts, and apply() them to each`,
    ],
  ],
  "no-parts": [
    "invalid-statistics",
    "array",
    ({ got }: Got) => ["an array of one part or more", got.entries ? "none" : said(got)],
  ],
  "invalid-count": [
    "invalid-statistics",
    "Range",
    ({ least }: Got & { least: number }) =>
      least === 1
        ? "a positive whole number"
        : `a whole number of at least ${least}, the values per channel of x`,
  ],
  "too-many-values": ["invalid-statistics", "Range", ["at most 2^53 - 1 values per channel", "more"]],

  // Checks and diagnoses
  "invalid-node": [
    "invalid-node",
    "string",
    ({ names }: Got & { names: readonly string[] }) => `one of ${names.join(", ")}`,
  ],
  "invalid-steps": [
    "invalid-steps",
    "array",
    ({ got }: Got) => ["an array of positive finite numbers", got.entries ? "none" : said(got)],
  ],
  "invalid-step": ["invalid-steps", "Range", "a positive finite number"],
  "invalid-seed": ["invalid-seed", "number", "a whole number from 0 to 4294967295"],
  "invalid-sizes": ["invalid-sizes", "Type", "an array of whole numbers from 0 to 2147483648"],
  "invalid-size": ["invalid-sizes", "Range", "a whole number from 0 to 2147483648"],
  "not-a-signal": ["not-a-signal", "Type", "an AbortSignal"],
  "not-a-function": ["not-a-function", "Type", "a function"],
  "not-mistakes": ["unknown-mistake", "Type", "an array of ids of bn.mistakes"],
  "unknown-mistake": ["unknown-mistake", "Range", "an id of bn.mistakes"],
  "not-in-this-norm": [
    "unknown-mistake",
    "Range",
    ({ norm, id }: { norm: string; id: string }) => [`a mistake that this case of ${norm} norm can have`, id],
  ],
  "rms-without-beta": ["unknown-option", "Type", "no beta, since RMS norm has none"],
  "rms-without-mean": ["unknown-option", "Type", "no mean, since RMS norm has none"],
  "rms-without-ddof": ["invalid-ddof", "number", "0, since RMS norm divides by all values"],
  "unknown-array": [
    "unknown-array",
    "Range",
    ({ examples }: Got & { examples: readonly string[] }) =>
      `names such as ${examples.join(", ")}, or those of CS231n, Kratzert, makemore, PyTorch`,
  ],
  "same-array-twice": [
    "same-array-twice",
    "Type",
    ({ id, names: [one, other] }: { id: string; names: [string, string] }) => [
      `${id} once`,
      `${one} and ${other}, which are the same`,
    ],
  ],
  "shape-of-data": [
    "invalid-shape",
    "Range",
    ({ length, got }: Got & { length: number }) => [
      `whole numbers whose product is ${length}, the length of data`,
      entriesOf(got),
    ],
  ],
  "invalid-resolution": ["invalid-resolution", "Range", "finite numbers, 0 or greater"],

  // load()
  "not-a-module": ["invalid-module", "Type", "a WebAssembly.Module"],
  "module-for-javascript": [
    "invalid-module",
    "Type",
    ['engine "webassembly" or none with it', '"javascript"'],
  ],
  "foreign-module": [
    "invalid-module",
    "Range",
    ({ mark, found = "another module" }: { mark: string; found: string | undefined }) => [
      `backnorm.wasm of ${mark}`,
      found,
    ],
  ],
  "load-failed": [
    "load-failed",
    "Range",
    ({ engines, reasons }: { engines: readonly (keyof typeof needs)[]; reasons: readonly string[] }) => [
      engines.map((engine) => needs[engine]).join(", or "),
      reasons.join("; then "),
    ],
  ],
} as const satisfies Table;

export type Reason = keyof typeof sentences;
export type ParamsOf<Of extends Reason> = ParamsIn<typeof sentences, Of>;

export const fault = <Of extends Reason>(
  reason: Of,
  argument: string,
  params: ParamsOf<Of>,
  options?: ErrorOptions,
) => faultIn(sentences, reason, argument, params, undefined, options);
