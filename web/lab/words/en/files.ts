import { quote } from "../../base/numbers.ts";
import type { Notation } from "../../maths/notations.ts";
import type { Preset } from "../../model/presets.ts";
import { inputs } from "./inputs.ts";

/** About files and presets. */
export const files = (notation: Notation) => {
  const { x, gamma, beta, mean, var: variance, xhat, dx, dsq, dy } = notation.labels;
  return {
    /** What happened to a file that holds only a matrix, and to the parts of a case. */
    files: {
      taken: (name: string, part: string) => `${quote(name)} was taken for ${part}.`,
      missing: (names: readonly string[], areDrawn: boolean) =>
        `Not in the file: ${names.join(", ")}, ${areDrawn ? "drawn from NumPy’s generator with seed 0" : "unchanged"}.`,
      kept: `The file is now ${x}. ${gamma}, ${beta} and ${dy} are unchanged.`,
      drawn: `The file is now ${x}. ${gamma}, ${beta} and ${dy} are drawn from NumPy’s generator with seed 0.`,
    },
    /** What to look for in each preset. */
    presets: {
      cs231n: inputs(notation).firstCase,
      cs231nAlt: `CS231n’s test of the closed form. With 100 rows, the paths through the mean and the variance each contribute a tenth of what the direct path contributes to ${dx}.`,
      makemore: `makemore divides the variance by N − 1, so ${dsq} contains 1/31, not 1/32. A backward pass with N would be 3 % off there.`,
      notes: `A batch of whole numbers: ${mean} = 10, 4, 2 and ${variance} = 25, 1, 9, with ε = 0. You can do every line of the derivation by hand.`,
      iris: `Four lengths of 150 irises, in centimetres. In columns 3 and 4 of ${xhat}, the first fifty, all of one species, lie below the mean.`,
      digits: `Eight hidden units on 20 handwritten digits. ${dy} is 0 wherever the ReLU after it is off, but ${dx} is not: the mean and the variance spread each row’s gradient over all rows.`,
      largeMean: `${x} is about a million with a spread of 1. There, float32 numbers are 1/16 apart. Even in float64, finite differences keep only about six of sixteen digits.`,
      constantChannel: `Column 3 is constant, so only ε is left under its root. ${xhat} is 0 there, and since 1/√ε is 316, ${dx} is 316 times ${gamma}·(${dy} − its mean).`,
      twoRows: `With two rows, ${xhat} is −1 and +1 whatever ${x} is. ${dx} nearly vanishes; what is left comes from ε. A check of it proves nothing.`,
    } satisfies Readonly<Record<Preset, string>>,
  };
};
