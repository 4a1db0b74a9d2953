import { html } from "lit";
import type { Notation } from "../../maths/notations.ts";
import type { Factor } from "../../model/choices.ts";

export const closedForm = ({ labels }: Notation) => ({
  closedForm: {
    formula: `The closed form of ${labels.dx}, factor by factor`,
    /** What each factor is in the network's terms. */
    factors: {
      scale: {
        name: "The scale",
        words: `What a change of ${labels.x} is worth in ${labels.y} as long as ${labels.mean} and ${labels.var} stay: ${labels.gamma} over the standard deviation.`,
      },
      dy: {
        name: "What comes back",
        words: "The direct path: the gradient from above. It is taken N times, since the scale is over N.",
      },
      sumOfDy: {
        name: `The column’s total, ${labels.dbeta}`,
        words: `The path through the mean. What all rows share is taken away, since the mean takes it out of ${labels.x}: ${labels.dx} sums to 0.`,
      },
      ratio: {
        name: "The correction",
        words: "The variance is divided by N − 1 here, so that its path weighs a little more.",
      },
      xhat: {
        name: "The normalized batch",
        words: `The direction in which ${labels.x} moves the variance: the rows far from the mean move it most.`,
      },
      sumOfDyXhat: {
        name: `How much of ${labels.dy} lies along ${labels.xhat}, ${labels.dgamma}`,
        words: `The path through the variance. What would only stretch the column is taken away, since the variance takes it out of ${labels.x}.`,
      },
    } satisfies Readonly<Record<Factor, { name: string; words: string }>>,
    factorLabel: (name: string, words: string) => `${name}. ${words}`,
    chosen: "The chosen factor",
    inIt: (factor: string) => `${factor}, in the closed form`,
    result: `${labels.dx} by the closed form`,
    resultHeading: (dx: unknown) => html`${dx} by the closed form`,
    returned: (number: unknown) => html`What the fast kernel returns. The chosen cell: ${number}`,
    together: "all factors together",
    /** The staged result and the closed form. */
    apart: {
      title: "How far the staged result lies from it",
      heading: "The staged result beside it",
      notReached: (mistake: unknown, dx: unknown) => html`The mistake ${mistake} does not reach ${dx}.`,
      same: (zero: number, all: number) => `0 ulp in ${zero} of ${all} cells: the same numbers, every digit.`,
      /** `few`: how many cells are off by at most so many ulps, where some are off by more. */
      counted: (zero: number, all: number, few: { ulps: number; cells: number } | undefined, most: string) =>
        `0 ulp in ${zero} of ${all} cells${few ? `, up to ${few.ulps} in ${few.cells}` : ""}, at most ${most}`,
      where: (counted: unknown, cell: unknown) => html`${counted}, in ${cell}.`,
      cancels: (size: string, left: string) =>
        `There terms as large as ${size} leave ${left}: rounding stays, and an ulp shrinks with what is left.`,
      ulp: "An ulp is the distance to the next number that float64 has.",
      inUlps: "staged − closed form, in ulps",
      inUlpsLabel: "staged minus closed form, in ulps",
      wrong: "The staged result is wrong",
      wrongWords: (mistake: unknown) =>
        html`The closed form is right; the staged pass has the mistake ${mistake}`,
      otherShape: ", and returns an array of another shape.",
      upTo: (size: string, cell: unknown) => html`: up to ${size} apart, in ${cell}.`,
      difference: "staged − closed form",
      differenceLabel: "staged minus closed form",
    },
    /** How often either way goes through the batch. */
    passes: {
      title: "Why it is faster",
      play: "Play",
      closedForm: "closed form",
      staged: "staged",
      count: (count: number) => `${count} passes`,
      why: (
        dx: unknown,
        staged: number,
      ) => html`It goes through the batch twice, once for the two sums and once for ${dx}. The staged pass goes
        through it ${staged} times, once for each edge of the graph that has all N rows, and writes down what each brings back.`,
    },
  },
});
