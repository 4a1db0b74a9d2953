import type { Graph, GraphEdge, NodeId } from "../../src/index.ts";
import { type ArrayPart, type Expression, forwardOf, isSum, type Part, type Term } from "./expression.ts";
import type { Ddof } from "./formulas.ts";
import { contributionOf, gradientOf } from "./gates.ts";
import { extentOf, lastOf } from "./graph-facts.ts";
import type { Ingredient } from "./ingredients.ts";
import type { Labels, Notation, NotationId } from "./notations.ts";

/** The name of an array in code. */
export const pythonName = ({ of, which }: Pick<Ingredient, "of" | "which">, code: Labels) =>
  code[which === "grad" ? (`d${of}` as const) : of];

/** The syntax of a library, beyond names. */
interface Manner {
  library: "NumPy" | "PyTorch";
  module: string;
  /** The arguments with which sum() and mean() reduce the rows. */
  overRows: string;
  ones: string;
  /** Whether sums keep the row axis, with length 1. */
  keepsRows: boolean;
}

const numpy: Manner = {
  library: "NumPy",
  module: "np",
  overRows: "axis=0",
  ones: "np.ones((N, D))",
  keepsRows: false,
};
const torch: Manner = {
  library: "PyTorch",
  module: "torch",
  overRows: "0",
  ones: "torch.ones(N, D)",
  keepsRows: false,
};
const manners: Readonly<Record<NotationId, Manner>> = {
  paper: numpy,
  cs231n: numpy,
  kratzert: numpy,
  makemore: { ...torch, overRows: "0, keepdim=True", keepsRows: true },
  pytorch: torch,
};

/** The library of the lines of code. */
export const printsWith = ({ id }: Notation) => manners[id].library;

export const overRows = ({ id }: Notation) => manners[id].overRows;

/** What the variance is divided by. */
export const divisorIn = (ddof: number) => (ddof === 0 ? "N" : "(N - 1)");

/** The shape of an array in code, where a row of D values may be a matrix. */
export const codeShape = (shape: readonly number[], { id }: Notation): readonly number[] =>
  manners[id].keepsRows && shape.length === 1 ? [1, ...shape] : shape;

/** A product as a line of code, without its sign. */
function product({ factor, parts, over = [] }: Term, ddof: Ddof, notation: Notation): string {
  const { module, overRows } = manners[notation.id];
  const size = Math.abs(factor);
  const reduced = (term: Term, how: "sum" | "mean") => {
    const inner = product(term, ddof, notation);
    return `${/^\w+$/.test(inner) ? inner : `(${inner})`}.${how}(${overRows})`;
  };
  const [first] = parts;
  if (first && isSum(first) && parts.length === 1 && over.length === 1 && (over[0] === "size" || ddof === 0))
    return reduced(first.sum, "mean");
  const raised = (part: ArrayPart, by: number) => {
    const name = pythonName(part, notation.code);
    const base = part.eps ? `${name} + eps` : name;
    if (by === 0.5) return `${module}.sqrt(${base})`;
    return `${part.eps ? `(${base})` : base}${by === 1 ? "" : ` ** ${by}`}`;
  };
  const written = (part: Part): string => {
    if (isSum(part)) return ` * ${reduced(part.sum, "sum")}`;
    return part.power === -1 ? ` / ${raised(part, 1)}` : ` * ${raised(part, part.power)}`;
  };
  const factors = parts.map(written);
  if (size !== 1) {
    // a whole factor comes from a gate: after the gradient that it receives
    const at = Number.isInteger(size) && first && (isSum(first) || first.which === "grad") ? 1 : 0;
    factors.splice(at, 0, ` * ${size}`);
  }
  factors.push(...over.map((by) => ` / ${by === "size" ? "N" : divisorIn(ddof)}`));
  const all = factors.join("");
  return all.startsWith(" / ") ? `1${all}` : all.slice(3);
}

const line = (expression: Expression, ddof: Ddof, notation: Notation) =>
  expression
    .map((term, at) => {
      const sign = term.factor < 0 ? (at > 0 ? " - " : "-") : at > 0 ? " + " : "";
      return sign + product(term, ddof, notation);
    })
    .join("");

/** The value of a node as a line of NumPy or PyTorch. */
export const forwardLine = (graph: Graph, id: NodeId, ddof: Ddof, notation: Notation) =>
  `${notation.code[id]} = ${line(forwardOf(graph, id), ddof, notation)}`;

const isSpread = (graph: Graph, id: NodeId, expression: Expression) =>
  extentOf(graph, id) === "elements" &&
  !expression.some(({ parts }) =>
    parts.some((part) => !isSum(part) && extentOf(graph, part.of) === "elements"),
  );

/** The gradient of a node as one line of NumPy or PyTorch; for the given gradient, its name. */
export function codeLine(graph: Graph, id: NodeId, ddof: Ddof, notation: Notation): string {
  const { code } = notation;
  if (id === lastOf(graph)) return code[`d${id}`];
  const expression = gradientOf(graph, id);
  const ones = isSpread(graph, id, expression) ? `${manners[notation.id].ones} * ` : "";
  return `${code[`d${id}`]} = ${ones}${line(expression, ddof, notation)}`;
}

/** What an edge brings back, as a line of code with a name for it. */
export function edgeLine(
  graph: Graph,
  edge: GraphEdge,
  name: string,
  ddof: Ddof,
  notation: Notation,
): string {
  const expression = [contributionOf(graph, edge)];
  const ones = isSpread(graph, edge.from, expression)
    ? `${manners[notation.id].module}.ones_like(${notation.code[edge.from]}) * `
    : "";
  return `${name} = ${ones}${line(expression, ddof, notation)}`;
}
