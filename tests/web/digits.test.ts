import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Backnorm } from "backnorm";
import { trainByCalls, trainOnHeap, withGroupNorm } from "./digits.ts";
import { assertSameBits, assertWithin, engines, root } from "./support.ts";

/** What PyTorch makes of the same network: tests/data/digits.py. */
function byTorch(file: string) {
  const lines = readFileSync(join(root, "tests/data", file), "utf8").split("\n");
  const numbers = (name: string) => {
    const line = lines.find((line) => line.startsWith(`${name} `)) ?? "";
    return line.split(" ").slice(1).map(Number);
  };
  return {
    losses: numbers("losses"),
    evalLoss: numbers("eval_loss"),
    trainRight: numbers("train_right"),
    testRight: numbers("test_right"),
  };
}
const batchNormByTorch = byTorch("digits-torch.txt");
const groupNormByTorch = byTorch("digits-group-torch.txt");

/**
 * Relative. Both sides compute in float64 and differ in the order of their sums, of up to 100 terms. An addition rounds
 * by up to 2^-53 ≈ 1.1e-16, and a step hands on what it is off by: 60 steps · 100 terms · 1.1e-16 < 1e-12, were all of it
 * to add up; 2e-15 is seen. digits.py makes sure that no value comes so near to a kink of ReLU, or to a tie between
 * classes, that rounding decides: so the accuracy is exact.
 */
const tolerance = 1e-12;
const near = (want: number[]) => (at: number) => tolerance * (want[at] as number);

const outcomesOf = (bn: Backnorm) => ({ byCalls: trainByCalls(bn), onHeap: trainOnHeap(bn) });
const outcomes = engines.flatMap((bn) => [
  { name: `batch norm in ${bn.engine}`, torch: batchNormByTorch, ...outcomesOf(bn) },
  { name: `group norm in ${bn.engine}`, torch: groupNormByTorch, ...outcomesOf(withGroupNorm(bn, 4)) },
]);

for (const { name, torch, byCalls, onHeap } of outcomes) {
  for (const [way, outcome] of [
    ["calls", byCalls],
    ["a layer", onHeap],
  ] as const) {
    test(`training with ${way} of ${name} follows PyTorch's losses at each of 60 steps`, () => {
      assert.equal(torch.losses.length, 60);
      assertWithin(outcome.losses, torch.losses, near(torch.losses), "losses");
    });

    test(`after training with ${way} of ${name}, eval mode classifies the digits like PyTorch`, () => {
      assertWithin([outcome.evalLoss], torch.evalLoss, near(torch.evalLoss), "loss of the test images");
      assert.deepEqual([outcome.trainRight], torch.trainRight);
      assert.deepEqual([outcome.testRight], torch.testRight);
    });
  }

  test(`training with a layer of ${name} gives the bits of training with calls`, () => {
    assertSameBits(onHeap.losses, byCalls.losses, "losses");
    assertSameBits(onHeap.evalLoss, byCalls.evalLoss, "loss of the test images");
  });
}

test("with batch norm the loss falls in every epoch, and nine of ten unseen digits are right", () => {
  for (const { byCalls } of outcomes.filter(({ torch }) => torch === batchNormByTorch)) {
    const epochs = Array.from({ length: 10 }, (_, epoch) =>
      byCalls.losses.slice(epoch * 6, (epoch + 1) * 6).reduce((sum, loss) => sum + loss, 0),
    );
    for (let epoch = 1; epoch < epochs.length; epoch++) {
      assert.ok((epochs[epoch] as number) < (epochs[epoch - 1] as number), `epoch ${epoch}: ${epochs}`);
    }
    assert.ok(byCalls.testRight > 180, `${byCalls.testRight} of 200`);
  }
});

test("the reference's two ten-line examples are in digits.ts, word for word", () => {
  const program = readFileSync(join(root, "tests/web/digits.ts"), "utf8");
  const reference = readFileSync(join(root, "web/reference/calls.md"), "utf8");
  const blocks = [...reference.matchAll(/^```js\n(.*?)^```$/gms)]
    .map(([, code]) => code as string)
    .filter((code) => code.includes("of batches"));
  assert.equal(blocks.length, 2);
  for (const block of blocks) {
    const indented = block.replace(/^(?=.)/gm, "  ");
    assert.ok(program.includes(`\n${indented}`), `digits.ts has not:\n${block}`);
    assert.equal(block.trimEnd().split("\n").length, 10);
  }
  assert.ok(
    reference.includes(`the accuracy is the same, ${batchNormByTorch.testRight} of 200 unseen images`),
  );
});
