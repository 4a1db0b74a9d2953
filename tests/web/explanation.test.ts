/** What diagnose says that wrong arrays are, beyond the bank of mistakes. The arrays are computed here, in plain loops. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Claim, type Diagnosis, type Explanation, load, type NormCase } from "backnorm";
import { engines } from "./support.ts";

const bn = await load();
const kase = bn.presets.cs231n;
const [N, D] = [4, 5];

/** The right arrays of a case, by id. */
function rightOf(one: NormCase) {
  const { nodes } = bn.trace(one);
  const of = (id: string) => nodes.find((node) => node.id === id) as (typeof nodes)[number];
  return { value: (id: string) => of(id).value, grad: (id: string) => of(id).grad };
}
const { value, grad } = rightOf(kase);

/** A number per column. */
const columns = (of: (column: number) => number) => Float64Array.from({ length: D }, (_, c) => of(c));
const elements = (of: (index: number, column: number) => number) =>
  Float64Array.from({ length: N * D }, (_, i) => of(i, i % D));
/** Σ over the rows of a column. */
function sum(column: number, term: (index: number) => number, rows = N) {
  let total = 0;
  for (let row = 0; row < rows; row++) total += term(row * D + column);
  return total;
}
const at = (array: ArrayLike<number>, index: number) => array[index] as number;
const x = (i: number) => at(value("x"), i);
const xhat = (i: number) => at(value("xhat"), i);
const dxhat = (i: number) => at(grad("xhat"), i);
const std = (c: number) => at(value("std"), c);
const variance = (c: number) => at(value("var"), c);

const explained = (found: Diagnosis, id: string): Explanation | null | undefined =>
  found.nodes.find((node) => node.id === id)?.explanation;
const diagnose = (arrays: Record<string, Claim>, of: NormCase = kase) => bn.diagnose(of, arrays);

const dvarOfX = columns((c) => -0.5 * sum(c, (i) => dxhat(i) * x(i)) * std(c) ** -3);
const dbetaOfX = columns((c) => sum(c, x));
/** The path through the variance has half of its size. */
const halfDx = elements(
  (i, c) => at(grad("x"), i) + (0.5 * xhat(i) * sum(c, (j) => dxhat(j) * xhat(j))) / N / std(c),
);

test("a wrong sum is told by its terms, its powers and its constant", () => {
  const found = diagnose({ dvar: dvarOfX });
  assert.deepEqual(explained(found, "dvar"), {
    kind: "formula",
    formula: {
      constant: -0.5,
      counts: [],
      powers: [{ of: "std", exponent: -3 }],
      absolute: false,
      rows: null,
      sum: ["dxhat", "x"],
      array: null,
      shared: null,
      ratio: null,
      named: true,
    },
  });
});

test("two independent mistakes in one program are both told", () => {
  const found = diagnose({ dx: halfDx, dvar: dvarOfX, dbeta: dbetaOfX });
  assert.equal(found.firstWrong, "dbeta");
  const [dbeta, dvar, dx] = ["dbeta", "dvar", "dx"].map((id) => explained(found, id));
  assert.deepEqual(dbeta?.kind === "formula" && dbeta.formula.sum, ["x"]);
  assert.deepEqual(dvar?.kind === "formula" && dvar.formula.sum, ["dxhat", "x"]);
  const states = dx?.kind === "paths" && dx.shares.map(({ pattern, state }) => [pattern, state]);
  assert.deepEqual(states, [
    ["dxhat", "right"],
    [null, "right"],
    ["xhat", "formula"],
  ]);
});

for (const eps of [1e-3, 1e-4, 2e-5, 1e-7, 1e-8, 1e-12]) {
  test(`an eps of ${eps} for 1e-5 is told`, () => {
    const found = diagnose({ invstd: columns((c) => 1 / Math.sqrt(variance(c) + eps)) });
    const explanation = explained(found, "invstd");
    assert.deepEqual(explanation?.kind === "eps" && explanation.root.inside, eps);
  });
}

test("eps outside of the root is told", () => {
  const explanation = explained(diagnose({ std: columns((c) => Math.sqrt(variance(c)) + 1e-5) }), "std");
  const scale = { constant: 1, counts: [], powers: [] };
  assert.deepEqual(explanation, { kind: "eps", root: { inside: 0, outside: 1e-5, scale } });
});

