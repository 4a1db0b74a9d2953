import { quote } from "../../base/numbers.ts";
import type { Notation } from "../../maths/notations.ts";
import type { Preset } from "../../model/presets.ts";
import { inputs } from "./inputs.ts";

/** About files and presets. */
export const files = (notation: Notation) => {
  const { x, gamma, mean, var: variance, xhat, dx, dsq, dy } = notation.labels;
  return {
    /** What the arrays in files and pastes were taken for, and how the rest of a case was filled in. */
    files: {
      holds: (file: string, what: readonly string[]) => `${file && `${file}: `}${what.join("; ")}.`,
      refused: (file: string, fault: string) => `${file}: ${fault}. It is left out.`,
      /** "x, 4×5"; "“dout” as dy". */
      input: (name: string, part: string, size: string | undefined) =>
        `${name && name !== part && !size ? `${quote(name)} as ` : ""}${part}${size ? `, ${size}` : ""}`,
      own: (names: readonly string[]) => `${names.join(", ")} for Find my mistake`,
      left: (names: readonly string[]) =>
        names.some(Boolean)
          ? `left out, because the names are not known: ${names.map((name) => quote(name)).join(", ")}`
          : "left out, because they have no names",
      plain: (names: readonly string[]) =>
        `Not given: ${names.join(", ")}, so ${names.map((name) => `${name} is ${name === "gamma" ? 1 : 0}`).join(" and ")}.`,
      drawn: (shape: string) =>
        `dy was not given. It is drawn: np.random.seed(0), then np.random.randn(${shape}).`,
      usualEps: "eps is 1e-5.",
      assignment: (names: readonly string[]) =>
        `The case of an assignment stays. ${names.length > 0 ? `Judged beside it: ${names.join(", ")}.` : "Nothing was changed."}`,
      kept: (names: readonly string[]) => `Unchanged: ${names.join(", ")}.`,
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
      layernorm: `CS231n’s test case for layer norm: each row has a mean and a variance of its own, and each column a ${gamma} and a ${notation.labels.beta}.`,
      groupnorm: `CS231n’s case for group norm: the six channels of each sample are two groups of three, which share a mean and a variance.`,
      spatial: `CS231n’s case for batch norm of images: each channel has one mean and one variance over all samples and positions.`,
      tokens: `RMS norm of six images, eight hidden units each. There is no mean, so there is one path less back to ${x}.`,
    } satisfies Readonly<Record<Preset, string>>,
  };
};
