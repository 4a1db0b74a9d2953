import type { Backnorm, Mistake } from "../../src/index.ts";

/** The known mistakes of the norm that the page shows. */
export const mistakesIn = (bn: Pick<Backnorm, "mistakes">): Mistake[] =>
  bn.mistakes.filter(({ norms }) => norms.includes("batch"));

/** Those that can be switched on. */
export const switchableIn = (bn: Pick<Backnorm, "mistakes">): Mistake[] =>
  mistakesIn(bn).filter(({ switchable }) => switchable);
