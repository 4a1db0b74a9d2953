import {
  count,
  ddofOf,
  describe,
  floatArray,
  floatArrayOf,
  isFloatArray,
  type Kind,
  kindOf,
  nonNegative,
  objectOf,
  settle,
  shapeOf,
  shapeText,
} from "./arguments.ts";
import { BacknormRangeError, BacknormTypeError } from "./errors.ts";
import { type FloatArray, type LayerRun, type Module, type NormRun, withRun } from "./module.ts";

/** Where the channels stand: N, C, … or N, …, C. */
export type Layout = "channels-first" | "channels-last";

export interface ForwardOptions<A extends FloatArray = FloatArray> {
  /** 2 to 5 positive whole numbers. */
  shape: readonly number[];
  /** Default "channels-first". Of a matrix [N, D], D are the channels either way. */
  layout?: Layout | undefined;
  /** One value per channel, of the kind of x. Default: all ones. */
  gamma?: A | undefined;
  /** One value per channel, of the kind of x. Default: all zeros. */
  beta?: A | undefined;
  /** Added to the variance, 0 or greater. Default 1e-5. */
  eps?: number | undefined;
  /** 0 (default): population variance, /m. 1: unbiased, /(m - 1). m counts the values of a channel. */
  ddof?: 0 | 1 | undefined;
}

/** What the backward pass needs of the forward pass. A plain object, with nothing to free. */
export interface Cache<A extends FloatArray = FloatArray> {
  /** The caller's own array, not a copy: leave it as it is until the backward pass. */
  readonly x: A;
  readonly gamma: A | undefined;
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly ddof: 0 | 1;
  /** One value per channel. */
  readonly mean: Float64Array;
  /** 1 / sqrt(var + eps), one value per channel. */
  readonly invstd: Float64Array;
  /** How many values per channel the statistics are of: more than x has, where x is a part of a batch. */
  readonly count: number;
}

export interface Forward<A extends FloatArray = FloatArray> {
  /** Of the kind and length of x. */
  y: A;
  cache: Cache<A>;
}

/** What eval mode normalizes by, and how. */
export interface InferOptions<A extends FloatArray = FloatArray> {
  /** 2 to 5 positive whole numbers. */
  shape: readonly number[];
  /** Default "channels-first". */
  layout?: Layout | undefined;
  /** One value per channel, of the kind of x. */
  runningMean: A;
  /** One value per channel, of the kind of x. */
  runningVar: A;
  /** One value per channel, of the kind of x. Default: all ones. */
  gamma?: A | undefined;
  /** One value per channel, of the kind of x. Default: all zeros. */
  beta?: A | undefined;
  /** Added to the variance, 0 or greater. Default 1e-5. */
  eps?: number | undefined;
}

export interface InferBackwardOptions<A extends FloatArray = FloatArray>
  extends Omit<InferOptions<A>, "beta"> {
  /** The x that was normalized. */
  x: A;
}

export interface Backward<A extends FloatArray = FloatArray> {
  /** Of the kind and length of x. */
  dx: A;
  /** One value per channel. */
  dgamma: A;
  /** One value per channel. */
  dbeta: A;
}

export function layoutOf(argument: string, value: unknown): Layout {
  if (value === "channels-first" || value === "channels-last") return value;
  throw new BacknormTypeError({
    code: "invalid-layout",
    argument,
    expected: '"channels-first" or "channels-last"',
    got: describe(value),
  });
}

/** (outer, channels, inner), as cpp/include/backnorm/layout.hpp reads a shape. */
export function extents(shape: readonly number[], layout: Layout): [number, number, number] {
  const product = (lengths: readonly number[]) => lengths.reduce((a, b) => a * b, 1);
  return layout === "channels-first"
    ? [shape[0] as number, shape[1] as number, product(shape.slice(2))]
    : [product(shape.slice(0, -1)), shape.at(-1) as number, 1];
}

