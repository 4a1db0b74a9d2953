import { html } from "lit";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import { nouns } from "./nouns.ts";

/** The error of a finite difference, and whether none of its digits is right. */
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
    : "the step is too small to change every value";

/** The two parts of the check panel that are loaded on demand. */
export const sweep = (_: Notation, setting: Setting) => {
  const { group } = nouns(setting);
  return {
    sweep: {
      title: (gradient: unknown) => html`Step sweep of ${gradient}`,
      inGroup: (place: string, all: number) => ` in ${place}, of ${all} ${group}s`,
      tooLarge: (values: number, shape: string) =>
        `A sweep moves each of the ${values} values at every step, which would block the page. Choose a gradient of shape (${shape}).`,
      failed: (fault: string) => `${fault}.`,
      ownSteps: "the check’s own steps",
      plot: "Error of the difference against its step",
      error: "error",
      step: "Step h",
      axis: "step h",
      /** Followed by how the error grows. */
      truncation: "truncation, ",
      rounding: "rounding, ",
      open: (step: string) => `At h = ${step} the difference is not computed yet.`,
      /** undefined: the step is too small to change every value. `isWorse`: float32 has at least one digit less. */
      at: (
        step: string,
        float64: ToldError | undefined,
        float32: ToldError | undefined,
        isWorse: boolean,
      ) => {
        const agrees = float64 ? "the difference agrees with the exact derivative " : "";
        return `At h = ${step} ${agrees}${told(float64)} in float64; in float32 ${told(float32, isWorse ? "only " : "")}.`;
      },
      linear: "The loss is linear here, so there is no truncation error: the larger the step, the better.",
      truncationRules:
        "Truncation error dominates here: a step ten times smaller would be a hundred times better.",
      roundingRules: "Rounding error dominates here: a smaller step makes it worse.",
      range: (least: string, most: string) => (least === most ? least : `${least} to ${most}`),
      own: (steps: string, error: string | undefined, isMistaken: boolean) =>
        `The check chooses a step for each value, here ${steps}${error ? `, and agrees to ${error}` : ""}.${
          isMistaken ? " The sweep uses the correct pass: the mistake does not affect it." : ""
        }`,
      progress: (done: number, all: number) => `step ${done} of ${all} …`,
    },
    float32: {
      failed: (fault: string) => `This case can’t be checked in float32. ${fault}.`,
      checking: (percent: number) => `Checking in float32 … ${percent} %`,
      mark: (verdict: string) => `float32: ${verdict}`,
      /** How many digits of a gradient are right; Infinity if all are. `wide`: undefined until it is known. */
      keeps: (gradient: unknown, wide: number | undefined, narrow: number, isUndecidable: boolean) => {
        const kept =
          wide === undefined
            ? `float32 keeps ${digits(narrow)}`
            : `float64 keeps ${digits(wide)}, float32 ${digits(narrow)}`;
        const why = " It can’t be judged in float32: rounding alone could explain its whole value.";
        return html`${gradient}: ${kept}.${isUndecidable ? why : ""}`;
      },
      summary: (verdicts: string) => `In float32, ${verdicts}.`,
      about:
        "The inputs are rounded to float32, and the gradients are compared with the exact derivatives at the rounded inputs. The marks are the verdicts in float32.",
    },
  };
};
