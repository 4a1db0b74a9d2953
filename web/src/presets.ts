import { outOfMemory, seedOf, sizesOf } from "./arguments.ts";
import type { Case, NormCase } from "./case.ts";
import { hiddenDigits } from "./digits.ts";
import { irisMeasurements } from "./iris.ts";
import { type Module, make } from "./module.ts";
import { product } from "./tensor.ts";

/** Cases to begin with; every access gives a fresh copy. randn draws x, gamma, beta and dy, in this order. */
export interface Presets {
  /** CS231n's test case: seed 231, 4×5, x = 5·randn + 12; then gamma, beta, dy from randn. */
  readonly cs231n: Case<Float64Array>;
  /** The same at 100×500, the shape of CS231n's second cell, which compares with the closed form. */
  readonly cs231nAlt: Case<Float64Array>;
  /**
   * The batch norm of makemore, /(N - 1): its seed 2147483647, 32×64, x = 5/3·randn, gamma = 1 + 0.1·randn, beta =
   * 0.1·randn, dy = randn/32.
   */
  readonly makemore: Case<Float64Array>;
  /** A case to check by hand, 4×3: whole numbers with whole means and standard deviations, eps 0. */
  readonly notes: Case<Float64Array>;
  /** Fisher's iris measurements, 150×4, in centimetres; gamma, beta, dy from randn, seed 1936. */
  readonly iris: Case<Float64Array>;
  /** Eight hidden units of a network that learns handwritten digits, on 20 digits, with the gradient of its loss. */
  readonly digits: Case<Float64Array>;
  /** A mean much larger than the spread: seed 5, 8×3, x = randn + 10⁶. */
  readonly largeMean: Case<Float64Array>;
  /** Seed 3, 6×4, x = 3·randn + 2, except for the third column, which is 3.25 everywhere. */
  readonly constantChannel: Case<Float64Array>;
  /** Seed 2, 2×3, x = 3·randn + 2. */
  readonly twoRows: Case<Float64Array>;
  /** CS231n's case for layer norm, [4, 5]: the numbers of cs231n. */
  readonly layernorm: Case<Float64Array>;
  /** CS231n's case for batch norm of [2, 3, 4, 5]: seed 231, x = 5·randn + 12. */
  readonly spatial: Case<Float64Array>;
  /** CS231n's case for group norm of [2, 6, 4, 5] in 2 groups, drawn alike. */
  readonly groupnorm: Case<Float64Array>;
  /** RMS norm of 6 images of digits, 8 hidden units each: [6, 8]. */
  readonly tokens: NormCase<Float64Array>;
}

/** As many values as the kernels' memory of 2 GiB could hold. */
const kMostDrawn = 2 ** 28;

function roomFor(lengths: readonly number[]): Float64Array[] {
  const fits = lengths.reduce((a, b) => a + b, 0) <= kMostDrawn;
  try {
    if (fits) return lengths.map((size) => new Float64Array(size));
  } catch {
    // the device has less
  }
  throw outOfMemory("sizes", lengths);
}

/** The arrays of np.random.seed(seed) and np.random.randn(size), one after another, digit for digit. */
export function randn(module: Module, seed: number, sizes: readonly number[]): Float64Array[] {
  const steps = draws(module, seed, sizes);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** The same, with a pause after every few hundred numbers. */
export function* draws(
  module: Module,
  seed: number,
  sizes: readonly number[],
): Generator<void, Float64Array[]> {
  const lengths = sizesOf(sizes);
  const checked = seedOf(seed);
  const arrays = roomFor(lengths);
  const random = make({ make: () => module.Random.make(checked) }, lengths, "sizes");
  try {
    for (const array of arrays) {
      for (let at = 0; at < array.length; yield) {
        const block = random.normal(array.length - at);
        array.set(block, at);
        at += block.length;
      }
    }
    return arrays;
  } finally {
    random.delete();
  }
}

type Drawn = [x: Float64Array, gamma: Float64Array, beta: Float64Array, dy: Float64Array];

/** A case drawn by randn, x = spread·randn + mean. */
function draw(module: Module, seed: number, rows: number, columns: number, mean: number, spread = 1) {
  return drawTensor(module, seed, [rows, columns], columns, mean, spread);
}

function drawTensor(
  module: Module,
  seed: number,
  shape: readonly number[],
  channels: number,
  mean: number,
  spread: number,
) {
  const size = product(shape);
  const [z, gamma, beta, dy] = randn(module, seed, [size, channels, channels, size]) as Drawn;
  const x = z.map((value) => spread * value + mean);
  return { x, shape, gamma, beta, dy, eps: 1e-5 };
}

function tokens(): NormCase<Float64Array> {
  const { x, gamma, dy, eps } = hiddenDigits();
  return { norm: "rms", shape: [6, 8], x: x.slice(0, 48), gamma, dy: dy.slice(0, 48), eps };
}

function makemore(module: Module): Case<Float64Array> {
  const { gamma, beta, dy, ...drawn } = draw(module, 2147483647, 32, 64, 0, 5 / 3);
  return {
    ...drawn,
    gamma: gamma.map((z) => 1 + 0.1 * z),
    beta: beta.map((z) => 0.1 * z),
    dy: dy.map((z) => z / 32),
    ddof: 1,
  };
}

/** The means are 10, 4, 2, the standard deviations 5, 1, 3, and dx has at most two decimals. */
// biome-ignore format: a row of a matrix a line
const byHand = (): Case<Float64Array> => ({
  x: Float64Array.of(
    3, 5, 3,
    9, 3, 5,
    17, 3, -3,
    11, 5, 3,
  ),
  shape: [4, 3],
  gamma: Float64Array.of(5, 2, 3),
  beta: Float64Array.of(0, 1, -1),
  dy: Float64Array.of(
    2, 3, 1,
    1, 1, 3,
    3, 0, -2,
    2, 0, -2,
  ),
  eps: 0,
});

function constantChannel(module: Module): Case<Float64Array> {
  const drawn = draw(module, 3, 6, 4, 2, 3);
  return { ...drawn, x: drawn.x.map((value, at) => (at % 4 === 2 ? 3.25 : value)) };
}

function iris(module: Module): Case<Float64Array> {
  const [gamma, beta, dy] = randn(module, 1936, [4, 4, 600]) as [Float64Array, Float64Array, Float64Array];
  return { x: irisMeasurements(), shape: [150, 4], gamma, beta, dy, eps: 1e-5 };
}

export function readPresets(module: Module): Presets {
  return Object.freeze({
    get cs231n() {
      return draw(module, 231, 4, 5, 12, 5);
    },
    get cs231nAlt() {
      return draw(module, 231, 100, 500, 12, 5);
    },
    get makemore() {
      return makemore(module);
    },
    get notes() {
      return byHand();
    },
    get iris() {
      return iris(module);
    },
    get digits() {
      return hiddenDigits();
    },
    get largeMean() {
      return draw(module, 5, 8, 3, 1e6);
    },
    get constantChannel() {
      return constantChannel(module);
    },
    get twoRows() {
      return draw(module, 2, 2, 3, 2, 3);
    },
    get layernorm() {
      return { norm: "layer" as const, ...draw(module, 231, 4, 5, 12, 5) };
    },
    get spatial() {
      return drawTensor(module, 231, [2, 3, 4, 5], 3, 12, 5);
    },
    get groupnorm() {
      return { norm: "group" as const, groups: 2, ...drawTensor(module, 231, [2, 6, 4, 5], 6, 12, 5) };
    },
    get tokens() {
      return tokens();
    },
  });
}
