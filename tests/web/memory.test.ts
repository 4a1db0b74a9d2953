/** Nothing that was asked of the kernels' memory stays there, and nothing is lost where it is full. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Backnorm, Case, Layer } from "backnorm";
import { attempt, calls, kLargest, room, whereFull, withoutGrowth } from "./full-memory.ts";
import { assertSameBits, engines, javascript, kDispose, webassembly } from "./support.ts";

const sizeOf = (bn: Backnorm) => {
  using layer = bn.layer({ shape: [1, 1] });
  return layer.x.buffer.byteLength;
};

/** Does something, and asserts that the memory is as large as before and has room for as much or, if gaps closed, more. */
async function leavesNothing(bn: Backnorm, what: string, use: () => unknown): Promise<void> {
  const [bytes, values] = [sizeOf(bn), await room(bn)];
  await use();
  assert.equal(sizeOf(bn), bytes, `${what} in ${bn.engine}: bytes`);
  const left = await room(bn);
  assert.ok(left >= values, `${what} in ${bn.engine}: room for ${left} values, before for ${values}`);
}

test("the tests cover every call", () => {
  const needNone = ["graphOf", "parseArray"];
  const methods = Object.entries(webassembly).filter(([, value]) => typeof value === "function");
  const names = [...methods.map(([name]) => name), "presets"];
  assert.deepEqual(Object.keys(calls).sort(), names.filter((name) => !needNone.includes(name)).sort());
});

for (const [bn, times] of [
  [webassembly, 100_000],
  [javascript, 5_000], // which takes as long
] as const) {
  test(`${10 * times} calls in ${bn.engine} leak no memory`, async () => {
    const x = Float64Array.of(1, 2, 3, 5);
    const options = { shape: [2, 2] };
    using layer = bn.layer({ ...options, dtype: "float64" });
    const tenCalls = () => {
      const { y, cache } = bn.forward(x, options);
      const { dx } = bn.backward(y, cache);
      layer.x.set(x);
      layer.dy.set(y);
      for (let pass = 0; pass < 4; pass++) {
        layer.forward();
        layer.backward();
      }
      return { y, dx };
    };
    const want = tenCalls();
    await leavesNothing(bn, "a call of the kernels", () => {
      for (let time = 0; time < times; time++) tenCalls();
    });
    assertSameBits({ y: layer.y.slice(), dx: layer.dx.slice() }, want, "the last of them");
  });
}

for (const name of Object.keys(calls)) {
  test(`${name}, a thousand times in WebAssembly and a hundred in JavaScript, leaks no memory`, async () => {
    for (const bn of engines) {
      await attempt(bn, name);
      await leavesNothing(bn, name, async () => {
        for (let time = 0; time < (bn === webassembly ? 1000 : 100); time++) await attempt(bn, name);
      });
    }
  });
}

test("refused and failed calls leak no memory", async () => {
  const { cs231n } = webassembly.presets;
  const constant: Case = { ...cs231n, x: new Float64Array(20), eps: 0 };
  for (const bn of engines) {
    await leavesNothing(bn, "an error", () => {
      for (let time = 0; time < 200; time++) {
        assert.throws(() => bn.gradcheck(constant), { code: "not-finite" });
        assert.throws(() => bn.diagnose(constant, { dx: new Float64Array(20) }), { code: "not-finite" });
        assert.throws(() => bn.layer({ shape: [2 ** 15, 2 ** 15] }), { code: "out-of-memory" });
        assert.throws(() => bn.infer(cs231n.x, cs231n as never), { code: "not-a-typed-array" });
      }
    });
  }
});

test("an aborted check leaks no memory", async () => {
  const kase: Case = webassembly.presets.cs231nAlt; // of many slices
  for (const bn of engines) {
    const abort = async () => {
      const control = new AbortController();
      const options = { signal: control.signal, onProgress: () => control.abort() };
      await assert.rejects(bn.gradcheckAsync(kase, options), { name: "AbortError" });
    };
    await abort(); // so that the memory is as large as one needs
    await leavesNothing(bn, "an abortion", async () => {
      for (let time = 0; time < 3; time++) await abort();
    });
  }
});

test("hundreds of checks at once take turns: all of them end, in the memory of a few", async () => {
  const [x, gamma, beta, dy] = webassembly.randn(1, [5000, 2500, 2500, 5000]) as Float64Array[];
  const kase = { x, gamma, beta, dy, shape: [2, 2500] } as Case<Float64Array>;
  const want = webassembly.gradcheck(kase); // some 5 MB, of 2 GiB
  const before = sizeOf(webassembly);
  const reports = await Promise.all(Array.from({ length: 420 }, () => webassembly.gradcheckAsync(kase)));
  assertSameBits([reports[0], reports.at(-1)], [want, want], "the first and the last report");
  assert.ok(sizeOf(webassembly) - before < 2 ** 26, `${sizeOf(webassembly) - before} bytes more`);
});

test("an error thrown by onProgress ends the check and leaks no memory", async () => {
  for (const bn of engines) {
    const onProgress = () => {
      throw new Error("enough");
    };
    await leavesNothing(bn, "an error of onProgress", () =>
      assert.rejects(bn.gradcheckAsync(bn.presets.cs231n, { onProgress }), /^Error: enough$/),
    );
  }
});

