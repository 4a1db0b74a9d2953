import type { NodeId } from "../../src/index.ts";
import { largest } from "../base/numbers.ts";
import { type Cell, type Computed, nodeReport, nodeTrace } from "./computed.ts";
import {
  at,
  bracketed,
  count,
  digit,
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
  under,
  words,
} from "./mathml.ts";
import type { Notation } from "./notations.ts";

/** 0: the variance is divided by N. 1: by N - 1. */
export type Ddof = 0 | 1;

/** The words that appear in formulas. */
export interface FormulaWords {
  given: string;
  terms(count: number): string;
}

const times = mo("·");
const plus = mo("+");
const [zero, one, two] = [digit(0), digit(1), digit(2)];
const eps = mi("ε");
const power = row(minus(over(digit(3), two)));

export const n = mi("N");
/** What the variance is divided by. */
export const divisors = [n, row(n, mo("−"), one)] as const;

/** All formulas of the page in one notation. */
export function createFormulas({ symbols, partials, namesCentred }: Notation, wording: FormulaWords) {
  const { x, gamma, mean, var: variance, std, invstd, xc, xhat } = symbols;
  const d = partials;
  const shifted = row(variance, plus, eps);
  const shiftedPower = sup(group(shifted), power);
  const centred = namesCentred ? xc : group(xc);
  const centredOfRow = namesCentred ? sub(xc, "i") : group(sub(x, "i"), mo("−"), mean);
  const twice = namesCentred ? row(two, times, xc) : row(two, centred);
  const half = frac(one, two);
  const dividedBy = (ddof: Ddof) => divisors[ddof];

  /** dx by each of its paths. */
  const paths = (ddof: Ddof = 0) => ({
    direct: frac(d.xhat, std),
    throughVar: row(d.var, times, frac(twice, dividedBy(ddof))),
    throughMean: frac(d.mean, n),
  });

  const backwardBy = (ddof: Ddof): Readonly<Record<NodeId, Formula>> => {
    const { direct, throughVar, throughMean } = paths(ddof);
    return {
      y: row(d.y, words(wording.given)),
      scaled: d.y,
      beta: sum(sub(d.y, "i")),
      gamma: sum(sub(d.y, "i"), times, sub(xhat, "i")),
      xhat: row(d.y, times, gamma),
      invstd: sum(sub(d.xhat, "i"), times, centredOfRow),
      std: row(minus(d.invstd), times, frac(one, shifted)),
      var: row(minus(half), sum(sub(d.xhat, "i"), times, centredOfRow), times, shiftedPower),
      sq: frac(d.var, dividedBy(ddof)),
      xc: row(frac(d.xhat, std), plus, d.sq, times, twice),
      mean: row(
        minus(sum(frac(sub(d.xhat, "i"), std))),
        plus,
        under(row(d.var, times, frac(minus(two), dividedBy(ddof)), sum(centredOfRow)), row(mo("="), zero)),
      ),
      x: row(direct, plus, throughVar, plus, throughMean),
    };
  };
  const backward = [backwardBy(0), backwardBy(1)] as const;

  /** The gradient of one cell with its own numbers put in. */
  function withNumbers(computed: Computed, id: NodeId, { row: r, column: c }: Cell): Formula {
    const { rows, columns, kase } = computed;
    const read = (node: NodeId, which: "value" | "grad", i = r) => {
      const { shape, [which]: values } = nodeTrace(computed, node);
      return values[shape.length === 2 ? i * columns + c : c] as number;
    };
    const g = (node: NodeId, i = r) => read(node, "grad", i);
    const v = (node: NodeId, i = r) => read(node, "value", i);
    const each = (term: (i: number) => number) => Array.from({ length: rows }, (_, i) => term(i));
    const written = (values: readonly number[]) => terms(values, wording);
    const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    const divisor = rows - (kase.ddof ?? 0);
    const s = v("var") + (kase.eps ?? 1e-5);
    const products = () => each((i) => g("xhat", i) * v("xc", i));
    const quotients = () => each((i) => g("xhat", i) / v("std"));
    /** The expression between the name and the result, and its value. */
    const ways: Readonly<Record<NodeId, () => readonly [parts: Formula[], result: number]>> = {
      y: () => [[], g("y")],
      scaled: () => [[mn(g("y"))], g("y")],
      beta: () => {
        const all = each((i) => g("y", i));
        return [written(all), total(all)];
      },
      gamma: () => {
        const all = each((i) => g("y", i) * v("xhat", i));
        return [written(all), total(all)];
      },
      xhat: () => [[mn(g("y")), times, bracketed(v("gamma"))], g("y") * v("gamma")],
      invstd: () => [written(products()), total(products())],
      std: () => [[minus(bracketed(g("invstd"))), times, frac(one, mn(s))], -g("invstd") / s],
      var: () => {
        const all = total(products());
        return [[minus(half), times, bracketed(all), times, sup(mn(s), power)], -0.5 * all * s ** -1.5];
      },
      sq: () => [[frac(mn(g("var")), count(divisor))], g("var") / divisor],
      xc: () => [
        [frac(mn(g("xhat")), mn(v("std"))), plus, bracketed(g("sq")), times, two, times, bracketed(v("xc"))],
        g("xhat") / v("std") + g("sq") * 2 * v("xc"),
      ],
      mean: () => [[minus(group(...written(quotients()))), plus, zero], -total(quotients())],
      x: () => [
        [
          frac(mn(g("xhat")), mn(v("std"))),
          plus,
          bracketed(g("var")),
          times,
          frac(row(two, times, bracketed(v("xc"))), count(divisor)),
          plus,
          frac(mn(g("mean")), count(rows)),
        ],
        g("xhat") / v("std") + (g("var") * 2 * v("xc")) / divisor + g("mean") / rows,
      ],
    };
    const name = at(d[id], ...(nodeTrace(computed, id).shape.length === 2 ? [r + 1, c + 1] : [c + 1]));
    const [parts, result] = ways[id]();
    // with a mistake switched on, a gradient can differ from its formula
    const fails = nodeReport(computed, id)?.verdict === "fail";
    const off = fails && !(Math.abs(result - g(id)) <= 1e-6 * largest(nodeTrace(computed, id).grad));
    return row(name, mo("="), ...(parts.length > 0 ? [...parts, mo(off ? "≠" : "=")] : []), mn(g(id)));
  }

  return {
    /** How a node is written, and its gradient. */
    symbols,
    partials,
    paths,
    /** The gradients of all nodes, each in terms of the gradients before it in the backward pass. */
    backward: (ddof: Ddof = 0) => backward[ddof],
    withNumbers,
    /** Why the mean's path through the variance contributes 0. */
    centredSumIsZero: row(sum(centredOfRow), mo("="), zero),
    /** x − μ, in brackets if it is written as a difference; and the same for row i. */
    centred,
    centredOfRow,
    shifted,
    shiftedPower,
    /** The factor of each edge in the backward pass: the slope of its gate. Keys are "from-to". */
    localGradients: (ddof: Ddof = 0): Readonly<Record<string, Formula>> => ({
      "x-mean": frac(one, n),
      "x-xc": one,
      "mean-xc": minus(one),
      "xc-sq": twice,
      "sq-var": frac(one, dividedBy(ddof)),
      "var-std": frac(one, row(two, std)),
      "std-invstd": minus(frac(one, shifted)),
      "xc-xhat": invstd,
      "invstd-xhat": xc,
      "xhat-scaled": gamma,
      "gamma-scaled": xhat,
      "scaled-y": one,
      "beta-y": one,
    }),
    /** The derivative of one node by another, as a fraction without nested fractions. */
    slope: (of: NodeId, by: NodeId): Formula => frac(flat(of), flat(by)),
    /** The laws of dx in training mode, for any numbers. */
    laws: {
      sumOfDx: row(sum(sub(d.x, "i")), mo("="), zero),
      sumOfDxXhat: row(
        sum(sub(d.x, "i"), times, sub(xhat, "i")),
        mo("="),
        gamma,
        times,
        d.gamma,
        times,
        eps,
        times,
        shiftedPower,
      ),
    },
  };

  function flat(id: NodeId): Formula {
    const symbol = symbols[id];
    if (symbol.whole) return partialOf(symbol);
    return partialOf(group(id === "invstd" ? over(one, std) : symbol));
  }
}

export type Formulas = ReturnType<typeof createFormulas>;

/** A sum over rows: all terms if they are few, otherwise the first and the last ones. */
export function terms(values: readonly number[], wording: FormulaWords): Formula[] {
  const signed = (value: number, at: number): Formula[] =>
    at === 0 ? [mn(value)] : [value < 0 ? mo("−") : plus, mn(Math.abs(value))];
  if (values.length <= 6) return values.flatMap(signed);
  return [
    ...values.slice(0, 3).flatMap(signed),
    plus,
    mo("⋯"),
    plus,
    group(mn(values.at(-1) as number)),
    words(wording.terms(values.length)),
  ];
}
