import type { NodeId } from "../../src/index.ts";
import type { Ddof } from "./formulas.ts";
import type { Step } from "./nodes.ts";
import { kNodeIds, type Labels, type Notation, type NotationId } from "./notations.ts";

/** An array that a gradient is computed from. */
export interface Ingredient {
  of: NodeId;
  which: "value" | "grad";
  /** Whether a cell needs its whole column or only the cell in the same place. */
  takes: "column" | "cell";
}

const value = (of: NodeId, takes: Ingredient["takes"] = "cell"): Ingredient => ({
  of,
  which: "value",
  takes,
});
const grad = (of: NodeId, takes: Ingredient["takes"] = "cell"): Ingredient => ({ of, which: "grad", takes });

/** The arrays in the formula of a gradient, in its order. A test computes every cell from these alone. */
export const kIngredients: Readonly<Record<NodeId, readonly Ingredient[]>> = {
  y: [],
  scaled: [grad("y")],
  beta: [grad("y", "column")],
  gamma: [grad("y", "column"), value("xhat", "column")],
  xhat: [grad("y"), value("gamma")],
  invstd: [grad("xhat", "column"), value("xc", "column")],
  std: [grad("invstd"), value("var")],
  var: [grad("xhat", "column"), value("xc", "column"), value("var")],
  sq: [grad("var")],
  xc: [grad("xhat"), value("std"), grad("sq"), value("xc")],
  mean: [grad("xhat", "column"), value("std"), grad("var"), value("xc", "column")],
  x: [grad("xhat"), value("std"), grad("var"), value("xc"), grad("mean")],
};

/** For a gradient that is not one of the six steps: the step it leads to. */
export const kOnTheWayTo: Partial<Record<NodeId, Step>> = {
  scaled: "xhat",
  invstd: "var",
  std: "var",
  sq: "x",
  xc: "x",
};

/** The name of an array in code. */
export const pythonName = ({ of, which }: Pick<Ingredient, "of" | "which">, code: Labels) =>
  code[which === "grad" ? (`d${of}` as const) : of];

/** The syntax of a library, beyond names. */
interface Manner {
  library: "NumPy" | "PyTorch";
  /** Over the rows. */
  sum(of: string): string;
  ones: string;
  /** Whether sums keep the row axis, with length 1. */
  keepsRows: boolean;
}

const numpy: Manner = {
  library: "NumPy",
  sum: (of) => `${of}.sum(axis=0)`,
  ones: "np.ones((N, D))",
  keepsRows: false,
};
const torch: Manner = {
  library: "PyTorch",
  sum: (of) => `${of}.sum(0)`,
  ones: "torch.ones(N, D)",
  keepsRows: false,
};
const manners: Readonly<Record<NotationId, Manner>> = {
  paper: numpy,
  cs231n: numpy,
  kratzert: numpy,
  makemore: { ...torch, sum: (of) => `${of}.sum(0, keepdim=True)`, keepsRows: true },
  pytorch: torch,
};

/** The library of the lines of code. */
export const printsWith = ({ id }: Notation) => manners[id].library;

/** The shape of an array in code, where a row of D values may be a matrix. */
export const codeShape = (shape: readonly number[], { id }: Notation): readonly number[] =>
  manners[id].keepsRows && shape.length === 1 ? [1, ...shape] : shape;

/** Every gradient as one line of NumPy or PyTorch; for the given gradient, its name. */
export function codeLines(ddof: Ddof, { id, code }: Notation): Readonly<Record<NodeId, string>> {
  const { sum, ones } = manners[id];
  const divisor = ddof === 0 ? "N" : "(N - 1)";
  const { dy, dxhat, dvar, xc, std } = code;
  const variance = `(${code.var} + eps)`;
  const right: Readonly<Record<NodeId, string>> = {
    y: "",
    scaled: dy,
    beta: sum(dy),
    gamma: sum(`(${dy} * ${code.xhat})`),
    xhat: `${dy} * ${code.gamma}`,
    invstd: sum(`(${dxhat} * ${xc})`),
    std: `-${code.dinvstd} / ${variance}`,
    var: `-0.5 * ${sum(`(${dxhat} * ${xc})`)} * ${variance} ** -1.5`,
    sq: `${ones} * ${dvar} / ${divisor}`,
    xc: `${dxhat} / ${std} + ${code.dsq} * 2 * ${xc}`,
    mean: `-${sum(`(${dxhat} / ${std})`)} - ${dvar} * 2 * ${sum(xc)} / ${divisor}`,
    x: `${dxhat} / ${std} + ${dvar} * 2 * ${xc} / ${divisor} + ${code.dmean} / N`,
  };
  const line = (node: NodeId) => (node === "y" ? dy : `${code[`d${node}`]} = ${right[node]}`);
  return Object.fromEntries(kNodeIds.map((node) => [node, line(node)])) as Record<NodeId, string>;
}
