/** Some columns of a case or of an array. Columns are independent of each other, so that a large case can be taken in parts. */
import { arrayLike } from "./arguments.ts";
import type { CheckedCase } from "./case.ts";
import type { FloatArray } from "./float-array.ts";

interface Inputs<A extends FloatArray> {
  x: A;
  gamma: A;
  beta: A;
  dy: A;
}

/** Copies `count` columns of every row: from a first column of an array with so many columns, to the same of another. */
export function copyColumns(
  count: number,
  [from, fromFirst, fromColumns]: readonly [FloatArray, number, number],
  [to, toFirst, toColumns]: readonly [FloatArray, number, number],
) {
  for (let row = 0; row < from.length / fromColumns; row++) {
    const begin = row * fromColumns + fromFirst;
    to.set(from.subarray(begin, begin + count), row * toColumns + toFirst);
  }
}

export function columnsOf<A extends FloatArray>(array: A, columns: number, first: number, count: number): A {
  const part = arrayLike(array, (array.length / columns) * count);
  copyColumns(count, [array, first, columns], [part, 0, count]);
  return part;
}

/** The inputs of some columns. */
export const inputsOf = <A extends FloatArray>(
  { x, gamma, beta, dy }: Inputs<A>,
  ...columns: [columns: number, first: number, count: number]
): Inputs<A> => ({
  x: columnsOf(x, ...columns),
  gamma: columnsOf(gamma, ...columns),
  beta: columnsOf(beta, ...columns),
  dy: columnsOf(dy, ...columns),
});

/** A part of a case of batch norm. */
export const partOf = <A extends FloatArray>(
  checked: CheckedCase<A>,
  first: number,
  count: number,
): CheckedCase<A> => ({
  ...checked,
  ...inputsOf(checked, checked.columns, first, count),
  columns: count,
  grouping: { ...checked.grouping, channels: count, columns: count },
});

/** The parts of so many columns, each of about `size` values; the first not of `not` columns, if there are more. */
export function partsOf(
  rows: number,
  columns: number,
  size: number,
  not?: number,
): [first: number, count: number][] {
  const about = Math.max(1, Math.floor(size / rows));
  const width = about === not ? about + 1 : about;
  return Array.from({ length: Math.ceil(columns / width) }, (_, part) => [
    part * width,
    Math.min(width, columns - part * width),
  ]);
}
