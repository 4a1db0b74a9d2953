import { html } from "lit";
import type { Notation } from "../../maths/notations.ts";

/** The error of a difference; whether no digit of it is right. */
export interface ToldError {
  size: string;
  isLost: boolean;
}

/** How many digits are right. */
const digits = (count: number) =>
  count === Infinity ? "every digit" : count === 0 ? "no digit" : count === 1 ? "1 digit" : `${count} digits`;

const told = (error: ToldError | undefined, only = "") =>
  error
    ? `${only}to ${error.size}${error.isLost ? ", no digit is right" : ""}`
    : "such a step does not move every value";

/** The two parts of the check panel that are fetched when they are asked for. */
export const sweep = (_: Notation) => ({
  sweep: {
    title: (gradient: unknown) => html`Step sweep of ${gradient}`,
    inColumn: (column: number, all: number) => ` in column ${column}, one of ${all}`,
    tooLarge: (rows: number, columns: number) =>
      `A sweep moves each of the ${rows} rows at every step, which would hold the page up. Choose a gradient of shape (${columns}).`,
    failed: (fault: string) => `${fault}.`,
    ownSteps: "the check’s own steps",
    plot: "Error of the difference against its step",
    error: "error",
    step: "Step h",
    axis: "step h",
    /** In front of what an error grows with. */
    truncation: "truncation, ",
    rounding: "rounding, ",
    open: (step: string) => `At h = ${step} the difference is still to be taken.`,
    /** undefined: the step does not move every value. `isWorse`: float32 has a digit less, or more than one. */
    at: (step: string, float64: ToldError | undefined, float32: ToldError | undefined, isWorse: boolean) => {
      const agrees = float64 ? "the difference agrees with the exact derivative " : "";
      return `At h = ${step} ${agrees}${told(float64)} in float64; in float32 ${told(float32, isWorse ? "only " : "")}.`;
    },
    linear: "The loss is linear here, so that nothing is truncated: the larger the step, the better.",
    truncationRules: "Truncation rules here: a step ten times smaller would be a hundred times better.",
    roundingRules: "Rounding rules here: a smaller step makes it worse.",
    range: (least: string, most: string) => (least === most ? least : `${least} to ${most}`),
    own: (steps: string, error: string | undefined, isMistaken: boolean) =>
      `The check chooses a step for each value, here ${steps}${error ? `, and agrees to ${error}` : ""}.${
        isMistaken ? " The sweep is about the right pass: the mistake does not touch it." : ""
      }`,
    progress: (done: number, all: number) => `step ${done} of ${all} …`,
  },
  float32: {
    failed: (fault: string) => `This case can’t be checked in float32. ${fault}.`,
    checking: (percent: number) => `Checking in float32 … ${percent} %`,
    row: (wide: string, narrow: string, verdict: string) =>
      `off by ${wide} in float64, by ${narrow} in float32, ${verdict}`,
    mark: (verdict: string) => `float32: ${verdict}`,
    /** How many digits of a gradient are right; Infinity where all are. `wide`: undefined while it is not known. */
    keeps: (gradient: unknown, wide: number | undefined, narrow: number, isUndecidable: boolean) => {
      const kept =
        wide === undefined
          ? `float32 keeps ${digits(narrow)}`
          : `float64 keeps ${digits(wide)}, float32 ${digits(narrow)}`;
      const why = " It can’t be judged in float32: rounding explains more than the whole of it.";
      return html`Of ${gradient}, ${kept}.${isUndecidable ? why : ""}`;
    },
    summary: (verdicts: string) => `In float32 ${verdicts}.`,
    about:
      "The inputs are rounded to float32, and its gradients compared with the exact derivative there. The marks are float32’s verdicts.",
  },
});
