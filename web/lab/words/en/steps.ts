import { html } from "lit";
import type { Notation } from "../../maths/notations.ts";

const side = (below: boolean) => (below ? "below" : "above");

export const steps = (_: Notation) => ({
  steps: {
    step: (at: number, label: string, what: string, verdict: string) =>
      `Step ${at}: gradient of ${label}, ${what}: ${verdict}`,
    chosen: (label: string) => `The gradient of ${label}`,
    inCell: (cell: string) => `In ${cell}`,
    /** Where a gradient stands that is no step of its own. */
    fromLoss: "What comes back from the loss: nothing is to be derived here. The six steps begin with it.",
    onTheWay: (gradient: unknown, step: unknown) => html`One gate on the way to ${gradient}, ${step}.`,
    stepAt: (at: number) => `step ${at}`,
    madeOf: "Made of",
    gradientOf: (label: string) => `gradient of ${label}`,
    inFormula: (array: string) => `${array}, in the formula`,
    wholeColumn: (column: number, rows: number) =>
      `column ${column}, ${rows === 1 ? "its one number" : `all ${rows} rows`}`,
    /** In a comment of a program. */
    given: "given",
    beingTaken: "The finite differences are being taken …",
  },
  derivatives: {
    caption: "The chosen cell by three ways",
    drawn: (span: string) => `, drawn ± ${span} around the exact derivative`,
    exact: "exact derivative",
    pass: "backward pass",
    difference: "finite difference",
    everyDigit: "every digit",
    offBy: (size: string) => `off by ${size}`,
    sentences: (...all: string[]) => all.join(" "),
    /** `below`: lies below the exact derivative, and not above. */
    differenceIsExact: (bar: string) =>
      `The finite difference is the exact derivative; its error bar is ${bar}.`,
    differenceWithin: (size: string, below: boolean, bar: string) =>
      `The finite difference lies ${size} ${side(below)} the exact derivative, within its error bar of ${bar}.`,
    differenceBeyond: (size: string, below: boolean, bar: string) =>
      `The finite difference lies ${size} ${side(below)} the exact derivative, beyond its error bar of ${bar}.`,
    passIsExact: "The backward pass agrees with it in every digit.",
    passWithin: (size: string, below: boolean, bound: string) =>
      `The backward pass lies ${size} ${side(below)} it, where rounding explains ${bound}.`,
    /** `times`: what rounding explains; undefined where that is nothing. */
    passBeyond: (size: string, below: boolean, times: string | undefined) =>
      `The backward pass lies ${size} ${side(below)} it${times ? `, ${times} times what rounding explains` : ""}.`,
  },
});
