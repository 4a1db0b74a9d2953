import {
  type Backward,
  backward,
  type Cache,
  type Forward,
  type ForwardOptions,
  forward,
  type InferBackwardOptions,
  type InferOptions,
  infer,
  inferBackward,
} from "./batch-norm.ts";
import { type Claim, type Diagnosis, diagnose } from "./diagnose.ts";
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
import { type GradcheckAsyncOptions, gradcheck, gradcheckAsync, type Report } from "./gradcheck.ts";
import {
  type Case,
  type Graph,
  type NodeId,
  type PassOptions,
  readGraph,
  type Trace,
  trace,
} from "./graph.ts";
import { type Dtype, Layer, type LayerOptions } from "./layer.ts";
import { type Mistake, withWords } from "./mistake-words.ts";
import { readMistakes } from "./mistakes.ts";
import type { Module } from "./module.ts";
import { type ParsedArray, parseArray } from "./parse-array.ts";
import { apply, mergeStatistics, normalize, type StatisticsOptions, statistics, sums } from "./parts.ts";
import { type Presets, randn, readPresets } from "./presets.ts";
import type { Statistics, Sums } from "./statistics.ts";

/** Which build of the C++ runs. */
export type Engine = "webassembly" | "javascript";

/**
 * The kernels, started. Arrays go in by copy and come out as new arrays of the same kind, so that nothing
 * has to be freed. Bad input throws a BacknormTypeError or BacknormRangeError with one of the codes of ErrorCode and a
 * sentence of argument, expected, got; it changes nothing. A NaN or an infinity is no bad input of the passes, and spoils
 * its own channel. An options object may hold more than a call reads.
 *
 * Arrays may come from another realm, such as an iframe, lie in shared or resizable memory, or be a layer's.
 */
export interface Backnorm {
  readonly engine: Engine;
  readonly graph: Graph;

  /**
   * Batch norm in training mode, by the batch's own statistics: y = (x - mean)·invstd·gamma + beta.
   * Up to 512 values, and up to 1024 of a matrix, arithmetic is float64 for either kind of array; of a longer
   * Float32Array it is float32 with sums in float64, off by 1e-6 of the largest value. One value per channel gives y = beta.
   */
  forward<A extends FloatArray>(x: A, options: ForwardOptions<A>): Forward<A>;

  /**
   * Gradients of `forward`. dy: the gradient of the loss with respect to y, of the kind and length of x. A cache serves any
   * number of passes; one of a part of a batch is `partial-cache`.
   */
  backward<A extends FloatArray>(dy: A, cache: Cache<A>): Backward<A>;

  /** Batch norm in eval mode, by running statistics: y = (x - runningMean) / sqrt(runningVar + eps)·gamma + beta. */
  infer<A extends FloatArray>(x: A, options: InferOptions<A>): A;

  /** Gradients of `infer`, in which the statistics are constants: dx = gamma·invstd·dy. */
  inferBackward<A extends FloatArray>(dy: A, options: InferBackwardOptions<A>): Backward<A>;

  /**
   * A layer with running statistics, whose tensors stay in the kernels' memory: the fast way. Dispose of it. Throws
   * `out-of-memory` for a shape that does not fit, and asks for no memory if it never can.
   */
  layer<D extends Dtype = "float32">(
    options: LayerOptions<D>,
  ): Layer<D extends "float64" ? Float64Array : Float32Array>;

  /**
   * The two halves of each pass, for a batch in parts: on several workers, or machines. Of each part its statistics;
   * merged, they normalize each part; of each part its sums; added up, they give each part's dx. No memory is shared.
   */
  statistics(x: FloatArray, options: StatisticsOptions): Statistics;
  /** Statistics of several parts become those of all, by Chan's formula. No parts are `invalid-statistics`. */
  mergeStatistics(parts: readonly Statistics[]): Statistics;
  /**
   * y of a part, by the statistics of all. Each call with `running` takes the whole batch in once: give it with one part,
   * or give each worker arrays of its own.
   */
  normalize<A extends FloatArray>(x: A, statistics: Statistics, options: ForwardOptions<A>): Forward<A>;
  /** Σ dy and Σ dy·xhat of a part. */
  sums<A extends FloatArray>(dy: A, cache: Cache<A>): Sums;
  /** dx of a part, by the sums of all: dbeta and dgamma are those sums. */
  apply<A extends FloatArray>(dy: A, cache: Cache<A>, sums: Sums): A;

  /**
   * Every value, every gradient, and what each edge of the graph brings back, in the kind of the case.
   * What overflows is shown as the arithmetic has it, such as eps = 0 with a constant column; gradcheck refuses it.
   */
  trace<A extends FloatArray>(kase: Case<A>, options?: PassOptions): Trace<A>;

  /** Holds the gradient of every node against its exact derivative, and that against finite differences. */
  gradcheck<A extends FloatArray>(kase: Case<A>, options?: PassOptions): Report<A>;

