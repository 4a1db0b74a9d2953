/** The halves of both passes: what parts of a batch give together is what the whole gives. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Backnorm, type Backward, type FloatArray, type Layout, load, type Sums } from "backnorm";

const engines = [await load(), await load({ engine: "javascript" })];
const [bn] = engines as [Backnorm];

interface Tensor {
  shape: number[];
  layout: Layout;
}
/** Cuts a tensor along its first axis. */
function cut<A extends FloatArray>(array: A, { shape }: Tensor, lengths: readonly number[]): A[] {
  const row = shape.slice(1).reduce((a, b) => a * b, 1);
  const begins = lengths.map((_, at) => lengths.slice(0, at).reduce((a, b) => a + b, 0));
  return lengths.map((length, at) => {
    const begin = begins[at] as number;
    return array.slice(begin * row, (begin + length) * row) as A;
  });
}
const add = (arrays: readonly Float64Array[]) =>
  arrays.reduce((sum, array) => sum.map((value, at) => value + (array[at] as number)));
const concat = (arrays: readonly FloatArray[]) => arrays.flatMap((array) => [...array]);

function assertNear(found: ArrayLike<number>, wanted: ArrayLike<number>, share: number, what: string) {
  assert.equal(found.length, wanted.length, what);
  const most = Math.max(...Array.from(wanted, Math.abs));
  for (let i = 0; i < wanted.length; i += 1) {
    const error = Math.abs((found[i] as number) - (wanted[i] as number));
    assert.ok(error <= share * most, `${what}[${i}] is off by ${error / most} of the largest`);
  }
}

const tensors: Tensor[] = [
  { shape: [12, 5], layout: "channels-first" },
  { shape: [12, 3, 4], layout: "channels-first" },
  { shape: [12, 4, 3], layout: "channels-last" },
  { shape: [12, 2, 5, 3], layout: "channels-first" },
];

test("parts of any length together give y, dx, dgamma and dbeta of the whole batch", () => {
  for (const engine of engines) {
    for (const tensor of tensors) {
      for (const ddof of [0, 1] as const) {
        for (const single of [false, true]) {
          const size = tensor.shape.reduce((a, b) => a * b, 1);
          const channels =
            tensor.layout === "channels-first"
              ? (tensor.shape[1] as number)
              : (tensor.shape.at(-1) as number);
          const drawn = engine.randn(size, [size, channels, channels, size]);
          const kind = (array: Float64Array) => (single ? Float32Array.from(array) : array);
          const [x, gamma, beta, dy] = drawn.map(kind) as [FloatArray, FloatArray, FloatArray, FloatArray];
          const options = { ...tensor, gamma, beta, eps: 1e-3, ddof };
          const { y, cache } = engine.forward(x, options);
          const whole: Backward = engine.backward(dy, cache);

          const lengths = [1, 4, 7];
          const xs = cut(x, tensor, lengths);
          const dys = cut(dy, tensor, lengths);
          const partOf = (at: number) => ({
            ...options,
            shape: [lengths[at] as number, ...tensor.shape.slice(1)],
          });
          const statistics = engine.mergeStatistics(
            xs.map((part, at) => engine.statistics(part, partOf(at))),
          );
          const forwards = xs.map((part, at) => engine.normalize(part, statistics, partOf(at)));
          const each = forwards.map((part, at) => engine.sums(dys[at] as FloatArray, part.cache));
          const total: Sums = {
            dbeta: add(each.map(({ dbeta }) => dbeta)),
            dgamma: add(each.map(({ dgamma }) => dgamma)),
          };
          const dxs = forwards.map((part, at) => engine.apply(dys[at] as FloatArray, part.cache, total));

          // Sums of up to 180 values in another order, in float64; float32 results round once more.
          const share = single ? 4e-7 : 1e-13;
          const what = `${engine.engine} ${tensor.shape.join("×")} ddof ${ddof}${single ? " float32" : ""}`;
          assertNear(concat(forwards.map((part) => part.y)), y, share, `${what}: y`);
          assertNear(concat(dxs), whole.dx, share, `${what}: dx`);
          assertNear(total.dgamma, whole.dgamma, share, `${what}: dgamma`);
          assertNear(total.dbeta, whole.dbeta, share, `${what}: dbeta`);
        }
      }
    }
  }
});

test("statistics of one part are its mean and sum of squares, and merging a single part changes nothing", () => {
  const part = bn.statistics(Float64Array.of(1, 10, 3, 20, 5, 60), { shape: [3, 2] });
  assert.deepEqual(part, { count: 3, mean: Float64Array.of(3, 30), m2: Float64Array.of(8, 1400) });
  assert.deepEqual(bn.mergeStatistics([part]), part);
  const merged = bn.mergeStatistics([part, bn.statistics(Float64Array.of(7, 30), { shape: [1, 2] })]);
  assert.deepEqual(merged, { count: 4, mean: Float64Array.of(4, 30), m2: Float64Array.of(20, 1400) });
});

test("statistics that are plain arrays are refused, and the first is named", () => {
  const plain = { count: 3, mean: [1, 2], m2: [0, 0] } as never;
  assert.throws(() => bn.mergeStatistics([plain]), {
    name: "BacknormTypeError",
    argument: "parts[0].mean",
  });
});
