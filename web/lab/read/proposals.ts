import type { ParsedArray } from "../../src/index.ts";
import type { ReadArray } from "./arrays.ts";

/** What a backward pass returns, in this order. */
const returned = ["dx", "dgamma", "dbeta"];

/**
 * What arrays without a name were taken for: three of them, where no name says otherwise, are what a backward pass returns.
 * dx is the one with as many numbers as x; the others come in their order. Empty if that doesn't fit.
 *
 * known: the ids that the text names.
 */
export function proposed(
  arrays: readonly Pick<ReadArray, "name" | "array">[],
  known: ReadonlySet<string | undefined>,
  [rows, columns]: readonly [number, number],
): ReadonlyMap<ParsedArray, string> {
  const unnamed = arrays.filter(({ name }) => name === "").map(({ array }) => array);
  const matrix = unnamed.find(({ data }) => data.length === rows * columns);
  const vectors = unnamed.filter((array) => array !== matrix && array.data.length === columns);
  const isReturned = matrix && unnamed.length === returned.length && vectors.length === returned.length - 1;
  if (!isReturned || returned.some((id) => known.has(id))) return new Map();
  return new Map([matrix, ...vectors].map((array, at) => [array, returned[at] as string]));
}
