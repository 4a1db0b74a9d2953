/** Every code that an error of this package can carry. Codes are stable; sentences may be reworded. */
export type ErrorCode =
  | "not-a-typed-array"
  | "not-a-string"
  | "not-a-function"
  | "not-a-signal"
  | "not-an-object"
  | "mixed-kinds"
  | "detached-buffer"
  | "length-mismatch"
  | "invalid-shape"
  | "invalid-layout"
  | "invalid-eps"
  | "invalid-ddof"
  | "invalid-momentum"
  | "invalid-decay"
  | "invalid-dtype"
  | "not-a-boolean"
  | "no-forward"
  | "disposed"
  | "one-value-per-channel"
  | "not-finite"
  | "invalid-seed"
  | "invalid-sizes"
  | "invalid-node"
  | "invalid-steps"
  | "invalid-engine"
  | "foreign-cache"
  | "partial-cache"
  | "invalid-statistics"
  | "unknown-mistake"
  | "unknown-array"
  | "same-array-twice"
  | "invalid-resolution"
  | "unreadable-array"
  | "unreadable-npy"
  | "out-of-memory"
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

  constructor(complaint: Complaint, options?: ErrorOptions) {
    super(sentence(complaint), options);
    this.code = complaint.code;
    this.argument = complaint.argument;
  }
}

/** An argument of the right kind whose value cannot be used. Its message reads `argument: expected …, got …`. */
export class BacknormRangeError extends RangeError {
  override readonly name = "BacknormRangeError";
  readonly code: ErrorCode;
  readonly argument: string;

  constructor(complaint: Complaint, options?: ErrorOptions) {
    super(sentence(complaint), options);
    this.code = complaint.code;
    this.argument = complaint.argument;
  }
}
