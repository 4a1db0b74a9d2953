/**
 * Errors as data: a row's name, its params, and a place. sentences.ts, reading-sentences.ts and file-sentences.ts hold the English
 * messages; a table with the same names holds those of another language (web/lab/words/zh/faults.ts).
 */
import { BacknormRangeError, BacknormTypeError, type ErrorCode, type ErrorPlace } from "./errors.ts";
import { type Given, said } from "./given.ts";

/** What was expected, and what was given unless `got` of the params says it. */
export type Sentence = string | readonly [expected: string, got: string];
type Say = Sentence | ((params: never) => Sentence);

/** TypeError or RangeError. If a kind is given: RangeError for a value of that kind, else TypeError. */
type Class = "Type" | "Range" | "number" | "string" | "array";
/** Plain tuples, so that bundlers can drop tables that nothing throws from. */
export type Table = Readonly<Record<string, readonly [ErrorCode, Class, Say]>>;

export interface Got {
  got: Given;
}
export type Shape = readonly number[];

/** The params of a row's sentence: those of its function; else what was given, or nothing. */
export type ParamsIn<Of extends Table, Reason extends keyof Of> = Of[Reason][2] extends (
  params: infer Params extends object,
) => Sentence
  ? Params
  : Of[Reason][2] extends string
    ? Got
    : object;

/** Makes the error of a table's row. */
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

/** The line and column of an offset in a text. */
export const placeIn = (text: string, offset: number): ErrorPlace => placesIn(text)(offset);

/** The same for many offsets in one text. */
export function placesIn(text: string): (offset: number) => ErrorPlace {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= [0, ...Array.from(text.matchAll(/\r\n?|\n/g), ({ 0: mark, index }) => index + mark.length)];
    let line = 0;
    for (let end = starts.length; line + 1 < end; ) {
      const middle = (line + end) >> 1;
      if ((starts[middle] as number) <= offset) line = middle;
      else end = middle;
    }
    return { offset, line: line + 1, column: offset - (starts[line] as number) + 1 };
  };
}
