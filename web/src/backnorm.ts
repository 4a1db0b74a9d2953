import { oneOf } from "./arguments.ts";
import { backward, forward, infer, inferBackward } from "./batch-norm.ts";
import type { NormCase, PassOptions, RmsCase } from "./case.ts";
import type { Claim } from "./claim.ts";
import {
  type DiagnoseAsyncOptions,
  type DiagnoseOptions,
  type Diagnosis,
  diagnose,
  diagnoseAsync,
} from "./diagnose.ts";
import {
  type DotProductTest,
  type DotProductTestOptions,
  dotProductTest,
  type Extrapolation,
  extrapolate,
  type StepSweep,
  type StepSweepOptions,
  stepSweep,
  type TaylorTest,
  type TaylorTestOptions,
  taylorTest,
} from "./differences.ts";
import { type Examination, type ExamineOptions, examine } from "./examine.ts";
import type { FloatArray } from "./float-array.ts";
import { gradcheck } from "./gradcheck.ts";
import { type GradcheckAsyncOptions, gradcheckAsync, kChecksAtOnce } from "./gradcheck-async.ts";
import { type AnyNodeId, type Graph, graphFor, type RmsNodeId, readGraphs } from "./graph.ts";
import { type ArrayOf, type Dtype, Layer, type LayerOptions } from "./layer.ts";
import type { Mistake } from "./mistake-words.ts";
import { type MistakeRow, readMistakes } from "./mistakes.ts";
import type { Module } from "./module.ts";
import { type Norm, norms } from "./norm.ts";
import { type ParsedArray, parseArray } from "./parse-array.ts";
import { apply, mergeStatistics, normalize, type StatisticsOptions, statistics, sums } from "./parts.ts";
import type {
  Backward,
  Forward,
  ForwardOptions,
  InferBackward,
  InferBackwardOptions,
  InferOptions,
  Saved,
} from "./passes.ts";
import { type Presets, randn, readPresets } from "./presets.ts";
import type { Report } from "./report.ts";
import type { Statistics, Sums } from "./statistics.ts";
import { type RmsTrace, type Trace, trace } from "./trace.ts";
import { Turns } from "./turns.ts";

/** The build of the C++ that runs. */
export type Engine = "webassembly" | "javascript";

/**
 * The started kernels. They copy arrays in and return new arrays of the same kind, so there is nothing to free.
 *
 * Bad input throws a `BacknormTypeError` or `BacknormRangeError` with a code of `ErrorCode`. The message has the argument,
 * what was expected, and what it got. Nothing else changes. The passes accept NaN and infinity, which spoil only their
 * own channel. An options object may hold the keys of a case, even those that the call doesn't read: `bn.forward(kase.x, kase)`
 * works. Any other key throws `unknown-option`, with the name that is meant or the call that takes it.
 *
 * Arrays may come from another realm, such as an iframe, lie in shared or resizable memory, or belong to a layer.
 */
export interface Backnorm {
  /** The build of the C++ that runs: JavaScript where WebAssembly can't start, or if `load` was asked for it. */
  readonly engine: Engine;
  /** The graph of batch norm. */
  readonly graph: Graph;
  /** The graph of RMS norm. */
  graphOf(norm: "rms"): Graph<RmsNodeId>;
  /** The graph of batch norm, which serves layer, group and instance norm too. */
  graphOf(norm: Exclude<Norm, "rms">): Graph;
  /** The graph of any norm. Another name throws `invalid-norm`. */
  graphOf(norm: Norm): Graph | Graph<RmsNodeId>;

  /**
   * A norm in training mode: y = (x - mean)·invstd·gamma + beta; for RMS norm y = x·invstd·gamma, by the root mean
   * square. `norm` says which values share statistics (see `Norm`); by default it is batch norm. A constant channel or
   * group, or one of a single value, gives y = beta, even with eps 0, where PyTorch refuses a single value. RMS norm of
   * a single value is gamma·x / sqrt(x² + eps). A channel or group without a value throws `empty-batch`; of a tensor with
   * no group at all, as of layer norm for no samples, y is empty.
   *
   * Arithmetic is float64 for either kind of array up to 512 values, or 1024 in a matrix for batch norm, so that a
   * float32 result has only its last rounding as error. For a longer Float32Array it is float32 with sums in float64;
   * the error is within 1e-6 of the largest value, and that of the mean within 1e-6 standard deviations. Group and
   * instance norm of channels that come last are float64 at any length.
   */
  forward<A extends FloatArray>(x: A, options: ForwardOptions<A>): Forward<A>;

  /**
   * Gradients of `forward`. dy: the gradient of the loss with respect to y, of the kind and length of x. A cache can be
   * used for any number of passes. In its place, the statistics that another library saved will do. The cache of a part
   * of a batch throws `partial-cache`.
   */
  backward<A extends FloatArray>(dy: A, cache: Saved<A>): Backward<A>;

