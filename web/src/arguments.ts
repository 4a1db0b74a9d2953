/** What callers may pass, checked before anything crosses into wasm: Embind takes a string for a number. */
import { BacknormRangeError, BacknormTypeError, type ErrorCode } from "./errors.ts";
import type { FloatArray } from "./float-array.ts";

export type Kind = "Float32" | "Float64";

/** A copy of what lies in the kernels' memory, as that view does: a view is dead once the memory grows. */
export const outside = (array: FloatArray, view: FloatArray): FloatArray =>
  array.buffer === view.buffer ? array.slice() : array;

/** At most 24 characters. */
export const shortened = (text: string) => (text.length > 24 ? `${text.slice(0, 24)}…` : text);

/** What a sentence calls a value: its class and, where that is short, the value itself. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `the string ${JSON.stringify(shortened(value))}`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a plain array";
  const name = classOf(value) ?? typeof value;
  return `${/^(?:Int|object)/.test(name) ? "an" : "a"} ${name}`;
}

/** Of a view of any realm, such as an iframe's, for which instanceof is false. */
const classOf = (value: unknown): string | undefined =>
  ArrayBuffer.isView(value) ? (value as Uint8Array)[Symbol.toStringTag] : undefined;

export const isUint8Array = (value: unknown): value is Uint8Array => classOf(value) === "Uint8Array";

/** Whether it is a Float32Array or a Float64Array, of any realm. */
export const isFloatArray = (value: unknown): value is FloatArray =>
  /^Float(?:32|64)Array$/.test(classOf(value) ?? "");

/** A Float32Array or Float64Array of any realm, attached. */
export function floatArray(argument: string, value: unknown): FloatArray {
  if (!isFloatArray(value)) {
    throw new BacknormTypeError({
      code: "not-a-typed-array",
      argument,
      expected: "a Float32Array or a Float64Array",
      got: describe(value),
    });
  }
  attached(argument, value.buffer);
  return value;
}

