import { arrayLike, isFloatArray, objectOf, settle, statisticOf } from "./arguments.ts";
import { forward } from "./batch-norm.ts";
import { type CheckedCache, withCache } from "./cache.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import { type Module, type NormRun, withRun } from "./module.ts";
import { batchNormOnly, type CheckedTensor, checkTensor, lengthOfStatistics, notEmpty } from "./norm.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import type { Forward, ForwardOptions, Saved } from "./passes.ts";
import { fill, prepare } from "./prepare.ts";
import { fault, type LengthOf } from "./sentences.ts";
import type { Statistics, Sums } from "./statistics.ts";
import type { TensorOptions } from "./tensor.ts";

/** The layout of x. */
export type StatisticsOptions = TensorOptions;
const kStatisticsOptions: NamesOf<StatisticsOptions> = { shape: 0, layout: 0, axis: 0 };

export function statistics(module: Module, x: FloatArray, options: StatisticsOptions): Statistics {
  const given = optionsOf<StatisticsOptions>("options", options, kStatisticsOptions);
  const tensor = checkTensor("", x, given);
  batchNormOnly("norm", tensor);
  notEmpty("x", tensor);
  const { kind, shape, m } = tensor;
  if (x.length === 0) return { count: m, mean: new Float64Array(0), m2: new Float64Array(0) };
  return withRun(module[`NormRun${kind}`], shape, (run) => {
    prepare(run, tensor, { x });
    settle(run.statistics(), "x", shape);
    return { count: m, mean: run.mean().slice(), m2: run.m2().slice() };
  });
}

/** least: the smallest count allowed. channels: the number of channels, if known. of: what determines it. */
function checkStatistics(
  argument: string,
  value: unknown,
  least: number,
  channels?: number,
  of?: LengthOf,
): Statistics {
  const { count, mean, m2 } = objectOf(argument, value);
  if (!Number.isSafeInteger(count) || (count as number) < least) {
    throw fault("invalid-count", `${argument}.count`, { least, got: given(count) });
  }
  const wanted = channels ?? (isFloatArray(mean) ? Math.max(1, mean.length) : 1);
  return {
    count: count as number,
    mean: statisticOf(`${argument}.mean`, mean, wanted, of),
    m2: statisticOf(`${argument}.m2`, m2, wanted, of),
  };
}

export function mergeStatistics(module: Module, parts: readonly Statistics[]): Statistics {
  if (!Array.isArray(parts)) throw fault("no-parts", "parts", { got: given(parts) });
  let channels: number | undefined;
  let total = 0;
  const [first, ...others] = Array.from(parts, (part, at): Statistics => {
    const { count, mean, m2 } = checkStatistics(`parts[${at}]`, part, 1, channels);
    channels ??= mean.length;
    total += count;
    if (!Number.isSafeInteger(total)) throw fault("too-many-values", "parts", {});
    return { count, mean: mean.slice(), m2: m2.slice() }; // copies, since the arrays of a layer die when the memory grows
  });
  if (!first || channels === undefined) throw fault("no-parts", "parts", { got: given(parts) });
  const size = channels;
  return withRun(module.MergeRun, [size], (run) => {
    fill(run, () => run.reserve(size), [size], { mean: first.mean, m2: first.m2 });
    let count = first.count;
    for (const other of others) {
      run.otherMean().set(other.mean);
      run.otherM2().set(other.m2);
      settle(run.merge(count, other.count), "parts", [size]);
      count += other.count;
    }
    return { count, mean: run.mean().slice(), m2: run.m2().slice() };
  });
}

export function normalize<A extends FloatArray>(
  module: Module,
  x: A,
  whole: Statistics,
  options: ForwardOptions<A>,
): Forward<A> {
  const wholeOf = (part: CheckedTensor) => {
    batchNormOnly("norm", part);
    return checkStatistics("statistics", whole, part.m, part.channels, lengthOfStatistics(part));
  };
  return forward(module, x, options, wholeOf);
}

export function sums<A extends FloatArray>(module: Module, dy: A, cache: Saved<A>): Sums {
  const use = (run: NormRun, { shape }: CheckedTensor) => {
    settle(run.sums(), "dy", shape);
    return { dbeta: run.sumDy().slice(), dgamma: run.sumDyXhat().slice() };
  };
  const alsoOf = (tensor: CheckedTensor) => {
    batchNormOnly("cache.norm", tensor);
    return {};
  };
  const ofNone = () => ({ dbeta: new Float64Array(0), dgamma: new Float64Array(0) });
  return withCache(module, dy, cache, use, { alsoOf, ofNone });
}

export function apply<A extends FloatArray>(module: Module, dy: A, cache: Saved<A>, total: Sums): A {
  const { dbeta, dgamma } = objectOf("sums", total) as unknown as Sums;
  const use = (run: NormRun, { ddof, shape, count }: CheckedCache) => {
    settle(run.apply(count, ddof), "dy", shape);
    return run.dx().slice() as A;
  };
  const alsoOf = (tensor: CheckedTensor) => {
    batchNormOnly("cache.norm", tensor);
    const { channels } = tensor;
    return {
      sumDy: statisticOf("sums.dbeta", dbeta, channels),
      sumDyXhat: statisticOf("sums.dgamma", dgamma, channels),
    };
  };
  return withCache(module, dy, cache, use, { alsoOf, ofNone: () => arrayLike(dy, 0) });
}
