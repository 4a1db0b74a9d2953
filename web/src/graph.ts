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

/** What graphFact and graphName tell, in the order of C++. */
const facts = [
  "extent",
  "first-input",
  "second-input",
  "backward",
  "path-to",
  "path-along",
  "has-law",
] as const;
const names = ["node", "gate", "path"] as const;

function readGraph(module: Module, graph: number): Graph {
  const fact = (what: (typeof facts)[number], row: number) =>
    module.graphFact(graph, facts.indexOf(what), row);
  const name = (what: (typeof names)[number], row: number) =>
    module.graphName(graph, names.indexOf(what), row);
  /** All rows that a fact has, read one by one. */
  const rows = <Row>(what: (typeof facts)[number], read: (row: number) => Row): readonly Row[] => {
    const all: Row[] = [];
    while (fact(what, all.length) >= 0) all.push(read(all.length));
    return Object.freeze(all);
  };
  const idOf = (node: number) => name("node", node) as NodeId;
  const nodes = rows("extent", (row): GraphNode => {
    const inputs = [fact("first-input", row), fact("second-input", row)].filter((node) => node >= 0);
    return Object.freeze({
      id: idOf(row),
      extent: extents[fact("extent", row)] as Extent,
      gate: name("gate", row) as Gate,
      inputs: Object.freeze(inputs.map(idOf)),
    });
  });
  const edges = nodes.flatMap((node) => node.inputs.map((from) => Object.freeze({ from, to: node.id })));
  return Object.freeze({
    nodes,
    edges: Object.freeze(edges),
    backwardOrder: rows("backward", (row) => idOf(fact("backward", row))),
    paths: rows("path-to", (row): GraphPath => {
      const along = edges[fact("path-along", row)] as GraphEdge;
      return Object.freeze({
        id: name("path", row) as GraphPath["id"],
        to: idOf(fact("path-to", row)),
        along,
      });
    }),
    laws: Object.freeze(laws.filter((_, law) => fact("has-law", law) === 1)),
  });
}
