import type { Graph, GraphEdge, NodeId } from "../../src/index.ts";
import { edgesFrom, isCopied, isStep, lastOf } from "./graph-facts.ts";

/** The edges from a node to the next step of the derivation whose gradient is known, or to the given one. */
export type Way = readonly GraphEdge[];

/** The ways that lead on from a node, those of the last gates first. From a node between two steps: its edges. */
export function waysFrom(graph: Graph, id: NodeId, deep = isStep(graph, id)): Way[] {
  return edgesFrom(graph, id).flatMap((edge) =>
    !deep || isStep(graph, edge.to) || edge.to === lastOf(graph)
      ? [[edge]]
      : waysFrom(graph, edge.to, true).map((rest) => [edge, ...rest]),
  );
}

/** Whether a number of the node is copied on a way, so that what its copies bring back is summed. */
export const isSummed = (graph: Graph, way: Way) => way.some((edge) => isCopied(graph, edge));

/** The edges of some ways, each once. */
export const edgesOn = (ways: readonly Way[]): GraphEdge[] => [...new Set(ways.flat())];
