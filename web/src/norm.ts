/** Which values a norm normalizes together, and which parameter each of them uses. */
import { floatArray, floatArrayOf, type Kind, kindOf, oneOf, shapeOf } from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import type { NamesOf } from "./options.ts";
import { fault, type LengthOf } from "./sentences.ts";
import { axisOf, product, type TensorOptions } from "./tensor.ts";

/**
 * | norm | a group, which shares statistics | gamma, beta | statistics |
 * |---|---|---|---|
 * | batch | a channel of all samples | [C] | [C] |
 * | layer | the last dims of a sample | those dims | the other dims |
 * | group | C/groups channels of a sample | [C] | [N, groups] |
 * | instance | a channel of a sample | [C] | [N, C] |
 * | rms | as layer; by the root mean square, without a mean | gamma only: those dims | the other dims |
 */
export type Norm = "batch" | "layer" | "group" | "instance" | "rms";
export const norms: readonly Norm[] = ["batch", "layer", "group", "instance", "rms"];

/** The norm, and what it needs to know of a shape. An option of another norm throws `invalid-norm`. */
export interface NormOptions extends TensorOptions {
  /** Default "batch". Else `invalid-norm`. */
  norm?: Norm | undefined;
  /** Of group norm, which needs it: into how many groups the channels are divided. Else `invalid-groups`. */
  groups?: number | undefined;
  /** Of layer and RMS norm: how many of the last dims are normalized together. Default 1. Else `invalid-dims`. */
  normalizedDims?: number | undefined;
  /** Of RMS norm: y = xhat·(1 + gamma), as Gemma has it. Default false. Else `not-a-boolean`. */
  unitOffset?: boolean | undefined;
}

/**
 * A checked norm. In memory x is (samples, before, channels, after); before is more than 1 only where dims other than
 * the samples come before the channels of group and instance norm.
 */
export interface CheckedNorm {
  norm: Norm;
  shape: number[];
  /** Of the channels; the first of the normalized dims for layer and RMS norm. Not negative. */
  axis: number;
  samples: number;
  before: number;
  /** The number of values of gamma: for layer and RMS norm all values of the normalized dims. */
  channels: number;
  after: number;
  /** before·after: the values of a sample that share a parameter. */
  positions: number;
  /** Into which the channels of a sample are divided; for batch norm each channel is one. */
  groups: number;
  /** The number of groups that share statistics, the product of statisticsShape. */
  statistics: number;
  /** M: the number of values that share one mean and one variance. */
  m: number;
  /** The length of the last axis, if the channels were taken to be on another one without a word of the caller. */
  last: number | undefined;
  parametersShape: number[];
  statisticsShape: number[];
  unitOffset: boolean;
}

export const normNames: NamesOf<NormOptions> = {
  shape: 0,
  norm: 0,
  groups: 0,
  normalizedDims: 0,
  unitOffset: 0,
  layout: 0,
  axis: 0,
};

/** The norms that an option belongs to. */
const owners: Readonly<
  Record<"groups" | "normalizedDims" | "unitOffset" | "axis" | "layout", readonly Norm[]>
> = {
  groups: ["group"],
  normalizedDims: ["layer", "rms"],
  unitOffset: ["rms"],
  axis: ["batch", "group", "instance"],
  layout: ["batch", "group", "instance"],
};

