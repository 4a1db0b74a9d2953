import type { FloatArray } from "./float-array.ts";
import { type GradcheckAsyncOptions, gradcheck, gradcheckAsync, type Report } from "./gradcheck.ts";
import { type Case, type Graph, type PassOptions, readGraph, type Trace, trace } from "./graph.ts";
import { type MistakeRow, readMistakes } from "./mistakes.ts";
import type { CheckerModule } from "./module.ts";

/** Which build of the C++ runs. */
export type Engine = "webassembly" | "javascript";

/** What shows a case and checks it. All that the page needs at first sight, so that it can be fetched alone. */
export interface Checker<Arrays extends FloatArray = Float64Array> {
  readonly engine: Engine;

  /**
   * Every value, every gradient, and what each edge of the graph brings back, in the kind of the case.
   * What overflows is shown as the arithmetic has it, such as eps = 0 with a constant column; gradcheck refuses it.
   */
  trace<A extends Arrays>(kase: Case<A>, options?: PassOptions): Trace<A>;

  /** Holds the gradient of every node against its exact derivative, and that against finite differences. */
  gradcheck<A extends Arrays>(kase: Case<A>, options?: PassOptions): Report<A>;

  /** The same check in slices on this thread: 8 ms each, or one row of one node where that alone takes longer. */
  gradcheckAsync<A extends Arrays>(kase: Case<A>, options?: GradcheckAsyncOptions): Promise<Report<A>>;

  readonly graph: Graph;
  /** The mistakes that can be made in the passes, in the order of the graph from the loss to x. */
  readonly mistakes: readonly MistakeRow[];
}

/** Of float32 only where the whole module runs. */
export function createChecker<Arrays extends FloatArray = Float64Array>(
  module: CheckerModule,
  engine: Engine,
): Checker<Arrays> {
  const graph = readGraph(module);
  return Object.freeze({
    engine,
    graph,
    mistakes: readMistakes(module, graph),
    trace: <A extends Arrays>(kase: Case<A>, options?: PassOptions) => trace(module, graph, kase, options),
    gradcheck: <A extends Arrays>(kase: Case<A>, options?: PassOptions) =>
      gradcheck(module, graph, kase, options),
    gradcheckAsync: <A extends Arrays>(kase: Case<A>, options?: GradcheckAsyncOptions) =>
      gradcheckAsync(module, graph, kase, options),
  });
}
