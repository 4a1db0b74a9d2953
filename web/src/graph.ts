import type { Module } from "./module.ts";
import type { Norm } from "./norm.ts";

/** The nodes of batch norm's graph, with the names of cpp/include/backnorm/table.hpp. */
export type NodeId =
  | "x"
  | "gamma"
  | "beta"
  | "mean"
  | "xc"
  | "sq"
  | "var"
  | "std"
  | "invstd"
  | "xhat"
  | "scaled"
  | "y";
/** The nodes of RMS norm's graph. */
export type RmsNodeId = "x" | "gamma" | "sq" | "ms" | "rms" | "invrms" | "xhat" | "y";

export type Gate =
  | "input"
  | "mean"
  | "variance"
  | "subtract"
  | "square"
  | "square-root"
  | "reciprocal"
  | "multiply"
  | "add";

/** In the order of C++. */
const extents = ["elements", "statistics", "parameters"] as const;
export type Extent = (typeof extents)[number];

export interface GraphNode<Id = NodeId> {
  readonly id: Id;
  /**
   * elements: one for each value of x. statistics: one for each group, copied to its values where it meets elements.
   * parameters: gamma and beta, copied to the values that use them.
   */
  readonly extent: Extent;
  /** The operation that computes this node from its inputs. */
  readonly gate: Gate;
  readonly inputs: readonly Id[];
}

export interface GraphEdge<Id = NodeId> {
  readonly from: Id;
  readonly to: Id;
}

/** A path of the gradient back to a node. */
export interface GraphPath<Id = NodeId> {
  readonly id: "direct" | "through-var" | "through-mean" | "through-rms";
  readonly to: Id;
  /** It is this edge's contribution; to a statistic, the negative sum of that over the group. */
  readonly along: GraphEdge<Id>;
}

/** In the order of C++. */
const laws = ["sum-of-dx", "sum-of-dx-xhat", "dvar", "dmean"] as const;
/** An invariant that gradients keep in training mode whatever the numbers are. */
export type LawId = (typeof laws)[number];
export const lawOf = (id: LawId) => laws.indexOf(id);

/** A computational graph: the table that the passes, the checker and the page read. */
export interface Graph<Id = NodeId> {
  /** In topological order. */
  readonly nodes: readonly GraphNode<Id>[];
  /** One for every input of every node. */
  readonly edges: readonly GraphEdge<Id>[];
  /** Each node after those from which its gradient is computed. */
  readonly backwardOrder: readonly Id[];
  /** Those to x add up to dx, those to the mean to dmean. */
  readonly paths: readonly GraphPath<Id>[];
  readonly laws: readonly LawId[];
}

/** The graph of batch, layer, group and instance norm, and that of RMS norm, read alike. */
export interface Graphs {
  readonly batch: Graph;
  readonly rms: Graph;
}
export const graphFor = ({ batch, rms }: Graphs, norm: Norm): Graph => (norm === "rms" ? rms : batch);

export const readGraphs = (module: Module): Graphs => ({
  batch: readGraph(module, 0),
  rms: readGraph(module, 1),
});

function readGraph(module: Module, graph: number): Graph {
  const rows = Array.from({ length: module.nodeCount(graph) }, (_, node) => module.nodeRow(graph, node));
  const idOf = (node: number) => (rows[node] as (typeof rows)[number]).id as NodeId;
  const nodes = rows.map(({ id, extent, gate, inputs }): GraphNode => {
    const names = inputs.filter((node) => node >= 0).map(idOf);
    return Object.freeze({
      id: id as NodeId,
      extent: extents[extent] as Extent,
      gate: gate as Gate,
      inputs: Object.freeze(names),
    });
  });
  const edges = nodes.flatMap((node) => node.inputs.map((from) => Object.freeze({ from, to: node.id })));
  const paths = Array.from({ length: module.pathCount(graph) }, (_, at): GraphPath => {
    const { id, to, along } = module.pathRow(graph, at);
    return Object.freeze({ id: id as GraphPath["id"], to: idOf(to), along: edges[along] as GraphEdge });
  });
  return Object.freeze({
    nodes: Object.freeze(nodes),
    edges: Object.freeze(edges),
    backwardOrder: Object.freeze(nodes.map((_, at) => idOf(module.backwardNode(graph, at)))),
    paths: Object.freeze(paths),
    laws: Object.freeze(laws.filter((_, law) => module.hasLaw(graph, law))),
  });
}
