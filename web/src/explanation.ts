import type { Graph, NodeId } from "./graph.ts";

/** A count of a case. */
export type CountId =
  /** M, the values of a group. */
  | "rows"
  /** M - ddof. */
  | "divisor"
  /** M - ddof of the other ddof. */
  | "other-divisor"
  /** The values that share a parameter. */
  | "shares"
  /** N. */
  | "samples"
  /** C. */
  | "channels"
  /** S, the values of a sample that share a parameter. */
  | "positions";

/** In the order of C++. */
const counts: readonly CountId[] = [
  "rows",
  "divisor",
  "other-divisor",
  "shares",
  "samples",
  "channels",
  "positions",
];

/** A power of a count. */
export interface CountPower {
  /** The count. */
  of: CountId;
  /** A whole number other than 0. */
  exponent: number;
}

/** A power of a node's value. */
export interface ValuePower {
  /** The node. */
  of: NodeId;
  /** A multiple of 1/2 other than 0. */
  exponent: number;
}

/** constant · Π count^exponent · Π value^exponent. */
export interface Factor {
  /** A number. */
  constant: number;
  /** The counts; none: []. */
  counts: CountPower[];
  /** The values, at most two: those of a statistic apply to its whole group. */
  powers: ValuePower[];
}

/** A factor times a sum or an array. */
export interface Formula extends Factor {
  /**
   * The arrays whose product is summed over a group, or over the values that share a parameter: at most two. null if
   * nothing is summed.
   */
  sum: string[] | null;
  /** The array that stands in place of a sum; null for none. */
  array: string | null;
  /** With |gamma| for gamma. */
  absolute: boolean;
  /** Only these rows of each group are summed, from the first to before the second; null: all. */
  rows: [number, number] | null;
  /**
   * Not null: the number of one group or parameter stands in all of them, counted from 0; or the mean of all.
   */
  shared: number | "mean" | null;
  /** Times what the right array is; null if it has another sum, or other powers. */
  ratio: Factor | null;
  /** False if the constant is only what fits the numbers, and none that people write. */
  named: boolean;
}

/** A standard deviation √(scale · var + inside) + outside. */
export interface Root {
  /** What is added to the variance, where eps belongs. */
  inside: number;
  /** What is added to the root; 0 in the right one. */
  outside: number;
  /** What the variance is multiplied by; 1 in the right one. */
  scale: Factor;
}

/** The part of a pattern in an array of elements. */
export interface Share {
  /**
   * dxhat: the direct path of the gradient. null: one number in all values of a group, as the path through the mean
   * brings. xhat: as the path through the variance brings. dy: where gamma varies in a group.
   */
  pattern: string | null;
  /** "formula": it has another share, `formula`. "root": the right one for another standard deviation, `root`. */
  state: "right" | "missing" | "formula" | "root" | "other";
  /** null for another state. */
  formula: Formula | null;
  /** null for another state. */
  root: Root | null;
}

/** What a wrong array is, as far as its numbers show. */
export type Explanation =
  /** Numbers per group or per parameter are what the formula gives. */
  | { kind: "formula"; formula: Formula }
  /** They follow from another standard deviation. */
  | { kind: "eps"; root: Root }
  /** The right numbers, so many rows or columns further on, as np.roll moves them. */
  | { kind: "moved"; by: number; along: "rows" | "columns" }
  /** Right but for `count` values; index: of the first. */
  | { kind: "elements"; count: number; index: number[] }
  /** The right numbers plus `by`. */
  | { kind: "offset"; by: number }
  /** The right numbers, but none below `low` or above `high`; null: no such limit. */
  | { kind: "clipped"; low: number | null; high: number | null }
  /** `count` NaN or infinities; index: of the first. */
  | { kind: "not-finite"; count: number; index: number[]; cause: Cause }
  /** A convention, for what was computed from it is right: -1 times the right one. */
  | { kind: "sign" }
  /** A convention: the right numbers of another array. */
  | { kind: "name"; other: string }
  /** Elements that are a sum of patterns, of which some have not the right share. */
  | { kind: "paths"; shares: Share[] };

