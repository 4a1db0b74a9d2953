import type { Finding } from "../../src/index.ts";

export type Judged = "right" | "wrong here" | "inherited" | "wrong" | "undecidable";

/** The verdict of a finding on an array, in one word. */
export const judge = ({ truth, local }: Finding): Judged =>
  truth === "pass"
    ? "right"
    : truth === "undecidable"
      ? "undecidable"
      : local === "fail"
        ? "wrong here"
        : local === "pass"
          ? "inherited"
          : "wrong";
