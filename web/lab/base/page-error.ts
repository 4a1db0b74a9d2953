/**
 * Why the page can't take what it was given. In English, as the package's errors are, and of the same parts, so that
 * `words.fault` can say both in any language.
 */
export class PageError extends Error {
  /** What it is about, or "". */
  readonly argument: string;
  /** The end of "expected …". */
  readonly expected: string;
  /** The end of "got …". */
  readonly got: string;

  constructor(argument: string, expected: string, got: string, options?: ErrorOptions) {
    super(`${argument && `${argument}: `}expected ${expected}, got ${got}`, options);
    this.argument = argument;
    this.expected = expected;
    this.got = got;
  }
}
