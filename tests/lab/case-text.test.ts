/** The case as a text: JSON, NumPy, PyTorch. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { type Case, load } from "backnorm";
import { kNotations, notationOf } from "../../web/lab/maths/notations.ts";
import { kPresets } from "../../web/lab/model/presets.ts";
import { caseAsJson, caseAsNumpy, caseAsTorch } from "../../web/lab/share/case-text.ts";
import { hard } from "./cases.ts";

const bn = await load();

test("a case as JSON has every digit", () => {
  for (const kase of [...kPresets.map((name) => bn.presets[name]), hard]) {
    const { x, dy, gamma, beta, eps, ddof } = JSON.parse(caseAsJson(kase));
    assert.deepEqual(x.flat(9), [...kase.x]); // which tells -0 from 0
    assert.deepEqual(dy.flat(9), [...kase.dy]);
    assert.deepEqual([gamma, beta], [[...kase.gamma], kase.beta && [...kase.beta]]);
    assert.equal(x.length, kase.shape[0]);
    assert.deepEqual([eps, ddof ?? 0], [kase.eps ?? 1e-5, kase.ddof ?? 0]);
  }
});

const python = (program: string, input = "") =>
  spawnSync("/usr/bin/python3", ["-c", program], { input, encoding: "utf8", maxBuffer: 1e8 });

const lacks = (library: string) =>
  python(`import ${library}`).status === 0 ? false : `/usr/bin/python3 has no ${library}`;

/** Runs programs, each on its own, and reads what it then has by some names. */
function run(programs: readonly { text: string; names: readonly string[] }[]): Record<string, number[]>[] {
  const runner = `
import contextlib, io, json, sys
results = []
for program in json.load(sys.stdin):
    own = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(program["text"], own)
    results.append({name: own[name].reshape(-1).tolist() for name in program["names"]})
print(json.dumps(results))`;
  const { status, stdout, stderr } = python(runner, JSON.stringify(programs));
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test("a case as NumPy gives Python every digit, with the names of each notation", {
  skip: lacks("numpy"),
}, () => {
  const programs = kNotations.map((id) => {
    const { code } = notationOf(id, bn.graph);
    const text = caseAsNumpy(hard, code, "a name\nwith two lines");
    const asserts = `assert eps == ${hard.eps} and ddof == 1 and ${code.x}.dtype == np.float64 and ${code.x}.shape == (4, 5)`;
    return { text: text + asserts, names: [code.x, code.gamma, code.beta, code.dy] };
  });
  for (const read of run(programs))
    assert.deepEqual(Object.values(read), [[...hard.x], [...hard.gamma], [...hard.beta], [...hard.dy]]);
});

test("a case as PyTorch runs, and gives the page's gradients", { skip: lacks("torch") }, () => {
  const words = { byHand: { ddof: "by hand", oneRow: "by hand" } };
  const [x, dy] = [Float64Array.of(1, 2), Float64Array.of(5, 6)];
  const [gamma, beta] = [Float64Array.of(3, 4), Float64Array.of(0, 0)];
  const ways: readonly (readonly [Case<Float64Array>, RegExp])[] = [
    [bn.presets.cs231n, /F\.batch_norm\(.*None, None, .*training=True, eps=eps\)/],
    [{ ...bn.presets.cs231n, ddof: 1, eps: 0.5 }, /# by hand/],
    [{ x, gamma, beta, dy, shape: [1, 2], eps: 0.5 }, /# by hand/],
  ];
  const programs = ways.flatMap(([kase, way]) =>
    kNotations.map((id) => {
      const { code } = notationOf(id, bn.graph);
      const text = caseAsTorch(kase, code, "cs231n", words);
      assert.match(text, way);
      return { kase, text, names: [code.dx, code.dgamma, code.dbeta] };
    }),
  );
  const found = run(programs);
  for (const [at, { kase, text }] of programs.entries()) {
    const { nodes } = bn.trace(kase);
    const want = ["x", "gamma", "beta"].map((id) => nodes.find((node) => node.id === id)?.grad ?? []);
    // sums of a few terms of the size of 1, in another order
    for (const [i, values] of Object.values(found[at] as Record<string, number[]>).entries())
      for (const [j, value] of values.entries())
        assert.ok(Math.abs(value - (want[i]?.[j] as number)) < 1e-14, text);
  }
});
