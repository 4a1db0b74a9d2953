import { codeLines, codeShape, printsWith } from "../maths/derivation.ts";
import type { Ddof } from "../maths/formulas.ts";
import type { Notation } from "../maths/notations.ts";
import { isInput, nodeOf } from "./array-names.ts";

/** The arguments with which sum() and mean() reduce the rows. */
export const overRows = (notation: Notation) =>
  printsWith(notation) === "NumPy" ? "axis=0" : codeShape([1], notation).length > 1 ? "0, keepdim=True" : "0";

/** The right line of code for an array; undefined for a given array. */
export function rightLine(id: string, ddof: Ddof, notation: Notation): string | undefined {
  if (isInput(id)) return undefined;
  const node = nodeOf(id);
  if (id === `d${node}`) return codeLines(ddof, notation)[node];
  const { x, gamma, beta, mean, xc, sq, var: variance, std, invstd, xhat, scaled, y, ...d } = notation.code;
  const library = printsWith(notation) === "PyTorch" ? "torch" : "np";
  const axis = overRows(notation);
  const divisor = ddof === 0 ? "N" : "(N - 1)";
  const lines: Readonly<Record<string, string>> = {
    mean: `${mean} = ${x}.mean(${axis})`,
    xc: `${xc} = ${x} - ${mean}`,
    sq: `${sq} = ${xc} ** 2`,
    var: `${variance} = ${ddof === 0 ? `${sq}.mean(${axis})` : `${sq}.sum(${axis}) / ${divisor}`}`,
    std: `${std} = ${library}.sqrt(${variance} + eps)`,
    invstd: `${invstd} = 1 / ${std}`,
    xhat: `${xhat} = ${xc} * ${invstd}`,
    scaled: `${scaled} = ${gamma} * ${xhat}`,
    y: `${y} = ${scaled} + ${beta}`,
    // only Kratzert has names for the gradients on edges
    "x->xc": `dx1 = ${d.dxc}`,
    "x->mean": `dx2 = ${library}.ones_like(${x}) * ${d.dmean} / N`,
    "xc->xhat": `dxmu1 = ${d.dxhat} / ${std}`,
    "xc->sq": `dxmu2 = 2 * ${xc} * ${d.dsq}`,
  };
  return lines[id];
}
