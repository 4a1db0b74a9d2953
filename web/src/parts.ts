import { describe, isFloatArray, objectOf, settle, statisticOf } from "./arguments.ts";
import {
  type Cache,
  checkTensor,
  type Forward,
  type ForwardOptions,
  fill,
  forward,
  type TensorOptions,
  withCache,
} from "./batch-norm.ts";
import { BacknormRangeError, BacknormTypeError } from "./errors.ts";
import { type FloatArray, type Module, withRun } from "./module.ts";
import { optionsOf } from "./options.ts";

/**
 * What is known of the channels of a part of a batch. A plain object of a few numbers per channel, for whatever moves
 * it to the others: a worker's message, a socket.
 */
export interface Statistics {
  /** Values per channel, a positive whole number; else `invalid-statistics`. */
  readonly count: number;
  /** One value per channel, float64 for either kind of x. */
  readonly mean: Float64Array;
  /** Σ (x - mean)², one value per channel, float64 for either kind of x. */
  readonly m2: Float64Array;
}

/** Sums of a part of a batch, one value per channel each, float64 for either kind of x: those of all parts add up. */
export interface Sums {
  /** Σ dy: of the whole batch, dbeta. */
  readonly dbeta: Float64Array;
  /** Σ dy·xhat: of the whole batch, dgamma. */
  readonly dgamma: Float64Array;
}

/** How x is laid out. */
export type StatisticsOptions = TensorOptions;

export function statistics(module: Module, x: FloatArray, options: StatisticsOptions): Statistics {
  const given = optionsOf("options", options, ["shape", "layout"]) as StatisticsOptions;
  const { layout = "channels-first" } = given;
  const { kind, shape, extents, m } = checkTensor("", x, given.shape, layout);
  return withRun(module[`NormRun${kind}`], shape, (run) => {
    fill(run, () => run.reserve(...extents, false, false), shape, { x });
    settle(run.statistics(), "x", shape);
    return { count: m, mean: run.mean().slice(), m2: run.m2().slice() };
  });
}

const invalid = (argument: string, expected: string, got: string) =>
  new BacknormRangeError({ code: "invalid-statistics", argument, expected, got });

/** least: what the count may not be below. channels: how many there are, where that is known. */
function checkStatistics(argument: string, value: unknown, least: number, channels?: number): Statistics {
  const { count, mean, m2 } = objectOf(argument, value);
  if (!Number.isSafeInteger(count) || (count as number) < least) {
    const expected =
      least === 1
        ? "a positive whole number"
        : `a whole number of at least ${least}, the values per channel of x`;
    throw invalid(`${argument}.count`, expected, describe(count));
  }
  const wanted = channels ?? (isFloatArray(mean) ? Math.max(1, mean.length) : 1);
  return {
    count: count as number,
    mean: statisticOf(`${argument}.mean`, mean, wanted),
    m2: statisticOf(`${argument}.m2`, m2, wanted),
  };
}

export function mergeStatistics(module: Module, parts: readonly Statistics[]): Statistics {
  const expected = "an array of one part or more";
  if (!Array.isArray(parts)) {
    const got = describe(parts);
    throw new BacknormTypeError({ code: "invalid-statistics", argument: "parts", expected, got });
  }
  if (parts.length === 0) throw invalid("parts", expected, "none");
  const first = checkStatistics("parts[0]", parts[0], 1);
  const channels = first.mean.length;
  const others: Statistics[] = [];
  let total = first.count;
  for (let at = 1; at < parts.length; at++) {
    const part = checkStatistics(`parts[${at}]`, parts[at], 1, channels);
    total += part.count;
    if (!Number.isSafeInteger(total)) throw invalid("parts", "at most 2^53 - 1 values per channel", "more");
    others.push(part);
  }
  return withRun(module.MergeRun, [channels], (run) => {
    fill(run, () => run.reserve(channels), [channels], { mean: first.mean, m2: first.m2 });
    let count = first.count;
    for (const other of others) {
      run.otherMean().set(other.mean);
      run.otherM2().set(other.m2);
      settle(run.merge(count, other.count), "parts", [channels]);
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
  return forward(module, x, options, ({ m, channels }) => checkStatistics("statistics", whole, m, channels));
}

export function sums<A extends FloatArray>(module: Module, dy: A, cache: Cache<A>): Sums {
  return withCache(module, dy, cache, (run, { shape }) => {
    settle(run.sums(), "dy", shape);
    return { dbeta: run.sumDy().slice(), dgamma: run.sumDyXhat().slice() };
  });
}

export function apply<A extends FloatArray>(module: Module, dy: A, cache: Cache<A>, total: Sums): A {
  const { dbeta, dgamma } = objectOf("sums", total) as unknown as Sums;
  return withCache(module, dy, cache, (run, { ddof, shape, count, channels }) => {
    run.sumDy().set(statisticOf("sums.dbeta", dbeta, channels));
    run.sumDyXhat().set(statisticOf("sums.dgamma", dgamma, channels));
    settle(run.apply(count, ddof), "dy", shape);
    return run.dx().slice() as A;
  });
}
