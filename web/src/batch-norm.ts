import {
  arrayLike,
  ddofOf,
  epsOf,
  floatArrayOf,
  isLeftOut,
  type Kind,
  outside,
  settle,
} from "./arguments.ts";
import { type CheckedCache, invstdOf, withCache } from "./cache.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import { type Module, type NormRun, withRun } from "./module.ts";
import {
  type CheckedNorm,
  type CheckedTensor,
  channelsOf,
  checkTensor,
  lengthOfParameters,
  likeX,
  type Norm,
  type NormOptions,
  normNames,
  norms,
  notEmpty,
} from "./norm.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import type {
  Backward,
  Forward,
  ForwardOptions,
  InferBackward,
  InferBackwardOptions,
  InferOptions,
  Saved,
} from "./passes.ts";
import { prepare } from "./prepare.ts";
import { runningOf } from "./running.ts";
import { fault } from "./sentences.ts";
import type { Statistics } from "./statistics.ts";

/** Checks gamma, beta and eps. */
export function checkAffine(
  tensor: CheckedNorm,
  kind: Kind,
  gamma: unknown,
  beta: unknown,
  eps: unknown,
  likeX = true,
): void {
  for (const [name, values] of Object.entries({ gamma, beta })) {
    if (isLeftOut(values)) continue;
    if (name === "beta" && tensor.norm === "rms")
      throw fault("rms-without-beta", name, { got: given(values) });
    floatArrayOf(name, values, kind, tensor.channels, lengthOfParameters(tensor), likeX);
  }
  epsOf("eps", eps);
}

/** Refuses what only batch norm has. */
export function refuseRunning(norm: Norm, options: Readonly<Record<string, unknown>>): void {
  const isGiven = (key: string) => !isLeftOut(options[key]);
  const name = norm === "batch" ? undefined : Object.keys(options).find(isGiven);
  if (name !== undefined) throw fault("no-running-statistics", name, { norm });
}

/** Lists of names are made by calls: bundlers keep an object with a spread in it, whether it is used or not. */
const forwardOptions = (): NamesOf<ForwardOptions> => ({
  ...normNames,
  gamma: 0,
  beta: 0,
  eps: 0,
  ddof: 0,
  running: 0,
});

/**
 * The forward pass. If `wholeOf` is given, it normalizes by the statistics of the whole batch, of which x is a part.
 */
export const forward = <A extends FloatArray>(
  module: Module,
  x: A,
  options: ForwardOptions<A>,
  wholeOf?: (part: CheckedTensor) => Statistics,
): Forward<A> =>
  normalized(module, x, optionsOf<ForwardOptions<A>>("options", options, forwardOptions()), wholeOf);

function normalized<A extends FloatArray>(
  module: Module,
  x: A,
  given: ForwardOptions<A>,
  wholeOf?: (part: CheckedTensor) => Statistics,
): Forward<A> {
  const { gamma, beta, eps = 1e-5, ddof = 0, running } = given;
  const tensor = checkTensor("", x, given);
  const { kind, shape, norm } = tensor;
  checkAffine(tensor, kind, gamma, beta, eps);
  notEmpty("x", tensor);
  const whole = wholeOf?.(tensor);
  const m = whole?.count ?? tensor.m;
  ddofOf("ddof", ddof, m, norm);
  refuseRunning(norm, { running });
  const rule = isLeftOut(running) ? undefined : runningOf(running, tensor, m);
  const cacheOf = (mean: Float64Array, variance: Float64Array, invstd: Float64Array) => {
    const saved = { mean, var: variance, variance, invstd };
    return { x, gamma: gamma ?? undefined, shape, ...placed(norm, given), ddof, ...saved, count: m };
  };
  if (x.length === 0) {
    const none = new Float64Array(0);
    return { y: arrayLike(x, 0), cache: cacheOf(none, none, none) };
  }
  const variances = whole && Float64Array.from(whole.m2, (m2) => m2 / (m - ddof)); // a view may die in the run
  return withRun(module[`NormRun${kind}`], shape, (run) => {
    const { mean, m2 } = whole ?? {};
    const { runningMean, runningVar } = rule ?? {};
    prepare(run, tensor, { x, gamma, beta, mean, m2, runningMean, runningVar });
    if (rule) run.track(rule.momentum, rule.unbiased);
    settle(whole ? run.normalize(m, eps, ddof) : run.forward(eps, ddof), "x", shape);
    const y = run.y().slice() as A;
    const cache = cacheOf(run.mean().slice(), variances ?? run.var().slice(), run.invstd().slice());
    rule?.store(run.runningMean(), run.runningVar()); // last, when nothing can fail any more
    return { y, cache };
  });
}

/** What the cache keeps of the norm: the options as they were given. */
function placed(norm: Norm, { groups, normalizedDims, unitOffset, layout, axis }: NormOptions) {
  if (norm === "layer" || norm === "rms") return { norm, normalizedDims, unitOffset };
  const where = layout || axis === undefined ? { layout: layout ?? ("channels-first" as const) } : { axis };
  return norm === "batch" ? where : { norm, groups, ...where };
}

const gradientsOf = <A extends FloatArray>(run: NormRun): Backward<A> => ({
  dx: run.dx().slice() as A,
  dgamma: run.dgamma().slice() as A,
  dbeta: run.dbeta().slice() as A,
});

/** The gradients of a pass over no values: those of the parameters are 0. */
const gradientsOfNone = <A extends FloatArray>(x: A, { norm, channels }: CheckedNorm): Backward<A> => ({
  dx: arrayLike(x, 0),
  dgamma: arrayLike(x, channels),
  dbeta: arrayLike(x, norm === "rms" ? 0 : channels),
});

