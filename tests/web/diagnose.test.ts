import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Case,
  type Claim,
  type Diagnosis,
  type Finding,
  type FloatArray,
  parseArray,
  type Relation,
} from "backnorm";
import { claimsOf, dialects, inDialect, type Program, randomCase, runProgram } from "./programs.ts";
import { readCases } from "./reference.ts";
import { assertSameBits, webassembly as bn, caseOf, engines, javascript, rounded } from "./support.ts";

const kase = bn.presets.cs231n as Case<Float64Array>;
const [rows, columns] = kase.shape as [number, number];
const right = runProgram(kase);

/** One of the right program's arrays, as a copy. */
const take = (name: string, of: Program = right): Float64Array => (of[name] as Float64Array).slice();
const idsOf = ({ mistakes }: Diagnosis) => mistakes.map(({ id }) => id);

function finding({ nodes }: Diagnosis, id: string): Finding {
  const found = nodes.find((one) => one.id === id);
  assert.ok(found, `nothing was found of ${id}`);
  return found;
}

function assertNothingWrong(found: Diagnosis, what: string): void {
  assert.equal(found.firstWrong, null, what);
  assert.deepEqual(found.mistakes, [], what);
  assert.equal(found.meaning, null, what);
  for (const { id, truth, local, relation } of found.nodes) {
    assert.notEqual(truth, "fail", `${what}: ${id}`);
    assert.notEqual(local, "fail", `${what}: ${id} against what is before it`);
    assert.equal(relation, null, `${what}: ${id}`);
  }
  for (const { id, holds } of found.invariants) assert.ok(holds, `${what}: ${id}`);
}

/** dx and dvar of a program that makes a mistake, and whatever else is asked for. */
const wrong = (mistake: string, ids: readonly string[], of: Case = kase) => {
  const claims = claimsOf(bn, of, mistake);
  return Object.fromEntries(ids.map((id) => [id, claims[id] as Claim]));
};

test("diagnose() finds nothing wrong with a right dx and dvar", () => {
  for (const one of engines) {
    const found = one.diagnose(kase, { dx: take("dx"), dvar: take("dvar") });
    assertNothingWrong(found, "dx and dvar");
    assert.deepEqual(
      found.nodes.map(({ id, name, truth, local }) => [id, name, truth, local]),
      [
        ["dvar", "dvar", "pass", "pass"], // in the order of the graph, not of the call
        ["dx", "dx", "pass", "pass"],
      ].toSorted(([a], [b]) => order(a as string) - order(b as string)),
    );
  }
});

const order = (id: string) =>
  [
    ...bn.graph.nodes.map((node) => node.id as string),
    ...bn.graph.nodes.map((node) => `d${node.id}`),
  ].indexOf(id);

const generic: [what: string, kase: Case][] = [
  ["the course's case", kase],
  ["the iris measurements", bn.presets.iris],
  ["makemore's variance, /(N - 1)", randomCase(bn, { rows: 32, columns: 8, ddof: 1, eps: 1e-5 })],
  ["a mean a thousand times the spread", randomCase(bn, { mean: 1e3, spread: 1 })],
  ["a single row", randomCase(bn, { rows: 1 })],
  ["a single column", randomCase(bn, { columns: 1 })],
];
for (const school of Object.keys(dialects)) {
  test(`a right program has no findings with the names of ${school}`, () => {
    for (const [what, one] of generic) {
      const arrays = inDialect(runProgram(one), school);
      const found = bn.diagnose(one, arrays);
      assertNothingWrong(found, what);
      assert.deepEqual(new Set(found.nodes.map(({ name }) => name)), new Set(Object.keys(arrays)));
      for (const { id, name } of found.nodes) assert.equal(id, dialects[school]?.[name], name);
    }
  });

  test(`a dvar with the wrong sign is found with the names of ${school}`, () => {
    const ours = dialects[school] as Record<string, string>;
    const claims = claimsOf(bn, kase, "dvar-sign");
    const arrays = Object.fromEntries(
      Object.keys(ours).map((name) => [name, claims[ours[name] as string] as Claim]),
    );
    const found = bn.diagnose(kase, arrays);
    // PyTorch returns no dvar: dx is the first that shows it, and another sign upstream would show the same
    const all = Object.values(ours);
    assert.equal(found.firstWrong, ["dvar", "dsq", "dxc", "dx"].find((id) => all.includes(id)) ?? null);
    assert.ok(idsOf(found).includes("dvar-sign"), school);
  });
}

test("PyTorch's and NumPy's arrays of every reference case have no findings", () => {
  for (const reference of ["cs231n.txt", "iris.txt", "iris-f32.txt", "edges.txt"].flatMap(readCases)) {
    for (const oracle of ["numpy.", "torch."]) {
      const names = [...reference.arrays.keys()].filter((name) => name.startsWith(oracle));
      const known = Object.values(dialects["the graph"] as Record<string, string>);
      const taken = names.filter((name) => known.includes(name.slice(oracle.length)));
      // as the program had them: in the kind of the case
      const kind = reference.dtype === "float32" ? Float32Array : Float64Array;
      const arrays = Object.fromEntries(
        taken.map((name) => [name.slice(oracle.length), kind.from(reference.array(name))]),
      );
      // One by one: together, float64 results that were rounded to float32 do not follow from one another.
      for (const [name, values] of Object.entries(arrays)) {
        assertNothingWrong(
          bn.diagnose(caseOf(reference), { [name]: values }),
          `${reference.name}: ${oracle}${name}`,
        );
      }
      const { firstWrong, mistakes } = bn.diagnose(caseOf(reference), arrays);
      assert.deepEqual([firstWrong, mistakes], [null, []], `${reference.name} by ${oracle}`);
    }
  }
});

