import { html } from "lit";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import type { Factor } from "../../model/choices.ts";
import { nouns } from "./nouns.ts";

export const closedForm = ({ labels }: Notation, setting: Setting) => {
  const { group, members } = nouns(setting);
  const { norm, size } = setting;
  const isRms = norm === "rms";
  // gamma is the same in all of a group only if that is a channel of the batch
  const isBatch = norm === "batch";
  const upstream = isBatch ? labels.dy : labels.dxhat;
  const spread = isRms ? "root mean square" : "standard deviation";
  const fixed = isRms ? labels.ms : `${labels.mean} and ${labels.var}`;
  const stay = isRms ? "stays" : "stay";
  return {
    closedForm: {
      formula: `The closed form of ${labels.dx}, factor by factor`,
      /** The meaning of each factor. */
      factors: {
        scale: {
          name: "The scale",
          words: `How fast ${isBatch ? labels.y : labels.xhat} changes with ${labels.x} while ${fixed} ${stay} fixed: ${isBatch ? labels.gamma : "1"} over the ${spread}. It is also divided by ${size}, because ${size} stands inside the bracket.`,
        },
        dy: {
          name: isBatch ? "The upstream gradient" : `The gradient of ${labels.xhat}`,
          words: `The direct path. It is multiplied by ${size} because the scale is divided by ${size}.`,
        },
        sumOfDy: {
          name: isBatch ? `The ${group}’s total, ${labels.dbeta}` : `The ${group}’s total of ${labels.dxhat}`,
          words: `The path through the mean. It removes what all ${members(2).slice(2)} share, because subtracting the mean removes it from ${labels.x}. So ${labels.dx} sums to 0.`,
        },
        ratio: {
          name: "The correction",
          words: `The variance divides by ${size} − 1 here, so its path weighs a little more.`,
        },
        xhat: {
          name: "The normalized batch",
          words: isRms
            ? `The direction in which ${labels.x} changes the mean of squares: the large values change it most.`
            : `The direction in which ${labels.x} changes the variance: the ${members(2).slice(2)} far from the mean change it most.`,
        },
        sumOfDyXhat: {
          name: `How much of ${upstream} lies along ${labels.xhat}${isBatch ? `, ${labels.dgamma}` : ""}`,
          words: `The path through the ${isRms ? "root mean square" : "variance"}. It removes what would only stretch the ${group}, because dividing by the ${spread} removes it from ${labels.x}.`,
        },
      } satisfies Readonly<Record<Factor, { name: string; words: string }>>,
      factorLabel: (name: string, words: string) => `${name}. ${words}`,
      chosen: "The chosen factor",
      inIt: (factor: string) => `${factor}, in the closed form`,
      result: `${labels.dx} by the closed form`,
      resultHeading: (dx: unknown) => html`${dx} by the closed form`,
      returned: (number: unknown) => html`The result of the fast kernel. The chosen cell: ${number}`,
      together: "all factors together",
      /** The staged result compared with the closed form. */
      apart: {
        title: "The staged result compared with the closed form",
        heading: "The staged result compared",
        notReached: (mistake: unknown, dx: unknown) => html`The mistake ${mistake} does not affect ${dx}.`,
        same: (zero: number, all: number) => `0 ulp in ${zero} of ${all} cells: the numbers are identical.`,
        /** `few`: how many cells are off by at most that many ulps, if some are off by more. */
        counted: (
          zero: number,
          all: number,
          few: { ulps: number; cells: number } | undefined,
          most: string,
        ) =>
          `0 ulp in ${zero} of ${all} cells${few ? `, up to ${few.ulps} in ${few.cells}` : ""}, at most ${most}`,
        where: (counted: unknown, cell: unknown) => html`${counted}, in ${cell}.`,
        cancels: (size: string, left: string) =>
          `There, terms as large as ${size} cancel to ${left}. The rounding error stays, while an ulp shrinks with the result.`,
        ulp: "An ulp is the distance to the next float64 number.",
        inUlps: "staged − closed form, in ulps",
        inUlpsLabel: "staged minus closed form, in ulps",
        wrong: "The staged result is wrong",
        wrongWords: (mistake: unknown) =>
          html`The closed form is right; the staged pass has the mistake ${mistake}`,
        otherShape: ", and returns an array of another shape.",
        upTo: (size: string, cell: unknown) => html`: they differ by up to ${size}, in ${cell}.`,
        difference: "staged − closed form",
        differenceLabel: "staged minus closed form",
      },
      /** How many passes over the batch each of the two takes. */
      passes: {
        title: "Why it is faster",
        play: "Play",
        closedForm: "closed form",
        staged: "staged",
        count: (count: number) => `${count} passes`,
        why: (
          dx: unknown,
          staged: number,
        ) => html`It goes through the batch twice: once for the two sums and once for ${dx}. The staged pass goes
        through it ${staged} times, once for each edge of the graph as large as ${labels.x}, and stores the gradient on each.`,
      },
    },
  };
};
