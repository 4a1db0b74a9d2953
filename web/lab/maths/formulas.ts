import type { Graph, GraphEdge, NodeId } from "../../src/index.ts";
import { largest } from "../base/numbers.ts";
import { isSummed, waysFrom } from "./chain.ts";
import { type Computed, nodeReport, nodeTrace, numbersOf, placeIn } from "./computed.ts";
import { resultOf } from "./evaluate.ts";
import { type Expression, forwardOf, isSum } from "./expression.ts";
import { contributionOf, gradientOf, slopeOf } from "./gates.ts";
import { extentOf, lastOf, nodeIn } from "./graph-facts.ts";
import { type Cell, indices, kColumns, type Setting } from "./layout.ts";
import {
  at,
  digit,
  equation,
  type Formula,
  frac,
  group,
  mi,
  minus,
  mn,
  mo,
  over,
  partialOf,
  row,
  sub,
  sum,
  sup,
  words,
} from "./mathml.ts";
import type { Notation } from "./notations.ts";
import {
  eps,
  type FormulaWords,
  joined,
  numberPen,
  one,
  plus,
  symbolPen,
  times,
  two,
  written,
  writtenTerm,
  zero,
} from "./written.ts";

/** 0: the variance is divided by N. 1: by N - 1. */
export type Ddof = 0 | 1;

