import {
  count,
  ddofOf,
  describe,
  floatArrayOf,
  isFloatArray,
  nonNegative,
  objectOf,
  settle,
} from "./arguments.ts";
import {
  type Cache,
  checkAffine,
  checkTensor,
  type Forward,
  type ForwardOptions,
  type Layout,
  withCache,
} from "./batch-norm.ts";
import { BacknormRangeError, BacknormTypeError } from "./errors.ts";
import { type FloatArray, type Module, withRun } from "./module.ts";

/**
 * What is known of the channels of a part of a batch. A plain object of a few numbers per channel, for whatever moves
 * it to the others: a worker's message, a socket.
 */
export interface Statistics {
  /** Values per channel. */
  readonly count: number;
  /** One value per channel. */
  readonly mean: Float64Array;
  /** Σ (x - mean)², one value per channel. */
  readonly m2: Float64Array;
}

/** Sums of a part of a batch, one value per channel each: those of all parts add up. */
export interface Sums {
  /** Σ dy: of the whole batch, dbeta. */
  readonly dbeta: Float64Array;
  /** Σ dy·xhat: of the whole batch, dgamma. */
  readonly dgamma: Float64Array;
}

export interface StatisticsOptions {
  /** 2 to 5 positive whole numbers. */
  shape: readonly number[];
  /** Default "channels-first". Of a matrix [N, D], D are the channels either way. */
  layout?: Layout | undefined;
}

export function statistics(module: Module, x: FloatArray, options: StatisticsOptions): Statistics {
  const given = objectOf("options", options) as unknown as StatisticsOptions;
  const { kind, shape, extents } = checkTensor(x, given.shape, given.layout);
  const [outer, channels, inner] = extents;
  return withRun(new module[`NormRun${kind}`](), (run) => {
    settle(run.reserve(outer, channels, inner, false, false), "shape", shape);
    run.x().set(x);
    settle(run.statistics(), "x", shape);
    return { count: outer * inner, mean: run.mean().slice(), m2: run.m2().slice() };
  });
}

function checkStatistics(argument: string, value: unknown, channels?: number): Statistics {
  const { count: values, mean, m2 } = objectOf(argument, value) as { [name in keyof Statistics]: unknown };
  if (!Number.isSafeInteger(values) || (values as number) < 1) {
    throw new BacknormRangeError({
      code: "invalid-statistics",
      argument: `${argument}.count`,
      expected: "a positive whole number",
      got: describe(values),
    });
  }
  const expected = channels ?? (isFloatArray(mean) ? mean.length : 0);
  const perChannel = `for ${count(expected, "channel")}`;
  floatArrayOf(`${argument}.mean`, mean, "Float64", expected, perChannel);
  floatArrayOf(`${argument}.m2`, m2, "Float64", expected, perChannel);
  return { count: values, mean, m2 } as Statistics;
}

export function mergeStatistics(module: Module, parts: readonly Statistics[]): Statistics {
  if (!Array.isArray(parts) || parts.length === 0) {
    const [expected, got] = ["an array of one part or more", describe(parts)];
    throw new BacknormTypeError({ code: "invalid-statistics", argument: "parts", expected, got });
  }
  const [first, ...others] = parts.map((part, at) =>
    checkStatistics(`parts[${at}]`, part, parts[0]?.mean?.length),
  ) as [Statistics, ...Statistics[]];
  return withRun(new module.MergeRun(), (run) => {
    const channels = first.mean.length;
    settle(run.reserve(channels), "parts", [channels]);
    run.mean().set(first.mean);
    run.m2().set(first.m2);
    let values = first.count;
    for (const other of others) {
      run.otherMean().set(other.mean);
      run.otherM2().set(other.m2);
      settle(run.merge(values, other.count), "parts", [channels]);
      values += other.count;
    }
    return { count: values, mean: run.mean().slice(), m2: run.m2().slice() };
  });
}

export function normalize<A extends FloatArray>(
  module: Module,
  x: A,
  whole: Statistics,
  options: ForwardOptions<A>,
): Forward<A> {
  const given = objectOf("options", options) as unknown as ForwardOptions<A>;
  const { gamma, beta, eps = 1e-5, ddof = 0 } = given;
  const tensor = checkTensor(x, given.shape, given.layout);
  const { kind, shape, layout } = tensor;
  const [outer, channels, inner] = tensor.extents;
  checkAffine(tensor, gamma, beta);
  nonNegative("eps", "invalid-eps", eps);
  const { count: values, mean, m2 } = checkStatistics("statistics", whole, channels);
  ddofOf("ddof", ddof, values);
  return withRun(new module[`NormRun${kind}`](), (run) => {
    settle(run.reserve(outer, channels, inner, gamma !== undefined, beta !== undefined), "shape", shape);
    run.x().set(x);
    if (gamma) run.gamma().set(gamma);
    if (beta) run.beta().set(beta);
    run.mean().set(mean);
    run.m2().set(m2);
    settle(run.normalize(values, eps, ddof), "statistics", shape);
    const y = run.y().slice() as A;
    const invstd = run.invstd().slice();
    return { y, cache: { x, gamma, shape, layout, ddof, mean: mean.slice(), invstd, count: values } };
  });
}

export function sums<A extends FloatArray>(module: Module, dy: A, cache: Cache<A>): Sums {
  return withCache(module, dy, cache, (run, { shape }) => {
    settle(run.sums(), "dy", shape);
    return { dbeta: run.sumDy().slice(), dgamma: run.sumDyXhat().slice() };
  });
}

export function apply<A extends FloatArray>(module: Module, dy: A, cache: Cache<A>, total: Sums): A {
  const { dbeta, dgamma } = objectOf("sums", total) as unknown as Sums;
  return withCache(module, dy, cache, (run, { ddof, shape, count: values, extents: [, channels] }) => {
    const perChannel = `for ${count(channels, "channel")}`;
    floatArrayOf("sums.dbeta", dbeta, "Float64", channels, perChannel);
    floatArrayOf("sums.dgamma", dgamma, "Float64", channels, perChannel);
    run.sumDy().set(dbeta);
    run.sumDyXhat().set(dgamma);
    settle(run.apply(values, ddof), "dy", shape);
    return run.dx().slice() as A;
  });
}
