import { type DialectId, kDialects, ownName } from "../../src/dialects.ts";
import type { Graph, NodeId } from "../../src/index.ts";
import { forwardOf } from "./expression.ts";
import { type AnyNodeId, extentOf } from "./graph-facts.ts";
import { kColumns } from "./layout.ts";
import { digit, type Formula, group, hat, mi, partialOf, sub, sup } from "./mathml.ts";
import { joined, symbolPen, written } from "./written.ts";

/** The sets of names that the page can use. */
export const kNotations = [
  "paper",
  "cs231n",
  "kratzert",
  "makemore",
  "pytorch",
] as const satisfies readonly DialectId[];
export type NotationId = (typeof kNotations)[number];

/** Every array: a node's value by its id, its gradient by "d" + id. */
export type ArrayId = AnyNodeId | `d${AnyNodeId}`;
/** A text for every array. */
export type Labels = Readonly<Record<ArrayId, string>>;

type Letters = Readonly<Record<string, string>>;

// Ioffe and Szegedy 2015, without their index B, since there is only one batch
const kLetters: Letters = { x: "x", gamma: "γ", beta: "β", mean: "μ", var: "σ²", xhat: "x̂", y: "y" };

interface Spec {
  /** Its name in the list of notations. */
  title: string;
  /** How arrays are written in formulas. Without letters: as in code. */
  letters?: Letters;
}

/** Names from well-known sources. */
const kSpecs: Readonly<Record<NotationId, Spec>> = {
  paper: { title: "Ioffe & Szegedy", letters: kLetters },
  // the figure of assignment 2
  cs231n: { title: "CS231n", letters: { ...kLetters, var: "v", std: "σ", y: "out" } },
  kratzert: { title: "Kratzert" },
  makemore: { title: "makemore" },
  pytorch: { title: "PyTorch" },
};

export const titleOf = (id: NotationId) => kSpecs[id].title;

/** A set of names: in formulas, in plain text, and in code. */
export interface Notation {
  id: NotationId;
  symbols: Readonly<Record<AnyNodeId, Formula>>;
  partials: Readonly<Record<AnyNodeId, Formula>>;
  /** inSum: with the index of a sum, if it has a value in each row. */
  symbolOf(id: NodeId, inSum: boolean): Formula;
  /** Plain text, as on the graph: σ², ∂σ². */
  labels: Labels;
  /** Names in NumPy: var, dvar. */
  code: Labels;
  /** Whether x − μ has its own symbol, which can take an index. */
  namesCentred: boolean;
}

const letter = (name: string): Formula =>
  name === "x̂" ? hat("x") : name === "σ²" ? sup(mi("σ"), digit(2)) : mi(name);

function build(id: NotationId, graph: Graph): Notation {
  const { letters } = kSpecs[id];
  const { gradient } = kDialects[id];
  // before the engine has started: what has the same role in every graph
  const ids = [...new Set([...Object.keys(kLetters), ...graph.nodes.map((node) => node.id)])] as NodeId[];
  const code = (node: NodeId) => ownName(id, node) ?? node;

  /** Its own name in formulas. An average always has one; what has none is written in terms of others. */
  const nameOf = (node: NodeId): string | undefined => {
    const gate = graph.nodes.find((one) => one.id === node)?.gate;
    const known = letters ? letters[node] : (ownName(id, node) ?? (node in kLetters ? node : undefined));
    return known ?? (gate === "mean" || gate === "variance" ? code(node) : undefined);
  };
  const symbolOf = (node: NodeId, inSum: boolean): Formula => {
    const name = nameOf(node);
    if (name === undefined) {
      const pen = symbolPen({ graph, symbolOf, partialOf: partial, ddof: 0, setting: kColumns }, inSum);
      return joined(written(pen, forwardOf(graph, node)));
    }
    return inSum && extentOf(graph, node) === "elements" ? sub(letter(name), "i") : letter(name);
  };
  const partial = (node: NodeId): Formula => {
    if (!letters) return mi(gradient + code(node));
    const symbol = symbols[node];
    return partialOf(symbol.whole ? symbol : group(symbol));
  };

  const of = <Value>(value: (node: NodeId) => Value) =>
    Object.fromEntries(ids.map((node) => [node, value(node)])) as Record<AnyNodeId, Value>;
  const symbols = of((node) => symbolOf(node, false));
  const partials = of(partial);
  const texts = (value: (node: NodeId) => string, gradient: (node: NodeId) => string) =>
    Object.fromEntries(
      ids.flatMap((node) => [
        [node, value(node)],
        [`d${node}`, gradient(node)],
      ]),
    ) as Labels;
  // a sum under a root is short
  const short = ({ text }: Formula) => text.replaceAll(" + ", "+");
  return {
    id,
    symbols,
    partials,
    symbolOf,
    labels: texts(
      (node) => short(symbols[node]),
      (node) => short(partials[node]),
    ),
    code: texts(code, (node) => gradient + code(node)),
    namesCentred: symbols.xc?.whole ?? false,
  };
}

const known = new WeakMap<Graph, Map<NotationId, Notation>>();

export function notationOf(id: NotationId, graph: Graph): Notation {
  const notations = known.get(graph) ?? new Map<NotationId, Notation>();
  known.set(graph, notations);
  const notation = notations.get(id) ?? build(id, graph);
  notations.set(id, notation);
  return notation;
}
