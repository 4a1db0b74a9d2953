import { floatArray, floatArrayOf, kindOf, objectOf, oneOf, settle } from "./arguments.ts";
import { dialectNames, quantityIds } from "./dialects.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import { type Case, checkCase, fillRun, type Graph, type GraphEdge, type NodeId } from "./graph.ts";
import { named, plain, type Words } from "./mistake-words.ts";
import { type CaseRun, type Module, verdictOf, withRun } from "./module.ts";
import { type Precision, precisions } from "./precision.ts";
import { fault } from "./sentences.ts";
import type { Verdict } from "./verdict.ts";

/**
 * An array of the caller's: its numbers, or the result of parseArray.
 *
 * shape: in any rank. Dims of 1 and folded dims don't matter: (N, H, W, D) and (N·H·W, D) are the same, and a list of
 * all numbers is taken row by row. The channels may come before other dims, as in NCHW.
 * resolution: how far each number may be from the computed one: half a unit of its last printed digit.
 * dtype: the precision in which the program computed it, where that isn't the type of data.
 */
export type Claim =
  | FloatArray
  | {
      data: FloatArray;
      shape?: readonly number[] | undefined;
      resolution?: Float64Array | undefined;
      dtype?: Precision | undefined;
    };

/** The relation of a wrong array to the right one. */
export type Relation =
  /** index: in the given shape; or a flat index if no shape was given and the length is wrong. */
  | { kind: "not-finite"; index: number[] }
  | { kind: "shape"; expected: number[]; got: number[] }
  /** (D, N), with the right numbers. */
  | { kind: "transposed" }
  /** (N, D) instead of (D), with the right sums over rows. */
  | { kind: "unsummed" }
  /** Summed over the columns. */
  | { kind: "wrong-axis" }
  /** `ratio` times the right one. */
  | { kind: "ratio"; ratio: number }
  /** The right one times a power of the value of `of`. */
  | { kind: "power"; of: NodeId; exponent: number }
  /** The right numbers of another array. */
  | { kind: "equals"; other: string }
  /** The right one without the contribution of this edge. */
  | { kind: "missing-path"; path: GraphEdge }
  /** Only the contribution of this edge. */
  | { kind: "only-path"; path: GraphEdge }
  /** Each column has its own ratio, or its own additive constant. */
  | { kind: "ratio-per-column" }
  | { kind: "offset-per-column" };

/** The finding about one array. */
export interface Finding {
  /** A node's id for its value, "d" + id for its gradient, "x->mean" for the contribution of an edge. */
  id: string;
  /** The caller's name for it. */
  name: string;
  /** Compared with the right array. */
  truth: Verdict;
  /**
   * Compared with what follows from the caller's earlier arrays: a fail is "wrong here", a pass "inherited". Of the
   * first wrong array never a pass: then an earlier one is wrong too, but less than rounding could explain.
   */
  local: Verdict;
  /** The largest |given - right|; NaN if the shape differs. */
  maxError: number;
  /** The largest error that rounding and the given digits can explain. */
  bound: number;
  /** The index at which the error is largest relative to its bound. */
  worst: number[];
  /** Only for an array that is wrong here. */
  relation: Relation | null;
  /** Of an undecidable array: too few digits, or too much rounding. null: the right one cancels to nothing. */
  limit: "digits" | "rounding" | null;
  /** The axis of the channels, if not all other axes come before it: 1 for NCHW. */
  channelAxis: number | null;
}

/** How the program computed, as far as its arrays show. */
export interface Arithmetic {
  precision: Precision;
  /** one-pass: the mean of x² less the square of the mean. */
  variance: "two-pass" | "one-pass";
}

/** An invariant that gradients keep whatever the numbers are. D values each. */
export interface ClaimedInvariant {
  id: "sum-of-dx" | "sum-of-dx-xhat" | "dvar" | "dmean";
  residual: Float64Array;
  bound: Float64Array;
  holds: boolean;
}

export interface Diagnosis {
  /**
   * The first wrong array: forward values in graph order, then dy and the gradients back to dx. null if none is wrong.
   */
  firstWrong: string | null;
  /**
   * That of the case and of the arrays' dtypes; or the first coarser one in which every array is right, or most are.
   */
  arithmetic: Arithmetic;
  /** In graph order: values, gradients, contributions. */
  nodes: Finding[];
  /** The invariants whose arrays were given. */
  invariants: ClaimedInvariant[];
  /** What broken invariants of dx show without a reference; null if dx wasn't given or keeps both. */
  meaning: Words | null;
  /**
   * The known mistakes that reproduce every given array, best fit first. Equal fits can't be told apart on this case.
   */
  mistakes: { id: string; residual: number }[];
}

