/** What must come through a refused call as it was. */
import assert from "node:assert/strict";
import type { Backnorm, Case, FloatArray, Layer } from "backnorm";
import { assertSameBits, webassembly } from "./support.ts";

const { x, gamma, beta, dy } = webassembly.presets.cs231n as Case<Float64Array>;
const shape = [4, 5];

export const arrayNames = [
  ...(["x", "dy", "gamma", "beta"] as const),
  ...(["y", "dx", "dgamma", "dbeta"] as const),
  ...(["runningMean", "runningVar"] as const),
];
export type Arrays<A extends FloatArray = Float64Array> = Record<(typeof arrayNames)[number], A>;
/** Copies of all arrays. */
export const arraysOf = <A extends FloatArray>(layer: Layer<A>) => {
  const copies = arrayNames.map((name) => [name, layer[name].slice()]);
  return Object.fromEntries(copies) as Arrays<A>;
};

/** A layer between its forward and its backward pass. */
export function newLayer(bn: Backnorm): Layer<Float64Array> {
  const layer = bn.layer({ shape, dtype: "float64" });
  layer.x.set(x);
  layer.gamma.set(gamma);
  layer.beta.set(beta);
  layer.forward();
  layer.dy.set(dy);
  return layer;
}

/** More than any gap that freed memory has left between what is in use. */
const kLarge = [64, 64];

/** How large the kernels' memory is, and where it is free: what is not given back comes to lie in front. */
export function memoryOf(bn: Backnorm): { size: number; free: number } {
  const layer = bn.layer({ shape: kLarge });
  const { byteOffset: free, buffer } = layer.x;
  layer.dispose();
  return { size: buffer.byteLength, free };
}

const passesOf = (bn: Backnorm) => bn.backward(dy, bn.forward(x, { shape, gamma, beta }).cache);

/**
 * Watches over an object while it is given what it refuses. `assertNothingLost` holds it against what it was: a layer
 * in the middle of its step, the kernels' memory, what is free of it, the results of a next call. `end` finishes that
 * step.
 */
export function watch(bn: Backnorm) {
  const want = passesOf(bn);
  const layer = newLayer(bn);
  const before = arraysOf(layer);
  const memory = memoryOf(bn);
  return {
    assertNothingLost(what: string) {
      for (const name of arrayNames)
        assertSameBits(layer[name], before[name], `${what}: the layer's ${name}`);
      const { size, free } = memoryOf(bn);
      assert.equal(size, memory.size, `${what}: the size of the kernels' memory`);
      assert.equal(free, memory.free, `${what}: where the kernels' memory is free`);
      assertSameBits(passesOf(bn), want, `${what}: the next call`);
    },
    end() {
      layer.backward();
      const { dx, dgamma, dbeta } = arraysOf(layer);
      layer.dispose();
      assertSameBits({ dx, dgamma, dbeta }, want, "the layer's backward pass");
    },
  };
}
