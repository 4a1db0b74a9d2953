/** Numbers as the page writes them: real minus signs, as many digits as the numbers beside them need. */

const kMinus = "\u2212";
const kSuperscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number that rounds to zero has no sign. */
const withMinus = (text: string) => text.replace(/^-(0\.?0*)$/, "$1").replaceAll("-", kMinus);

export const superscript = (n: number) =>
  (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map((digit) => kSuperscripts[Number(digit)]).join("");

/** The largest |value|, NaN and infinities aside. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] as number);
    if (size > most && size < Infinity) most = size;
  }
  return most;
}

/** A way of writing the numbers of one matrix, all with the same decimals. `most` is their largest size, which
 *  gets that many significant digits. */
export function formatFor(most: number, digits = 4): (value: number) => string {
  const magnitude = most > 0 ? Math.floor(Math.log10(most)) : 0;
  if (magnitude < -4 || magnitude > 5)
    return (value) => (value === 0 ? "0" : Number.isFinite(value) ? scientific(value, 2) : notFinite(value));
  const decimals = Math.min(Math.max(digits - 1 - magnitude, 0), 5);
  return (value) => (Number.isFinite(value) ? withMinus(value.toFixed(decimals)) : notFinite(value));
}

/** A number that has no digits. */
export const notFinite = (value: number) => (Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : `${kMinus}∞`);

/** 1.9e−11, with `digits` digits after the point. */
export const scientific = (value: number, digits = 1) =>
  !Number.isFinite(value)
    ? notFinite(value)
    : value === 0
      ? "0"
      : withMinus(value.toExponential(digits).replace("e+", "e"));

/** One number on its own, to four significant digits. */
export const single = (value: number) => formatFor(Math.abs(value))(value);

/** All digits that tell a number from its neighbours. */
export const inFull = (value: number) =>
  Number.isFinite(value) ? withMinus(String(value).replace("e+", "e")) : notFinite(value);

/** What is said for a number that has no digits. */
export interface WordsForNumbers {
  nan: string;
  infinity: string;
  minusInfinity: string;
}

/** A number in full, in words where it has no digits. */
export const spoken = (value: number, words: WordsForNumbers) =>
  Number.isFinite(value)
    ? inFull(value)
    : Number.isNaN(value)
      ? words.nan
      : value > 0
        ? words.infinity
        : words.minusInfinity;

/** What an input shows and reads back: the shortest text of the number, with a plain minus. */
export const editable = (value: number) => String(value);

/** Reads what a person types for a number: either minus sign, spaces around. undefined if it is none. */
export function readNumber(text: string): number | undefined {
  const plain = text.trim().replaceAll(kMinus, "-");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) && Number.isFinite(Number(plain))
    ? Number(plain)
    : undefined;
}

/** A text of the user's within a sentence, shortened. */
export const quote = (text: string) => `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`;