const laws = ["sum-of-dx", "sum-of-dx-xhat", "dvar", "dmean"] as const;

/** Arrays are in braces. */
const meanings = {
  mean: {
    en: "Σ {dx} is not 0 while Σ {dx}·{xhat} is right: look at the path through the mean.",
    zh: "Σ {dx} 不为 0，而 Σ {dx}·{xhat} 正确：请检查经过均值的路径。",
  },
  variance: {
    en: "Σ {dx} is 0 while Σ {dx}·{xhat} is wrong: look at the path through the variance, or at a factor before it.",
    zh: "Σ {dx} 为 0，而 Σ {dx}·{xhat} 不对：请检查经过方差的路径，或其上游的某个因子。",
  },
  both: {
    en: "Both sums of {dx} are wrong: both paths are, or the direct one is.",
    zh: "{dx} 的两个求和都不对：两条路径都有问题，或者直接路径有问题。",
  },
} as const satisfies Record<string, Words>;

interface CheckedClaim {
  name: string;
  data: FloatArray;
  shape: readonly number[] | undefined;
  resolution: Float64Array | undefined;
  precision: Precision;
}

const kMostDimensions = 64; // NumPy's limit

/** Copies the arrays, since those of a layer die when the memory grows. */
function claimOf(name: string, value: unknown): CheckedClaim {
  const isRecord =
    typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value);
  const { data, shape, resolution, dtype } = (isRecord ? value : { data: value }) as Record<string, unknown>;
  const lengths: unknown[] | undefined = Array.isArray(shape) ? [...shape] : undefined;
  const checked = floatArray(isRecord ? `${name}.data` : name, data).slice();
  if (shape !== undefined) {
    const whole = lengths?.every((n): n is number => Number.isSafeInteger(n) && (n as number) >= 0);
    if (!whole || lengths.length > kMostDimensions || sizeOf(lengths) !== checked.length) {
      throw fault("shape-of-data", `${name}.shape`, { length: checked.length, got: given(shape) });
    }
  }
  const precision =
    dtype === undefined
      ? (kindOf(checked).toLowerCase() as "float32" | "float64")
      : oneOf(`${name}.dtype`, "invalid-dtype", dtype, precisions);
  return {
    name,
    data: checked,
    shape: lengths as number[] | undefined,
    resolution: resolution === undefined ? undefined : halvesOf(name, resolution, checked.length),
    precision,
  };
}

function halvesOf(name: string, resolution: unknown, length: number): Float64Array {
  const halves = floatArrayOf(
    `${name}.resolution`,
    resolution,
    "Float64",
    length,
    "data",
    false,
  ).slice() as Float64Array;
  const wrong = halves.find((half) => !(half >= 0 && half < Infinity));
  if (wrong !== undefined) throw fault("invalid-resolution", `${name}.resolution`, { got: given(wrong) });
  return halves;
}

function checkClaims(ids: readonly string[], arrays: unknown): Map<number, CheckedClaim> {
  const names = dialectNames(ids);
  const claims = new Map<number, CheckedClaim>();
  for (const [name, value] of Object.entries(objectOf("arrays", arrays))) {
    if (value === undefined) continue;
    const at = names.get(name);
    if (at === undefined) {
      throw fault("unknown-array", "arrays", {
        examples: [...ids.slice(3, 9), "dx", "dvar"],
        got: given(name),
      });
    }
    const twin = claims.get(at);
    if (twin) throw fault("same-array-twice", "arrays", { id: ids[at] as string, names: [twin.name, name] });
    claims.set(at, claimOf(name, value));
  }
  return claims;
}

/** How a claim lies in memory: rows of channels, or channels amid other axes. */
interface Order {
  outer: number;
  channels: number;
  inner: number;
  axis: number;
}

const isMoreThanOne = (length: number) => length !== 1;

/** The ways to read a claim as rows of channels: the axes before and after the channels are the rows. */
function ordersOf(shape: readonly number[], rows: number, channels: number): Order[] {
  const orders = shape.flatMap((length, axis): Order[] => {
    const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
    return length === channels && outer * inner === rows ? [{ outer, channels, inner, axis }] : [];
  });
  // the last first: then it is rows of channels already
  return orders.toSorted((a, b) => a.inner - b.inner);
}

