import {
  channelsOf,
  ddofOf,
  epsOf,
  isFloatArray,
  kindOf,
  objectOf,
  outside,
  settle,
  statisticOf,
} from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import { type LayerRun, type Module, type NormRun, withRun } from "./module.ts";
import { type CheckedNorm, type CheckedTensor, checkTensor, likeX } from "./norm.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import { type Running, runningOf } from "./running.ts";
import { fault } from "./sentences.ts";
import type { Statistics } from "./statistics.ts";
import type { Layout, TensorOptions } from "./tensor.ts";

/**
 * Scale and shift: y = xhat·gamma + beta. As everywhere, a wrong array throws `not-a-typed-array`, `mixed-kinds`,
 * `length-mismatch` or `detached-buffer`.
 */
export interface AffineOptions<A extends FloatArray = FloatArray> {
  /** One value per channel, of the kind of x. Default: all ones. */
  gamma?: A | undefined;
  /** One value per channel, of the kind of x. Default: all zeros. */
  beta?: A | undefined;
  /** Added to the variance, in the unit of x squared: finite, 0 or greater. Default 1e-5. Else `invalid-eps`. */
  eps?: number | undefined;
}

export interface ForwardOptions<A extends FloatArray = FloatArray> extends TensorOptions, AffineOptions<A> {
  /**
   * 0 (default): population variance, /m. 1: unbiased variance, /(m - 1), which needs two values per channel, else
   * `one-value-per-channel`. m is the number of values in a channel. Anything else throws `invalid-ddof`.
   */
  ddof?: 0 | 1 | undefined;
  /** Running statistics for infer(), updated in place. Default: none. */
  running?: Running<A> | undefined;
}

/**
 * What the backward pass needs from the forward pass: a plain object with nothing to free, which structuredClone can
 * send to another thread. Anything else throws `foreign-cache`; an array of a wrong length or kind is named.
 */
export interface Cache<A extends FloatArray = FloatArray> {
  /** The caller's own array, not a copy: don't change it before the backward pass. */
  readonly x: A;
  /** The caller's own array too, or undefined if it was left out. */
  readonly gamma: A | undefined;
  readonly shape: readonly number[];
  /** As the options had it; "channels-first" if they had neither layout nor axis. */
  readonly layout?: Layout | undefined;
  /** As the options had it. */
  readonly axis?: number | undefined;
  readonly ddof: 0 | 1;
  /** One value per channel, float64 for either kind of x, as precise as in `Statistics`. */
  readonly mean: Float64Array;
  /** 1 / sqrt(var + eps), one value per channel, float64 for either kind of x. 4.5e161 if var and eps are 0. */
  readonly invstd: Float64Array;
  /** Values per channel behind the statistics: more than x has if x is a part of a batch. */
  readonly count: number;
}

export interface Forward<A extends FloatArray = FloatArray> {
  /** Of the kind and length of x. */
  y: A;
  cache: Cache<A>;
}

/** The running statistics and options of eval mode. */
export interface InferOptions<A extends FloatArray = FloatArray> extends TensorOptions, AffineOptions<A> {
  /** One value per channel, of the kind of x. */
  runningMean: A;
  /** One value per channel, of the kind of x, 0 or greater. A channel below -eps becomes NaN. */
  runningVar: A;
}

export interface InferBackwardOptions<A extends FloatArray = FloatArray>
  extends Omit<InferOptions<A>, "beta"> {
  /** The x that was normalized, of the kind and length of dy. */
  x: A;
}

export interface Backward<A extends FloatArray = FloatArray> {
  /** Of the kind and length of x. */
  dx: A;
  /** One value per channel, of the kind of x, even if gamma was left out. */
  dgamma: A;
  /** One value per channel, of the kind of x, even if beta was left out. */
  dbeta: A;
}

/** (outer, channels, inner), as in cpp/include/backnorm/layout.hpp. */
export const extentsOf = ({ samples, channels, after }: CheckedNorm) => [samples, channels, after] as const;

