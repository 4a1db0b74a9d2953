import type { Backnorm, Case } from "../src/index.ts";

/** The factors of the closed form, in the order in which they stand in it. */
export const kFactors = ["scale", "dy", "sumOfDy", "ratio", "xhat", "sumOfDyXhat"] as const;
export type Factor = (typeof kFactors)[number];

export interface Fused {
  dx: Float64Array;
  /** (N, D), (D), or one number for all. */
  factors: Readonly<Record<Factor, Float64Array>>;
}

/** dx by the fused kernel, and what its formula is made of, all from the kernel's own results. */
export function fusedOf(
  bn: Backnorm,
  { x, shape, gamma, beta, dy, eps, ddof = 0 }: Case<Float64Array>,
): Fused {
  const [rows, columns] = shape as [number, number];
  const { cache } = bn.forward(x, { shape, gamma, beta, eps, ddof });
  const { dx, dgamma, dbeta } = bn.backward(dy, cache);
  const { mean, invstd } = cache;
  const of = (values: Float64Array, at: number) => values[at % columns] as number;
  return {
    dx,
    factors: {
      scale: gamma.map((value, column) => (value * of(invstd, column)) / rows),
      dy: dy.map((value) => value * rows),
      sumOfDy: dbeta,
      ratio: Float64Array.of(rows / (rows - ddof)),
      xhat: x.map((value, at) => (value - of(mean, at)) * of(invstd, at)),
      sumOfDyXhat: dgamma,
    },
  };
}

/** The formula, worked out for one cell from its factors. */
export const fusedCell = (numbers: Readonly<Record<Factor, number>>) =>
  numbers.scale * (numbers.dy - numbers.sumOfDy - numbers.ratio * numbers.xhat * numbers.sumOfDyXhat);
