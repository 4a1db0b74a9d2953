import { arrayLike, settle } from "./arguments.ts";
import { type CheckedCase, checkCase, fillRun, mistakesOf, type NormCase, type PassOptions } from "./case.ts";
import { columnsOf, copyColumns, partOf, partsOf } from "./columns.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import { type Extent, type Graph, type Graphs, graphFor } from "./graph.ts";
import { type CaseRun, type Module, make } from "./module.ts";
import type { CheckedNorm } from "./norm.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import {
  Columns,
  type Evidence,
  type Judgement,
  type NodeReport,
  type Report,
  readEvidence,
  readMeasures,
  readNode,
} from "./report.ts";
import { fault } from "./sentences.ts";
import type { AbortSignalLike } from "./signal.ts";
import { inSlices } from "./slices.ts";
import { product } from "./tensor.ts";
import { shapeOfNode } from "./trace.ts";
import { signalOf, type Turns } from "./turns.ts";

/** The options of `gradcheckAsync`. */
export interface GradcheckAsyncOptions extends PassOptions {
  /** Aborting rejects with the signal's reason and frees the memory. */
  signal?: AbortSignalLike | undefined;
  /** Called after every slice with the finished share, 0 to 1. */
  onProgress?: ((done: number) => void) | undefined;
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

/** How the gradients of parts are put together. */
type Joint = "columns" | "transposed" | "row sums" | "another length";

/** Told by a part whose numbers of rows and columns differ. */
function jointOf(run: CaseRun, extent: Extent, rows: number, count: number): Joint {
  const [height, width] = [run.arrayRows(), run.arrayColumns()];
  if (extent === "elements") return height === rows ? "columns" : "transposed";
  if (height > 1) return "another length";
  return width === count ? "columns" : width === rows ? "row sums" : "another length";
}

/**
 * The gradients as a program with mistakes returns them, one per node; NaN where the length is another. In batch norm from
 * a few columns at a time: a pass over a million values would be a long step.
 */
function* returnedBy<A extends FloatArray>(
  { nodes }: Graph,
  module: Module,
  checked: CheckedCase<A>,
  made: readonly number[],
): Generator<number, A[]> {
  const { norm, x, rows, columns } = checked;
  const { shape } = norm;
  const sizes = nodes.map(({ extent }) => sizeOf(norm, extent));
  const gradients = sizes.map((size) => arrayLike(x, size));
  const joints: Joint[] = [];
  const isWhole = norm.norm !== "batch" || x.length <= kPart;
  const parts = isWhole ? ([[0, columns]] as const) : partsOf(rows, columns, kPart, rows);
  for (const [first, count] of parts) {
    const run = make(module.CaseRun, shape);
    try {
      fillRun(run, isWhole ? checked : partOf(checked, first, count), made, module);
      yield kBegun;
      settle(run.trace(), "case", shape);
      for (const [at, { extent }] of nodes.entries()) {
        settle(run.read(nodes.length + at), "case", shape);
        const gradient = run.array();
        const whole = gradients[at] as A;
        if (isWhole) {
          if (gradient.length === whole.length) whole.set(gradient);
          else whole.fill(Number.NaN);
          continue;
        }
        joints[at] ??= jointOf(run, extent, rows, count);
        join(joints[at], gradient, whole, first, count, rows, columns);
      }
    } finally {
      run.delete();
    }
  }
  return gradients;
}

function join(
  how: Joint,
  part: FloatArray,
  whole: FloatArray,
  first: number,
  count: number,
  rows: number,
  columns: number,
) {
  if (how === "columns") copyColumns(count, [part, 0, count], [whole, first, columns]);
  else if (how === "transposed") whole.set(part, first * rows);
  else if (how === "row sums" && rows === columns)
    for (const [row, sum] of part.entries()) whole[row] = (whole[row] as number) + sum;
  else whole.fill(Number.NaN);
}

function* judge(
  module: Module,
  isSingle: boolean,
  evidence: Evidence<FloatArray>,
  shape: readonly number[],
): Generator<number, Judgement> {
  const run = make(module.EvidenceRun, shape);
  try {
    settle(run.reserve(evidence.exact.length, evidence.signal.length, isSingle), "case", shape);
    for (const name of Object.keys(evidence) as (keyof typeof evidence)[]) run[name]().set(evidence[name]);
    yield 1;
    const [report, groups] = [[...run.report()], run.groups().slice()];
    yield 1;
    const exactMeasures = readMeasures(run.measures(false));
    yield 1;
    return { report, groups, exactMeasures, numericMeasures: readMeasures(run.measures(true)) };
  } finally {
    run.delete();
  }
}

const sizeOf = (norm: CheckedNorm, extent: Extent) => product(shapeOfNode(norm, extent));

/** The evidence of a whole case, to be written. */
function reserveEvidence<A extends FloatArray>(
  { nodes }: Graph,
  { norm, columns, x }: CheckedCase<A>,
): Evidence<A>[] {
  return nodes.map(({ extent }) => {
    const size = sizeOf(norm, extent);
    const array = () => new Float64Array(size);
    const analytic = arrayLike(x, size);
    const signal = new Float64Array(extent === "parameters" ? size : columns);
    return { analytic, exact: array(), numeric: array(), bound: array(), numericBound: array(), signal };
  });
}

/**
 * The same check of some columns at a time, which are independent in batch norm: it holds little of the kernels' memory,
 * and no step of it is long. In other norms columns share gamma and beta, and are checked together.
 */
function* walkInParts<A extends FloatArray>(
  module: Module,
  graph: Graph,
  checked: CheckedCase<A>,
  made: readonly number[],
): Generator<number, Report<A>> {
  const { kind, norm, rows, columns } = checked;
  const { shape } = norm;
  const isBatch = norm.norm === "batch";
  const evidence = reserveEvidence(graph, checked);
  const about = new Columns(module, graph, columns);
  const returned = made.length > 0 ? yield* returnedBy(graph, module, checked, made) : undefined;
  const parts = isBatch ? partsOf(rows, columns, kPart) : ([[0, columns]] as const);
  for (const [first, count] of parts) {
    const run = make(module.CaseRun, shape);
    try {
      fillRun(run, count < columns ? partOf(checked, first, count) : checked, made, module);
      settle(run.prepareCheck(), "case", shape);
      for (const [at, whole] of returned?.entries() ?? [])
        run.analytic(at).set(isBatch ? columnsOf(whole, columns, first, count) : whole); // an edit may move values between columns
      for (const done of checkRows(graph, run, rowsOfAStep(rows * count)))
        yield (first + done * count) / columns;
      for (const [at, whole] of evidence.entries()) {
        const read = readEvidence(run, at, checked.x);
        if (!isBatch) Object.assign(whole, read);
        else
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
    const judgement = yield* judge(module, kind === "Float32", all, shape);
    nodes.push(readNode(node, checked, all, judgement));
  }
  return about.report(module, nodes, checked);
}

/** The share that is done before the first rows: more than nothing. */
const kBegun = Number.MIN_VALUE;
/** The rows until a pause: several of a small case, one of a large case. A row costs a few passes over N·D values. */
const rowsOfAStep = (size: number) => Math.max(1, Math.min(8, Math.floor(2 ** 15 / size)));
/** The values of a part of a case. To prepare its check takes about as long as a slice. */
const kPart = 2 ** 13;

const kOptions: NamesOf<GradcheckAsyncOptions> = { mistakes: 0, signal: 0, onProgress: 0 };

function checkOptions(options: GradcheckAsyncOptions): GradcheckAsyncOptions {
  const { mistakes, signal, onProgress } = optionsOf<GradcheckAsyncOptions>("options", options, kOptions, []);
  signalOf(signal);
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw fault("not-a-function", "onProgress", { got: given(onProgress) });
  }
  return { mistakes, signal, onProgress };
}

/** Checks that hold the kernels' memory at the same time. A short one need not wait for a long one. */
export const kChecksAtOnce = 4;

export async function gradcheckAsync<A extends FloatArray>(
  module: Module,
  graphs: Graphs,
  turns: Turns,
  kase: NormCase<A>,
  options: GradcheckAsyncOptions = {},
): Promise<Report<A>> {
  const { mistakes, signal, onProgress } = checkOptions(options);
  const made = mistakesOf(module, { mistakes });
  signal?.throwIfAborted();
  const checked = checkCase(kase);
  for (const name of ["x", "gamma", "beta", "dy"] as const)
    checked[name] = arrayLike(checked[name], checked[name]);
  await turns.begin(signal);
  try {
    const steps = walkInParts(module, graphFor(graphs, checked.norm.norm), checked, made);
    const report = await inSlices(steps, signal, onProgress);
    onProgress?.(1);
    return report;
  } finally {
    turns.end();
  }
}
