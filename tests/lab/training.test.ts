/** Running statistics, as they follow from batches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { type Moments, train } from "../../web/lab/train/training.ts";

const bn = await load();

test("running values follow from the batches, and the batches from the rows of x", () => {
  const kase = bn.presets.cs231n;
  const modes = [true, true, false, true, true];
  const { batches, running } = train(bn, kase, { momentum: 0.3, unbiased: false }, 3, modes);
  let [mean, variance] = [0, 1]; // of column 2
  const rows = [1, 6, 11, 16].map((at) => kase.x[at] as number);
  const possible = new Set<string>();
  for (const a of rows)
    for (const b of rows) for (const c of rows) possible.add(((a + b + c) / 3).toPrecision(9));
  modes.forEach((isTraining, step) => {
    const own = batches[step] as Moments;
    assert.ok(possible.has((own.mean[1] as number).toPrecision(9)), `batch ${step} is not of rows of x`);
    if (isTraining) {
      mean = 0.7 * mean + 0.3 * (own.mean[1] as number);
      variance = 0.7 * variance + 0.3 * (own.variance[1] as number);
    }
    // a few roundings of numbers up to 100
    assert.ok(Math.abs((running[step + 1]?.mean[1] as number) - mean) < 1e-13, `mean after ${step}`);
    assert.ok(
      Math.abs((running[step + 1]?.variance[1] as number) - variance) < 1e-13,
      `variance after ${step}`,
    );
  });
  assert.notDeepEqual(batches[0], batches[1]);
});
