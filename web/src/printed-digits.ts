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

  /** word: a finite number as printed. Other words are exact. */
  add(word: string): void {
    const [, mantissa = "", exponent] = /([\d.]+)(?:e([+-]?\d+))?/i.exec(word) ?? [];
    const [whole = "", fraction = ""] = mantissa.split(".", 2);
    const power = Number(exponent ?? 0);
    const digits = whole + fraction;
    const leading = digits.length - digits.replace(/^0+/, "").length;
    const isZero = leading === digits.length;
    this.#first.push(isZero ? -Infinity : whole.length - 1 - leading + power);
    // in a column of exponents the printer fills up with zeros
    const decimals = exponent === undefined ? fraction : fraction.replace(/0+$/, "");
    this.#decimals = Math.max(this.#decimals, decimals.length - power);
    this.#significant = Math.max(this.#significant, digits.length - leading);
    this.#hasExponent ||= exponent !== undefined;
  }

  /** Half a unit of each number's last digit. undefined if the digits leave nothing open. */
  get halfUnits(): Float64Array | undefined {
    const areWhole = this.#decimals <= 0 && !this.#hasExponent;
    if (this.#first.length === 0 || (areWhole && this.#significant < kMostTyped)) return undefined;
    const largest = Math.max(...new Set(this.#first));
    const unitOf = (first: number) => Math.max(-this.#decimals, first - this.#significant + 1);
    if (unitOf(largest) <= largest - kAllDigits + 1) return undefined;
    // parsed, not computed: engines round 10 ** n differently
    return Float64Array.from(this.#first, (first) => Number(`5e${unitOf(first) - 1}`));
  }
}

/** Whole numbers with fewer digits are typed or counted, not rounded. */
const kMostTyped = 4;
/** float64 has between 15 and 17 digits. */
const kAllDigits = 16;