test("an array in an object may omit its shape", () => {
  const dvar = take("dvar");
  assertSameBits(bn.diagnose(kase, { dvar: { data: dvar } }), bn.diagnose(kase, { dvar }), "data alone");
});

test("a wrong sign of dvar is wrong at dvar and inherited by the arrays after it", () => {
  for (const one of engines) {
    const found = one.diagnose(kase, wrong("dvar-sign", ["dx", "dxc", "dsq", "dvar", "dstd", "dmean"]));
    assert.equal(found.firstWrong, "dvar");
    assert.deepEqual(idsOf(found), ["dvar-sign"]); // a right dstd leaves no other
    const { truth, local, relation } = finding(found, "dvar");
    assert.deepEqual([truth, local], ["fail", "fail"]);
    assert.equal(relation?.kind, "ratio");
    // the quotient of two sums of five products: a few last places
    assert.ok(Math.abs((relation as { ratio: number }).ratio + 1) < 1e-14);
    for (const id of ["dsq", "dxc", "dx"]) {
      const { truth, local, relation } = finding(found, id);
      assert.deepEqual([truth, local, relation], ["fail", "pass", null], id);
    }
    for (const id of ["dstd", "dmean"]) assert.equal(finding(found, id).truth, "pass", id);
  }
});

test("mistakes that dvar alone can't tell apart are all named", () => {
  const found = bn.diagnose(kase, { dvar: take("dvar").map((v) => -v) });
  assert.deepEqual(new Set(idsOf(found)), new Set(["dvar-sign", "dstd-sign"]));
  const residuals = found.mistakes.map(({ residual }) => residual);
  // best first, and as good as rounding lets any be
  assert.deepEqual(
    residuals,
    residuals.toSorted((a, b) => a - b),
  );
  assert.ok(residuals.every((residual) => residual < 1e-14));
});

test("a right dx after a wrong dvar is wrong here, since it does not follow", () => {
  const found = bn.diagnose(kase, { dvar: take("dvar").map((v) => 2 * v), dx: take("dx") });
  const { truth, local } = finding(found, "dx");
  assert.deepEqual([truth, local, found.firstWrong], ["pass", "fail", "dvar"]);
  assert.deepEqual(found.mistakes, []);
});

test("the first wrong array is the first in the forward pass, else the first in the backward pass", () => {
  const scale = (name: string) => take(name).map((v) => v * 1.5);
  const way = ["mean", "xc", "sq", "var", "std", "invstd", "xhat", "scaled", "y"];
  const back = [
    "dy",
    "dbeta",
    "dscaled",
    "dgamma",
    "dxhat",
    "dinvstd",
    "dstd",
    "dvar",
    "dsq",
    "dxc",
    "dmean",
    "dx",
  ];
  const names = ["x", "gamma", "beta", ...way, ...back];
  for (let from = 0; from < names.length; from++) {
    const arrays = Object.fromEntries(names.map((name, at) => [name, at < from ? take(name) : scale(name)]));
    assert.equal(bn.diagnose(kase, arrays).firstWrong, names[from]);
  }
});

const overColumn = (values: FloatArray, by: (v: number, c: number) => number) =>
  Float64Array.from(values, (v, i) => by(v, i % columns));
const cells = (name: string) => take(name);
const transposed = (values: Float64Array) =>
  values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number);
const unsummed = cells("dy").map((v, i) => v * (right.xhat?.[i] as number));
const overRow = Float64Array.from({ length: rows }, (_, r) =>
  take("dy")
    .slice(r * columns, (r + 1) * columns)
    .reduce((a, b) => a + b),
);
const spoilt = (name: string, at: number, value: number) => {
  const copy = take(name);
  copy[at] = value;
  return copy;
};
const at = (values: FloatArray | undefined, i: number) => values?.[i] as number;

