/** What the page knows of each kind of gate, held to the numbers of the passes at every edge of every graph. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Graph, load, type NodeId, type NormCase, type Trace } from "backnorm";
import { axesOf } from "../../web/lab/maths/axes.ts";
import { codeLine, forwardLine } from "../../web/lab/maths/code-lines.ts";
import { numbersOf } from "../../web/lab/maths/computed.ts";
import { type Grouping, type Numbers, resultOf } from "../../web/lab/maths/evaluate.ts";
import { type Expression, forwardOf } from "../../web/lab/maths/expression.ts";
import { createFormulas } from "../../web/lab/maths/formulas.ts";
import { contributionOf, gradientOf, slopeOf } from "../../web/lab/maths/gates.ts";
import { extentOf, isCopied, lastOf, pathOf, pathsOf, stepsOf } from "../../web/lab/maths/graph-facts.ts";
import { ingredientsOf } from "../../web/lab/maths/ingredients.ts";
import { cellOf, indexAt, layoutOf } from "../../web/lab/maths/layout.ts";
import { type NotationId, notationOf } from "../../web/lab/maths/notations.ts";
import { kase as cs231n, unbiased } from "./cases.ts";

const bn = await load();
const rms = bn.graphOf("rms") as unknown as Graph;
const graphs = { "batch norm": bn.graph, "RMS norm": rms };

const wave = (length: number, by: number) =>
  Float64Array.from({ length }, (_, at) => 1 + 2 * Math.sin(by * at));
/** A case with a gamma that differs within each group, where the norm has several parameters in a group. */
const caseOf = (norm: NormCase["norm"], shape: number[], parameters: number, other: object = {}) => {
  const size = shape.reduce((a, b) => a * b);
  const [x, gamma, dy] = [wave(size, 7), wave(parameters, 3), wave(size, 5)];
  const beta = norm === "rms" ? {} : { beta: wave(parameters, 2) };
  return { norm, shape, x, gamma, ...beta, dy, eps: 0.1, ...other } as NormCase<Float64Array>;
};

/** Values of which `size` in one piece share statistics, and each has a parameter of its own in the piece. */
const pieces = (size: number): Places => [(at) => Math.floor(at / size), (at) => at % size];
/** (N, C, S) in K groups of channels. */
const channels = (of: number, positions: number, groups: number): Places => {
  const channel = (at: number) => Math.floor(at / positions) % of;
  const group = (at: number) =>
    Math.floor(at / positions / of) * groups + Math.floor((channel(at) * groups) / of);
  return [group, channel];
};
const columns = (count: number): Places => [(at) => at % count, (at) => at % count];

type Places = readonly [statistics: (element: number) => number, parameters: (element: number) => number];

const cases: [name: string, kase: NormCase<Float64Array>, places: Places][] = [
  ["batch norm of cs231n", cs231n, columns(5)],
  ["batch norm divided by N − 1", unbiased, columns(2)],
  ["batch norm of iris", bn.presets.iris, columns(4)],
  ["batch norm of two rows", bn.presets.twoRows, columns(bn.presets.twoRows.shape[1] as number)],
  [
    "batch norm of positions",
    caseOf("batch", [2, 3, 4], 3, { axis: 1 }),
    [(at) => Math.floor(at / 4) % 3, (at) => Math.floor(at / 4) % 3],
  ],
  ["layer norm", caseOf("layer", [3, 4], 4), pieces(4)],
  ["layer norm over two dims", caseOf("layer", [3, 2, 2], 4, { normalizedDims: 2, ddof: 1 }), pieces(4)],
  ["group norm", caseOf("group", [2, 6, 4], 6, { groups: 2 }), channels(6, 4, 2)],
  ["instance norm", caseOf("instance", [2, 3, 4], 3), channels(3, 4, 3)],
  ["RMS norm", caseOf("rms", [3, 4], 4), pieces(4)],
];

/** The grouping that the two functions say. */
function groupingOf(size: number, [statistics, parameters]: Places): Grouping {
  const all = Array.from({ length: size }, (_, at) => at);
  const members: Grouping["members"] = (of, at) =>
    all.filter((element) => (of === "statistics" ? statistics : parameters)(element) === at);
  const copies = { statistics: members("statistics", 0).length, parameters: members("parameters", 0).length };
  return { size: copies.statistics, copies, statistics, parameters, members };
}

