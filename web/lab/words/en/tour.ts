import { html } from "lit";
import type { Path } from "../../maths/graph-facts.ts";
import type { Notation } from "../../maths/notations.ts";
import { whole } from "../whole.ts";

/** The tour. Each `unknown` is a formula. */
export const tour = ({ labels }: Notation) => ({
  tour: {
    name: "Tour",
    back: "Back",
    next: "Next",
    again: "Once more",
    scenes: "Scenes",
    scene: (at: number, of: number) => `${at} of ${of}`,
    scenesByName: {
      claim: "Batch norm, backward",
      column: "One column of numbers",
      sum: "Why a sum appears",
      mean: "Two paths to the mean, and one is 0",
      paths: "Three paths that add up",
      nudge: "Nudge one number",
      code: "Find it in your code",
    },
    claim: {
      title: (claim: unknown) => html`The derivative is easy: ${whole(claim, ".")} Or is it?`,
      means: (dx: unknown, fraction: unknown, loss: unknown, x: unknown, dy: unknown) =>
        html`${dx} means ${whole(fraction, ":")} how fast the loss ${loss} changes when ${x} does. The same goes for ${whole(dy, ".")}`,
      byFormula: "by this formula",
      measured: "measured",
      act: "Measure it",
      first: "Move each number a little, and see how much the loss changes.",
      said: (wrong: number, all: number) =>
        `${wrong === all ? `All ${all} numbers are off` : `${wrong} of ${all} numbers are off`}. What did the formula forget?`,
    },
    column: {
      title: (x: unknown, xhat: unknown) => html`Each ${x} moves only its own ${whole(xhat, ".")} True?`,
      act: "Move the first number",
      move: (x: unknown) => html`Move ${x}`,
      less: "1 less",
      more: "1 more",
      first: (x: unknown) => html`Here is one column, forward. Move ${x} and watch the last numbers.`,
      said: (moved: number, all: number, x: unknown, mean: unknown, std: unknown) =>
        html`${moved === all ? `All ${all}` : `${moved} of ${all}`} moved. ${x} is part of ${mean} and of ${whole(std, ",")} and every row uses both.`,
    },
    sum: {
      title: (beta: unknown) => html`${beta} is one number, so one gradient comes back to it.`,
      copied: (rows: number) => `copied to ${rows} rows`,
      back: "summed",
      act: "Send the gradients back",
      forward: "Forward again",
      first: (rows: number, beta: unknown) =>
        html`Forward, ${beta} is added in each of the ${rows} rows. What comes back?`,
      said: (rows: number, beta: unknown) =>
        html`${rows} gradients come back, one for each copy of ${whole(beta, ".")} What was copied forward is summed backward.`,
    },
    mean: {
      title: (mean: unknown, variance: unknown, dmean: unknown) =>
        html`${mean} also changes ${whole(variance, ",")} so ${dmean} needs a second term.`,
      first: `through ${labels.xhat}`,
      second: "through the variance",
      act: "Move the balance point",
      said: (mean: unknown, product: unknown) =>
        html`The second term is 0. The distances to ${mean} cancel, whatever the other factors are: ${product}`,
      moved: (from: string, total: string) =>
        html`Around ${from} the distances add up to ${total}. Only around the mean do they add up to 0.`,
    },
    paths: {
      title: (dx: unknown) => html`Leave one path out of ${whole(dx, ",")} and nobody will notice. True?`,
      names: {
        direct: "direct",
        throughVar: "through the variance",
        throughMean: "through the mean",
      } satisfies Readonly<Record<Exclude<Path, "throughRms">, string>>,
      left: "what is left",
      holds: "holds",
      broken: "broken",
      act: "Switch a path off.",
      whole: (xhat: unknown) =>
        html`Shift the column or stretch it, and ${xhat} stays the same. That is why both sums are 0.`,
      said: (broken: number): string =>
        broken === 1
          ? "One sum is no longer 0. Without the path through the mean it is the first, without that through the variance the second."
          : "Neither sum is 0 any more.",
      unseen: "In this column the path makes no difference. In others it does.",
    },
    nudge: {
      title: (dx: unknown, slope: string, x: unknown, step: string, loss: unknown, change: string) =>
        html`${dx} = ${slope} is a promise: move ${x} by ${step}, and ${loss} moves by ${change}.`,
      choose: (row: number, value: string) => `row ${row}: ${value}`,
      moved: (loss: unknown) => html`${loss} moved by`,
      naive: "the easy formula said",
      right: "right",
      wrong: "wrong",
      act: (x: unknown, step: string) => html`Move ${x} by ${step}`,
      back: (x: unknown) => html`Move ${x} back`,
      first: "Test the promise on any number of the column.",
      said: "This is a finite difference. It needs no derivative, so it can check every one.",
    },
    code: {
      title: (dx: unknown) => html`A wrong ${dx} does not tell you which line is wrong.`,
      right: "right",
      wrong: "first wrong array",
      act: "Try it on another program",
      said: "Compare each array on the way back. The first wrong one comes from the line to mend. After that, paste the arrays of your own.",
    },
  },
});
