/** Every code that an error of this package can carry. Codes are stable; sentences may be reworded. */
export type ErrorCode =
  // Of arrays
  /** Neither a Float32Array nor a Float64Array. */
  | "not-a-typed-array"
  /** Of another kind than x, or no Float64Array where the numbers are float64 for either kind of x. */
  | "mixed-kinds"
  /** The buffer was transferred away, or was the kernels' memory before that grew. */
  | "detached-buffer"
  /** Shorter or longer than the shape says. */
  | "length-mismatch"
  /** A NaN or an infinity where only numbers can be judged, as in a case of gradcheck(). */
  | "not-finite"

  // Of options
  /** Options, a case, a cache, statistics or sums that are no object. */
  | "not-an-object"
  /** A misspelt option, or one by the name that other libraries give it: epsilon for eps. */
  | "unknown-option"
  /** No array of positive whole numbers, of another rank than the call takes, or of more than 2^31 values. */
  | "invalid-shape"
  /** Neither "channels-first" nor "channels-last". */
  | "invalid-layout"
  /** Neither "float32" nor "float64". */
  | "invalid-dtype"
  /** Negative, or no finite number. */
  | "invalid-eps"
  /** Neither 0 nor 1. */
  | "invalid-ddof"
  /** No number from 0 to 1, or given together with decay. */
  | "invalid-momentum"
  /** No number from 0 to 1. */
  | "invalid-decay"
  /** Neither true nor false. */
  | "not-a-boolean"
  /** Something divides by m - 1, and a channel has one value. */
  | "one-value-per-channel"
  /** Tensors of that shape do not fit in the kernels' memory, 2 GiB at most. */
  | "out-of-memory"

  // Of layers, caches, and batches in parts
  /** backward() of a layer whose forward() never ran. */
  | "no-forward"
  /** A layer after dispose(). */
  | "disposed"
  /** Not the cache that forward() or normalize() returned. */
  | "foreign-cache"
  /** backward() of the cache of a part, which apply() is for. */
  | "partial-cache"
  /** No parts, or a count that is no positive whole number, or is less than the part has. */
  | "invalid-statistics"

  // Of checks and diagnoses
  /** A node that the graph does not have. */
  | "invalid-node"
  /** No steps, or one that is not positive and finite. */
  | "invalid-steps"
  /** No whole number of 32 bits. */
  | "invalid-seed"
  /** Lengths that no array can have. */
  | "invalid-sizes"
  /** No AbortSignal. */
  | "not-a-signal"
  | "not-a-function"
  /** A mistake that `bn.mistakes` does not list. */
  | "unknown-mistake"
  /** A name that no dialect gives an array. */
  | "unknown-array"
  /** One array under two of its names. */
  | "same-array-twice"
  /** Of a printed array: what its last digit stands for, negative or not finite. */
  | "invalid-resolution"

  // Of text and files
  | "not-a-string"
  /** Text that is no array; `at` says where. */
  | "unreadable-array"
  /** Bytes that are no .npy file; `at` says where. */
  | "unreadable-npy"

  // Of load()
  /** Neither "webassembly" nor "javascript". */
  | "invalid-engine"
  /** Neither engine starts, or not the one that was asked for; `cause` says why. */
  | "load-failed";

/** Where a text or a file went wrong. */
export interface ErrorPlace {
  /** Of a text in UTF-16 units, of a file in bytes, from 0. */
  readonly offset: number;
  /** Of a text, from 1. */
  readonly line?: number;
  readonly column?: number;
}

interface Complaint {
  code: ErrorCode;
  /** Which of the faults that share the code. Codes are stable, reasons may change. */
  reason: string;
  /** The argument at fault, as the caller names it: `x`, `shape`, `cache.x`, `text`. */
  argument: string;
  /** What was expected, as the end of "expected …". */
  expected: string;
  /** What was given, as the end of "got …". */
  got: string;
  /** The numbers and names of the sentence, for a sentence of your own. Plain data. */
  params: Readonly<Record<string, unknown>>;
  /** Where a text or a file can't be read. */
  at: ErrorPlace | undefined;
}

/** What was expected, where, and what was given. */
export function expectation({ expected, got, at }: Pick<Complaint, "expected" | "got" | "at">): string {
  const place = at && (at.line ? `line ${at.line}, column ${at.column}` : `byte ${at.offset}`);
  return `expected ${expected}${place ? ` (${place})` : ""}, got ${got}`;
}

const sentence = (complaint: Complaint) => `${complaint.argument}: ${expectation(complaint)}`;

/** An argument of the wrong kind. Its message reads `argument: expected …, got …`. */
export class BacknormTypeError extends TypeError implements Complaint {
  override readonly name = "BacknormTypeError";
  declare readonly code: ErrorCode;
  declare readonly reason: string;
  declare readonly argument: string;
  declare readonly expected: string;
  declare readonly got: string;
  declare readonly params: Readonly<Record<string, unknown>>;
  declare readonly at: ErrorPlace | undefined;

  constructor(complaint: Complaint, options?: ErrorOptions) {
    super(sentence(complaint), options);
    Object.assign(this, complaint);
  }
}

/** An argument of the right kind whose value cannot be used. Its message reads `argument: expected …, got …`. */
export class BacknormRangeError extends RangeError implements Complaint {
  override readonly name = "BacknormRangeError";
  declare readonly code: ErrorCode;
  declare readonly reason: string;
  declare readonly argument: string;
  declare readonly expected: string;
  declare readonly got: string;
  declare readonly params: Readonly<Record<string, unknown>>;
  declare readonly at: ErrorPlace | undefined;

  constructor(complaint: Complaint, options?: ErrorOptions) {
    super(sentence(complaint), options);
    Object.assign(this, complaint);
  }
}