const relations: [what: string, id: string, claim: Claim, relation: Relation][] = [
  ["a NaN in a row", "dvar", spoilt("dvar", 2, Number.NaN), { kind: "not-finite", index: [2] }],
  ["an infinity in a matrix", "dx", spoilt("dx", 8, Infinity), { kind: "not-finite", index: [1, 3] }],
  [
    "a NaN in another shape, by its index in that one",
    "dgamma",
    { data: unsummed.map((v, i) => (i === 7 ? Number.NaN : v)), shape: [rows, columns] },
    { kind: "not-finite", index: [1, 2] },
  ],
  [
    "a NaN in another length, by its place",
    "dx",
    new Float64Array(7).fill(Number.NaN, 6),
    { kind: "not-finite", index: [6] },
  ],
  [
    "a length that nothing explains",
    "dmean",
    new Float64Array(3),
    { kind: "shape", expected: [5], got: [3] },
  ],
  [
    "a shape that nothing explains",
    "dx",
    { data: take("dx"), shape: [2, 10] },
    { kind: "shape", expected: [4, 5], got: [2, 10] },
  ],
  ["(D, N)", "dx", { data: transposed(take("dx")), shape: [columns, rows] }, { kind: "transposed" }],
  ["(N, D) where a sum belongs", "dgamma", { data: unsummed, shape: [rows, columns] }, { kind: "unsummed" }],
  ["a sum over columns", "dbeta", overRow, { kind: "wrong-axis" }],
  ["half of it", "dvar", take("dvar").map((v) => v / 2), { kind: "ratio", ratio: 0.5 }],
  ["zeros", "dx", new Float64Array(rows * columns), { kind: "ratio", ratio: 0 }],
  ["no gamma", "dxhat", take("dy"), { kind: "power", of: "gamma", exponent: -1 }],
  [
    "the exponent -1/2",
    "dvar",
    overColumn(take("dvar"), (v, c) => v * at(right.std, c) ** 2),
    { kind: "power", of: "std", exponent: 2 },
  ],
  ["dgamma in the place of dbeta", "dbeta", take("dgamma"), { kind: "equals", other: "dgamma" }],
  ["a value in the place of a gradient", "dmean", take("var"), { kind: "equals", other: "var" }],
  ["dxc in the place of dx", "dx", take("dxc"), { kind: "missing-path", path: { from: "x", to: "mean" } }],
  [
    "a dxc of the direct path",
    "dxc",
    take("xc->xhat"),
    { kind: "missing-path", path: { from: "xc", to: "sq" } },
  ],
  [
    "a dx of the direct path alone",
    "dx",
    take("xc->xhat"),
    { kind: "only-path", path: { from: "xc", to: "xhat" } },
  ],
  [
    "beta for gamma",
    "dxhat",
    overColumn(take("dy"), (v, c) => v * at(kase.beta, c)),
    { kind: "ratio-per-column" },
  ],
  [
    "a mean path without its 1/N",
    "dx",
    overColumn(take("dxc"), (v, c) => v + at(right.dmean, c)),
    { kind: "offset-per-column" },
  ],
];
for (const [what, id, claim, relation] of relations) {
  test(`the relation of ${what} is ${relation.kind}`, () => {
    for (const one of engines) {
      const found = one.diagnose(kase, { [id]: claim });
      assert.equal(found.firstWrong, id);
      const { truth, local, relation: got, maxError, bound } = finding(found, id);
      assert.deepEqual([truth, local], ["fail", "fail"]);
      if (relation.kind === "ratio") {
        assert.equal(got?.kind, "ratio");
        // two sums of up to 20 products: 20 roundings and some
        assert.ok(Math.abs((got as { ratio: number }).ratio - relation.ratio) < 1e-14);
      } else {
        assert.deepEqual(got, relation);
      }
      const length = "length" in claim ? claim.length : claim.data.length;
      const shape = "shape" in claim ? (claim.shape ?? []) : [length];
      const expected = id === "dx" || id === "dxc" || id === "dxhat" ? [rows, columns] : [columns];
      const fits =
        "shape" in claim ? String(shape) === String(expected) : length === expected.reduce((a, b) => a * b);
      if (fits) assert.ok(maxError > bound, `${maxError} is more than ${bound}`);
      else assert.ok(Number.isNaN(maxError), `there is no error where the shape differs, but ${maxError}`);
    }
  });
}

test("every kind of relation occurs", () => {
  const kinds = "not-finite shape transposed unsummed wrong-axis ratio power equals missing-path only-path";
  const all = [...kinds.split(" "), "ratio-per-column", "offset-per-column"];
  assert.deepEqual(new Set(relations.map(([, , , { kind }]) => kind)), new Set(all));
});

test("a path in a relation is an edge object of the graph", () => {
  const { relation } = finding(bn.diagnose(kase, { dx: take("dxc") }), "dx");
  assert.ok(relation?.kind === "missing-path" && bn.graph.edges.includes(relation.path));
});

test("maxError, worst and bound are those of the worst value", () => {
  const dx = take("dx");
  dx[13] = at(dx, 13) + 0.25;
  const { maxError, worst, bound } = finding(bn.diagnose(kase, { dx }), "dx");
  assert.ok(Math.abs(maxError - 0.25) < 1e-15); // dx is below 1: the sum rounds in the last place
  assert.deepEqual(worst, [2, 3]);
  assert.ok(bound > 0 && bound < 1e-12, `${bound} is round-off of numbers below 1`);
});

const unusable: [what: string, claim: Claim, kind: Relation["kind"]][] = [
  ["a NaN", spoilt("dvar", 0, Number.NaN), "not-finite"],
  ["NaNs alone", new Float64Array(columns).fill(Number.NaN), "not-finite"],
  ["an infinity", spoilt("dvar", 4, -Infinity), "not-finite"],
  ["no value", new Float64Array(0), "shape"],
  ["no rows of five", { data: new Float64Array(0), shape: [0, 5] }, "shape"],
  ["five rows of nothing", { data: new Float64Array(0), shape: [5, 0] }, "shape"],
  ["a scalar", { data: new Float64Array(1), shape: [] }, "shape"],
  ["one value short", new Float64Array(4), "shape"],
  ["a million values", new Float64Array(1e6), "shape"],
  ["the float32 infinity", Float32Array.from(spoilt("dvar", 1, 1e300)), "not-finite"],
];
for (const [what, dvar, kind] of unusable) {
  test(`${what} is a finding, and the other arrays get the same verdicts as without it`, () => {
    for (const one of engines) {
      // computed in float32 where any array is
      const others = (dvar instanceof Float32Array ? inFloat32 : (values: Program) => values)(
        inDialect(right, "CS231n"),
      );
      const { dsample_var: _, ...rest } = others;
      const alone = one.diagnose(kase, rest);
      const found = one.diagnose(kase, { ...rest, dvar });
      const own = finding(found, "dvar");
      assert.deepEqual([own.truth, own.local, own.relation?.kind], ["fail", "fail", kind]);
      assert.equal(found.firstWrong, "dvar");
      assert.deepEqual(found.mistakes, []);
      assertSameBits(
        found.nodes.filter(({ id }) => id !== "dvar"),
        alone.nodes,
        "the other arrays",
      );
      assertSameBits(found.invariants, alone.invariants, "the laws of the other arrays");
      assertSameBits(one.diagnose(kase, rest), alone, "the call after it");
    }
  });
}