/** All formulas of the page in one notation. */
export function createFormulas(
  notation: Notation,
  graph: Graph,
  wording: FormulaWords,
  setting: Setting = kColumns,
) {
  const { symbols, partials: d, symbolOf } = notation;
  const { gamma, xhat } = symbols;
  const root = graph.nodes.find(({ gate }) => gate === "square-root");
  const average = symbols[root?.inputs[0] ?? "var"];
  const pen = (ddof: Ddof) => symbolPen({ graph, symbolOf, partialOf: (id) => d[id], ddof, setting });
  const shifted = row(average, plus, eps);
  const shiftedPower = sup(group(shifted), row(minus(over(digit(3), two))));

  /** The gradient of one cell with its own numbers put in. */
  function withNumbers(computed: Computed, id: NodeId, cell: Cell): Formula {
    const { shape, grad } = nodeTrace(computed, id);
    const place = placeIn(computed, id, cell);
    const got = grad[place] as number;
    const name = at(d[id], ...indices(shape, place));
    if (id === lastOf(graph)) return row(name, mo("="), mn(got));
    const numbers = numbersOf(computed);
    const expression = gradientOf(graph, id);
    const extent = extentOf(graph, id);
    const parts = written(numberPen(numbers, extent, place, wording), expression);
    const kept = expression.filter(({ vanishes }) => !vanishes);
    const result = resultOf(numbers, kept, extent, place);
    // with a mistake switched on, a gradient can differ from its formula
    const fails = nodeReport(computed, id)?.verdict === "fail";
    const off = fails && !(Math.abs(result - got) <= 1e-6 * largest(grad));
    return row(name, mo("="), ...parts, mo(off ? "≠" : "="), mn(got));
  }

  /** left = the numbers of an expression = got; ≠ where a mistake makes another number of it. */
  function inNumbers(
    computed: Computed,
    of: NodeId,
    cell: Cell,
    expression: Expression,
    got: number,
  ): Formula[] {
    const numbers = numbersOf(computed);
    const extent = extentOf(graph, of);
    const place = placeIn(computed, of, cell);
    const kept = expression.filter(({ vanishes }) => !vanishes);
    const result = resultOf(numbers, kept, extent, place);
    const off = !(Math.abs(result - got) <= 1e-6 * Math.max(Math.abs(got), Math.abs(result)));
    const parts = written(numberPen(numbers, extent, place, wording), expression);
    return [...parts, mo(off ? "≠" : "="), mn(got)];
  }

  /** A gate with the numbers of one cell: what it computes, and what it sends back to each of its inputs. */
  function gateWithNumbers(computed: Computed, id: NodeId, cell: Cell) {
    const { shape, value } = nodeTrace(computed, id);
    const place = placeIn(computed, id, cell);
    const name = at(symbols[id], ...indices(shape, place));
    const forward = row(
      name,
      mo("="),
      ...inNumbers(computed, id, cell, forwardOf(graph, id), value[place] as number),
    );
    const back = computed.trace.edges
      .filter(({ to }) => to === id)
      .map((edge) => {
        const got = edge.contribution[placeIn(computed, edge.from, cell)] as number;
        const parts = inNumbers(computed, edge.from, cell, [contributionOf(graph, edge)], got);
        return { from: edge.from, formula: row(...parts) };
      });
    return { forward, back };
  }

  const flat = (id: NodeId, inSum = false): Formula => {
    const symbol = inSum ? symbolOf(id, true) : symbols[id];
    if (symbol.whole) return partialOf(symbol);
    const { gate, inputs } = nodeIn(graph, id);
    return partialOf(group(gate === "reciprocal" ? over(one, symbols[inputs[0] as NodeId]) : symbol));
  };
  const derivative = ({ from, to }: GraphEdge, inSum = false) => frac(flat(to, inSum), flat(from, inSum));

  /** ∂L/∂v by the chain rule: along every way that leads on from a node. */
  function chain(id: NodeId): Formula {
    const loss = partialOf(mi("L"));
    const terms = waysFrom(graph, id).map((way) => {
      const summed = isSummed(graph, way) && extentOf(graph, id) !== "elements";
      const end = (way.at(-1) as GraphEdge).to;
      const factors = [
        frac(loss, flat(end, summed)),
        // the slope that leaves the node itself is by one number, whatever is summed
        ...way.toReversed().map((edge) => derivative(edge, summed)),
      ].flatMap((factor, at) => (at > 0 ? [times, factor] : [factor]));
      return summed ? sum(...factors) : row(...factors);
    });
    return equation(
      frac(loss, flat(id)),
      row(...terms.flatMap((term, at) => (at > 0 ? [plus, term] : [term]))),
    );
  }

  return {
    /** How a node is written, and its gradient. */
    symbols,
    partials: d,
    /** The gradient of a node, in terms of the gradients before it in the backward pass. */
    gradient(id: NodeId, ddof: Ddof = 0): Formula {
      if (id === lastOf(graph)) return row(d[id], words(wording.given));
      return joined(written(pen(ddof), gradientOf(graph, id)));
    },
    /** The same by its paths, each as a formula of its own. */
    paths: (id: NodeId, ddof: Ddof = 0): Formula[] =>
      gradientOf(graph, id).map((term) => writtenTerm(pen(ddof), term)),
    withNumbers,
    gateWithNumbers,
    /** The sum in a gradient that is 0 for any numbers. */
    vanishing(id: NodeId): Formula {
      const { parts = [] } = gradientOf(graph, id).find(({ vanishes }) => vanishes) ?? {};
      return equation(row(...parts.filter(isSum).map((part) => pen(0).sum(part, true, false))), zero);
    },
    shifted,
    /** The factor of an edge in the backward pass: the slope of its gate. */
    slope: (edge: GraphEdge, ddof: Ddof = 0): Formula => writtenTerm(pen(ddof), slopeOf(graph, edge)),
    /** The derivative of one node by another, as a fraction without nested fractions. */
    derivative: (edge: GraphEdge): Formula => derivative(edge),
    chain,
    /** ∂L/∂v. */
    ofLoss: (id: NodeId): Formula => frac(partialOf(mi("L")), flat(id)),
    /** The laws of dx in training mode, for any numbers. */
    laws: {
      sumOfDx: row(sum(sub(d.x, "i")), mo("="), zero),
      sumOfDxXhat: row(
        sum(sub(d.x, "i"), times, sub(xhat, "i")),
        mo("="),
        // of one channel the sum is the gradient of its scale
        ...(setting.norm === "batch"
          ? [gamma, times, d.gamma, times, eps]
          : [eps, times, sum(sub(d.xhat, "i"), times, sub(xhat, "i"))]),
        times,
        shiftedPower,
      ),
    },
  };
}

export type Formulas = ReturnType<typeof createFormulas>;
