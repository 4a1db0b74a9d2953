/** What the lenses say: the steps and their lines of code, the paths and the mistakes that lack some, distances in ulps. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, type NodeId } from "backnorm";
import { ulpsBetween } from "../../web/lab/closed-form/ulps.ts";
import { kColumnAxes } from "../../web/lab/maths/axes.ts";
import { codeLine, printsWith, pythonName } from "../../web/lab/maths/code-lines.ts";
import { ingredientsOf } from "../../web/lab/maths/ingredients.ts";
import { kNotations, notationOf } from "../../web/lab/maths/notations.ts";
import { mistakeWithout, pathsLeftOut } from "../../web/lab/paths/laws.ts";
import { arrayOf, batchPaths, left, ordered, subsets, unbiased } from "./cases.ts";

const bn = await load();
const { cs231n, iris } = bn.presets;
const paper = notationOf("paper", bn.graph);
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

test("every cell of every gradient depends on exactly the highlighted cells", () => {
  for (const kase of [cs231n, unbiased]) {
    const [n, d] = kase.shape as [number, number];
    const formulas = formulasOf(n, kase.ddof ?? 0, kase.eps ?? 1e-5);
    for (const [id, formula] of Object.entries(formulas) as [NodeId, Formula][]) {
      const grad = arrayOf(kase, id, "grad");
      for (const [at, want] of grad.entries()) {
        const [row, column] = [Math.floor(at / d), at % d];
        const lit = (name: string, takes: "cell" | "group") => {
          const one = ingredientsOf(bn.graph, id).find(
            (other) =>
              pythonName(other, paper.code) === name && (other.takes === "cell") === (takes === "cell"),
          );
          assert.ok(one, `d${id} takes a ${takes} of ${name}, which is not lit up`);
          return arrayOf(kase, one.of, one.which);
        };
        const got = formula(
          (name) => {
            const values = lit(name, "cell");
            return values[values.length === d ? column : row * d + column] as number;
          },
          (name) => Array.from({ length: n }, (_, i) => lit(name, "group")[i * d + column] as number),
        );
        const most = Math.max(...grad.map(Math.abs));
        // a sum of at most four terms of that size, in another order
        assert.ok(Math.abs(got - want) <= 1e-14 * most, `d${id}[${at}] is ${want}, its cells give ${got}`);
      }
    }
  }
});

test("a line of code names exactly the highlighted arrays, in every notation", () => {
  const known = new Set(["sum", "axis", "keepdim", "True", "eps", "N", "D", "np", "torch", "ones"]);
  for (const notation of kNotations.map((id) => notationOf(id, bn.graph)))
    for (const ddof of [0, 1] as const)
      for (const { id } of bn.graph.nodes) {
        if (id === "y") continue;
        const line = codeLine(bn.graph, id, { notation, ddof, axes: kColumnAxes });
        const [made, formula] = line.split(" = ") as [string, string];
        assert.equal(made, notation.code[`d${id}`]);
        const names = new Set((formula.match(/[a-zA-Z_]\w*/g) ?? []).filter((name) => !known.has(name)));
        const lit = new Set(ingredientsOf(bn.graph, id).map((one) => pythonName(one, notation.code)));
        assert.deepEqual([...names].sort(), [...lit].sort(), line);
        assert.equal(/\(N - 1\)/.test(line), ddof === 1 && ["sq", "mean", "x"].includes(id), line);
      }
});

test("each notation's lines follow the style of its programs", () => {
  const line = (id: (typeof kNotations)[number], node: NodeId) =>
    codeLine(bn.graph, node, { notation: notationOf(id, bn.graph), ddof: 0, axes: kColumnAxes });
  assert.equal(
    line("cs231n", "var"),
    "dsample_var = -0.5 * (dx_hat * x_centered).sum(axis=0) * (sample_var + eps) ** -1.5",
  );
  assert.equal(line("kratzert", "invstd"), "divar = (dxhat * xmu).sum(axis=0)");
  assert.equal(line("makemore", "beta"), "dbnbias = dhpreact.sum(0, keepdim=True)");
  assert.equal(line("pytorch", "beta"), "grad_bias = grad_output.sum(0)");
  assert.deepEqual(
    kNotations.map((id) => printsWith(notationOf(id, bn.graph))),
    ["NumPy", "NumPy", "NumPy", "PyTorch", "PyTorch"],
  );
});

test("dx without some paths is the dx of the named mistake", () => {
  for (const kase of [cs231n, iris, unbiased])
    for (const off of subsets) {
      const id = mistakeWithout(off);
      assert.equal(id === undefined, off.size === 0 || off.size === 3, [...off].join());
      if (!id) continue;
      assert.deepEqual(pathsLeftOut(id), off);
      const dx = arrayOf(kase, "x", "grad", [id]);
      const most = Math.max(...batchPaths.flatMap((path) => [...bn.trace(kase).paths.x[path]].map(Math.abs)));
      // a term that should be 0, and a sum in another order
      for (const [at, value] of left(kase, off).entries())
        assert.ok(Math.abs(value - (dx[at] as number)) <= 1e-14 * most, `${id}[${at}]: ${value}, ${dx[at]}`);
    }
  const evaluated = pathsLeftOut("eval-backward");
  assert.deepEqual(evaluated, new Set(["throughVar", "throughMean"]));
});

test("ulps count the float64 between two numbers, across 0 as well", () => {
  assert.equal(ulpsBetween(1 + Number.EPSILON, 1), 1);
  assert.equal(ulpsBetween(1, 1 + 3 * Number.EPSILON), -3);
  assert.equal(ulpsBetween(1, 1 - Number.EPSILON / 2), 1); // below a power of 2 they lie twice as dense
  assert.equal(ulpsBetween(0, -0), 0);
  assert.equal(ulpsBetween(5e-324, -5e-324), 2);
  assert.equal(ulpsBetween(2, 1), 2 ** 52);
  assert.equal(ulpsBetween(-1, -2), 2 ** 52);
  assert.ok(Number.isNaN(ulpsBetween(Number.NaN, 1)), "NaN is no place");
  // either side of where the low half runs over
  const [below, above] = [
    new Float64Array(BigInt64Array.of(0x3ff00000ffffffffn).buffer)[0],
    new Float64Array(BigInt64Array.of(0x3ff0000100000000n).buffer)[0],
  ];
  assert.equal(ulpsBetween(above as number, below as number), 1);
  for (let i = 1; i < 200; i++) {
    const [a, b] = [Math.sin(i) * 1e-3, Math.sin(i) * 1e-3 * (1 + i * 1e-15)];
    assert.equal(ulpsBetween(a, b), Number(ordered(a) - ordered(b)), `${a} and ${b}`);
  }
});
