import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Backnorm } from "backnorm";
// @ts-expect-error: the example is JavaScript without types
import * as example from "../../web/examples/transformer/transformer.js";
import { assertWithin, engines, root } from "./support.ts";

const { text, train } = example as {
  text: string;
  train(bn: Backnorm, options: { norm: "layer" | "rms" }): { losses: number[]; sample: string };
};

/** What PyTorch makes of the same model: tests/data/transformer.py. */
const torchLines = readFileSync(join(root, "tests/data/transformer-torch.txt"), "utf8").split("\n");

/**
 * Both sides compute in float64 and differ in the order of their sums, of up to 64 terms, of which a pass has about ten
 * one after another. An addition rounds by up to 2^-53 ≈ 1.1e-16: 50 steps · 10 sums · 64 terms · 1.1e-16 < 1e-11, were
 * all of it to add up; 2e-15 is seen. The rate is so small that no step makes the errors of earlier ones larger.
 */
const tolerance = 1e-11;

for (const bn of engines) {
  for (const norm of ["layer", "rms"] as const) {
    test(`a transformer with ${norm} norm in ${bn.engine} follows PyTorch's losses and learns its text`, () => {
      const line = torchLines.find((line) => line.startsWith(`${norm} `)) ?? "";
      const losses = line.split(" ").slice(1).map(Number);
      const trained = train(bn, { norm });
      assert.equal(losses.length, 50);
      assertWithin(trained.losses, losses, () => tolerance, "losses");
      assert.equal(trained.sample, text);
    });
  }
}
