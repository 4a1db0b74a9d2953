/** Our results beside the values that other libraries publish in their tests (tests/data/peers), within their tolerances. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FloatArray } from "backnorm";
import { type PeerCase, peers, type Result, type Tolerance } from "./peers.ts";
import { engines, kinds, webassembly } from "./support.ts";

type Engine = (typeof engines)[number];
type Results = { [Name in Result]?: ArrayLike<number> | undefined };

const all = peers.flatMap(({ cases }) => cases);

/** The options that say what a shape means. */
const placeOf = ({ norm, shape, axis, groups, normalizedDims }: PeerCase) => ({
  ...{ norm, shape, axis, groups, normalizedDims },
});

/** The arrays of a case as a caller has them. */
function inputsOf(one: PeerCase) {
  const take = (values: number[] | undefined) => values && kinds[one.dtype].from(values);
  const { x, gamma, beta, mean, var: variance, dy, runningMean, runningVar } = one;
  return {
    ...{ x: kinds[one.dtype].from(x) as FloatArray, dy: take(dy) as FloatArray },
    ...{ gamma: take(gamma), beta: take(beta), mean: take(mean), variance: take(variance) },
    ...{ runningMean: take(runningMean), runningVar: take(runningVar) },
  };
}

/** By the calls that take and return arrays. */
function byCalls(bn: Engine, one: PeerCase, eps = one.eps): Results {
  const { x, dy, gamma, beta, mean, variance, runningMean, runningVar } = inputsOf(one);
  const { momentum, decay, unbiased } = one;
  const options = { ...placeOf(one), gamma, eps };
  if (one.mode === "statistics") {
    const found = bn.statistics(x, { shape: one.shape, axis: one.axis });
    return { mean: found.mean, var: found.m2.map((sum) => sum / found.count) };
  }
  if (one.mode === "eval")
    return { y: bn.infer(x, { ...options, beta, runningMean: mean, runningVar: variance }) };
  if (one.mode === "eval-backward")
    return { ...bn.inferBackward(dy, { ...options, x, runningMean: mean, runningVar: variance }) };
  if (one.mode === "saved-backward") return { ...bn.backward(dy, { ...options, x, mean, variance }) };
  if (one.mode === "fit") return fitted(bn, one, eps);
  const running = runningMean &&
    runningVar && { mean: runningMean, var: runningVar, momentum, decay, unbiased };
  const { y, cache } = bn.forward(x, { ...options, beta, running });
  return {
    ...{ y, mean: cache.mean, invstd: cache.invstd, runningMean, runningVar },
    ...(one.norm === "batch" && {
      var: cache.var,
      yAfterwards: running && bn.infer(x, { ...options, beta, runningMean, runningVar }),
    }),
    ...(one.mode === "backward" && bn.backward(dy, cache)),
  };
}

/** By a layer, which has no calls for statistics, keeps its own, and has no fit of its own here. */
function byLayer(bn: Engine, one: PeerCase, eps = one.eps): Results {
  if (["statistics", "saved-backward", "fit"].includes(one.mode)) return {};
  const { x, dy, gamma, beta, mean, variance, runningMean, runningVar } = inputsOf(one);
  const training = one.mode === "train" || one.mode === "backward";
  const { dtype, momentum, decay, unbiased } = one;
  const layer = bn.layer({
    ...{ ...placeOf(one), dtype, gamma, beta, eps, training },
    ...{ runningMean: mean ?? runningMean, runningVar: variance ?? runningVar },
    ...{ momentum, decay, unbiasedRunningVariance: unbiased },
  });
  try {
    layer.x.set(x);
    layer.forward();
    const found: Results = { y: layer.y.slice() };
    if (one.norm === "batch")
      Object.assign(found, { runningMean: layer.runningMean.slice(), runningVar: layer.runningVar.slice() });
    if (dy) {
      layer.dy.set(dy);
      layer.backward();
      const { dx, dgamma, dbeta } = layer;
      Object.assign(found, { dx: dx.slice(), dgamma: dgamma.slice(), dbeta: dbeta.slice() });
    }
    if (one.expected.yAfterwards) {
      layer.training = false;
      layer.forward();
      found.yAfterwards = layer.y.slice();
    }
    return found;
  } finally {
    layer.dispose();
  }
}

