/** Every line of code that the page shows, run for real by the library that it is written for. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { load, type NodeId } from "backnorm";
import { codeLine, codeShape, printsWith } from "../../../web/lab/maths/code-lines.ts";
import { kNotations, notationOf } from "../../../web/lab/maths/notations.ts";

const bn = await load();

// reads the values and dy by their names, runs the lines in that order, writes all gradients
const program = (library: string, lines: readonly string[], gradients: readonly string[]) => `
import json, sys
import ${library === "NumPy" ? "numpy as np" : "torch"}
case = json.load(sys.stdin)
N, D, eps = case["N"], case["D"], case["eps"]
for name, rows in case["arrays"].items():
    globals()[name] = ${library === "NumPy" ? "np.array(rows)" : "torch.tensor(rows, dtype=torch.float64)"}
${lines.join("\n")}
print(json.dumps({name: [list(globals()[name].shape), globals()[name].reshape(-1).tolist()] for name in ${JSON.stringify(gradients)}}))
`;

function run(source: string, input: unknown): Record<string, [shape: number[], values: number[]]> {
  // the one whose NumPy and PyTorch are those of the system
  const { error, status, stdout, stderr } = spawnSync("/usr/bin/python3", ["-c", source], {
    input: JSON.stringify(input),
    encoding: "utf8",
  });
  if (error) throw error;
  assert.equal(status, 0, `${stderr}\n${source}`);
  return JSON.parse(stdout);
}

/** Numbers as rows, where the shape has some. */
const nested = (values: Float64Array, shape: readonly number[]) =>
  shape.length === 1
    ? [...values]
    : Array.from({ length: shape[0] as number }, (_, row) => {
        const columns = shape[1] as number;
        return [...values.subarray(row * columns, (row + 1) * columns)];
      });

for (const id of kNotations)
  for (const ddof of [0, 1] as const)
    test(`the lines of ${id} compute every gradient, with ${ddof === 0 ? "N" : "N − 1"}`, () => {
      const notation = notationOf(id, bn.graph);
      const { code } = notation;
      const kase = { ...bn.presets.cs231n, ddof };
      const { nodes } = bn.trace(kase);
      const [N, D] = kase.shape;
      const arrays = nodes.map(({ id, value, shape }) => [
        code[id],
        nested(value, codeShape(shape, notation)),
      ]);
      const line = (node: NodeId) => codeLine(bn.graph, node, ddof, notation);
      const got = run(
        program(
          printsWith(notation),
          bn.graph.backwardOrder.filter((node) => node !== "y").map(line),
          nodes.map((node) => code[`d${node.id}`]),
        ),
        {
          N,
          D,
          eps: kase.eps,
          arrays: { ...Object.fromEntries(arrays), [code.dy]: nested(kase.dy, kase.shape as number[]) },
        },
      );
      for (const { id, grad, gradShape } of nodes) {
        const [shape, values] = got[code[`d${id}`]] as [number[], number[]];
        assert.deepEqual(shape, codeShape(gradShape, notation), line(id));
        const most = Math.max(...grad.map(Math.abs));
        // a few roundings, of which a sum of four terms may leave a hundred times as much
        for (const [at, want] of grad.entries())
          assert.ok(
            Math.abs((values[at] as number) - want) <= 1e-12 * most,
            `${line(id)}: ${values[at]} at ${at}, expected ${want}`,
          );
      }
    });
