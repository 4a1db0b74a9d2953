import assert from "node:assert/strict";
import { test } from "node:test";
import { type ReferenceNorm, readNorms } from "./reference.ts";
import { assertWithin, engines, normCaseOf, unitRoundoff } from "./support.ts";

const references = readNorms();

/** Of the names of elements, statistics and parameters: what a trace's array of that name is shaped like. */
function shapeOf({ norm, shape, groups, dims }: ReferenceNorm, id: string): number[] {
  const ofFeatures = norm === "layer" || norm === "rms";
  const [n = 1, c = 1] = shape;
  if (["gamma", "beta"].includes(id)) return ofFeatures ? shape.slice(-dims) : [c];
  if (!["mean", "var", "std", "invstd", "ms", "rms", "invrms"].includes(id)) return shape;
  if (ofFeatures) return shape.slice(0, -dims);
  return { batch: [c], group: [n, groups], instance: [n, c] }[norm as "batch"];
}

/**
 * How far two right ways to compute an array may lie apart: each of the additions of a sum, and of about sixteen other
 * operations on the way, rounds once, by the size of the terms. What is rounded in x - mean is as large as x, while what
 * remains is as large as std. |xhat| is at most the root of a group's length. tests/slow/proofs has the exact bounds.
 */
function roundoff(one: ReferenceNorm): (id: string) => number {
  const { arrays, array, dtype, eps, offset, norm } = one;
  const most = (values: Float64Array) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const stds = array(norm === "rms" ? "numpy.ms" : "numpy.var").map((v) => Math.sqrt(v + eps));
  const [largest, least] = [most(stds), stds.reduce((a, b) => Math.min(a, b))];
  const count = array("x").length / stds.length;
  const terms = array("x").length / array("gamma").length;
  const [weight, d, h] = [most(array("gamma")) + offset, most(array("dy")), Math.sqrt(count)];
  const x = most(array("x"));
  const dinvstd = count * weight * d * largest * h;
  const dvar = dinvstd / (2 * least ** 3);
  const dxc = (weight * d) / least + (dvar / count) * 2 * largest * h;
  const size: Record<string, number> = {
    ...{
      mean: x,
      xc: largest * h,
      sq: (largest * h) ** 2,
      var: largest ** 2,
      std: largest,
      invstd: 1 / least,
    },
    ...{ xhat: h, scaled: weight * h, y: weight * h + most(arrays.get("beta") ?? new Float64Array(1)) },
    ...{ dbeta: terms * d, dgamma: terms * d * h, dy: d, dscaled: d, dxhat: weight * d },
    ...{ dinvstd, dstd: dinvstd / least ** 2, dvar, dsq: dvar / count, dxc, dmean: count * dxc, dx: 2 * dxc },
  };
  const usual = (id: string) => id.replace(/^(d?)(ms|rms|invrms)$/, (_, d, root) => d + ofRms[root as "ms"]);
  const many = (count + terms + 16) * (1 + x / least) * unitRoundoff[dtype];
  const off = (id: string) => many * (size[usual(id)] as number);
  return off;
}
const ofRms = { ms: "var", rms: "std", invrms: "invstd" };

for (const bn of engines) {
  test(`values and gradients of every norm are NumPy's, in the caller's shapes, in the ${bn.engine} engine`, () => {
    assert.ok(references.length >= 30);
    for (const one of references) {
      const { nodes } = bn.trace(normCaseOf(one));
      const seen = new Set<string>();
      const near = roundoff(one);
      for (const { id, value, grad, shape } of nodes) {
        assert.deepEqual([...shape], shapeOf(one, id), `${one.name}: ${id}`);
        for (const [name, got] of [
          [id, value],
          [`d${id}`, grad],
        ] as const) {
          const want = one.arrays.get(`numpy.${name}`);
          if (!want) continue;
          seen.add(name);
          assertWithin(got, want, () => near(name), `${one.name}: ${name}`);
        }
      }
      const known = [...one.arrays.keys()].filter((name) => name.startsWith("numpy."));
      assert.equal(seen.size, known.length, one.name);
      assert.notEqual(bn.gradcheck(normCaseOf(one)).verdict, "fail", one.name);
    }
  });
}
