import { html, mathml, type TemplateResult } from "lit";
import type { NodeId } from "../src/index.ts";
import { largest, single } from "./numbers.ts";
import { type Cell, type Computed, nodeReport, nodeTrace } from "./selection.ts";

/** Formulas as MathML, built and not parsed, so that a notation can rename them and a cell can fill them in. */
export type Math = TemplateResult<3>;

const mi = (name: string): Math => mathml`<mi>${name}</mi>`;
export const mn = (value: number): Math =>
  value < 0
    ? mathml`<mrow class="number"><mo form="prefix">−</mo><mn>${single(-value)}</mn></mrow>`
    : mathml`<mn class="number">${single(value)}</mn>`;
/** A count, which has no decimals. */
const whole = (n: number): Math => mathml`<mn class="number">${n}</mn>`;
export const mo = (sign: string): Math => mathml`<mo>${sign}</mo>`;
export const row = (...parts: Math[]): Math => mathml`<mrow>${parts}</mrow>`;
export const group = (...parts: Math[]): Math =>
  mathml`<mrow><mo stretchy="false">(</mo>${parts}<mo stretchy="false">)</mo></mrow>`;
export const sub = (base: Math, index: string): Math => mathml`<msub>${base}<mi>${index}</mi></msub>`;
const sup = (base: Math, power: Math): Math => mathml`<msup>${base}${power}</msup>`;
export const frac = (top: Math, bottom: Math): Math => mathml`<mfrac>${top}${bottom}</mfrac>`;
const sqrt = (inside: Math): Math => mathml`<msqrt>${inside}</msqrt>`;
export const sum = (...terms: Math[]): Math =>
  mathml`<mrow><munder><mo>∑</mo><mi>i</mi></munder>${terms}</mrow>`;
const d = (of: Math): Math => mathml`<mrow><mo form="prefix" lspace="0" rspace="0">∂</mo>${of}</mrow>`;
const times = mo("·");
const minus = mo("−");
const plus = mo("+");

const x = mi("x");
const xhat = mathml`<mover accent="true"><mi>x</mi><mo>^</mo></mover>` as Math;
const mu = mi("μ");
const gamma = mi("γ");
const beta = mi("β");
const y = mi("y");
const variance = sup(mi("σ"), mathml`<mn>2</mn>`);
const std = sqrt(row(variance, plus, mi("ε")));
const centred = row(x, minus, mu);
const squares = sup(group(centred), mathml`<mn>2</mn>`);
const invstd = frac(mathml`<mn>1</mn>`, std);
export const n = mi("N");
/** What the variance is divided by. */
export const divisors = [n, row(n, minus, mathml`<mn>1</mn>`)] as const;

/** How a node is written. */
export const kSymbols: Readonly<Record<NodeId, Math>> = {
  x,
  gamma,
  beta,
  mean: mu,
  xc: centred,
  sq: squares,
  var: variance,
  std,
  invstd,
  xhat,
  scaled: row(gamma, xhat),
  y,
};

/** The gradient of a node, as a name. */
export const partial = (id: NodeId): Math =>
  d(
    id === "xc"
      ? group(centred)
      : id === "invstd"
        ? group(invstd)
        : id === "scaled"
          ? group(kSymbols.scaled)
          : kSymbols[id],
  );

/** 0: the variance is divided by N. 1: by N - 1. */
export type Ddof = 0 | 1;

/** ∂x by each of its paths. */
export const pathFormulas = (ddof: Ddof) => ({
  direct: frac(d(xhat), std),
  throughVar: row(d(variance), times, frac(row(mathml`<mn>2</mn>`, group(centred)), divisors[ddof])),
  throughMean: frac(d(mu), n),
});

/** Why the mean's way through the variance brings nothing back. */
export const centredSumIsZero = row(sum(group(sub(x, "i"), minus, mu)), mo("="), mathml`<mn>0</mn>`);

