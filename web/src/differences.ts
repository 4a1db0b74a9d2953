import { finite, floatArrayOf, placeOf, seedOf, settle, stepsOf } from "./arguments.ts";
import { type CheckedCase, checkCase, fillRun, type NormCase } from "./case.ts";
import type { FloatArray } from "./float-array.ts";
import { type AnyNodeId, type Graph, type Graphs, graphFor } from "./graph.ts";
import { toGiven, toGroups } from "./grouping.ts";
import { type DifferencesRun, type Module, verdictOf, withRun } from "./module.ts";
import { optionsOf } from "./options.ts";
import { product } from "./tensor.ts";
import { shapeOfNode } from "./trace.ts";
import type { Verdict } from "./verdict.ts";

/** What `extrapolate` returns. */
export interface Extrapolation {
  /** The node. */
  id: AnyNodeId;
  /** That of the node, as in a trace. */
  shape: number[];
  /**
   * Derivatives of L = Σ dy·y in float64, extrapolated to step 0 from central differences at eight steps (Ridders
   * 1982).
   */
  gradient: Float64Array;
  /**
   * The estimated error of each: truncation from the tableau, plus round-off. An estimate, not a bound. Infinity if no
   * step can move the value.
   */
  errorBar: Float64Array;
}

/** The options of `stepSweep`. */
export interface StepSweepOptions {
  /** The steps to try: absolute, positive, finite. Default 1e-1, 1e-2, …, 1e-14. Else `invalid-steps`. */
  steps?: readonly number[] | FloatArray | undefined;
}

/** What `stepSweep` returns. */
export interface StepSweep {
  /** The node. */
  id: AnyNodeId;
  /** Those of the options. */
  steps: Float64Array;
  /**
   * For each step the node's largest |numeric - exact| / max(1e-8, |numeric| + |exact|), all in float64. null if the
   * step is too small to move every value (a difference of 0/0), or if the pass overflows.
   */
  float64: (number | null)[];
  /** The same with the inputs rounded to float32 and the pass in float32. */
  float32: (number | null)[];
}

/** The options of `taylorTest`. */
export interface TaylorTestOptions {
  /** Seed of the direction. Default 0. */
  seed?: number | undefined;
  /**
   * A gradient of your own, like x and of its kind: its rounding errors don't count. Default: the staged backward
   * pass in float64.
   */
  dx?: FloatArray | undefined;
}

/** What `taylorTest` returns. */
export interface TaylorTest {
  /** 2^-6 to 2^-23, as multiples of each column's sqrt(var). */
  steps: Float64Array;
  /** |L(x + h·v) - L(x) - h·⟨dx, v⟩| for each step, summed over columns. */
  remainders: Float64Array;
  /**
   * The slope of log remainder over log step, at the smallest steps above round-off: 2 for a right dx, 1 for a wrong
   * one. null if undecidable.
   */
  slope: number | null;
  /**
   * pass: the slope is above 1.5, and an error of a thousandth of ⟨dx, v⟩ would have kept it below. undecidable: only
   * round-off remains, such as when dx vanishes, or it hides such an error, such as at a mean of 1e6 deviations.
   */
  verdict: Verdict;
}

/** The options of `dotProductTest`. */
export interface DotProductTestOptions {
  /** Seed of the direction v in x, gamma and beta. Default 0. */
  seed?: number | undefined;
}

/** What `dotProductTest` returns. */
export interface DotProductTest {
  /** ⟨J·v, dy⟩, with J·v by forward mode. */
  forward: number;
  /** ⟨v, Jᵀ·dy⟩, with Jᵀ·dy from the staged backward pass. */
  backward: number;
  /** |forward - backward|. */
  difference: number;
  /** The largest difference that rounding explains: computed, not chosen. */
  bound: number;
  /** True if the difference is within its bound. */
  holds: boolean;
}