function inFloat32(program: Program): Record<string, FloatArray> {
  return Object.fromEntries(
    Object.entries(program).map(([name, values]) => [name, Float32Array.from(values)]),
  );
}

const shapes: [shape: readonly number[], dx: readonly number[], holds: boolean][] = [
  [[1, 5], [4, 5], true], // keepdims
  [[1, 1, 5], [1, 4, 5], true],
  [[1, 5, 1, 1], [4, 5, 1, 1], true], // BatchNorm2d of one pixel
  [[5, 1], [4, 5], true], // as MATLAB prints a vector
  [[5], [20], true], // a list of all numbers
  [[1, 5], [2, 2, 5], true], // rows folded out of two axes
  [[5], [4, 1, 5, 1], true], // NCHW of one pixel
  [[5], [5, 4], false],
];
for (const [row, matrix, holds] of shapes) {
  test(`a row in the shape [${row}] is taken, a matrix in [${matrix}] is ${holds ? "taken" : "wrong"}`, () => {
    const found = bn.diagnose(kase, {
      dgamma: { data: take("dgamma"), shape: row },
      dx: { data: take("dx"), shape: matrix },
    });
    const verdict = holds ? "pass" : "fail";
    assert.deepEqual(
      found.nodes.map(({ id, truth, local, channelAxis }) => [id, truth, local, channelAxis]),
      [
        ["dgamma", "pass", "pass", null],
        ["dx", verdict, verdict, null],
      ].toSorted(([a], [b]) => order(a as string) - order(b as string)),
    );
  });
}

/** Rows of channels with the channels moved before the last `inner` rows: NCL, NCHW. */
const channelsFirst = (values: Float64Array, channels: number, inner: number) =>
  values.map((_, i) => {
    const [outer, rest] = [Math.floor(i / (channels * inner)), i % (channels * inner)];
    return values[(outer * inner + (rest % inner)) * channels + Math.floor(rest / inner)] as number;
  });

test("channels before other axes are found and named, also if the shape doesn't show them", () => {
  const small = randomCase(bn, { rows: 4, columns: 2 });
  const rows: [of: Case<Float64Array>, shape: number[], axis: number | null][] = [
    [kase, [2, 5, 2], 1],
    [kase, [5, 2, 2], 0],
    [small, [2, 2, 1, 2], 1],
    [small, [2, 2, 2], 1],
  ];
  for (const [of, shape, axis] of rows) {
    const [height, channels] = of.shape as [number, number];
    const dx = take("dx", runProgram(of));
    const inner = axis === 0 ? height : 2;
    for (const one of engines) {
      const found = one.diagnose(of, { dx: { data: channelsFirst(dx, channels, inner), shape } });
      assert.deepEqual([found.firstWrong, finding(found, "dx").channelAxis], [null, axis], String(shape));
      const flat = one.diagnose(of, { dx: { data: dx, shape: [dx.length] } });
      assert.deepEqual([flat.firstWrong, finding(flat, "dx").channelAxis], [null, null]);
    }
  }
});

test("a wrong array with channels before other axes is wrong by its own numbers", () => {
  const { dx } = claimsOf(bn, kase, "no-mean-path") as { dx: { data: Float64Array } };
  const found = bn.diagnose(kase, { dx: { data: channelsFirst(dx.data, 5, 2), shape: [2, 5, 2] } });
  assert.deepEqual([found.firstWrong, idsOf(found)], ["dx", ["no-mean-path"]]);
});

/** As NumPy prints float64: 8 decimals, in scientific notation if the numbers are far apart. */
const printNumPy = (values: Float64Array, width?: number) =>
  printed(values, width, (v, far) =>
    far ? v.toExponential(8).replace(/e([+-])(\d)$/, "e$10$2") : v.toFixed(8).replace(/0+$/, ""),
  )
    .replace(/^/, "array(")
    .concat(")");
/** As PyTorch prints float32: 4 decimals. */
const printPyTorch = (values: Float64Array, width?: number) =>
  printed(values.map(Math.fround), width, (v, far) =>
    far ? v.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2") : v.toFixed(4),
  )
    .replace(/^/, "tensor(")
    .concat(")");

function printed(values: Float64Array, width: number | undefined, show: (v: number, far: boolean) => string) {
  const sizes = [...values].map(Math.abs).filter((size) => size > 0);
  const far = Math.max(...sizes) > 1000 * Math.min(...sizes) || Math.min(...sizes) < 1e-4;
  const words = [...values].map((v) => show(v, far));
  const lines = Array.from({ length: words.length / (width ?? words.length) }, (_, r) =>
    words.slice(r * (width ?? words.length), (r + 1) * (width ?? words.length)).join(", "),
  );
  return width ? `[[${lines.join("],\n [")}]]` : `[${lines[0]}]`;
}