  /**
   * Batch norm in eval mode, with running statistics: y = (x - runningMean) / sqrt(runningVar + eps)·gamma + beta. The
   * other norms have no running statistics: the y of `forward`, without a cache. An empty batch gives an empty y.
   */
  infer<A extends FloatArray>(x: A, options: InferOptions<A>): A;

  /**
   * Gradients of `infer`, where the statistics of batch norm are inputs of their own: dx = gamma·invstd·dy, and dmean and dvar
   * beside it. Those of the other norms depend on x as in training: the gradients of `backward`.
   */
  inferBackward<A extends FloatArray>(dy: A, options: InferBackwardOptions<A>): InferBackward<A>;

  /**
   * The fast way: a layer, of batch norm with running statistics, whose tensors stay in the kernels' memory. Dispose of it after use.
   * Throws `out-of-memory` for a shape that doesn't fit, without allocating if it never can.
   */
  layer<D extends Dtype = "float32", A extends FloatArray = ArrayOf<D>>(
    options: LayerOptions<D, A>,
  ): Layer<A>;

  /**
   * The halves of each pass, for a batch in parts, on several workers or machines that share no memory:
   * - `statistics` of each part; `mergeStatistics` combines them; `normalize` each part.
   * - `sums` of each part; add them up; `apply` gives the dx of each part.
   */
  statistics(x: FloatArray, options: StatisticsOptions): Statistics;
  /** Combines the statistics of several parts by Chan's formula. An empty list throws `invalid-statistics`. */
  mergeStatistics(parts: readonly Statistics[]): Statistics;
  /**
   * y of a part, from the statistics of the whole batch. Each call with `running` updates with the whole batch: pass it
   * with one part only, or give each worker its own arrays.
   */
  normalize<A extends FloatArray>(x: A, statistics: Statistics, options: ForwardOptions<A>): Forward<A>;
  /** Σ dy and Σ dy·xhat of a part. */
  sums<A extends FloatArray>(dy: A, cache: Saved<A>): Sums;
  /** dx of a part, from the sums of the whole batch. These sums are dbeta and dgamma. */
  apply<A extends FloatArray>(dy: A, cache: Saved<A>, sums: Sums): A;

  /**
   * Every value, every gradient, and the contribution of each edge of the graph, in the kind of the case, of any norm and
   * in any rank that it has: arrays come in the order and shapes of the case. Overflow is
   * shown as computed, such as with eps = 0 and a constant column; gradcheck refuses it.
   */
  trace<A extends FloatArray>(kase: RmsCase<A>, options?: PassOptions): RmsTrace<A>;
  /** The same of the other norms. */
  trace<A extends FloatArray>(kase: NormCase<A>, options?: PassOptions): Trace<A>;

  /** Compares the gradient of every node with its exact derivative, and that with finite differences. */
  gradcheck<A extends FloatArray>(kase: RmsCase<A>, options?: PassOptions): Report<A, RmsNodeId>;
  /** The same of the other norms. */
  gradcheck<A extends FloatArray>(kase: NormCase<A>, options?: PassOptions): Report<A>;

  /**
   * The same check in slices of about 8 ms on this thread, with some columns at a time. The steps that combine the columns
   * take up to 0.1 ms per 1000 values. Of concurrent checks four run, and the others wait in the order of the calls.
   */
  gradcheckAsync<A extends FloatArray>(
    kase: NormCase<A>,
    options?: GradcheckAsyncOptions,
  ): Promise<Report<A>>;

  /** `trace` and `gradcheck` in one call, and the arrays at which the switched-on mistakes begin. */
  examine<A extends FloatArray>(kase: NormCase<A>, options?: ExamineOptions): Examination<A>;

  /**
   * Finds where your own backward pass goes wrong, from any of its values and gradients, under the names of the graph,
   * CS231n, Kratzert, makemore or PyTorch. A wrong length or a NaN is a finding, not an error. If any array is a
   * Float32Array, your program counts as a float32 program.
   */
  diagnose(kase: NormCase, arrays: Readonly<Record<string, Claim>>, options?: DiagnoseOptions): Diagnosis;

  /** The same in slices, so that a page stays usable: at 100×500 no step takes 50 ms. */
  diagnoseAsync(
    kase: NormCase,
    arrays: Readonly<Record<string, Claim>>,
    options?: DiagnoseAsyncOptions,
  ): Promise<Diagnosis>;

  /**
   * Derivatives at one node by extrapolated differences, each with its own error bar. Runs synchronously: 16 forward
   * passes per row, so time grows with N²·D.
   */
  extrapolate(kase: NormCase, node: AnyNodeId): Extrapolation;

  /**
   * The error of a central difference at one node against its step, in float64 and in float32. Runs synchronously: four
   * forward passes per row and step, so time grows with N²·D per step.
   */
  stepSweep(kase: NormCase, node: AnyNodeId, options?: StepSweepOptions): StepSweep;

