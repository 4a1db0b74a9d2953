/** Arrays that are what a call takes, wherever they lie and come from, and whatever numbers they hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import type { Backnorm, FloatArray, Layer } from "backnorm";
import { resizable, spoilt } from "./bad-values.ts";
import {
  type Argument,
  type Call,
  changedAt,
  everyCall,
  nameOf,
  placesIn,
  valueAt,
  valuesOf,
} from "./every-call.ts";
import { type Arrays, arraysOf as copiesOf, memoryOf } from "./nothing-lost.ts";
import { assertSameBits, engines, webassembly } from "./support.ts";

type Numbers = Float64Array | Uint8Array;
type Class = new (buffer: ArrayBufferLike, offset?: number, length?: number) => Numbers;
const classOf = (array: Numbers) => (array instanceof Float64Array ? Float64Array : Uint8Array) as Class;
const filled = <A extends Numbers>(array: A, from: Numbers): A => {
  for (const [at, value] of from.entries()) array[at] = value;
  return array;
};

const another = runInNewContext("({ Float64Array, Uint8Array })") as Record<string, Class>;
const growable = (size: number): SharedArrayBuffer =>
  Reflect.construct(SharedArrayBuffer, [size, { maxByteLength: 2 * size }]);

type Forms = Record<string, (good: Numbers) => Numbers>;
/** What the memory of the other engine, too, must take. */
const inShared: Forms = {
  "in shared memory": (good) => filled(new (classOf(good))(new SharedArrayBuffer(good.byteLength)), good),
};
/** What is read in the same way for both engines. */
const forms: Forms = {
  ...inShared,
  "in shared memory that may grow": (good) => filled(new (classOf(good))(growable(good.byteLength)), good),
  "in a resizable buffer": (good) =>
    filled(new (classOf(good))(resizable(good.byteLength), 0, good.length), good),
  "as long as its resizable buffer": (good) => filled(new (classOf(good))(resizable(good.byteLength)), good),
  "as long as its buffer that grew": (good) => {
    const buffer = resizable(good.byteLength);
    const array = new (classOf(good))(buffer, 8);
    buffer.resize(good.byteLength + 8);
    return filled(array, good);
  },
  "in the middle of a buffer": (good) =>
    filled(new (classOf(good))(new ArrayBuffer(good.byteLength + 32), 16, good.length), good),
  "of another realm": (good) => {
    const Theirs = another[classOf(good).name] as Class;
    return filled(new Theirs(new ArrayBuffer(good.byteLength)), good);
  },
};

const arraysOf = ({ given }: Call) => placesIn(given).filter(([, { is }]) => is === "array");
const calls = Object.entries(everyCall).filter(([, one]) => arraysOf(one).length > 0);

/** A result without the arrays in it that are the caller's own, which must be those that were given. */
function ownOf(result: unknown, values: Record<string, unknown>): unknown {
  const { cache, ...rest } = Object(result) as { cache?: { x: FloatArray; gamma: FloatArray } };
  if (!cache) return result;
  const { x, gamma, ...saved } = cache;
  assert.equal(x, values.x);
  assert.equal(gamma, valueAt(values, ["options", "gamma"]));
  return { ...rest, saved };
}

/** The numbers in all arrays that were given, since running statistics change in their place. */
const numbersIn = (one: Call, values: unknown) =>
  arraysOf(one).map(([path, { good }]) => {
    const array = valueAt(values, path) as Numbers;
    return Array.from(good?.() as Numbers, (_, at) => array[at]);
  });

for (const [name, one] of calls) {
  test(`${name} takes an array from any realm or kind of buffer`, async () => {
    for (const bn of engines) {
      const plain = valuesOf(one.given);
      const want = ownOf(await one.call(bn, plain), plain);
      const memory = memoryOf(bn);
      const layer = bn.layer({ shape: [4, 5], dtype: "float64" });
      const inMemory = (good: Numbers) =>
        filled(new (classOf(good))(layer.x.buffer, layer.x.byteOffset, good.length), good);
      const all = { ...(bn === webassembly ? forms : inShared), "in the kernels' memory": inMemory };
      for (const [path] of arraysOf(one)) {
        for (const [form, made] of Object.entries(all)) {
          const what = `${nameOf(path)} ${form}`;
          const values = changedAt(valuesOf(one.given), path, (old) => made(old as Numbers));
          assertSameBits(ownOf(await one.call(bn, values), values), want, what);
          assert.deepEqual(numbersIn(one, values), numbersIn(one, plain), `${what}: what was given`);
        }
      }
      layer.dispose();
      assert.deepEqual(memoryOf(bn), memory, "the kernels' memory");
    }
  });
}

