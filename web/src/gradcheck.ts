import { arrayLike, objectOf, settle } from "./arguments.ts";
import { columnsOf, copyColumns, inputsOf, partsOf } from "./columns.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import {
  type Case,
  type CheckedCase,
  checkCase,
  fillRun,
  type Graph,
  type GraphNode,
  mistakesOf,
  type NodeId,
  type PassOptions,
  withCase,
} from "./graph.ts";
import { type CaseRun, type MeasuresRow, type Module, make, type ReportRow, verdictOf } from "./module.ts";
import { fault } from "./sentences.ts";
import { type Turns, untilAborted } from "./turns.ts";
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

type Shape = readonly [rows: number, columns: number];

function readMeasures({ maxRelative, normRatio, numpyExcess, pytorchExcess, ulps }: MeasuresRow): Measures {
  const allclose = (excess: number) => ({ excess, passes: excess <= 0 });
  return { maxRelative, normRatio, numpy: allclose(numpyExcess), pytorch: allclose(pytorchExcess), ulps };
}

/** The arrays from which the verdict on a node follows. */
interface Evidence<A extends FloatArray> {
  analytic: A;
  exact: Float64Array;
  numeric: Float64Array;
  bound: Float64Array;
  numericBound: Float64Array;
  signal: Float64Array;
}

/** What follows from the evidence. */
interface Judgement {
  report: ReportRow;
  groups: Uint8Array;
  exactMeasures: MeasuresRow;
  numericMeasures: MeasuresRow;
}

const readEvidence = <A extends FloatArray>(run: CaseRun, at: number): Evidence<A> => ({
  analytic: run.analytic(at).slice() as A,
  exact: run.exact(at).slice(),
  numeric: run.numeric(at).slice(),
  bound: run.bound(at).slice(),
  numericBound: run.numericBound(at).slice(),
  signal: run.signal(at).slice(),
});

function readNode<A extends FloatArray>(
  module: Module,
  { id, extent }: GraphNode,
  [rows, columns]: Shape,
  { analytic, exact, numeric, bound, numericBound, signal }: Evidence<A>,
  { report, groups, exactMeasures, numericMeasures }: Judgement,
): NodeReport<A> {
  const { verdict, maxError, numericError, worst, checkerAtFault } = report;
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
    signal,
    groups: Array.from(groups, (state) => kGroupStates[state] as GroupState),
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
    measures: { exact: readMeasures(exactMeasures), numeric: readMeasures(numericMeasures) },
    checkerAtFault,
    verdict: verdictOf(module, verdict),
  };
}

const invariantOf = (residual: Float64Array, bound: Float64Array): Invariant => ({
  residual,
  bound,
  holds: !residual.some((value, column) => value > (bound[column] as number)), // a bound lost to overflow excuses all
});

type Sum = readonly [residual: Float64Array, bound: Float64Array];

/** What a check tells about its columns beside the evidence. */
class Columns {
  readonly #sums: readonly Sum[];
  readonly #blinded: boolean[];

  constructor(module: Module, columns: number) {
    const pair = () => [new Float64Array(columns), new Float64Array(columns)] as const;
    this.#sums = [pair(), pair()];
    this.#blinded = new Array(module.warningCount).fill(true);
  }

