import { floatArray, floatArrayOf, kindOf, objectOf, settle } from "./arguments.ts";
import { dialectNames, quantityIds } from "./dialects.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import {
  type Case,
  type CheckedCase,
  checkCase,
  fillRun,
  type Graph,
  type GraphEdge,
  type NodeId,
} from "./graph.ts";
import { named, plain, type Words } from "./mistake-words.ts";
import { type CaseRun, type Module, verdictOf, withRun } from "./module.ts";
import { fault } from "./sentences.ts";
import type { Verdict } from "./verdict.ts";

/**
 * An array of the caller's: its numbers, or what parseArray read, with the shape and how far each number may be from
 * the one that was computed (half a unit of its last digit).
 */
export type Claim =
  | FloatArray
  | { data: FloatArray; shape?: readonly number[] | undefined; resolution?: Float64Array | undefined };

/** What a wrong array has to do with the one that it should be. */
export type Relation =
  /** index: in the shape given, or the place where none was and the length is wrong. */
  | { kind: "not-finite"; index: number[] }
  | { kind: "shape"; expected: number[]; got: number[] }
  /** (D, N), with the right numbers. */
  | { kind: "transposed" }
  /** (N, D) where (D) belongs, with the right sums over rows. */
  | { kind: "unsummed" }
  /** Summed over the columns. */
  | { kind: "wrong-axis" }
  /** `ratio` times the right one. */
  | { kind: "ratio"; ratio: number }
  /** The right one times the value of `of` to the exponent. */
  | { kind: "power"; of: NodeId; exponent: number }
  /** The right numbers of another array. */
  | { kind: "equals"; other: string }
  /** The right one less what this edge brings. */
  | { kind: "missing-path"; path: GraphEdge }
  /** What this edge brings, and nothing else. */
  | { kind: "only-path"; path: GraphEdge }
  /** Each column has a ratio, or an additive constant, of its own. */
  | { kind: "ratio-per-column" }
  | { kind: "offset-per-column" }
  /** Right, but computed or kept in float32. */
  | { kind: "single-precision" };

/** What was found of one array. */
export interface Finding {
  /** A node's id for its value, "d" + id for its gradient, "x->mean" for what an edge brings. */
  id: string;
  /** As the caller called it. */
  name: string;
  /** Against the right array. */
  truth: Verdict;
  /** Against what follows from the caller's own arrays before it: a fail is "wrong here", a pass "inherited". */
  local: Verdict;
  /** The largest |given - right|; NaN where the shape differs. */
  maxError: number;
  /** How far rounding and the digits given may take it, at most. */
  bound: number;
  /** Where the error is largest beside its bound, as an index. */
  worst: number[];
  /** Of an array that is wrong here. */
  relation: Relation | null;
}

/** A law that gradients obey whatever the numbers. D values each. */
export interface ClaimedInvariant {
  id: "sum-of-dx" | "sum-of-dx-xhat" | "dvar" | "dmean";
  residual: Float64Array;
  bound: Float64Array;
  holds: boolean;
}

export interface Diagnosis {
  /** The first wrong array: forward values in the order of the graph, then dy and back. null if none is wrong. */
  firstWrong: string | null;
  /** In the order of the graph: values, gradients, what edges bring. */
  nodes: Finding[];
  /** Those whose arrays were given. */
  invariants: ClaimedInvariant[];
  /** What broken laws of dx tell without any reference; null where dx was not given or keeps both. */
  meaning: Words | null;
  /** The known mistakes that reproduce every array given, best first: equal fits can't be told apart here. */
  mistakes: { id: string; residual: number }[];
}

const laws = ["sum-of-dx", "sum-of-dx-xhat", "dvar", "dmean"] as const;

/** Arrays stand in braces. */
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
}

const kMostDimensions = 64; // as NumPy has them

/** With copies of its arrays, since those of a layer die when the memory grows. */
function claimOf(name: string, value: unknown): CheckedClaim {
  const isRecord =
    typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value);
  if (!isRecord) {
    return { name, data: floatArray(name, value).slice(), shape: undefined, resolution: undefined };
  }
  const { data, shape, resolution } = value as { data?: unknown; shape?: unknown; resolution?: unknown };
  const lengths: unknown[] | undefined = Array.isArray(shape) ? [...shape] : undefined;
  const checked = floatArray(`${name}.data`, data).slice();
  if (shape !== undefined) {
    const whole = lengths?.every((n): n is number => Number.isSafeInteger(n) && (n as number) >= 0);
    if (!whole || lengths.length > kMostDimensions || sizeOf(lengths) !== checked.length) {
      throw fault("shape-of-data", `${name}.shape`, { length: checked.length, got: given(shape) });
    }
  }
  if (resolution === undefined)
    return { name, data: checked, shape: lengths as number[] | undefined, resolution };
  const halves = floatArrayOf(
    `${name}.resolution`,
    resolution,
    "Float64",
    checked.length,
    "data",
    false,
  ).slice() as Float64Array;
  const wrong = halves.find((half) => !(half >= 0 && half < Infinity));
  if (wrong !== undefined) {
    throw fault("invalid-resolution", `${name}.resolution`, { got: given(wrong) });
  }
  return { name, data: checked, shape: lengths as number[] | undefined, resolution: halves };
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

