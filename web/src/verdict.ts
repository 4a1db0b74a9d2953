/**
 * pass: every value agrees within its bound, and the agreement means something.
 * fail: at least one value lies further off than its bound.
 * undecidable: every value agrees, but on this case a wrong gradient would agree as well.
 */
export type Verdict = "pass" | "fail" | "undecidable";
