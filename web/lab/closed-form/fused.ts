import type { Backnorm, Extent } from "../../src/index.ts";
import { type Computed, nodeTrace } from "../maths/computed.ts";
import { normKeysOf } from "../maths/norms.ts";
import type { Factor } from "../model/choices.ts";
import { ulpsBetween } from "./ulps.ts";

export interface Fused {
  dx: Float64Array;
  /** Like x, a number for each group, or one number for all. */
  factors: Readonly<Record<Factor, Float64Array>>;
  /** The staged dx minus this one, and the difference in ulps. */
  apart: Float64Array;
  ulps: Float64Array;
}

/** The shape of a factor that is not one number for all. */
export const extentOfFactor = (factor: Factor): Extent =>
  factor === "dy" || factor === "xhat" ? "elements" : "statistics";

/** dx by the fused kernel, and the factors of its formula, from the kernel's own results. */
export function fusedOf(bn: Backnorm, computed: Computed): Fused {
  const { x, shape, gamma, beta, dy, eps, ddof = 0, unitOffset = false } = computed.kase;
  const { grouping, norm, of } = computed.layout;
  const { statistics: groupOf, parameters: parameterOf, size: m } = grouping;
  const keys = normKeysOf(computed.kase);
  const isRms = norm === "rms";
  const { cache } = bn.forward(x, {
    ...keys,
    shape,
    gamma,
    eps,
    ...(isRms ? {} : { beta, ddof }),
  });
  const { dx, dgamma, dbeta } = bn.backward(dy, cache);
  const { mean, invstd } = cache;
  const isBatch = norm === "batch"; // whose gamma is the same in all of a group
  const xhat = x.map((value, at) => (value - (mean?.[groupOf(at)] ?? 0)) * (invstd[groupOf(at)] as number));
  const upstream = isBatch
    ? dy
    : dy.map((value, at) => value * ((gamma[parameterOf(at)] as number) + Number(unitOffset)));
  const total = (term: (at: number) => number) => {
    const sums = new Float64Array(of.statistics);
    for (const at of x.keys()) sums[groupOf(at)] = (sums[groupOf(at)] as number) + term(at);
    return sums;
  };
  const staged = nodeTrace(computed, "x").grad;
  return {
    dx,
    apart: staged.map((value, at) => value - (dx[at] as number)),
    ulps: staged.map((value, at) => ulpsBetween(value, dx[at] as number)),
    factors: {
      scale: invstd.map((value, group) => ((isBatch ? (gamma[group] as number) : 1) * value) / m),
      dy: upstream.map((value) => value * m),
      sumOfDy: isBatch ? (dbeta as Float64Array) : total((at) => upstream[at] as number),
      ratio: Float64Array.of(m / (m - ddof)),
      xhat,
      sumOfDyXhat: isBatch ? dgamma : total((at) => (upstream[at] as number) * (xhat[at] as number)),
    },
  };
}