/** A claim's shape as two lengths: 0 rows where only the length is known. */
function extentsOf({ data, shape }: CheckedClaim): [rows: number, columns: number] {
  if (!shape || data.length === 0) return [0, data.length]; // nothing has no rows, whatever its columns
  const lengths = [...shape];
  while (lengths.length > 2 && lengths.at(-1) === 1) lengths.pop(); // (N, D, 1, 1)
  while (lengths.length > 2 && lengths.includes(1)) lengths.splice(lengths.indexOf(1), 1); // (1, N, D)
  if (lengths.length === 2) return [lengths[0] as number, lengths[1] as number];
  return lengths.length === 1 ? [1, lengths[0] as number] : [0, data.length];
}

/** In float32 where any array is: such a program computed in float32, and the case is taken as it saw it. */
function inKind<A extends FloatArray>(checked: CheckedCase<A>, single: boolean): CheckedCase {
  if (!single || checked.kind === "Float32") return checked;
  const [x, gamma, beta, dy] = [checked.x, checked.gamma, checked.beta, checked.dy].map(
    (a) => new Float32Array(a),
  );
  return { ...checked, kind: "Float32", x, gamma, beta, dy } as CheckedCase;
}

export function diagnose(
  module: Module,
  graph: Graph,
  kase: Case,
  arrays: Readonly<Record<string, Claim>>,
): Diagnosis {
  const ids = quantityIds(graph);
  const asked = checkCase(kase);
  const claims = checkClaims(ids, arrays);
  const checked = inKind(
    asked,
    [...claims.values()].some(({ data }) => kindOf(data) === "Float32"),
  );
  const { rows, columns } = checked;
  return withRun(module[`CaseRun${checked.kind}`], [rows, columns], (run) => {
    fillRun(run, checked);
    settle(run.prepareDiagnosis(), "case", [rows, columns]);
    for (const [at, claim] of claims) {
      settle(run.claim(at, ...extentsOf(claim)), claim.name, [claim.data.length]);
      run.claimedValues(at).set(claim.data);
      if (claim.resolution) run.resolution(at).set(claim.resolution);
    }
    settle(run.diagnose(), "case", [rows, columns]);

    const isMatrix = (at: number) =>
      graph.nodes.find(({ id }) => id === nodeOf(graph, at))?.extent === "matrix";
    const shapeOf = (at: number) => (isMatrix(at) ? [rows, columns] : [columns]);
    const nodes = [...claims]
      .toSorted(([a], [b]) => a - b)
      .map(([at, claim]) => readFinding(module, graph, run, ids, at, claim, shapeOf(at)));
    const invariants = laws.flatMap((id, law) => readLaw(run, id, law, columns));
    const first = run.firstWrong();
    return {
      firstWrong: ids[first] ?? null,
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

/** The node whose value or gradient it is, or that the edge leads back to. */
function nodeOf({ nodes, edges }: Graph, at: number): NodeId {
  const edge = edges[at - 2 * nodes.length];
  return edge ? edge.from : (nodes[at % nodes.length] as Graph["nodes"][number]).id;
}

function readFinding(
  module: Module,
  graph: Graph,
  run: CaseRun,
  ids: readonly string[],
  at: number,
  claim: CheckedClaim,
  shape: number[],
): Finding {
  const { truth, local, maxError, largestBound, worst } = run.finding(at);
  return {
    id: ids[at] as string,
    name: claim.name,
    truth: verdictOf(module, truth),
    local: verdictOf(module, local),
    maxError,
    bound: largestBound,
    worst: unravel(worst, shape),
    relation: readRelation(module, graph, ids, run.relation(at), claim, shape),
  };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The index of a place in an array of that shape; the place itself where the shape is not known. */
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

/** What broken laws of dx tell, by one's own names for arrays. */
export function meaningText(
  { invariants }: Pick<Diagnosis, "invariants">,
  language: keyof Words,
  nameOf: (array: string) => string,
): string | undefined {
  const words = meaningOf(invariants);
  return words && named(words[language], nameOf);
}
