import type { Graph, GraphEdge, NodeId } from "./graph.ts";
import type { Module } from "./module.ts";

/** The part of the graph that a mistake changes. */
export interface MistakeRow {
  readonly id: string;
  /** The edges whose contribution or feed it changes. */
  readonly edges: readonly GraphEdge[];
  /** The nodes whose gate or returned gradient it changes. */
  readonly nodes: readonly NodeId[];
  /** True if it is in the passes. If it is in the calls around them, it can't be switched on. */
  readonly switchable: boolean;
}

/** The mistakes in the passes. */
export function readMistakes(module: Module, graph: Graph): readonly MistakeRow[] {
  const edits = [0, 1, 2];
  const rows = Array.from({ length: module.mistakeCount }, (_, at): MistakeRow => {
    const edges = edits.map((edit) => graph.edges[module.mistakeEdge(at, edit)]).filter((edge) => !!edge);
    const nodes = edits.map((edit) => graph.nodes[module.mistakeNode(at, edit)]?.id).filter((node) => !!node);
    return Object.freeze({
      id: module.mistakeId(at),
      edges: Object.freeze([...new Set(edges)]),
      nodes: Object.freeze([...new Set(nodes)]),
      switchable: true,
    });
  });
  return Object.freeze(rows);
}
