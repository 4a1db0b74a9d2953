/** What follows from the table of a graph. */
import type { Extent, Graph, GraphEdge, GraphNode, GraphPath, NodeId, RmsNodeId } from "../../src/index.ts";

/** The nodes of both graphs. */
export type AnyNodeId = NodeId | RmsNodeId;

/** No node is known before the engine has started. */
export const kNoGraph: Graph = { nodes: [], edges: [], backwardOrder: [], paths: [], laws: [] };

export const nodeIn = ({ nodes }: Graph, id: NodeId) => nodes.find((node) => node.id === id) as GraphNode;

export const extentOf = (graph: Graph, id: NodeId): Extent => nodeIn(graph, id).extent;

/** The node that the loss reads. Its gradient is given. */
export const lastOf = ({ nodes }: Graph) => (nodes.at(-1) as GraphNode).id;

/** Ids of the arrays that are given, not computed. */
export const givenIn = (graph: Graph): string[] => [
  ...graph.nodes.filter(({ gate }) => gate === "input").map(({ id }) => id),
  `d${lastOf(graph)}`,
];

/** Edges that leave a node, those of the last gates first: the order in which their gradients come back. */
export const edgesFrom = ({ edges }: Graph, id: NodeId): GraphEdge[] =>
  edges.filter(({ from }) => from === id).reverse();

/** A row of numbers that meets a batch is copied, and what its copies bring back is summed. */
export const isCopied = (graph: Graph, { from, to }: GraphEdge) =>
  extentOf(graph, from) !== "elements" && extentOf(graph, to) === "elements";

/** The steps of a derivation end at the inputs, at the averages, and at what is normalized. */
export const isStep = (graph: Graph, id: NodeId): boolean =>
  id === "xhat" || ["input", "mean", "variance"].includes(nodeIn(graph, id).gate);

/** The steps of the derivation, in order. */
export const stepsOf = (graph: Graph): NodeId[] => graph.backwardOrder.filter((id) => isStep(graph, id));

/** The paths back from x̂ to x in any graph, in the order of their sum, as a trace and a link name them. */
export const kPaths = ["direct", "throughVar", "throughMean", "throughRms"] as const;
export type Path = (typeof kPaths)[number];

/** Those of a graph. */
export function pathsOf({ paths }: Graph): Path[] {
  const own = paths.flatMap(({ id, to }) =>
    to === "x" ? [id.replace(/-./, (end) => end.slice(1).toUpperCase())] : [],
  );
  return kPaths.filter((path) => own.includes(path));
}

/** The edges of a path: from its end to the one that stands for it, and on as long as nothing else comes in. */
function edgesOf(graph: Graph, { along, to }: GraphPath): GraphEdge[] {
  const found = graph.edges.filter((edge) => edge.from === to && edge.to === along.from);
  for (let next: GraphEdge | undefined = along; next; ) {
    const { to: at }: GraphEdge = next;
    found.push(next);
    next = nodeIn(graph, at).inputs.length === 1 ? graph.edges.find(({ from }) => from === at) : undefined;
  }
  return found;
}

/** The path back to x that an edge belongs to. */
export const pathOf = (graph: Graph, { from, to }: GraphEdge): GraphPath["id"] | undefined =>
  graph.paths.find((path) => edgesOf(graph, path).some((edge) => edge.from === from && edge.to === to))?.id;
