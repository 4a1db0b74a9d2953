import {
  channelsOf,
  ddofOf,
  epsOf,
  floatArrayOf,
  isFloatArray,
  type Kind,
  kindOf,
  objectOf,
  outside,
  settle,
} from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import { type Module, type NormRun, withRun } from "./module.ts";
import {
  type CheckedNorm,
  type CheckedTensor,
  checkTensor,
  lengthOfParameters,
  lengthOfStatistics,
  likeX,
  type Norm,
  type NormOptions,
  normNames,
  norms,
} from "./norm.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import type {
  Backward,
  Cache,
  Forward,
  ForwardOptions,
  InferBackwardOptions,
  InferOptions,
} from "./passes.ts";
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
    if (values === undefined) continue;
    if (name === "beta" && tensor.norm === "rms")
      throw fault("rms-without-beta", name, { got: given(values) });
    floatArrayOf(name, values, kind, tensor.channels, lengthOfParameters(tensor), likeX);
  }
  epsOf("eps", eps);
}

/** Refuses what only batch norm has. */
export function refuseRunning(norm: Norm, options: Readonly<Record<string, unknown>>): void {
  const name = norm === "batch" ? undefined : Object.keys(options).find((key) => options[key] !== undefined);
  if (name !== undefined) throw fault("no-running-statistics", name, { norm });
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

type Input =
  | "gamma"
  | "mean"
  | "invstd"
  | "x"
  | "dy"
  | "beta"
  | "m2"
  | "runningMean"
  | "runningVar"
  | "sumDy"
  | "sumDyXhat";

/** Reserves the memory of a norm's pass, and copies `inputs`. layer: y and dx don't overwrite x and dy. */
export function prepare(
  run: NormRun,
  { norm, samples, before, channels, after, groups, unitOffset, shape }: CheckedNorm,
  inputs: Readonly<{ [Key in Input]?: FloatArray | undefined }>,
  layer = false,
): void {
  if (norm !== "batch") run.divide(before, groups, norm === "rms", unitOffset);
  const has = (name: "gamma" | "beta") => layer || inputs[name] !== undefined;
  fill(run, () => run.reserve(samples, channels, after, has("gamma"), has("beta"), layer), shape, inputs);
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
  const { kind, shape, channels, norm } = tensor;
  checkAffine(tensor, kind, gamma, beta, eps);
  const whole = wholeOf?.(tensor);
  const m = whole?.count ?? tensor.m;
  ddofOf("ddof", ddof, m, norm);
  refuseRunning(norm, { running });
  const rule = running === undefined ? undefined : runningOf(running, kind, channels, m);
  return withRun(module[`NormRun${kind}`], shape, (run) => {
    const { mean, m2 } = whole ?? {};
    const { runningMean, runningVar } = rule ?? {};
    prepare(run, tensor, { x, gamma, beta, mean, m2, runningMean, runningVar });
    if (rule) run.track(rule.momentum, rule.unbiased);
    settle(whole ? run.normalize(m, eps, ddof) : run.forward(eps, ddof), "x", shape);
    const y = run.y().slice() as A;
    const saved = { mean: run.mean().slice(), invstd: run.invstd().slice() };
    rule?.store(run.runningMean(), run.runningVar()); // last, when nothing can fail any more
    return { y, cache: { x, gamma, shape, ...placed(norm, given), ddof, ...saved, count: m } };
  });
}

/** What the cache keeps of the norm: the options as they were given. */
function placed(norm: Norm, { groups, normalizedDims, unitOffset, layout, axis }: NormOptions) {
  if (norm === "layer" || norm === "rms") return { norm, normalizedDims, unitOffset };
  const where = layout || axis === undefined ? { layout: layout ?? ("channels-first" as const) } : { axis };
  return norm === "batch" ? where : { norm, groups, ...where };
}

const cacheNames = (): NamesOf<Cache> => ({
  x: 0,
  gamma: 0,
  ...normNames,
  ddof: 0,
  mean: 0,
  invstd: 0,
  count: 0,
});

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
  optionsOf<Cache>("cache", held, cacheNames());
  const tensor = checkTensor("cache.", x, held);
  const { kind, shape, channels, m, norm, statistics } = tensor;
  const of = lengthOfStatistics(tensor);
  floatArrayOf("cache.mean", mean, "Float64", norm === "rms" ? 0 : statistics, of, false);
  floatArrayOf("cache.invstd", invstd, "Float64", statistics, of, false);
  if (gamma !== undefined) floatArrayOf("cache.gamma", gamma, kind, channels, lengthOfParameters(tensor));
  likeX("dy", dy, tensor);
  const isWhole = norm !== "batch" && count !== m;
  if (!Number.isSafeInteger(count) || count < m || isWhole) throw foreign("count", count);
  ddofOf("cache.ddof", ddof, count, norm);
  const also = alsoOf(tensor);
  return withRun(module[`NormRun${kind}`], shape, (run) => {
    prepare(run, tensor, { x, dy, gamma, mean, invstd, ...also });
    return use(run, { ...tensor, ddof, count });
  });
}

