/** Every error code of this package. Codes are stable; messages may be reworded. */
export type ErrorCode =
  // Arrays
  /** Neither a Float32Array nor a Float64Array. */
  | "not-a-typed-array"
  /** Another kind than x; or not a Float64Array, where the numbers are float64 for either kind of x. */
  | "mixed-kinds"
  /** The buffer was transferred away, or was the kernels' memory before it grew. */
  | "detached-buffer"
  /** Shorter or longer than the shape says. */
  | "length-mismatch"
  /** A NaN or an infinity where a verdict needs finite numbers, as in a case of gradcheck(). */
  | "not-finite"

  // Options
  /** Options, a case, a cache, statistics or sums that aren't an object. */
  | "not-an-object"
  /** A key that the call doesn't know: a misspelt option, another library's name, or something it can't do. */
  | "unknown-option"
  /** Not an array of whole numbers from 0, or in a case from 1; a rank that the call doesn't take, or more than 2^31 values. */
  | "invalid-shape"
  /** A channel or group without a value, where a pass normalizes by those of the batch. */
  | "empty-batch"
  /** Neither "channels-first" nor "channels-last". */
  | "invalid-layout"
  /** An axis that the shape doesn't have, or another one than the layout's. */
  | "invalid-axis"
  /** No norm, or none that has such an option. */
  | "invalid-norm"
  /** Groups that don't divide the channels. */
  | "invalid-groups"
  /** Normalized dims that the shape doesn't have. */
  | "invalid-dims"
  /** Running statistics for a norm that normalizes in eval mode as in training. */
  | "no-running-statistics"
  /** Neither "float32" nor "float64". */
  | "invalid-dtype"
  /** Negative, or not a finite number. */
  | "invalid-eps"
  /** Neither 0 nor 1. */
  | "invalid-ddof"
  /** Not a number from 0 to 1, or given together with decay. */
  | "invalid-momentum"
  /** Not a number from 0 to 1. */
  | "invalid-decay"
  /** Neither true nor false. */
  | "not-a-boolean"
  /** Something divides by m - 1, and a channel has one value. */
  | "one-value-per-channel"
  /** Tensors of that shape don't fit in the kernels' memory, 2 GiB at most. */
  | "out-of-memory"

  // Layers, caches, and batches in parts
  /** backward() of a layer before any forward(). */
  | "no-forward"
  /** A layer after dispose(). */
  | "disposed"
  /** Neither a cache from forward() or normalize() nor saved statistics. */
  | "foreign-cache"
  /** backward() with the cache of a part; use apply(). */
  | "partial-cache"
  /** No parts, a count that isn't a positive whole number, or a count below that of the part. */
  | "invalid-statistics"

  // Checks and diagnoses
  /** A node that the graph doesn't have. */
  | "invalid-node"
  /** No steps, or one that isn't positive and finite. */
  | "invalid-steps"
  /** Not a whole number of 32 bits. */
  | "invalid-seed"
  /** Lengths that no array can have. */
  | "invalid-sizes"
  /** Not an AbortSignal. */
  | "not-a-signal"
  /** An `onProgress` that isn't one. */
  | "not-a-function"
  /** A mistake that `bn.mistakes` doesn't list. */
  | "unknown-mistake"
  /** A name that no dialect gives to an array. */
  | "unknown-array"
  /** One array under two of its names. */
  | "same-array-twice"
  /** The resolution of a printed array is negative or not finite. */
  | "invalid-resolution"

  // Text and files
  /** A text, a setting of a link or its page that isn't one. */
  | "not-a-string"
  /** Text that isn't an array; `at` has the position. */
  | "unreadable-array"
  /** Bytes that aren't a .npy file; `at` has the position. */
  | "unreadable-npy"
  /** Bytes that aren't a .npz file, or whose arrays can't be read; `at` has the position, if it is one. */
  | "unreadable-npz"

  // load()
  /** Neither "webassembly" nor "javascript". */
  | "invalid-engine"
  /** Not a WebAssembly.Module, one of another build or file, or one for engine "javascript". */
  | "invalid-module"
  /** Neither engine starts, or the requested one doesn't; `cause` has the reason. */
  | "load-failed";

/** The position of an error in a text or a file. */
export interface ErrorPlace {
  /** From 0: UTF-16 units in a text, bytes in a file. */
  readonly offset: number;
  /** Only in a text, from 1. */
  readonly line?: number;
  /** Only in a text, from 1. */
  readonly column?: number;
}

/** What an error says, as data. */
export interface Complaint {
  /** Which kind of fault it is. Codes are stable. */
  code: ErrorCode;
  /** Tells apart faults that share a code. Codes are stable, reasons may change. */
  reason: string;
  /** The argument at fault, by the caller's name: `x`, `shape`, `cache.x`, `text`. */
  argument: string;
  /** The end of "expected …". */
  expected: string;
  /** The end of "got …". */
  got: string;
  /** The numbers and names of the message, for a message of your own. Plain data. */
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
  /** That of the class. */
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

/** An argument of the right kind with a value that can't be used. Its message reads `argument: expected …, got …`. */
export class BacknormRangeError extends RangeError implements Complaint {
  /** That of the class. */
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
