/**
 * pass: every value is within its bound, and a wrong gradient would not be.
 * fail: at least one value is outside its bound.
 * undecidable: every value is within its bound, but on this case a wrong gradient would be too.
 */
export type Verdict = "pass" | "fail" | "undecidable";