const gradientsOf = <A extends FloatArray>(run: NormRun): Backward<A> => ({
  dx: run.dx().slice() as A,
  dgamma: run.dgamma().slice() as A,
  dbeta: run.dbeta().slice() as A,
});

export function backward<A extends FloatArray>(module: Module, dy: A, cache: Cache<A>): Backward<A> {
  return withCache(module, dy, cache, (run, { ddof, shape, count, m }) => {
    if (count !== m) throw fault("partial-cache", "cache", { count, part: m });
    settle(run.backward(ddof), "dy", shape);
    return gradientsOf<A>(run);
  });
}

function inferOptions(): NamesOf<InferOptions> {
  const { running: _, ...shared } = forwardOptions();
  return { ...shared, runningMean: 0, runningVar: 0 };
}
function inferBackwardOptions(): NamesOf<InferBackwardOptions> {
  const { beta: _, ...shared } = inferOptions();
  return { x: 0, ...shared };
}

/**
 * Checks everything, fills a run with the inputs of eval mode, and passes it to `use`. dy: given for a backward pass.
 */
function withStatistics<A extends FloatArray, Result>(
  module: Module,
  x: A,
  dy: { dy: A } | undefined,
  options: InferOptions<A>,
  use: (run: NormRun, shape: readonly number[], eps: number) => Result,
): Result {
  const { gamma, beta, runningMean, runningVar, eps = 1e-5 } = options;
  const tensor = checkTensor("", x, options);
  const { kind, shape, channels } = tensor;
  channelsOf("runningMean", runningMean, kind, channels);
  channelsOf("runningVar", runningVar, kind, channels);
  checkAffine(tensor, kind, gamma, beta, eps);
  if (dy) likeX("dy", dy.dy, tensor);
  return withRun(module[`NormRun${kind}`], shape, (run) => {
    prepare(run, tensor, { x, dy: dy?.dy, gamma, beta, runningMean, runningVar });
    return use(run, shape, eps);
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
  return withStatistics(module, x, undefined, given, (run, shape, eps) => {
    settle(run.infer(eps), "x", shape);
    return run.y().slice() as A;
  });
}

export function inferBackward<A extends FloatArray>(
  module: Module,
  dy: A,
  options: InferBackwardOptions<A>,
): Backward<A> {
  const given = optionsOf<InferBackwardOptions<A>>("options", options, inferBackwardOptions());
  const trained = withoutStatistics(given);
  if (trained)
    return backward(module, dy, normalized(module, given.x, { ...trained, beta: undefined }).cache);
  return withStatistics(module, given.x, { dy }, given, (run, shape, eps) => {
    settle(run.inferBackward(eps), "dy", shape);
    return gradientsOf<A>(run);
  });
}
