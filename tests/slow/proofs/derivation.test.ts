/** Every line of code that the page shows, run for real by the library that it is written for. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { type Graph, load, type NodeId, type NormCase, type Trace } from "backnorm";
import { type Axes, axesOf } from "../../../web/lab/maths/axes.ts";
import { codeLine, codeShape, forwardLine, printsWith } from "../../../web/lab/maths/code-lines.ts";
import { extentOf } from "../../../web/lab/maths/graph-facts.ts";
import { type Layout, layoutOf } from "../../../web/lab/maths/layout.ts";
import { kNotations, notationOf } from "../../../web/lab/maths/notations.ts";

const bn = await load();

/** One program: its numbers, its lines, and the arrays that it returns. */
interface Program {
  sizes: Readonly<Record<string, number>>;
  arrays: Readonly<Record<string, readonly [values: readonly number[], shape: readonly number[]]>>;
  eps: number;
  lines: readonly string[];
  returned: readonly string[];
}
type Returned = Record<string, [shape: number[], values: number[]]>;

const makers = {
  NumPy: ["import numpy as np", "np.array(values)"],
  PyTorch: ["import torch", "torch.tensor(values, dtype=torch.float64)"],
} as const;

// starting PyTorch takes a second, so that all programs of a library run in one process
const runner = (library: keyof typeof makers) => `
import json, sys
${makers[library][0]}
results = []
for program in json.load(sys.stdin):
    own = dict(globals(), eps=program["eps"], **program["sizes"])
    for name, (values, shape) in program["arrays"].items():
        own[name] = ${makers[library][1]}.reshape(shape)
    exec("\\n".join(program["lines"]), own)
    results.append({name: [list(own[name].shape), own[name].reshape(-1).tolist()] for name in program["returned"]})
print(json.dumps(results))
`;

function run(library: keyof typeof makers, programs: readonly Program[]): Returned[] {
  // the one whose NumPy and PyTorch are those of the system
  const { error, status, stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", runner(library)], {
    input: JSON.stringify(programs),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (error) throw error;
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const { cs231n, layernorm, groupnorm, spatial, tokens } = bn.presets;
const instance = { ...spatial, norm: "instance" } as NormCase<Float64Array>;
const sequence = {
  ...layernorm,
  shape: [2, 2, 5],
  normalizedDims: 1,
} as NormCase<Float64Array>;
/** The same numbers with the channels last. */
const last = { ...groupnorm, shape: [2, 4, 5, 6], axis: -1 } as NormCase<Float64Array>;
const cases: Readonly<Record<string, NormCase<Float64Array>>> = {
  "batch norm": cs231n,
  "batch norm of a tensor": spatial,
  "layer norm": layernorm,
  "layer norm of sequences": sequence,
  "group norm": groupnorm,
  "group norm, channels last": last,
  "instance norm": instance,
  "RMS norm": tokens,
  "RMS norm with 1 + gamma": { ...tokens, unitOffset: true } as NormCase<Float64Array>,
};

/** What the letters of the lines stand for. */
function sizesOf({ letters, size }: Axes, layout: Layout): Record<string, number> {
  const { shape, channels, groups } = layout.of;
  const at = letters.indexOf("G");
  const named = letters.flatMap((letter, i): [string, number][] =>
    letter === "C // G" ? [] : [[letter, shape[at >= 0 && i > at ? i - 1 : i] as number]],
  );
  const grouped = at >= 0 ? { G: groups, C: channels } : {};
  return { ...Object.fromEntries(named), ...grouped, [size]: layout.grouping.size };
}

/** The program of a case, with what it should return. */
function programOf(kase: NormCase<Float64Array>, id: (typeof kNotations)[number]) {
  const graph = bn.graphOf(kase.norm ?? "batch") as unknown as Graph;
  const notation = notationOf(id, graph);
  const { code } = notation;
  const layout = layoutOf(kase);
  const axes = axesOf(layout);
  const coding = { notation, ddof: kase.ddof ?? 0, axes };
  const shapeOf = (node: NodeId) => codeShape(layout, extentOf(graph, node), notation);
  const { nodes } = bn.trace(kase) as Trace<Float64Array>;
  const isGiven = (node: NodeId) => graph.nodes.some((one) => one.id === node && one.gate === "input");
  const made = graph.nodes.map((node) => node.id).filter((node) => !isGiven(node));
  const array = (node: NodeId, values: Float64Array) => [[...values], shapeOf(node)] as const;
  const inputs = nodes.filter((node) => isGiven(node.id));
  const wanted = nodes.flatMap((node) => [
    ...(isGiven(node.id) ? [] : [{ name: code[node.id], want: node.value, shape: shapeOf(node.id) }]),
    { name: code[`d${node.id}`], want: node.grad, shape: shapeOf(node.id) },
  ]);
  const program: Program = {
    sizes: sizesOf(axes, layout),
    arrays: {
      ...Object.fromEntries(inputs.map((node) => [code[node.id], array(node.id, node.value)])),
      [code.dy]: array("y", kase.dy),
    },
    eps: kase.eps ?? 1e-5,
    lines: [
      ...made.map((node) => forwardLine(graph, node, coding)),
      ...graph.backwardOrder.filter((node) => node !== "y").map((node) => codeLine(graph, node, coding)),
    ],
    returned: wanted.map(({ name }) => name),
  };
  return { program, wanted, library: printsWith(notation) };
}

for (const library of ["NumPy", "PyTorch"] as const)
  test(`the lines in ${library} compute every value and every gradient of every norm`, () => {
    const all = Object.entries(cases).flatMap(([name, kase]) =>
      kNotations.flatMap((id) =>
        (kase.norm === "rms" ? [undefined] : ([0, 1] as const)).map((ddof) => ({
          name: `${name} by ${id}, ddof ${ddof}`,
          ...programOf(ddof === undefined ? kase : { ...kase, ddof }, id),
        })),
      ),
    );
    const own = all.filter((one) => one.library === library);
    assert.ok(own.length > 30);
    const results = run(
      library,
      own.map(({ program }) => program),
    );
    for (const [at, { name, program, wanted }] of own.entries())
      for (const { name: array, want, shape: wantedShape } of wanted) {
        const [shape, values] = (results[at] as Returned)[array] as [number[], number[]];
        assert.deepEqual(shape, wantedShape, `${array} of ${name}: ${program.lines.join("; ")}`);
        const most = Math.max(...want.map(Math.abs));
        // a few roundings, of which a sum that cancels may leave a hundred times as much
        for (const [i, number] of want.entries())
          assert.ok(
            Math.abs((values[i] as number) - number) <= 1e-12 * most,
            `${array} of ${name}: ${values[i]} at ${i}, expected ${number}`,
          );
      }
  });
