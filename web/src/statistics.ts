/**
 * The statistics of a part of a batch: a plain object with a few numbers per channel, easy to send by a worker's
 * message or a socket.
 */
export interface Statistics {
  /** Values per channel, a positive whole number; else `invalid-statistics`. */
  readonly count: number;
  /**
   * One value per channel, float64 for either kind of x. Of a Float32Array of more than 512 values, or 1024 in a matrix,
   * it is within 1e-6 standard deviations: WebAssembly sums in float32 around the mean.
   */
  readonly mean: Float64Array;
  /** Σ (x - mean)², one value per channel. It is float64 for either kind of x, but of such a Float32Array within 1e-6 of the largest. */
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
