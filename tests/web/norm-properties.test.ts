import assert from "node:assert/strict";
import { test } from "node:test";
import type { NormCase } from "backnorm";
import fc from "fast-check";
import { webassembly as bn } from "./support.ts";

fc.configureGlobal({ seed: 1 }); // the same cases every time: no run fails by chance

type Kase = NormCase<Float64Array>;
type Kind = "batch" | "layer" | "group" | "instance" | "rms";

/** Numbers of 20 bits and a power of 2, so that a shift or a scale of x rounds nothing. */
const numbers = (length: number, exponent: number) =>
  fc
    .array(fc.integer({ min: -(2 ** 19), max: 2 ** 19 }), { minLength: length, maxLength: length })
    .map((values) => Float64Array.from(values, (v) => v * 2 ** exponent));

const product = (lengths: readonly number[]) => lengths.reduce((a, b) => a * b, 1);

/** How many values share statistics: the groups of all but batch norm lie one after another. */
function perGroup({ norm, shape, groups = 1, normalizedDims = 1 }: Kase): number {
  if (norm === "layer" || norm === "rms") return product(shape.slice(-normalizedDims));
  const [, channels = 1, ...positions] = shape;
  return product(positions) * (norm === "group" ? channels / groups : 1);
}

/** A case of the norm, of rank 2 to 4. */
function casesOf(norm: Kind, eps: readonly number[] = [1e-12, 1e-5, 1]): fc.Arbitrary<Kase> {
  const dim = fc.integer({ min: 1, max: 4 });
  return fc
    .record({
      shape: fc.array(dim, { minLength: 2, maxLength: 4 }),
      exponent: fc.integer({ min: -30, max: 0 }),
      pick: fc.nat(11),
      each: dim,
    })
    .chain(({ shape: drawn, exponent, pick, each }) => {
      const groups = (pick % 3) + 1;
      const normalizedDims = drawn.length > 2 ? (pick % 2) + 1 : 1;
      const [samples, , ...rest] = drawn as [number, number, ...number[]];
      const shape = norm === "group" ? [samples, groups * each, ...rest] : drawn;
      const featured = norm === "layer" || norm === "rms";
      const parameters = featured ? product(shape.slice(-normalizedDims)) : (shape[1] as number);
      const size = product(shape);
      return fc.record({
        norm: fc.constant(norm),
        shape: fc.constant(shape),
        ...(norm === "group" ? { groups: fc.constant(groups) } : {}),
        ...(featured ? { normalizedDims: fc.constant(normalizedDims) } : {}),
        x: numbers(size, exponent),
        gamma: numbers(parameters, -18),
        ...(norm === "rms" ? {} : { beta: numbers(parameters, -18) }),
        dy: numbers(size, -16),
        eps: fc.constantFrom(...eps),
      }) as fc.Arbitrary<Kase>;
    });
}

const gradientOf = (kase: Kase, id: string) => {
  const found = bn.gradcheck(kase).nodes.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
};
const nodeOf = (kase: Kase, id: string) => {
  const found = bn.trace(kase).nodes.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
};
const parametersOf = ({ norm }: Kase) => (norm === "rms" ? ["gamma"] : ["gamma", "beta"]);

/** Equal within what rounding explains of either side. */
function assertClose(kase: Kase, other: Kase, id: string, at = (i: number) => i) {
  const [before, after] = [gradientOf(kase, id), gradientOf(other, id)];
  for (const [i, value] of after.analytic.entries()) {
    const off = Math.abs(value - (before.analytic[at(i)] as number));
    const bound = (after.bound[i] as number) + (before.bound[at(i)] as number);
    assert.ok(!(off > bound), `${id}[${i}] is off by ${off}, more than ${bound}`);
  }
}

for (const norm of ["batch", "layer", "group", "instance", "rms"] as const) {
  test(`no right gradient of ${norm} norm fails, and its invariants hold, on any case`, () => {
    fc.assert(
      fc.property(casesOf(norm), (kase) => {
        const { verdict, invariants, checkerAtFault } = bn.gradcheck(kase);
        assert.notEqual(verdict, "fail");
        assert.equal(checkerAtFault, false);
        if (norm !== "rms") assert.equal(invariants.sumOfDx?.holds, true);
        assert.equal(invariants.sumOfDxXhat.holds, true);
      }),
    );
  });

  test(`x times 2^k with eps times 4^k divides dx of ${norm} norm by 2^k and keeps the rest, bit for bit`, () => {
    fc.assert(
      fc.property(casesOf(norm), fc.integer({ min: -20, max: 20 }), (kase, k) => {
        const scale = 2 ** k;
        const other = { ...kase, x: kase.x.map((v) => v * scale), eps: (kase.eps as number) * scale ** 2 };
        const dx = nodeOf(kase, "x").grad.map((value) => value / scale);
        assert.deepEqual(nodeOf(other, "x").grad, dx);
        for (const id of ["xhat", "y"]) assert.deepEqual(nodeOf(other, id).value, nodeOf(kase, id).value);
        for (const id of parametersOf(kase)) {
          assert.deepEqual(nodeOf(other, id).grad, nodeOf(kase, id).grad);
        }
      }),
    );
  });
}