/** Checks all of them. prefix: put before their names. shortest: the least length in a shape. */
export function normOf(prefix: string, options: NormOptions, shortest: 0 | 1 = 1): CheckedNorm {
  const { norm: wanted = "batch", unitOffset = false } = options;
  const norm = oneOf(`${prefix}norm`, "invalid-norm", wanted, norms);
  for (const name of Object.keys(owners) as (keyof typeof owners)[]) {
    const of = owners[name];
    if (options[name] !== undefined && options[name] !== false && !of.includes(norm))
      throw fault("other-norm", `${prefix}${name}`, { names: of, norm });
  }
  if (typeof unitOffset !== "boolean")
    throw fault("not-a-boolean", `${prefix}unitOffset`, { got: given(unitOffset) });
  const perSample = norm === "group" || norm === "instance";
  const shape = shapeOf(`${prefix}shape`, options.shape, perSample ? 2 : 1, 8, shortest);
  const rank = shape.length;
  const ofDims = norm === "layer" || norm === "rms";
  const axis = ofDims
    ? rank - dimsOf(`${prefix}normalizedDims`, options.normalizedDims, rank)
    : axisOf(prefix, rank, perSample ? 1 : 0, options);
  const channels = ofDims ? product(shape.slice(axis)) : (shape[axis] as number);
  const after = ofDims ? 1 : product(shape.slice(axis + 1));
  const samples = perSample ? (shape[0] as number) : product(shape.slice(0, axis));
  const before = perSample ? product(shape.slice(1, axis)) : 1;
  const positions = before * after;
  const isGuess = options.axis === undefined && options.layout === undefined && !ofDims && axis < rank - 1;
  const last = (isGuess && shape[rank - 1]) || undefined;
  const groups =
    norm === "group" ? groupsOf(`${prefix}groups`, options.groups, channels, last) : ofDims ? 1 : channels;
  const statisticsShape = ofDims ? shape.slice(0, axis) : perSample ? [samples, groups] : [channels];
  const inGroup = norm === "group" || ofDims ? channels / groups : 1;
  return {
    norm,
    shape,
    axis,
    samples,
    before,
    channels,
    after,
    positions,
    groups,
    statistics: product(statisticsShape),
    m: (norm === "batch" ? samples : inGroup) * positions,
    last,
    parametersShape: ofDims ? shape.slice(axis) : [channels],
    statisticsShape,
    unitOffset,
  };
}

function dimsOf(argument: string, value: unknown, rank: number): number {
  const dims = value === undefined ? 1 : value;
  if (Number.isInteger(dims) && (dims as number) >= 1 && (dims as number) <= rank) return dims as number;
  throw fault("invalid-dims", argument, { rank, got: given(value) });
}

function groupsOf(argument: string, value: unknown, channels: number, last: number | undefined): number {
  const divides = (length: number | undefined) =>
    Number.isInteger(value) && (value as number) >= 1 && (length as number) % (value as number) === 0;
  if (divides(channels)) return value as number;
  throw fault("invalid-groups", argument, { channels, isOfLast: divides(last), got: given(value) });
}

/** Refuses another norm where statistics of a whole batch are meant. */
export function batchNormOnly(argument: string, { norm }: CheckedNorm): void {
  if (norm !== "batch") throw fault("batch-norm-only", argument, { norm });
}

/** What a message calls the length of gamma, beta, and of the statistics. */
export const lengthOfParameters = ({ norm, parametersShape, last }: CheckedNorm): LengthOf =>
  norm === "layer" || norm === "rms" ? parametersShape : last === undefined ? "channel" : { last };
export const lengthOfStatistics = (of: CheckedNorm): LengthOf =>
  of.norm === "batch" ? lengthOfParameters(of) : of.statisticsShape;

/** x with its kind. */
export interface CheckedTensor extends CheckedNorm {
  kind: Kind;
}

/** One value per channel, of the kind of x. */
export const channelsOf = (
  argument: string,
  value: unknown,
  tensor: CheckedTensor,
  likeX = true,
): FloatArray =>
  floatArrayOf(argument, value, tensor.kind, tensor.channels, lengthOfParameters(tensor), likeX);

/** Refuses a norm over groups of no values. A tensor without a single group is fine: nothing is normalized. */
export function notEmpty(argument: string, { m, statistics, shape }: CheckedNorm): void {
  if (m === 0 && statistics > 0) throw fault("empty-batch", argument, { shape });
}

/** Checks x against its shape, which may be empty. */
export function checkTensor(prefix: string, x: unknown, options: NormOptions): CheckedTensor {
  const kind = kindOf(floatArray(`${prefix}x`, x));
  const tensor = { ...normOf(prefix, options, 0), kind };
  likeX(`${prefix}x`, x, tensor);
  return tensor;
}

/** Checks an array like dy: of the kind and length of x. */
export function likeX(argument: string, value: unknown, { kind, shape }: CheckedTensor): void {
  floatArrayOf(argument, value, kind, product(shape), shape);
}