/** Gradient descent on the mean squared distance to the targets; kernels begin with ones, biases with zeros. */
function fitted(bn: Engine, one: PeerCase, eps = one.eps): Results {
  const { before, after, targets, rate, epochs } = one.fit as NonNullable<PeerCase["fit"]>;
  const Kind = kinds[one.dtype];
  const size = one.shape.reduce((a, b) => a * b);
  const batch = one.norm === "batch";
  const units = one.shape.at(-1) as number;
  const parameters = batch ? units : one.shape.slice(-(one.normalizedDims ?? 1)).reduce((a, b) => a * b);
  const [gamma, beta] = [new Kind(parameters).fill(1), new Kind(parameters)];
  const rule = { decay: one.decay, unbiased: one.unbiased };
  const running = batch ? { mean: new Kind(units), var: new Kind(units).fill(1), ...rule } : undefined;
  const inputs = before?.inputs ?? 0;
  const [kernelBefore, biasBefore] = [new Kind(inputs * units).fill(1), new Kind(units)];
  const features = size / targets.length;
  const [kernelAfter, biasAfter] = [new Kind(features).fill(1), new Kind(1)];
  const at = (values: ArrayLike<number>, i: number) => values[i] as number;
  const ofLength = (length: number, value: (i: number) => number): FloatArray =>
    Kind.from(Array.from({ length }, (_, i) => value(i)));
  const sum = (n: number, term: (i: number) => number) =>
    Array.from({ length: n }, (_, i) => term(i)).reduce((a, b) => a + b, 0);
  const step = (values: FloatArray, gradient: (i: number) => number) =>
    values.set(Array.from(values, (value, i) => value - rate * gradient(i)));
  const losses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const x = before
      ? ofLength(size, (i) => {
          const [row, unit] = [Math.floor(i / units), i % units];
          const product = sum(
            inputs,
            (k) => at(one.x, row * inputs + k) * at(kernelBefore, k * units + unit),
          );
          return product + at(biasBefore, unit);
        })
      : (Kind.from(one.x) as FloatArray);
    const { y, cache } = bn.forward(x, { ...placeOf(one), gamma, beta, eps, running });
    const outputs = after
      ? targets.map(
          (_, row) => sum(features, (i) => at(y, row * features + i) * at(kernelAfter, i)) + at(biasAfter, 0),
        )
      : Array.from(y);
    const off = outputs.map((output, i) => output - at(targets, i));
    losses.push(sum(off.length, (i) => at(off, i) ** 2) / off.length);
    const slopes = off.map((distance) => (2 * distance) / off.length);
    const dy = ofLength(size, (i) =>
      after ? at(slopes, Math.floor(i / features)) * at(kernelAfter, i % features) : at(slopes, i),
    );
    const { dx, dgamma, dbeta } = bn.backward(dy, cache);
    if (after) step(kernelAfter, (i) => sum(slopes.length, (r) => at(slopes, r) * at(y, r * features + i)));
    if (after?.bias) step(biasAfter, () => sum(slopes.length, (r) => at(slopes, r)));
    step(gamma, (i) => at(dgamma, i));
    step(beta, (i) => at(dbeta, i));
    if (!before) continue;
    const rows = size / units;
    step(kernelBefore, (i) => {
      const [k, unit] = [Math.floor(i / units), i % units];
      return sum(rows, (row) => at(one.x, row * inputs + k) * at(dx, row * units + unit));
    });
    if (before.bias) step(biasBefore, (unit) => sum(rows, (row) => at(dx, row * units + unit)));
  }
  return {
    losses,
    gamma,
    beta,
    kernelBefore,
    kernelAfter,
    runningMean: running?.mean,
    runningVar: running?.var,
  };
}

/** How many steps of float32 lie between two numbers. */
function stepsBetween(a: number, b: number): number {
  const place = (value: number) => {
    const bits = new Int32Array(Float32Array.of(value).buffer)[0] as number;
    return bits < 0 ? -(2 ** 31) - bits : bits;
  };
  return Math.abs(place(a) - place(b));
}

