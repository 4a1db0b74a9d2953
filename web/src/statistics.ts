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
