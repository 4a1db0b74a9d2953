/**
 * The statistics of a part of a batch: a plain object with a few numbers per channel, easy to send by a worker's
 * message or a socket.
 */
export interface Statistics {
  /** Values per channel, a positive whole number; else `invalid-statistics`. */
  readonly count: number;
  /** One value per channel, float64 for either kind of x. */
  readonly mean: Float64Array;
  /** Σ (x - mean)², one value per channel, float64 for either kind of x. */
  readonly m2: Float64Array;
}

/**
 * The sums of a part of a batch, one value per channel each, float64 for either kind of x. Add up those of all parts.
 */
export interface Sums {
  /** Σ dy: dbeta, for the whole batch. */
  readonly dbeta: Float64Array;
  /** Σ dy·xhat: dgamma, for the whole batch. */
  readonly dgamma: Float64Array;
}
