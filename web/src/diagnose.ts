import { arrayLike, boolean, settle, unravel } from "./arguments.ts";
import { type CheckedCase, checkCase, fillRun, type NormCase } from "./case.ts";
import { type CheckedClaim, type Claim, checkClaims } from "./claim.ts";
import { extentsOf, writeClaim } from "./claim-order.ts";
import { quantityIds } from "./dialects.ts";
import { type Explanation, readExplanation } from "./explanation.ts";
import {
  type Extent,
  type Graph,
  type GraphEdge,
  type Graphs,
  graphFor,
  type LawId,
  lawOf,
  type NodeId,
} from "./graph.ts";
import { type CaseRun, type Module, make, verdictOf } from "./module.ts";
import { type Norm, norms } from "./norm.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import { type Precision, precisions } from "./precision.ts";
import type { AbortSignalLike } from "./signal.ts";
import { atOnce, inSlices } from "./slices.ts";
import { product } from "./tensor.ts";
import { shapeOfNode } from "./trace.ts";
import { signalOf, type Turns } from "./turns.ts";
import type { Verdict } from "./verdict.ts";
import { named, plain, type Words } from "./words.ts";

/** The relation of a wrong array to the right one. */
export type Relation =
  /** A NaN or an infinity. index: of the first, in the given shape; a flat one if no shape was given and the length is wrong. */
  | { kind: "not-finite"; index: number[] }
  /** Another length, or another shape: got. */
  | { kind: "shape"; expected: number[]; got: number[] }
  /** (D, N), with the right numbers. */
  | { kind: "transposed" }
  /** Like x instead of like gamma or the statistics, with the right sums. */
  | { kind: "unsummed" }
  /** Summed over the columns; gamma and beta of other norms than batch norm: per group. */
  | { kind: "wrong-axis" }
  /** Summed over positions only: (N, C) instead of (C). */
  | { kind: "per-sample" }
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
  /** Each column is the right one times a number of its own. */
  | { kind: "ratio-per-column" }
  /** Each column is the right one plus a number of its own. */
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
  /** What it is, if it is wrong here and its numbers leave no doubt; or the convention by which it is right. */
  explanation: Explanation | null;
  /** Of an undecidable array: too few digits, or too much rounding. null: the right one cancels to nothing. */
  limit: "digits" | "rounding" | null;
  /** The axis of the channels, if the array has them elsewhere than the case: 1 for NCHW. */
  channelAxis: number | null;
}

/** How the program computed, as far as its arrays show. */
export interface Arithmetic {
  /** In which it computed. */
  precision: Precision;
  /** one-pass: the mean of x² less the square of the mean. */
  variance: "two-pass" | "one-pass";
  /** In which it read x, gamma, beta or dy: float32, if it computed in float64 from inputs that were not. */
  inputs: Precision;
}

/** An invariant that gradients keep whatever the numbers are. One value per group each. */
export interface ClaimedInvariant {
  /** Which invariant it is. */
  id: LawId;
  /** The distance of each group from what the invariant says. */
  residual: Float64Array;
  /** The largest distance that rounding and the given digits explain. */
  bound: Float64Array;
  /** True if no residual exceeds its bound. */
  holds: boolean;
}

/** What arrays that are wrong for the case are right for. */
export type Recognition =
  /** They are right for another norm, which divides the channels into so many groups. */
  | { kind: "other-norm"; norm: Norm; groups: number }
  /** Probably: even what depends on one input alone, as dbeta on dy, is wrong, and nothing explains it. */
  | { kind: "other-inputs" }
  /** All follow from a forward value that wasn't given and is wrong: the array `id`, which is as explained. */
  | { kind: "hidden"; id: string; explanation: Explanation };

/** What a diagnosis finds. */
export interface Diagnosis {
  /**
   * The first wrong array: forward values in graph order, then dy and the gradients back to dx. null if none is wrong.
   */
  firstWrong: string | null;
  /**
   * That of the case and of the arrays' dtypes; or the first coarser one in which every array is right, or most are.
   */
  arithmetic: Arithmetic;
  /** null: nothing of that kind. */
  recognition: Recognition | null;
  /** In graph order: values, gradients, contributions. */
  nodes: Finding[];
  /** The invariants whose arrays were given. */
  invariants: ClaimedInvariant[];
  /** What broken invariants of dx show without a reference; null if dx wasn't given or keeps both. */
  meaning: Words | null;
  /**
   * The known mistakes that reproduce every given array, best fit first. Equal fits can't be told apart on this case.
   */
  mistakes: {
    /** That of `bn.mistakes`. */
    id: string;
    /** The largest distance of a given array from the reproduced one, over the array's largest value. */
    residual: number;
  }[];
}

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

