import { arrayLike, unravel } from "./arguments.ts";
import type { CheckedCase } from "./case.ts";
import type { FloatArray } from "./float-array.ts";
import type { Graph, GraphNode, LawId, NodeId } from "./graph.ts";
import { toGiven } from "./grouping.ts";
import { type CaseRun, type MeasuresRow, type Module, type ReportRow, verdictOf } from "./module.ts";
import { shapeOfNode } from "./trace.ts";
import type { Verdict } from "./verdict.ts";
import { type Warning, warningOf } from "./warnings.ts";

/**
 * The distance of the analytic gradient from another one, in the measures in common use. No verdict depends on them.
 */
export interface Measures {
  /** cs231n's rel_error: max |a - n| / max(1e-8, |a| + |n|). Usually below 1e-7. */
  maxRelative: number;
  /** deeplearning.ai's ‖a - n‖ / (‖a‖ + ‖n‖). Usually below 1e-7 is fine, above 1e-3 is wrong. */
  normRatio: number;
  /**
   * numpy.allclose with its defaults: max |a - n| - (1e-8 + 1e-5·|n|).
   */
  numpy: Closeness;
  /** torch.autograd.gradcheck with its defaults: max |a - n| - (1e-5 + 1e-3·|n|). */
  pytorch: Closeness;
  /** max |a - n| in units in the last place of n, in the kind of the case. */
  ulps: number;
}

/** The result of a comparison by |a - n| ≤ atol + rtol·|n|. */
export interface Closeness {
  /** The largest |a - n| - (atol + rtol·|n|). */
  excess: number;
  /** True if the excess isn't positive. */
  passes: boolean;
}

/** The arrays from which the verdict on a node follows. */
export interface Evidence<A extends FloatArray = FloatArray> {
  /** The staged backward pass, in the kind of the case. */
  analytic: A;
  /** The reference: the derivative by dual numbers on the forward pass, in float64 at the same inputs. */
  exact: Float64Array;
  /** A second opinion: central differences in float64, at the same inputs. */
  numeric: Float64Array;
  /** The largest |analytic - exact| that round-off explains if both are right: computed, not chosen. */
  bound: Float64Array;
  /** The largest |numeric - exact| that round-off and truncation explain. */
  numericBound: Float64Array;
  /**
   * The share of the gradient that survives cancellation, 0 to 1: of each group, of gamma and beta of each parameter.
   */
  signal: Float64Array;
}

/** What a check finds about the gradient of one node. */
export interface NodeReport<A extends FloatArray = FloatArray, Id = NodeId> extends Evidence<A> {
  /** The node. */
  id: Id;
  /** The shape of the node, as in a trace, and of the evidence. */
  shape: number[];
  /**
   * What the agreement of each group is worth; of gamma and beta, of each parameter. If one is lost, the node can't pass.
   */
  groups: GroupState[];
  /** The largest |analytic - exact|. */
  maxError: number;
  /** maxError over the largest |exact|; 0 if both vanish. */
  relativeError: number;
  /** The largest |analytic - numeric|. */
  numericError: number;
  /** Where |analytic - exact| is largest relative to its bound. */
  worst: WorstValue;
  /** The analytic gradient in the measures in common use. */
  measures: {
    /** Compared with the exact derivative. */
    exact: Measures;
    /** Compared with the difference. */
    numeric: Measures;
  };
  /**
   * Difference and exact derivative contradict each other: the checker is at fault, and the gradient has no verdict.
   */
  checkerAtFault: boolean;
  /** That on the gradient. */
  verdict: Verdict;
}

/** One value of a gradient, and what it is compared with. */
export interface WorstValue {
  /** Its flat index. */
  at: number;
  /** Its index in the shape. */
  index: number[];
  /** By the staged backward pass. */
  analytic: number;
  /** By dual numbers. */
  exact: number;
  /** By central differences. */
  numeric: number;
  /** The largest |analytic - exact| that round-off explains. */
  bound: number;
}

/** What the agreement of a group or a parameter is worth. */
export type GroupState =
  /** A wrong gradient would have been seen. */
  | "tells"
  /** The right one is 0 but for rounding, or cancels. */
  | "silent"
  /** Rounding may hide a wrong one. */
  | "lost";

/** In the order of C++. */
const kGroupStates: readonly GroupState[] = ["tells", "silent", "lost"];

/** An invariant of dx in training mode, whatever the numbers are. One value per group each. */
export interface Invariant {
  /** The distance of each group's sum from its expected value. */
  residual: Float64Array;
  /** The largest distance that rounding explains. */
  bound: Float64Array;
  /** True if no residual exceeds its bound. */
  holds: boolean;
}

/** What a check finds. */
export interface Report<A extends FloatArray = FloatArray, Id = NodeId> {
  /** fail if any node fails; else undecidable if any node is; else pass. */
  verdict: Verdict;
  /** True if the verdict is pass. */
  ok: boolean;
  /** True if difference and exact derivative contradict each other at any node. */
  checkerAtFault: boolean;
  /** The share of each group's dx that survives cancellation, 0 to 1. Below 1e-6 the check says nothing. */
  signal: Float64Array;
  /** The invariants of dx. */
  invariants: {
    /**
     * Σ dx = 0: the output doesn't change when x shifts. A mistake in the path through the mean breaks it. Not a law of
     * RMS norm: there it has no values, and holds.
     */
    sumOfDx: Invariant;
    /**
     * Σ dx·xhat = eps·Σ dxhat·xhat / (var + eps)^(3/2). A mistake in the path through the variance breaks it. Says
     * nothing unless eps is far below var.
     */
    sumOfDxXhat: Invariant;
  };
  /** Why this case hides some mistakes. */
  warnings: Warning[];
  /** In graph order. */
  nodes: NodeReport<A, Id>[];
}