const printers = { "NumPy's eight decimals": printNumPy, "PyTorch's four, in float32": printPyTorch };
const printable = [
  "no-mean-path",
  "no-variance-path",
  "no-gamma",
  "dvar-sign",
  "no-factor-2",
  "detached-stats",
];
for (const [what, print] of Object.entries(printers)) {
  test(`a right program printed with ${what} has no findings`, () => {
    for (const one of [kase, randomCase(bn)]) {
      const program = runProgram(one);
      const names = Object.values(dialects["the graph"] as Record<string, string>);
      const texts = names.map((name) => [
        name,
        print(take(name, program), isMatrix(name) ? one.shape[1] : undefined),
      ]);
      const read = texts.map(([name, text]) => [name, parseArray(text as string)] as const);
      const arrays = Object.fromEntries(read);
      assert.ok(read.some(([, { resolution }]) => resolution !== undefined));
      assertNothingWrong(bn.diagnose(one, arrays), what);
    }
  });

  test(`the mistake in a dx printed with ${what} is still named`, () => {
    for (const one of [kase, randomCase(bn)]) {
      for (const mistake of printable) {
        const { dx } = wrong(mistake, ["dx"], one) as { dx: { data: Float64Array } };
        const found = bn.diagnose(one, { dx: parseArray(print(dx.data, one.shape[1])) });
        assert.equal(found.firstWrong, "dx", mistake);
        assert.ok(idsOf(found).includes(mistake), `${mistake} is not among ${idsOf(found)}`);
      }
    }
  });
}
const isMatrix = (name: string) =>
  bn.graph.nodes.some(({ id, extent }) => extent === "elements" && (name === id || name === `d${id}`));

test("a printed dx with an error below its digits counts as right", () => {
  const dx = take("dx").map((v) => v + 1e-11);
  assert.equal(bn.diagnose(kase, { dx: parseArray(printNumPy(dx, columns)) }).firstWrong, null);
  assert.equal(bn.diagnose(kase, { dx }).firstWrong, "dx");
});

test("the resolution of a print with a common factor is multiplied by the factor's size", () => {
  const text = `-1.0000e-03 *\n${printPyTorch(
    take("dx").map((v) => -1000 * v),
    columns,
  )}`;
  const read = parseArray(text);
  assert.ok(read.resolution?.every((half) => half > 0));
  assert.equal(bn.diagnose(kase, { dx: read }).firstWrong, null);
});

const three = {
  x: Float64Array.of(1, 2, 4),
  gamma: Float64Array.of(1),
  beta: Float64Array.of(0),
  dy: Float64Array.of(1, 0, 0),
  shape: [3, 1],
} satisfies Case;
/** The dx of three: 0.22908229, -0.34362000, 0.11453771. */
const threeAsPrinted: [as: string, text: string, precision?: string][] = [
  ["MATLAB prints it", "0.2291\n-0.3436\n0.1145"],
  ["np.round(3)", "[[0.229]\n [-0.344]\n [0.115]]"],
  ["float32 without a dtype", "[[0.22908229]\n [-0.34362000]\n [0.11453775]]", "float32"],
  ["%g", "0.229082 -0.34362 0.114538"],
  ["%.3e", "[2.291e-01 -3.436e-01 1.145e-01]"],
  ["a list of rounded numbers", "[[0.229], [-0.344], [0.115]]"],
  ["CSV of rounded numbers", "0.2291,-0.3436,0.1145"],
  ["tabs", "0.22908\t-0.34362\t0.11454"],
  ["digits that are cut off", "[0.2290 -0.3436 0.1145]"],
  ["float16", "array([[ 0.2291],\n [-0.3438],\n [ 0.1146]], dtype=float16)", "float16"],
  ["bfloat16", "tensor([[ 0.2295],\n [-0.3438],\n [ 0.1143]], dtype=torch.bfloat16)", "bfloat16"],
  ["a row with its dtype", "array([ 0.22908229, -0.34362   ,  0.11453771], dtype=float64)"],
];
for (const [as, text, precision = "float64"] of threeAsPrinted) {
  test(`a right dx is not wrong as ${as}`, () => {
    for (const one of engines) {
      const found = one.diagnose(three, { dx: parseArray(text) });
      assert.equal(found.firstWrong, null);
      assert.equal(found.arithmetic.precision, precision);
    }
  });
}

test("arrays that look right because of a print are open, and zeros are wrong", () => {
  const two = {
    x: Float64Array.of(1, 3),
    gamma: Float64Array.of(1),
    beta: Float64Array.of(0),
    dy: Float64Array.of(1, 0),
    shape: [2, 1],
  };
  const whole = bn.diagnose(two, { xhat: parseArray("[[-1.]\n [ 1.]]") });
  assert.deepEqual([whole.firstWrong, idsOf(whole)], [null, []]);
  for (const zeros of ["0.000e+00\n0.000e+00\n0.000e+00", "[[0.0], [0.0], [0.0]]", "[[0.]\n [0.]\n [0.]]"])
    assert.equal(bn.diagnose(three, { dx: parseArray(zeros) }).firstWrong, "dx", zeros);
  const tiny = { ...three, dy: Float64Array.of(1e-4, 0, 0) };
  assert.equal(bn.diagnose(tiny, { dx: parseArray("[[ 0.]\n [-0.]\n [ 0.]]") }).firstWrong, null);
  // the second column is hidden by the print
  const x = Float64Array.of(1, 1, 2, 2, 4, 4);
  const dy = Float64Array.of(1, 1, 0, 0, 0, 0);
  const uneven = { x, gamma: Float64Array.of(1, 1e-3), beta: new Float64Array(2), dy, shape: [3, 2] };
  const hidden = finding(
    bn.diagnose(uneven, { dx: parseArray("0.229 0.000\n-0.344 0.000\n0.115 0.000") }),
    "dx",
  );
  assert.deepEqual([hidden.truth, hidden.limit], ["undecidable", "digits"]);
});

test("float32 inputs of a float64 program are found, and its mistakes, too", () => {
  const single = { ...kase, x: kase.x.map(Math.fround), dy: kase.dy.map(Math.fround) };
  const found = bn.diagnose(kase, inDialect(runProgram(single), "CS231n"));
  assert.deepEqual(
    [found.firstWrong, found.arithmetic.inputs, found.arithmetic.precision],
    [null, "float32", "float64"],
  );
  const wrongly = bn.diagnose(kase, claimsOf(bn, kase, "eps-outside"));
  assert.deepEqual([idsOf(wrongly), wrongly.arithmetic.inputs], [["eps-outside"], "float64"]);
});

