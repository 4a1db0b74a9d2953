import type {
  Case,
  ClaimedInvariant,
  Finding,
  GraphEdge,
  NodeId,
  ParsedArray,
  Relation,
} from "../src/index.ts";
import { numpyLines } from "./derivation.ts";
import type { Ddof } from "./formulas.ts";
import { kNodeViews } from "./nodes.ts";
import { inFull, largest, superscript } from "./numbers.ts";

const edgeOf = (id: string) => id.split("->") as [from: NodeId, to: NodeId];
const isEdge = (id: string) => id.includes("->");
const gradientOf = (id: string) => (id.startsWith("d") ? (id.slice(1) as NodeId) : undefined);
/** In brackets, where something stands in front. */
const wrap = (label: string) => (/[ /]/.test(label) && !/^\(.*\)²$/.test(label) ? `(${label})` : label);

/** The node that an array belongs to: of what an edge brings back, the one that it comes to. */
export const nodeOf = (id: string): NodeId =>
  isEdge(id) ? edgeOf(id)[0] : (gradientOf(id) ?? (id as NodeId));

/** ∂σ², as plain text. */
export function symbolOf(id: string): string {
  if (isEdge(id)) return `${kNodeViews[edgeOf(id)[0]].label} ← ${kNodeViews[edgeOf(id)[1]].label}`;
  const gradient = gradientOf(id);
  return gradient ? `∂${wrap(kNodeViews[gradient].label)}` : kNodeViews[id as NodeId].label;
}

const ways: readonly [words: string, edges: readonly string[]][] = [
  ["the way through the mean", ["x->mean", "mean->xc"]],
  ["the way through the variance", ["xc->sq", "sq->var", "var->std", "std->invstd", "invstd->xhat"]],
  ["the direct way", ["x->xc", "xc->xhat"]],
];

export const edgeName = ({ from, to }: GraphEdge) => `${kNodeViews[from].label} → ${kNodeViews[to].label}`;

/** An edge as it is drawn, with the way back to x that it lies on. */
export function edgeWords(edge: GraphEdge): string {
  const way = ways.find(([, edges]) => edges.includes(`${edge.from}->${edge.to}`))?.[0];
  return `${edgeName(edge)}${way ? `, on ${way}` : ""}`;
}

const size = (shape: readonly number[]) => `(${shape.join(", ")})`;
const cellWords = (index: readonly number[]) =>
  index.length === 2
    ? `row ${(index[0] as number) + 1}, column ${(index[1] as number) + 1}`
    : `place ${(index[0] ?? 0) + 1}`;

/** A factor with what it may count. */
function factor(ratio: number, rows: number): string {
  const near = (value: number) => Math.abs(ratio - value) <= 1e-6 * Math.abs(value);
  if (near(-1)) return "−1 times the right one: the sign";
  if (ratio === 0) return "0 everywhere";
  const known: [number, string][] = [
    [rows, "N"],
    [1 / rows, "1/N"],
    [rows - 1, "N − 1"],
    [1 / (rows - 1), "1/(N − 1)"],
    [rows / (rows - 1), "N/(N − 1)"],
    [(rows - 1) / rows, "(N − 1)/N"],
    [rows * rows, "N²"],
    [1 / (rows * rows), "1/N²"],
  ];
  const name = known.find(([value]) => Math.abs(value) !== 1 && near(value))?.[1];
  return `${inFull(Number(ratio.toPrecision(4)))} times the right one${name ? `, which is ${name} here` : ""}`;
}

/** What a wrong array has to do with the one that it should be, after "Yours is …" or the like. */
export function relationWords(relation: Relation | null, rows: number): string {
  if (!relation) return "No simple relation leads from yours to the right one.";
  switch (relation.kind) {
    case "not-finite":
      return `Yours holds a number that is not finite, first in ${cellWords(relation.index)}.`;
    case "shape": {
      const { expected, got } = relation;
      const count = expected.reduce((a, b) => a * b, 1);
      return got.length === 1
        ? `Yours has ${got[0]} numbers, where ${count} belong.`
        : `Yours has the shape ${size(got)}, where ${size(expected)} belongs.`;
    }
    case "transposed":
      return "Yours is the transpose of the right one.";
    case "unsummed":
      return "Yours is not summed over the rows; the sums of its columns are right.";
    case "wrong-axis":
      return "Yours is summed over the columns, where a sum over the rows belongs.";
    case "ratio":
      return `Yours is ${factor(relation.ratio, rows)}.`;
    case "power": {
      const { of, exponent } = relation;
      const base = wrap(kNodeViews[of].label);
      const power = Number.isInteger(exponent) ? superscript(exponent) : `^${inFull(exponent)}`;
      return `Yours is the right one times ${exponent === 1 ? base : `${base}${power}`}.`;
    }
    case "equals":
      return `Yours holds the right numbers of ${symbolOf(relation.other)}.`;
    case "missing-path":
      return `Yours lacks what comes back by ${edgeWords(relation.path)}.`;
    case "only-path":
      return `Yours is what comes back by ${edgeWords(relation.path)}, and nothing else.`;
    case "ratio-per-column":
      return "In every column yours is the right one times a number of the column’s own.";
    case "offset-per-column":
      return "In every column yours is off by a constant: something that is the same in all rows.";
    case "single-precision":
      return "Yours is right, but computed or kept in float32.";
  }
}

/** "5 numbers, 8 decimals". */
export function arrayWords({ data, shape, resolution }: ParsedArray): string {
  const count =
    shape.length > 1 ? shape.join("×") : `${data.length} ${data.length === 1 ? "number" : "numbers"}`;
  const kind = data instanceof Float32Array ? ", float32" : "";
  if (!resolution) return `${count}${kind}, all digits`;
  const finest = Math.round(-Math.log10(2 * Math.min(...new Set(resolution))));
  return `${count}${kind}, ${finest} decimals`;
}