/** A tensor in training mode, checked. */
export interface CheckedTensor {
  kind: Kind;
  shape: number[];
  layout: Layout;
  extents: [outer: number, channels: number, inner: number];
}

export function checkTensor(x: unknown, shape: unknown, layout: unknown = "channels-first"): CheckedTensor {
  const kind = kindOf(floatArray("x", x));
  const lengths = shapeOf("shape", shape, 2, 5);
  const checked = layoutOf("layout", layout);
  const [outer, channels, inner] = extents(lengths, checked);
  floatArrayOf("x", x, kind, outer * channels * inner, `for shape ${shapeText(lengths)}`);
  return { kind, shape: lengths, layout: checked, extents: [outer, channels, inner] };
}

export function checkAffine({ kind, extents }: CheckedTensor, gamma: unknown, beta: unknown): void {
  const perChannel = `for ${count(extents[1], "channel")}`;
  if (gamma !== undefined) floatArrayOf("gamma", gamma, kind, extents[1], perChannel);
  if (beta !== undefined) floatArrayOf("beta", beta, kind, extents[1], perChannel);
}

export function forward<A extends FloatArray>(module: Module, x: A, options: ForwardOptions<A>): Forward<A> {
  const given = objectOf("options", options) as unknown as ForwardOptions<A>;
  const { gamma, beta, eps = 1e-5, ddof = 0 } = given;
  const tensor = checkTensor(x, given.shape, given.layout);
  const { kind, shape, layout } = tensor;
  const [outer, channels, inner] = tensor.extents;
  checkAffine(tensor, gamma, beta);
  nonNegative("eps", "invalid-eps", eps);
  ddofOf("ddof", ddof, outer * inner);
  return withRun(new module[`NormRun${kind}`](), (run) => {
    settle(run.reserve(outer, channels, inner, gamma !== undefined, beta !== undefined), "shape", shape);
    run.x().set(x);
    if (gamma) run.gamma().set(gamma);
    if (beta) run.beta().set(beta);
    settle(run.forward(eps, ddof), "x", shape);
    const y = run.y().slice() as A;
    const [mean, invstd] = [run.mean().slice(), run.invstd().slice()];
    return { y, cache: { x, gamma, shape, layout, ddof, mean, invstd, count: outer * inner } };
  });
}

/** Hands a run filled with dy and what a cache holds to `use`, everything checked. */
export function withCache<A extends FloatArray, Result>(
  module: Module,
  dy: A,
  cache: Cache<A>,
  use: (run: NormRun, checked: CheckedTensor & { ddof: 0 | 1; count: number }) => Result,
): Result {
  const given = objectOf("cache", cache) as unknown as Cache<A>;
  const { x, gamma, ddof, mean, invstd, count: all } = given;
  const foreign = (name: string, part: unknown) =>
    new BacknormTypeError({
      code: "foreign-cache",
      argument: "cache",
      expected: "the cache that forward() returned",
      got: `one whose ${name} is ${describe(part)}`,
    });
  for (const [name, part] of Object.entries({ x, mean, invstd })) {
    if (!isFloatArray(part) || (name !== "x" && kindOf(part) !== "Float64")) throw foreign(name, part);
  }
  const kind = kindOf(x);
  const shape = shapeOf("cache.shape", given.shape, 2, 5);
  const layout = layoutOf("cache.layout", given.layout);
  const [outer, channels, inner] = extents(shape, layout);
  const size = outer * channels * inner;
  const perChannel = `for ${count(channels, "channel")}`;
  floatArrayOf("cache.x", x, kind, size, `for shape ${shapeText(shape)}`);
  floatArrayOf("cache.mean", mean, "Float64", channels, perChannel);
  floatArrayOf("cache.invstd", invstd, "Float64", channels, perChannel);
  if (gamma !== undefined) floatArrayOf("cache.gamma", gamma, kind, channels, perChannel);
  floatArrayOf("dy", dy, kind, size, `for shape ${shapeText(shape)}`);
  if (!Number.isSafeInteger(all) || all < outer * inner) throw foreign("count", all);
  ddofOf("cache.ddof", ddof, all);
  return withRun(new module[`NormRun${kind}`](), (run) => {
    settle(run.reserve(outer, channels, inner, gamma !== undefined, false), "shape", shape);
    run.x().set(x);
    run.dy().set(dy);
    if (gamma) run.gamma().set(gamma);
    run.mean().set(mean);
    run.invstd().set(invstd);
    return use(run, { kind, shape, layout, extents: [outer, channels, inner], ddof, count: all });
  });
}