/** The expression in every place of the node. The numbers with the signs taken off say how much may cancel. */
function assertComputes(numbers: Numbers, of: Expression, node: NodeId, want: Float64Array, what: string) {
  const extent = extentOf(numbers.graph, node);
  const sizes: Numbers = { ...numbers, read: (part, at) => Math.abs(numbers.read(part, at)) };
  const positive = of.map((term) => ({ ...term, factor: Math.abs(term.factor) }));
  for (const [at, value] of want.entries()) {
    const got = resultOf(numbers, of, extent, at);
    // one rounding for each addition, some for each product; a chain of three gates has some more
    const bound = (numbers.grouping.size + 20) * Number.EPSILON * resultOf(sizes, positive, extent, at);
    assert.ok(
      Math.abs(got - value) <= bound,
      `${what}[${at}] is ${value}, its expression gives ${got} ± ${bound}`,
    );
  }
}

for (const [name, kase, places] of cases) {
  const graph = kase.norm === "rms" ? rms : bn.graph;
  test(`the expressions give every value, contribution, gradient and path of ${name}`, () => {
    const trace = bn.trace(kase) as Trace<Float64Array>;
    const node = (id: NodeId) => trace.nodes.find((one) => one.id === id) as (typeof trace.nodes)[number];
    const { eps = 1e-5, ddof = 0 } = kase;
    const grouping = groupingOf(kase.x.length, places);
    const read: Numbers["read"] = ({ of, which }, at) => node(of)[which][at] as number;
    const numbers = { graph, grouping, eps, ddof, read };
    for (const { id, gate } of graph.nodes)
      if (gate !== "input") assertComputes(numbers, forwardOf(graph, id), id, node(id).value, id);
    for (const edge of trace.edges) {
      const { from, to, contribution } = edge;
      assertComputes(numbers, [contributionOf(graph, edge)], from, contribution, `${from}->${to}`);
    }
    for (const { id } of graph.nodes)
      for (const deep of [false, true]) {
        const expression = gradientOf(graph, id, deep);
        if (id !== lastOf(graph)) assertComputes(numbers, expression, id, node(id).grad, `d${id}`);
      }
    for (const [to, paths] of Object.entries(trace.paths) as [NodeId, object][]) {
      const terms = gradientOf(graph, to);
      assert.equal(terms.length, Object.keys(paths).length);
      for (const [at, [path, values]] of Object.entries(paths).entries())
        assertComputes(numbers, terms.slice(at, at + 1), to, values, `${path} of d${to}`);
    }
  });
}

test("a case of the page has the numbers of its trace and the grouping of its norm", () => {
  const gemma = { ...caseOf("rms", [3, 4], 4), unitOffset: true };
  const all = [...cases, ["RMS norm with 1 + gamma", gemma, pieces(4)] as (typeof cases)[number]];
  for (const [name, kase, places] of all) {
    const graph = kase.norm === "rms" ? rms : bn.graph;
    const trace = bn.trace(kase) as Trace<Float64Array>;
    const layout = layoutOf(kase);
    const rest = { report: undefined, wrongHere: new Set<string>(), givenUp: false };
    const numbers = numbersOf({ graph, kase, layout, trace, ...rest });
    for (const { id, grad } of trace.nodes)
      if (id !== lastOf(graph)) assertComputes(numbers, gradientOf(graph, id), id, grad, `${name}, d${id}`);
    assert.deepEqual(Object.keys(trace.paths.x), pathsOf(graph));
    const { size, copies, statistics, parameters, members } = groupingOf(kase.x.length, places);
    assert.deepEqual([layout.grouping.size, layout.grouping.copies], [size, copies], name);
    for (const at of kase.x.keys()) {
      assert.equal(layout.grouping.statistics(at), statistics(at), name);
      assert.equal(layout.grouping.parameters(at), parameters(at), name);
    }
    for (const onto of ["statistics", "parameters"] as const)
      assert.deepEqual(layout.grouping.members(onto, 1), members(onto, 1), name);
  }
});

test("a cell of a strip stands for a cell of x that belongs to it, and back", () => {
  for (const [name, kase] of cases) {
    const layout = layoutOf(kase);
    const near = { row: 1, column: 1 };
    for (const extent of ["elements", "statistics", "parameters"] as const) {
      const { rows, columns } = layout.sheets[extent];
      for (let index = 0; index < rows * columns; index++)
        assert.equal(
          indexAt(layout, extent, cellOf(layout, extent, index, near)),
          index,
          `${name}, ${extent}`,
        );
      assert.deepEqual(
        cellOf(layout, extent, indexAt(layout, extent, near), near),
        near,
        "the nearest is the same",
      );
    }
  }
});

