import type { Module } from "./module.ts";
import type { Norm } from "./norm.ts";

/** The nodes of batch norm's graph, with the names of cpp/include/backnorm/table.hpp. */
export type NodeId =
  /** The input. */
  | "x"
  /** The scale. */
  | "gamma"
  /** The shift. */
  | "beta"
  /** The mean of x over a group. */
  | "mean"
  /** x - mean. */
  | "xc"
  /** xc². */
  | "sq"
  /** The sum of sq over a group, divided by M - ddof. */
  | "var"
  /** √(var + eps). */
  | "std"
  /** 1 / std. */
  | "invstd"
  /** xc·invstd. */
  | "xhat"
  /** xhat·gamma. */
  | "scaled"
  /** scaled + beta. */
  | "y";
/** The nodes of RMS norm's graph. */
export type RmsNodeId =
  /** The input. */
  | "x"
  /** The scale. */
  | "gamma"
  /** x². */
  | "sq"
  /** The mean of sq over a group. */
  | "ms"
  /** √(ms + eps). */
  | "rms"
  /** 1 / rms. */
  | "invrms"
  /** x·invrms. */
  | "xhat"
  /** xhat·gamma, or xhat·(1 + gamma) with unitOffset. */
  | "y";

/** A node of either graph. */
export type AnyNodeId = NodeId | RmsNodeId;

/** The operation that computes a node from its inputs. */
export type Gate =
  /** None: it is given. */
  | "input"
  /** The mean over a group. */
  | "mean"
  /** The sum over a group, divided by M - ddof. */
  | "variance"
  /** The first minus the second. */
  | "subtract"
  /** The square. */
  | "square"
  /** √(input + eps). */
  | "square-root"
  /** 1 / input. */
  | "reciprocal"
  /** The product of both. */
  | "multiply"
  /** The sum of both. */
  | "add";

/** How many values a node has. */
export type Extent =
  /** One for each value of x. */
  | "elements"
  /** One for each group, copied to its values where it meets elements. */
  | "statistics"
  /** Those of gamma and beta, copied to the values that use them. */
  | "parameters";

/** In the order of C++. */
const extents: readonly Extent[] = ["elements", "statistics", "parameters"];

/** A node of a graph: an array that the forward pass computes. */
export interface GraphNode<Id = NodeId> {
  /** Its name: "var". That of its gradient is "d" + id. */
  readonly id: Id;
  /** How many values it has. */
  readonly extent: Extent;
  /** The operation that computes this node from its inputs. */
  readonly gate: Gate;
  /** The nodes that it is computed from: none, one or two. */
  readonly inputs: readonly Id[];
}

/** An edge of a graph. The gradient goes along it backwards. */
export interface GraphEdge<Id = NodeId> {
  /** The input. */
  readonly from: Id;
  /** The node that is computed from it. */
  readonly to: Id;
}

/** A path of the gradient back to a node. */
export interface GraphPath<Id = NodeId> {
  /** "through-var" and "through-mean" are of batch norm's graph, "through-rms" is of RMS norm's. */
  readonly id: "direct" | "through-var" | "through-mean" | "through-rms";
  /** The node that it leads back to. */
  readonly to: Id;
  /** It is this edge's contribution; to a statistic, the negative sum of that over the group. */
  readonly along: GraphEdge<Id>;
}

/** An invariant that gradients keep in training mode whatever the numbers are, in each group. */
export type LawId =
  /** Σ dx = 0. */
  | "sum-of-dx"
  /** Σ dx·xhat = eps·Σ dxhat·xhat / (var + eps)^(3/2). */
  | "sum-of-dx-xhat"
  /** dvar = -Σ dxhat·xhat / (2·(var + eps)). */
  | "dvar"
  /** dmean = -Σ dxhat / √(var + eps). */
  | "dmean";

/** In the order of C++. */
const laws: readonly LawId[] = ["sum-of-dx", "sum-of-dx-xhat", "dvar", "dmean"];
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
  /** The invariants of its gradients. */
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