const ddofs: readonly Ddof[] = [0, 1];
const backward = ddofs.map(
  (ddof): Readonly<Record<NodeId, Math>> => ({
    y: row(d(y), mathml`<mtext>, given</mtext>`),
    scaled: d(y),
    beta: sum(sub(d(y), "i")),
    gamma: sum(sub(d(y), "i"), times, sub(xhat, "i")),
    xhat: row(d(y), times, gamma),
    invstd: sum(sub(d(xhat), "i"), times, group(sub(x, "i"), minus, mu)),
    std: row(minus, d(group(invstd)), times, frac(mathml`<mn>1</mn>`, row(variance, plus, mi("ε")))),
    var: row(
      minus,
      frac(mathml`<mn>1</mn>`, mathml`<mn>2</mn>`),
      sum(sub(d(xhat), "i"), times, group(sub(x, "i"), minus, mu)),
      times,
      sup(group(variance, plus, mi("ε")), mathml`<mrow><mo>−</mo><mn>3</mn><mo>/</mo><mn>2</mn></mrow>`),
    ),
    sq: frac(d(variance), divisors[ddof]),
    xc: row(frac(d(xhat), std), plus, d(squares), times, mathml`<mn>2</mn>`, group(centred)),
    mean: row(
      minus,
      sum(frac(sub(d(xhat), "i"), std)),
      plus,
      mathml`<munder><mrow>${d(variance)}<mo>·</mo><mfrac><mrow><mo>−</mo><mn>2</mn></mrow>${divisors[ddof]}</mfrac>${sum(group(sub(x, "i"), minus, mu))}</mrow><mrow><mo>=</mo><mn>0</mn></mrow></munder>`,
    ),
    x: row(
      pathFormulas(ddof).direct,
      plus,
      pathFormulas(ddof).throughVar,
      plus,
      pathFormulas(ddof).throughMean,
    ),
  }),
);

/** The gradients of all nodes, each of the gradients that come before it on the way back. */
export const backwardFormulas = (ddof: Ddof = 0) => backward[ddof] as Readonly<Record<NodeId, Math>>;

/** What each edge multiplies a gradient with on its way back: the slope of its gate. Keys are "from-to". */
export const localGradients = (ddof: Ddof = 0): Readonly<Record<string, Math>> => {
  const one = mathml`<mn>1</mn>`;
  return {
    "x-mean": frac(one, n),
    "x-xc": one,
    "mean-xc": row(minus, one),
    "xc-sq": row(mathml`<mn>2</mn>`, group(centred)),
    "sq-var": frac(one, divisors[ddof]),
    "var-std": frac(one, row(mathml`<mn>2</mn>`, std)),
    "std-invstd": row(minus, frac(one, row(variance, plus, mi("ε")))),
    "xc-xhat": invstd,
    "invstd-xhat": centred,
    "xhat-scaled": gamma,
    "gamma-scaled": xhat,
    "scaled-y": one,
    "beta-y": one,
  };
};

/** The slope of one node by another, as a fraction, which holds no other one. */
export const slope = (of: NodeId, by: NodeId): Math => {
  const flat = (id: NodeId) => (id === "invstd" ? d(group(mathml`<mn>1</mn>`, mo("/"), std)) : partial(id));
  return frac(flat(of), flat(by));
};

/** What ∂x obeys in training mode, whatever the numbers. */
export const kLaws = {
  sumOfDx: row(sum(sub(d(x), "i")), mo("="), mathml`<mn>0</mn>`),
  sumOfDxXhat: row(
    sum(sub(d(x), "i"), sub(xhat, "i")),
    mo("="),
    gamma,
    times,
    d(gamma),
    times,
    mi("ε"),
    times,
    sup(group(variance, plus, mi("ε")), mathml`<mrow><mo>−</mo><mn>3</mn><mo>/</mo><mn>2</mn></mrow>`),
  ),
} as const;

/** A sum over rows: every term of a few, the first and the last of many. */
export function terms(values: readonly number[]): Math[] {
  const signed = (value: number, at: number): Math[] =>
    at === 0 ? [mn(value)] : [value < 0 ? minus : plus, mn(Math.abs(value))];
  if (values.length <= 6) return values.flatMap(signed);
  return [
    ...values.slice(0, 3).flatMap(signed),
    plus,
    mo("⋯"),
    plus,
    group(mn(values.at(-1) as number)),
    mathml`<mtext> (${values.length} terms)</mtext>`,
  ];
}

export const bracketed = (value: number): Math => (value < 0 ? group(mn(value)) : mn(value));