  /** The same check in slices on this thread: 8 ms each, or one row of one node where that alone takes longer. */
  gradcheckAsync<A extends FloatArray>(kase: Case<A>, options?: GradcheckAsyncOptions): Promise<Report<A>>;

  /** `trace` and `gradcheck` in one call, and where the mistakes that are made begin. */
  examine<A extends FloatArray>(kase: Case<A>, options?: ExamineOptions): Examination<A>;

  /**
   * Finds where your own backward pass went wrong, from any of its arrays: values and gradients, under the names of the
   * graph, CS231n, Kratzert, makemore or PyTorch. A wrong length or a NaN is a finding, not an error. If an array is a
   * Float32Array, your program is taken to have computed in float32.
   */
  diagnose(kase: Case, arrays: Readonly<Record<string, Claim>>): Diagnosis;

  /**
   * Derivatives at one node by extrapolated differences, each with its own error bar. At once: 16 forward passes for
   * every row, N²·D in all.
   */
  extrapolate(kase: Case, node: NodeId): Extrapolation;

  /**
   * How the error of a central difference at one node depends on its step, in float64 and in float32. At once: four
   * forward passes for every row and step, N²·D in all for each step.
   */
  stepSweep(kase: Case, node: NodeId, options?: StepSweepOptions): StepSweep;

  /** Whether what dx leaves of a change of L along one random direction shrinks with the square of the step. 19 passes. */
  taylorTest(kase: Case, options?: TaylorTestOptions): TaylorTest;

  /** Whether ⟨J·v, dy⟩ = ⟨v, Jᵀ·dy⟩ for a random v: forward mode against the backward pass. Three passes. */
  dotProductTest(kase: Case, options?: DotProductTestOptions): DotProductTest;

  /** Arrays of np.random.seed(seed) and np.random.randn(size), one after another, digit for digit. */
  randn(seed: number, sizes: readonly number[]): Float64Array[];

  /** What NumPy, PyTorch, JSON and CSV print, read. */
  parseArray(text: string): ParsedArray;

  /** The known mistakes, in the order of the graph from the loss to x; then those of the calls around the passes. */
  readonly mistakes: readonly Mistake[];
  readonly presets: Presets;
}

export function createBacknorm(module: Module, engine: Engine): Backnorm {
  const graph = readGraph(module);
  return Object.freeze({
    engine,
    graph,
    mistakes: withWords(readMistakes(module, graph)),
    presets: readPresets(module),
    parseArray,
    forward: <A extends FloatArray>(x: A, options: ForwardOptions<A>) => forward(module, x, options),
    backward: <A extends FloatArray>(dy: A, cache: Cache<A>) => backward(module, dy, cache),
    infer: <A extends FloatArray>(x: A, options: InferOptions<A>) => infer(module, x, options),
    inferBackward: <A extends FloatArray>(dy: A, options: InferBackwardOptions<A>) =>
      inferBackward(module, dy, options),
    layer: <D extends Dtype = "float32">(options: LayerOptions<D>) =>
      new Layer<D extends "float64" ? Float64Array : Float32Array>(module, options),
    statistics: (x: FloatArray, options: StatisticsOptions) => statistics(module, x, options),
    mergeStatistics: (parts: readonly Statistics[]) => mergeStatistics(module, parts),
    normalize: <A extends FloatArray>(x: A, whole: Statistics, options: ForwardOptions<A>) =>
      normalize(module, x, whole, options),
    sums: <A extends FloatArray>(dy: A, cache: Cache<A>) => sums(module, dy, cache),
    apply: <A extends FloatArray>(dy: A, cache: Cache<A>, total: Sums) => apply(module, dy, cache, total),
    trace: <A extends FloatArray>(kase: Case<A>, options?: PassOptions) =>
      trace(module, graph, kase, options),
    gradcheck: <A extends FloatArray>(kase: Case<A>, options?: PassOptions) =>
      gradcheck(module, graph, kase, options),
    gradcheckAsync: <A extends FloatArray>(kase: Case<A>, options?: GradcheckAsyncOptions) =>
      gradcheckAsync(module, graph, kase, options),
    examine: <A extends FloatArray>(kase: Case<A>, options?: ExamineOptions) =>
      examine(module, graph, kase, options),
    diagnose: (kase: Case, arrays: Readonly<Record<string, Claim>>) => diagnose(module, graph, kase, arrays),
    extrapolate: (kase: Case, node: NodeId) => extrapolate(module, graph, kase, node),
    stepSweep: (kase: Case, node: NodeId, options?: StepSweepOptions) =>
      stepSweep(module, graph, kase, node, options),
    taylorTest: (kase: Case, options?: TaylorTestOptions) => taylorTest(module, kase, options),
    randn: (seed: number, sizes: readonly number[]) => randn(module, seed, sizes),
    dotProductTest: (kase: Case, options?: DotProductTestOptions) => dotProductTest(module, kase, options),
  });
}