const lawNames: Readonly<Record<ClaimedInvariant["id"], string>> = {
  "sum-of-dx": "Σ ∂x = 0",
  "sum-of-dx-xhat": "Σ ∂x·x̂ = γ·∂γ·ε / √(σ²+ε)³",
  dvar: "∂σ² = −γ·∂γ / (2(σ²+ε))",
  dmean: "∂μ = −γ·∂β / √(σ²+ε)",
};

/** A law that does not hold, and in which columns. */
export function lawWords({ id, residual, bound }: ClaimedInvariant): string {
  const broken = [...residual.keys()].filter(
    (column) => !((residual[column] as number) <= (bound[column] as number)),
  );
  const all = broken.length === residual.length;
  const columns = broken.slice(0, 6).map((column) => column + 1);
  const which = all
    ? "in any column"
    : `in column${broken.length > 1 ? "s" : ""} ${columns.join(", ")}${broken.length > 6 ? ", …" : ""}`;
  return `${lawNames[id]} does not hold ${which}.`;
}

/** The right line of NumPy for an array; none for what is given. */
export function rightLine(id: string, ddof: Ddof): string | undefined {
  const divisor = ddof === 0 ? "N" : "(N - 1)";
  const steps = numpyLines(ddof);
  const lines: Readonly<Record<string, string>> = {
    mean: "mean = x.mean(axis=0)",
    xc: "xc = x - mean",
    sq: "sq = xc ** 2",
    var: ddof === 0 ? "var = sq.mean(axis=0)" : `var = sq.sum(axis=0) / ${divisor}`,
    std: "std = np.sqrt(var + eps)",
    invstd: "invstd = 1 / std",
    xhat: "xhat = xc * invstd",
    scaled: "scaled = gamma * xhat",
    y: "y = scaled + beta",
    dscaled: "dscaled = dy",
    dinvstd: "dinvstd = (dxhat * xc).sum(axis=0)",
    dstd: "dstd = -dinvstd / std ** 2",
    dsq: `dsq = np.ones_like(x) * dvar / ${divisor}`,
    dxc: "dxc = dxhat / std + 2 * xc * dsq",
    ...Object.fromEntries(Object.entries(steps).map(([node, line]) => [`d${node}`, line])),
    "x->xc": "dx1 = dxc",
    "x->mean": "dx2 = np.ones_like(x) * dmean / N",
    "xc->xhat": "dxmu1 = dxhat / std",
    "xc->sq": "dxmu2 = 2 * xc * dsq",
  };
  return lines[id];
}

/** What is given and not computed. */
const inputs = ["x", "gamma", "beta", "dy"];

/** Whether the array is the case's own, so that a wrong one is another case. */
export const isInput = (id: string) => inputs.includes(id);

export type Judged = "right" | "wrong here" | "inherited" | "wrong" | "undecidable";

/** What a finding says of an array, in a word. */
export const judge = ({ truth, local }: Finding): Judged =>
  truth === "pass"
    ? "right"
    : truth === "undecidable"
      ? "undecidable"
      : local === "fail"
        ? "wrong here"
        : local === "pass"
          ? "inherited"
          : "wrong";

/** A list as NumPy prints it: rows on lines of their own, the later ones `indent` blanks in. */
function listed(
  values: ArrayLike<number>,
  shape: readonly number[],
  indent: number,
  digits: (value: number) => string,
) {
  const columns = shape.at(-1) as number;
  const row = (from: number) =>
    `[${Array.from({ length: columns }, (_, c) => digits(values[from + c] as number)).join(", ")}]`;
  if (shape.length === 1) return row(0);
  const rows = Array.from({ length: shape[0] as number }, (_, r) => row(r * columns));
  return `[${rows.join(`,\n${" ".repeat(indent)}`)}]`;
}

/** An array as a NumPy program prints it, with its 8 digits. */
export function printed(name: string, values: ArrayLike<number>, shape: readonly number[]): string {
  const size = largest(values);
  const digits = (value: number) => (size < 1e-3 ? value.toExponential(8) : value.toFixed(8));
  const head = `${name} = array(`;
  return `${head}${listed(values, shape, head.length + 1, digits)})`;
}

/** The case as lines of NumPy, in all its digits, and lines that print what a program has of `names` after it. */
export function inputsAsNumpy(
  name: string,
  { x, gamma, beta, dy, shape, eps = 1e-5, ddof = 0 }: Case,
  names: readonly string[],
): string {
  const line = (id: string, values: ArrayLike<number>, its: readonly number[]) =>
    `${id} = np.array(${listed(values, its, id.length + 13, String)})`;
  const row = shape.slice(1);
  return [
    `# ${name.replace(/\s+/g, " ")}, ${shape.join("×")}`, // a file's name may hold a line end
    "import numpy as np",
    "",
    line("x", x, shape),
    line("gamma", gamma, row),
    line("beta", beta, row),
    line("dy", dy, shape),
    `eps = ${eps}`,
    `# var = ((x - mean) ** 2).sum(axis=0) / ${ddof === 0 ? "N" : "(N - 1)"}`,
    "",
    "# After your own passes on these:",
    "np.set_printoptions(precision=17, threshold=x.size + 1)",
    "own = {**globals(), **locals()}",
    'for name in """',
    names.join(" ").replace(/(.{80}\S*) /g, "$1\n"),
    '""".split():',
    "    if isinstance(own.get(name), np.ndarray): print(name, '=', repr(own[name]))",
    "",
  ].join("\n");
}
