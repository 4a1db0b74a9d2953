/** The steps of the backward pass: what each is made of, and its line of code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, type NodeId } from "backnorm";
import { codeLines, kIngredients, printsWith, pythonName } from "../../web/lab/derivation.ts";
import { kNotations, notationOf } from "../../web/lab/notations.ts";
import { arrayOf, unbiased } from "./cases.ts";

const bn = await load();
const paper = notationOf("paper");
const { cs231n } = bn.presets;
const total = (terms: number[]) => terms.reduce((a, b) => a + b, 0);
const dot = (a: number[], b: number[]) => total(a.map((value, i) => value * (b[i] as number)));

/** Each gradient's formula, of the cells (v) and columns (c) that its line of NumPy names. */
type Formula = (v: (name: string) => number, c: (name: string) => number[]) => number;

const formulasOf = (n: number, ddof: number, eps: number): Record<Exclude<NodeId, "y">, Formula> => ({
  scaled: (v) => v("dy"),
  beta: (_, c) => total(c("dy")),
  gamma: (_, c) => dot(c("dy"), c("xhat")),
  xhat: (v) => v("dy") * v("gamma"),
  invstd: (_, c) => dot(c("dxhat"), c("xc")),
  std: (v) => -v("dinvstd") / (v("var") + eps),
  var: (v, c) => -0.5 * dot(c("dxhat"), c("xc")) * (v("var") + eps) ** -1.5,
  sq: (v) => v("dvar") / (n - ddof),
  xc: (v) => v("dxhat") / v("std") + v("dsq") * 2 * v("xc"),
  mean: (v, c) => -total(c("dxhat").map((d) => d / v("std"))) - (v("dvar") * 2 * total(c("xc"))) / (n - ddof),
  x: (v) => v("dxhat") / v("std") + (v("dvar") * 2 * v("xc")) / (n - ddof) + v("dmean") / n,
});

test("every cell of every gradient is made of the cells that are lit up for it, and of no others", () => {
  for (const kase of [cs231n, unbiased]) {
    const [n, d] = kase.shape as [number, number];
    const formulas = formulasOf(n, kase.ddof ?? 0, kase.eps ?? 1e-5);
    for (const [id, formula] of Object.entries(formulas) as [NodeId, Formula][]) {
      const grad = arrayOf(kase, id, "grad");
      for (const [at, want] of grad.entries()) {
        const [row, column] = [Math.floor(at / d), at % d];
        const lit = (name: string, takes: "cell" | "column") => {
          const one = kIngredients[id].find(
            (other) => pythonName(other, paper.code) === name && other.takes === takes,
          );
          assert.ok(one, `d${id} takes a ${takes} of ${name}, which is not lit up`);
          return arrayOf(kase, one.of, one.which);
        };
        const got = formula(
          (name) => {
            const values = lit(name, "cell");
            return values[values.length === d ? column : row * d + column] as number;
          },
          (name) => Array.from({ length: n }, (_, i) => lit(name, "column")[i * d + column] as number),
        );
        const most = Math.max(...grad.map(Math.abs));
        // a sum of at most four terms of that size, in another order
        assert.ok(Math.abs(got - want) <= 1e-14 * most, `d${id}[${at}] is ${want}, its cells give ${got}`);
      }
    }
  }
});

test("a line of code names the arrays that are lit up, and no others, in every notation", () => {
  const known = new Set(["sum", "axis", "keepdim", "True", "eps", "N", "D", "np", "torch", "ones"]);
  for (const notation of kNotations.map(notationOf))
    for (const ddof of [0, 1] as const)
      for (const [id, line] of Object.entries(codeLines(ddof, notation)) as [NodeId, string][]) {
        if (id === "y") continue;
        const [made, formula] = line.split(" = ") as [string, string];
        assert.equal(made, notation.code[`d${id}`]);
        const names = new Set((formula.match(/[a-zA-Z_]\w*/g) ?? []).filter((name) => !known.has(name)));
        const lit = new Set(kIngredients[id].map((one) => pythonName(one, notation.code)));
        assert.deepEqual([...names].sort(), [...lit].sort(), line);
        assert.equal(/\(N - 1\)/.test(line), ddof === 1 && ["sq", "mean", "x"].includes(id), line);
      }
});

test("each notation's lines are in the manner of its own programs", () => {
  const line = (id: (typeof kNotations)[number], node: NodeId) => codeLines(0, notationOf(id))[node];
  assert.equal(
    line("cs231n", "var"),
    "dsample_var = -0.5 * (dx_hat * x_centered).sum(axis=0) * (sample_var + eps) ** -1.5",
  );
  assert.equal(line("kratzert", "invstd"), "divar = (dxhat * xmu).sum(axis=0)");
  assert.equal(line("makemore", "beta"), "dbnbias = dhpreact.sum(0, keepdim=True)");
  assert.equal(line("pytorch", "beta"), "grad_bias = grad_output.sum(0)");
  assert.deepEqual(
    kNotations.map((id) => printsWith(notationOf(id))),
    ["NumPy", "NumPy", "NumPy", "PyTorch", "PyTorch"],
  );
});
