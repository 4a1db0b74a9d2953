import type { Graph, GraphEdge, NodeId } from "../../src/index.ts";
import {
  type ArrayPart,
  derivative,
  type Expression,
  forwardOf,
  grad,
  isSum,
  type Part,
  type SumPart,
  type Term,
  value,
} from "./expression.ts";
import { edgesFrom, extentOf, isCopied, isStep, lastOf, nodeIn } from "./graph-facts.ts";

/** The slope of a gate by one of its inputs. */
export const slopeOf = (graph: Graph, { from, to }: GraphEdge): Term =>
  tidy(graph, derivative(forwardOf(graph, to), from)[0] as Term);

/** What an edge brings back to the node that it leaves. */
export const contributionOf = (graph: Graph, edge: GraphEdge): Term =>
  cameBack(graph, edge, brought(graph, edge));

/** The gradient that reaches a gate times the gate's slope, for one copy of the input. */
function brought(graph: Graph, edge: GraphEdge): Term {
  const slope = slopeOf(graph, edge);
  return { ...slope, parts: [grad(edge.to), ...slope.parts] };
}

/** The same in fewer parts, and summed over the copies. */
function cameBack(graph: Graph, edge: GraphEdge, term: Term): Term {
  const whole = tidy(graph, term);
  const onto = extentOf(graph, edge.from);
  return isCopied(graph, edge) ? summed(graph, whole, onto as SumPart["onto"]) : whole;
}

/** The gradient of a node, by the gradients of the steps before it; on the way to a step, by the gradients just before it. */
export function gradientOf(graph: Graph, id: NodeId, deep = isStep(graph, id)): Expression {
  return edgesFrom(graph, id).flatMap((edge) =>
    (deep ? unfolded(graph, brought(graph, edge)) : [brought(graph, edge)]).map((term) =>
      cameBack(graph, edge, term),
    ),
  );
}

/** Replaces gradients on the way to a step by what they are computed from. */
function unfolded(graph: Graph, { parts, ...term }: Term): Expression {
  const at = parts.findIndex(
    (part) => !isSum(part) && part.which === "grad" && part.of !== lastOf(graph) && !isStep(graph, part.of),
  );
  if (at < 0) return [{ parts, ...term }];
  return gradientOf(graph, (parts[at] as ArrayPart).of, true).map((inner) => ({
    factor: term.factor * inner.factor,
    over: [...(term.over ?? []), ...(inner.over ?? [])],
    vanishes: term.vanishes || inner.vanishes || false,
    parts: parts.toSpliced(at, 1, ...inner.parts),
  }));
}

/**
 * Powers of the same array become one: reciprocals and roots are powers of what they are taken of. Only the plain root
 * and its reciprocal keep the root's name.
 */
function tidy(graph: Graph, term: Term): Term {
  if (term.parts.length < 2 && (term.parts[0] as ArrayPart | undefined)?.power === 1) return term;
  const parts = new Map<unknown, Part>();
  for (const part of term.parts) {
    const plain = isSum(part) ? part : underRoot(graph, part);
    const key = isSum(plain) ? plain : plain.which + plain.of + plain.eps;
    const known = parts.get(key) as ArrayPart | undefined;
    parts.set(key, known ? { ...known, power: known.power + (plain as ArrayPart).power } : plain);
  }
  return { ...term, parts: [...parts.values()].map((part) => (isSum(part) ? part : byRoot(graph, part))) };
}

function underRoot(graph: Graph, part: ArrayPart): ArrayPart {
  const { gate, inputs } = nodeIn(graph, part.of);
  const of = inputs[0] as NodeId;
  if (part.which === "grad") return part;
  if (gate === "reciprocal") return underRoot(graph, { ...part, of, power: -part.power });
  return gate === "square-root" ? { ...part, of, power: part.power / 2, eps: true } : part;
}

function byRoot(graph: Graph, part: ArrayPart): ArrayPart {
  const root = graph.nodes.find(({ gate, inputs }) => gate === "square-root" && inputs[0] === part.of);
  return root && part.eps && Math.abs(part.power) === 0.5 ? value(root.id, 2 * part.power) : part;
}

/** The sum of a product over copies. What is left of a sum of differences from their mean is 0, so it stands by itself. */
function summed(graph: Graph, { factor, parts, ...term }: Term, onto: SumPart["onto"]): Term {
  const isConstant = (part: Part) => isSum(part) || extentOf(graph, part.of) === "statistics";
  const varying = parts.filter((part) => !isConstant(part));
  const vanishes = onto === "statistics" && varying.length === 1 && isCentred(graph, varying[0] as ArrayPart);
  const outside = vanishes ? parts.filter(isConstant) : [];
  const sum = { factor: 1, parts: vanishes ? varying : parts };
  return { ...term, factor, vanishes, parts: [...outside, { sum, onto }] };
}

/** Whether it is a difference from its own mean. */
function isCentred(graph: Graph, { of, which, power }: ArrayPart): boolean {
  const { gate, inputs } = nodeIn(graph, of);
  if (gate !== "subtract" || which !== "value" || power !== 1) return false;
  const mean = nodeIn(graph, inputs[1] as NodeId);
  return mean.gate === "mean" && mean.inputs[0] === inputs[0];
}
