import type { NodeId, Verdict } from "../../src/index.ts";
import { type Computed, nodeReport } from "../maths/computed.ts";

/** inherited: a fail that follows from one before it. */
export type Shown = Verdict | "inherited" | "pending" | "unchecked";

/** What stands where no verdict is. */
export const unjudged = ({ givenUp }: Computed): Shown => (givenUp ? "unchecked" : "pending");

/** The verdict on a node's gradient; a fail that follows from one before it is told apart. */
export function shownVerdict(computed: Computed, id: NodeId): Shown {
  const verdict = nodeReport(computed, id)?.verdict ?? unjudged(computed);
  const { wrongHere } = computed;
  return verdict === "fail" && wrongHere.size > 0 && !wrongHere.has(`d${id}`) ? "inherited" : verdict;
}
