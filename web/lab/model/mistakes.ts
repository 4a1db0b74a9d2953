import type { Backnorm, Mistake, Norm } from "../../src/index.ts";

/** The known mistakes of a norm. */
export const mistakesIn = (bn: Pick<Backnorm, "mistakes">, norm: Norm = "batch"): Mistake[] =>
  bn.mistakes.filter(({ norms }) => norms.includes(norm));

/** Whether a mistake, or none, can be made in a norm. */
export const isMistakeIn = (bn: Pick<Backnorm, "mistakes">, id: string, norm: Norm): boolean =>
  id === "" || bn.mistakes.some((one) => one.id === id && one.norms.includes(norm));

/** Those that can be switched on. */
export const switchableIn = (bn: Pick<Backnorm, "mistakes">, norm: Norm = "batch"): Mistake[] =>
  mistakesIn(bn, norm).filter(({ switchable }) => switchable);