/** A layer that has run, and what it holds. */
function witness(bn: Backnorm) {
  const layer = bn.layer({ shape: [3, 2] });
  layer.x.set([3, 1, 4, 1, 5, 9]);
  layer.dy.set([2, 7, 1, 8, 2, 8]);
  layer.forward();
  layer.backward();
  const state = () => {
    const { x, y, dy, dx, gamma, beta, dgamma, dbeta, runningMean, runningVar } = layer;
    const all = { x, y, dy, dx, gamma, beta, dgamma, dbeta, runningMean, runningVar };
    return Object.fromEntries(Object.entries(all).map(([name, array]) => [name, array.slice()]));
  };
  const before = state();
  return { layer, assertAsBefore: (what: string) => assertSameBits(state(), before, what) };
}

/** Channels of a layer that leaves room for any of the calls; a channel is 56 bytes, less than most arrays of the calls. */
const kHole = 2000;

for (const bn of engines) {
  for (const name of Object.keys(calls)) {
    test(`${name} in ${bn.engine} survives the failure of each of its allocations`, async () => {
      const right = await attempt(bn, name);
      const { layer, assertAsBefore } = witness(bn);
      const hole = bn.layer({ shape: [1, kHole] });
      await withoutGrowth(() =>
        whereFull(bn, kLargest, async () => {
          hole.dispose();
          const count = { refused: 0, answered: 0 };
          for (let channels = kHole; channels >= 1 && count.answered < 10; channels--) {
            using _plug = bn.layer({ shape: [1, channels] });
            const got = await attempt(bn, name);
            if (got !== "out-of-memory") assertSameBits(got, right, `${name} beside ${channels} channels`);
            count[got === "out-of-memory" ? "refused" : "answered"] += 1;
            assertAsBefore(`a layer beside ${name} and ${channels} channels`);
          }
          assert.ok(count.refused > 0 && count.answered === 10, `${name}: ${JSON.stringify(count)}`);
          using again = bn.layer({ shape: [1, kHole] }); // else something of what was refused is still there
          assert.equal(again.x.length, kHole);
        }),
      );
      layer.dispose();
    });
  }

  test(`when memory is full, layers in ${bn.engine} still work, and disposing of one makes room`, async () => {
    const { layer, assertAsBefore } = witness(bn);
    await withoutGrowth(() =>
      whereFull(bn, kLargest, async ([first]) => {
        for (const name of Object.keys(calls)) assert.equal(await attempt(bn, name), "out-of-memory", name);
        layer.runningMean.fill(0);
        layer.runningVar.fill(1);
        layer.forward();
        layer.backward();
        assertAsBefore("the passes");
        first?.dispose();
        for (const name of Object.keys(calls)) {
          assert.notEqual(await attempt(bn, name), "out-of-memory", name);
        }
      }),
    );
    layer.dispose();
  });
}

const disposed = {
  name: "BacknormTypeError",
  code: "disposed",
  argument: "layer",
  message: "layer: expected a layer in use, got one that was disposed of",
};

test("everything on a disposed layer throws that it was disposed of", () => {
  for (const bn of engines) {
    const layer = bn.layer({ shape: [3, 2] });
    layer.forward();
    layer.dispose();
    const told = ["shape", "training", "momentum"];
    const may = ["constructor", "dispose", ...told];
    const members = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(layer));
    let count = 0;
    for (const [name, { get, set, value }] of Object.entries(members)) {
      if (may.includes(name)) continue;
      count += 1;
      assert.throws(() => (get ?? value).call(layer), disposed, name);
      assert.equal(set, undefined, name);
    }
    assert.equal(count, 12); // ten arrays, two passes
    for (const setting of [{ training: false }, { momentum: 0.5 }])
      assert.throws(() => Object.assign(layer, setting), disposed);
    assert.deepEqual([layer.shape, layer.training, layer.momentum], [[3, 2], true, 0.1]); // which need no memory
  }
});

test("disposing of a layer twice frees nothing of the next one", () => {
  for (const bn of engines) {
    const first = bn.layer({ shape: [3, 2] });
    first.dispose();
    using next = bn.layer({ shape: [3, 2] });
    next.x.fill(7);
    first.dispose();
    first[kDispose]();
    using another = bn.layer({ shape: [3, 2] });
    another.x.fill(5);
    assert.deepEqual([...next.x, ...another.x], [7, 7, 7, 7, 7, 7, 5, 5, 5, 5, 5, 5]);
  }
});

test("`using` disposes of a layer, even if the block throws", () => {
  for (const bn of engines) {
    let kept: Layer | undefined;
    assert.throws(
      () => {
        using layer = bn.layer({ shape: [3, 2] });
        kept = layer;
        layer.backward();
      },
      { code: "no-forward" },
    );
    assert.throws(() => kept?.x, disposed);
  }
});

test("onProgress may grow the memory, start another check, and make and dispose of layers", async () => {
  for (const bn of engines) {
    const kase = bn === webassembly ? bn.presets.iris : bn.presets.cs231n; // the slower one takes less
    const want = bn.gradcheck(kase);
    const size = sizeOf(bn);
    const inner: Promise<unknown>[] = [];
    const onProgress = () => {
      if (inner.length > 0) return;
      const layers: Layer[] = [];
      while (sizeOf(bn) === size) layers.push(bn.layer({ shape: [2 ** 9, 2 ** 9] })); // 4 MiB each
      for (const layer of layers) layer.dispose();
      inner.push(bn.gradcheckAsync(kase));
    };
    assertSameBits(await bn.gradcheckAsync(kase, { onProgress }), want, "the report");
    assertSameBits(await inner[0], want, "the report of the check in between");
  }
});
