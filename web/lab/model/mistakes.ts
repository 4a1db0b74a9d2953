import type { Backnorm, Graph, Mistake, NodeId, Norm } from "../../src/index.ts";
import { inRms } from "../../src/stand-in.ts";

/** The known mistakes of a norm. */
export const mistakesIn = (bn: Pick<Backnorm, "mistakes">, norm: Norm = "batch"): Mistake[] =>
  bn.mistakes.filter(({ norms }) => norms.includes(norm));

/** Whether a mistake, or none, can be made in a norm. */
export const isMistakeIn = (bn: Pick<Backnorm, "mistakes">, id: string, norm: Norm): boolean =>
  id === "" || bn.mistakes.some((one) => one.id === id && one.norms.includes(norm));

/** Those that can be switched on. */
export const switchableIn = (bn: Pick<Backnorm, "mistakes">, norm: Norm = "batch"): Mistake[] =>
  mistakesIn(bn, norm).filter(({ switchable }) => switchable);

const kOfRms = new WeakMap<Mistake, Mistake>();

/** A mistake of batch norm's graph, at the edges and nodes of another graph that stand for its own. */
export function inGraph(mistake: Mistake, graph: Graph): Mistake {
  const has = (id: string) => graph.nodes.some((node) => node.id === id);
  if (has("xc") || mistake.norms.join() === "rms") return mistake;
  const known = kOfRms.get(mistake);
  if (known) return known;
  const own = (id: NodeId) => inRms(id) as NodeId;
  const isOwn = mistake.edges.map(({ from, to }) => `${own(from)}->${own(to)}`);
  const made: Mistake = {
    ...mistake,
    edges: graph.edges.filter(({ from, to }) => isOwn.includes(`${from}->${to}`)),
    nodes: [...new Set(mistake.nodes.map(own).filter(has))],
  };
  kOfRms.set(mistake, made);
  return made;
}
