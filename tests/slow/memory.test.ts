/** The memory grown as far as it may. The JavaScript engine copies its own to grow it, which would take 4 GB here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { attempt, calls, whereFull } from "../web/full-memory.ts";
import { assertSameBits } from "../web/support.ts";

test("at 2 GiB the memory refuses every request, loses nothing, and works again when something is freed", async () => {
  const bn = await load({ engine: "webassembly" });
  using layer = bn.layer({ shape: [3, 2] });
  layer.x.set([3, 1, 4, 1, 5, 9]);
  layer.forward();
  const before = layer.y.slice();
  const names = Object.keys(calls);
  await whereFull(bn, 2 ** 22, async ([first, ...others]) => {
    assert.equal(layer.x.buffer.byteLength, 2 ** 31);
    assert.ok(others.length >= 8, `${others.length} layers of up to 235 MB`);
    const asked = { code: "out-of-memory", message: /^shape: expected .* memory, got \[2, 1000, 7, 7\]$/ };
    assert.throws(() => bn.layer({ shape: [2, 1000, 7, 7] }), asked);
    for (const name of names) assert.equal(await attempt(bn, name), "out-of-memory", name);
    layer.forward();
    assertSameBits(layer.y.slice(), before, "the layer from before");
    first?.dispose();
    for (const name of names) assert.notEqual(await attempt(bn, name), "out-of-memory", name);
  });
  using large = bn.layer({ shape: [2 ** 26, 1] }); // of 1 GiB, where the many were
  assert.equal(large.x.length, 2 ** 26);
  assertSameBits(layer.y.slice(), before, "the layer from before");
});
