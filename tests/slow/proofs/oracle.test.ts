import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import type { Backnorm, FloatArray } from "backnorm";
import { assertSameBits } from "../../web/support.ts";
import {
  caseOf,
  compare,
  fused,
  fusedNames,
  hasLanes,
  type Judged,
  norms,
  type OracleCase,
  traced,
} from "./oracle.ts";
import type { Name } from "./oracle-bounds.ts";
import { asMarkdown, judgeAll, tablePath, versionsOf } from "./oracle-table.ts";

let judged: Awaited<ReturnType<typeof judgeAll>>;
const cases = () => judged.grid.cases;
const ofBatch = () => judged.all.filter(({ kase }) => kase.norm === "batch");

before(async () => {
  judged = await judgeAll();
});

/** Nodes that are more than `most` times their bound off, each with its case. */
function beyond(rows: readonly Judged[], whose: Exclude<keyof Judged, "kase">, most = 1): string[] {
  return rows.flatMap(({ kase, [whose]: offs }) =>
    Object.entries(offs).flatMap(([name, { share }]) =>
      share <= most ? [] : [`${kase.name}: ${name} is ${share} times its bound off`],
    ),
  );
}

test("the grid covers the intended cases", () => {
  const all = cases().filter(({ norm }) => norm === "batch");
  assert.ok(all.length >= 300);
  for (const norm of norms) {
    const own = cases().filter((kase) => kase.norm === norm);
    assert.ok(own.length >= 60, norm);
    if (norm !== "batch") {
      const ranks = new Set(own.map(({ shape }) => shape.length));
      assert.deepEqual([...ranks].sort(), [2, 3, 4], norm);
      assert.ok(
        own.some(({ count }) => count === 1),
        `${norm} of one value`,
      );
    }
  }
  assert.ok(all.filter(({ hard }) => hard).length >= 30);
  assert.ok(all.filter((kase) => kase.has("bn.y")).length >= 200, "PyTorch's batch norm takes part");
  const levels = <T>(of: (kase: OracleCase) => T) => [...new Set(all.map(of))].sort();
  assert.deepEqual(
    levels(({ memory }) => memory.length),
    [2, 3, 4, 5],
  );
  assert.deepEqual(
    levels(({ dtype, layout }) => `${dtype} ${layout}`),
    ["float32 channels-first", "float32 channels-last", "float64 channels-first", "float64 channels-last"],
  );
  const given = levels(({ ddof, gamma, beta }) => `${ddof} ${gamma} ${beta}`);
  assert.equal(given.length, 8, "ddof 0 and 1, each with and without gamma and beta");
  assert.deepEqual(
    levels(({ eps }) => eps),
    [1, 0.001, 0.00001, 0.1, 1e-12, 1e-8].sort(),
  );
  for (const dtype of ["float32", "float64"]) {
    const own = all.filter((kase) => kase.dtype === dtype);
    assert.ok(
      own.some(({ count, shape }) => count === 1 && (shape[1] as number) > 1) &&
        own.some(({ shape }) => shape[1] === 1),
    );
    const least = dtype === "float32" ? 2 ** -126 : 2 ** -1022;
    for (const name of ["x", "gamma", "beta", "dy"]) {
      assert.ok(
        own.some((kase) => kase.array(name).some((value) => value !== 0 && Math.abs(value) < least)),
        `${name} is denormal`,
      );
    }
    assert.ok(
      own.some((kase) => kase.array("exact.var").includes(0) && kase.count > 1),
      "a constant channel",
    );
  }
});

test("every value and gradient of the graph is within its bound, and the same in both engines", () => {
  assert.deepEqual(beyond(judged.all, "gates"), []);
  for (const kase of cases()) {
    const [one, other] = [judged.webassembly, judged.javascript].map((bn) =>
      Object.fromEntries(traced(bn, kase)),
    );
    const inputs = kase.norm === "rms" ? ["x", "gamma"] : ["x", "gamma", "beta"];
    assert.deepEqual(Object.keys(one as object).sort(), [...kase.names, ...inputs].sort());
    for (const input of inputs) {
      assert.deepEqual(Float64Array.from(one?.[input] as FloatArray), kase.array(input));
    }
    assertSameBits(one, other, kase.name);
  }
});