/** The gradient of one cell with its own numbers put in. */
export function withNumbers(computed: Computed, id: NodeId, { row: r, column: c }: Cell): Math {
  const { rows, columns, kase } = computed;
  const at = (node: NodeId, which: "value" | "grad", i = r) => {
    const { shape, [which]: values } = nodeTrace(computed, node);
    return values[shape.length === 2 ? i * columns + c : c] as number;
  };
  const each = (term: (i: number) => number) => terms(Array.from({ length: rows }, (_, i) => term(i)));
  const total = (term: (i: number) => number) =>
    Array.from({ length: rows }, (_, i) => term(i)).reduce((a, b) => a + b, 0);
  const g = (node: NodeId, i = r) => at(node, "grad", i);
  const v = (node: NodeId, i = r) => at(node, "value", i);
  const count = rows - (kase.ddof ?? 0);
  const s = at("var", "value") + (kase.eps ?? 1e-5);
  const middle: Record<NodeId, () => Math[]> = {
    y: () => [],
    scaled: () => [mn(g("y"))],
    beta: () => each((i) => g("y", i)),
    gamma: () => each((i) => g("y", i) * v("xhat", i)),
    xhat: () => [mn(g("y")), times, bracketed(v("gamma"))],
    invstd: () => each((i) => g("xhat", i) * v("xc", i)),
    std: () => [minus, bracketed(g("invstd")), times, frac(mathml`<mn>1</mn>`, mn(s))],
    var: () => [
      minus,
      frac(mathml`<mn>1</mn>`, mathml`<mn>2</mn>`),
      times,
      bracketed(total((i) => g("xhat", i) * v("xc", i))),
      times,
      sup(mn(s), mathml`<mrow><mo>−</mo><mn>3</mn><mo>/</mo><mn>2</mn></mrow>`),
    ],
    sq: () => [frac(mn(g("var")), whole(count))],
    xc: () => [
      frac(mn(g("xhat")), mn(v("std"))),
      plus,
      bracketed(g("sq")),
      times,
      mathml`<mn>2</mn>`,
      times,
      bracketed(v("xc")),
    ],
    mean: () => [minus, group(...each((i) => g("xhat", i) / v("std"))), plus, mathml`<mn>0</mn>`],
    x: () => [
      frac(mn(g("xhat")), mn(v("std"))),
      plus,
      bracketed(g("var")),
      times,
      frac(row(mathml`<mn>2</mn>`, times, bracketed(v("xc"))), whole(count)),
      plus,
      frac(mn(g("mean")), whole(rows)),
    ],
  };
  const name = mathml`<msub><mrow>${partial(id)}</mrow><mrow>${
    nodeTrace(computed, id).shape.length === 2 ? mathml`<mn>${r + 1}</mn><mo>,</mo>` : ""
  }<mn>${c + 1}</mn></mrow></msub>`;
  const parts = middle[id]();
  const sums: Partial<Record<NodeId, () => number>> = {
    scaled: () => g("y"),
    beta: () => total((i) => g("y", i)),
    gamma: () => total((i) => g("y", i) * v("xhat", i)),
    xhat: () => g("y") * v("gamma"),
    invstd: () => total((i) => g("xhat", i) * v("xc", i)),
    std: () => -g("invstd") / s,
    var: () => -0.5 * total((i) => g("xhat", i) * v("xc", i)) * s ** -1.5,
    sq: () => g("var") / count,
    xc: () => g("xhat") / v("std") + g("sq") * 2 * v("xc"),
    mean: () => -total((i) => g("xhat", i) / v("std")),
    x: () => g("xhat") / v("std") + (g("var") * 2 * v("xc")) / count + g("mean") / rows,
  };
  // with a mistake made, a gradient may be something else than its formula gives
  const sum = sums[id]?.() ?? g(id);
  const fails = nodeReport(computed, id)?.verdict === "fail";
  const off = fails && !(Math.abs(sum - g(id)) <= 1e-6 * largest(nodeTrace(computed, id).grad));
  return row(name, mo("="), ...(parts.length > 0 ? [...parts, mo(off ? "≠" : "=")] : []), mn(g(id)));
}

/** left = right. */
export const equation = (left: Math, right: Math): Math => row(left, mo("="), right);

/** A formula within a line. */
export const math = (inside: Math) => html`<math>${inside}</math>`;

/** A formula on a line of its own, with fractions and sums in full size. */
export const formula = (inside: Math) => html`<math displaystyle="true">${inside}</math>`;