export function readMeasures([
  maxRelative,
  normRatio,
  numpyExcess,
  pytorchExcess,
  ulps,
]: MeasuresRow): Measures {
  const allclose = (excess: number) => ({ excess, passes: excess <= 0 });
  return { maxRelative, normRatio, numpy: allclose(numpyExcess), pytorch: allclose(pytorchExcess), ulps };
}

/** What follows from the evidence. */
export interface Judgement {
  report: readonly number[];
  groups: Uint8Array;
  exactMeasures: Measures;
  numericMeasures: Measures;
}

/** like: an array of the kind of the case. */
export const readEvidence = <A extends FloatArray>(run: CaseRun, at: number, like: A): Evidence<A> => ({
  analytic: arrayLike(like, run.analytic(at)),
  exact: run.exact(at).slice(),
  numeric: run.numeric(at).slice(),
  bound: run.bound(at).slice(),
  numericBound: run.numericBound(at).slice(),
  signal: run.signal(at).slice(),
});

export function readNode<A extends FloatArray>(
  { id, extent }: GraphNode,
  { norm, grouping: { places } }: Pick<CheckedCase, "norm" | "grouping">,
  { signal, ...arrays }: Evidence<A>,
  { report, groups, exactMeasures, numericMeasures }: Judgement,
): NodeReport<A> {
  const [verdict, maxError, numericError, worst, checkerAtFault] = report as ReportRow;
  let largest = 0;
  for (const value of arrays.exact) largest = Math.max(largest, Math.abs(value));
  const order = extent === "elements" ? places : undefined;
  const given = <B extends FloatArray>(array: B) => toGiven(array, order);
  const [analytic, exact, numeric] = [given(arrays.analytic), given(arrays.exact), given(arrays.numeric)];
  const [bound, numericBound] = [given(arrays.bound), given(arrays.numericBound)];
  const shape = shapeOfNode(norm, extent);
  const at = order ? (order[worst] as number) : worst;
  return {
    id,
    shape,
    analytic,
    exact,
    numeric,
    bound,
    numericBound,
    signal,
    groups: Array.from(groups, (state) => kGroupStates[state] as GroupState),
    maxError,
    relativeError: maxError === 0 ? 0 : maxError / largest,
    numericError,
    worst: {
      at,
      index: unravel(at, shape),
      analytic: analytic[at] as number,
      exact: exact[at] as number,
      numeric: numeric[at] as number,
      bound: bound[at] as number,
    },
    measures: { exact: exactMeasures, numeric: numericMeasures },
    checkerAtFault: checkerAtFault === 1,
    verdict: verdictOf(verdict),
  };
}

const invariantOf = (residual: Float64Array, bound: Float64Array): Invariant => ({
  residual,
  bound,
  holds: !residual.some((value, column) => value > (bound[column] as number)), // a bound lost to overflow excuses all
});

type Sum = readonly [residual: Float64Array, bound: Float64Array];

/** What a check tells about its columns beside the evidence. */
export class Columns {
  readonly #sums: readonly Sum[];
  readonly #blinded: boolean[];

  constructor(module: Module, { laws }: Graph, columns: number) {
    const pair = (law: LawId): Sum => {
      const length = laws.includes(law) ? columns : 0;
      return [new Float64Array(length), new Float64Array(length)];
    };
    this.#sums = [pair("sum-of-dx"), pair("sum-of-dx-xhat")];
    this.#blinded = new Array(module.warningCount).fill(true);
  }

  /** Reads the columns from `first` on. A warning is about all columns. */
  read(run: CaseRun, first: number, columns: number) {
    const laws = [run.sumOfDx.bind(run), run.sumOfDxXhat.bind(run)];
    for (const [at, law] of laws.entries()) {
      const [residuals, bounds] = this.#sums[at] as Sum;
      for (let column = 0; column < columns && residuals.length > 0; column++) {
        const [residual, bound] = law(column);
        residuals[first + column] = residual;
        bounds[first + column] = bound;
      }
    }
    for (const warning of this.#blinded.keys()) this.#blinded[warning] &&= run.isBlindedBy(warning);
  }

  report<A extends FloatArray>(
    module: Module,
    nodes: NodeReport<A>[],
    { norm, rows, columns }: Pick<CheckedCase, "norm" | "rows" | "columns">,
  ): Report<A> {
    const has = (verdict: Verdict) => nodes.some((node) => node.verdict === verdict);
    const verdict = has("fail") ? "fail" : has("undecidable") ? "undecidable" : "pass";
    const [sumOfDx, sumOfDxXhat] = this.#sums.map(([residual, bound]) => invariantOf(residual, bound)) as [
      Invariant,
      Invariant,
    ];
    const names = this.#blinded.map((_, warning) => module.warningName(warning));
    const isBlinded = (name: string, at: number) =>
      name === "square" && norm.norm === "batch"
        ? rows === columns && rows > 1 && norm.positions === 1
        : this.#blinded[at]; // some of the columns may be square
    return {
      verdict,
      ok: verdict === "pass",
      checkerAtFault: nodes.some((node) => node.checkerAtFault),
      signal: (nodes.find(({ id }) => id === "x") as NodeReport<A>).signal.slice(),
      invariants: { sumOfDx, sumOfDxXhat },
      warnings: names.filter(isBlinded).map((id) => warningOf(id, norm.norm)),
      nodes,
    };
  }
}