/** Converts a case to float64, which is exact, and passes it to `use`. */
function withDifferences<Result>(
  module: Module,
  checked: CheckedCase,
  use: (run: DifferencesRun, room: (size: number) => void, answer: (status: string) => void) => Result,
): Result {
  const { shape } = checked.norm;
  return withRun(module.DifferencesRun, shape, (run) => {
    fillRun(run, checked);
    return use(
      run,
      (size) => settle(run.makeRoom(size), "case", shape),
      (status) => settle(status, "case", shape),
    );
  });
}

const nodeOf = (graph: Graph, value: unknown) => {
  const at = placeOf(
    "node",
    value,
    graph.nodes.map(({ id }) => id),
  );
  return { at, ...(graph.nodes[at] as Graph["nodes"][number]) };
};

export function extrapolate(module: Module, graphs: Graphs, kase: NormCase, node: AnyNodeId): Extrapolation {
  const checked = checkCase(kase);
  const { at, id, extent } = nodeOf(graphFor(graphs, checked.norm.norm), node);
  return withDifferences(module, checked, (run, room, answer) => {
    const shape = shapeOfNode(checked.norm, extent);
    room(product(shape));
    answer(run.extrapolate(at));
    const places = extent === "elements" ? checked.grouping.places : undefined;
    const [gradient, errorBar] = [run.found().slice(), run.bars().slice()];
    return { id, shape, gradient: toGiven(gradient, places), errorBar: toGiven(errorBar, places) };
  });
}

const sweep = () => Array.from({ length: 14 }, (_, i) => Number(`1e-${i + 1}`));
const orNull = (value: number) => (Number.isNaN(value) ? null : value);

export function stepSweep(
  module: Module,
  graphs: Graphs,
  kase: NormCase,
  node: AnyNodeId,
  options: StepSweepOptions = {},
): StepSweep {
  const checked = checkCase(kase);
  const { at, id } = nodeOf(graphFor(graphs, checked.norm.norm), node);
  const { steps: given = sweep() } = optionsOf<StepSweepOptions>("options", options, { steps: 0 }, []);
  const steps = stepsOf(given);
  return withDifferences(module, checked, (run, room, answer) => {
    room(steps.length);
    run.given().set(steps);
    answer(run.sweep(at));
    return { id, steps, float64: Array.from(run.found(), orNull), float32: Array.from(run.bars(), orNull) };
  });
}

export function taylorTest(module: Module, kase: NormCase, options: TaylorTestOptions = {}): TaylorTest {
  const { seed = 0, dx } = optionsOf<TaylorTestOptions>("options", options, { seed: 0, dx: 0 }, []);
  seedOf(seed);
  const checked = checkCase(kase);
  const { kind, norm, grouping } = checked;
  let own = new Float64Array(0);
  if (dx !== undefined) {
    own = new Float64Array(floatArrayOf("dx", dx, kind, product(norm.shape), norm.shape));
    finite("dx", own, norm.shape);
    own = toGroups(own, grouping.places);
  }
  return withDifferences(module, checked, (run, room, answer) => {
    room(own.length);
    run.given().set(own);
    answer(run.taylor(seed, kind === "Float32"));
    const [slope, verdict] = run.taylorVerdict();
    return {
      steps: run.steps().slice(),
      remainders: run.remainders().slice(),
      slope: orNull(slope),
      verdict: verdictOf(verdict),
    };
  });
}

export function dotProductTest(
  module: Module,
  kase: NormCase,
  options: DotProductTestOptions = {},
): DotProductTest {
  const { seed = 0 } = optionsOf<DotProductTestOptions>("options", options, { seed: 0 }, []);
  seedOf(seed);
  return withDifferences(module, checkCase(kase), (run, _, answer) => {
    answer(run.dotProduct(seed));
    const [forward, backward, bound] = run.dot();
    const difference = Math.abs(forward - backward);
    return { forward, backward, difference, bound, holds: !(difference > bound) };
  });
}
