import type { Backnorm } from "../../src/index.ts";
import type { PageCase } from "../maths/norms.ts";

/** How a batch updates the running statistics. */
export interface Convention {
  /** The weight of the new batch, 0 to 1. */
  momentum: number;
  /** Whether the running variance takes in the unbiased variance, /(n - 1), or the population variance, /n. */
  unbiased: boolean;
}

type Bn = Pick<Backnorm, "forward" | "statistics">;

/** Mean and variance of each column. */
export interface Moments {
  mean: Float64Array;
  variance: Float64Array;
}

export interface Training {
  /** The statistics of each batch. The variance is the one that the convention takes in. */
  batches: Moments[];
  /** The running statistics before the first batch, and after each. */
  running: Moments[];
}

/** Random whole numbers below `count`, the same on every start: the high bits of Marsaglia's 32-bit xorshift. */
function picker(count: number): () => number {
  let state = 231;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * count);
  };
}

/**
 * Runs batch norm over batches of `size` rows of x, drawn with replacement, for `modes.length` steps. A step in eval mode
 * changes nothing.
 */
export function train(
  bn: Bn,
  { x, shape, eps }: PageCase,
  { momentum, unbiased }: Convention,
  size: number,
  modes: readonly boolean[],
): Training {
  const [rows, columns] = shape as [number, number];
  const pick = picker(rows);
  const running = {
    mean: new Float64Array(columns),
    var: new Float64Array(columns).fill(1),
    momentum,
    unbiased,
  };
  const now = (): Moments => ({ mean: running.mean.slice(), variance: running.var.slice() });
  const training: Training = { batches: [], running: [now()] };
  const batch = new Float64Array(size * columns);
  for (const isTraining of modes) {
    for (let at = 0; at < batch.length; at += columns) {
      const row = pick() * columns;
      batch.set(x.subarray(row, row + columns), at);
    }
    training.batches.push(momentsOf(bn, batch, [size, columns], unbiased ? 1 : 0));
    if (isTraining) bn.forward(batch, { shape: [size, columns], eps, running });
    training.running.push(now());
  }
  return training;
}

/** The mean and the variance, /(rows - ddof), of each column. */
export function momentsOf(bn: Bn, x: Float64Array, shape: readonly number[], ddof: 0 | 1): Moments {
  const { count, mean, m2 } = bn.statistics(x, { shape });
  return { mean, variance: m2.map((sum) => sum / (count - ddof)) };
}