/** The options of `diagnose`. */
export interface DiagnoseOptions {
  /**
   * The case was read from a print, and x, gamma, beta and dy are among the arrays: what their digits leave open counts as
   * an error of the inputs. Default false. Else `not-a-boolean`.
   */
  printedInputs?: boolean | undefined;
}

/** The options of `diagnoseAsync`. */
export interface DiagnoseAsyncOptions extends DiagnoseOptions {
  /** Aborts it, between two steps. Else `not-a-signal`. */
  signal?: AbortSignalLike | undefined;
}

const kOptions: NamesOf<DiagnoseOptions> = { printedInputs: 0 };

interface Diagnosed {
  module: Module;
  graph: Graph;
  checked: CheckedCase;
  claims: ReadonlyMap<number, CheckedClaim>;
  printedInputs: boolean;
}

function check(
  module: Module,
  graphs: Graphs,
  kase: NormCase,
  arrays: Readonly<Record<string, Claim>>,
  { printedInputs = false }: DiagnoseOptions,
): Diagnosed {
  boolean("printedInputs", printedInputs);
  const checked = checkCase(kase);
  const graph = graphFor(graphs, checked.norm.norm);
  return { module, graph, checked, claims: checkClaims(quantityIds(graph), arrays), printedInputs };
}

/** With arrays of its own, which the caller can't change meanwhile. */
function copied(diagnosed: Diagnosed): Diagnosed {
  const checked = { ...diagnosed.checked };
  for (const name of ["x", "gamma", "beta", "dy"] as const)
    checked[name] = arrayLike(checked[name], checked[name]);
  const claims = new Map(
    [...diagnosed.claims].map(([at, claim]) => [at, { ...claim, data: arrayLike(claim.data, claim.data) }]),
  );
  return { ...diagnosed, checked, claims };
}

/** The diagnosis, step by step. */
function* walk({
  module,
  graph,
  checked,
  claims,
  printedInputs,
}: Diagnosed): Generator<undefined, Diagnosis> {
  const ids = quantityIds(graph);
  const coarsest = Math.max(0, ...[...claims.values()].map(({ precision }) => precisions.indexOf(precision)));
  const { columns, norm } = checked;
  const run = make(module.CaseRun, norm.shape);
  try {
    fillRun(run, checked);
    yield;
    settle(run.prepareDiagnosis(coarsest), "case", norm.shape);
    const given: Given[] = [];
    for (const [at, claim] of claims) {
      const extent = extentOf(graph, at);
      const extents = extentsOf(claim, extent, checked);
      settle(run.claim(at, ...extents.extents), claim.name, [claim.data.length]);
      const order = writeClaim(run, at, claim, extents);
      given.push({ at, claim, extent, places: order?.places, channelAxis: order?.axis ?? null });
      yield;
    }
    if (printedInputs) run.takeClaimedInputs();
    for (run.beginDiagnosis(); run.hasStep(); yield) settle(run.step(), "case", norm.shape);

    const nodes: Finding[] = [];
    for (const one of given.toSorted((a, b) => a.at - b.at)) {
      nodes.push(readFinding(graph, run, ids, one, checked));
      yield;
    }
    const invariants: ClaimedInvariant[] = [];
    for (const id of graph.laws) {
      invariants.push(...readLaw(run, id, columns));
      yield;
    }
    const first = run.firstWrong();
    const [precision, isOnePass, hasRoundedInputs] = run.arithmetic();
    const named = precisions[precision] as Precision;
    return {
      firstWrong: ids[first] ?? null,
      arithmetic: {
        precision: named,
        variance: isOnePass ? "one-pass" : "two-pass",
        inputs: hasRoundedInputs ? "float32" : named,
      },
      recognition: readRecognition(run, graph, ids),
      nodes,
      invariants,
      meaning: plainMeaning(invariants),
      mistakes: Array.from({ length: run.fitCount() }, (_, place) => {
        const [mistake, residual] = run.fit(place);
        return { id: module.mistakeId(mistake), residual };
      }),
    };
  } finally {
    run.delete();
  }
}

export const diagnose = (
  module: Module,
  graphs: Graphs,
  kase: NormCase,
  arrays: Readonly<Record<string, Claim>>,
  options: DiagnoseOptions = {},
): Diagnosis =>
  atOnce(
    walk(check(module, graphs, kase, arrays, optionsOf<DiagnoseOptions>("options", options, kOptions, []))),
  );

