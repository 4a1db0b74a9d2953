import type { Extent, Gate, Graph, NodeId } from "../../src/index.ts";
import { extentOf, nodeIn } from "./graph-facts.ts";

/** A power of the value of a node, with `eps` of that value plus ε; or a node's gradient. */
export interface ArrayPart {
  of: NodeId;
  which: "value" | "grad";
  power: number;
  eps?: boolean;
}

/** A sum over all elements of a group, or over all that use a parameter. */
export interface SumPart {
  sum: Term;
  onto: Exclude<Extent, "elements">;
}

export type Part = ArrayPart | SumPart;

/** A product. "size" counts the values of a group; "divisor" is what the variance is divided by. */
export interface Term {
  factor: number;
  parts: readonly Part[];
  over?: readonly ("size" | "divisor")[];
  /** It is 0 for any numbers. */
  vanishes?: boolean;
}

/** A sum of products. */
export type Expression = readonly Term[];

export const isSum = (part: Part): part is SumPart => "sum" in part;
export const value = (of: NodeId, power = 1): ArrayPart => ({ of, which: "value", power });
export const grad = (of: NodeId): ArrayPart => ({ of, which: "grad", power: 1 });

const average = (of: NodeId | undefined, by: "size" | "divisor"): Expression => [
  {
    factor: 1,
    parts: [{ sum: { factor: 1, parts: [value(of as NodeId)] }, onto: "statistics" }],
    over: [by],
  },
];
const product = (...parts: ArrayPart[]): Term => ({ factor: 1, parts });

/** What each kind of gate computes. Everything about a node, forward and backward, follows from this. */
const kGates: Readonly<Record<Gate, (a: NodeId, b: NodeId) => Expression>> = {
  input: () => [],
  mean: (a) => average(a, "size"),
  variance: (a) => average(a, "divisor"),
  subtract: (a, b) => [product(value(a)), { factor: -1, parts: [value(b)] }],
  add: (a, b) => [product(value(a)), product(value(b))],
  multiply: (a, b) => [product(value(a), value(b))],
  square: (a) => [product(value(a, 2))],
  "square-root": (a) => [product({ ...value(a, 0.5), eps: true })],
  reciprocal: (a) => [product(value(a, -1))],
};

/** The value of a node. Of two factors, a parameter comes first. */
export function forwardOf(graph: Graph, id: NodeId): Expression {
  const { gate, inputs } = nodeIn(graph, id);
  const [a, b] = gate === "multiply" ? byParameter(graph, inputs) : inputs;
  return kGates[gate](a as NodeId, b as NodeId);
}

const byParameter = (graph: Graph, inputs: readonly NodeId[]) =>
  inputs.toSorted(
    (a, b) => Number(extentOf(graph, b) === "parameters") - Number(extentOf(graph, a) === "parameters"),
  );

/** The derivative of an expression by one number of a node. Of a sum, only one term has that number. */
export const derivative = (expression: Expression, by: NodeId): Expression =>
  expression.flatMap(({ parts, ...term }) =>
    parts.flatMap((part, at): Expression => {
      const others = (own: readonly Part[]) => parts.toSpliced(at, 1, ...own);
      if (isSum(part))
        return derivative([part.sum], by).map((inner) => ({
          ...term,
          factor: term.factor * inner.factor,
          parts: others(inner.parts),
        }));
      if (part.of !== by) return [];
      const power = part.power - 1;
      return [
        { ...term, factor: term.factor * part.power, parts: others(power === 0 ? [] : [{ ...part, power }]) },
      ];
    }),
  );
