/** A list as NumPy prints it: one row per line, all but the first indented by `indent` spaces. */
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