for (const norm of ["layer", "group", "instance"] as const) {
  test(`a shift of one group changes no gradient of ${norm} norm`, () => {
    fc.assert(
      fc.property(casesOf(norm), fc.integer({ min: -1000, max: 1000 }), fc.nat(), (kase, shift, pick) => {
        const each = perGroup(kase);
        const group = pick % (kase.x.length / each);
        const x = kase.x.map((value, i) => (Math.floor(i / each) === group ? value + shift : value));
        for (const id of ["x", "gamma", "beta"]) assertClose(kase, { ...kase, x }, id);
      }),
    );
  });
}

for (const norm of ["layer", "group", "instance", "rms"] as const) {
  test(`without eps, one group of ${norm} norm times 2^k has dx over 2^k, bit for bit, and the others stay`, () => {
    fc.assert(
      fc.property(casesOf(norm, [0]), fc.integer({ min: -20, max: 20 }), fc.nat(), (kase, k, pick) => {
        const each = perGroup(kase);
        const group = pick % (kase.x.length / each);
        const constant = (g: number) => {
          const values = kase.x.slice(g * each, (g + 1) * each);
          return norm === "rms" ? values.every((v) => v === 0) : values.every((v) => v === values[0]);
        };
        for (let g = 0; g < kase.x.length / each; g++) fc.pre(!constant(g)); // without spread or eps nothing is finite
        const factor = (i: number) => (Math.floor(i / each) === group ? 2 ** k : 1);
        const other = { ...kase, x: kase.x.map((value, i) => value * factor(i)) };
        assert.deepEqual(nodeOf(other, "y").value, nodeOf(kase, "y").value);
        assert.deepEqual(
          nodeOf(other, "x").grad,
          nodeOf(kase, "x").grad.map((value, i) => value / factor(i)),
        );
      }),
    );
  });

  test(`permuted samples of ${norm} norm have permuted gradients`, () => {
    fc.assert(
      fc.property(casesOf(norm), fc.nat(8), (kase, turn) => {
        const { length } = kase.x;
        const sample = length / (kase.shape[0] as number);
        const from = (i: number) => (i + turn * sample) % length;
        const turned = (values: Float64Array) => values.map((_, i) => values[from(i)] as number);
        const other = { ...kase, x: turned(kase.x), dy: turned(kase.dy) };
        assert.deepEqual(nodeOf(other, "x").grad, turned(nodeOf(kase, "x").grad)); // each group by itself
        for (const id of parametersOf(kase)) assertClose(kase, other, id);
      }),
    );
  });
}

test("a shift changes y of RMS norm", () => {
  const kase = { norm: "rms", shape: [1, 2], x: [1, 3], gamma: [1, 1], dy: [1, 0], eps: 0 } as const;
  const [before, after] = [0, 1].map((shift) => {
    const arrays = { x: Float64Array.from(kase.x, (v) => v + shift), gamma: Float64Array.from(kase.gamma) };
    return nodeOf({ ...kase, ...arrays, dy: Float64Array.from(kase.dy) } as Kase, "y").value;
  });
  assert.notDeepEqual(before, after);
});

test("instance norm equals group norm with a group for each channel, bit for bit", () => {
  fc.assert(
    fc.property(casesOf("instance"), (kase) => {
      const grouped = { ...kase, norm: "group", groups: kase.shape[1] } as Kase;
      const [own, other] = [bn.trace(kase), bn.trace(grouped)];
      for (const [i, node] of own.nodes.entries()) assert.deepEqual(other.nodes[i], node);
    }),
  );
});

