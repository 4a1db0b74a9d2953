import { usualNames } from "../../src/dialects.ts";
import type { GraphEdge, NodeId } from "../../src/index.ts";
import type { ArrayId, Labels } from "../maths/notations.ts";
import type { Locale } from "../words/locale.ts";

// An array's id is a node's for its value, "d" + that for its gradient, and "xc->sq" for what an edge brings back.
const edgeOf = (id: string) => id.split("->") as [from: NodeId, to: NodeId];
const isEdge = (id: string) => id.includes("->");

/** The node that an array belongs to: of what an edge brings back, the one that it comes to. */
export const nodeOf = (id: string): NodeId =>
  isEdge(id) ? edgeOf(id)[0] : ((id.startsWith("d") ? id.slice(1) : id) as NodeId);

/** What is given and not computed. */
const inputs = ["x", "gamma", "beta", "dy"];

/** Whether the array is the case's own, so that a wrong one is another case. */
export const isInput = (id: string) => inputs.includes(id);

/** ∂σ², as plain text. */
export function labelOf(id: string, labels: Labels): string {
  if (!isEdge(id)) return labels[id as ArrayId];
  const [from, to] = edgeOf(id);
  return `${labels[from]} ← ${labels[to]}`;
}

/** What a program calls it; what an edge brings back has no name of its own there. */
export const codeOf = (id: string, code: Labels): string => code[id as ArrayId] ?? id;

/** All that it is usually called, by the chosen names first. */
export const namesOf = (id: string, code: Labels): string[] => [
  ...new Set([codeOf(id, code), ...usualNames(id)]),
];

const ways: readonly (readonly [way: keyof Locale["rest"]["mine"]["ways"], edges: readonly string[]])[] = [
  ["mean", ["x->mean", "mean->xc"]],
  ["variance", ["xc->sq", "sq->var", "var->std", "std->invstd", "invstd->xhat"]],
  ["direct", ["x->xc", "xc->xhat"]],
];

export const edgeLabel = ({ from, to }: GraphEdge, labels: Labels) => `${labels[from]} → ${labels[to]}`;

/** An edge as it is drawn, with the way back to x that it lies on. */
export function edgeWords(edge: GraphEdge, { labels, rest: { mine } }: Locale): string {
  const label = edgeLabel(edge, labels);
  const [way] = ways.find(([, edges]) => edges.includes(`${edge.from}->${edge.to}`)) ?? [];
  return way ? mine.edgeOn(label, mine.ways[way]) : label;
}