export function backward<A extends FloatArray>(module: Module, dy: A, cache: Cache<A>): Backward<A> {
  return withCache(module, dy, cache, (run, { ddof, shape, count: all, extents: [outer, , inner] }) => {
    if (all !== outer * inner) {
      throw new BacknormRangeError({
        code: "partial-cache",
        argument: "cache",
        expected: `a cache of a whole batch, ${outer * inner} values per channel`,
        got: `one of a part of ${all}: add up sums() of all parts, and apply() them to each`,
      });
    }
    settle(run.backward(ddof), "dy", shape);
    return { dx: run.dx().slice() as A, dgamma: run.dgamma().slice() as A, dbeta: run.dbeta().slice() as A };
  });
}

/** Fills a layer with what eval mode reads, checked. x names the tensor whose kind the others share. */
function fill<A extends FloatArray, Result>(
  module: Module,
  x: A,
  given: InferOptions<A>,
  use: (run: LayerRun, shape: readonly number[], size: number) => Result,
): Result {
  const { layout = "channels-first", gamma, beta, runningMean, runningVar, eps = 1e-5 } = given;
  floatArray("x", x);
  const kind = kindOf(x);
  const shape = shapeOf("shape", given.shape, 2, 5);
  const [outer, channels, inner] = extents(shape, layoutOf("layout", layout));
  const size = outer * channels * inner;
  floatArrayOf("x", x, kind, size, `for shape ${shapeText(shape)}`);
  const perChannel = `for ${count(channels, "channel")}`;
  floatArrayOf("runningMean", runningMean, kind, channels, perChannel);
  floatArrayOf("runningVar", runningVar, kind, channels, perChannel);
  if (gamma !== undefined) floatArrayOf("gamma", gamma, kind, channels, perChannel);
  if (beta !== undefined) floatArrayOf("beta", beta, kind, channels, perChannel);
  nonNegative("eps", "invalid-eps", eps);
  return withRun(new module[`Layer${kind}`](), (run) => {
    settle(run.reserve(outer, channels, inner), "shape", shape);
    run.configure(eps, 0, 0, false);
    run.x().set(x);
    run.runningMean().set(runningMean);
    run.runningVar().set(runningVar);
    if (gamma) run.gamma().set(gamma);
    if (beta) run.beta().set(beta);
    return use(run, shape, size);
  });
}

export function infer<A extends FloatArray>(module: Module, x: A, options: InferOptions<A>): A {
  const given = objectOf("options", options) as unknown as InferOptions<A>;
  return fill(module, x, given, (run, shape) => {
    settle(run.infer(), "x", shape);
    return run.y().slice() as A;
  });
}

export function inferBackward<A extends FloatArray>(
  module: Module,
  dy: A,
  options: InferBackwardOptions<A>,
): Backward<A> {
  const given = objectOf("options", options) as unknown as InferBackwardOptions<A>;
  return fill(module, given.x, given, (run, shape, size) => {
    floatArrayOf("dy", dy, kindOf(given.x), size, `for shape ${shapeText(shape)}`);
    run.dy().set(dy);
    settle(run.inferBackward(), "dy", shape);
    return { dx: run.dx().slice() as A, dgamma: run.dgamma().slice() as A, dbeta: run.dbeta().slice() as A };
  });
}