  /** Checks that the remainder L(x + h·v) - L(x) - h·⟨dx, v⟩ along a random v shrinks with h². Takes 19 passes. */
  taylorTest(kase: NormCase, options?: TaylorTestOptions): TaylorTest;

  /** Checks that ⟨J·v, dy⟩ = ⟨v, Jᵀ·dy⟩ for a random v: forward mode against the backward pass. Takes three passes. */
  dotProductTest(kase: NormCase, options?: DotProductTestOptions): DotProductTest;

  /**
   * The arrays of np.random.seed(seed) and np.random.randn(size), one after another, digit for digit. More than 2^28 numbers
   * throw `out-of-memory`.
   */
  randn(seed: number, sizes: readonly number[]): Float64Array[];

  /** Parses an array as programs print it: NumPy, PyTorch, TensorFlow, pandas, R, MATLAB, Julia, JSON, CSV and others. */
  parseArray(text: string): ParsedArray;

  /** The known mistakes, in graph order from the loss to x, then those in the calls around the passes. */
  readonly mistakes: readonly Mistake[];
  /** Cases to begin with. */
  readonly presets: Presets;
}

const modules = new WeakMap<Backnorm, Module>();

/** The module, for the page's own slices. */
export const moduleOf = (bn: Backnorm) => modules.get(bn) as Module;

export function createBacknorm(
  module: Module,
  engine: Engine,
  said: (rows: readonly MistakeRow[]) => readonly Mistake[],
): Backnorm {
  const graphs = readGraphs(module);
  const turns = new Turns(kChecksAtOnce);
  const bn: Backnorm = Object.freeze({
    engine,
    graph: graphs.batch,
    graphOf: ((norm: Norm) =>
      graphFor(graphs, oneOf("norm", "invalid-norm", norm, norms))) as Backnorm["graphOf"],
    mistakes: said(readMistakes(module, graphs)),
    presets: readPresets(module),
    parseArray,
    forward: <A extends FloatArray>(x: A, options: ForwardOptions<A>) => forward(module, x, options),
    backward: <A extends FloatArray>(dy: A, cache: Saved<A>) => backward(module, dy, cache),
    infer: <A extends FloatArray>(x: A, options: InferOptions<A>) => infer(module, x, options),
    inferBackward: <A extends FloatArray>(dy: A, options: InferBackwardOptions<A>) =>
      inferBackward(module, dy, options),
    layer: <D extends Dtype = "float32", A extends FloatArray = ArrayOf<D>>(options: LayerOptions<D, A>) =>
      new Layer<A>(module, options),
    statistics: (x: FloatArray, options: StatisticsOptions) => statistics(module, x, options),
    mergeStatistics: (parts: readonly Statistics[]) => mergeStatistics(module, parts),
    normalize: <A extends FloatArray>(x: A, whole: Statistics, options: ForwardOptions<A>) =>
      normalize(module, x, whole, options),
    sums: <A extends FloatArray>(dy: A, cache: Saved<A>) => sums(module, dy, cache),
    apply: <A extends FloatArray>(dy: A, cache: Saved<A>, total: Sums) => apply(module, dy, cache, total),
    trace: (<A extends FloatArray>(kase: NormCase<A>, options?: PassOptions) =>
      trace(module, graphs, kase, options)) as Backnorm["trace"],
    gradcheck: (<A extends FloatArray>(kase: NormCase<A>, options?: PassOptions) =>
      gradcheck(module, graphs, kase, options)) as Backnorm["gradcheck"],
    gradcheckAsync: <A extends FloatArray>(kase: NormCase<A>, options?: GradcheckAsyncOptions) =>
      gradcheckAsync(module, graphs, turns, kase, options),
    examine: <A extends FloatArray>(kase: NormCase<A>, options?: ExamineOptions) =>
      examine(module, graphs, kase, options),
    diagnose: (kase: NormCase, arrays: Readonly<Record<string, Claim>>, options?: DiagnoseOptions) =>
      diagnose(module, graphs, kase, arrays, options),
    diagnoseAsync: (
      kase: NormCase,
      arrays: Readonly<Record<string, Claim>>,
      options?: DiagnoseAsyncOptions,
    ) => diagnoseAsync(module, graphs, turns, kase, arrays, options),
    extrapolate: (kase: NormCase, node: AnyNodeId) => extrapolate(module, graphs, kase, node),
    stepSweep: (kase: NormCase, node: AnyNodeId, options?: StepSweepOptions) =>
      stepSweep(module, graphs, kase, node, options),
    taylorTest: (kase: NormCase, options?: TaylorTestOptions) => taylorTest(module, kase, options),
    randn: (seed: number, sizes: readonly number[]) => randn(module, seed, sizes),
    dotProductTest: (kase: NormCase, options?: DotProductTestOptions) =>
      dotProductTest(module, kase, options),
  });
  modules.set(bn, module);
  return bn;
}
