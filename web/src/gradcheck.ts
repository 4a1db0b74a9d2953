import { objectOf, settle } from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import {
  type Case,
  type CheckedCase,
  checkCase,
  fillRun,
  type Graph,
  mistakesOf,
  type NodeId,
  type PassOptions,
  withCase,
} from "./graph.ts";
import { type CaseRun, type MeasuresRow, type Module, make, verdictOf } from "./module.ts";
import { fault } from "./sentences.ts";
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
   * numpy.allclose with its defaults: excess is max |a - n| - (1e-8 + 1e-5·|n|); passes is true if it isn't positive.
   */
  numpy: { excess: number; passes: boolean };
  /** torch.autograd.gradcheck with its defaults: max |a - n| - (1e-5 + 1e-3·|n|). */
  pytorch: { excess: number; passes: boolean };
  /** max |a - n| in units in the last place of n, in the kind of the case. */
  ulps: number;
}

export interface NodeReport<A extends FloatArray = FloatArray> {
  id: NodeId;
  /** [N, D] or [D]: the shape of the node, and of the four arrays. */
  shape: number[];
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
  /** The share of each column's gradient that survives cancellation, 0 to 1. D values. */
  signal: Float64Array;
  /**
   * What the agreement of each column is worth. tells: a wrong gradient would have been seen. silent: the right one is
   * 0 but for rounding, or cancels. lost: rounding may hide a wrong one, and the node can't pass. D values.
   */
  groups: GroupState[];
  /** The largest |analytic - exact|. */
  maxError: number;
  /** maxError over the largest |exact|; 0 if both vanish. */
  relativeError: number;
  /** The largest |analytic - numeric|. */
  numericError: number;
  /**
   * Where |analytic - exact| is largest relative to its bound: a flat index, and its index [row, column] or [column].
   */
  worst: { at: number; index: number[]; analytic: number; exact: number; numeric: number; bound: number };
  /** The analytic gradient compared with the exact derivative, and with the difference. */
  measures: { exact: Measures; numeric: Measures };
  /**
   * Difference and exact derivative contradict each other: the checker is at fault, and the gradient has no verdict.
   */
  checkerAtFault: boolean;
  verdict: Verdict;
}

/** In the order of C++. */
const kGroupStates = ["tells", "silent", "lost"] as const;
export type GroupState = (typeof kGroupStates)[number];

/** An invariant of dx in training mode, whatever the numbers are. D values each. */
export interface Invariant {
  /** The distance of each column's sum from its expected value. */
  residual: Float64Array;
  /** The largest distance that rounding explains. */
  bound: Float64Array;
  /** True if no residual exceeds its bound. */
  holds: boolean;
}

export interface Report<A extends FloatArray = FloatArray> {
  /** fail if any node fails; else undecidable if any node is; else pass. */
  verdict: Verdict;
  /** True if the verdict is pass. */
  ok: boolean;
  /** True if difference and exact derivative contradict each other at any node. */
  checkerAtFault: boolean;
  /** The share of each column's dx that survives cancellation, 0 to 1. Below 1e-6 the check says nothing. D values. */
  signal: Float64Array;
  invariants: {
    /** Σ dx = 0: the output doesn't change when x shifts. A mistake in the path through the mean breaks it. */
    sumOfDx: Invariant;
    /**
     * Σ dx·xhat = gamma·dgamma·eps / (var + eps)^(3/2). A mistake in the path through the variance breaks it. Says
     * nothing unless eps is far below var.
     */
    sumOfDxXhat: Invariant;
  };
  /** Why this case hides some mistakes. */
  warnings: Warning[];
  /** In graph order. */
  nodes: NodeReport<A>[];
}

export interface GradcheckAsyncOptions extends PassOptions {
  /** Aborting rejects with the signal's reason and frees the memory. */
  signal?: AbortSignal | undefined;
  /** Called after every slice with the finished share, 0 to 1. */
  onProgress?: ((done: number) => void) | undefined;
}

function readMeasures({ maxRelative, normRatio, numpyExcess, pytorchExcess, ulps }: MeasuresRow): Measures {
  const allclose = (excess: number) => ({ excess, passes: excess <= 0 });
  return { maxRelative, normRatio, numpy: allclose(numpyExcess), pytorch: allclose(pytorchExcess), ulps };
}

function readNode<A extends FloatArray>(
  module: Module,
  run: CaseRun,
  graph: Graph,
  at: number,
  [rows, columns]: readonly [number, number],
): NodeReport<A> {
  const { id, extent } = graph.nodes[at] as Graph["nodes"][number];
  const analytic = run.analytic(at).slice() as A;
  const exact = run.exact(at).slice();
  const numeric = run.numeric(at).slice();
  const bound = run.bound(at).slice();
  const numericBound = run.numericBound(at).slice();
  const { verdict, maxError, numericError, worst, checkerAtFault } = run.report(at);
  let largest = 0;
  for (const value of exact) largest = Math.max(largest, Math.abs(value));
  const [row, column] = [Math.floor(worst / columns), worst % columns];
  return {
    id,
    shape: extent === "matrix" ? [rows, columns] : [columns],
    analytic,
    exact,
    numeric,
    bound,
    numericBound,
    signal: run.signal(at).slice(),
    groups: Array.from(run.groups(), (state) => kGroupStates[state] as GroupState),
    maxError,
    relativeError: maxError === 0 ? 0 : maxError / largest,
    numericError,
    worst: {
      at: worst,
      index: extent === "matrix" ? [row, column] : [column],
      analytic: analytic[worst] as number,
      exact: exact[worst] as number,
      numeric: numeric[worst] as number,
      bound: bound[worst] as number,
    },
    measures: { exact: readMeasures(run.measures(at, false)), numeric: readMeasures(run.measures(at, true)) },
    checkerAtFault,
    verdict: verdictOf(module, verdict),
  };
}