/** What stays as it was, in every array of a result that has the same five channels, when the first is spoilt. */
function otherChannels(result: unknown): unknown {
  if (ArrayBuffer.isView(result)) return (result as Float64Array).filter((_, at) => at % 5 !== 0);
  if (typeof result !== "object" || result === null) return null;
  return Object.entries(result).map(([name, inner]) => [name, otherChannels(inner)]);
}

const extremes = [Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324];
/** The table has that they are refused. */
const judges = ({ rows }: Argument) =>
  rows("x").some(([, , , code]) => code === "not-finite" || code === "invalid-resolution");

for (const [name, one] of calls.filter(([name]) => name !== "parseNpy" && name !== "parseNpz")) {
  const places = arraysOf(one).filter(([, argument]) => !judges(argument));
  if (places.length === 0) continue;
  test(`a NaN, an infinity or a huge value in an array of ${name} spoils only its own channel`, async () => {
    for (const bn of engines) {
      const want = otherChannels(await one.call(bn, valuesOf(one.given)));
      for (const [path] of places) {
        for (const extreme of extremes) {
          const values = changedAt(valuesOf(one.given), path, (old) =>
            spoilt(old as Float64Array, 0, extreme),
          );
          const got = await one.call(bn, values);
          if (name.startsWith("diagnose")) continue; // whose findings are of it
          assertSameBits(otherChannels(got), want, `${nameOf(path)} with ${extreme}`);
        }
      }
    }
  });
}

/** Leaves less of the kernels' memory than an array of 256 × 256 takes, and more than anything small. */
function fillUp(bn: Backnorm): Layer[] {
  const layers: Layer[] = [];
  const { size } = memoryOf(bn);
  let end = 0;
  while (size - end > 2 ** 18 + 2 ** 17) {
    const layer = bn.layer({ shape: [2 ** 14, 1] }); // 256 KiB
    end = Math.max(...[layer.x, layer.dx].map(({ byteOffset, byteLength }) => byteOffset + byteLength));
    layers.push(layer);
  }
  return layers;
}

test("calls take a layer's arrays, even if the memory grows and detaches them", () => {
  const bn = webassembly; // a view of the other engine's memory outlives it
  const shape = [256, 256];
  const [x, dy] = bn.randn(7, [65536, 65536]) as [Float64Array, Float64Array];
  const { cache } = bn.forward(x, { shape });
  const { dx } = bn.backward(dy, cache);
  const acts: Record<string, (layer: Layer<Float64Array> | Arrays) => unknown> = {
    forward: ({ x, gamma, beta }) => bn.forward(x, { shape, gamma, beta }).y,
    backward: ({ dy, x, gamma }) => bn.backward(dy, { ...cache, x, gamma }),
    apply: ({ dy, dbeta, dgamma }) => bn.apply(dy, cache, { dbeta, dgamma }),
    trace: ({ x, gamma, beta, dy }) => bn.trace({ x, gamma, beta, dy, shape }),
    taylorTest: ({ x, gamma, beta, dy, dx }) => bn.taylorTest({ x, gamma, beta, dy, shape }, { dx }),
    diagnose: ({ x, gamma, beta, dy, dx }) => bn.diagnose({ x, gamma, beta, dy, shape }, { dx }),
  };
  for (const [name, act] of Object.entries(acts)) {
    const layer = bn.layer({ shape, dtype: "float64" });
    layer.x.set(x);
    layer.dy.set(dy);
    layer.dx.set(dx);
    const want = act(copiesOf(layer));
    const fillers = fillUp(bn);
    const before = layer.x;
    assertSameBits(act(layer), want, name);
    assert.equal(before.length, 0, `${name}: the memory grew`);
    for (const one of [...fillers, layer]) one.dispose();
  }
});
