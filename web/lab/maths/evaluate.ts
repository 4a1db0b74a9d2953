import type { Extent, Graph } from "../../src/index.ts";
import { type ArrayPart, type Expression, isSum, type SumPart, type Term } from "./expression.ts";
import { extentOf } from "./graph-facts.ts";

/** Which values share statistics, and which parameter each of them uses, by their indices. */
export interface Grouping {
  /** The number of values that share statistics. */
  size: number;
  /** The number of values that use one statistic, or one parameter. */
  copies: Readonly<Record<SumPart["onto"], number>>;
  statistics(element: number): number;
  parameters(element: number): number;
  /** The elements of a group, or those that use a parameter. */
  members(of: SumPart["onto"], at: number): readonly number[];
}

/** The numbers of a case. */
export interface Numbers {
  graph: Graph;
  grouping: Grouping;
  eps: number;
  ddof: number;
  read(part: ArrayPart, at: number): number;
}

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** The place in an array of one extent for a place in an array of another. */
function place({ grouping }: Numbers, from: Extent, at: number, to: Extent): number {
  if (from === to || to === "elements") return at;
  return grouping[to](at);
}

export function valueOfPart(numbers: Numbers, part: ArrayPart, extent: Extent, at: number): number {
  const own = numbers.read(part, place(numbers, extent, at, extentOf(numbers.graph, part.of)));
  return part.eps ? own + numbers.eps : own;
}

/** The terms of a sum. */
export const summands = (numbers: Numbers, { sum, onto }: SumPart, extent: Extent, at: number): number[] =>
  numbers.grouping
    .members(onto, place(numbers, extent, at, onto))
    .map((element) => termValue(numbers, sum, "elements", element));

export const countOf = ({ grouping, ddof }: Numbers, by: "size" | "divisor") =>
  grouping.size - (by === "divisor" ? ddof : 0);

function termValue(numbers: Numbers, { factor, parts, over = [] }: Term, extent: Extent, at: number): number {
  let value = factor;
  for (const part of parts)
    value *= isSum(part)
      ? total(summands(numbers, part, extent, at))
      : valueOfPart(numbers, part, extent, at) ** part.power;
  for (const by of over) value /= countOf(numbers, by);
  return value;
}

/** The value of an expression of that extent in one of its places. */
export const resultOf = (numbers: Numbers, expression: Expression, extent: Extent, at: number): number =>
  total(expression.map((term) => termValue(numbers, term, extent, at)));
