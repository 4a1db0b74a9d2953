import assert from "node:assert/strict";
import { test } from "node:test";
import { readCases, readNumpyRandom } from "./reference.ts";
import { assertSameBits, caseOf, engines, javascript, webassembly } from "./support.ts";

const seeds = readNumpyRandom();

for (const bn of engines) {
  for (const name of ["cs231n", "iris"] as const) {
    test(`the preset ${name} equals NumPy's case to the bit, by the ${bn.engine} engine`, () => {
      const [reference] = readCases(`${name}.txt`);
      assert.ok(reference && reference.name === name);
      const { ddof, ...want } = caseOf(reference);
      assert.equal(ddof, 0); // the default, which the preset leaves out
      const { x, gamma, beta, dy, shape, eps, ...rest } = bn.presets[name];
      assertSameBits({ x, gamma, beta, dy, shape, eps }, want, name);
      assert.deepEqual(rest, {});
    });

    test(`the preset ${name} is a fresh copy at every reading, by the ${bn.engine} engine`, () => {
      const [first, second] = [bn.presets[name], bn.presets[name]];
      const kept = structuredClone(first);
      for (const array of ["x", "gamma", "beta", "dy"] as const) {
        assert.notEqual(first[array].buffer, second[array].buffer);
        first[array].fill(0);
      }
      assert.notEqual(first.shape, second.shape);
      Object.assign(first, { shape: [], eps: 0 });
      assertSameBits(bn.presets[name], kept, name);
      assertSameBits(second, kept, name);
    });
  }

  // One logarithm is all that could differ in an ulp between math libraries; both builds agree with NumPy's here.
  for (const { seed, normal } of seeds) {
    test(`randn(${seed}, [12]) equals NumPy's draws to the bit, by the ${bn.engine} engine`, () => {
      assertSameBits(bn.randn(seed, [12]), [normal], `seed ${seed}`);
    });
  }
}

test("the presets hold their promise of two cases and no more", () => {
  assert.deepEqual(Object.keys(webassembly.presets), ["cs231n", "iris"]);
  assert.ok(Object.isFrozen(webassembly.presets));
});

test("randn draws one array after another, as randn calls after one seed do", () => {
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
