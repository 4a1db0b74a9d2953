import type { Backnorm, Mistake, Norm } from "../../src/index.ts";

/** The known mistakes of a norm. */
export const mistakesIn = (bn: Pick<Backnorm, "mistakes">, norm: Norm = "batch"): Mistake[] =>
  bn.mistakes.filter(({ norms }) => norms.includes(norm));

/** Those that can be switched on. */
export const switchableIn = (bn: Pick<Backnorm, "mistakes">, norm: Norm = "batch"): Mistake[] =>
  mistakesIn(bn, norm).filter(({ switchable }) => switchable);