/** Checks gamma, beta and eps. */
function checkAffine({ kind, channels }: CheckedTensor, gamma: unknown, beta: unknown, eps: unknown): void {
  if (gamma !== undefined) channelsOf("gamma", gamma, kind, channels);
  if (beta !== undefined) channelsOf("beta", beta, kind, channels);
  epsOf("eps", eps);
}

/**
 * Reserves memory and copies `inputs` into the views of the same names. An input that lies in that memory itself, such
 * as a layer's y, is copied first: reserving may grow the memory, which detaches every view.
 */
export function fill<Name extends string>(
  run: Readonly<Record<NoInfer<Name>, () => FloatArray>>,
  reserve: () => string,
  shape: readonly number[],
  inputs: Readonly<{ [Key in Name]?: FloatArray | undefined }>,
): void {
  const given: [Name, FloatArray][] = [];
  for (const name in inputs) {
    const array = inputs[name];
    if (array) given.push([name, outside(array, run[name]())]);
  }
  settle(reserve(), "shape", shape);
  for (const [name, array] of given) run[name]().set(array);
}

/**
 * The forward pass. If `wholeOf` is given, it normalizes by the statistics of the whole batch, of which x is a part.
 */
const kForwardOptions: NamesOf<ForwardOptions> = {
  shape: 0,
  layout: 0,
  axis: 0,
  gamma: 0,
  beta: 0,
  eps: 0,
  ddof: 0,
  running: 0,
};

export function forward<A extends FloatArray>(
  module: Module,
  x: A,
  options: ForwardOptions<A>,
  wholeOf?: (part: CheckedTensor) => Statistics,
): Forward<A> {
  const given = optionsOf<ForwardOptions<A>>("options", options, kForwardOptions);
  const { gamma, beta, eps = 1e-5, ddof = 0, running, axis } = given;
  const tensor = checkTensor("", x, given);
  checkAffine(tensor, gamma, beta, eps);
  const whole = wholeOf?.(tensor);
  const { kind, shape, channels } = tensor;
  const { layout = axis === undefined ? "channels-first" : undefined } = given;
  const m = whole?.count ?? tensor.m;
  ddofOf("ddof", ddof, m);
  const rule = running === undefined ? undefined : runningOf(running, kind, channels, m);
  return withRun(module[`NormRun${kind}`], shape, (run) => {
    const reserve = () => run.reserve(...extentsOf(tensor), gamma !== undefined, beta !== undefined);
    const { mean, m2 } = whole ?? {};
    const { runningMean, runningVar } = rule ?? {};
    fill(run, reserve, shape, { x, gamma, beta, mean, m2, runningMean, runningVar });
    if (rule) run.track(rule.momentum, rule.unbiased);
    settle(whole ? run.normalize(m, eps, ddof) : run.forward(eps, ddof), "x", shape);
    const y = run.y().slice() as A;
    const saved = { mean: run.mean().slice(), invstd: run.invstd().slice() };
    rule?.store(run.runningMean(), run.runningVar()); // last, when nothing can fail any more
    return { y, cache: { x, gamma, shape, ...(layout ? { layout } : { axis }), ddof, ...saved, count: m } };
  });
}

const kCache: NamesOf<Cache> = {
  x: 0,
  gamma: 0,
  shape: 0,
  layout: 0,
  axis: 0,
  ddof: 0,
  mean: 0,
  invstd: 0,
  count: 0,
};

