import { html } from "lit";
import type { Notation } from "../../maths/notations.ts";
import type { Path } from "../../model/choices.ts";

export const paths = ({ labels }: Notation) => {
  const names: Readonly<Record<Path, string>> = {
    direct: "direct",
    throughVar: "through the variance",
    throughMean: "through the mean",
  };
  const without = (off: readonly Path[]) =>
    `Without ${off.length > 1 ? "the paths" : "the path"} ${off.map((path) => names[path]).join(" and ")}`;
  return {
    paths: {
      names,
      leftOut: "left out",
      ofGradient: (path: string, label: string) => `${path} of the gradient of ${label}`,
      theGradient: "the gradient",
      gradientOf: (label: string) => `the gradient of ${label}`,
      whatIsLeft: "what is left",
      wrongCells: (wrong: number, all: number) =>
        wrong === all ? "every cell is wrong" : `${wrong} of ${all} cells are wrong`,
      /** What dx obeys, and what breaks. A formula or a button stands in for what is `unknown`. */
      laws: {
        title: `What ${labels.dx} obeys`,
        heading: (dx: unknown) => html`What ${dx} obeys`,
        aside: "whatever the numbers are",
        inColumn: (column: number, is: unknown, should: unknown) =>
          html`column ${column}: ${is}, should be ${should}`,
        holds: "holds",
        broken: (broken: number, all: number) => `broken in ${broken} of ${all} columns`,
        switchOff: "Switch a path off, above, to see what breaks.",
        otherwise: (dx: unknown) => html`With this mistake, ${dx} is not what its three paths add up to.`,
        made: (off: readonly Path[], mistake: unknown) =>
          html`${without(off)}: the mistake ${mistake}, made on the whole page.`,
        makeNone: "Make none",
        nothingLeft: (off: readonly Path[]) => `${without(off)}, nothing comes back to ${labels.x}.`,
        called: (off: readonly Path[], mistake: unknown) =>
          html`${without(off)}: that is the mistake ${mistake}.`,
        harmless: "On this case nothing is lost by it, so that it would not be noticed.",
        make: "Make it on the whole page",
      },
      /** The mean's gradient by its two paths. */
      mean: {
        title: `The gradient of ${labels.mean} by its two paths`,
        heading: (dmean: unknown) => html`${dmean} has two paths`,
        aside: "the second brings 0",
        reason: (sumIsZero: unknown, column: number) =>
          html`It carries the factor ${sumIsZero}, since ${labels.mean} is the mean. In column ${column}:`,
        nothingRounded: (sum: unknown) => html`As computed, the sum is ${sum}: nothing was left of rounding.`,
        allRounding: (sum: unknown, bound: string) =>
          html`As computed, the sum is ${sum}: all of it rounding, which explains up to ${bound}.`,
        got: (number: unknown, dmean: unknown, value: unknown) =>
          html`The pass got ${number} for this path, beside ${dmean} = ${value}. That is why it is called 0.`,
        gotNone: (dvar: unknown) =>
          html`The pass has no number for this path, since it has none for ${dvar}.`,
      },
    },
  };
};
