/** How the page writes numbers: with real minus signs, and with as many digits as neighbouring numbers need. */

const kMinus = "\u2212";
const kSuperscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number that rounds to zero has no sign. */
const withMinus = (text: string) => text.replace(/^-(0\.?0*)$/, "$1").replaceAll("-", kMinus);

export const superscript = (n: number) =>
  (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map((digit) => kSuperscripts[Number(digit)]).join("");

/** The largest finite |value|. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] as number);
    if (size > most && size < Infinity) most = size;
  }
  return most;
}

/** Formats the numbers of one matrix, all with the same decimals. `most` is their largest size; it gets that many
 *  significant digits. */
export function formatFor(most: number, digits = 4): (value: number) => string {
  const magnitude = most > 0 ? Math.floor(Math.log10(most)) : 0;
  if (magnitude < -4 || magnitude > 5)
    return (value) => (value === 0 ? "0" : Number.isFinite(value) ? scientific(value, 2) : notFinite(value));
  const decimals = Math.min(Math.max(digits - 1 - magnitude, 0), 5);
  return (value) => (Number.isFinite(value) ? withMinus(value.toFixed(decimals)) : notFinite(value));
}

/** The text for a number that is not finite. */
export const notFinite = (value: number) => (Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : `${kMinus}∞`);

/** 1.9e−11, with `digits` digits after the point. */
export const scientific = (value: number, digits = 1) =>
  !Number.isFinite(value)
    ? notFinite(value)
    : value === 0
      ? "0"
      : withMinus(value.toExponential(digits).replace("e+", "e"));

/** A single number, to four significant digits. */
export const single = (value: number) => formatFor(Math.abs(value))(value);

/** As many digits as distinguish the number from its neighbours. */
export const inFull = (value: number) =>
  Number.isFinite(value) ? withMinus(String(value).replace("e+", "e")) : notFinite(value);

/** The words for a number that is not finite. */
export interface WordsForNumbers {
  nan: string;
  infinity: string;
  minusInfinity: string;
}

/** A number in full; in words if it is not finite. */
export const spoken = (value: number, words: WordsForNumbers) =>
  Number.isFinite(value)
    ? inFull(value)
    : Number.isNaN(value)
      ? words.nan
      : value > 0
        ? words.infinity
        : words.minusInfinity;

/** The text in an input: the shortest text that reads back as the number, with an ASCII minus. */
export const editable = (value: number) => String(value);

/** Reads a typed number, with either minus sign and with spaces around it. undefined if it is not a number. */
export function readNumber(text: string): number | undefined {
  const plain = text.trim().replaceAll(kMinus, "-");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) && Number.isFinite(Number(plain))
    ? Number(plain)
    : undefined;
}

/** The user's text in a sentence, in quotes and shortened. */
export const quote = (text: string) => `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
