import { pythonComment } from "../base/escaped.ts";
import { listed } from "../base/listed.ts";
import { isFlat, normKeysOf, type PageCase, readNorm } from "../maths/norms.ts";
import type { Labels } from "../maths/notations.ts";
import { type InputName, inputsOf } from "../model/selection.ts";

/** A number with all digits, for Python and JSON. It keeps the sign of -0, and avoids integers too long for PyTorch. */
function written(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const [plain, scientific] = [String(value), value.toExponential()];
  return scientific.length < plain.length ? scientific : plain;
}

const isLikeX = (name: InputName) => name === "x" || name === "dy";

const shapeOf = (kase: PageCase, name: InputName) =>
  isLikeX(name) ? kase.shape : readNorm(kase).parametersShape;

/** The inputs as lines of code: `x = np.array([[…]], dtype=np.float64)`. */
function lines(kase: PageCase, code: Labels, call: string, dtype: string): string[] {
  return inputsOf(kase).map((name) => {
    const head = `${code[name]} = ${call}(`;
    const values = kase[name] as Float64Array;
    return `${head}${listed(values, shapeOf(kase, name), head.length + 1, written)}, dtype=${dtype})`;
  });
}

const headOf = (name: string, { shape }: PageCase) => pythonComment(`${name}, ${shape.join("×")}`);

/** The inputs in NumPy, with all digits, in the names of a notation. */
export function caseAsNumpy(kase: PageCase, code: Labels, name: string): string {
  const { x, var: variance } = code;
  return [
    headOf(name, kase),
    "import numpy as np",
    "",
    ...lines(kase, code, "np.array", "np.float64"),
    `eps = ${written(kase.eps ?? 1e-5)}`,
    ...(isFlat(kase)
      ? [`ddof = ${kase.ddof ?? 0}  # ${variance} = ${x}.var(axis=0, ddof=ddof)`]
      : Object.entries(normKeysOf(kase)).map(([key, value]) => `${key} = ${JSON.stringify(value)}`)),
    "",
  ].join("\n");
}

/** The comments of a PyTorch program, in the reader's language. */
export interface TorchWords {
  /** Why the program does not call batch_norm. */
  byHand: { ddof: string; oneRow: string };
}

/** The inputs in PyTorch and the code for their gradients, by batch_norm if it accepts the case. */
export function caseAsTorch(kase: PageCase, code: Labels, name: string, { byHand }: TorchWords): string {
  const { x, gamma, beta, mean, var: variance, y, dy, dx, dgamma, dbeta } = code;
  const isUnbiased = kase.ddof === 1;
  const why = isUnbiased ? byHand.ddof : kase.shape[0] === 1 ? byHand.oneRow : undefined;
  const forward = why
    ? [
        pythonComment(why),
        `${mean} = ${x}.mean(0)`,
        `${variance} = ${x}.var(0, unbiased=${isUnbiased ? "True" : "False"})`,
        `${y} = ${gamma} * (${x} - ${mean}) / torch.sqrt(${variance} + eps) + ${beta}`,
      ]
    : [`${y} = F.batch_norm(${x}, None, None, ${gamma}, ${beta}, training=True, eps=eps)`];
  return [
    headOf(name, kase),
    "import torch",
    ...(why ? [] : ["import torch.nn.functional as F"]),
    "",
    ...lines(kase, code, "torch.tensor", "torch.float64"),
    `eps = ${written(kase.eps ?? 1e-5)}`,
    "",
    ...[x, gamma, beta].map((array) => `${array}.requires_grad_()`),
    ...forward,
    `${y}.backward(${dy})`,
    `${dx}, ${dgamma}, ${dbeta} = ${x}.grad, ${gamma}.grad, ${beta}.grad`,
    `print(${dx}, ${dgamma}, ${dbeta}, sep="\\n")`,
    "",
  ].join("\n");
}

/** The case in the page's own file format, with the reader's arrays as a link has them. "Open a file" reads it back exactly. */
export function caseAsJson(kase: PageCase, mine = ""): string {
  const parts = [
    ...Object.entries(normKeysOf(kase)).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`),
    ...inputsOf(kase).map((name) => {
      const list = listed(kase[name] as Float64Array, shapeOf(kase, name), 4, written);
      return `"${name}": ${isLikeX(name) ? `[\n    ${list.slice(1, -1)}\n  ]` : list}`;
    }),
    `"eps": ${written(kase.eps ?? 1e-5)}`,
    ...(kase.ddof === 1 ? ['"ddof": 1'] : []),
    ...(mine ? [`"mine": ${JSON.stringify(mine)}`] : []),
  ];
  return `{\n  ${parts.join(",\n  ")}\n}\n`;
}