test("a float32 program is right at six decimals, with all that it computes", () => {
  const far = { ...three, x: Float64Array.of(5.2, 6.8, 1.9) };
  const xc = parseArray("[[0.566667]\n [2.166667]\n [-2.733333]]");
  const xhat = parseArray("[[0.277757]\n [1.062011]\n [-1.339767]]");
  assert.equal(bn.diagnose(far, { xc, xhat }).firstWrong, null);
});

test("a sign that float16 could hide is wrong", () => {
  const dx = parseArray("-0.229\n0.344\n-0.115");
  assert.equal(bn.diagnose(three, { dx }).firstWrong, "dx");
});

test("too few digits leave an array undecided, and say so", () => {
  const found = bn.diagnose(three, { dx: parseArray("0.2 -0.3 0.1") });
  const { truth, limit } = finding(found, "dx");
  assert.deepEqual([found.firstWrong, truth, limit], [null, "undecidable", "digits"]);
  const rounding = bn.diagnose(three, { dx: { data: take("dx", runProgram(three)), dtype: "bfloat16" } });
  assert.deepEqual(
    [finding(rounding, "dx").truth, finding(rounding, "dx").limit],
    ["undecidable", "rounding"],
  );
});

test("the variance as the mean of x² less the squared mean is right, with all that follows from it", () => {
  const far = randomCase(bn, { mean: 1e3, spread: 1, eps: 1e-5 });
  const [height, width] = far.shape as [number, number];
  const variance = Float64Array.from({ length: width }, (_, c) => {
    const column = [...far.x].filter((_, i) => i % width === c);
    const mean = column.reduce((a, b) => a + b) / height;
    return column.reduce((a, b) => a + b * b, 0) / height - mean * mean;
  });
  const std = variance.map((v) => Math.sqrt(v + 1e-5));
  const found = bn.diagnose(far, { var: variance, std, invstd: std.map((v) => 1 / v) });
  assertNothingWrong(found, "one pass");
  assert.equal(found.arithmetic.variance, "one-pass");
});

test("float32 arrays make diagnose() treat a float64 case as float32", () => {
  const program = runProgram(rounded(kase), Math.fround);
  const arrays = inFloat32(inDialect(program, "Kratzert"));
  assertNothingWrong(bn.diagnose(kase, arrays), "all in float32");
  const [dx, dvar] = [Float32Array.from(take("dx")), take("dvar")];
  assertNothingWrong(bn.diagnose(kase, { dx, dvar }), "one in float32");
  const widened = bn.diagnose(kase, { dx: Float64Array.from(dx) });
  assertNothingWrong(widened, "float32 numbers in a Float64Array");
  assert.deepEqual(widened.arithmetic, { precision: "float32", variance: "two-pass", inputs: "float32" });
  // a bit of float32 is far outside what float64 may lose
  assert.equal(bn.diagnose(kase, { dx: take("dx").map((v) => v * (1 + 2 ** -24)) }).firstWrong, "dx");
});

test("a float32 case takes arrays of either kind and names their mistake", () => {
  const single = rounded(kase);
  const program = runProgram(single, Math.fround);
  assertNothingWrong(bn.diagnose(single, inDialect(program, "CS231n")), "float64 arrays");
  assertNothingWrong(bn.diagnose(single, inFloat32(inDialect(program, "CS231n"))), "float32 arrays");
  const found = bn.diagnose(single, claimsOf(bn, single, "no-gamma"));
  assert.deepEqual(idsOf(found), ["no-gamma"]);
});

const laws: [mistake: string | null, broken: string[], meaning: RegExp | null][] = [
  [null, [], null],
  ["no-mean-path", ["sum-of-dx"], /path through the mean/],
  ["no-variance-path", ["sum-of-dx-xhat"], /path through the variance/],
  ["detached-stats", ["sum-of-dx", "sum-of-dx-xhat"], /Both sums/],
  ["dvar-sign", ["sum-of-dx-xhat", "dvar"], /path through the variance/],
  ["dmean-sign", ["sum-of-dx", "dmean"], /path through the mean/],
  ["dbeta-averaged", ["dmean"], null],
  ["dgamma-averaged", ["dvar"], null],
  ["no-gamma", ["dvar", "dmean"], null], // keeps Σ dx and, with eps far below var, nearly Σ dx·xhat
];
for (const [mistake, broken, meaning] of laws) {
  test(`the invariants that ${mistake ?? "a right program"} breaks are ${broken.join(", ") || "none"}`, () => {
    const one = mistake === "no-gamma" ? { ...kase, eps: 0 } : kase;
    const arrays = mistake ? claimsOf(bn, one, mistake) : inDialect(right, "the graph");
    const { invariants, meaning: words } = bn.diagnose(one, arrays);
    assert.deepEqual(
      invariants.map(({ id }) => id),
      ["sum-of-dx", "sum-of-dx-xhat", "dvar", "dmean"],
    );
    for (const { id, holds, residual, bound } of invariants) {
      assert.equal(holds, !broken.includes(id), id);
      assert.deepEqual([residual.length, bound.length], [columns, columns]);
      assert.equal(
        holds,
        residual.every((value, c) => value <= at(bound, c)),
      );
    }
    if (!meaning) return assert.equal(words, null);
    assert.match(words?.en ?? "", meaning);
    assert.match(words?.zh ?? "", /\p{Script=Han}.*。$/u);
  });
}

