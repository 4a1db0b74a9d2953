/** What a backward pass reads of a forward pass. */
import {
  ddofOf,
  epsOf,
  floatArray,
  floatArrayOf,
  isFloatArray,
  isLeftOut,
  kindOf,
  objectOf,
} from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import { type Module, type NormRun, withRun } from "./module.ts";
import {
  type CheckedTensor,
  checkTensor,
  lengthOfParameters,
  lengthOfStatistics,
  likeX,
  normNames,
  notEmpty,
} from "./norm.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import type { Saved } from "./passes.ts";
import { prepare } from "./prepare.ts";
import { fault } from "./sentences.ts";

const savedNames = (): NamesOf<Saved> => ({
  x: 0,
  gamma: 0,
  ...normNames,
  ddof: 0,
  mean: 0,
  invstd: 0,
  var: 0,
  variance: 0,
  eps: 0,
  count: 0,
});

/** As the kernels compute it: finite if var and eps are 0, since 0·infinity is NaN where y should be beta. */
export const invstdOf = (variance: number, eps: number) =>
  1 / Math.sqrt(variance + eps === 0 ? Number.MIN_VALUE : variance + eps);

/** The statistics of a cache in float64, as far as there are any. */
function statisticsOf(saved: Saved, tensor: CheckedTensor): { mean: Float64Array; invstd: Float64Array } {
  const { norm, statistics } = tensor;
  const { mean, invstd, eps = 1e-5 } = saved;
  const variance = saved.var ?? saved.variance;
  const isRms = norm === "rms";
  if (isRms && !isLeftOut(mean) && !(isFloatArray(mean) && mean.length === 0))
    throw fault("rms-without-mean", "cache.mean", { got: given(mean) });
  const read = (name: string, value: unknown) => {
    if (!isFloatArray(value)) throw fault("foreign-cache", "cache", { part: name, got: given(value) });
    const kind = kindOf(floatArray(`cache.${name}`, value));
    return Float64Array.from(
      floatArrayOf(`cache.${name}`, value, kind, statistics, lengthOfStatistics(tensor), false),
    );
  };
  const means = isRms ? new Float64Array(0) : read("mean", mean);
  if (!isLeftOut(invstd) || isLeftOut(variance)) return { mean: means, invstd: read("invstd", invstd) };
  epsOf("cache.eps", eps);
  const name = variance === saved.var ? "var" : "variance";
  return { mean: means, invstd: read(name, variance).map((value) => invstdOf(value, eps)) };
}

/** A checked cache: its tensor, and what the pass divided by. */
export type CheckedCache = CheckedTensor & { ddof: 0 | 1; count: number };

interface Uses<Result> {
  /** More arrays for the run. */
  alsoOf?: (tensor: CheckedTensor) => Partial<Record<"sumDy" | "sumDyXhat", Float64Array>>;
  /** The result for a tensor without values. */
  ofNone: (tensor: CheckedTensor) => Result;
}

/** Checks everything, fills a run with dy, the cache and the result of `alsoOf`, and passes it to `use`. */
export function withCache<A extends FloatArray, Result>(
  module: Module,
  dy: A,
  cache: Saved<A>,
  use: (run: NormRun, checked: CheckedCache) => Result,
  { alsoOf, ofNone }: Uses<Result>,
): Result {
  const saved = objectOf("cache", cache) as unknown as Saved<A>;
  const { x, gamma, ddof = 0 } = saved;
  const foreign = (part: string, value: unknown) =>
    fault("foreign-cache", "cache", { part, got: given(value) });
  if (!isFloatArray(x)) throw foreign("x", x);
  optionsOf<Saved>("cache", saved, savedNames());
  const tensor = checkTensor("cache.", x, saved);
  const { kind, shape, m, norm } = tensor;
  const { count = m } = saved;
  const statistics = statisticsOf(saved, tensor);
  if (!isLeftOut(gamma))
    floatArrayOf("cache.gamma", gamma, kind, tensor.channels, lengthOfParameters(tensor));
  likeX("dy", dy, tensor);
  notEmpty("cache.x", tensor);
  const isWhole = norm !== "batch" && count !== m;
  if (!Number.isSafeInteger(count) || count < m || isWhole) throw foreign("count", count);
  ddofOf("cache.ddof", ddof, count, norm);
  const also = alsoOf?.(tensor);
  if (x.length === 0) return ofNone(tensor);
  return withRun(module[`NormRun${kind}`], shape, (run) => {
    prepare(run, tensor, { x, dy, gamma, ...statistics, ...also });
    return use(run, { ...tensor, ddof, count });
  });
}
