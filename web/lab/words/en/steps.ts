import { html } from "lit";
import type { Notation } from "../../maths/notations.ts";

const side = (below: boolean) => (below ? "below" : "above");

export const steps = (_: Notation) => ({
  steps: {
    /** Before the number of a step. */
    step: "Step",
    chosen: (label: string) => `The gradient of ${label}`,
    inCell: (cell: string) => `In ${cell}`,
    /** About a gradient that is not one of the six steps. */
    fromLoss:
      "This gradient comes from the loss, so there is nothing to derive. The six steps begin with it.",
    onTheWay: (gradient: unknown, step: unknown) => html`This gate is on the way to ${gradient}, ${step}.`,
    stepAt: (at: number) => `step ${at}`,
    madeOf: "Computed from",
    gradientOf: (label: string) => `gradient of ${label}`,
    inFormula: (array: string) => `${array}, in the formula`,
    wholeColumn: (column: number, rows: number) =>
      `column ${column}, ${rows === 1 ? "its one number" : `all ${rows} rows`}`,
    /** In a comment of a program, about an array that is given. */
    given: "given",
    beingTaken: "Computing the finite differences …",
  },
  derivatives: {
    caption: "The chosen cell, computed in three ways",
    drawn: (span: string) => `, drawn ± ${span} around the exact derivative`,
    exact: "exact derivative",
    pass: "backward pass",
    difference: "finite difference",
    everyDigit: "every digit",
    offBy: (size: string) => `off by ${size}`,
    sentences: (...all: string[]) => all.join(" "),
    /** `below`: whether it lies below the exact derivative. */
    differenceIsExact: (bar: string) =>
      `The finite difference is the exact derivative; its error bar is ${bar}.`,
    differenceWithin: (size: string, below: boolean, bar: string) =>
      `The finite difference lies ${size} ${side(below)} the exact derivative, within its error bar of ${bar}.`,
    differenceBeyond: (size: string, below: boolean, bar: string) =>
      `The finite difference lies ${size} ${side(below)} the exact derivative, beyond its error bar of ${bar}.`,
    passIsExact: "The backward pass agrees with it in every digit.",
    passWithin: (size: string, below: boolean, bound: string) =>
      `The backward pass lies ${size} ${side(below)} it; rounding explains up to ${bound}.`,
    /** `times`: the ratio to the error that rounding explains; undefined where rounding explains none. */
    passBeyond: (size: string, below: boolean, times: string | undefined) =>
      `The backward pass lies ${size} ${side(below)} it${times ? `, ${times} times what rounding explains` : ""}.`,
  },
});
