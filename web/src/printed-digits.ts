/**
 * What the printed digits of some numbers leave open. A printer keeps so many decimals, or so many significant digits,
 * and may drop trailing zeros. Which it was can't be seen, so each number gets the coarser of the two.
 */
export class PrintedDigits {
  /** For each number: the power of ten of its first digit that isn't 0. */
  readonly #first: number[] = [];
  /** The most decimals and significant digits of any number. */
  #decimals = -Infinity;
  #significant = 0;
  #hasExponent = false;

  /** word: a number as printed. Its value, if it is finite. */
  add(word: string, value: number): void {
    const [, mantissa = "", exponent] = /([\d.]+)(?:e([+-]?\d+))?/i.exec(shortestFloat32(word, value)) ?? [];
    const [whole = "", fraction = ""] = mantissa.split(".", 2);
    const power = Number(exponent ?? 0);
    const digits = whole + fraction;
    const leading = digits.length - digits.replace(/^0+/, "").length;
    const isZero = leading === digits.length;
    this.#first.push(isZero ? -Infinity : whole.length - 1 - leading + power);
    this.#decimals = Math.max(this.#decimals, decimalsOf(fraction, exponent, isZero) - power);
    this.#significant = Math.max(this.#significant, digits.length - leading);
    this.#hasExponent ||= exponent !== undefined;
  }

  /** Half a unit of each number's last digit. undefined if the digits leave nothing open. */
  get halfUnits(): Float64Array | undefined {
    if (this.#first.length === 0) return undefined;
    const areWhole = this.#decimals <= 0 && !this.#hasExponent;
    const isShort = areWhole && this.#significant < kRounded;
    const unitOf = (first: number) =>
      isShort ? -kDecimalsOfWhole : Math.max(-this.#decimals, first - this.#significant + 1);
    if (this.#first.every((first) => unitOf(first) <= first - kAllDigits + 1)) return undefined;
    // parsed, not computed: engines round 10 ** n differently
    return Float64Array.from(this.#first, (first) => Number(`5e${unitOf(first) - 1}`));
  }
}

/** Whole numbers with fewer digits may have been printed with decimals, all 0: with three, or more. */
const kRounded = 3;
const kDecimalsOfWhole = 3;
/** float64 has between 15 and 17 digits, float32 up to 9. */
const kAllDigits = 16;
const kDigitsOfFloat32 = 9;

/** Python writes whole numbers with one zero, and in a column of exponents a printer fills up with zeros. */
function decimalsOf(fraction: string, exponent: string | undefined, isZero: boolean): number {
  if (fraction === "0") return 0;
  return exponent === undefined || isZero ? fraction.length : fraction.replace(/0+$/, "").length;
}

/** A float32 number that was widened has many digits, of which it had fewer: 0.22909999787807465 is 0.2291. */
function shortestFloat32(word: string, value: number): string {
  if (word.length <= kDigitsOfFloat32 + 2 || Math.fround(value) !== value || value === 0) return word;
  for (let digits = 1; digits < kDigitsOfFloat32; digits++) {
    const short = value.toPrecision(digits);
    if (Math.fround(Number(short)) === value) return short;
  }
  return value.toPrecision(kDigitsOfFloat32);
}