test("an invariant needs all of its arrays, finite and in the right shape", () => {
  const told = (arrays: Record<string, Claim>) => bn.diagnose(kase, arrays).invariants.map(({ id }) => id);
  const [dx, dvar, dgamma, dmean, dbeta] = ["dx", "dvar", "dgamma", "dmean", "dbeta"].map((name) =>
    take(name),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  assert.deepEqual(told({}), []);
  assert.deepEqual(told({ dx }), ["sum-of-dx", "sum-of-dx-xhat"]);
  assert.deepEqual(told({ dvar, dmean }), []);
  assert.deepEqual(told({ dvar, dgamma }), ["dvar"]);
  assert.deepEqual(told({ dmean, dbeta }), ["dmean"]);
  assert.deepEqual(told({ dx: { data: dx, shape: [5, 4] } }), []);
  assert.deepEqual(told({ dx: spoilt("dx", 0, Number.NaN), dvar, dgamma }), ["dvar"]);
});

test("the invariants of dx hold or break per column", () => {
  const dx = take("dx");
  dx[2] = at(dx, 2) + 1;
  const { invariants } = bn.diagnose(kase, { dx });
  const [sum] = invariants;
  assert.deepEqual(
    [...(sum?.residual ?? [])].map((value, c) => value > at(sum?.bound, c)),
    [false, false, true, false, false],
  );
  assert.ok(Math.abs(at(sum?.residual, 2) - 1) < 1e-15);
});

test("ddof 1 is checked with N - 1, and a division by N is named", () => {
  const other = randomCase(bn, { ddof: 1 });
  for (const mistake of ["other-ddof", "other-ddof-forward", "other-ddof-backward"]) {
    assert.deepEqual(idsOf(bn.diagnose(other, claimsOf(bn, other, mistake))), [mistake]);
  }
  // what another program computes with N is what this case's mistake makes
  const population = runProgram({ ...other, ddof: 0 });
  const found = bn.diagnose(other, inDialect(population, "the graph"));
  assert.deepEqual([found.firstWrong, idsOf(found)], ["var", ["other-ddof"]]);
});

test("with one row, zero gradients are right and a nonzero dx is wrong", () => {
  const one = randomCase(bn, { rows: 1 });
  const program = runProgram(one);
  const found = bn.diagnose(one, inDialect(program, "the graph"));
  assertNothingWrong(found, "one row");
  assert.equal(finding(found, "dx").truth, "undecidable");
  const detached = bn.diagnose(one, { dx: take("xc->xhat", program) });
  assert.equal(detached.firstWrong, "dx");
  assert.ok(idsOf(detached).includes("no-mean-path"));
});

test("with gamma all ones, a forgotten gamma is invisible and nothing is called wrong", () => {
  const one = { ...kase, gamma: new Float64Array(columns).fill(1) };
  assertNothingWrong(bn.diagnose(one, claimsOf(bn, one, "no-gamma")), "no-gamma");
});

test("a constant column and columns of very different sizes have no findings", () => {
  const x = kase.x.map((v, i) => [7, v, v * 1e-8, v * 1e8, v + 1e6][i % columns] as number);
  const one = { ...kase, x };
  assertNothingWrong(bn.diagnose(one, inDialect(runProgram(one), "the graph")), "columns of all sizes");
});

test("a one-pass variance is named where it is visible: float32 and a mean that dwarfs the spread", () => {
  const of = (mean: number) => {
    const one = rounded(randomCase(bn, { rows: 16, mean, spread: 1, eps: 1e-5 }));
    return { one, claims: claimsOf(bn, one, "one-pass-variance") };
  };
  const { one, claims } = of(300);
  const found = bn.diagnose(one, claims);
  assert.deepEqual([found.firstWrong, idsOf(found)], ["var", ["one-pass-variance"]]);
  const far = of(1e4); // all digits are gone, and var is negative
  const alone = bn.diagnose(far.one, { var: far.claims.var as Claim });
  assert.deepEqual([alone.firstWrong, idsOf(alone)], ["var", ["one-pass-variance"]]);
});

test("with two mistakes at once, the first wrong array is found and no mistake is named", () => {
  const found = bn.diagnose(kase, claimsOf(bn, kase, "dmean-sign", "no-variance-path"));
  assert.deepEqual([found.firstWrong, found.mistakes], ["xc->sq", []]);
  const { "xc->sq": _, ...rest } = claimsOf(bn, kase, "dmean-sign", "no-variance-path");
  assert.equal(bn.diagnose(kase, rest).firstWrong, "dxc");
});

test("no arrays give no findings, and undefined counts as not given", () => {
  const arithmetic = { precision: "float64", variance: "two-pass", inputs: "float64" };
  const found = { firstWrong: null, recognition: null, meaning: null };
  const nothing = { ...found, arithmetic, nodes: [], invariants: [], mistakes: [] };
  for (const one of engines) {
    assert.deepEqual(one.diagnose(kase, {}), nothing);
    assert.deepEqual(one.diagnose(kase, { dx: undefined, dvar: undefined } as never), nothing);
  }
});

test("both engines give the same findings, bit for bit", () => {
  for (const mistake of ["dvar-sign", "no-mean-path", "transposed", "eps-outside", "unsummed"]) {
    const arrays = claimsOf(bn, kase, mistake);
    assertSameBits(javascript.diagnose(kase, arrays), bn.diagnose(kase, arrays), mistake);
  }
});

test("the given arrays stay unchanged, and the findings are copies", () => {
  for (const one of engines) {
    const arrays = {
      dx: { data: take("dx"), shape: [5, 4], resolution: new Float64Array(20).fill(1e-9) },
      dvar: take("dvar").map((v) => -v),
      dgamma: Float64Array.from([0, ...take("dgamma"), 0]).subarray(1, 6), // in the middle of a buffer
    };
    const own = { ...kase, x: kase.x.slice() };
    const before = structuredClone({ own, arrays });
    const first = one.diagnose(own, arrays);
    const kept = structuredClone(first);
    assertSameBits({ own, arrays }, before, "what was handed in");
    assert.equal(finding(first, "dgamma").truth, "pass");
    for (const { residual, bound } of first.invariants) {
      assert.equal(residual.buffer.byteLength, residual.byteLength, "owns its buffer");
      residual.fill(7);
      bound.fill(7);
    }
    for (const { worst, relation } of first.nodes) {
      worst.push(7);
      if (relation?.kind === "shape") relation.got.push(7);
    }
    assertSameBits(one.diagnose(own, arrays), kept, "the next diagnosis");
    assertSameBits({ own, arrays }, before, "what was handed in, once more");
  }
});

test("diagnose() takes results of parseArray, and objects with further properties", () => {
  const text = JSON.stringify(
    Array.from({ length: rows }, (_, r) => [...take("dx").slice(r * 5, r * 5 + 5)]),
  );
  assertNothingWrong(bn.diagnose(kase, { dx: parseArray(text) }), "JSON");
  const { nodes } = bn.trace(kase);
  const traced = Object.fromEntries(nodes.map(({ id, value, shape }) => [id, { data: value, shape, id }]));
  assertNothingWrong(bn.diagnose(kase, traced), "a trace");
});

const data = take("dx");
const badCases: [what: string, kase: unknown, code: string, argument: string][] = [
  ["no case", null, "not-an-object", "case"],
  ["a negative eps", { ...kase, eps: -1 }, "invalid-eps", "eps"],
  ["a NaN in x", { ...kase, x: spoilt("x", 0, Number.NaN) }, "not-finite", "x"],
  ["a short gamma", { ...kase, gamma: new Float64Array(4) }, "length-mismatch", "gamma"],
  ["kinds that differ", { ...kase, dy: new Float32Array(20) }, "mixed-kinds", "dy"],
  ["ddof 1 with one row", { ...randomCase(bn, { rows: 1 }), ddof: 1 }, "one-value-per-channel", "ddof"],
];
for (const [what, bad, code, argument] of badCases) {
  test(`diagnose() refuses ${what} before it reads any array`, () => {
    for (const one of engines) {
      for (const arrays of [{ dx: data }, { nonsense: 5 }, null]) {
        assert.throws(() => one.diagnose(bad as Case, arrays as never), { code, argument });
      }
    }
  });
}

test("diagnose() refuses a case whose passes overflow", () => {
  for (const one of engines) {
    const constant = { ...kase, x: new Float64Array(20), eps: 0 };
    assert.throws(() => one.diagnose(constant, { dx: data }), { code: "not-finite", argument: "case" });
    assertNothingWrong(one.diagnose(kase, { dx: data }), "the next call");
  }
});

test("repeated diagnoses don't grow the memory", () => {
  const one = randomCase(bn, { rows: 256, columns: 64 });
  const { dx } = runProgram(one) as { dx: Float64Array };
  const run = () => bn.diagnose(one, { dx }); // right, so that no mistake is tried: 0.4 s that hold no more
  for (let i = 0; i < 3; i++) run();
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 40; i++) run();
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  // A run of this case holds 37 arrays of 16384 bounded numbers three times over: 400 MB if none were freed.
  assert.ok(grown < 100, `${grown.toFixed()} MB more`);
});