test("NumPy and PyTorch are within the bound for sums in their number format", () => {
  assert.deepEqual([...beyond(judged.all, "numpy"), ...beyond(judged.all, "torch")], []);
});

test("every bound is meaningful: finite, and half of them leave at least three digits", () => {
  const shares: number[] = [];
  for (const { gates, gatesOfPeers, fused, size, norm } of cases()) {
    for (const bounds of norm === "batch" ? [gates, gatesOfPeers, fused] : [gates, gatesOfPeers]) {
      for (const [name, values] of Object.entries(bounds) as [Name, Float64Array][]) {
        const written = bounds !== fused || fusedNames.includes(name);
        if (written)
          for (const [i, bound] of values.entries()) shares.push(bound / (size[name]?.[i] as number));
      }
    }
  }
  assert.ok(shares.every(Number.isFinite));
  assert.ok(shares.filter((share) => share <= 1e-3).length > shares.length / 2);
});

test("the fused passes are within their bound in both engines, as float64 arithmetic rounded once", () => {
  const small = ofBatch().filter(({ kase }) => !hasLanes(kase));
  assert.deepEqual([...beyond(small, "fused"), ...beyond(ofBatch(), "fusedJavaScript")], []);
  for (const { kase } of small) {
    assertSameBits(fused(judged.webassembly, kase), fused(judged.javascript, kase), kase.name);
  }
});

test("larger tensors are within 5 times that bound in float64, and 1e-6 of the largest value in float32", () => {
  // They are summed around a shift of at most two deviations, Σ d² - (Σ d)²/n: 5 times what remains (is_far in
  // batch_norm_affine.hpp). What float32 keeps is what batch_norm.hpp promises.
  const large = ofBatch().filter(({ kase }) => hasLanes(kase));
  const of = (dtype: string) => large.filter(({ kase }) => kase.dtype === dtype);
  assert.deepEqual([...beyond(of("float64"), "fused", 5), ...beyond(of("float32"), "fused")], []);
});

test("no gradient check of layer, group, instance or RMS norm fails", () => {
  const failed = cases().flatMap((kase) => {
    if (kase.norm === "batch") return [];
    const { verdict, checkerAtFault, nodes } = judged.webassembly.gradcheck(caseOf(kase));
    const wrong = nodes.filter((node) => node.verdict === "fail").map(({ id }) => id);
    return verdict === "fail" || checkerAtFault ? [`${kase.name}: ${wrong.join(", ")}`] : [];
  });
  assert.deepEqual(failed, []);
});

/** Undefined where this case's norm, or its shape, can't have the mistake. */
function withMistake(bn: Backnorm, kase: OracleCase, id: string) {
  try {
    return traced(bn, kase, [id]);
  } catch (error) {
    assert.equal((error as { code?: string }).code, "unknown-mistake"); // known, but not in this norm
    return undefined;
  }
}

test("each mistake of the bank exceeds the bound of a node in some case of each of its norms", () => {
  const { webassembly: bn } = judged;
  const seen = (id: string, kase: OracleCase) => {
    const got = withMistake(bn, kase, id);
    if (!got) return false;
    return kase.names.some((name) => {
      const values = got.get(name) as FloatArray;
      return (
        values.length !== kase.array(`exact.${name}`).length ||
        !(compare(kase, name, values, "gates").share <= 1)
      );
    });
  };
  const rows = bn.mistakes.filter(({ switchable }) => switchable);
  assert.ok(rows.length > 80);
  const unseen = rows.flatMap(({ id, norms: own }) =>
    own
      .filter((norm) => !cases().some((kase) => kase.norm === norm && seen(id, kase)))
      .map((norm) => `${id} of ${norm} norm`),
  );
  assert.deepEqual(unseen, []);
});

test("the committed table equals this run's", () => {
  const committed = readFileSync(tablePath, "utf8");
  const here = versionsOf(judged.grid);
  const why = committed.includes(here) ? "" : `, here with ${here}`;
  assert.equal(committed, asMarkdown(judged.grid, judged.all), `npm run oracle writes it anew${why}`);
});