export function backward<A extends FloatArray>(module: Module, dy: A, cache: Saved<A>): Backward<A> {
  const use = (run: NormRun, { ddof, shape, count, m }: CheckedCache) => {
    if (count !== m) throw fault("partial-cache", "cache", { count, part: m });
    settle(run.backward(ddof), "dy", shape);
    return gradientsOf<A>(run);
  };
  return withCache(module, dy, cache, use, { ofNone: (tensor) => gradientsOfNone(dy, tensor) });
}

function inferOptions(): NamesOf<InferOptions> {
  const { running: _, ...shared } = forwardOptions();
  return { ...shared, runningMean: 0, runningVar: 0 };
}
function inferBackwardOptions(): NamesOf<InferBackwardOptions> {
  const { beta: _, ...shared } = inferOptions();
  return { x: 0, ...shared };
}

/** What an eval pass normalized by, which outlives the run. */
interface Frozen {
  gamma: FloatArray | undefined;
  runningVar: FloatArray;
  eps: number;
}

/**
 * Checks everything, fills a run with the inputs of eval mode, and passes it to `use`. dy: given for a backward pass.
 * ofNone: the result for an empty batch.
 */
function withStatistics<A extends FloatArray, Result>(
  module: Module,
  x: A,
  dy: { dy: A } | undefined,
  options: InferOptions<A>,
  use: (run: NormRun, shape: readonly number[], frozen: Frozen) => Result,
  ofNone: (tensor: CheckedTensor, frozen: Frozen) => Result,
): Result {
  const { gamma, beta, runningMean, runningVar, eps = 1e-5 } = options;
  const tensor = checkTensor("", x, options);
  const { kind, shape } = tensor;
  channelsOf("runningMean", runningMean, tensor);
  const variances = channelsOf("runningVar", runningVar, tensor);
  checkAffine(tensor, kind, gamma, beta, eps);
  if (dy) likeX("dy", dy.dy, tensor);
  if (x.length === 0) return ofNone(tensor, { gamma: gamma ?? undefined, runningVar: variances, eps });
  return withRun(module[`NormRun${kind}`], shape, (run) => {
    const memory = run.x();
    const kept = {
      gamma: gamma ? outside(gamma, memory) : undefined,
      runningVar: outside(variances, memory),
    };
    prepare(run, tensor, { x, dy: dy?.dy, gamma, beta, runningMean, runningVar });
    return use(run, shape, { ...kept, eps });
  });
}

/** The options of a norm that normalizes in eval mode as in training; undefined for batch norm. */
function withoutStatistics<A extends FloatArray>(options: InferOptions<A>): ForwardOptions<A> | undefined {
  const { norm = "batch", runningMean, runningVar, ...others } = options;
  if (norm === "batch" || !norms.includes(norm)) return undefined;
  refuseRunning(norm, { runningMean, runningVar });
  return { norm, ...others };
}

export function infer<A extends FloatArray>(module: Module, x: A, options: InferOptions<A>): A {
  const given = optionsOf<InferOptions<A>>("options", options, inferOptions());
  const trained = withoutStatistics(given);
  if (trained) return normalized(module, x, trained).y;
  const use = (run: NormRun, shape: readonly number[], { eps }: Frozen) => {
    settle(run.infer(eps), "x", shape);
    return run.y().slice() as A;
  };
  return withStatistics(module, x, undefined, given, use, () => arrayLike(x, 0));
}

export function inferBackward<A extends FloatArray>(
  module: Module,
  dy: A,
  options: InferBackwardOptions<A>,
): InferBackward<A> {
  const given = optionsOf<InferBackwardOptions<A>>("options", options, inferBackwardOptions());
  const trained = withoutStatistics(given);
  const none = () => arrayLike(dy, 0);
  if (trained) {
    const { cache } = normalized(module, given.x, { ...trained, beta: undefined });
    return { ...backward(module, dy, cache), dmean: none(), dvar: none() };
  }
  const use = (run: NormRun, shape: readonly number[], frozen: Frozen) => {
    settle(run.inferBackward(frozen.eps), "dy", shape);
    return ofStatistics(gradientsOf<A>(run), frozen);
  };
  const ofNone = (tensor: CheckedTensor, frozen: Frozen) => ofStatistics(gradientsOfNone(dy, tensor), frozen);
  return withStatistics(module, given.x, { dy }, given, use, ofNone);
}

/**
 * With y = (x - mean)·invstd·gamma + beta: dmean = -gamma·invstd·Σ dy, and dvar = -gamma·invstd²/2·Σ dy·xhat. These sums are
 * dbeta and dgamma.
 */
function ofStatistics<A extends FloatArray>(
  gradients: Backward<A>,
  { gamma, runningVar, eps }: Frozen,
): InferBackward<A> {
  const { dgamma, dbeta } = gradients;
  const [dmean, dvar] = [arrayLike(dbeta, dbeta.length), arrayLike(dgamma, dgamma.length)];
  for (let c = 0; c < dmean.length; c++) {
    const invstd = invstdOf(runningVar[c] as number, eps);
    const slope = (gamma ? (gamma[c] as number) : 1) * invstd;
    dmean[c] = 0 - slope * (dbeta[c] as number); // not -0
    dvar[c] = 0 - 0.5 * slope * (dgamma[c] as number) * invstd; // in this order: invstd may be 4.5e161, and gamma 0
  }
  return { ...gradients, dmean, dvar };
}
