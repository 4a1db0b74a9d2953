import type { Finding } from "../../src/index.ts";

export type Judged = "right" | "wrong here" | "inherited" | "wrong" | "undecidable";

/** What a finding says of an array, in a word. */
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
