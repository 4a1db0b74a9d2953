import type { Invariant, Report } from "../../src/index.ts";

export const kLaws = ["sumOfDx", "sumOfDxXhat"] as const;
export type LawName = (typeof kLaws)[number];

/** The laws of dx that a norm has, with what the check found. */
export const lawsIn = ({ invariants }: Pick<Report<Float64Array>, "invariants">) =>
  kLaws.flatMap((name) => {
    const invariant: Invariant = invariants[name];
    return invariant.residual.length > 0 ? [{ name, invariant }] : []; // RMS norm has no first law
  });