  /** Reads the columns from `first` on. A warning is about all columns. */
  read(run: CaseRun, first: number, columns: number) {
    const laws = [run.sumOfDx.bind(run), run.sumOfDxXhat.bind(run)];
    for (const [at, law] of laws.entries()) {
      const [residuals, bounds] = this.#sums[at] as Sum;
      for (let column = 0; column < columns; column++) {
        const { residual, bound } = law(column);
        residuals[first + column] = residual;
        bounds[first + column] = bound;
      }
    }
    for (const warning of this.#blinded.keys()) this.#blinded[warning] &&= run.isBlindedBy(warning);
  }

  report<A extends FloatArray>(module: Module, nodes: NodeReport<A>[], [rows, columns]: Shape): Report<A> {
    const has = (verdict: Verdict) => nodes.some((node) => node.verdict === verdict);
    const verdict = has("fail") ? "fail" : has("undecidable") ? "undecidable" : "pass";
    const [sumOfDx, sumOfDxXhat] = this.#sums.map(([residual, bound]) => invariantOf(residual, bound)) as [
      Invariant,
      Invariant,
    ];
    const names = this.#blinded.map((_, warning) => module.warningName(warning));
    const isBlinded = (name: string, at: number) =>
      name === "square" ? rows === columns && rows > 1 : this.#blinded[at]; // some of the columns may be square
    return {
      verdict,
      ok: verdict === "pass",
      checkerAtFault: nodes.some((node) => node.checkerAtFault),
      signal: (nodes.find(({ id }) => id === "x") as NodeReport<A>).signal.slice(),
      invariants: { sumOfDx, sumOfDxXhat },
      warnings: names.filter(isBlinded).map(warningOf),
      nodes,
    };
  }
}

/** Checks all nodes of a run that is prepared, and pauses after every few rows. */
function* checkRows(graph: Graph, run: CaseRun, rowsAStep: number): Generator<number, void> {
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
}

/** The whole check of a run, as a generator. It serves the synchronous call and the one in slices. */
function* walk<A extends FloatArray>(
  module: Module,
  graph: Graph,
  run: CaseRun,
  checked: CheckedCase<A>,
  rowsAStep: number,
): Generator<number, Report<A>> {
  const shape = [checked.rows, checked.columns] as const;
  settle(run.prepareCheck(), "case", shape);
  yield* checkRows(graph, run, rowsAStep);
  const nodes = graph.nodes.map((node, at) =>
    readNode(module, node, shape, readEvidence<A>(run, at), {
      report: run.report(at),
      groups: run.groups().slice(),
      exactMeasures: run.measures(at, false),
      numericMeasures: run.measures(at, true),
    }),
  );
  const columns = new Columns(module, checked.columns);
  columns.read(run, 0, checked.columns);
  return columns.report(module, nodes, shape);
}

/** The gradients as a program with mistakes returns them, one per node; NaN where the length is another. */
function* returnedBy<A extends FloatArray>(
  { nodes }: Graph,
  of: Module["CaseRunFloat64"],
  checked: CheckedCase<A>,
  made: readonly number[],
): Generator<number, A[]> {
  const { rows, columns, x } = checked;
  const shape = [rows, columns];
  const run = make(of, shape);
  try {
    fillRun(run, checked, made);
    yield kBegun;
    settle(run.trace(), "case", shape);
    const gradients: A[] = [];
    for (const [at, { extent }] of nodes.entries()) {
      yield kBegun;
      settle(run.readGradient(at), "case", shape);
      const gradient = run.gradient() as A;
      const size = extent === "matrix" ? rows * columns : columns;
      gradients.push(
        gradient.length === size ? arrayLike(x, gradient) : (arrayLike(x, size).fill(Number.NaN) as A),
      );
    }
    return gradients;
  } finally {
    run.delete();
  }
}

function* judge(
  of: Module["EvidenceRunFloat64"],
  evidence: Evidence<FloatArray>,
  shape: Shape,
): Generator<number, Judgement> {
  const run = make(of, shape);
  try {
    settle(run.reserve(evidence.exact.length, shape[1]), "case", shape);
    for (const name of Object.keys(evidence) as (keyof typeof evidence)[]) run[name]().set(evidence[name]);
    yield 1;
    const [report, groups] = [run.report(), run.groups().slice()];
    yield 1;
    const exactMeasures = run.measures(false);
    yield 1;
    return { report, groups, exactMeasures, numericMeasures: run.measures(true) };
  } finally {
    run.delete();
  }
}

/**
 * The same check of some columns at a time, which are independent: it holds little of the kernels' memory, and no step of
 * it is long.
 */
