/** The small module of the page: what it answers is what the whole one does, though nothing of Embind is in it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Case } from "backnorm";
import { createChecker } from "../../web/src/checker.ts";
import { startChecker } from "../../web/src/checker-module.ts";
import { assertSameBits, root, webassembly } from "./support.ts";

const small = await startChecker(() => readFile(join(root, "dist/page/checker.wasm")));
const checker = createChecker(small, "webassembly");

/** N·D values without a pattern. */
const waves = (rows: number, columns: number): Case<Float64Array> => {
  const wave = (size: number, speed: number) =>
    Float64Array.from({ length: size }, (_, i) => Math.sin(i * speed));
  const [x, dy] = [wave(rows * columns, 1.7), wave(rows * columns, 2.3)];
  return { x, dy, gamma: wave(columns, 0.7), beta: wave(columns, 1.1), shape: [rows, columns] };
};

test("the small module has the tables of the whole one", () => {
  assert.deepEqual(checker.graph, webassembly.graph);
  assert.deepEqual(
    checker.mistakes,
    webassembly.mistakes
      .filter(({ switchable }) => switchable)
      .map(({ id, edges, nodes, switchable }) => ({ id, edges, nodes, switchable })),
  );
});

test("the small module traces and checks to the last bit as the whole one does, whatever the mistake", () => {
  const compare = (kase: Case<Float64Array>, mistakes: string[], what: string) => {
    assertSameBits(checker.trace(kase, { mistakes }), webassembly.trace(kase, { mistakes }), what);
    assertSameBits(checker.gradcheck(kase, { mistakes }), webassembly.gradcheck(kase, { mistakes }), what);
  };
  for (const [name, kase] of Object.entries(webassembly.presets)) compare(kase, [], name);
  for (const { id } of checker.mistakes) compare(waves(5, 3), [id], id);
  compare(waves(5, 3), ["transposed", "no-gamma"], "two mistakes");
});

test("the small module is right while its memory grows", () => {
  const kase = waves(2048, 64); // 1 MB a tensor, and dozens of them
  assertSameBits(checker.trace(kase), webassembly.trace(kase), "trace");
});

test("the small module says what it refuses", () => {
  const constant = { ...waves(3, 2), x: new Float64Array(6), eps: 0 };
  assert.throws(() => checker.gradcheck(constant), { code: "not-finite" });
  assert.throws(() => checker.trace(waves(3, 2), { mistakes: ["none"] }), { code: "unknown-mistake" });
  const run = small.TraceRunFloat64.make();
  assert.ok(run);
  assert.equal(run.reserve(2 ** 14, 2 ** 14, 1e-5, 0), "out-of-memory"); // 4 GiB of x and dy
  assert.equal(run.reserve(4, 5, 1e-5, 0), "ok");
  run.delete();
});

test("a run of the small module frees its memory", () => {
  const kase = waves(512, 64);
  for (let i = 0; i < 10; i++) checker.trace(kase);
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 100; i++) checker.trace(kase);
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  // A trace of this case holds 6 MB: 600 if none were freed.
  assert.ok(grown < 200, `${grown.toFixed()} MB more`);
});
