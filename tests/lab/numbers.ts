/** Numbers as the page writes them. */
import assert from "node:assert/strict";

/** A number as the page writes it. */
export const read = (text: string) => Number(text.replaceAll("\u2212", "-"));

/** What the last digit shown may be off by: half of it, for rounding. */
export function halfOfLastDigit(text: string): number {
  const [mantissa = "", exponent = "0"] = text.replaceAll("\u2212", "-").split("e");
  return 0.5 * 10 ** (Number(exponent) - (mantissa.split(".")[1]?.length ?? 0));
}

/** Every number that is shown equals what is wanted to the last digit shown; `slack(at)`: what `want` itself may be off. */
export function assertShown(
  shown: readonly { at: number; text: string }[],
  want: ArrayLike<number>,
  slack: (at: number) => number,
  what: string,
) {
  for (const { at, text } of shown) {
    const off = Math.abs(read(text) - (want[at] as number));
    // 1 + 1e-9: what lies in the middle between two digits may be written as either
    const allowed = halfOfLastDigit(text) * (1 + 1e-9) + slack(at);
    assert.ok(off <= allowed, `${what}[${at}] shows ${text} for ${want[at]}`);
  }
}
