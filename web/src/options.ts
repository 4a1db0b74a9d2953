import { objectOf } from "./arguments.ts";
import { quotable } from "./given.ts";
import { fault } from "./sentences.ts";

/** The names of all options of a call, as keys: the types fail if one is missing or too many. */
export type NamesOf<Options> = Readonly<Record<keyof Options, 0>>;

/** The keys of a case. Every call knows them, even those that it doesn't read: bn.forward(kase.x, kase) works. */
export const caseFields: readonly string[] = [
  "x",
  "shape",
  "gamma",
  "beta",
  "dy",
  "eps",
  "ddof",
  "layout",
  "axis",
  "norm",
  "groups",
  "normalizedDims",
  "unitOffset",
];

/** Other libraries' names for an option, in lower case. */
const kOtherNames: Readonly<Record<string, readonly string[]>> = {
  x: ["input", "inputs", "data"],
  dy: ["dout", "gradoutput", "upstream"],
  layout: ["dataformat"],
  gamma: ["scale", "weight"],
  beta: ["bias", "offset"],
  eps: ["epsilon", "varianceepsilon"],
  ddof: ["correction"],
  runningMean: ["movingmean", "mean", "running"],
  runningVar: ["movingvar", "movingvariance", "runningvariance", "var", "variance"],
  normalizedDims: ["normalizedshape", "beginnormaxis"],
  groups: ["numgroups"],
  unbiasedRunningVariance: ["unbiased"],
  mean: ["movingmean", "runningmean", "savemean", "savedmean"],
  var: ["movingvar", "movingvariance", "runningvar", "runningvariance", "variance", "savevar", "savedvar"],
  invstd: ["rstd", "saveinvstd", "savedinvstd", "inversestd"],
  unbiased: ["unbiasedrunningvariance"],
  training: ["train", "istraining"],
};

/** What to do instead, by what other libraries call it, in lower case. */
export type Instead =
  | "given-statistics"
  | "of-a-layer"
  | "of-eval-mode"
  | "axes"
  | "mask"
  | "affine"
  | "dtype";
const given =
  "training train istraining eval trackrunningstats useglobalstats mean var variance runningmean runningvar runningvariance movingmean movingvar movingvariance running";
const kInstead: readonly (readonly [Instead, string])[] = [
  ["given-statistics", given],
  ["axes", "axes dim dims reductionaxes reductionindices"],
  ["mask", "mask masks maskvalue lengths"],
  ["affine", "affine elementwiseaffine center"],
  ["dtype", "dtype"],
];

const kShortestTypo = 5; // too many words are one letter away from a shorter name

/** True if one letter added, removed or replaced, or two swapped, turns one name into the other. */
export function isTypo(name: string, known: string): boolean {
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

/** What a call says of an option that it doesn't know: the one that is meant, what to do instead, or all that it has. */
function unknown(argument: string, name: string, names: readonly string[], ignored: readonly string[]) {
  const got = quotable(name) || '""';
  const plain = name.replace(/[-_]/g, "").toLowerCase();
  if (names.includes("invstd") && /^(?:running|moving)/.test(plain)) {
    return fault("other-option", argument, { instead: "of-eval-mode", got });
  }
  const meant = [...names, ...ignored].find(
    (known) =>
      known.toLowerCase() === plain ||
      kOtherNames[known]?.includes(plain) ||
      (known.length >= kShortestTypo && isTypo(name, known)),
  );
  if (meant !== undefined) return fault("unknown-option", argument, { meant, got });
  const ofRunning = names.includes("running") && ["momentum", "decay", "unbiased"].includes(plain);
  if (ofRunning) return fault("unknown-option", argument, { meant: `running.${plain}`, got });
  const instead = kInstead.find(([, theirs]) => theirs.split(" ").includes(plain))?.[0];
  if (instead === undefined || ignored !== caseFields)
    return fault("no-such-option", argument, { names, got });
  const ofALayer = instead === "given-statistics" && names.includes("training");
  return fault("other-option", argument, { instead: ofALayer ? "of-a-layer" : instead, got });
}

/**
 * Checks an object of options: every key is in `names`, or a key of a case, which a call may ignore. Any other would
 * go unnoticed and give another result than the caller expects.
 */
export function optionsOf<Options extends object>(
  argument: string,
  value: unknown,
  names: NamesOf<Options>,
  ignored: readonly string[] = caseFields,
): Options {
  const options = objectOf(argument, value);
  const known = Object.keys(names);
  for (const name in options) {
    if (!known.includes(name) && !ignored.includes(name)) throw unknown(argument, name, known, ignored);
  }
  return options as Options;
}
