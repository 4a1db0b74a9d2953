import type { Graph, GraphEdge, NodeId } from "../../src/index.ts";
import { lastOf } from "../maths/graph-facts.ts";
import { isEnd, type Moment } from "../model/moment.ts";
import { edgesOf } from "./motion.ts";

export const key = (edge: GraphEdge) => `${edge.from}-${edge.to}`;

/** Where something flows at the moment. */
export interface Flow {
  edges: ReadonlySet<string>;
  /** Between y and the loss. */
  loss: boolean;
  back: boolean;
}

/** What flows at a moment. At the end, the gradient flows from the loss to the chosen node. */
export function flowOf(moment: Moment, graph: Graph, chosen: NodeId): Flow {
  if (!isEnd(moment)) {
    return {
      edges: new Set(edgesOf(moment, graph).map(key)),
      loss: moment.made === "loss" || (moment.made === lastOf(graph) && moment.pass === "backward"),
      back: moment.pass === "backward",
    };
  }
  const edges = new Set<string>();
  const reached = new Set<NodeId>([chosen]);
  for (const { id } of graph.nodes) {
    for (const edge of graph.edges) {
      if (edge.from !== id || !reached.has(id)) continue;
      edges.add(key(edge));
      reached.add(edge.to);
    }
  }
  return { edges, loss: true, back: true };
}
