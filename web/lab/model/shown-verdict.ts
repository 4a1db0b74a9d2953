import type { NodeId, Verdict } from "../../src/index.ts";
import { type Computed, nodeReport } from "../maths/computed.ts";

/** inherited: a fail that follows from one before it. */
export type Shown = Verdict | "inherited" | "pending" | "unchecked";

/** Shown where there is no verdict. */
export const unjudged = ({ givenUp }: Computed): Shown => (givenUp ? "unchecked" : "pending");

/** The verdict on a node's gradient. A fail that follows from an earlier one is "inherited". */
export function shownVerdict(computed: Computed, id: NodeId): Shown {
  const verdict = nodeReport(computed, id)?.verdict ?? unjudged(computed);
  const { wrongHere } = computed;
  return verdict === "fail" && wrongHere.size > 0 && !wrongHere.has(`d${id}`) ? "inherited" : verdict;
}