test("layer norm over all dims but the first equals group norm of one group, bit for bit but for the parameters", () => {
  fc.assert(
    fc.property(casesOf("group"), (kase) => {
      const one = { ...kase, groups: 1 } as Kase;
      const [, channels = 1, ...positions] = kase.shape;
      const places = product(positions);
      const spread = (values: ArrayLike<number>) =>
        Float64Array.from({ length: channels * places }, (_, i) => values[Math.floor(i / places)] as number);
      const { groups: _, ...rest } = one;
      const layer = {
        ...rest,
        ...{ norm: "layer", normalizedDims: kase.shape.length - 1 },
        ...{ gamma: spread(kase.gamma), beta: spread(kase.beta as Float64Array) },
      } as Kase;
      for (const { id, value, grad } of bn.trace(one).nodes) {
        const there = nodeOf(layer, id);
        if (id === "gamma" || id === "beta") continue;
        assert.deepEqual(there.value, value, id);
        assert.deepEqual(there.grad, grad, `d${id}`);
      }
      for (const id of ["gamma", "beta"]) {
        const [ours, theirs] = [gradientOf(one, id), gradientOf(layer, id)];
        for (const [c, value] of ours.analytic.entries()) {
          const part = (of: ArrayLike<number>) => Array.from(of).slice(c * places, (c + 1) * places);
          const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
          // adding up `places` numbers here loses at most as many half ulps of their size
          const lost = places * 2 ** -53 * sum(part(theirs.analytic).map(Math.abs));
          const bound = (ours.bound[c] as number) + sum(part(theirs.bound)) + lost;
          assert.ok(!(Math.abs(value - sum(part(theirs.analytic))) > bound), `d${id}[${c}]`);
        }
      }
    }),
  );
});

test("batch norm's statistics and xhat are layer norm's of the transposed batch, bit for bit", () => {
  fc.assert(
    fc.property(casesOf("batch"), (drawn) => {
      const rows = drawn.shape[0] as number;
      const columns = drawn.x.length / rows;
      const turned = (values: ArrayLike<number>, from: number) =>
        Float64Array.from(
          values,
          (_, i) => values[(i % from) * (values.length / from) + Math.floor(i / from)] as number,
        );
      const ones = (length: number) => new Float64Array(length).fill(1);
      const batch = { ...drawn, shape: [rows, columns], gamma: ones(columns), beta: ones(columns) } as Kase;
      const layer = {
        ...{ norm: "layer", shape: [columns, rows], gamma: ones(rows), beta: ones(rows), eps: drawn.eps },
        ...{ x: turned(drawn.x, rows), dy: turned(drawn.dy, rows) },
      } as Kase;
      for (const id of ["mean", "var", "std", "invstd"])
        assert.deepEqual(nodeOf(layer, id).value, nodeOf(batch, id).value, id);
      assert.deepEqual(nodeOf(layer, "xhat").value, turned(nodeOf(batch, "xhat").value, rows));
      // gamma is 1 in both
      assert.deepEqual(nodeOf(layer, "x").grad, turned(nodeOf(batch, "x").grad, rows));
    }),
  );
});

test("where a row's mean is exactly 0, RMS norm's xhat is layer norm's, bit for bit", () => {
  fc.assert(
    fc.property(casesOf("rms"), (kase) => {
      const { length } = kase.x;
      const each = perGroup(kase);
      const x = Float64Array.from({ length: 2 * length }, (_, i) => {
        const at = Math.floor(i / (2 * each)) * each + (i % each);
        return (Math.floor(i / each) % 2 === 0 ? 1 : -1) * (kase.x[at] as number);
      });
      const shape = [length / each, 2 * each];
      const arrays = {
        shape,
        x,
        gamma: new Float64Array(2 * each).fill(1),
        dy: new Float64Array(2 * length).fill(1),
      };
      const rms = { norm: "rms", eps: kase.eps, ...arrays } as Kase;
      const layer = { ...rms, norm: "layer", beta: new Float64Array(2 * each) } as Kase;
      assert.deepEqual(nodeOf(rms, "xhat").value, nodeOf(layer, "xhat").value);
    }),
  );
});

test("RMS norm with unitOffset is RMS norm with gamma + 1, bit for bit", () => {
  fc.assert(
    fc.property(casesOf("rms"), (kase) => {
      const offset = { ...kase, unitOffset: true } as Kase;
      const plain = { ...kase, gamma: kase.gamma.map((value) => value + 1) };
      for (const { id, value, grad } of bn.trace(plain).nodes) {
        const there = nodeOf(offset, id);
        if (id !== "gamma") assert.deepEqual(there.value, value, id);
        assert.deepEqual(there.grad, grad, `d${id}`);
      }
    }),
  );
});
