import type { Backnorm } from "../../src/index.ts";
import { type Computed, nodeTrace } from "../maths/computed.ts";
import type { Factor } from "../model/choices.ts";
import { ulpsBetween } from "./ulps.ts";

export interface Fused {
  dx: Float64Array;
  /** (N, D), (D), or one number for all. */
  factors: Readonly<Record<Factor, Float64Array>>;
  /** The staged dx minus this one, and the difference in ulps. */
  apart: Float64Array;
  ulps: Float64Array;
}

/** dx by the fused kernel, and the factors of its formula, all from the kernel's own results. */
export function fusedOf(bn: Backnorm, computed: Computed): Fused {
  const { x, shape, gamma, beta, dy, eps, ddof = 0 } = computed.kase;
  const [rows, columns] = shape as [number, number];
  const { cache } = bn.forward(x, { shape, gamma, beta, eps, ddof });
  const { dx, dgamma, dbeta } = bn.backward(dy, cache);
  const { mean, invstd } = cache;
  const of = (values: Float64Array, at: number) => values[at % columns] as number;
  const staged = nodeTrace(computed, "x").grad;
  return {
    dx,
    apart: staged.map((value, at) => value - (dx[at] as number)),
    ulps: staged.map((value, at) => ulpsBetween(value, dx[at] as number)),
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
