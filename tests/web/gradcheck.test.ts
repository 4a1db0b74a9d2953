import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, FloatArray, NodeId, NodeReport, NormCase, Report } from "backnorm";
import { genericShapes, randomNormCase } from "./programs.ts";
import { readCases } from "./reference.ts";
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
const { presets } = webassembly;

/** A case large enough that a check takes many slices. */
function large(rows: number, columns: number): Case<Float64Array> {
  const size = rows * columns;
  const [x, gamma, beta, dy] = webassembly.randn(1, [size, columns, columns, size]) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { x, gamma, beta, dy, shape: [rows, columns] };
}

const verdicts = ({ nodes }: Report) =>
  Object.fromEntries(
    nodes.filter(({ verdict }) => verdict !== "pass").map(({ id, verdict }) => [id, verdict]),
  );

function node(report: Report, id: NodeId): NodeReport {
  const found = report.nodes.find((one) => one.id === id);
  assert.ok(found, `the report has no ${id}`);
  return found;
}

// What cannot be told from wrong: where the normalized values, or what they bring back, vanish altogether.
const undecidable: Record<string, NodeId[]> = {
  "one-row": ["x", "gamma", "sq", "var", "std", "invstd"],
  "two-rows": ["x"],
};
/** In float32 also where a column that decides nothing may hide as much as others decide: 1/eps^1.5 is 3e7. */
const undecidableInFloat32: Record<string, NodeId[]> = {
  "constant-channel": ["sq", "var", "std"],
};

for (const reference of references) {
  const { name } = reference;
  const [, base = "", single] = /^(.*?)(-f32)?$/.exec(name) ?? [];
  const ids = [...(undecidable[base] ?? []), ...((single && undecidableInFloat32[base]) || [])];
  test(`${name} ${ids.length > 0 ? `is undecidable at ${ids.join(", ")}` : "passes"}, in both engines`, () => {
    const kase = caseOf(reference);
    const report = webassembly.gradcheck(kase);
    assert.deepEqual(verdicts(report), Object.fromEntries(ids.map((id) => [id, "undecidable"])));
    assert.equal(report.verdict, ids.length > 0 ? "undecidable" : "pass");
    assert.equal(report.ok, ids.length === 0);
    assertSameBits(javascript.gradcheck(kase), report, "the JavaScript engine's report");
  });

  test(`the report of ${name} matches the documentation of its fields`, () => {
    const kase = caseOf(reference);
    const { nodes } = webassembly.gradcheck(kase);
    const trace = webassembly.trace(kase);
    assert.deepEqual(
      nodes.map(({ id, shape }) => ({ id, shape })),
      trace.nodes.map(({ id, shape }) => ({ id, shape })),
    );
    for (const [i, report] of nodes.entries()) {
      const { id, analytic, exact, numeric, bound, numericBound, signal } = report;
      const { maxError, relativeError, numericError, worst, checkerAtFault } = report;
      assertSameBits(analytic, trace.nodes[i]?.grad, `${id}.analytic`);
      for (const values of [exact, numeric, bound, numericBound]) {
        assert.ok(values instanceof Float64Array);
        assert.equal(values.length, analytic.length);
      }
      assert.ok(signal instanceof Float64Array && signal.length === reference.columns);
      // at most 1 but for the last bit, since sums and sums of sizes round apart
      assert.ok(
        signal.every((share) => share >= 0 && share <= 1 + 1e-12),
        `${id}.signal`,
      );

      const distance = (a: ArrayLike<number>, b: Float64Array) =>
        [...b].map((value, at) => Math.abs((a[at] as number) - value));
      const errors = distance(analytic, exact);
      assert.ok(
        errors.every((error, at) => error <= (bound[at] as number)),
        `${id} lies within its bound`,
      );
      assert.ok(
        distance(numeric, exact).every((error, at) => error <= (numericBound[at] as number)),
        `${id}'s difference lies within its bound`,
      );
      assert.equal(checkerAtFault, false);
      assert.equal(maxError, Math.max(...errors));
      assert.equal(numericError, Math.max(...distance(analytic, numeric)));
      const size = Math.max(...exact.map(Math.abs));
      assert.equal(relativeError, maxError === 0 ? 0 : maxError / size);

      const excess = errors.map((error, at) => (error === 0 ? 0 : error / (bound[at] as number)));
      assert.equal(worst.at, excess.indexOf(Math.max(...excess)), `${id}.worst.at`);
      const { columns } = reference;
      const [row, column] = [Math.floor(worst.at / columns), worst.at % columns];
      assert.deepEqual(worst.index, report.shape.length === 2 ? [row, column] : [worst.at]);
      const { at } = worst;
      assert.deepEqual(
        [worst.analytic, worst.exact, worst.numeric, worst.bound],
        [analytic[at], exact[at], numeric[at], bound[at]],
        `${id}.worst`,
      );
    }
  });

  test(`derivatives and differences of ${name} are within their bounds of NumPy's gradient`, () => {
    for (const { id, exact, numeric, bound, numericBound } of webassembly.gradcheck(caseOf(reference))
      .nodes) {
      if (id === "y") continue; // dy is given
      const slack = roundoff(reference, `d${id}`); // NumPy rounds as well
      const want = reference.array(`numpy.d${id}`);
      assertWithin(exact, want, (i) => (bound[i] as number) + slack(i), id);
      assertWithin(numeric, want, (i) => (numericBound[i] as number) + slack(i), id);
    }
  });
}

