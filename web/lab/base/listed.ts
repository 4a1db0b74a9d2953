/** A list as NumPy prints it: rows on lines of their own, the later ones `indent` blanks in. */
export function listed(
  values: ArrayLike<number>,
  shape: readonly number[],
  indent: number,
  digits: (value: number) => string,
): string {
  const columns = shape.at(-1) as number;
  const row = (from: number) =>
    `[${Array.from({ length: columns }, (_, c) => digits(values[from + c] as number)).join(", ")}]`;
  if (shape.length === 1) return row(0);
  const rows = Array.from({ length: shape[0] as number }, (_, r) => row(r * columns));
  return `[${rows.join(`,\n${" ".repeat(indent)}`)}]`;
}
