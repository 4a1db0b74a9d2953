/** Batch norm's formulas, as they are read out: in symbols, and with the numbers of a case put in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Case, load, type NodeId } from "backnorm";
import { kColumnAxes } from "../../web/lab/maths/axes.ts";
import { codeLine } from "../../web/lab/maths/code-lines.ts";
import { createFormulas } from "../../web/lab/maths/formulas.ts";
import { layoutOf } from "../../web/lab/maths/layout.ts";
import { notationOf } from "../../web/lab/maths/notations.ts";

const bn = await load();
const paper = notationOf("paper", bn.graph);
const formulas = createFormulas(paper, bn.graph, { given: ", given", terms: (count) => ` (${count} terms)` });

const inSymbols: Record<NodeId, string> = {
  x: "∂x = ∂x̂/√(σ² + ε) + ∂σ²·(2(x − μ))/N + ∂μ/N",
  gamma: "∂γ = Σᵢ ∂y_i·x̂_i",
  beta: "∂β = Σᵢ ∂y_i",
  mean: "∂μ = −(Σᵢ ∂x̂_i/√(σ² + ε)) + [∂σ²·(−2)/NΣᵢ (x_i − μ) = 0]",
  xc: "∂(x − μ) = ∂x̂/√(σ² + ε) + ∂(x − μ)²·2(x − μ)",
  sq: "∂(x − μ)² = ∂σ²/N",
  var: "∂σ² = −(1/2)Σᵢ ∂x̂_i·(x_i − μ)·(σ² + ε)^−(3/2)",
  std: "∂√(σ² + ε) = −∂(1/√(σ² + ε))·1/(σ² + ε)",
  invstd: "∂(1/√(σ² + ε)) = Σᵢ ∂x̂_i·(x_i − μ)",
  xhat: "∂x̂ = ∂y·γ",
  scaled: "∂(γx̂) = ∂y",
  y: "∂y = ∂y, given",
};

test("each gradient is written by the steps before it, and on the way to a step by the gradient before", () => {
  for (const [id, text] of Object.entries(inSymbols) as [NodeId, string][])
    assert.equal(`${formulas.partials[id].text} = ${formulas.gradient(id).text}`, text);
  assert.equal(formulas.gradient("sq", 1).text, "∂σ²/(N − 1)");
  assert.equal(
    codeLine(bn.graph, "mean", { notation: paper, ddof: 1, axes: kColumnAxes }),
    "dmean = -(dxhat / std).sum(axis=0) - dvar * 2 * xc.sum(axis=0) / (N - 1)",
  );
});

test("the chain rule goes along every way to the next step, with a sum where numbers were copied", () => {
  const chains: Partial<Record<NodeId, string>> = {
    beta: "∂L/∂β = Σᵢ ∂L/∂y_i·∂y_i/∂β",
    xhat: "∂L/∂x̂ = ∂L/∂y·∂y/∂(γx̂)·∂(γx̂)/∂x̂",
    mean: "∂L/∂μ = Σᵢ ∂L/∂x̂_i·∂x̂_i/∂(x_i − μ)·∂(x_i − μ)/∂μ + Σᵢ ∂L/∂σ²·∂σ²/∂(x_i − μ)²·∂(x_i − μ)²/∂(x_i − μ)·∂(x_i − μ)/∂μ",
    x: "∂L/∂x = ∂L/∂x̂·∂x̂/∂(x − μ)·∂(x − μ)/∂x + ∂L/∂σ²·∂σ²/∂(x − μ)²·∂(x − μ)²/∂(x − μ)·∂(x − μ)/∂x + ∂L/∂μ·∂μ/∂x",
    std: "∂L/∂√(σ² + ε) = ∂L/∂(1/√(σ² + ε))·∂(1/√(σ² + ε))/∂√(σ² + ε)",
  };
  for (const [id, text] of Object.entries(chains) as [NodeId, string][])
    assert.equal(formulas.chain(id).text, text);
});

test("a gate opens into the numbers of a cell, forward and back to each input", () => {
  const { notes } = bn.presets;
  const { trace } = bn.examine(notes, { check: true });
  const computed = {
    graph: bn.graph,
    kase: notes,
    layout: layoutOf(notes),
    trace,
    report: undefined,
    wrongHere: new Set<string>(),
    givenUp: false,
  };
  const opened = (id: NodeId) => {
    const { forward, back } = formulas.gateWithNumbers(computed, id, { row: 0, column: 0 });
    return [forward.text, ...back.map(({ from, formula }) => `${from}: ${formula.text}`)];
  };
  assert.deepEqual(opened("mean"), ["μ[1] = (3 + 9 + 17 + 11)/4 = 10", "x: (−8)/4 = −2"]);
  assert.deepEqual(opened("xc"), [
    "(x − μ)[1, 1] = 3 − 10 = −7",
    "x: 2.560 = 2.560",
    "mean: −(2.560 + 1.080 + 2.440 + 1.920) = −8",
  ]);
});

test("the numbers of a cell stand where its symbols do", () => {
  const { notes, iris, cs231n } = bn.presets;
  const written = (kase: Case<Float64Array>, id: NodeId, row = 0, mistakes: string[] = []) => {
    const { trace, report, origins } = bn.examine(kase, { mistakes, check: true });
    const computed = { graph: bn.graph, kase, layout: layoutOf(kase), trace, report: report ?? undefined };
    const found = { ...computed, wrongHere: new Set<string>(origins), givenUp: false };
    return formulas.withNumbers(found, id, { row, column: row }).text;
  };
  assert.equal(written(notes, "x"), "∂x[1, 1] = 10/5 + (−0.1600)·(2·(−7))/4 + (−8)/4 = 0.5600");
  assert.equal(written(notes, "mean"), "∂μ[1] = −(2 + 1 + 3 + 2) + 0 = −8");
  assert.equal(written(notes, "var"), "∂σ²[1] = −(1/2)·40·25^−(3/2) = −0.1600");
  assert.equal(written(notes, "xc", 1), "∂(x − μ)[2, 2] = 2/1 + (−0.5000)·2·(−1) = 3");
  assert.equal(
    written(iris, "gamma"),
    "∂γ[1] = 1.338 + 1.056 − 4.065 +  ⋯  + (0.02767) (150 terms) = −8.914",
  );
  assert.equal(
    written(cs231n, "var", 0, ["dvar-half"]),
    "∂σ²[1] = −(1/2)·0.2168·7.251^−(3/2) ≠ −0.01110",
    "a mistake makes another number of it",
  );
});
