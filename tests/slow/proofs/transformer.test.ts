/** The example of a transformer as its reader runs it, with the package that npm would publish. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { install, root, run } from "../packed.ts";

test("npm start prints PyTorch's loss of every tenth step, and the text that was learnt", async () => {
  const torch = await readFile(join(root, "tests/data/transformer-torch.txt"), "utf8");
  const example = await readFile(join(root, "web/examples/transformer/transformer.js"), "utf8");
  const text = example.match(/^export const text = "(.*)";$/m)?.[1] as string;
  const wanted = ["layer", "rms"].flatMap((norm) => {
    const line = torch.split("\n").find((line) => line.startsWith(`${norm} `)) ?? "";
    const losses = line.split(" ").slice(1);
    assert.equal(losses.length, 50);
    const shown = [0, 10, 20, 30, 40].map((step) => `step ${step}: loss ${Number(losses[step]).toFixed(6)}`);
    return [`${norm} norm`, ...shown, text];
  });

  const project = await install(["transformer"], { offline: true });
  const printed = await run("npm", ["start", "--silent"], project);
  assert.deepEqual(printed.trim().split("\n"), wanted);
});
