import type { Extent, Graph, GraphEdge, NodeId } from "../../src/index.ts";
import { type Axes, axesOf, kColumnAxes, shapeInCode } from "./axes.ts";
import type { Computed } from "./computed.ts";
import {
  type ArrayPart,
  type Expression,
  forwardOf,
  isSum,
  type Part,
  type SumPart,
  type Term,
} from "./expression.ts";
import type { Ddof } from "./formulas.ts";
import { contributionOf, gradientOf } from "./gates.ts";
import { extentOf, lastOf } from "./graph-facts.ts";
import type { Ingredient } from "./ingredients.ts";
import type { Layout } from "./layout.ts";
import type { Labels, Notation, NotationId } from "./notations.ts";

/** The name of an array in code. */
export const pythonName = ({ of, which }: Pick<Ingredient, "of" | "which">, code: Labels) =>
  code[which === "grad" ? (`d${of}` as const) : of];

/** The syntax of a library, beyond names. */
interface Manner {
  library: "NumPy" | "PyTorch";
  module: string;
  /** What names the dims of a sum. */
  axis: string;
  keeps: string;
  /** Whether sums of batch norm's rows keep that dim, with length 1. */
  keepsRows: boolean;
}

const numpy: Manner = {
  library: "NumPy",
  module: "np",
  axis: "axis=",
  keeps: "keepdims=True",
  keepsRows: false,
};
const torch: Manner = {
  library: "PyTorch",
  module: "torch",
  axis: "",
  keeps: "keepdim=True",
  keepsRows: false,
};
const manners: Readonly<Record<NotationId, Manner>> = {
  paper: numpy,
  cs231n: numpy,
  kratzert: numpy,
  makemore: { ...torch, keepsRows: true },
  pytorch: torch,
};

/** The library of the lines of code. */
export const printsWith = ({ id }: Notation) => manners[id].library;

/** The arguments with which sum() and mean() lead to a statistic, or to a parameter. */
export function overAxes(axes: Axes, onto: SumPart["onto"], { id }: Notation): string {
  const { axis, keeps, keepsRows } = manners[id];
  const [over, stays = keepsRows] =
    onto === "statistics" ? [axes.statistics, axes.keepsStatistics] : [axes.parameters, axes.keepsParameters];
  const dims = over.length === 1 ? String(over[0]) : `(${over.join(", ")})`;
  return `${axis}${dims}${stays ? `, ${keeps}` : ""}`;
}

/** What the variance is divided by. */
export const divisorIn = (ddof: number, { size }: Pick<Axes, "size"> = kColumnAxes) =>
  ddof === 0 ? size : `(${size} - 1)`;

/** The shape of an array in code that prints a row of D values as a matrix. */
export const withRows = (shape: readonly number[], { id }: Notation): readonly number[] =>
  manners[id].keepsRows && shape.length === 1 ? [1, ...shape] : shape;

/** The shape of a node's arrays in code. */
export const codeShape = (layout: Layout, extent: Extent, { id }: Notation): readonly number[] =>
  shapeInCode(layout, extent, manners[id].keepsRows);

/** What the lines of code of a case depend on, besides its graph. */
export interface Coding {
  notation: Notation;
  ddof: Ddof;
  axes: Axes;
}

/** The lines of a case. */
export const codingOf = ({ kase, layout }: Computed, notation: Notation): Coding => ({
  notation,
  ddof: kase.ddof ?? 0,
  axes: axesOf(layout),
});

/** A product as a line of code, without its sign. */
function product({ factor, parts, over = [] }: Term, coding: Coding): string {
  const { notation, ddof, axes } = coding;
  const { module } = manners[notation.id];
  const size = Math.abs(factor);
  const reduced = ({ sum, onto }: SumPart, how: "sum" | "mean") => {
    const inner = product(sum, coding);
    const over = overAxes(axes, onto, notation);
    return `${/^\w+$/.test(inner) ? inner : `(${inner})`}.${how}(${over})`;
  };
  const [first] = parts;
  if (first && isSum(first) && parts.length === 1 && over.length === 1 && (over[0] === "size" || ddof === 0))
    return reduced(first, "mean");
  const raised = (part: ArrayPart, by: number) => {
    const name = pythonName(part, notation.code);
    const base = part.eps ? `${name} + eps` : name;
    if (by === 0.5) return `${module}.sqrt(${base})`;
    if (axes.unitOffset && part.of === "gamma" && part.which === "value") return `(1 + ${name})`;
    return `${part.eps ? `(${base})` : base}${by === 1 ? "" : ` ** ${by}`}`;
  };
  const written = (part: Part): string => {
    if (isSum(part)) return ` * ${reduced(part, "sum")}`;
    return part.power === -1 ? ` / ${raised(part, 1)}` : ` * ${raised(part, part.power)}`;
  };
  const factors = parts.map(written);
  if (size !== 1) {
    // a whole factor comes from a gate: after the gradient that it receives
    const at = Number.isInteger(size) && first && (isSum(first) || first.which === "grad") ? 1 : 0;
    factors.splice(at, 0, ` * ${size}`);
  }
  factors.push(...over.map((by) => ` / ${divisorIn(by === "size" ? 0 : ddof, axes)}`));
  const all = factors.join("");
  return all.startsWith(" / ") ? `1${all}` : all.slice(3);
}

const line = (expression: Expression, coding: Coding) =>
  expression
    .map((term, at) => {
      const sign = term.factor < 0 ? (at > 0 ? " - " : "-") : at > 0 ? " + " : "";
      return sign + product(term, coding);
    })
    .join("");

/** The value of a node as a line of NumPy or PyTorch. */
export const forwardLine = (graph: Graph, id: NodeId, coding: Coding) =>
  `${coding.notation.code[id]} = ${line(forwardOf(graph, id), coding)}`;

const isSpread = (graph: Graph, id: NodeId, expression: Expression) =>
  extentOf(graph, id) === "elements" &&
  !expression.some(({ parts }) =>
    parts.some((part) => !isSum(part) && extentOf(graph, part.of) === "elements"),
  );

function ones({ axes, notation }: Coding): string {
  const { library, module } = manners[notation.id];
  const dims = axes.letters.join(", ");
  return `${module}.ones(${library === "NumPy" ? `(${dims})` : dims}) * `;
}

/** The gradient of a node as one line of NumPy or PyTorch; for the given gradient, its name. */
export function codeLine(graph: Graph, id: NodeId, coding: Coding): string {
  const { code } = coding.notation;
  if (id === lastOf(graph)) return code[`d${id}`];
  const expression = gradientOf(graph, id);
  const spread = isSpread(graph, id, expression) ? ones(coding) : "";
  return `${code[`d${id}`]} = ${spread}${line(expression, coding)}`;
}

/** What an edge brings back, as a line of code with a name for it. */
export function edgeLine(graph: Graph, edge: GraphEdge, name: string, coding: Coding): string {
  const { notation } = coding;
  const expression = [contributionOf(graph, edge)];
  const ones = isSpread(graph, edge.from, expression)
    ? `${manners[notation.id].module}.ones_like(${notation.code[edge.from]}) * `
    : "";
  return `${name} = ${ones}${line(expression, coding)}`;
}
