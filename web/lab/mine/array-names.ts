import { usualNames } from "../../src/dialects.ts";
import type { GraphEdge, NodeId } from "../../src/index.ts";
import { pathOf } from "../maths/graph-facts.ts";
import type { ArrayId, Labels } from "../maths/notations.ts";
import type { Locale } from "../words/locale.ts";

// Ids of arrays: the node's id for its value, "d" + id for its gradient, "xc->sq" for the gradient on an edge.
export function edgeOf(id: string): GraphEdge | undefined {
  const [from, to] = id.split("->") as [NodeId, NodeId?];
  return to && { from, to };
}

/** The node of an array. For the gradient on an edge: the node that receives it. */
export const nodeOf = (id: string): NodeId =>
  edgeOf(id)?.from ?? ((id.startsWith("d") ? id.slice(1) : id) as NodeId);

/** ∂σ², as plain text. */
export function labelOf(id: string, labels: Labels): string {
  const edge = edgeOf(id);
  return edge ? `${labels[edge.from]} ← ${labels[edge.to]}` : labels[id as ArrayId];
}

/** The name in code. The gradient on an edge has none. */
export const codeOf = (id: string, code: Labels): string => code[id as ArrayId] ?? id;

/** All usual names, those of the chosen notation first. */
export const namesOf = (id: string, code: Labels): string[] => [
  ...new Set([codeOf(id, code), ...usualNames(id)]),
];

export const edgeLabel = ({ from, to }: GraphEdge, labels: Labels) => `${labels[from]} → ${labels[to]}`;

/** An edge as it is drawn, with its path back to x. */
export function edgeWords(edge: GraphEdge, { graph, labels, rest: { mine } }: Locale): string {
  const label = edgeLabel(edge, labels);
  const path = pathOf(graph, edge);
  return path ? mine.edgeOn(label, mine.ways[path]) : label;
}