function* walkInParts<A extends FloatArray>(
  module: Module,
  graph: Graph,
  checked: CheckedCase<A>,
  made: readonly number[],
): Generator<number, Report<A>> {
  const { kind, rows, columns } = checked;
  const shape = [rows, columns] as const;
  const sizes = graph.nodes.map(({ extent }) => (extent === "matrix" ? rows * columns : columns));
  const evidence = sizes.map((size): Evidence<A> => {
    const array = () => new Float64Array(size);
    const analytic = arrayLike(checked.x, size);
    const signal = new Float64Array(columns);
    return { analytic, exact: array(), numeric: array(), bound: array(), numericBound: array(), signal };
  });
  const about = new Columns(module, columns);
  const returned =
    made.length > 0 ? yield* returnedBy(graph, module[`CaseRun${kind}`], checked, made) : undefined;
  for (const [first, count] of partsOf(rows, columns, kPart)) {
    const run = make(module[`CaseRun${kind}`], shape);
    try {
      fillRun(run, { ...checked, columns: count, ...inputsOf(checked, columns, first, count) }, made);
      settle(run.prepareCheck(), "case", shape);
      for (const [at, whole] of returned?.entries() ?? [])
        run.analytic(at).set(columnsOf(whole, columns, first, count)); // an edit may move values between columns
      for (const done of checkRows(graph, run, rowsOfAStep(rows * count)))
        yield (first + done * count) / columns;
      for (const [at, whole] of evidence.entries()) {
        const read = readEvidence<A>(run, at);
        for (const name of Object.keys(read) as (keyof Evidence<A>)[])
          copyColumns(count, [read[name], 0, count], [whole[name], first, columns]);
      }
      about.read(run, first, count);
    } finally {
      run.delete();
    }
  }
  const nodes: NodeReport<A>[] = [];
  for (const [at, node] of graph.nodes.entries()) {
    const all = evidence[at] as Evidence<A>;
    nodes.push(readNode(module, node, shape, all, yield* judge(module[`EvidenceRun${kind}`], all, shape)));
  }
  return about.report(module, nodes, shape);
}

/** The share that is done before the first rows: more than nothing. */
const kBegun = Number.MIN_VALUE;
/** Half a frame, in milliseconds. */
const kSliceMilliseconds = 8;
/** The rows until a pause: several of a small case, one of a large case. A row costs a few passes over N·D values. */
const rowsOfAStep = (size: number) => Math.max(1, Math.min(8, Math.floor(2 ** 15 / size)));
/** The values of a part of a case. To prepare its check takes about as long as a slice. */
const kPart = 2 ** 13;

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

/** Checks that hold the kernels' memory at the same time. A short one need not wait for a long one. */
export const kChecksAtOnce = 4;

export async function gradcheckAsync<A extends FloatArray>(
  module: Module,
  graph: Graph,
  turns: Turns,
  kase: Case<A>,
  options: GradcheckAsyncOptions = {},
): Promise<Report<A>> {
  const { signal, onProgress } = checkOptions(options);
  const made = mistakesOf(module, options);
  signal?.throwIfAborted();
  const checked = checkCase(kase);
  for (const name of ["x", "gamma", "beta", "dy"] as const)
    checked[name] = arrayLike(checked[name], checked[name]);
  await turns.begin(signal);
  const steps = walkInParts(module, graph, checked, made);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const end = performance.now() + kSliceMilliseconds;
      let [before, now] = [0, performance.now()];
      let step: ReturnType<typeof steps.next>;
      do {
        step = steps.next();
        [before, now] = [now, performance.now()];
      } while (!step.done && now + (now - before) < end); // while another step as long as the last still fits
      onProgress?.(step.done ? 1 : step.value);
      if (step.done) return step.value;
      await untilAborted(signal, (resume) => setTimeout(resume)); // a task, so that input and painting can run in between
    }
  } finally {
    steps.return(undefined as never); // frees its memory
    turns.end();
  }
}
