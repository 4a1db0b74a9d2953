import type { ErrorPlace } from "../../src/errors.ts";

/** What is at fault: what a caller names, or a part of the link, by its key; "" is all of it. */
export type Argument = string | { readonly link: string };

/** An error as data: of the package, or a PageError. `words.fault` says it in any language. */
export interface Fault extends Error {
  readonly reason: string;
  readonly params: object;
  readonly argument: Argument;
  /** In English. */
  readonly expected: string;
  readonly got: string;
  readonly at: ErrorPlace | undefined;
}

export const isFault = (error: unknown): error is Fault => error instanceof Error && "reason" in error;
