/** A list as NumPy prints it: one row per line, all but the first indented by `indent` spaces. */
export function listed(
  values: ArrayLike<number>,
  shape: readonly number[],
  indent: number,
  digits: (value: number) => string,
): string {
  const part = (rank: number, from: number, [length = 1, ...rest]: readonly number[]): string => {
    const step = rest.reduce((all, one) => all * one, 1);
    const parts = Array.from({ length }, (_, at) =>
      rest.length > 0 ? part(rank + 1, from + at * step, rest) : digits(values[from + at] as number),
    );
    return `[${parts.join(rest.length > 0 ? `,\n${" ".repeat(indent + rank)}` : ", ")}]`;
  };
  return part(0, 0, shape);
}
