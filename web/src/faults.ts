/**
 * Errors as data: the name of a row, its params, and a place. The tables of rows say them in English (sentences.ts,
 * reading-sentences.ts); tables of the same names say them in another language (web/lab/words/zh/faults.ts).
 */
import { BacknormRangeError, BacknormTypeError, type ErrorCode, type ErrorPlace } from "./errors.ts";
import { type Given, said } from "./given.ts";

/** What was expected; what was given stands beside it where `got` of the params does not say that. */
export type Sentence = string | readonly [expected: string, got: string];
type Say = Sentence | ((params: never) => Sentence);

/** TypeError or RangeError; a kind: RangeError where what was given is of that kind, else TypeError. */
type Class = "Type" | "Range" | "number" | "string" | "array";
/** Plain tuples, which bundlers leave out where nothing is thrown by them. */
export type Table = Readonly<Record<string, readonly [ErrorCode, Class, Say]>>;

export interface Got {
  got: Given;
}
export type Shape = readonly number[];

/** What a row's sentence is made of: what its function takes; else what was given, or nothing. */
export type ParamsIn<Of extends Table, Reason extends keyof Of> = Of[Reason][2] extends (
  params: infer Params extends object,
) => Sentence
  ? Params
  : Of[Reason][2] extends string
    ? Got
    : object;

/** An error by a row of a table. */
export function faultIn<Of extends Table, Reason extends keyof Of & string>(
  table: Of,
  reason: Reason,
  argument: string,
  params: ParamsIn<Of, Reason>,
  at?: ErrorPlace,
  options?: ErrorOptions,
): BacknormTypeError | BacknormRangeError {
  const [code, of, say] = table[reason] as Table[string];
  const { got: given } = params as Partial<Got>;
  const sentence = typeof say === "function" ? say(params as never) : say;
  const [expected, got] = typeof sentence === "string" ? [sentence, said(given as Given)] : sentence;
  const complaint = { code, reason, argument, expected, got, at, params: params as Record<string, unknown> };
  const isRange = of === "Range" || of === given?.kind;
  return new (isRange ? BacknormRangeError : BacknormTypeError)(complaint, options);
}

export const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
export const bracketed = (shape: Shape) => `[${shape.join(", ")}]`;
export const anyOf = (names: readonly string[]) =>
  names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : String(names[0]);

/** Where an offset of a text is. */
export function placeIn(text: string, offset: number): ErrorPlace {
  const lines = text.slice(0, offset).split(/\r\n?|\n/);
  return { offset, line: lines.length, column: (lines.at(-1) as string).length + 1 };
}
