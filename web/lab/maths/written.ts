import type { Graph, NodeId } from "../../src/index.ts";
import { countOf, type Numbers, summands, valueOfPart } from "./evaluate.ts";
import { type ArrayPart, type Expression, isSum, type Part, type SumPart, type Term } from "./expression.ts";
import { extentOf } from "./graph-facts.ts";
import type { Setting } from "./layout.ts";
import {
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
  named,
  over,
  row,
  sqrt,
  sub,
  sum,
  sup,
  vanishing,
  words,
} from "./mathml.ts";

/** The words that appear in formulas. */
export interface FormulaWords {
  given: string;
  terms(count: number): string;
}

export const times = mo("·");
export const plus = mo("+");
export const [zero, one, two] = [digit(0), digit(1), digit(2)];
export const eps = mi("ε");
/** How many values a group has, and what the variance is divided by. */
export const countOfGroup = ({ size }: Pick<Setting, "size">) => mi(size);
export const divisorOf = (setting: Pick<Setting, "size">, ddof: 0 | 1): Formula =>
  ddof === 0 ? countOfGroup(setting) : row(countOfGroup(setting), mo("−"), one);

/** How the parts of an expression are written: as symbols, or as the numbers of a cell. */
export interface Pen {
  /** inProduct: it gets brackets if it needs them after a sign or a factor. */
  array(part: ArrayPart, inProduct: boolean): Formula;
  sum(part: SumPart, inProduct: boolean, isAlone: boolean): Formula;
  count(by: "size" | "divisor"): Formula;
  /** The sign between two factors, if there is one. */
  between(left: Formula, right: Formula): Formula[];
  /** A term that is 0 for any numbers. */
  vanishing(term: Formula): Formula;
}

export const joined = (parts: readonly Formula[]) => (parts.length > 1 ? row(...parts) : (parts[0] ?? one));
const signed = ({ between }: Pen, factors: readonly Formula[]): Formula[] =>
  factors.flatMap((factor, at) =>
    at > 0 ? [...between(factors[at - 1] as Formula, factor), factor] : [factor],
  );
const product = (pen: Pen, factors: readonly Formula[]) => joined(signed(pen, factors));

/** ½, 2, −3/2 */
function power(value: number): Formula {
  const size = Math.abs(value);
  const written = Number.isInteger(size) ? digit(size) : over(digit(2 * size), two);
  return row(value < 0 ? minus(written) : written);
}

function raised(pen: Pen, part: ArrayPart, inProduct: boolean): Formula {
  if (part.power === 1) return pen.array(part, inProduct);
  if (part.power === 0.5) return sqrt(pen.array(part, false));
  if (part.power === -1) return frac(one, pen.array(part, false));
  const { power: by } = part;
  return sup(pen.array(part, true), Number.isInteger(by) && by > 0 ? digit(by) : power(by));
}

const hasGrad = ({ parts }: Term): boolean =>
  parts.some((part) => (isSum(part) ? hasGrad(part.sum) : part.which === "grad"));

/** 0: a gradient, 1: a factor, 2: a divisor, 3: what comes last. */
const placeOf = (part: Part): number => {
  if (isSum(part)) return hasGrad(part.sum) ? 0 : 3;
  if (part.which === "grad") return 0;
  return part.eps ? 3 : part.power === -1 ? 2 : 1;
};

/** The factors of a term with the signs between them, and whether a minus stands in front of the first. */
function factorsOf(pen: Pen, { factor, parts, over: by = [] }: Term, isFirst: boolean) {
  const size = Math.abs(factor);
  const isWhole = Number.isInteger(size);
  const isAlone = parts.length === 1 && size === 1;
  const isOnlySum = parts.length === 1 && parts.some(isSum); // which stands above what it is divided by
  const [heads, values, divisors, last] = [0, 1, 2, 3].map((place) =>
    parts.filter((part) => (isOnlySum ? 0 : placeOf(part)) === place),
  ) as [Part[], ArrayPart[], ArrayPart[], Part[]];
  const write = (part: Part, inProduct: boolean) =>
    isSum(part) ? pen.sum(part, inProduct, isAlone) : raised(pen, part, inProduct);

  const number = digit(isWhole ? size : 1 / size);
  const half = isWhole || heads.length === 0 ? [] : [frac(one, number)];
  const below = [
    ...(isWhole || heads.length > 0 ? [] : [number]),
    ...by.map(pen.count),
    ...divisors.map((part) => pen.array(part, false)),
  ];
  const isWithin = factor < -1 && by.length > 0 && values.length === 0; // the minus stands with the number
  const above = [
    ...(isWhole && size > 1 ? [isWithin ? minus(number) : number] : []),
    ...values.map((part) => write(part, parts.length > 1 || size > 1)),
  ];
  const [only, another] = heads;
  const fraction = (top: readonly Formula[]) =>
    below.length > 0
      ? [frac(product(pen, top), product(pen, below))]
      : top.length > 0
        ? [product(pen, top)]
        : [];
  const factors =
    only && !another && below.length > 0 && above.length === 0
      ? fraction([write(only, false)])
      : [
          ...heads.map((part, at) => write(part, at + half.length > 0 || !isFirst || factor < 0)),
          ...fraction(above),
        ];
  const isNegative = factor < 0 && !isWithin;
  return {
    isNegative,
    factors: signed(pen, [...half, ...factors, ...last.map((part) => write(part, true))]),
  };
}

