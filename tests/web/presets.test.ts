import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readCases, readNorms, readNumpyRandom } from "./reference.ts";
import { assertSameBits, caseOf, engines, javascript, normCaseOf, webassembly } from "./support.ts";

const seeds = readNumpyRandom();

/** The presets that are committed cases: file and name there. */
const committed = [
  ["cs231n", "cs231n.txt", "cs231n"],
  ["iris", "iris.txt", "iris"],
  ["digits", "digits-hidden.txt", "digits"],
  ["largeMean", "edges.txt", "large-mean"],
  ["constantChannel", "edges.txt", "constant-channel"],
  ["twoRows", "edges.txt", "two-rows"],
] as const;

const arrays = ["x", "gamma", "beta", "dy"] as const;
/** The cases of norms.txt. */
const ofNorms = ["layernorm", "spatial", "groupnorm", "tokens"] as const;
const names = Object.keys(webassembly.presets) as (keyof typeof webassembly.presets)[];
const digests = readFileSync(new URL("../data/presets.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line && !line.startsWith("#"));

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

for (const bn of engines) {
  for (const [name, file, inFile] of committed) {
    test(`the preset ${name} equals NumPy's case bit for bit, in the ${bn.engine} engine`, () => {
      const reference = readCases(file).find((one) => one.name === inFile);
      assert.ok(reference, `${file} has no ${inFile}`);
      const { ddof, ...want } = caseOf(reference);
      assert.equal(ddof, 0); // the default, which the preset leaves out
      const { x, gamma, beta, dy, shape, eps, ...rest } = bn.presets[name];
      assertSameBits({ x, gamma, beta, dy, shape, eps }, want, name);
      assert.deepEqual(rest, {});
    });
  }

  for (const name of ["cs231nAlt", "makemore"] as const) {
    test(`the preset ${name} equals NumPy's draws to twelve decimals, in the ${bn.engine} engine`, async () => {
      const kase = bn.presets[name];
      const [rows, columns] = kase.shape as [number, number];
      const ours = arrays.map(async (array) => {
        const digest = await sha256(Array.from(kase[array], (value) => value.toFixed(12)).join(" "));
        const shape = kase[array].length === columns ? [1, columns] : [rows, columns];
        return [name, array, ...shape, digest].join(" ");
      });
      assert.deepEqual(
        await Promise.all(ours),
        digests.filter((line) => line.startsWith(`${name} `)),
      );
      assert.equal(kase.ddof ?? 0, name === "makemore" ? 1 : 0);
      assert.equal(kase.eps, 1e-5);
    });
  }

  for (const name of ofNorms) {
    test(`the preset ${name} equals NumPy's case bit for bit, in the ${bn.engine} engine`, () => {
      const reference = readNorms().find((one) => one.name === name);
      assert.ok(reference, `norms.txt has no ${name}`);
      const { norm, ddof, ...want } = normCaseOf(reference);
      const { norm: own = "batch", ...rest } = bn.presets[name];
      assert.equal(own, norm);
      assert.equal(ddof ?? 0, 0); // the default, which the preset leaves out
      assert.deepEqual(rest, want);
    });
  }

  for (const name of names) {
    test(`the preset ${name} is a fresh copy at every access, in the ${bn.engine} engine`, () => {
      const [first, second] = [bn.presets[name], bn.presets[name]];
      const kept = structuredClone(first);
      for (const array of arrays) {
        if (name === "tokens" && array === "beta") continue; // RMS norm has none
        const [one, other] = [first, second].map((kase) => kase[array] as Float64Array) as [
          Float64Array,
          Float64Array,
        ];
        assert.notEqual(one.buffer, other.buffer);
        one.fill(0);
      }
      assert.notEqual(first.shape, second.shape);
      Object.assign(first, { shape: [], eps: 0 });
      assertSameBits(bn.presets[name], kept, name);
      assertSameBits(second, kept, name);
    });
  }

  // One logarithm is all that could differ in an ulp between math libraries; both builds agree with NumPy's here.
  for (const { seed, normal } of seeds) {
    test(`randn(${seed}, [12]) equals NumPy's draws bit for bit, in the ${bn.engine} engine`, () => {
      assertSameBits(bn.randn(seed, [12]), [normal], `seed ${seed}`);
    });
  }
}

test("every preset has a reference, and none can be replaced", () => {
  const found = [...committed.map(([name]) => name), ...ofNorms, "cs231nAlt", "makemore", "notes"];
  assert.deepEqual([...names].sort(), found.sort());
  assert.ok(Object.isFrozen(webassembly.presets), "someone could put a case in the place of another");
});

test("the notes' case can be worked by hand: every number in the passes is short", () => {
  const { nodes } = webassembly.trace(webassembly.presets.notes);
  const found = (id: string) => nodes.find((node) => node.id === id);
  assert.deepEqual([...(found("mean")?.value ?? [])], [10, 4, 2]);
  assert.deepEqual([...(found("std")?.value ?? [])], [5, 1, 3]);
  assert.deepEqual([...(found("beta")?.grad ?? [])], [8, 4, 0]);
  const dx = [0.56, 3, 0.5, -0.92, 1, 1.5, 0.44, -1, 0.5, -0.08, -3, -2.5]; // by hand
  // a few operations on numbers up to 17, each off by half an ulp
  found("x")?.grad.forEach((value, at) => {
    const off = Math.abs(value - (dx[at] as number));
    assert.ok(off < 1e-14, `dx[${at}] is ${value}`);
  });
});

test("every preset passes its gradient check, except with two rows, where dx cancels", () => {
  for (const name of names.filter((one) => one !== "cs231nAlt")) // whose check takes a while; the page's test waits
    assert.equal(
      webassembly.gradcheck(webassembly.presets[name]).verdict,
      name === "twoRows" ? "undecidable" : "pass",
      name,
    );
});

test("the hidden units' gradient is zero wherever the ReLU after them is inactive", () => {
  const kase = webassembly.presets.digits;
  const { y } = webassembly.forward(kase.x, kase);
  const shut = [...y].flatMap((value, at) => (value < 0 ? [kase.dy[at]] : []));
  assert.ok(shut.length > 40, `only ${shut.length} of 160 are shut`);
  assert.deepEqual(
    shut.filter((value) => value !== 0),
    [],
  );
});

test("randn draws arrays one after another, like successive calls after one seed", () => {
  for (const { seed, normal } of seeds) {
    for (const sizes of [
      [5, 7],
      [1, 0, 11],
      [3, 3, 3, 3],
    ]) {
      const arrays = webassembly.randn(seed, sizes);
      assert.deepEqual(
        arrays.map(({ length }) => length),
        sizes,
      );
      assert.deepEqual(
        arrays.flatMap((array) => [...array]),
        [...normal],
      );
    }
  }
  assert.deepEqual(webassembly.randn(0, []), []);
});

test("a hundred thousand draws have the same bits in both engines", () => {
  assertSameBits(javascript.randn(7, [100_000]), webassembly.randn(7, [100_000]), "seed 7");
});
