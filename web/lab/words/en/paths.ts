import { html } from "lit";
import type { Path } from "../../maths/graph-facts.ts";
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import { nouns } from "./nouns.ts";

export const paths = ({ labels }: Notation, setting: Setting) => {
  const { group } = nouns(setting);
  const names: Readonly<Record<Path, string>> = {
    direct: "direct",
    throughVar: "through the variance",
    throughMean: "through the mean",
    throughRms: "through the root mean square",
  };
  const laws = setting.norm === "rms" ? "A law" : "Two laws";
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
      /** The laws of dx, and which of them break. Each `unknown` is a formula or a button. */
      laws: {
        title: `${laws} of ${labels.dx}`,
        heading: (dx: unknown) => html`${laws} of ${dx}`,
        aside: "true for any numbers",
        inGroup: (place: string, is: unknown, should: unknown) => html`${place}: ${is}, should be ${should}`,
        holds: "holds",
        broken: (broken: number, all: number) => `broken in ${broken} of ${all} ${group}s`,
        switchOff: "Switch off a path above to see which law breaks.",
        otherwise: (dx: unknown) => html`With this mistake, ${dx} is not the sum of its paths.`,
        made: (off: readonly Path[], mistake: unknown) =>
          html`${without(off)}: the mistake ${mistake}, switched on for the whole page.`,
        makeNone: "Switch it off",
        nothingLeft: (off: readonly Path[]) => `${without(off)}, nothing comes back to ${labels.x}.`,
        called: (off: readonly Path[], mistake: unknown) =>
          html`${without(off)}: this is the mistake ${mistake}.`,
        harmless: "It changes nothing on this case, so you would not notice it.",
        make: "Switch it on for the whole page",
      },
      /** The mean's gradient by its two paths. */
      mean: {
        title: `The gradient of ${labels.mean} by its two paths`,
        heading: (dmean: unknown) => html`${dmean} has two paths`,
        aside: "the second contributes 0",
        reason: (sumIsZero: unknown, place: string) =>
          html`It contains the factor ${sumIsZero}, because ${labels.mean} is the mean. In ${place}:`,
        nothingRounded: (sum: unknown) => html`The computed sum is ${sum}, exactly.`,
        allRounding: (sum: unknown, bound: string) =>
          html`The computed sum is ${sum}. All of it is rounding error, which can reach ${bound}.`,
        got: (number: unknown, dmean: unknown, value: unknown) =>
          html`The backward pass multiplies before it adds, and gets ${number} for this path: rounding, beside ${dmean} = ${value}.`,
        gotNone: (dvar: unknown) =>
          html`The backward pass has no number for this path, because it has none for ${dvar}.`,
      },
    },
  };
};