/** A single term, with its sign. */
export function writtenTerm(pen: Pen, term: Term): Formula {
  const { isNegative, factors } = factorsOf(pen, term, true);
  const [first = one, ...others] = factors;
  return joined([isNegative ? minus(first) : first, ...others]);
}

/** A sum of terms, with the signs between them. */
export function written(pen: Pen, expression: Expression): Formula[] {
  return expression.flatMap((term, at) => {
    if (at === 0) return [writtenTerm(pen, term)];
    const { isNegative, factors } = factorsOf(pen, term, false);
    const whole = joined(factors);
    return [isNegative ? mo("−") : plus, term.vanishes ? pen.vanishing(whole) : whole];
  });
}

/** The symbols of nodes in terms of others: those with a name of their own, and the formulas of the rest. */
export interface Symbols {
  graph: Graph;
  symbolOf(id: NodeId, inSum: boolean): Formula;
  partialOf(id: NodeId): Formula;
  ddof: 0 | 1;
  setting: Setting;
}

const isLetter = ({ text }: Formula) => /^.\u0302?$/u.test(text);
const isNumber = ({ text }: Formula) => /^[\d/]+$/.test(text);

export function symbolPen(symbols: Symbols, inSum = false): Pen {
  const { graph, ddof, setting } = symbols;
  const bracket = (formula: Formula, inProduct: boolean) =>
    inProduct && !formula.whole ? group(formula) : formula;
  return {
    array({ of, which, eps: withEps }, inProduct) {
      if (which === "grad") {
        const partial = symbols.partialOf(of);
        return named(inSum && extentOf(graph, of) === "elements" ? sub(partial, "i") : partial, "grad", of);
      }
      const symbol = named(symbols.symbolOf(of, inSum), "value", of);
      if (setting.unitOffset && of === "gamma") return group(one, plus, symbol);
      return bracket(withEps ? row(symbol, plus, eps) : symbol, inProduct);
    },
    sum(part) {
      const inner = symbolPen(symbols, true);
      const [only, another] = part.sum.parts;
      if (only && !another && !isSum(only)) return sum(inner.array(only, true));
      return sum(...factorsOf(inner, part.sum, true).factors);
    },
    count: (by) => (by === "divisor" ? divisorOf(setting, ddof) : countOfGroup(setting)),
    between: (left, right) =>
      /^Σ/.test(right.text) ||
      (isNumber(left) && /^[(√]/.test(right.text)) ||
      (isLetter(left) && isLetter(right))
        ? []
        : [times],
    vanishing,
  };
}

/** The numbers put into a cell of an array of that extent. */
export function numberPen(
  numbers: Numbers,
  extent: Parameters<typeof valueOfPart>[2],
  at: number,
  wording: FormulaWords,
): Pen {
  const written = (value: number, inProduct: boolean) => (inProduct ? bracketed(value) : mn(value));
  return {
    array: (part, inProduct) => written(valueOfPart(numbers, part, extent, at), inProduct),
    sum(part, inProduct, isAlone) {
      const values = summands(numbers, part, extent, at);
      if (!isAlone) return bracketed(values.reduce((a, b) => a + b, 0));
      const all = terms(values, wording);
      return inProduct ? group(...all) : row(...all);
    },
    count: (by) => count(countOf(numbers, by)),
    between: () => [times],
    vanishing: () => zero,
  };
}

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
