import { usualNames } from "../../src/dialects.ts";
import type { GraphEdge, NodeId } from "../../src/index.ts";
import type { ArrayId, Labels } from "../maths/notations.ts";
import type { Locale } from "../words/locale.ts";

// Ids of arrays: the node's id for its value, "d" + id for its gradient, "xc->sq" for the gradient on an edge.
const edgeOf = (id: string) => id.split("->") as [from: NodeId, to: NodeId];
const isEdge = (id: string) => id.includes("->");

/** The node of an array. For the gradient on an edge: the node that receives it. */
export const nodeOf = (id: string): NodeId =>
  isEdge(id) ? edgeOf(id)[0] : ((id.startsWith("d") ? id.slice(1) : id) as NodeId);

/** Arrays that are given, not computed. */
const inputs = ["x", "gamma", "beta", "dy"];

/** Whether the array is an input. A wrong input means another case. */
export const isInput = (id: string) => inputs.includes(id);

/** ∂σ², as plain text. */
export function labelOf(id: string, labels: Labels): string {
  if (!isEdge(id)) return labels[id as ArrayId];
  const [from, to] = edgeOf(id);
  return `${labels[from]} ← ${labels[to]}`;
}

/** The name in code. The gradient on an edge has none. */
export const codeOf = (id: string, code: Labels): string => code[id as ArrayId] ?? id;

/** All usual names, those of the chosen notation first. */
export const namesOf = (id: string, code: Labels): string[] => [
  ...new Set([codeOf(id, code), ...usualNames(id)]),
];

const ways: readonly (readonly [way: keyof Locale["rest"]["mine"]["ways"], edges: readonly string[]])[] = [
  ["mean", ["x->mean", "mean->xc"]],
  ["variance", ["xc->sq", "sq->var", "var->std", "std->invstd", "invstd->xhat"]],
  ["direct", ["x->xc", "xc->xhat"]],
];

export const edgeLabel = ({ from, to }: GraphEdge, labels: Labels) => `${labels[from]} → ${labels[to]}`;

/** An edge as it is drawn, with its path back to x. */
export function edgeWords(edge: GraphEdge, { labels, rest: { mine } }: Locale): string {
  const label = edgeLabel(edge, labels);
  const [way] = ways.find(([, edges]) => edges.includes(`${edge.from}->${edge.to}`)) ?? [];
  return way ? mine.edgeOn(label, mine.ways[way]) : label;
}
