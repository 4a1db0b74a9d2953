/** What callers may pass, checked before anything crosses into wasm: Embind takes a string for a number. */
import { BacknormRangeError, BacknormTypeError, type ErrorCode } from "./errors.ts";
import type { FloatArray } from "./module.ts";

export type Kind = "Float32" | "Float64";

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as (this: unknown) => string | undefined;

/** What a sentence calls a value: its class and, where that is short, the value itself. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string")
    return `the string ${JSON.stringify(value.length > 24 ? `${value.slice(0, 24)}…` : value)}`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a plain array";
  const tag = typedArrayTag.call(value);
  return tag ? `a ${tag}` : `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
}

/** A Float32Array or Float64Array of any realm, attached. */
export function floatArray(argument: string, value: unknown): FloatArray {
  const tag = typedArrayTag.call(value);
  if (tag !== "Float32Array" && tag !== "Float64Array") {
    throw new BacknormTypeError({
      code: "not-a-typed-array",
      argument,
      expected: "a Float32Array or a Float64Array",
      got: describe(value),
    });
  }
  const array = value as FloatArray;
  try {
    new Uint8Array(array.buffer); // the one question that every engine answers about detachment
  } catch (cause) {
    throw new BacknormTypeError(
      {
        code: "detached-buffer",
        argument,
        expected: "an attached buffer",
        got: "one that was transferred away",
      },
      { cause },
    );
  }
  return array;
}

export const kindOf = (array: FloatArray): Kind =>
  typedArrayTag.call(array) === "Float32Array" ? "Float32" : "Float64";

/** A float array of a given kind and length. `of` ends the sentence: "for shape [4, 5]". */
export function floatArrayOf(
  argument: string,
  value: unknown,
  kind: Kind,
  length: number,
  of: string,
): FloatArray {
  const array = floatArray(argument, value);
  if (kindOf(array) !== kind) {
    throw new BacknormTypeError({
      code: "mixed-kinds",
      argument,
      expected: `a ${kind}Array like x`,
      got: describe(array),
    });
  }
  if (array.length !== length) {
    throw new BacknormRangeError({
      code: "length-mismatch",
      argument,
      expected: `${count(length, "value")} ${of}`,
      got: String(array.length),
    });
  }
  return array;
}

export const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
export const shapeText = (shape: readonly number[]) => `[${shape.join(", ")}]`;

/** A shape of positive whole numbers whose rank lies in [least, most]. */
export function shapeOf(value: unknown, least: number, most: number): number[] {
  const fault = (got: string) =>
    new BacknormRangeError({
      code: "invalid-shape",
      argument: "shape",
      expected: `${least === most ? least : `${least} to ${most}`} positive whole numbers`,
      got,
    });
  if (!Array.isArray(value)) {
    throw new BacknormTypeError({
      code: "invalid-shape",
      argument: "shape",
      expected: `an array of ${least === most ? least : `${least} to ${most}`} positive whole numbers`,
      got: describe(value),
    });
  }
  const shape = Array.from(value as unknown[]); // a copy, so that a hole or a getter is read once
  const whole = shape.every((n): n is number => Number.isSafeInteger(n) && (n as number) > 0);
  if (!whole) throw fault(`[${shape.map(describe).join(", ")}]`);
  if (shape.length < least || shape.length > most) throw fault(shapeText(shape));
  const size = shape.reduce((a, b) => a * b, 1);
  if (size > 2 ** 31) throw fault(`${shapeText(shape)}, ${size} values`);
  return shape;
}

export function nonNegative(argument: string, code: ErrorCode, value: unknown): number {
  if (typeof value !== "number") {
    throw new BacknormTypeError({ code, argument, expected: "a number, 0 or greater", got: describe(value) });
  }
  if (!(value >= 0 && value < Infinity)) {
    throw new BacknormRangeError({
      code,
      argument,
      expected: "a finite number, 0 or greater",
      got: String(value),
    });
  }
  return value;
}

export function ddofOf(value: unknown, valuesPerChannel: number): 0 | 1 {
  if (value !== 0 && value !== 1) {
    throw new BacknormRangeError({
      code: "invalid-ddof",
      argument: "ddof",
      expected: "0 or 1",
      got: describe(value),
    });
  }
  if (value === 1 && valuesPerChannel === 1) {
    throw new BacknormRangeError({
      code: "one-value-per-channel",
      argument: "ddof",
      expected: "0, since a single value per channel has no unbiased variance",
      got: "1",
    });
  }
  return value;
}

export function objectOf(argument: string, value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) {
    throw new BacknormTypeError({
      code: "not-an-object",
      argument,
      expected: "an object",
      got: describe(value),
    });
  }
  return value as Record<string, unknown>;
}

/** The first value that is no number is named by its place. */
export function finite(argument: string, array: FloatArray, columns: number): void {
  const at = array.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const place = array.length > columns ? `[${Math.floor(at / columns)}, ${at % columns}]` : `[${at}]`;
  throw new BacknormRangeError({
    code: "not-finite",
    argument,
    expected: "finite values",
    got: `${array[at]} at ${place}`,
  });
}

/** Turns a status of the core into an error; "ok" passes. Arguments were checked before, so this is what is left. */
export function settle(status: string, argument: string, shape: readonly number[]): void {
  if (status === "ok") return;
  const code = status as ErrorCode;
  const complaint =
    code === "not-finite"
      ? {
          expected: "values whose pass stays finite",
          got: "a pass that overflows, or eps = 0 with a constant channel",
        }
      : code === "out-of-memory"
        ? { expected: "a shape that fits in WebAssembly's memory", got: shapeText(shape) }
        : { expected: "arguments that the core takes", got: `status ${status}` };
  throw new BacknormRangeError({ code, argument, ...complaint });
}
