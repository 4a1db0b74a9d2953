import type { ErrorPlace } from "../../src/errors.ts";

/** What is wrong: an argument, named by the caller, or a part of the link, named by its key; "" is the whole of it. */
export type Argument = string | { readonly link: string };

/** An error as data: one of the package's, or a PageError. `words.fault` turns it into a sentence in each language. */
export interface Fault extends Error {
  readonly reason: string;
  readonly params: object;
  readonly argument: Argument;
  /** The message in English. */
  readonly expected: string;
  readonly got: string;
  readonly at: ErrorPlace | undefined;
}

export const isFault = (error: unknown): error is Fault => error instanceof Error && "reason" in error;
