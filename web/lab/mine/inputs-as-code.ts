import { pythonComment } from "../base/escaped.ts";
import { listed } from "../base/listed.ts";
import { largest } from "../base/numbers.ts";
import { kColumnAxes } from "../maths/axes.ts";
import { divisorIn, overAxes, printsWith, withRows } from "../maths/code-lines.ts";
import { isFlat, normKeysOf, type PageCase, readNorm } from "../maths/norms.ts";
import type { Notation } from "../maths/notations.ts";

/** An array as a program prints it, with 8 digits. */
export function printed(
  name: string,
  values: ArrayLike<number>,
  shape: readonly number[],
  notation: Notation,
): string {
  const [call, dtype] =
    printsWith(notation) === "PyTorch" ? ["tensor", ", dtype=torch.float64"] : ["array", ""];
  const size = largest(values);
  const digits = (value: number) => (size < 1e-3 ? value.toExponential(8) : value.toFixed(8));
  const head = `${name} = ${call}(`;
  return `${head}${listed(values, withRows(shape, notation), head.length + 1, digits)}${dtype})`;
}

const libraries = {
  NumPy: {
    load: "import numpy as np",
    call: "np.array",
    end: ")",
    options: (x: string) => `np.set_printoptions(precision=17, threshold=${x}.size + 1)`,
    kind: "np.ndarray",
    shown: "repr(own[name])",
  },
  PyTorch: {
    load: "import torch",
    call: "torch.tensor",
    end: ", dtype=torch.float64)",
    options: (x: string) => `torch.set_printoptions(precision=17, threshold=${x}.numel() + 1, sci_mode=True)`,
    kind: "torch.Tensor",
    shown: "own[name]",
  },
} as const;

/** The case as lines of code with all digits, and lines that print those of `names` that the program has computed. */
export function inputsAsCode(
  name: string,
  kase: PageCase,
  names: readonly string[],
  notation: Notation,
  afterPasses: string,
): string {
  const { code } = notation;
  const { load, call, end, options, kind, shown } = libraries[printsWith(notation)];
  const line = (own: string, values: ArrayLike<number>, its: readonly number[]) =>
    `${own} = ${call}(${listed(values, its, own.length + call.length + 5, String)}${end}`;
  const { x, gamma, beta, dy, shape, eps = 1e-5, ddof = 0 } = kase;
  const row = isFlat(kase) ? withRows(shape.slice(1), notation) : readNorm(kase).parametersShape;
  return [
    pythonComment(`${name}, ${shape.join("×")}`),
    load,
    "",
    line(code.x, x, shape),
    line(code.gamma, gamma, row),
    ...(beta ? [line(code.beta, beta, row)] : []),
    line(code.dy, dy, shape),
    `eps = ${eps}`,
    isFlat(kase)
      ? `# ${code.var} = ((${code.x} - ${code.mean}) ** 2).sum(${overAxes(kColumnAxes, "statistics", notation)}) / ${divisorIn(ddof)}`
      : `# ${Object.entries(normKeysOf({ norm: "batch", ...kase }))
          .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
          .join(", ")}`,
    "",
    pythonComment(afterPasses),
    options(code.x),
    "own = {**globals(), **locals()}",
    'for name in """',
    names.join(" ").replace(/(.{80}\S*) /g, "$1\n"),
    '""".split():',
    `    if isinstance(own.get(name), ${kind}): print(name, '=', ${shown})`,
    "",
  ].join("\n");
}
