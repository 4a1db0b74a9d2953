/** Inputs that are the same wherever they are made: no function of a math library is in them. */
import type { Backnorm, Case, FloatArray, Layout } from "backnorm";

/** Marsaglia's xorshift of 32 bits, from -1 to 1. */
export function drawer(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

const drawn = (length: number, seed: number, scale = 1, shift = 0) => {
  const draw = drawer(seed);
  return Float64Array.from({ length }, () => draw() * scale + shift);
};

interface Wanted {
  scale?: number;
  shift?: number;
  eps?: number;
  ddof?: 0 | 1;
  change?: (x: Float64Array, kase: Case<Float64Array>) => void;
}

function make(rows: number, columns: number, wanted: Wanted = {}): Case<Float64Array> {
  const { scale = 2, shift = 0.5, eps = 1e-5, ddof = 0, change } = wanted;
  const seed = rows * 1009 + columns;
  const x = drawn(rows * columns, seed, scale, shift);
  const [gamma, beta] = [drawn(columns, seed + 1), drawn(columns, seed + 2)];
  const dy = drawn(rows * columns, seed + 3);
  const kase: Case<Float64Array> = { x, shape: [rows, columns], gamma, beta, dy, eps, ddof };
  change?.(x, kase);
  return kase;
}

const inColumn = (column: number, columns: number, values: (row: number) => number) => (x: Float64Array) =>
  x.forEach((_, at) => {
    if (at % columns === column) x[at] = values(Math.floor(at / columns));
  });

/** What is hard on arithmetic. Every value is finite; what comes of it need not be. */
const hard: Record<string, () => Case<Float64Array>> = {
  "7×3": () => make(7, 3),
  "33×17, unbiased": () => make(33, 17, { ddof: 1 }),
  "one row": () => make(1, 4),
  "two rows": () => make(2, 5),
  "one column": () => make(9, 1),
  "mean 1e8": () => make(12, 4, { shift: 1e8 }),
  "mean 1e8, spread 1e-6": () => make(6, 3, { shift: 1e8, scale: 1e-6, eps: 1e-12 }),
  "subnormal x": () => make(6, 3, { scale: 2 ** -1060, shift: 0 }),
  "subnormal dy": () => make(6, 3, { change: (_, { dy }) => dy.set(dy.map((value) => value * 2 ** -1060)) }),
  "subnormal eps": () => make(6, 3, { scale: 1e-160, shift: 0, eps: 2 ** -1070 }),
  "subnormal in float32": () => make(6, 3, { scale: 2 ** -140, shift: 0, eps: 0 }),
  "large x": () => make(5, 3, { scale: 1e150 }),
  "x whose square overflows": () => make(5, 3, { scale: 1e200 }),
  "largest x": () => make(4, 2, { scale: Number.MAX_VALUE, shift: 0 }),
  "constant column": () => make(6, 4, { change: inColumn(2, 4, () => 3.25) }),
  "constant column, eps 0": () => make(6, 4, { eps: 0, change: inColumn(2, 4, () => 3.25) }),
  "nearly constant column": () => make(6, 4, { eps: 0, change: inColumn(1, 4, (row) => 1 + row * 2 ** -52) }),
  "signed zeros": () =>
    make(6, 3, {
      change: (x, { gamma, beta, dy }) => {
        x.fill(-0, 0, 9);
        gamma.set([-0, 0]);
        beta.fill(-0);
        dy.fill(-0, 3, 12);
      },
    }),
  "constant dy": () => make(6, 3, { change: (_, { dy }) => dy.fill(1 / 3) }),
  "dy of all sizes": () =>
    make(8, 3, {
      change: (_, { dy }) => dy.set(dy.map((value, at) => value * Number(`1e${(at % 9) - 4}`))),
    }),
};

export function single({ x, gamma, beta, dy, ...rest }: Case<FloatArray>): Case<FloatArray> {
  const round = (array: FloatArray) => Float32Array.from(array);
  return { ...rest, x: round(x), gamma: round(gamma), beta: round(beta), dy: round(dy) };
}

/** Presets and hard cases in both kinds, without the largest. */
export function cases(bn: Backnorm): [name: string, kase: Case<FloatArray>][] {
  const presets = Object.entries(bn.presets).filter(([name]) => name !== "cs231nAlt");
  const all = [...presets, ...Object.entries(hard).map(([name, of]) => [name, of()] as const)];
  return all.flatMap(([name, kase]): [string, Case<FloatArray>][] => [
    [`${name}, float64`, kase],
    [`${name}, float32`, single(kase)],
  ]);
}

export interface Tensor {
  x: FloatArray;
  dy: FloatArray;
  shape: number[];
  layout: Layout;
  gamma: FloatArray;
  beta: FloatArray;
  runningMean: FloatArray;
  runningVar: FloatArray;
}

/** Around the widths of the vectors; the larger ones are past what every build computes in the same order. */
const shapes = [
  [1, 3],
  [4, 5],
  [9, 8],
  [3, 5, 7],
  [2, 4, 3, 3],
  [2, 3, 2, 3, 2],
  [40, 31],
  [2, 5, 9, 11],
];

/** What the passes let through, each in a channel of its own. */
const guests: Record<string, readonly number[]> = {
  plain: [],
  "not finite": [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  zeros: [-0, 0, -0],
  subnormal: [2 ** -1074, -(2 ** -149), 2 ** -1030],
  large: [1e8, -1e12, 3e15],
  overflowing: [3e38, -1e200, 1e30],
};

const kLayouts = ["channels-first", "channels-last"] as const; // which say the same of a matrix

export function tensors(): [name: string, tensor: Tensor][] {
  const all: [string, Tensor][] = [];
  for (const shape of shapes)
    for (const layout of shape.length === 2 ? (["channels-first"] as const) : kLayouts)
      for (const [guest, values] of Object.entries(guests))
        for (const kind of [Float64Array, Float32Array]) {
          const size = shape.reduce((a, b) => a * b);
          const channels = (layout === "channels-first" ? shape[1] : shape.at(-1)) as number;
          const seed = size * 31 + channels;
          const [x, dy] = [drawn(size, seed, 3, 1), drawn(size, seed + 1)];
          for (const [at, value] of values.entries()) {
            x[(at * 5) % size] = value;
            dy[(at * 7) % size] = value;
          }
          const per = (nth: number, shift = 0) => kind.from(drawn(channels, seed + nth, 1, shift));
          const running = { runningMean: per(4), runningVar: per(5, 1.5) };
          const tensor = { x: kind.from(x), dy: kind.from(dy), shape, layout, gamma: per(2), beta: per(3) };
          all.push([`${shape.join("×")} ${layout}, ${guest}, ${kind.name}`, { ...tensor, ...running }]);
        }
  return all;
}