test("the same expressions write the formulas, lines of code and ingredients of RMS norm", () => {
  const setting = layoutOf(caseOf("rms", [3, 4], 4));
  const written = (names: NotationId) => {
    const notation = notationOf(names, rms);
    const coding = { notation, ddof: 0, axes: axesOf(setting) } as const;
    const { gradient, derivative, slope } = createFormulas(
      notation,
      rms,
      { given: "", terms: String },
      setting,
    );
    return {
      gradients: stepsOf(rms).map((id) => `${notation.partials[id].text} = ${gradient(id).text}`),
      slopes: rms.edges.map((edge) => `${derivative(edge).text} = ${slope(edge).text}`),
      lines: [
        ...rms.nodes.filter(({ gate }) => gate !== "input").map(({ id }) => forwardLine(rms, id, coding)),
        ...stepsOf(rms).map((id) => codeLine(rms, id, coding)),
      ],
    };
  };
  assert.deepEqual(written("paper").gradients, [
    "∂γ = Σᵢ ∂y_i·x̂_i",
    "∂x̂ = ∂y·γ",
    "∂ms = −(1/2)Σᵢ ∂x̂_i·x_i·(ms + ε)^−(3/2)",
    "∂x = ∂x̂/√(ms + ε) + ∂ms·(2x)/D",
  ]);
  assert.deepEqual(written("paper").slopes, [
    "∂x²/∂x = 2x",
    "∂ms/∂x² = 1/D",
    "∂√(ms + ε)/∂ms = 1/(2√(ms + ε))",
    "∂(1/√(ms + ε))/∂√(ms + ε) = −(1/(ms + ε))",
    "∂x̂/∂x = 1/√(ms + ε)",
    "∂x̂/∂(1/√(ms + ε)) = x",
    "∂y/∂x̂ = γ",
    "∂y/∂γ = x̂",
  ]);
  assert.deepEqual(written("pytorch").lines, [
    "sq = input ** 2",
    "ms = sq.mean(1, keepdim=True)",
    "rms = torch.sqrt(ms + eps)",
    "rstd = 1 / rms",
    "xhat = input * rstd",
    "output = weight * xhat",
    "grad_weight = (grad_output * xhat).sum(0)",
    "grad_xhat = grad_output * weight",
    "grad_ms = -0.5 * (grad_xhat * input).sum(1, keepdim=True) * (ms + eps) ** -1.5",
    "grad_input = grad_xhat / rms + grad_ms * 2 * input / D",
  ]);
  assert.deepEqual(ingredientsOf(rms, "x" as NodeId), [
    { of: "xhat", which: "grad", takes: "cell" },
    { of: "rms", which: "value", takes: "cell" },
    { of: "ms", which: "grad", takes: "cell" },
    { of: "x", which: "value", takes: "cell" },
  ]);
});

test("steps, copies and paths follow from a graph's table", () => {
  assert.deepEqual(stepsOf(bn.graph), ["beta", "gamma", "xhat", "var", "mean", "x"]);
  assert.deepEqual(stepsOf(rms), ["gamma", "xhat", "ms", "x"]);
  const copied = (graph: Graph) =>
    graph.edges.filter((edge) => isCopied(graph, edge)).map(({ from }) => from);
  assert.deepEqual(copied(bn.graph), ["mean", "invstd", "gamma", "beta"]);
  assert.deepEqual(copied(rms), ["invrms", "gamma"]);
  const pathsAlong = (graph: Graph) =>
    graph.edges.map((edge) => [`${edge.from}->${edge.to}`, pathOf(graph, edge)] as const);
  const without = {
    "xhat->scaled": undefined,
    "gamma->scaled": undefined,
    "scaled->y": undefined,
    "beta->y": undefined,
  };
  assert.deepEqual(Object.fromEntries(pathsAlong(bn.graph)), {
    "x->mean": "through-mean",
    "x->xc": "direct",
    "mean->xc": "through-mean",
    "xc->sq": "through-var",
    "sq->var": "through-var",
    "var->std": "through-var",
    "std->invstd": "through-var",
    "xc->xhat": "direct",
    "invstd->xhat": "through-var",
    ...without,
  });
  const through = ["x->sq", "sq->ms", "ms->rms", "rms->invrms", "invrms->xhat"];
  assert.deepEqual(Object.fromEntries(pathsAlong(rms)), {
    ...Object.fromEntries(through.map((edge) => [edge, "through-rms"])),
    "x->xhat": "direct",
    "xhat->y": undefined,
    "gamma->y": undefined,
  });
  for (const graph of Object.values(graphs))
    for (const edge of graph.edges) assert.notEqual(slopeOf(graph, edge).factor, 0);
});
