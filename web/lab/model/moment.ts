import type { Graph, NodeId } from "../../src/index.ts";

/** How far the two passes have got. One step computes one value, the loss, or one gradient. */
export interface Moment {
  /** f0 (inputs only), f1, f2, …; then b1, b2, … These ids also appear in links. */
  id: string;
  pass: "forward" | "backward";
  /** The step just taken, counted from 1 in its pass, and the number of steps. */
  at: number;
  of: number;
  /** What that step computed. */
  made: NodeId | "loss" | "inputs";
  /** The node chosen at this moment. */
  node: NodeId;
  /** The nodes whose value is known, and those whose gradient is known. */
  values: ReadonlySet<NodeId>;
  grads: ReadonlySet<NodeId>;
}

/** The id of the last moment of batch norm, when everything is known. In any graph it stands for the last one. */
export const kEnd = "b12";

/** Whether everything is known. */
export const isEnd = ({ pass, at, of }: Moment) => pass === "backward" && at === of;

const kMoments = new WeakMap<Graph, readonly Moment[]>();

/** All moments of a graph, from its inputs alone to its last gradient. */
export function momentsOf(graph: Graph): readonly Moment[] {
  const known = kMoments.get(graph);
  if (known) return known;
  const inputs = graph.nodes.filter(({ gate }) => gate === "input").map(({ id }) => id);
  const made = graph.nodes.filter(({ gate }) => gate !== "input").map(({ id }) => id);
  const back = graph.backwardOrder;
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

/** The moment with that id, or the last one. */
export function momentOf(graph: Graph, id: string): Moment {
  const moments = momentsOf(graph);
  return moments.find((moment) => moment.id === id) ?? (moments.at(-1) as Moment);
}
