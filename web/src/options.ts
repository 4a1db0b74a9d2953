import { objectOf } from "./arguments.ts";
import { quotable } from "./given.ts";
import { fault } from "./sentences.ts";

/** Other libraries' names for an option, in lower case. */
const kOtherNames: Readonly<Record<string, readonly string[]>> = {
  layout: ["axis", "dataformat"],
  gamma: ["scale", "weight"],
  beta: ["bias", "offset"],
  eps: ["epsilon", "varianceepsilon"],
  ddof: ["correction"],
  runningMean: ["movingmean"],
  runningVar: ["movingvar", "movingvariance", "runningvariance"],
  unbiasedRunningVariance: ["unbiased"],
  mean: ["movingmean", "runningmean"],
  var: ["movingvar", "movingvariance", "runningvar", "runningvariance", "variance"],
  unbiased: ["unbiasedrunningvariance"],
};
const kShortestTypo = 5; // too many words are one letter away from a shorter name

/** True if one letter added, removed or replaced, or two swapped, turns one name into the other. */
function isTypo(name: string, known: string): boolean {
  if (known.length < kShortestTypo) return false;
  const least = Math.min(name.length, known.length);
  let begin = 0;
  while (begin < least && name[begin] === known[begin]) begin += 1;
  let end = 0;
  while (end < least - begin && name.at(-1 - end) === known.at(-1 - end)) end += 1;
  const given = name.slice(begin, name.length - end);
  const wanted = known.slice(begin, known.length - end);
  const exchanged = given.length === 2 && given === [...wanted].reverse().join("");
  return exchanged || (given.length <= 1 && wanted.length <= 1);
}

/**
 * Checks an object of options. Unknown names are ignored, so that one object can serve several calls or be a case. But
 * a misspelt option, or another library's name for one, would go unnoticed, so it is refused.
 */
export function optionsOf(argument: string, value: unknown, names: readonly string[]): object {
  const options = objectOf(argument, value);
  for (const name in options) {
    if (names.includes(name)) continue;
    const plain = name.replace(/[-_]/g, "").toLowerCase();
    const meant = names.find(
      (known) => known.toLowerCase() === plain || kOtherNames[known]?.includes(plain) || isTypo(name, known),
    );
    if (meant !== undefined && options[meant] === undefined) {
      throw fault("unknown-option", argument, { meant, got: quotable(name) });
    }
  }
  return options;
}
