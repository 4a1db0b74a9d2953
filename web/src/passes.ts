/** What the passes of a norm take and give. */
import type { FloatArray } from "./float-array.ts";
import type { Norm, NormOptions } from "./norm.ts";
import type { Running } from "./running.ts";
import type { Layout } from "./tensor.ts";

/**
 * Scale and shift: y = xhat·gamma + beta. As everywhere, a wrong array throws `not-a-typed-array`, `mixed-kinds`,
 * `length-mismatch` or `detached-buffer`.
 */
export interface AffineOptions<A extends FloatArray = FloatArray> {
  /** One value per channel, or in the shape of the normalized dims, of the kind of x. Default, or null: a factor of 1. */
  gamma?: A | null | undefined;
  /** Like gamma. Default, or null: all zeros. RMS norm has none. */
  beta?: A | null | undefined;
  /** Added to the variance, or the mean of squares, in the unit of x squared: finite, 0 or greater. Default 1e-5. Else `invalid-eps`. */
  eps?: number | undefined;
}

/** The options of `forward` and `normalize`. */
export interface ForwardOptions<A extends FloatArray = FloatArray> extends NormOptions, AffineOptions<A> {
  /**
   * 0 (default): population variance, /m. 1: unbiased variance, /(m - 1), which needs two values per channel or group,
   * else `one-value-per-channel`. m is the number of values that share a variance. Anything else throws `invalid-ddof`,
   * and so does 1 with RMS norm.
   */
  ddof?: 0 | 1 | undefined;
  /** Of batch norm: running statistics for infer(), updated in place. Default, or null: none. Else `no-running-statistics`. */
  running?: Running<A> | null | undefined;
}

/**
 * What the backward pass needs from the forward pass: a plain object with nothing to free, which structuredClone can
 * send to another thread.
 */
export interface Cache<A extends FloatArray = FloatArray> {
  /** The caller's own array, not a copy: don't change it before the backward pass. */
  readonly x: A;
  /** The caller's own array too, or undefined if it was left out. */
  readonly gamma: A | undefined;
  /** That of x. */
  readonly shape: readonly number[];
  /** Absent for batch norm, as are the three that follow. */
  readonly norm?: Norm | undefined;
  /** Of group norm, as the options had it. */
  readonly groups?: number | undefined;
  /** Of layer and RMS norm, as the options had it. */
  readonly normalizedDims?: number | undefined;
  /** Of RMS norm, as the options had it. */
  readonly unitOffset?: boolean | undefined;
  /** As the options had it; "channels-first" if they had neither layout nor axis. Absent for layer and RMS norm. */
  readonly layout?: Layout | undefined;
  /** As the options had it. */
  readonly axis?: number | undefined;
  /** That of the forward pass. */
  readonly ddof: 0 | 1;
  /**
   * One value per channel or group, float64 for either kind of x, as precise as in `Statistics`. Empty for RMS norm,
   * which has no mean.
   */
  readonly mean: Float64Array;
  /** The variance, like mean, by the ddof of the pass. For RMS norm the mean of squares. */
  readonly var: Float64Array;
  /** The same array, since `const { var } = cache` is no JavaScript. */
  readonly variance: Float64Array;
  /** 1 / sqrt(var + eps), like mean, also for RMS norm: 1 / sqrt(ms + eps). 4.5e161 if var and eps are 0. */
  readonly invstd: Float64Array;
  /** Values per channel or group behind the statistics: more than x has if x is a part of a batch. */
  readonly count: number;
}

/**
 * What `backward` takes: the cache of `forward`, or what another library saved of a training pass. Statistics are one value
 * per channel or group, of either kind; in float32, they cost the digits that a mean far from 0 needs. Without x, mean, or
 * one of invstd and var it throws `foreign-cache`; an array of a wrong length or kind is named.
 */
export interface Saved<A extends FloatArray = FloatArray> extends NormOptions {
  /** The x that was normalized, of the kind and length of dy. */
  readonly x: A;
  /** As in the forward pass. */
  readonly gamma?: A | null | undefined;
  /** RMS norm has none. */
  readonly mean?: FloatArray | null | undefined;
  /** 1 / sqrt(var + eps). */
  readonly invstd?: FloatArray | null | undefined;
  /** In place of invstd, with eps: the variance, or for RMS norm the mean of squares. */
  readonly var?: FloatArray | null | undefined;
  /** Another name of var. */
  readonly variance?: FloatArray | null | undefined;
  /** Read beside var alone. Default 1e-5. Else `invalid-eps`. */
  readonly eps?: number | undefined;
  /** That of the forward pass, by which var was divided. Default 0. Else `invalid-ddof`. */
  readonly ddof?: 0 | 1 | undefined;
  /** Values per channel behind the statistics. Default: those of x; more if x is a part of a batch. */
  readonly count?: number | undefined;
}

/** What `forward` and `normalize` return. */
export interface Forward<A extends FloatArray = FloatArray> {
  /** Of the kind and length of x. */
  y: A;
  /** For `backward`; that of a part of a batch is for `sums` and `apply`. */
  cache: Cache<A>;
}

/**
 * The options of eval mode. Batch norm needs both running statistics. The other norms have none: they normalize as in
 * training, and refuse them by `no-running-statistics`.
 */
export interface InferOptions<A extends FloatArray = FloatArray> extends NormOptions, AffineOptions<A> {
  /** Of batch norm: one value per channel, of the kind of x. */
  runningMean?: A | undefined;
  /** Of batch norm: one value per channel, of the kind of x, 0 or greater. A channel below -eps becomes NaN. */
  runningVar?: A | undefined;
  /** Of the other norms, as in forward(). */
  ddof?: 0 | 1 | undefined;
}

/** The options of `inferBackward`: those of `infer` without beta, and its x. */
export interface InferBackwardOptions<A extends FloatArray = FloatArray>
  extends Omit<InferOptions<A>, "beta"> {
  /** The x that was normalized, of the kind and length of dy. */
  x: A;
}

/** The gradients of the loss that a backward pass returns. */
export interface Backward<A extends FloatArray = FloatArray> {
  /** Of the kind and length of x. */
  dx: A;
  /** Like gamma, even if gamma was left out. */
  dgamma: A;
  /** Like beta, even if beta was left out. Empty for RMS norm, which has no beta. */
  dbeta: A;
}

/** Gradients of eval mode. */
export interface InferBackward<A extends FloatArray = FloatArray> extends Backward<A> {
  /** With respect to runningMean, one value per channel, of the kind of x. Empty for other norms than batch norm. */
  dmean: A;
  /** With respect to runningVar, like dmean. */
  dvar: A;
}
