import type { GraphEdge, Graphs, NodeId } from "./graph.ts";
import type { Module } from "./module.ts";
import { type Norm, norms } from "./norm.ts";

/** The part of the graph that a mistake changes. */
export interface MistakeRow {
  /** Its stable name, such as "no-mean-path". */
  readonly id: string;
  /** The edges whose contribution or feed it changes, in batch norm's graph if the norm has that. */
  readonly edges: readonly GraphEdge[];
  /** The nodes whose gate or returned gradient it changes. */
  readonly nodes: readonly NodeId[];
  /** True if it is in the passes. If it is in the calls around them, it can't be switched on. */
  readonly switchable: boolean;
  /** The norms that it can be made in; some only at some shapes, such as group norm with two groups or more. */
  readonly norms: readonly Norm[];
}

/** The mistakes in the calls around the passes. */
const kAround = ["stateful-forward", "in-place", "accumulate", "momentum"] as const;

/** The mistakes in the passes, then those around them. */
export function readMistakes(module: Module, graphs: Graphs): readonly MistakeRow[] {
  const edits = Array.from({ length: module.editCount }, (_, edit) => edit);
  const rows = Array.from({ length: module.mistakeCount }, (_, at): MistakeRow => {
    const of = norms.filter((_, norm) => module.mistakeIsOf(at, norm));
    const isOfRms = of.join() === "rms";
    const [number, graph] = isOfRms ? [1, graphs.rms] : [0, graphs.batch];
    const edges = edits
      .map((edit) => graph.edges[module.mistakeEdge(number, at, edit)])
      .filter((edge) => !!edge);
    const nodes = edits
      .map((edit) => graph.nodes[module.mistakeNode(number, at, edit)]?.id)
      .filter((node) => !!node);
    return Object.freeze({
      id: module.mistakeId(at),
      edges: Object.freeze([...new Set(edges)]),
      nodes: Object.freeze([...new Set(nodes)]),
      switchable: true,
      norms: Object.freeze(of),
    });
  });
  const around = kAround.map((id): MistakeRow => {
    const of: readonly Norm[] = id === "momentum" ? ["batch"] : norms;
    return Object.freeze({
      id,
      edges: Object.freeze([]),
      nodes: Object.freeze([]),
      switchable: false,
      norms: Object.freeze([...of]),
    });
  });
  return Object.freeze([...rows, ...around]);
}
