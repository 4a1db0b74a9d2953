import type { ParsedArray, Trace } from "../../src/index.ts";
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

/** Numbers agree if they differ by less than a millionth of the largest, and what their digits leave open. */
const kAgree = 1e-6;

function agrees({ data, resolution }: ParsedArray, right: ArrayLike<number>): boolean {
  if (data.length !== right.length) return false;
  let most = 0;
  for (let at = 0; at < right.length; at++) most = Math.max(most, Math.abs(right[at] as number));
  return (
    most > 0 &&
    data.every(
      (value, at) => Math.abs(value - (right[at] as number)) <= kAgree * most + (resolution?.[at] ?? 0),
    )
  );
}

/**
 * What arrays with unknown names are by their numbers: values and gradients of the passes that nothing else was given for.
 * Inputs are left out, since another array may be like one of them.
 */
export function recognised(
  arrays: readonly ParsedArray[],
  known: ReadonlySet<string | undefined>,
  { nodes }: Trace,
  inputs: readonly string[],
): ReadonlyMap<ParsedArray, string> {
  const open = nodes
    .flatMap(({ id, value, grad }) => [
      { id, numbers: value },
      { id: `d${id}`, numbers: grad },
    ])
    .filter(({ id }) => !known.has(id) && !inputs.includes(id));
  const found = new Map<ParsedArray, string>();
  for (const array of arrays) {
    const at = open.findIndex(({ numbers }) => agrees(array, numbers));
    const [one] = at < 0 ? [] : open.splice(at, 1);
    if (one) found.set(array, one.id);
  }
  return found;
}
