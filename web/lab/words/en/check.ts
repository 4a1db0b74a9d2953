import { html } from "lit";
import type { WarningId } from "../../../src/index.ts";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import type { CheckPart } from "../../model/choices.ts";
import type { Shown } from "../../model/shown-verdict.ts";
import { nouns } from "./nouns.ts";

/** Verdicts, the panel that lists them, the inspector, and warnings about blind spots of a check. */
export const check = ({ code }: Notation, setting: Setting) => {
  const { group, eachGroup, owner } = nouns(setting);
  return {
    verdicts: {
      pass: "pass",
      fail: "fail",
      inherited: "fail, inherited",
      undecidable: "undecidable",
      pending: "checking …",
      unchecked: "not checked",
      /** Marks a fail that no earlier fail explains. */
      wrongHere: "first wrong here",
    } satisfies Readonly<Record<Shown | "wrongHere", string>>,
    checks: {
      parts: { float32: "In float32", sweep: "Step sweep" } satisfies Readonly<Record<CheckPart, string>>,
      gradients: "Gradients, in the order of the backward pass",
      heads: { shape: "shape", off: "off by", allowed: "allowed" },
      endedEarly: "The check ended early. No gradient was judged.",
      again: "Check again",
      checking: (percent: number) => `checking … ${percent} %`,
      firstWrong: (gradient: unknown) => html`first wrong: ${gradient}`,
      valueOf: (symbol: unknown) => html`the value of ${symbol}`,
      passed: (passed: number, all: number, undecidable: number) =>
        `${passed} of ${all} gradients pass${undecidable > 0 ? `, ${undecidable} undecidable` : ""}`,
      forwardValue: "forward value",
      has: (shape: string) => `has ${shape}`,
      aboutFigures: "Off by = largest error ÷ largest gradient entry. Allowed = what rounding explains.",
      holds: "holds",
      broken: "broken",
      hidden: (notes: number) =>
        `This case hides some mistakes: see the ${notes > 1 ? "notes" : "note"} above the picture.`,
      contradiction: "The checker contradicts itself on this case.",
      survives: (gradient: unknown, least: string, most: string, isParameter: boolean) =>
        html`${least === most ? "" : `${least} % to `}${most} % of ${gradient} survives cancellation, by ${isParameter ? owner : group}.`,
    },
    inspector: {
      what: (symbol: unknown, words: string, shape: string) =>
        html`gradient of the loss with respect to ${symbol}, ${words} · shape (${shape})`,
      value: "value",
      gradient: "gradient, by the backward pass",
      numeric: "gradient, by finite differences",
      difference: (power: string) => `difference${power}`,
      /** The name of a matrix for screen readers. */
      of: (caption: string, label: string) => `${caption} of ${label}`,
      beingTaken: "Computing the finite differences …",
      unchecked: "Not checked.",
      contradiction:
        "The exact derivative and the finite difference contradict each other. That is a bug in the checker and says nothing about the gradient.",
      pass: "Rounding explains the error of every cell.",
      fail: "At least one cell has a larger error than rounding explains.",
      inherited:
        "At least one cell has a larger error than rounding explains. This step is right: it inherits the error.",
      undecidable:
        "They agree, but this gradient cancels to nothing on this case: a wrong one would agree too.",
      /** Of an undecidable node: how many groups (or parameters) tell right from wrong, and those that are lost. */
      lost: (tell: number, all: number, places: readonly string[], drowns: boolean, isParameter: boolean) => {
        const why = drowns
          ? places.length > 1
            ? "their spread drowns in their mean"
            : "its spread drowns in its mean"
          : "rounding could hide a wrong gradient";
        const which = `${places.join(" and ")} ${places.length > 1 ? "are" : "is"}`;
        return `${tell} of ${all} ${isParameter ? owner : group}s tell right from wrong; ${which} lost: ${why}.`;
      },
      otherShape: (is: string, should: string) => `It has the shape (${is}) instead of (${should}).`,
      cell: "The chosen cell in full",
      laws: `${setting.norm === "rms" ? "A law" : "Two laws"} for ${eachGroup}`,
      inGroup: (place: string) => `in ${place}`,
      offBy: (off: string, allowed: string) => `off by ${off}, allowed ${allowed}`,
      ways: { pass: "backward pass", exact: "exact derivative", difference: "finite difference" },
      sum: (gradient: unknown, sources: readonly unknown[]) =>
        html`${gradient} is the sum of the gradients from ${sources.map((source, at) => html`${at > 0 ? " and from " : ""}${source}`)}`,
      from: (label: string) => `from ${label}`,
    },
    /** Why a check can't see some mistakes on this case, and how to change the inputs. */
    warnings: {
      "few-rows": `With one or two rows, the normalized values are fixed except for eps, and ${code.dx} cancels: a wrong one would agree. Use three rows or more.`,
      "constant-dy": `All rows of ${code.dy} are the same, so ${code.dx} and ${code.dgamma} vanish: wrong ones would agree. Draw ${code.dy} at random.`,
      "dy-proportional-to-y": `In each column ${code.dy} is a multiple of ${code.y}, as for the loss Σ ${code.y}²/2, so ${code.dx} vanishes except for eps: a wrong one would agree. Draw ${code.dy} at random.`,
      "gamma-one": `Every entry of ${code.gamma} is 1, so a forgotten ${code.gamma} can’t be seen. Draw ${code.gamma} at random.`,
      square:
        "There are as many rows as columns, so a sum along the wrong axis has the right shape. Use a different number of rows.",
    } satisfies Readonly<Record<WarningId, string>>,
  };
};