/** Checks everything, fills a run with dy, the cache and the result of `alsoOf`, and passes it to `use`. */
export function withCache<A extends FloatArray, Result>(
  module: Module,
  dy: A,
  cache: Cache<A>,
  use: (run: NormRun, checked: CheckedTensor & { ddof: 0 | 1; count: number }) => Result,
  alsoOf: (checked: CheckedTensor) => Partial<Record<"sumDy" | "sumDyXhat", Float64Array>> = () => ({}),
): Result {
  const held = objectOf("cache", cache) as unknown as Cache<A>;
  const { x, gamma, ddof, mean, invstd, count } = held;
  const foreign = (part: string, value: unknown) =>
    fault("foreign-cache", "cache", { part, got: given(value) });
  for (const [name, part] of Object.entries({ x, mean, invstd })) {
    if (!isFloatArray(part) || (name !== "x" && kindOf(part) !== "Float64")) throw foreign(name, part);
  }
  optionsOf<Cache>("cache", held, kCache);
  const tensor = checkTensor("cache.", x, held);
  const { kind, shape, channels, m } = tensor;
  statisticOf("cache.mean", mean, channels);
  statisticOf("cache.invstd", invstd, channels);
  if (gamma !== undefined) channelsOf("cache.gamma", gamma, kind, channels);
  likeX("dy", dy, tensor);
  if (!Number.isSafeInteger(count) || count < m) throw foreign("count", count);
  ddofOf("cache.ddof", ddof, count);
  const also = alsoOf(tensor);
  return withRun(module[`NormRun${kind}`], shape, (run) => {
    const reserve = () => run.reserve(...extentsOf(tensor), gamma !== undefined, false);
    fill(run, reserve, shape, { x, dy, gamma, mean, invstd, ...also });
    return use(run, { ...tensor, ddof, count });
  });
}

export function backward<A extends FloatArray>(module: Module, dy: A, cache: Cache<A>): Backward<A> {
  return withCache(module, dy, cache, (run, { ddof, shape, count, m }) => {
    if (count !== m) throw fault("partial-cache", "cache", { count, part: m });
    settle(run.backward(ddof), "dy", shape);
    return { dx: run.dx().slice() as A, dgamma: run.dgamma().slice() as A, dbeta: run.dbeta().slice() as A };
  });
}

const { running: _running, ddof: _ddof, ...kShared } = kForwardOptions;
const kInferOptions: NamesOf<InferOptions> = { ...kShared, runningMean: 0, runningVar: 0 };
const { beta: _beta, ...kWithoutBeta } = kInferOptions;
const kInferBackwardOptions: NamesOf<InferBackwardOptions> = { x: 0, ...kWithoutBeta };

/**
 * Checks everything, fills a layer with the inputs of eval mode, and passes it to `use`. dy: given for a backward pass.
 */
function withStatistics<A extends FloatArray, Result>(
  module: Module,
  x: A,
  dy: { dy: A } | undefined,
  options: InferOptions<A>,
  use: (run: LayerRun, shape: readonly number[]) => Result,
): Result {
  const { gamma, beta, runningMean, runningVar, eps = 1e-5 } = options;
  const tensor = checkTensor("", x, options);
  const { kind, shape, channels } = tensor;
  channelsOf("runningMean", runningMean, kind, channels);
  channelsOf("runningVar", runningVar, kind, channels);
  checkAffine(tensor, gamma, beta, eps);
  if (dy) likeX("dy", dy.dy, tensor);
  return withRun(module[`Layer${kind}`], shape, (run) => {
    const inputs = { x, dy: dy?.dy, gamma, beta, runningMean, runningVar };
    fill(run, () => run.reserve(...extentsOf(tensor)), shape, inputs);
    run.configure(eps, 0, 0, false);
    return use(run, shape);
  });
}

export function infer<A extends FloatArray>(module: Module, x: A, options: InferOptions<A>): A {
  const given = optionsOf<InferOptions<A>>("options", options, kInferOptions);
  return withStatistics(module, x, undefined, given, (run, shape) => {
    settle(run.infer(), "x", shape);
    return run.y().slice() as A;
  });
}

export function inferBackward<A extends FloatArray>(
  module: Module,
  dy: A,
  options: InferBackwardOptions<A>,
): Backward<A> {
  const given = optionsOf<InferBackwardOptions<A>>("options", options, kInferBackwardOptions);
  return withStatistics(module, given.x, { dy }, given, (run, shape) => {
    settle(run.inferBackward(), "dy", shape);
    return { dx: run.dx().slice() as A, dgamma: run.dgamma().slice() as A, dbeta: run.dbeta().slice() as A };
  });
}
