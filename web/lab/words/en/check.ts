import { html } from "lit";
import type { WarningId } from "../../../src/index.ts";
import type { Notation } from "../../maths/notations.ts";
import type { CheckPart } from "../../model/choices.ts";
import type { Shown } from "../../model/shown-verdict.ts";

/** Verdicts, the panel that has them all, the inspector, and what blinds a check. */
export const check = ({ code }: Notation) => ({
  verdicts: {
    pass: "pass",
    fail: "fail",
    inherited: "fail, inherited",
    undecidable: "undecidable",
    pending: "checking …",
    unchecked: "not checked",
    /** Beside a fail that nothing before it explains. */
    wrongHere: "first wrong here",
  } satisfies Readonly<Record<Shown | "wrongHere", string>>,
  checks: {
    parts: { float32: "In float32", sweep: "Step sweep" } satisfies Readonly<Record<CheckPart, string>>,
    gradients: "Gradients, in the order of the backward pass",
    row: (label: string, words: string, first: string) =>
      `Gradient of ${label}: ${words}${first && `, ${first}`}`,
    heads: { shape: "shape", off: "off by", allowed: "allowed" },
    endedEarly: "The check ended early: no gradient was judged.",
    again: "Check again",
    checking: (percent: number) => `checking … ${percent} %`,
    firstWrong: (gradient: unknown) => html`first wrong: ${gradient}`,
    valueOf: (symbol: unknown) => html`the value of ${symbol}`,
    passed: (passed: number, all: number, undecidable: number) =>
      `${passed} of ${all} gradients pass${undecidable > 0 ? `, ${undecidable} undecidable` : ""}`,
    forwardValue: "forward value",
    has: (shape: string) => `has ${shape}`,
    otherShape: (is: string, should: string, verdict: string) =>
      `shape ${is} where ${should} belongs, ${verdict}`,
    figures: (off: string, allowed: string, verdict: string) =>
      `off by ${off}, allowed ${allowed}, ${verdict}`,
    aboutFigures:
      "Off by: from the exact derivative, over the largest of the gradient. Allowed: what rounding explains.",
    holds: "holds",
    broken: "broken",
    hidden: (notes: number) =>
      `This case hides some mistakes: see the ${notes > 1 ? "notes" : "note"} above the picture.`,
    contradiction: "The checker contradicts itself on this case.",
    survives: (gradient: unknown, least: string, most: string) =>
      html`Of ${gradient}, ${least === most ? "" : `${least} % to `}${most} % survives cancellation, by column.`,
  },
  inspector: {
    what: (symbol: unknown, words: string, shape: string) =>
      html`gradient of the loss with respect to ${symbol}, ${words} · shape (${shape})`,
    value: "value",
    gradient: "gradient, by the backward pass",
    numeric: "gradient, by finite differences",
    difference: (power: string) => `difference${power}`,
    /** What a matrix is, for those who can't see where it stands. */
    of: (caption: string, label: string) => `${caption} of ${label}`,
    beingTaken: "The finite differences are being taken …",
    unchecked: "Not checked.",
    contradiction:
      "The exact derivative and the finite difference contradict each other: that is a fault of the checker, and says nothing about the gradient.",
    pass: "All cells lie within what rounding explains.",
    fail: "At least one cell lies further off than rounding explains.",
    inherited:
      "At least one cell lies further off than rounding explains: it follows rightly from what is wrong before it.",
    undecidable:
      "They agree, but this gradient has cancelled to nothing here, and a wrong one would agree as well.",
    otherShape: (is: string, should: string) =>
      `It is returned with the shape (${is}), where (${should}) belongs.`,
    cell: "The chosen cell in full",
    laws: "Two laws of the column",
    inColumn: (column: number) => `in column ${column}`,
    offBy: (off: string, allowed: string) => `off by ${off}, allowed ${allowed}`,
    ways: { pass: "backward pass", exact: "exact derivative", difference: "finite difference" },
    sum: (gradient: unknown, sources: readonly unknown[]) =>
      html`${gradient} is a sum of what comes back from ${sources.map((source, at) => html`${at > 0 ? " and from " : ""}${source}`)}`,
    from: (label: string) => `from ${label}`,
  },
  /** What blinds a check, and what to change in the program's inputs. */
  warnings: {
    "few-rows": `With one or two rows the normalized values are fixed but for eps, and ${code.dx} cancels: a wrong one would agree. Take three rows or more.`,
    "constant-dy": `All rows of ${code.dy} are the same, so that ${code.dx} and ${code.dgamma} vanish: wrong ones would agree. Draw ${code.dy} at random.`,
    "dy-proportional-to-y": `In each column ${code.dy} is a multiple of ${code.y}, as it is for the loss Σ ${code.y}²/2, so that ${code.dx} vanishes but for eps: a wrong one would agree. Draw ${code.dy} at random.`,
    "gamma-one": `All ${code.gamma} are 1, so that a forgotten ${code.gamma} can’t be seen. Draw ${code.gamma} at random.`,
    square:
      "There are as many rows as columns, so that a sum along the wrong axis has the right shape. Take another number of rows.",
  } satisfies Readonly<Record<WarningId, string>>,
});
