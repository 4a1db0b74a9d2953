/** The verdict on an array, or on all of a check. */
export type Verdict =
  /** Every value is within its bound, and a wrong one would not be. */
  | "pass"
  /** At least one value is outside its bound. */
  | "fail"
  /** Every value is within its bound, but on this case a wrong one would be too. */
  | "undecidable";