test("rows left out of a sum, another column's statistics and single values are told", () => {
  const dbeta = columns((c) => sum(c, (i) => at(kase.dy, i), N - 1));
  const left = explained(diagnose({ dbeta }), "dbeta");
  assert.deepEqual(left?.kind === "formula" && left.formula.rows, [0, N - 1]);
  const moved = explained(diagnose({ std: columns((c) => std((c + 1) % D)) }), "std");
  assert.deepEqual(moved, { kind: "moved", by: D - 1, along: "columns" });
  const few = explained(diagnose({ dx: elements((i) => (i === 7 ? 1 : at(grad("x"), i))) }), "dx");
  assert.deepEqual(few, { kind: "elements", count: 1, index: [1, 2] });
});

test("another sign or name is a convention only if what follows is right and would not be", () => {
  const dmean = grad("mean").map((one) => -one);
  const sign = diagnose({ dmean, dx: grad("x") });
  assert.deepEqual([sign.firstWrong, explained(sign, "dmean")], [null, { kind: "sign" }]);
  const named = diagnose({ dstd: grad("var"), dx: grad("x") });
  assert.deepEqual([named.firstWrong, explained(named, "dstd")], [null, { kind: "name", other: "dvar" }]);
  const sigma = diagnose({ std: value("var"), y: value("y") });
  assert.deepEqual([sigma.firstWrong, explained(sigma, "std")], [null, { kind: "name", other: "var" }]);
  // alone it may be a mistake; dmean doesn't depend on dstd, since Σ (x - mean) is 0
  assert.equal(diagnose({ dmean }).firstWrong, "dmean");
  const dstd = grad("std").map((one) => -one);
  assert.equal(diagnose({ dstd, dmean: grad("mean") }).firstWrong, "dstd");
});

test("right arrays of other inputs are asked about, not blamed", () => {
  const other = rightOf({
    ...kase,
    x: kase.x.map((one, i) => one + 3 * Math.sin(i)),
    dy: kase.dy.map(Math.cos),
  });
  const { grad: g } = other;
  const found = diagnose({ dx: g("x"), dgamma: g("gamma"), dbeta: g("beta") });
  assert.deepEqual(found.recognition, { kind: "other-inputs" });
  const six = (of: (i: number) => number) => Float64Array.from({ length: 6 }, (_, i) => of(i));
  const shape = diagnose({ dgamma: six(Math.sin), dbeta: six(Math.cos) });
  assert.deepEqual(shape.recognition, { kind: "other-inputs" });
  // one of them right: a mistake
  assert.equal(diagnose({ dx: g("x"), dgamma: g("gamma"), dbeta: grad("beta") }).recognition, null);
});

test("right arrays of another norm are recognised", () => {
  const { beta: _, ...noBeta } = kase;
  for (const [norm, one] of [
    ["layer", { ...kase, norm: "layer" }],
    ["rms", { ...noBeta, norm: "rms" }],
  ] as [string, NormCase][]) {
    const { grad: g } = rightOf(one);
    const found = diagnose({ dx: g("x"), dgamma: g("gamma") });
    assert.deepEqual(found.recognition, { kind: "other-norm", norm, groups: 1 });
  }
  const images = bn.presets.groupnorm;
  const { groups: __, norm: ___, ...plain } = images;
  const { grad: g } = rightOf(images);
  const found = bn.diagnose(
    { ...plain, norm: "instance" },
    { dx: g("x"), dgamma: g("gamma"), dbeta: g("beta") },
  );
  assert.deepEqual(found.recognition, { kind: "other-norm", norm: "group", groups: 2 });
});

test("both engines explain alike", () => {
  const arrays = { dx: halfDx, dvar: dvarOfX, dbeta: dbetaOfX };
  const [first, second] = engines.map((one) => one.diagnose(kase, arrays));
  assert.deepEqual(first, second);
});