function isNear(got: number, want: number, tolerance: Tolerance, unit: number): boolean {
  const off = Math.abs(got - want);
  if ("decimals" in tolerance)
    return Math.round(got * 10 ** tolerance.decimals) === Math.round(want * 10 ** tolerance.decimals);
  if ("ulps" in tolerance) return stepsBetween(got, want) <= tolerance.ulps;
  if ("units" in tolerance) return off <= tolerance.units * unit;
  const { absolute = 0, relative = 0, of } = tolerance;
  if (of === "max") return off <= Math.max(absolute, relative * Math.max(Math.abs(got), Math.abs(want)));
  return off <= absolute + relative * Math.abs(want);
}

/** What of `found` is not what the source expects; `compared` gets the names of what was there to compare. */
function differences(one: PeerCase, found: Results, compared: Set<string>): string[] {
  const { expected, tolerance, dtype } = one;
  return Object.entries(expected).flatMap(([name, want]) => {
    const got = found[name as Result];
    if (!got) return [];
    compared.add(name);
    if (got.length !== want.length) return [`${name}: ${got.length} values, expected ${want.length}`];
    const largest = want.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const unit = largest * 2 ** (dtype === "float32" ? -23 : -52);
    const at = want.findIndex((value, i) => !isNear(got[i] as number, value, tolerance, unit));
    if (at < 0) return [];
    return [`${name}[${at}] is ${got[at]}, expected ${want[at]} within ${JSON.stringify(tolerance)}`];
  });
}

/** How many cases have each value of a key. */
function countsOf(key: "norm" | "mode"): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of all) counts[one[key]] = (counts[one[key]] ?? 0) + 1;
  return counts;
}
const listed = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .sort()
    .join(", ");

for (const { project, cases, skipped } of peers) {
  const left = skipped.reduce((total, { count }) => total + count, 0);
  test(`${cases.length} cases of ${project} give its values within its tolerance; ${left} of its tests are left out`, () => {
    for (const bn of engines) {
      for (const one of cases) {
        const compared = new Set<string>();
        for (const [how, run] of [
          ["calls", byCalls],
          ["layer", byLayer],
        ] as const) {
          const wrong = differences(one, run(bn, one), compared);
          assert.deepEqual(wrong, [], `${one.name}, by ${how}, in ${bn.engine}`);
        }
        assert.ok(compared.size > 0, one.name);
        assert.deepEqual([...compared].sort(), Object.keys(one.expected).sort(), one.name);
      }
    }
  });
}

test(`${all.length} cases, of 150 at least, have every norm and mode: ${listed(countsOf("norm"))}; ${listed(countsOf("mode"))}`, () => {
  assert.ok(all.length >= 150);
  assert.deepEqual(Object.keys(countsOf("norm")).sort(), ["batch", "group", "instance", "layer", "rms"]);
  const modes = ["backward", "eval", "eval-backward", "fit", "saved-backward", "statistics", "train"];
  assert.deepEqual(Object.keys(countsOf("mode")).sort(), modes);
});

test("each file names its source, and the reason for everything that it leaves out", () => {
  for (const { project, version, licence, files, toleranceFrom, cases, skipped } of peers) {
    for (const text of [project, version, licence, files, toleranceFrom]) assert.ok(text, project);
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length, `${project}: names`);
    for (const { name, reason } of skipped) assert.ok(name && reason, `${project}: ${name}`);
  }
});

test("an eps that is 1 too large makes nine of ten cases fail", () => {
  const failing = (more: number) =>
    withEps.filter(
      (one) => differences(one, byCalls(webassembly, one, one.eps + more), new Set()).length > 0,
    );
  const withEps = all.filter((one): one is PeerCase & { eps: number } => one.eps !== undefined);
  assert.deepEqual(failing(0), []);
  const share = failing(1).length / withEps.length;
  assert.ok(share > 0.9, `${failing(1).length} of ${withEps.length}`);
});