/** What makes a NaN or an infinity. */
export type Cause =
  /** None of the others. */
  | "unknown"
  /** They are wherever std is 0, since nothing is added to var. */
  | "zero-std"
  /** They are wherever the caller's var, with eps, is negative. */
  | "negative-var"
  /** They are wherever the right number is too large for float16. */
  | "range";

/** In the order of C++. */
const causes: readonly Cause[] = ["unknown", "zero-std", "negative-var", "range"];

/** In the order of C++. */
const kinds = [
  ...(["none", "formula", "eps", "paths", "moved", "elements"] as const),
  ...(["offset", "clipped", "not-finite", "sign", "name"] as const),
];
const states = ["absent", "right", "missing", "formula", "root", "other"] as const;

/** Reads what C++ tells of an explanation, number by number. ids: of the graph's quantities. */
class Told {
  readonly #numbers: readonly number[];
  readonly #graph: Graph;
  readonly #ids: readonly string[];
  #next = 0;

  constructor(numbers: readonly number[], graph: Graph, ids: readonly string[]) {
    this.#numbers = numbers;
    this.#graph = graph;
    this.#ids = ids;
  }
  number() {
    return this.#numbers[this.#next++] as number;
  }
  array(): string | null {
    return this.#ids[this.number()] ?? null;
  }
  factor(): Factor {
    return {
      constant: this.number(),
      counts: counts.map((of) => ({ of, exponent: this.number() })).filter(({ exponent }) => exponent !== 0),
      powers: [0, 1]
        .map(() => ({ node: this.#graph.nodes[this.number()], exponent: this.number() }))
        .flatMap(({ node, exponent }) => (node && exponent !== 0 ? { of: node.id, exponent } : [])),
    };
  }
  formula(): Formula {
    const factor = this.factor();
    const [first, second] = [this.array(), this.array()];
    const [isRatio, ratio] = [this.number() === 1, this.factor()];
    const absolute = this.number() === 1;
    const [begin, end] = [this.number(), this.number()];
    const isSum = this.number() === 1;
    const named = this.number() === 1;
    const [how, lane] = [this.number(), this.number()];
    const sum = isSum ? [first, second].filter((one) => one !== null) : null;
    return {
      ...factor,
      absolute,
      rows: end > 0 ? [begin, end] : null,
      sum,
      array: isSum ? null : first,
      shared: how === 0 ? null : how === 1 ? lane : "mean",
      ratio: isRatio ? ratio : null,
      named,
    };
  }
  root(): Root {
    return { inside: this.number(), outside: this.number(), scale: this.factor() };
  }
  share(): Share[] {
    const pattern = this.array();
    const state = states[this.number()] as (typeof states)[number];
    const [formula, root] = [this.formula(), this.root()];
    if (state === "absent") return [];
    return [
      { pattern, state, formula: state === "formula" ? formula : null, root: state === "root" ? root : null },
    ];
  }
}

export function readExplanation(
  numbers: readonly number[],
  graph: Graph,
  ids: readonly string[],
  indexOf: (place: number) => number[],
): Explanation | null {
  const told = new Told(numbers, graph, ids);
  const kind = kinds[told.number()];
  const [formula, root, other] = [told.formula(), told.root(), told.array()];
  const [by, columns, count, first] = [told.number(), told.number(), told.number(), told.number()];
  const [low, high, cause] = [told.number(), told.number(), told.number()];
  const finite = (limit: number) => (Number.isFinite(limit) ? limit : null);
  switch (kind) {
    case "formula":
      return { kind, formula };
    case "eps":
      return { kind, root };
    case "paths":
      return { kind, shares: [0, 1, 2, 3].flatMap(() => told.share()) };
    case "moved":
      return { kind, by, along: columns === 1 ? "columns" : "rows" };
    case "elements":
      return { kind, count, index: indexOf(first) };
    case "offset":
      return { kind, by: low };
    case "clipped":
      return { kind, low: finite(low), high: finite(high) };
    case "not-finite":
      return { kind, count, index: indexOf(first), cause: causes[cause] as Cause };
    case "sign":
      return { kind };
    case "name":
      return { kind, other: other as string };
    default:
      return null;
  }
}
