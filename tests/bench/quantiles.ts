/** The value below which a share of them lies, between two of them where need be. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values: readonly number[]) => quantile(values, 0.5);

const digits = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** Three digits, or all of a larger number. */
export const middle = (values: readonly number[]) => digits(median(values));

/** The median and the quartiles. */
export const spread = (values: readonly number[]) =>
  `${middle(values)} (${digits(quantile(values, 0.25))}–${digits(quantile(values, 0.75))})`;
