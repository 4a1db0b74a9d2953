/** Checks of arguments before they cross into wasm: Embind accepts a string for a number. */

import type { FloatArray } from "./float-array.ts";
import { classOf, given } from "./given.ts";
import type { LengthOf } from "./sentences.ts";
import { fault } from "./sentences.ts";

export type Kind = "Float32" | "Float64";

/** Copies an array that lies in the same memory as `view`: its views die when the memory grows. */
export const outside = (array: FloatArray, view: FloatArray): FloatArray =>
  array.buffer === view.buffer ? array.slice() : array;

/** A new array of the kind of another one, of any realm: with a length, or with values. */
export const arrayLike = <A extends FloatArray>(array: A, content: number | FloatArray): A =>
  new (kindOf(array) === "Float32" ? Float32Array : Float64Array)(content as number) as A;

/** True for a Float32Array or a Float64Array of any realm. */
export const isFloatArray = (value: unknown): value is FloatArray =>
  /^Float(?:32|64)Array$/.test(classOf(value) ?? "");

/** Checks for an attached Float32Array or Float64Array of any realm. */
export function floatArray(argument: string, value: unknown): FloatArray {
  if (!isFloatArray(value)) throw fault("not-a-typed-array", argument, { got: given(value) });
  attached(argument, value.buffer);
  return value;
}

/** All bytes of a buffer. Throws `detached-buffer`. */
export function attached(argument: string, buffer: ArrayBufferLike): Uint8Array {
  try {
    return new Uint8Array(buffer); // every engine throws here if the buffer is detached
  } catch {
    throw fault("detached-buffer", argument, {});
  }
}

export const kindOf = (array: FloatArray): Kind =>
  classOf(array) === "Float32Array" ? "Float32" : "Float64";

/** Checks the kind and the length of a float array. likeX: the kind is that of x. */
export function floatArrayOf(
  argument: string,
  value: unknown,
  kind: Kind,
  length: number,
  of: LengthOf,
  likeX = true,
): FloatArray {
  const array = floatArray(argument, value);
  if (kindOf(array) !== kind) throw fault("mixed-kinds", argument, { kind, likeX, got: given(array) });
  if (array.length !== length) throw fault("length-mismatch", argument, { length, of, got: array.length });
  return array;
}

/** One value per channel, in float64 for either kind of x. */
export const statisticOf = (
  argument: string,
  value: unknown,
  channels: number,
  of: LengthOf = "channel",
): Float64Array => floatArrayOf(argument, value, "Float64", channels, of, false) as Float64Array;

const kMostValues = 2 ** 31;

/** A shape of whole numbers whose rank is in [least, most]. shortest: the least of them. */
export function shapeOf(
  argument: string,
  value: unknown,
  least: number,
  most: number,
  shortest: 0 | 1,
): number[] {
  const shape: unknown[] = Array.isArray(value) ? [...value] : []; // spreading turns a hole into undefined
  const whole = shape.every((n): n is number => Number.isSafeInteger(n) && (n as number) >= shortest);
  if (!whole || shape.length < least || shape.length > most) {
    throw fault("invalid-shape", argument, { rank: [least, most], shortest, got: given(value) });
  }
  const size = shape.reduce((a, b) => a * (b || 1), 1); // an empty tensor has parameters too
  if (size > kMostValues) throw fault("shape-too-large", argument, { most: kMostValues, shape, size });
  return shape;
}

/** A seed that NumPy accepts. */
export function seedOf(value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32)
    return value as number;
  throw fault("invalid-seed", "seed", { got: given(value) });
}

/** One of the names. */
export function oneOf<Name extends string>(
  argument: string,
  reason: "invalid-layout" | "invalid-norm" | "invalid-dtype" | "invalid-engine",
  value: unknown,
  names: readonly Name[],
): Name {
  const name = names.find((known) => known === value);
  if (name !== undefined) return name;
  throw fault(reason, argument, { names, got: given(value) });
}

