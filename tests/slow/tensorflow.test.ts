/** The example of a layer of TensorFlow.js whose passes are the package's, beside what TensorFlow.js does alone. */
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { install, run } from "./packed.ts";

type Values = Record<"x" | "gamma" | "beta" | "dy" | "y" | "dx" | "dgamma" | "dbeta", number[]>;
type Passes = Record<"matrix" | "images", Values>;

let project = "";
before(async () => {
  project = await install(["tensorflow"]);
  await cp(fileURLToPath(new URL("tensorflow", import.meta.url)), project, { recursive: true });
});

/** What a script prints by the example's layer, and by that of TensorFlow.js in its place. */
async function beside<T>(script: string, read: (printed: string) => T) {
  const code = await readFile(join(project, script), "utf8");
  assert.ok(code.includes('from "./batch-norm.js"'));
  await writeFile(join(project, "alone.js"), code.replace("./batch-norm.js", "./through-moments.js"));
  const printed = async (name: string) => read(await run(process.execPath, [name], project));
  return { backnorm: await printed(script), tensorflow: await printed("alone.js") };
}

// TensorFlow.js goes through four sums of m values, each of the one before (mean, var, and their gradients), and a dozen
// other operations, in float32: a sum in any order is off by at most m u of the magnitudes of its terms, an operation by
// u, to first order. What the package adds, with its sums in float64, is in the dozen.
const u = 2 ** -24;
const boundOf = (m: number) => (4 * m + 12) * u;
const eps = 1e-3;

/** What each value would be if nothing in it cancelled, the channels last. */
function magnitudes({ x, gamma, beta, dy }: Values) {
  const channels = gamma.length;
  const m = x.length / channels;
  const sum = (channel: number, term: (at: number) => number) =>
    Array.from({ length: m }, (_, row) => term(row * channels + channel)).reduce((a, b) => a + b);
  const size = (values: number[], at: number) => Math.abs(values[at] as number);
  const perChannel = gamma.map((_, channel) => {
    const mean = sum(channel, (at) => x[at] as number) / m;
    const spread = sum(channel, (at) => size(x, at)) / m;
    const invstd = 1 / Math.sqrt(sum(channel, (at) => ((x[at] as number) - mean) ** 2) / m + eps);
    const xhat = (at: number) => (size(x, at) + spread) * invstd;
    const dbeta = sum(channel, (at) => size(dy, at));
    const dgamma = sum(channel, (at) => size(dy, at) * xhat(at));
    return { xhat, invstd, dgamma, dbeta };
  });
  const each = (value: (of: (typeof perChannel)[number], at: number, channel: number) => number) =>
    x.map((_, at) => value(perChannel[at % channels] as (typeof perChannel)[number], at, at % channels));
  return {
    y: each(({ xhat }, at, channel) => size(gamma, channel) * xhat(at) + size(beta, channel)),
    dx: each(
      ({ xhat, invstd, dgamma, dbeta }, at, channel) =>
        size(gamma, channel) * invstd * (size(dy, at) + (dbeta + xhat(at) * dgamma) / m),
    ),
    dgamma: perChannel.map(({ dgamma }) => dgamma),
    dbeta: perChannel.map(({ dbeta }) => dbeta),
  };
}

for (const [name, m] of [
  ["matrix", 16],
  ["images", 24],
] as const) {
  test(`a customGrad on the package has the value and gradients of tf.moments: ${name}`, async () => {
    const passes = await beside("passes.js", (printed) => JSON.parse(printed) as Passes);
    const [backnorm, tensorflow] = [passes.backnorm[name], passes.tensorflow[name]];
    for (const [array, sizes] of Object.entries(magnitudes(tensorflow)) as [keyof Values, number[]][]) {
      assert.equal(backnorm[array].length, sizes.length);
      for (const [at, size] of sizes.entries()) {
        const [ours = Number.NaN, theirs = Number.NaN] = [backnorm[array][at], tensorflow[array][at]];
        const off = Math.abs(ours - theirs);
        assert.ok(
          off <= boundOf(m) * size,
          `${array}[${at}]: ${ours}, expected ${theirs} ± ${boundOf(m) * size}`,
        );
      }
    }
  });
}

test("a model trains with the customGrad as with TensorFlow.js alone", async () => {
  const { backnorm, tensorflow } = await beside("main.js", (printed) =>
    printed.trim().split("\n").map(Number),
  );
  assert.equal(backnorm.length, 10);
  for (const [step, theirs] of tensorflow.entries()) {
    // every step adds what one pass may be off by, on a batch of 32
    const bound = (step + 1) * boundOf(32) * theirs;
    const ours = backnorm[step] ?? Number.NaN;
    assert.ok(Math.abs(ours - theirs) <= bound, `step ${step}: ${ours}, expected ${theirs} ± ${bound}`);
  }
  assert.ok((backnorm[9] as number) < (backnorm[0] as number) / 3, `${backnorm}`);
});
