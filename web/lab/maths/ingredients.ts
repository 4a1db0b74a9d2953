import type { Graph, NodeId } from "../../src/index.ts";
import { isSum, type SumPart, type Term } from "./expression.ts";
import { gradientOf } from "./gates.ts";
import { edgesFrom, extentOf, isStep, lastOf, stepsOf } from "./graph-facts.ts";

/** An array that a gradient is computed from. */
export interface Ingredient {
  of: NodeId;
  which: "value" | "grad";
  /** Whether a cell needs all values that share its statistic, or its parameter, or only the one in the same place. */
  takes: SumPart["onto"] | "cell";
}

function partsOf(graph: Graph, { parts }: Term, onto?: SumPart["onto"]): Ingredient[] {
  return parts.flatMap((part) => {
    if (isSum(part)) return partsOf(graph, part.sum, part.onto);
    const { of, which } = part;
    return [{ of, which, takes: (extentOf(graph, of) === "elements" && onto) || "cell" }];
  });
}

/** The arrays in the formula of a gradient, in its order. */
export function ingredientsOf(graph: Graph, id: NodeId): Ingredient[] {
  const all = gradientOf(graph, id).flatMap((term) => partsOf(graph, term));
  return all.filter(
    (one, at) => all.findIndex(({ of, which }) => of === one.of && which === one.which) === at,
  );
}

/** The gradients of steps that a step is computed from. */
export const stepsBefore = (graph: Graph, id: NodeId): NodeId[] =>
  isStep(graph, id)
    ? ingredientsOf(graph, id).flatMap(({ of, which }) => (which === "grad" && isStep(graph, of) ? [of] : []))
    : [];

/** For a gradient that is not a step: the last step that it leads to. */
export function onTheWayTo(graph: Graph, id: NodeId): NodeId | undefined {
  const leads = (to: NodeId): boolean =>
    edgesFrom(graph, to).some((edge) => edge.to === id || (!isStep(graph, edge.to) && leads(edge.to)));
  return isStep(graph, id) || id === lastOf(graph) ? undefined : stepsOf(graph).findLast(leads);
}