function readInvariant(
  columns: number,
  of: (column: number) => { residual: number; bound: number },
): Invariant {
  const all = Array.from({ length: columns }, (_, column) => of(column));
  return {
    residual: Float64Array.from(all, ({ residual }) => residual),
    bound: Float64Array.from(all, ({ bound }) => bound),
    holds: !all.some(({ residual, bound }) => residual > bound), // a bound lost to overflow excuses all
  };
}

/**
 * The whole check as a generator that pauses after every few rows. It serves the synchronous call and the one in
 * slices.
 */
function* walk<A extends FloatArray>(
  module: Module,
  graph: Graph,
  run: CaseRun,
  checked: CheckedCase<A>,
  rowsAStep: number,
): Generator<number, Report<A>> {
  const shape = [checked.rows, checked.columns] as const;
  settle(run.prepareCheck(), "case", shape);
  const rowsOf = graph.nodes.map((_, at) => run.rows(at));
  const total = rowsOf.reduce((a, b) => a + b, 0);
  let done = 0;
  for (const [at, rows] of rowsOf.entries()) {
    for (let row = 0; row < rows; row += rowsAStep) {
      const end = Math.min(row + rowsAStep, rows);
      run.check(at, row, end);
      done += end - row;
      yield done / total;
    }
  }
  const nodes = graph.nodes.map((_, at) => readNode<A>(module, run, graph, at, shape));
  const has = (verdict: Verdict) => nodes.some((node) => node.verdict === verdict);
  const verdict = has("fail") ? "fail" : has("undecidable") ? "undecidable" : "pass";
  const checkerAtFault = nodes.some((node) => node.checkerAtFault);
  const invariants = {
    sumOfDx: readInvariant(checked.columns, (column) => run.sumOfDx(column)),
    sumOfDxXhat: readInvariant(checked.columns, (column) => run.sumOfDxXhat(column)),
  };
  const warnings = Array.from({ length: module.warningCount }, (_, at) => at)
    .filter((at) => run.isBlindedBy(at))
    .map((at) => warningOf(module.warningName(at)));
  const signal = (nodes.find(({ id }) => id === "x") as NodeReport<A>).signal.slice();
  return { verdict, ok: verdict === "pass", checkerAtFault, signal, invariants, warnings, nodes };
}

/** Half a frame, in milliseconds. */
const kSliceMilliseconds = 8;
/** The rows until a pause: several of a small case, one of a large case. A row costs a few passes over N·D values. */
const rowsOfAStep = (size: number) => Math.max(1, Math.min(8, Math.floor(2 ** 15 / size)));

/** The whole check, synchronously. */
export function checkAll<A extends FloatArray>(
  module: Module,
  graph: Graph,
  run: CaseRun,
  checked: CheckedCase<A>,
): Report<A> {
  const steps = walk(module, graph, run, checked, Number.POSITIVE_INFINITY);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

export const gradcheck = <A extends FloatArray>(
  module: Module,
  graph: Graph,
  kase: Case<A>,
  options: PassOptions = {},
): Report<A> => withCase(module, kase, options, (run, checked) => checkAll(module, graph, run, checked));

function checkOptions(options: GradcheckAsyncOptions): GradcheckAsyncOptions {
  const { signal, onProgress } = objectOf("options", options) as GradcheckAsyncOptions;
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.throwIfAborted !== "function") {
    throw fault("not-a-signal", "signal", { got: given(signal) });
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw fault("not-a-function", "onProgress", { got: given(onProgress) });
  }
  return { signal, onProgress };
}

export async function gradcheckAsync<A extends FloatArray>(
  module: Module,
  graph: Graph,
  kase: Case<A>,
  options: GradcheckAsyncOptions = {},
): Promise<Report<A>> {
  const { signal, onProgress } = checkOptions(options);
  const made = mistakesOf(module, options);
  signal?.throwIfAborted();
  const checked = checkCase(kase);
  const run = make(module[`CaseRun${checked.kind}`], [checked.rows, checked.columns]);
  try {
    fillRun(run, checked, made);
    const steps = walk(module, graph, run, checked, rowsOfAStep(checked.rows * checked.columns));
    for (;;) {
      const end = performance.now() + kSliceMilliseconds;
      let [before, now] = [0, performance.now()];
      let step: ReturnType<typeof steps.next>;
      do {
        step = steps.next();
        [before, now] = [now, performance.now()];
      } while (!step.done && now + (now - before) < end); // while another step as long as the last still fits
      onProgress?.(step.done ? 1 : step.value);
      if (step.done) return step.value;
      await new Promise((resume) => setTimeout(resume)); // a task, so that input and painting can run in between
      signal?.throwIfAborted();
    }
  } finally {
    run.delete();
  }
}
