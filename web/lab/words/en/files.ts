import type { Notation } from "../../maths/notations.ts";
import type { Preset } from "../../model/presets.ts";
import { inputs } from "./inputs.ts";

/** Of cases that are not here at first sight. */
export const files = (notation: Notation) => {
  const { x, gamma, beta, mean, var: variance, xhat, dx, dsq, dy } = notation.labels;
  return {
    /** What became of a file that holds a matrix only. */
    files: {
      kept: `It became ${x}; ${gamma}, ${beta} and ${dy} stay as they were.`,
      drawn: `It became ${x}; ${gamma}, ${beta} and ${dy} are drawn from NumPy’s generator, seed 0.`,
    },
    /** What to look for in a preset, a sentence each. */
    presets: {
      cs231n: inputs(notation).firstCase,
      cs231nAlt: `CS231n’s test of the closed form: among 100 rows, the ways through mean and variance bring a tenth each of what the direct way brings to ${dx}.`,
      makemore: `makemore divides the variance by N − 1, so that 1/31 and not 1/32 stands in ${dsq}: a backward pass with N would be 3 % off there.`,
      notes: `The notes’ N×D in whole numbers, ${mean} = 10, 4, 2 and ${variance} = 25, 1, 9 with ε = 0, so that every line of the derivation can be done by hand.`,
      iris: `Four lengths of 150 irises, in centimetres: in columns 3 and 4 of ${xhat} the first fifty, all of one kind, lie below the mean.`,
      digits: `Eight hidden units on 20 handwritten digits: ${dy} is 0 wherever the ReLU behind is shut, and ${dx} is not, since mean and variance share each row’s gradient with all rows.`,
      largeMean: `${x} is about a million with a spread of 1, where float32 would hold it in steps of 1/16; even in float64, finite differences keep only some six of sixteen digits.`,
      constantChannel: `Column 3 never changes, so that nothing but ε is left under its root: ${xhat} is 0 there, and since 1/√ε is 316, ${dx} is 316 times ${gamma}·(${dy} − its mean).`,
      twoRows: `Of two rows ${xhat} makes −1 and +1, whatever ${x} is: ${dx} nearly vanishes, what is left of it comes from ε, and a check of it can tell nothing.`,
    } satisfies Readonly<Record<Preset, string>>,
  };
};