// Analytic and exact are off by rounding alone: a few last places, more where 150 rows are summed. A central
// difference in float64 keeps two thirds of the digits: u^(2/3) is 2e-11, times what the case loses by itself.
const relative: [name: "cs231n" | "iris", exact: number, numeric: number][] = [
  ["cs231n", 8, 1e-9],
  ["iris", 64, 1e-8],
];
for (const [name, roundings, numeric] of relative) {
  test(`${name} is within ${roundings} ulps of its exact derivatives, and ${numeric} of its differences`, () => {
    for (const bn of engines) {
      const kase = bn.presets[name];
      for (const { id, exact, relativeError, numericError } of bn.gradcheck(kase).nodes) {
        assert.ok(relativeError < roundings * unitRoundoff.float64, `${id}: ${relativeError}`);
        assert.ok(numericError < numeric * Math.max(...exact.map(Math.abs)), `${id}: ${numericError}`);
      }
      // in float32 the last rounding is all that is left of the error, at a few gates one after another
      for (const { id, relativeError } of bn.gradcheck(rounded(kase)).nodes)
        assert.ok(relativeError < 16 * unitRoundoff.float32, id);
    }
  });
}

const silent: [
  what: string,
  change: (kase: Case<Float64Array>) => Partial<Case<Float64Array>>,
  ids: NodeId[],
][] = [
  [
    "a constant dy",
    () => ({ dy: new Float64Array(20).fill(1) }),
    ["x", "gamma", "sq", "var", "std", "invstd"],
  ],
  [
    "a dy of zeros",
    () => ({ dy: new Float64Array(20) }),
    ["x", "gamma", "beta", "mean", "xc", "sq", "var", "std", "invstd", "xhat", "scaled", "y"],
  ],
  [
    "a gamma of zeros",
    () => ({ gamma: new Float64Array(5) }),
    ["x", "mean", "xc", "sq", "var", "std", "invstd", "xhat"],
  ],
];
for (const [what, change, ids] of silent) {
  test(`${what} is undecidable at ${ids.join(", ")}`, () => {
    const kase = {
      ...(presets.cs231n as Case<Float64Array>),
      ...change(presets.cs231n as Case<Float64Array>),
    };
    for (const form of [kase, rounded(kase)] as Case[]) {
      for (const bn of engines) {
        const report = bn.gradcheck(form);
        assert.deepEqual(verdicts(report), Object.fromEntries(ids.map((id) => [id, "undecidable"])));
        assert.deepEqual([report.verdict, report.ok], ["undecidable", false]);
      }
    }
  });
}

test("a dy proportional to y is undecidable at x", () => {
  const kase = { ...presets.cs231n, eps: 0, beta: new Float64Array(5) };
  const y = webassembly.forward(kase.x, kase).y;
  const { signal, verdict } = node(webassembly.gradcheck({ ...kase, dy: y }), "x");
  assert.equal(verdict, "undecidable");
  assert.ok(signal.every((share) => share < 1e-6));
});

