import type { NodeId } from "../src/index.ts";
import type { Ddof } from "./formulas.ts";
import type { Step } from "./nodes.ts";

/** An array that a gradient is made of. */
export interface Ingredient {
  of: NodeId;
  which: "value" | "grad";
  /** A cell needs its whole column, or the one cell that lies where it lies. */
  takes: "column" | "cell";
}

const value = (of: NodeId, takes: Ingredient["takes"] = "cell"): Ingredient => ({
  of,
  which: "value",
  takes,
});
const grad = (of: NodeId, takes: Ingredient["takes"] = "cell"): Ingredient => ({ of, which: "grad", takes });

/** What stands in the formula of a gradient, in its order. A test computes every cell from these alone. */
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

/** The step that a gradient is computed on the way to, where it is none of the six. */
export const kOnTheWayTo: Partial<Record<NodeId, Step>> = {
  scaled: "xhat",
  invstd: "var",
  std: "var",
  sq: "x",
  xc: "x",
};

/** An array's name in NumPy. */
export const pythonName = ({ of, which }: Pick<Ingredient, "of" | "which">) =>
  which === "grad" ? `d${of}` : of;

/** Every gradient as one line of NumPy. */
export function numpyLines(ddof: Ddof = 0): Readonly<Record<NodeId, string>> {
  const divisor = ddof === 0 ? "N" : "(N - 1)";
  return {
    y: "dy  # given",
    scaled: "dscaled = dy",
    beta: "dbeta = dy.sum(axis=0)",
    gamma: "dgamma = (dy * xhat).sum(axis=0)",
    xhat: "dxhat = dy * gamma",
    invstd: "dinvstd = (dxhat * xc).sum(axis=0)",
    std: "dstd = -dinvstd / (var + eps)",
    var: "dvar = -0.5 * (dxhat * xc).sum(axis=0) * (var + eps) ** -1.5",
    sq: `dsq = np.ones((N, D)) * dvar / ${divisor}`,
    xc: "dxc = dxhat / std + dsq * 2 * xc",
    mean: `dmean = -(dxhat / std).sum(axis=0) - dvar * 2 * xc.sum(axis=0) / ${divisor}`,
    x: `dx = dxhat / std + dvar * 2 * xc / ${divisor} + dmean / N`,
  };
}