/** The index of a value in `names`. */
export function placeOf(argument: string, value: unknown, names: readonly string[]): number {
  const at = names.indexOf(value as string);
  if (at < 0) throw fault("invalid-node", argument, { names, got: given(value) });
  return at;
}

/** Steps of a difference: a copy of any array of positive finite numbers. */
export function stepsOf(value: unknown): Float64Array {
  const list: unknown = isFloatArray(value) ? Array.from(floatArray("steps", value)) : value;
  if (!Array.isArray(list) || list.length === 0) {
    throw fault("invalid-steps", "steps", { got: given(list) });
  }
  return Float64Array.from(list, (step: unknown, at) => {
    if (typeof step === "number" && step > 0 && step < Infinity) return step;
    throw fault("invalid-step", `steps[${at}]`, { got: given(step) });
  });
}

/** Lengths of the arrays to make. */
export function sizesOf(value: unknown): number[] {
  if (!Array.isArray(value)) throw fault("invalid-sizes", "sizes", { got: given(value) });
  return Array.from(value, (size: unknown, at) => {
    if (Number.isInteger(size) && (size as number) >= 0 && (size as number) <= kMostValues) {
      return size as number;
    }
    throw fault("invalid-size", `sizes[${at}]`, { got: given(size) });
  });
}

/** A finite eps, 0 or greater. */
export function epsOf(argument: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value < Infinity) return value;
  throw fault("invalid-eps", argument, { got: given(value) });
}

/** A number from 0 to 1. */
export function shareOf(
  argument: string,
  reason: "invalid-momentum" | "invalid-decay",
  value: unknown,
): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw fault(reason, argument, { got: given(value) });
}

/** m: the values that share a variance, of which RMS norm has none. */
export function ddofOf(argument: string, value: unknown, m: number, norm = "batch"): 0 | 1 {
  if (value !== 0 && value !== 1) throw fault("invalid-ddof", argument, { got: given(value) });
  if (value === 1 && norm === "rms") throw fault("rms-without-ddof", argument, { got: given(value) });
  if (value === 1) requireTwo(argument, m, "0", value, norm === "batch" ? "channel" : "group");
  return value;
}

/** Division by m - 1 needs two values per channel or group. `instead`: what to pass for a single one. */
export function requireTwo(
  argument: string,
  m: number,
  instead: string,
  value: unknown,
  of: "channel" | "group" = "channel",
): void {
  if (m > 1) return;
  throw fault("one-value-per-channel", argument, { instead, of, got: given(value) });
}

export function boolean(argument: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw fault("not-a-boolean", argument, { got: given(value) });
}

/** Callers who fill in every name say null for what they don't give. */
export const isLeftOut = (value: unknown): value is undefined | null => value === undefined || value === null;

export function objectOf(argument: string, value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw fault("not-an-object", argument, { got: given(value) });
}

/** The index of a place in an array of that shape; the place itself if the shape isn't known. */
export function unravel(place: number, shape: readonly number[]): number[] {
  if (shape.length === 0) return [place];
  const index: number[] = [];
  let rest = place;
  for (const length of shape.toReversed()) {
    index.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return index;
}

/** Names the first value that isn't finite by its index. */
export function finite(argument: string, array: FloatArray, shape: readonly number[]): void {
  const at = array.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const index = unravel(at, shape);
  throw fault("not-finite", argument, { index, got: given(array[at]) });
}

export const outOfMemory = (argument: string, shape: readonly number[]) =>
  fault("out-of-memory", argument, { shape: [...shape] });

/** Turns a status of the core into an error; "ok" passes. Arguments are checked before, so only two errors remain. */
export function settle(status: string, argument: string, shape: readonly number[]): void {
  if (status === "ok") return;
  if (status === "out-of-memory") throw outOfMemory(argument, shape);
  if (status === "not-finite") throw fault("overflow", argument, {});
  throw new Error(`${argument}: the core refuses what was checked, by ${status}`);
}