test("a derivative that overflows is undecidable, and doesn't fail a right gradient", () => {
  // x near 1e-150 and eps 0: the pass is finite, but the third power of 1/std is not
  const kase = presets.cs231n;
  const report = webassembly.gradcheck({ ...kase, x: kase.x.map((value) => value * 1e-150), eps: 0 });
  assert.deepEqual(new Set(Object.values(verdicts(report))), new Set(["undecidable"]));
  assert.equal(report.verdict, "undecidable");
  assert.equal(report.checkerAtFault, false);
});

test("a report holds both invariants of dx with their bounds, and the signal of each column", () => {
  for (const reference of references) {
    const kase = caseOf(reference);
    const { invariants, signal, nodes } = webassembly.gradcheck(kase);
    for (const [name, { residual, bound, holds }] of Object.entries(invariants)) {
      assert.equal(holds, true, `${reference.name}: ${name}`);
      assert.equal(residual.length, reference.columns);
      assert.ok(
        residual.every((value, c) => value <= (bound[c] as number)),
        `${reference.name}: ${name} lies within its bound`,
      );
    }
    assert.deepEqual(signal, nodes.find(({ id }) => id === "x")?.signal);
  }
});

const blinding: [what: string, ids: string[], change: (kase: Case<Float64Array>) => Case<Float64Array>][] = [
  ["the course's case", [], (kase) => kase],
  ["a constant dy", ["constant-dy"], (kase) => ({ ...kase, dy: kase.dy.map(() => -2) })],
  [
    "a dy that is y",
    ["dy-proportional-to-y"],
    (kase) => ({ ...kase, dy: webassembly.trace(kase).nodes.at(-1)?.value as Float64Array }),
  ],
  ["gamma all one", ["gamma-one"], (kase) => ({ ...kase, gamma: kase.gamma.map(() => 1) })],
  [
    "two rows of two",
    ["few-rows", "square"],
    ({ x, gamma, beta, dy }) => ({
      x: x.slice(0, 4),
      dy: dy.slice(0, 4),
      gamma: gamma.slice(0, 2),
      beta: beta.slice(0, 2),
      shape: [2, 2],
    }),
  ],
];
for (const [what, ids, change] of blinding) {
  test(`${what} has the warnings ${ids.join(" and ") || "none"}, with a sentence each`, () => {
    for (const bn of engines) {
      const { warnings } = bn.gradcheck(change(presets.cs231n));
      assert.deepEqual(
        warnings.map(({ id }) => id),
        ids,
      );
      for (const { message } of warnings) assert.match(message, /^[A-Z].*\. (Take|Draw) .*\.$/);
    }
  });
}

test("one meaningful column is enough for a verdict", () => {
  const dy = new Float64Array(20).fill(1);
  for (let row = 0; row < 4; row++) dy[row * 5 + 3] = row * row;
  const report = webassembly.gradcheck({ ...presets.cs231n, dy });
  assert.equal(report.verdict, "pass");
  const { signal } = node(report, "x");
  assert.deepEqual(
    [...signal].map((share) => share > 1e-3),
    [false, false, false, true, false],
  );
});

test("the report is a copy: changing it changes neither its case nor the next report", () => {
  for (const bn of engines) {
    const kase = bn.presets.cs231n;
    const inputs = structuredClone(kase);
    const first = bn.gradcheck(kase);
    const kept = structuredClone(first);
    for (const { analytic, numeric, bound, signal } of first.nodes) {
      for (const values of [analytic, numeric, bound, signal] as FloatArray[]) {
        assert.equal(values.buffer.byteLength, values.byteLength, "owns its buffer");
        values.fill(7);
      }
    }
    assertSameBits(kase, inputs, "the case");
    assertSameBits(bn.gradcheck(kase), kept, "the next report");
  }
});

const asynchronous: [what: string, kase: NormCase][] = [
  ...Object.values(genericShapes).map((options): [string, NormCase] => [
    `${options.norm} norm of [${options.shape}]`,
    randomNormCase(webassembly, options),
  ]),
  ["cs231n", presets.cs231n],
  ["iris", presets.iris],
  ["cs231n in float32", rounded(presets.cs231n)],
  ["37×3, where slices end in the middle of a node", large(37, 3)],
  ["64×64, of many slices", large(64, 64)],
  ["12×1500, some columns at a time", large(12, 1500)],
  ["12×1500 in float32", rounded(large(12, 1500))],
  ["91×91, a square whose columns are taken in two parts", large(91, 91)],
];
for (const [what, kase] of asynchronous) {
  test(`gradcheckAsync gives the bits of gradcheck's report: ${what}`, async () => {
    const want = webassembly.gradcheck(kase);
    assertSameBits(await webassembly.gradcheckAsync(kase), want, what);
    assertSameBits(await javascript.gradcheckAsync(kase), want, what);
  });
}