test("a right dx in closed form passes with a mean of 1000", () => {
  for (let seed = 0; seed < 200; seed++) {
    const one = randomCase(bn, { seed, rows: 8, columns: 4, mean: 1e3, spread: 1, eps: 1e-5 });
    const { mean, invstd, xhat, dgamma, dbeta } = runProgram(one) as Required<Program>;
    const dx = one.x.map((_, i) => {
      const along = at(dbeta, i % 4) + at(xhat, i) * at(dgamma, i % 4);
      return at(one.gamma, i % 4) * at(invstd, i % 4) * (at(one.dy, i) - along / 8);
    });
    assertNothingWrong(bn.diagnose(one, { mean: mean as Float64Array, dx }), `seed ${seed}`);
  }
});

test("float64 results rounded to float32 are consistent with each other", () => {
  const single = rounded(kase);
  assertNothingWrong(bn.diagnose(single, inFloat32(runProgram(single))), "the course's case");
});

const flat = (one: Case<Float64Array>) => ({ ...one, x: one.x.map((v, i) => (i % 3 === 0 ? 4 : v)) });
test("eps outside the root is named despite a constant column", () => {
  const one = flat(randomCase(bn));
  assert.deepEqual(idsOf(bn.diagnose(one, claimsOf(bn, one, "eps-outside"))), ["eps-outside"]);
});

test("a wrong sign is named despite a constant column in float32 with an eps near 0", () => {
  const one = rounded(flat(randomCase(bn, { eps: 1e-12 })));
  const { dx } = claimsOf(bn, one, "dvar-sign");
  const ids = idsOf(bn.diagnose(one, { dx: dx as Claim }));
  assert.ok(ids.includes("dvar-sign"), `dvar-sign is not among ${ids.length} names`);
});

test("a one-pass variance is named from all arrays, even if few digits are left", () => {
  const one = rounded(randomCase(bn, { rows: 16, mean: 1e3, spread: 1, eps: 1e-5 }));
  assert.deepEqual(idsOf(bn.diagnose(one, claimsOf(bn, one, "one-pass-variance"))), ["one-pass-variance"]);
});
