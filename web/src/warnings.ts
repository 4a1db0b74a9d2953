import type { Norm } from "./norm.ts";

/** Cases that blind a check, as in cpp/include/backnorm/warnings.hpp. */
export type WarningId =
  /** Groups of one or two values; in RMS norm, of one. */
  | "few-rows"
  /** dy, outside batch norm dy·gamma, is constant in each group. */
  | "constant-dy"
  /** dy is a multiple of y in each group; outside batch norm, dy·gamma of xhat. */
  | "dy-proportional-to-y"
  /** All factors gamma are 1. */
  | "gamma-one"
  /** As many values in a group as there are groups. */
  | "square";

/** A warning that a case hides some mistakes. */
export interface Warning {
  /** Which one it is. */
  id: WarningId;
  /** Why the case blinds the check, and what to change. */
  message: string;
}

const messages: Readonly<Record<WarningId, string>> = {
  "few-rows":
    "With one or two rows the normalized values are fixed but for eps, and dx cancels: a wrong one would agree. Take three rows or more.",
  "constant-dy":
    "All rows of dy are the same, so that dx and dgamma vanish: wrong ones would agree. Draw dy at random.",
  "dy-proportional-to-y":
    "In each column dy is a multiple of y, as it is for the loss Σ y²/2, so that dx vanishes but for eps: a wrong one would agree. Draw dy at random.",
  "gamma-one": "All gamma are 1, so that a forgotten gamma can't be seen. Draw gamma at random.",
  square:
    "There are as many rows as columns, so that a sum along the wrong axis has the right shape. Take another number of rows.",
};

/** Where gamma varies in a group, or rows aren't samples. */
const ofOtherNorms: Readonly<Record<WarningId, string>> = {
  "few-rows":
    "With one or two values per group the normalized values are fixed but for eps, and dx cancels: a wrong one would agree. Take groups of three values or more.",
  "constant-dy":
    "In each group dy·gamma is constant, so that dx vanishes: a wrong one would agree. Draw dy and gamma at random.",
  "dy-proportional-to-y":
    "In each group dy·gamma is a multiple of xhat, so that dx vanishes but for eps: a wrong one would agree. Draw dy and gamma at random.",
  "gamma-one": "All scales are 1, so that a forgotten gamma can't be seen. Draw gamma at random.",
  square:
    "There are as many samples as features, so that a sum along the wrong axis has the right shape. Take another number of samples.",
};

export const warningOf = (id: string, norm: Norm): Warning => ({
  id: id as WarningId,
  message: (norm === "batch" ? messages : ofOtherNorms)[id as WarningId],
});