test("diagnoseAsync() says the same, in slices, and can be aborted", async () => {
  const [n, d] = [100, 80];
  const [x, dy, gamma, beta] = bn.randn(1, [n * d, n * d, d, d]) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const large = { x, dy, gamma, beta, shape: [n, d] };
  const { nodes } = bn.trace(large, { mistakes: ["dvar-half"] });
  const arrays = Object.fromEntries(
    nodes.map(({ id, grad: data, gradShape }) => [`d${id}`, { data, shape: gradShape }]),
  );
  const want = bn.diagnose(large, arrays);
  assert.deepEqual(
    want.mistakes.map(({ id }) => id),
    ["dvar-half"],
  );
  const found = bn.diagnoseAsync(large, arrays);
  for (const array of [x, dy, ...nodes.map((node) => node.grad)]) array.fill(0); // it has its own
  assert.deepEqual(await found, want);

  const controller = new AbortController();
  const aborted = bn.diagnoseAsync(kase, { dbeta: dbetaOfX }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(aborted, { name: "AbortError" });
});

test("the digits of a printed case count as errors of its inputs", () => {
  const rounded = (array: ArrayLike<number>) => Float64Array.from(array, (one) => Number(one.toFixed(4)));
  const printed = (array: ArrayLike<number>, shape?: readonly number[]) => ({
    data: rounded(array),
    resolution: new Float64Array(array.length).fill(5e-5),
    ...(shape ? { shape } : {}),
  });
  const of = {
    ...kase,
    x: rounded(kase.x),
    gamma: rounded(kase.gamma),
    beta: rounded(kase.beta),
    dy: rounded(kase.dy),
  };
  const arrays = {
    x: printed(kase.x, [N, D]),
    gamma: printed(kase.gamma),
    beta: printed(kase.beta),
    dy: printed(kase.dy, [N, D]),
    dgamma: printed(grad("gamma")),
    dx: { data: grad("x"), shape: [N, D] },
  };
  assert.equal(bn.diagnose(of, arrays).firstWrong, "dgamma");
  assert.equal(bn.diagnose(of, arrays, { printedInputs: true }).firstWrong, null);
});

test("a wrong input alone is no other norm", () => {
  for (const arrays of [{ x: kase.x.map((one) => one + 0.3) }, { dy: kase.dy.map((one) => 2 * one) }])
    assert.equal(diagnose(arrays).recognition, null);
});

test("limits, offsets, roots of the array itself, other columns' statistics and hidden values are told", () => {
  const clipped = explained(diagnose({ xhat: elements((i) => Math.min(1, Math.max(-1, xhat(i)))) }), "xhat");
  assert.deepEqual(clipped, { kind: "clipped", low: -1, high: 1 });
  const offset = explained(diagnose({ var: columns((c) => variance(c) + 1e-3) }), "var");
  assert.deepEqual(offset, { kind: "offset", by: 1e-3 });
  const root = explained(diagnose({ var: columns((c) => Math.sqrt(variance(c))) }), "var");
  assert.deepEqual(root?.kind === "formula" && root.formula.powers, [{ of: "var", exponent: 0.5 }]);
  const one = explained(diagnose({ xc: elements((i) => x(i) - at(value("mean"), 0)) }), "xc");
  assert.equal(one?.kind === "paths" && one.shares[1]?.formula?.shared, 0);
  const both = explained(diagnose({ std: columns((c) => Math.sqrt(variance(c) + 1e-5) + 1e-5) }), "std");
  assert.deepEqual(both?.kind === "eps" && [both.root.inside, both.root.outside], [1e-5, 1e-5]);
  const nan = explained(
    diagnose({ dx: elements((i, c) => (c === 1 ? Number.NaN : at(grad("x"), i))) }),
    "dx",
  );
  assert.deepEqual(nan, { kind: "not-finite", count: 4, index: [0, 1], cause: "unknown" });

  const slow = columns((c) => 0.9 * at(value("mean"), c));
  const xc = (i: number) => x(i) - at(slow, i % D);
  const deviation = columns((c) => Math.sqrt(sum(c, (i) => xc(i) ** 2) / N + 1e-5));
  const dgamma = columns((c) => sum(c, (i) => (at(kase.dy, i) * xc(i)) / at(deviation, c)));
  const hidden = diagnose({ dgamma, dbeta: grad("beta") }).recognition;
  assert.equal(hidden?.kind === "hidden" && hidden.id, "mean");
  const formula =
    hidden?.kind === "hidden" && hidden.explanation.kind === "formula"
      ? hidden.explanation.formula
      : undefined;
  assert.equal(formula?.ratio?.constant, 0.9);
});
