import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, FloatArray, NodeId, Trace } from "backnorm";
import { type ReferenceCase, readCases } from "./reference.ts";
import {
  assertSameBits,
  assertWithin,
  caseOf,
  engines,
  javascript,
  rounded,
  roundoff,
  unitRoundoff,
  webassembly,
} from "./support.ts";

const references = ["cs231n.txt", "iris.txt", "iris-f32.txt", "edges.txt"].flatMap(readCases);
const cs231n = webassembly.presets.cs231n as Case<Float64Array>;
const traced = references.map((reference) => {
  const kase = caseOf(reference);
  return { reference, kase, trace: webassembly.trace(kase) };
});

const table: [id: NodeId, extent: string, gate: string, inputs: NodeId[]][] = [
  ["x", "elements", "input", []],
  ["gamma", "parameters", "input", []],
  ["beta", "parameters", "input", []],
  ["mean", "statistics", "mean", ["x"]],
  ["xc", "elements", "subtract", ["x", "mean"]],
  ["sq", "elements", "square", ["xc"]],
  ["var", "statistics", "variance", ["sq"]],
  ["std", "statistics", "square-root", ["var"]],
  ["invstd", "statistics", "reciprocal", ["std"]],
  ["xhat", "elements", "multiply", ["xc", "invstd"]],
  ["scaled", "elements", "multiply", ["xhat", "gamma"]],
  ["y", "elements", "add", ["scaled", "beta"]],
];

test("the graph is the table of twelve nodes", () => {
  const nodes = table.map(([id, extent, gate, inputs]) => ({ id, extent, gate, inputs }));
  for (const bn of engines) assert.deepEqual(bn.graph.nodes, nodes);
});

test("the graph has thirteen edges, one for every input of every node", () => {
  const edges = table.flatMap(([to, , , inputs]) => inputs.map((from) => ({ from, to })));
  assert.equal(edges.length, 13);
  for (const bn of engines) assert.deepEqual(bn.graph.edges, edges);
});

test("the graph can't be changed", () => {
  const { graph } = webassembly;
  const parts = [webassembly, graph, graph.nodes, graph.edges, ...graph.nodes, ...graph.edges];
  for (const part of [...parts, ...graph.nodes.map(({ inputs }) => inputs)]) assert.ok(Object.isFrozen(part));
});

/** Float32 rounds each gate once more than float64 does, but carries its sums in float64: no N there. */
function bound(reference: ReferenceCase, name: string): (at: number) => number {
  const inFloat64 = roundoff(reference, name);
  if (reference.dtype === "float64") return inFloat64;
  const wider = (unitRoundoff.float32 / unitRoundoff.float64) * (16 / (16 + reference.rows));
  return (at) => wider * inFloat64(at);
}

function assertAsReference(reference: ReferenceCase, values: FloatArray, name: string): void {
  for (const oracle of ["numpy.", "torch."]) {
    const want = reference.arrays.get(oracle + name);
    if (want) assertWithin(values, want, bound(reference, name), oracle + name);
  }
}