/** All bytes of a buffer. */
export function attached(argument: string, buffer: ArrayBufferLike): Uint8Array {
  try {
    return new Uint8Array(buffer); // the one question that every engine answers about detachment
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
}

export const kindOf = (array: FloatArray): Kind =>
  classOf(array) === "Float32Array" ? "Float32" : "Float64";

/** A float array of a given kind and length. `of` ends the sentence: "for shape [4, 5]". */
export function floatArrayOf(
  argument: string,
  value: unknown,
  kind: Kind,
  length: number,
  of: string,
  like = " like x",
): FloatArray {
  const array = floatArray(argument, value);
  if (kindOf(array) !== kind) {
    throw new BacknormTypeError({
      code: "mixed-kinds",
      argument,
      expected: `a ${kind}Array${like}`,
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

/** One value per channel, of a given kind. */
export const channelsOf = (argument: string, value: unknown, kind: Kind, channels: number): FloatArray =>
  floatArrayOf(argument, value, kind, channels, `for ${count(channels, "channel")}`);

/** One value per channel, in float64 whatever the kind of x. */
export const statisticOf = (argument: string, value: unknown, channels: number): Float64Array =>
  floatArrayOf(argument, value, "Float64", channels, `for ${count(channels, "channel")}`, "") as Float64Array;

export const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
export const shapeText = (shape: readonly number[]) => `[${shape.join(", ")}]`;

/** A shape of positive whole numbers whose rank lies in [least, most]. */
export function shapeOf(argument: string, value: unknown, least: number, most: number): number[] {
  const rank = least === most ? least : `${least} to ${most}`;
  if (!Array.isArray(value)) {
    throw new BacknormTypeError({
      code: "invalid-shape",
      argument,
      expected: `an array of ${rank} positive whole numbers`,
      got: describe(value),
    });
  }
  const fault = (expected: string, got: string) =>
    new BacknormRangeError({ code: "invalid-shape", argument, expected, got });
  const shape: unknown[] = [...value]; // in which a hole is undefined
  const whole = shape.every((n): n is number => Number.isSafeInteger(n) && (n as number) > 0);
  if (!whole || shape.length < least || shape.length > most) {
    throw fault(`${rank} positive whole numbers`, listText(shape));
  }
  const size = shape.reduce((a, b) => a * b, 1);
  if (size > kMostValues) throw fault(`at most ${kMostValues} values`, `${shapeText(shape)}, ${size} values`);
  return shape;
}

const kMostValues = 2 ** 31;
const kMostListed = 8;

export const listText = (values: readonly unknown[]) =>
  `[${values
    .slice(0, kMostListed + 1)
    .map((value, i) => (i < kMostListed ? describe(value) : "…"))
    .join(", ")}]`;

/** What NumPy takes as a seed. */
export function seedOf(value: unknown): number {
  const expected = "a whole number from 0 to 4294967295";
  const complaint = { code: "invalid-seed", argument: "seed", expected, got: describe(value) } as const;
  if (typeof value !== "number") throw new BacknormTypeError(complaint);
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new BacknormRangeError(complaint);
}

/** One of two names. */
export function oneOf<Name extends string>(
  argument: string,
  code: ErrorCode,
  value: unknown,
  names: readonly [Name, Name],
): Name {
  const name = names.find((known) => known === value);
  if (name !== undefined) return name;
  const complaint = { code, argument, expected: `"${names[0]}" or "${names[1]}"`, got: describe(value) };
  throw typeof value === "string" ? new BacknormRangeError(complaint) : new BacknormTypeError(complaint);
}

/** One of `names`; its place among them. */
export function placeOf(argument: string, value: unknown, names: readonly string[]): number {
  const complaint = { code: "invalid-node", argument, expected: `one of ${names.join(", ")}` } as const;
  if (typeof value !== "string") throw new BacknormTypeError({ ...complaint, got: describe(value) });
  const at = names.indexOf(value);
  if (at < 0) throw new BacknormRangeError({ ...complaint, got: describe(value) });
  return at;
}

/** Steps of a difference: any array of positive finite numbers, copied. */
export function stepsOf(value: unknown): Float64Array<ArrayBuffer> {
  const complaint = { code: "invalid-steps", argument: "steps" } as const;
  const expected = "an array of positive finite numbers";
  if (!Array.isArray(value) && !isFloatArray(value)) {
    throw new BacknormTypeError({ ...complaint, expected, got: describe(value) });
  }
  const steps = Array.from(isFloatArray(value) ? floatArray("steps", value) : value, (step) => {
    if (typeof step === "number" && step > 0 && step < Infinity) return step;
    throw new BacknormRangeError({ ...complaint, expected, got: describe(step) });
  });
  if (steps.length === 0) throw new BacknormRangeError({ ...complaint, expected, got: "none" });
  return Float64Array.from(steps);
}

/** Lengths of arrays to make. */
export function sizesOf(value: unknown): number[] {
  const complaint = { code: "invalid-sizes", argument: "sizes" } as const;
  const expected = `whole numbers from 0 to ${kMostValues}`;
  if (!Array.isArray(value)) {
    throw new BacknormTypeError({ ...complaint, expected: `an array of ${expected}`, got: describe(value) });
  }
  return Array.from(value, (n) => {
    if (Number.isInteger(n) && (n as number) >= 0 && (n as number) <= kMostValues) return n as number;
    throw new BacknormRangeError({ ...complaint, expected, got: describe(n) });
  });
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

/** A share of a whole. */
export function shareOf(argument: string, code: ErrorCode, value: unknown): number {
  const complaint = { code, argument, expected: "a number from 0 to 1", got: describe(value) };
  if (typeof value !== "number") throw new BacknormTypeError(complaint);
  if (value >= 0 && value <= 1) return value;
  throw new BacknormRangeError(complaint);
}

export function ddofOf(argument: string, value: unknown, valuesPerChannel: number): 0 | 1 {
  if (value !== 0 && value !== 1) {
    const complaint = { code: "invalid-ddof", argument, expected: "0 or 1", got: describe(value) } as const;
    throw typeof value === "number" ? new BacknormRangeError(complaint) : new BacknormTypeError(complaint);
  }
  if (value === 1) requireTwo(argument, valuesPerChannel, "0", "1");
  return value;
}

/** What divides by m - 1 needs two values per channel. `instead` is what to give where there is one. */
export function requireTwo(argument: string, valuesPerChannel: number, instead: string, got: string): void {
  if (valuesPerChannel > 1) return;
  const expected = `${instead}, since a single value per channel has no unbiased variance`;
  throw new BacknormRangeError({ code: "one-value-per-channel", argument, expected, got });
}

export function boolean(argument: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  const [expected, got] = ["true or false", describe(value)];
  throw new BacknormTypeError({ code: "not-a-boolean", argument, expected, got });
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

/** The first value that is not finite is named by its place: [column], or [row, column] where columns are given. */
export function finite(argument: string, array: FloatArray, columns?: number): void {
  const at = array.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const place = columns === undefined ? `[${at}]` : `[${Math.floor(at / columns)}, ${at % columns}]`;
  throw new BacknormRangeError({
    code: "not-finite",
    argument,
    expected: "finite values",
    got: `${array[at]} at ${place}`,
  });
}

export const outOfMemory = (argument: string, shape: readonly number[]) =>
  new BacknormRangeError({
    code: "out-of-memory",
    argument,
    expected: "a shape that fits in the kernels' memory",
    got: shapeText(shape),
  });

/** Turns a status of the core into an error; "ok" passes. Arguments were checked before, so this is what is left. */
export function settle(status: string, argument: string, shape: readonly number[]): void {
  if (status === "ok") return;
  const code = status as ErrorCode;
  if (code === "out-of-memory") throw outOfMemory(argument, shape);
  const complaint =
    code === "not-finite"
      ? {
          expected: "numbers that stay finite on the way through",
          got: "an overflow or a division by 0, as of eps = 0 with a constant column",
        }
      : { expected: "arguments that the core takes", got: `status ${status}` };
  throw new BacknormRangeError({ code, argument, ...complaint });
}