for (const id of ["transposed", "wrong-axis", "unsummed", "swapped", "gamma-twice", "uncentred-forward"]) {
  test(`gradcheckAsync reports ${id} as gradcheck does, some columns at a time`, async () => {
    for (const kase of [large(12, 800), large(91, 91), rounded(large(12, 800))] as Case[]) {
      const options = { mistakes: [id] };
      const want = webassembly.gradcheck(kase, options);
      assertSameBits(await webassembly.gradcheckAsync(kase, options), want, id);
    }
  });
}

test("an aborted check that waits for its turn rejects at once, and the others go on", async () => {
  const kase = large(64, 64);
  const ended: unknown[] = [];
  const control = new AbortController();
  const waiting = [];
  for (let i = 0; i < 12; i++) {
    const signal = i % 3 === 2 ? control.signal : undefined;
    waiting.push(webassembly.gradcheckAsync(kase, { signal }).then((report) => ended.push(report)));
  }
  setTimeout(() => control.abort("enough"));
  const aborted = await Promise.allSettled(waiting.filter((_, i) => i % 3 === 2));
  assert.deepEqual(
    aborted.map((one) => one.status === "rejected" && one.reason),
    ["enough", "enough", "enough", "enough"],
  );
  assert.deepEqual(ended, []);
  await Promise.all(waiting.filter((_, i) => i % 3 !== 2));
  const want = webassembly.gradcheck(kase);
  assert.equal(ended.length, 8);
  for (const report of ended) assertSameBits(report, want, "64×64");
});

test("checks that fail or are aborted give their turns to the others", async () => {
  const { cs231n } = presets;
  const overflows: Case = { ...cs231n, x: new Float64Array(20), eps: 0 };
  const mine = new Error("mine");
  const onProgress = () => {
    throw mine;
  };
  for (let round = 0; round < 30; round++) {
    const control = new AbortController();
    const { signal } = control;
    const kinds = Array.from({ length: 20 }, (_, i) => [
      webassembly.gradcheckAsync(cs231n).then(({ ok }) => ok),
      webassembly.gradcheckAsync(overflows).catch(({ code }) => code),
      webassembly.gradcheckAsync(cs231n, { onProgress }).catch((error) => error),
      webassembly.gradcheckAsync(cs231n, { signal }).then(...both(i)),
    ]);
    if (round % 2) setTimeout(() => control.abort(), round / 10);
    else queueMicrotask(() => control.abort());
    for (const kind of kinds) assert.deepEqual(await Promise.all(kind), [true, "not-finite", mine, "ended"]);
  }
  assert.equal((await webassembly.gradcheckAsync(cs231n)).ok, true);
});

/** A check that may be aborted or not. */
const both = (what: number) =>
  [() => "ended", ({ name }: Error) => (name === "AbortError" ? "ended" : `${what}: ${name}`)] as const;

test("gradcheckAsync reports progress that never decreases and ends at 1", async () => {
  for (const kase of [presets.cs231n, large(128, 64)]) {
    const shares: number[] = [];
    await webassembly.gradcheckAsync(kase, { onProgress: (done) => shares.push(done) });
    assert.equal(shares.at(-1), 1);
    assert.ok(shares.every((share, i) => share > 0 && share <= 1 && share >= (shares[i - 1] ?? 0)));
  }
});

test("gradcheckAsync lets timers fire between its slices", async () => {
  let [fired, slices] = [0, 0];
  const timer = setInterval(() => fired++, 1);
  try {
    await webassembly.gradcheckAsync(large(256, 64), { onProgress: () => slices++ });
  } finally {
    clearInterval(timer);
  }
  assert.ok(slices >= 5, `${slices} slices`);
  assert.ok(fired >= slices / 2, `${fired} of ${slices}`);
});