for (const { reference, kase, trace } of traced) {
  const { name, rows, columns, dtype } = reference;

  test(`every value and gradient of ${name} equals NumPy's and PyTorch's`, () => {
    for (const { id, value, grad } of trace.nodes) {
      if (id in kase) assertSameBits(value, kase[id as "x" | "gamma" | "beta"], id);
      else assertAsReference(reference, value, id);
      if (id === "y") assertSameBits(grad, kase.dy, "dy");
      else assertAsReference(reference, grad, `d${id}`);
    }
  });

  test(`the paths of ${name} equal NumPy's`, () => {
    const { x, mean } = trace.paths;
    const paths = {
      dx_direct: x.direct,
      dx_through_var: x.throughVar,
      dx_through_mean: x.throughMean,
      dmean_direct: mean.direct,
      dmean_through_var: mean.throughVar,
    };
    for (const [path, values] of Object.entries(paths)) assertAsReference(reference, values, path);
  });

  test(`the paths of ${name} add up`, () => {
    const { x, mean } = trace.paths;
    const round = dtype === "float32" ? Math.fround : (value: number) => value;
    // to the bit: dx is made of these terms in this order
    const sum = x.direct.map((value, i) =>
      round(round(value + (x.throughVar[i] as number)) + (x.throughMean[i] as number)),
    );
    assertWithin(sum, gradient(trace, "x"), () => 0, "dx");
    const folded = mean.direct.map((value, i) => value + (mean.throughVar[i] as number));
    assertWithin(folded, gradient(trace, "mean"), bound(reference, "dmean"), "dmean");
    // Σ (x - mean) = 0, so all of it is round-off
    assertWithin(mean.throughVar, new Float64Array(columns), bound(reference, "dmean_through_var"), "0");
  });

  test(`the contributions of ${name} sum to the gradients`, () => {
    for (const { id } of trace.nodes) {
      const leaving = trace.edges.filter(({ from }) => from === id).map(({ contribution }) => contribution);
      if (id === "y") assert.equal(leaving.length, 0);
      else {
        const [first, second] = leaving as [FloatArray, FloatArray?];
        const sum = first.map((value, i) => value + (second?.[i] ?? 0)); // one addition at most: to the bit
        assertWithin(sum, gradient(trace, id), () => 0, id);
      }
    }
  });

  test(`the trace of ${name} has the kind and the shapes of its case`, () => {
    const { graph } = webassembly;
    assert.deepEqual(
      trace.nodes.map(({ id, shape }) => ({ id, shape })),
      graph.nodes.map(({ id, extent }) => ({
        id,
        shape: extent === "elements" ? [rows, columns] : [columns],
      })),
    );
    assert.deepEqual(
      trace.edges.map(({ from, to }) => ({ from, to })),
      graph.edges,
    );
    const sizeOf = (id: NodeId) =>
      (trace.nodes.find((node) => node.id === id)?.shape ?? []).reduce((a, b) => a * b);
    const { x, mean } = trace.paths;
    const arrays: [FloatArray, number][] = [
      ...trace.nodes.flatMap(({ id, value, grad }) =>
        [value, grad].map((a): [FloatArray, number] => [a, sizeOf(id)]),
      ),
      ...trace.edges.map(({ from, contribution }): [FloatArray, number] => [contribution, sizeOf(from)]),
      ...Object.values(x).map((path): [FloatArray, number] => [path, rows * columns]),
      ...Object.values(mean).map((path): [FloatArray, number] => [path, columns]),
    ];
    for (const [array, size] of arrays) {
      assert.equal(array.constructor, kase.x.constructor);
      assert.equal(array.length, size);
      assert.equal(array.buffer.byteLength, array.byteLength, "owns its buffer");
    }
    assert.equal(new Set(arrays.map(([array]) => array.buffer)).size, arrays.length);
  });

  test(`the trace of ${name} has the same bits in the JavaScript engine`, () => {
    assertSameBits(javascript.trace(kase), trace, name);
  });

  test(`the trace of ${name} agrees with the fused kernels`, () => {
    const { y, cache } = webassembly.forward(kase.x, kase);
    const { dx, dgamma, dbeta } = webassembly.backward(kase.dy, cache);
    const fused = { y, dx, dgamma, dbeta };
    for (const [array, values] of Object.entries(fused)) {
      const staged = array === "y" ? trace.nodes.at(-1)?.value : gradient(trace, array.slice(1));
      // each is as far from the exact result as the reference allows
      assertWithin(staged as FloatArray, values, (i) => 2 * bound(reference, array)(i), array);
    }
  });
}

function gradient(trace: Trace, id: string): FloatArray {
  const node = trace.nodes.find((one) => one.id === id);
  assert.ok(node, `the trace has no ${id}`);
  return node.grad;
}

test("a trace is a copy: changing it changes neither its case nor the next trace", () => {
  for (const bn of engines) {
    for (const kase of [bn.presets.cs231n, rounded(bn.presets.cs231n)]) {
      const inputs = structuredClone(kase);
      const first = bn.trace<FloatArray>(kase);
      const kept = structuredClone(first);
      for (const { value, grad, shape } of first.nodes) {
        value.fill(7);
        grad.fill(7);
        shape.fill(7);
      }
      for (const edge of first.edges) {
        edge.contribution.fill(7);
        Object.assign(edge, { from: "y", to: "x" });
      }
      for (const path of Object.values(first.paths.x)) path.fill(7);
      assertSameBits(kase, inputs, "the case");
      assertSameBits(bn.trace<FloatArray>(kase), kept, "the next trace");
    }
  }
});

test("later calls don't change a trace", () => {
  const first = webassembly.trace(cs231n);
  const kept = structuredClone(first);
  const large = new Float64Array(2 ** 18); // makes the memory grow, which kills every view into it
  webassembly.forward(large, { shape: [2 ** 17, 2] });
  webassembly.trace(webassembly.presets.iris);
  assertSameBits(first, kept, "the first trace");
});

test("eps defaults to 1e-5 and ddof to 0", () => {
  const { x, gamma, beta, dy, shape } = cs231n;
  const given = webassembly.trace({ x, gamma, beta, dy, shape, eps: 1e-5, ddof: 0 });
  assertSameBits(webassembly.trace({ x, gamma, beta, dy, shape }), given, "left out");
  assertSameBits(
    webassembly.trace({ x, gamma, beta, dy, shape, eps: undefined, ddof: undefined }),
    given,
    "undefined",
  );
});

test("the fields of a case may be inherited properties", () => {
  assertSameBits(webassembly.trace(Object.create(cs231n)), webassembly.trace(cs231n), "inherited");
});

test("a case of subarrays has the trace of one of whole arrays", () => {
  const { x, gamma, beta, dy, shape } = cs231n;
  const room = Float64Array.from([Number.NaN, ...x, ...gamma, ...beta, ...dy, Number.NaN]);
  const part = (begin: number, end: number) => room.subarray(begin, end);
  const within = { x: part(1, 21), gamma: part(21, 26), beta: part(26, 31), dy: part(31, 51), shape };
  assertSameBits(webassembly.trace(within), webassembly.trace(cs231n), "in one buffer");
});
