import type { Dtype } from "backnorm";

export type Pass = "forward" | "backward" | "both" | "copy" | "triad" | "read";

/** One side of the comparison, wherever it runs. */
export interface Contestant {
  readonly name: string;
  readonly version: string;
  /** Gets ready for a shape, forgets the one before, and tells which passes it has; none if it has not that shape. */
  prepare(shape: readonly number[], dtype: Dtype): Promise<readonly Pass[]>;
  /** Microseconds a call, over a batch of at least 20 ms. */
  time(pass: Pass): Promise<number>;
}

/** Each pass once; none of them where the contestant has not that shape. */
export type Make = (
  shape: readonly number[],
  dtype: Dtype,
) => Partial<Record<Pass, () => void>> & { dispose?: () => void };