/**
 * A claim's shape as rows and columns; rows is 0 if only the length counts. `orders`: if the numbers may lie in several
 * orders, or in one that isn't row by row.
 */
function extentsOf(
  { data, shape }: CheckedClaim,
  matrix: boolean,
  [rows, columns]: readonly [number, number],
): { extents: [rows: number, columns: number]; orders: Order[] } {
  const length: [number, number] = [0, data.length];
  if (!shape || data.length === 0) return { extents: length, orders: [] };
  const dims = shape.filter(isMoreThanOne);
  const wanted = (matrix ? [rows, columns] : [columns]).filter(isMoreThanOne);
  const isFolded =
    matrix && sizeOf(dims) === rows * columns && (dims.length === 1 || endsWith(shape, columns));
  if (dims.join() === wanted.join()) return { extents: [matrix ? rows : 1, columns], orders: [] };
  const orders = matrix && shape.length > 2 ? ordersOf(shape, rows, columns) : [];
  if (isFolded || orders.length > 0) return { extents: [rows, columns], orders };
  if (shape.length === 2) return { extents: [...shape] as [number, number], orders: [] };
  if (dims.length === 1) return { extents: [1, data.length], orders: [] };
  return { extents: dims.length === 2 ? (dims as [number, number]) : length, orders: [] };
}

/** Whether the last axes, folded into one, have this length. */
const endsWith = (shape: readonly number[], length: number) =>
  shape.some((_, axis) => sizeOf(shape.slice(axis)) === length);

/** The numbers row by row. */
function rowByRow<A extends FloatArray>(values: A, { outer, channels, inner }: Order): A {
  const sorted = values.slice() as A;
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < inner; i++) sorted[(o * inner + i) * channels + c] = values[at++] as number;
  return sorted;
}

/** How much nearer to the right array another order of axes must be than rows of channels. */
const kNearer = 10;

/** Writes a claim into the run, in the order that is nearest to the right array. */
function hand(run: CaseRun, at: number, claim: CheckedClaim, orders: readonly Order[]): Order | undefined {
  const write = (order: Order | undefined) => {
    const sorted = <A extends FloatArray>(values: A) =>
      order && order.inner > 1 ? rowByRow(values, order) : values;
    run.claimedValues(at).set(sorted(claim.data));
    if (claim.resolution) run.resolution(at).set(sorted(claim.resolution));
    return run.distance(at);
  };
  let best = orders[0];
  let nearest = write(best);
  for (const order of orders.slice(1)) {
    const distance = write(order);
    if (distance * kNearer < nearest) [best, nearest] = [order, distance];
  }
  write(best);
  return best && best.inner > 1 ? best : undefined;
}

export function diagnose(
  module: Module,
  graph: Graph,
  kase: Case,
  arrays: Readonly<Record<string, Claim>>,
): Diagnosis {
  const ids = quantityIds(graph);
  const checked = checkCase(kase);
  const claims = checkClaims(ids, arrays);
  const coarsest = Math.max(0, ...[...claims.values()].map(({ precision }) => precisions.indexOf(precision)));
  const { rows, columns } = checked;
  return withRun(module[`CaseRun${checked.kind}`], [rows, columns], (run) => {
    fillRun(run, checked);
    settle(run.prepareDiagnosis(coarsest), "case", [rows, columns]);
    const isMatrix = (at: number) =>
      graph.nodes.find(({ id }) => id === nodeOf(graph, at))?.extent === "matrix";
    const axes = new Map<number, number>();
    for (const [at, claim] of claims) {
      const { extents, orders } = extentsOf(claim, isMatrix(at), [rows, columns]);
      settle(run.claim(at, ...extents), claim.name, [claim.data.length]);
      const order = hand(run, at, claim, orders);
      if (order) axes.set(at, order.axis);
    }
    settle(run.diagnose(true), "case", [rows, columns]);

    const shapeOf = (at: number) => (isMatrix(at) ? [rows, columns] : [columns]);
    const nodes = [...claims]
      .toSorted(([a], [b]) => a - b)
      .map(([at, claim]) => ({
        ...readFinding(module, graph, run, ids, at, claim, shapeOf(at)),
        channelAxis: axes.get(at) ?? null,
      }));
    const invariants = laws.flatMap((id, law) => readLaw(run, id, law, columns));
    const first = run.firstWrong();
    return {
      firstWrong: ids[first] ?? null,
      arithmetic: {
        precision: precisions[run.precision()] as Precision,
        variance: run.isOnePass() ? "one-pass" : "two-pass",
      },
      nodes,
      invariants,
      meaning: plainMeaning(invariants),
      mistakes: Array.from({ length: run.fitCount() }, (_, place) => {
        const { mistake, residual } = run.fit(place);
        return { id: module.mistakeId(mistake), residual };
      }),
    };
  });
}

