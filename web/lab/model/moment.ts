import type { Graph, NodeId } from "../../src/index.ts";

/** How far the two passes have come: one step makes one value, the loss, or one gradient. */
export interface Moment {
  /** f0, where only the inputs are there, f1, f2 and on; then b1 and on. A link says it so. */
  id: string;
  pass: "forward" | "backward";
  /** Which step of its pass was just taken, from 1, and how many there are. */
  at: number;
  of: number;
  /** What that step made. */
  made: NodeId | "loss" | "inputs";
  /** The node that is chosen with it. */
  node: NodeId;
  /** The nodes whose value, and those whose gradient, is there. */
  values: ReadonlySet<NodeId>;
  grads: ReadonlySet<NodeId>;
}

/** The id of the last moment: everything is there. */
export const kEnd = "b12";

const kMoments = new WeakMap<Graph, readonly Moment[]>();

/** All moments of a graph, from its inputs alone to its last gradient. */
export function momentsOf(graph: Graph): readonly Moment[] {
  const known = kMoments.get(graph);
  if (known) return known;
  const inputs = graph.nodes.filter(({ gate }) => gate === "input").map(({ id }) => id);
  const made = graph.nodes.filter(({ gate }) => gate !== "input").map(({ id }) => id);
  const back = backwardOrder(graph);
  const last = made.at(-1) as NodeId;
  const forward = (at: number): Moment => ({
    id: `f${at}`,
    pass: "forward",
    at,
    of: made.length + 1,
    made: at === 0 ? "inputs" : (made[at - 1] ?? "loss"),
    node: at === 0 ? (inputs[0] as NodeId) : (made[at - 1] ?? last),
    values: new Set([...inputs, ...made.slice(0, at)]),
    grads: new Set(),
  });
  const moments = [
    ...Array.from({ length: made.length + 2 }, (_, at) => forward(at)),
    ...back.map(
      (node, at): Moment => ({
        id: `b${at + 1}`,
        pass: "backward",
        at: at + 1,
        of: back.length,
        made: node,
        node,
        values: new Set([...inputs, ...made]),
        grads: new Set(back.slice(0, at + 1)),
      }),
    ),
  ];
  kMoments.set(graph, moments);
  return moments;
}

/** Each gradient as soon as all that it is a sum of has come back; of two at once, that of an input first. */
function backwardOrder({ nodes }: Graph): NodeId[] {
  const firstUse = (id: NodeId) => {
    const use = nodes.findIndex(({ inputs }) => inputs.includes(id));
    return use < 0 ? nodes.length : use;
  };
  return nodes
    .map(({ id }) => ({ id, use: firstUse(id) }))
    .sort((a, b) => b.use - a.use)
    .map(({ id }) => id);
}

/** The moment of that id, or the last one. */
export function momentOf(graph: Graph, id: string): Moment {
  const moments = momentsOf(graph);
  return moments.find((moment) => moment.id === id) ?? (moments.at(-1) as Moment);
}