export async function diagnoseAsync(
  module: Module,
  graphs: Graphs,
  turns: Turns,
  kase: NormCase,
  arrays: Readonly<Record<string, Claim>>,
  options: DiagnoseAsyncOptions = {},
): Promise<Diagnosis> {
  const given = optionsOf<DiagnoseAsyncOptions>("options", options, { ...kOptions, signal: 0 }, []);
  const signal = signalOf(given.signal);
  signal?.throwIfAborted();
  const diagnosed = copied(check(module, graphs, kase, arrays, given));
  await turns.begin(signal);
  try {
    return await inSlices(walk(diagnosed), signal);
  } finally {
    turns.end();
  }
}

function readRecognition(run: CaseRun, graph: Graph, ids: readonly string[]): Recognition | null {
  const [kind, norm = 0, groups = 1, hidden = 0, ...rest] = run.recognition();
  switch (kind) {
    case 1:
      return { kind: "other-norm", norm: norms[norm] as Norm, groups };
    case 2:
      return { kind: "other-inputs" };
    case 3: {
      const explanation = readExplanation(rest, graph, ids, (place) => [place]);
      return explanation && { kind: "hidden", id: ids[hidden] as string, explanation };
    }
    default:
      return null;
  }
}

/** A claim in the run. */
interface Given {
  /** The number of the quantity. */
  at: number;
  claim: CheckedClaim;
  extent: Extent;
  /** The place in the claim of each number in the run. */
  places: Uint32Array | undefined;
  channelAxis: number | null;
}

/** The extent of a value or a gradient, or of the node that the edge leads back to. */
function extentOf({ nodes, edges }: Graph, at: number): Extent {
  const edge = edges[at - 2 * nodes.length];
  const node = edge ? nodes.find(({ id }) => id === edge.from) : nodes[at % nodes.length];
  return (node as Graph["nodes"][number]).extent;
}

/** In the order of C++. */
const limits = [null, "digits", "rounding"] as const;
const relations = [
  ...([
    "none",
    "not-finite",
    "shape",
    "transposed",
    "unsummed",
    "wrong-axis",
    "per-sample",
    "ratio",
  ] as const),
  ...(["power", "missing-path", "only-path", "equals", "ratio-per-column", "offset-per-column"] as const),
] satisfies readonly (Relation["kind"] | "none")[];

function readFinding(
  graph: Graph,
  run: CaseRun,
  ids: readonly string[],
  given: Given,
  { norm, grouping }: CheckedCase,
): Finding {
  const { at, claim, extent, channelAxis } = given;
  const shape = shapeOfNode(norm, extent);
  const told = [...run.finding(at)];
  const [truth = 0, local = 0, maxError = 0, bound = 0, worst = 0, limit = 0, ...rest] = told;
  const places = extent === "elements" ? grouping.places : undefined;
  const indexOf = (place: number) => unravel(places?.[place] ?? place, shape);
  return {
    id: ids[at] as string,
    name: claim.name,
    truth: verdictOf(truth),
    local: verdictOf(local),
    maxError,
    bound,
    worst: indexOf(worst),
    relation: readRelation(graph, ids, rest, given, shape),
    explanation: readExplanation(rest.slice(kNumbersOfARelation), graph, ids, indexOf),
    limit: limits[limit] ?? null,
    channelAxis,
  };
}

const kNumbersOfARelation = 6;

function readRelation(
  graph: Graph,
  ids: readonly string[],
  [kind = 0, where = 0, ratio = 0, node = 0, exponent = 0, other = 0]: readonly number[],
  { claim, places }: Given,
  shape: number[],
): Relation | null {
  const name = relations[kind];
  switch (name) {
    case undefined:
    case "none":
      return null;
    case "not-finite":
      return {
        kind: name,
        index: unravel(
          places?.[where] ?? where,
          claim.shape ?? (claim.data.length === product(shape) ? shape : []),
        ),
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

function readLaw(run: CaseRun, id: LawId, columns: number): ClaimedInvariant[] {
  const all = Array.from({ length: columns }, (_, column) => [...run.law(lawOf(id), column)]);
  if (all[0]?.length === 0) return [];
  const residual = Float64Array.from(all, ([one = 0]) => one);
  const bound = Float64Array.from(all, ([, one = 0]) => one);
  return [{ id, residual, bound, holds: !residual.some((one, at) => one > (bound[at] as number)) }];
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
