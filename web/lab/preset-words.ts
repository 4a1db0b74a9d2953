import { kFirstWords } from "./first-case.ts";
import type { Preset } from "./presets.ts";

/** What to look for in a case, a sentence each. They come with the numbers. */
export const kPresetWords: Readonly<Record<Preset, string>> = {
  cs231n: kFirstWords,
  cs231nAlt:
    "CS231n’s test of the closed form: among 100 rows, the ways through mean and variance bring a tenth each of what the direct way brings to ∂x.",
  makemore:
    "makemore divides the variance by N − 1, so that 1/31 and not 1/32 stands in ∂(x − μ)²: a backward pass with N would be 3 % off there.",
  notes:
    "The notes’ N×D in whole numbers, μ = 10, 4, 2 and σ = 5, 1, 3 with ε = 0, so that every line of the derivation can be done by hand.",
  iris: "Four lengths of 150 irises, in centimetres: in columns 3 and 4 of x̂ the first fifty, all of one kind, lie below the mean.",
  digits:
    "Eight hidden units on 20 handwritten digits: ∂y is 0 wherever the ReLU behind is shut, and ∂x is not, since mean and variance share each row’s gradient with all rows.",
  largeMean:
    "x is about a million with a spread of 1, where float32 would hold it in steps of 1/16; even in float64, finite differences keep only some six of sixteen digits.",
  constantChannel:
    "Column 3 never changes, so that nothing but ε is left under its root: x̂ is 0 there, and since 1/√ε is 316, ∂x is 316 times γ·(∂y − its mean).",
  twoRows:
    "Of two rows x̂ makes −1 and +1, whatever x is: ∂x nearly vanishes, what is left of it comes from ε, and a check of it can tell nothing.",
};