test("gradcheckAsync copies its case before it returns", async () => {
  const kase = presets.iris;
  const want = webassembly.gradcheck(kase);
  const running = webassembly.gradcheckAsync(kase);
  for (const name of ["x", "gamma", "beta", "dy"] as const) kase[name].fill(Number.NaN);
  assertSameBits(await running, want, "iris");
});

test("concurrent checks don't affect each other", async () => {
  const cases: Case[] = [large(64, 32), presets.iris, rounded(presets.iris), presets.cs231n];
  const reports = await Promise.all(cases.map((kase) => webassembly.gradcheckAsync(kase)));
  for (const [i, kase] of cases.entries())
    assertSameBits(reports[i], webassembly.gradcheck(kase), `case ${i}`);
});

const reasons: [what: string, reason: unknown][] = [
  ["an error", new Error("enough")],
  ["a string", "enough"],
];
for (const [what, reason] of reasons) {
  test(`gradcheckAsync rejects with the signal's reason, ${what}, if aborted before the check`, async () => {
    const signal = AbortSignal.abort(reason);
    const onProgress = () => assert.fail("nothing was to be done");
    const rejected = await webassembly.gradcheckAsync(presets.iris, { signal, onProgress }).catch((e) => e);
    assert.equal(rejected, reason);
  });

  test(`gradcheckAsync rejects with the signal's reason, ${what}, if aborted during the check`, async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason));
    const { signal } = controller;
    let last = 0;
    const onProgress = (done: number) => {
      last = done;
    };
    const rejected = await webassembly.gradcheckAsync(large(256, 64), { signal, onProgress }).catch((e) => e);
    assert.equal(rejected, reason);
    assert.ok(last > 0 && last < 1, `aborted at ${last}`);
  });
}

test("gradcheckAsync takes an AbortSignal that is never aborted, and one that times out", async () => {
  const { signal } = new AbortController();
  assert.equal((await webassembly.gradcheckAsync(presets.cs231n, { signal })).ok, true);
  await assert.rejects(webassembly.gradcheckAsync(large(256, 64), { signal: AbortSignal.timeout(1) }), {
    name: "TimeoutError",
  });
});

test("gradcheckAsync rejects with the error that onProgress throws", async () => {
  const mine = new Error("mine");
  const onProgress = () => {
    throw mine;
  };
  await assert.rejects(webassembly.gradcheckAsync(presets.iris, { onProgress }), mine);
  assert.equal(webassembly.gradcheck(presets.cs231n).ok, true);
});

test("an aborted check frees its memory", async () => {
  const kase = large(256, 64);
  const abort = async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const { signal } = controller;
    await assert.rejects(webassembly.gradcheckAsync(kase, { signal, onProgress }), { name: "AbortError" });
  };
  for (let i = 0; i < 5; i++) await abort();
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 40; i++) await abort();
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  // A check of this case holds 7 MB or more: 280 MB if none were freed.
  assert.ok(grown < 100, `${grown.toFixed()} MB more`);
});

const timestamps = {
  x: Float64Array.of(0.2, 1.7e15 + 1, 1.1, 1.7e15 + 2, -0.5, 1.7e15, 0.3, 1.7e15 + 3),
  gamma: Float64Array.of(1, 3),
  beta: Float64Array.of(0, 0),
  dy: Float64Array.of(1, 1, 0, 0, 2, -1, -1, 0.5),
  shape: [4, 2],
  eps: 1e-5,
};
test("a column of timestamps is lost, and a mistake beside it doesn't pass", () => {
  for (const bn of [webassembly, javascript]) {
    for (const mistakes of [[], ["gamma-twice"]]) {
      const report = bn.gradcheck(timestamps, { mistakes });
      assert.deepEqual([report.verdict, report.ok], ["undecidable", false]);
      assert.deepEqual(node(report, "x").groups, ["tells", "lost"]);
      assert.deepEqual(node(report, "beta").groups, ["tells", "tells"]);
      for (const { id, bound, numericBound } of report.nodes)
        assert.ok(![...bound, ...numericBound].some(Number.isNaN), `${id} has a bound, if an infinite one`);
    }
    const dx = node(bn.gradcheck(timestamps), "x").analytic;
    dx[1] = 1e300;
    assert.equal(bn.diagnose(timestamps, { dx }).nodes[0]?.truth, "undecidable");
  }
});