/** The node of a value or a gradient, or the node that the edge leads back to. */
function nodeOf({ nodes, edges }: Graph, at: number): NodeId {
  const edge = edges[at - 2 * nodes.length];
  return edge ? edge.from : (nodes[at % nodes.length] as Graph["nodes"][number]).id;
}

const limits = ["digits", "rounding"] as const;

function readFinding(
  module: Module,
  graph: Graph,
  run: CaseRun,
  ids: readonly string[],
  at: number,
  claim: CheckedClaim,
  shape: number[],
): Omit<Finding, "channelAxis"> {
  const { truth, local, maxError, largestBound, worst, limit } = run.finding(at);
  return {
    id: ids[at] as string,
    name: claim.name,
    truth: verdictOf(module, truth),
    local: verdictOf(module, local),
    maxError,
    bound: largestBound,
    worst: unravel(worst, shape),
    relation: readRelation(module, graph, ids, run.relation(at), claim, shape),
    limit: limits.find((one) => module.Limit[one] === limit) ?? null,
  };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The index of a place in an array of that shape; the place itself if the shape isn't known. */
function unravel(place: number, shape: readonly number[]): number[] {
  if (shape.length === 0) return [place];
  return shape.map((length, axis) => Math.floor(place / sizeOf(shape.slice(axis + 1))) % length);
}

function readRelation(
  module: Module,
  graph: Graph,
  ids: readonly string[],
  { kind, where, ratio, node, exponent, other }: ReturnType<CaseRun["relation"]>,
  claim: CheckedClaim,
  shape: number[],
): Relation | null {
  const name = Object.keys(module.RelationKind).find((key) => module.RelationKind[key] === kind) as
    | Relation["kind"]
    | "none";
  switch (name) {
    case "none":
      return null;
    case "not-finite":
      return {
        kind: name,
        index: unravel(where, claim.shape ?? (claim.data.length === sizeOf(shape) ? shape : [])),
      };
    case "shape":
      return { kind: name, expected: shape, got: claim.shape ? [...claim.shape] : [claim.data.length] };
    case "ratio":
      return { kind: name, ratio };
    case "power":
      return { kind: name, of: (graph.nodes[node] as Graph["nodes"][number]).id, exponent };
    case "equals":
      return { kind: name, other: ids[other] as string };
    case "missing-path":
    case "only-path":
      return { kind: name, path: graph.edges[other - 2 * graph.nodes.length] as GraphEdge };
    default:
      return { kind: name };
  }
}

function readLaw(run: CaseRun, id: ClaimedInvariant["id"], law: number, columns: number): ClaimedInvariant[] {
  const all = Array.from({ length: columns }, (_, column) => run.law(law, column));
  if (!all[0]?.given) return [];
  const residual = Float64Array.from(all, (one) => one.residual);
  const bound = Float64Array.from(all, (one) => one.bound);
  return [{ id, residual, bound, holds: !all.some((one) => one.residual > one.bound) }];
}

function meaningOf(invariants: readonly ClaimedInvariant[]): Words | undefined {
  const broken = (id: string) => invariants.some((one) => one.id === id && !one.holds);
  if (broken("sum-of-dx")) return broken("sum-of-dx-xhat") ? meanings.both : meanings.mean;
  return broken("sum-of-dx-xhat") ? meanings.variance : undefined;
}

function plainMeaning(invariants: readonly ClaimedInvariant[]): Words | null {
  const words = meaningOf(invariants);
  return words ? plain(words) : null;
}

/** What broken invariants of dx show, with the caller's names for arrays. */
export function meaningText(
  { invariants }: Pick<Diagnosis, "invariants">,
  language: keyof Words,
  nameOf: (array: string) => string,
): string | undefined {
  const words = meaningOf(invariants);
  return words && named(words[language], nameOf);
}
