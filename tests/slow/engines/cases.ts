/** Inputs that are the same wherever they are made: no function of a math library is in them. */
import type { Backnorm, Case, FloatArray, Layout } from "backnorm";
import { rounded } from "../../web/support.ts";

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

interface Numbers {
  /** x is drawn from shift - scale to shift + scale, and dy around 1/4. */
  scale?: number;
  shift?: number;
  dyScale?: number;
  eps?: number;
  ddof?: 0 | 1;
  /** Stand here and there in x and in dy, each in a channel of its own. */
  guests?: readonly number[];
}

/** What the passes let through. */
const guests: Record<string, Numbers> = {
  plain: {},
  unbiased: { ddof: 1 },
  "not finite": { guests: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] },
  zeros: { guests: [-0, 0, -0] },
  subnormal: { guests: [2 ** -1074, -(2 ** -149), 2 ** -1030] },
  large: { guests: [1e8, -1e12, 3e15] },
  overflowing: { guests: [3e38, -1e200, 1e30] },
};

/** What is hard on a check. */
const hard: Record<string, Numbers> = {
  "mean 1e8": { shift: 1e8 },
  "mean 1e8, spread 1e-6": { shift: 1e8, scale: 1e-6, eps: 1e-12 },
  "subnormal x": { shift: 0, scale: 2 ** -1060 },
  "subnormal x and eps": { shift: 0, scale: 1e-160, eps: 2 ** -1070 },
  "subnormal in float32": { shift: 0, scale: 2 ** -140, eps: 0 },
  "squares that nearly overflow": { scale: 1e150 },
  "squares that overflow": { scale: 1e200 },
  "the largest numbers": { shift: 0, scale: Number.MAX_VALUE },
  "constant columns": { scale: 0 },
  "constant columns, eps 0": { scale: 0, eps: 0 },
  "nearly constant columns": { scale: 2 ** -51, eps: 0 },
  "constant dy": { dyScale: 0 },
};

function tensor<Kind extends FloatArray>(
  kind: { from(values: Iterable<number>): Kind },
  sizes: string,
  { scale = 3, shift = 1, dyScale = 1, eps = 1e-5, ddof = 0, guests = [] }: Numbers = {},
  layout: Layout = "channels-first",
) {
  const shape = sizes.split("×").map(Number);
  const size = shape.reduce((a, b) => a * b);
  const channels = (layout === "channels-first" ? shape[1] : shape.at(-1)) as number;
  const drawn = (length: number, nth: number, scale: number, shift: number) => {
    const draw = drawer(size * 1009 + nth);
    return Array.from({ length }, () => draw() * scale + shift);
  };
  const [x, dy] = [drawn(size, 0, scale, shift), drawn(size, 1, dyScale, 0.25)];
  for (const [at, value] of guests.entries()) {
    x[(at * 5) % size] = value;
    dy[(at * 7) % size] = value;
  }
  const per = (nth: number, shift = 0) => kind.from(drawn(channels, nth, 1, shift));
  const parameters = { gamma: per(2), beta: per(3), runningMean: per(4), runningVar: per(5, 1.5) };
  return { x: kind.from(x), dy: kind.from(dy), shape, layout, eps, ddof, ...parameters };
}
export type Tensor = ReturnType<typeof tensor>;

/** Presets and cases, in both kinds of numbers. */
export function cases(bn: Backnorm): [name: string, kase: Case][] {
  const numbers = Object.entries({ ...guests, ...hard });
  const made = [
    ...numbers.map(([name, of]) => [name, tensor(Float64Array, "7×3", of)] as const),
    ...["1×4", "2×5", "9×1", "33×17"].map((name) => [name, tensor(Float64Array, name)] as const),
  ].map(([name, { layout, runningMean, runningVar, ...kase }]): [string, Case] => [name, kase]);
  const presets = Object.entries(bn.presets).filter(([name]) => name !== "cs231nAlt");
  return [...presets, ...made].flatMap(([name, kase]): [string, Case][] => [
    [`${name}, float64`, kase],
    [`${name}, float32`, rounded(kase)],
  ]);
}

/** Shapes around the widths of the vectors, and three that are past what every build sums in the same order. */
const shapes = ["1×3", "4×5", "9×8", "3×5×7", "2×4×3×3", "2×3×2×3×2", "40×31", "2×5×9×11"];

export function* tensors(): Generator<[name: string, tensor: Tensor]> {
  for (const shape of shapes)
    for (const layout of ["channels-first", "channels-last"] as const)
      for (const [name, numbers] of Object.entries(guests))
        for (const kind of [Float64Array, Float32Array])
          yield [
            `${shape} ${layout}, ${name}, ${kind.name}`,
            tensor<FloatArray>(kind, shape, numbers, layout),
          ];
}
