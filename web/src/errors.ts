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
  /** Text that is no array; the message says where. */
  | "unreadable-array"
  /** Bytes that are no .npy file; the message says where. */
  | "unreadable-npy"

  // Of load()
  /** Neither "webassembly" nor "javascript". */
  | "invalid-engine"
  /** Neither engine starts, or not the one that was asked for; `cause` says why. */
  | "load-failed";

interface Complaint {
  code: ErrorCode;
  /** The argument at fault, as the caller names it: `x`, `shape`, `cache.x`, `text`. */
  argument: string;
  /** What was expected, as the end of "expected …". */
  expected: string;
  /** What was given, as the end of "got …". */
  got: string;
}

const sentence = ({ argument, expected, got }: Complaint) => `${argument}: expected ${expected}, got ${got}`;

/** An argument of the wrong kind. Its message reads `argument: expected …, got …`. */
export class BacknormTypeError extends TypeError {
  override readonly name = "BacknormTypeError";
  readonly code: ErrorCode;
  readonly argument: string;
  /** The two halves of the message, for who says it in another language. */
  readonly expected: string;
  readonly got: string;

  constructor(complaint: Complaint, options?: ErrorOptions) {
    super(sentence(complaint), options);
    this.code = complaint.code;
    this.argument = complaint.argument;
    this.expected = complaint.expected;
    this.got = complaint.got;
  }
}

/** An argument of the right kind whose value cannot be used. Its message reads `argument: expected …, got …`. */
export class BacknormRangeError extends RangeError {
  override readonly name = "BacknormRangeError";
  readonly code: ErrorCode;
  readonly argument: string;
  /** The two halves of the message, for who says it in another language. */
  readonly expected: string;
  readonly got: string;

  constructor(complaint: Complaint, options?: ErrorOptions) {
    super(sentence(complaint), options);
    this.code = complaint.code;
    this.argument = complaint.argument;
    this.expected = complaint.expected;
    this.got = complaint.got;
  }
}
