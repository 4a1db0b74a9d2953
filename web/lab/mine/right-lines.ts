import { usualNames } from "../../src/dialects.ts";
import type { Graph, GraphEdge, NodeId } from "../../src/index.ts";
import { type Coding, codeLine, edgeLine, forwardLine } from "../maths/code-lines.ts";
import { givenIn } from "../maths/graph-facts.ts";
import { edgeOf, nodeOf } from "./array-names.ts";

/** The right line of code for an array; undefined for a given array, and for an edge whose gradient nobody names. */
export function rightLine(graph: Graph, id: string, coding: Coding): string | undefined {
  if (givenIn(graph).includes(id)) return undefined;
  const edge = edgeOf(id);
  if (edge) {
    const [, name] = usualNames(id);
    return name && edgeLine(graph, edge as GraphEdge, name, coding);
  }
  const node = nodeOf(id);
  return id === node ? forwardLine(graph, node as NodeId, coding) : codeLine(graph, node, coding);
}
