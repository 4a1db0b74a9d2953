/** What a layer refuses in the state that it is in, and shapes that the kernels' memory can't hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Backnorm, Case } from "backnorm";
import { assertComplaint, type Row, thrownBy } from "./bad-values.ts";
import { arrayNames, arraysOf, newLayer, watch } from "./nothing-lost.ts";
import { assertSameBits, engines, kDispose, webassembly } from "./support.ts";

const { x, gamma, beta, dy } = webassembly.presets.cs231n as Case<Float64Array>;
const shape = [4, 5];
const ones = () => new Float64Array(5).fill(1);

async function assertRefused(bn: Backnorm, call: () => unknown, row: Row): Promise<void> {
  const watched = watch(bn);
  assertComplaint(await thrownBy(call), row);
  watched.assertNothingLost(row[0]);
  watched.end();
}

test("a training that isn't a boolean leaves the layer unchanged", () => {
  for (const bn of engines) {
    const layer = newLayer(bn);
    const before = arraysOf(layer);
    assert.throws(() => Object.assign(layer, { training: 0 }), { code: "not-a-boolean" });
    assert.equal(layer.training, true);
    assertSameBits(arraysOf(layer), before, "the layer");
    layer.dispose();
  }
});

test("backward() before forward() is refused, and the layer still works", async () => {
  const message = "backward(): expected forward() to have run, got a layer that is new";
  for (const bn of engines) {
    const layer = bn.layer({ shape, dtype: "float64" });
    layer.x.set(x);
    layer.dy.set(dy);
    const before = arraysOf(layer);
    await assertRefused(bn, () => layer.backward(), ["", 0, "Range", "no-forward", message]);
    assertSameBits(arraysOf(layer), before, "the layer");
    layer.forward();
    layer.backward();
    const { cache } = bn.forward(x, { shape });
    assertSameBits(layer.dx.slice(), bn.backward(dy, cache).dx, "dx");
    layer.dispose();
  }
});

test("a training pass refused for one value per channel keeps y, the statistics and backward() in eval mode", async () => {
  const expected = "two or more values per channel, for the running variance is unbiased";
  const message = `forward(): expected ${expected}, got [1, 5]`;
  for (const bn of engines) {
    const layer = bn.layer({ shape: [1, 5], dtype: "float64" });
    layer.x.set(gamma);
    layer.dy.set(beta);
    layer.training = false;
    layer.forward();
    layer.training = true;
    const before = arraysOf(layer);
    await assertRefused(bn, () => layer.forward(), ["", 0, "Range", "one-value-per-channel", message]);
    assertSameBits(arraysOf(layer), before, "the layer");
    layer.backward();
    const statistics = { runningMean: new Float64Array(5), runningVar: ones() };
    const want = bn.inferBackward(beta, { x: gamma, shape: [1, 5], ...statistics });
    assertSameBits(layer.dx.slice(), want.dx, "dx by the eval pass");
    layer.dispose();
  }
});

test("a disposed layer refuses everything but dispose()", async () => {
  const message = "layer: expected a layer in use, got one that was disposed of";
  for (const bn of engines) {
    const layer = newLayer(bn);
    layer.dispose();
    layer.dispose();
    layer[kDispose]();
    const acts: Record<string, () => unknown> = {
      "forward()": () => layer.forward(),
      "backward()": () => layer.backward(),
      training: () => Object.assign(layer, { training: false }),
      ...Object.fromEntries(arrayNames.map((name) => [name, () => layer[name]])),
    };
    for (const [what, act] of Object.entries(acts)) {
      await assertRefused(bn, act, [what, undefined, "Type", "disposed", message]);
    }
  }
});

const huge = new Float64Array(2 ** 28); // 2 GiB, none of it touched
const hugeOptions = { shape: [2 ** 14, 2 ** 14] };
const beyond = "shape: expected a shape that fits in the kernels' memory, got [16384, 16384]";

type Complaint = [call: (bn: Backnorm) => unknown, message: string];
const tooLarge: Record<string, Complaint> = {
  "a batch beyond the memory's limit is refused by forward()": [
    (bn) => bn.forward(huge, hugeOptions),
    beyond,
  ],
  "a batch beyond the memory's limit is refused by backward()": [
    (bn) => {
      const perChannel = new Float64Array(2 ** 14);
      return bn.backward(huge, { x: huge, ...hugeOptions, mean: perChannel, invstd: perChannel });
    },
    beyond,
  ],
  "a batch beyond the memory's limit is refused by infer()": [
    (bn) => {
      const perChannel = new Float64Array(2 ** 14);
      return bn.infer(huge, { ...hugeOptions, runningMean: perChannel, runningVar: perChannel });
    },
    beyond,
  ],
  "a batch beyond the memory's limit is refused by statistics()": [
    (bn) => bn.statistics(huge, hugeOptions),
    beyond,
  ],
  "a layer beyond the memory's limit is refused": [
    (bn) => bn.layer(hugeOptions), // 1 GiB each for x, y, dx, dy
    beyond,
  ],
  "a layer of more channels than the memory holds is refused": [
    (bn) => bn.layer({ shape: [1, 2 ** 26], unbiasedRunningVariance: false }), // 256 MiB each for x, y, dx, dy
    "shape: expected a shape that fits in the kernels' memory, got [1, 67108864]",
  ],
  "a layer whose bytes 32 bits cannot count is refused": [
    (bn) => bn.layer({ shape: [65536, 32768] }),
    "shape: expected a shape that fits in the kernels' memory, got [65536, 32768]",
  ],
};
for (const [what, [call, message]] of Object.entries(tooLarge)) {
  test(what, async () => {
    for (const bn of engines)
      await assertRefused(bn, () => call(bn), [what, undefined, "Range", "out-of-memory", message]);
  });
}
