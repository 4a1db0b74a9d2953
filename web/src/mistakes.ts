import type { Graph, GraphEdge, NodeId } from "./graph.ts";
import { callMistakeWords, mistakeWords, type Words } from "./mistake-words.ts";
import type { Module } from "./module.ts";

/** A known mistake of a backward pass: what `trace` and `gradcheck` can make, and `diagnose` can name. */
export interface Mistake {
  readonly id: string;
  /** What was done wrong, in one sentence. */
  readonly explanation: Words;
  /** Where to look, without giving the answer away. */
  readonly hint: Words;
  /** The edges whose contribution, or whose feed, it changes. */
  readonly edges: readonly GraphEdge[];
  /** The nodes whose gate, or whose returned gradient, it changes. */
  readonly nodes: readonly NodeId[];
  /** Whether it is in the passes. If not, it is in the calls around them, and can't be switched on. */
  readonly switchable: boolean;
}

export function readMistakes(module: Module, graph: Graph): readonly Mistake[] {
  const edits = [0, 1, 2];
  const inPasses = Array.from({ length: module.mistakeCount }, (_, at): Mistake => {
    const id = module.mistakeId(at) as keyof typeof mistakeWords;
    const edges = edits.map((edit) => graph.edges[module.mistakeEdge(at, edit)]).filter((edge) => !!edge);
    const nodes = edits.map((edit) => graph.nodes[module.mistakeNode(at, edit)]?.id).filter((node) => !!node);
    return Object.freeze({
      id,
      ...mistakeWords[id],
      edges: Object.freeze([...new Set(edges)]),
      nodes: Object.freeze([...new Set(nodes)]),
      switchable: true,
    });
  });
  const around = Object.entries(callMistakeWords).map(
    ([id, words]): Mistake =>
      Object.freeze({ id, ...words, edges: Object.freeze([]), nodes: Object.freeze([]), switchable: false }),
  );
  return Object.freeze([...inPasses, ...around]);
}
