import type { Backnorm, Case } from "../../src/index.ts";
import type { InputName } from "../model/selection.ts";
import type { Changes, Draw } from "./link.ts";

/** Where the numbers of a case come from. */
export interface Origin {
  /** A preset, a draw, or "own". */
  base: string;
  /** What it begins with; none, where all numbers are its own. */
  kase: Case<Float64Array> | undefined;
  /** The file that it was read from. */
  file?: string;
}

export const kInputs = ["x", "gamma", "beta", "dy"] as const satisfies readonly InputName[];

/** What has to be said of a case beside what it begins with. */
export function changesOf(kase: Case<Float64Array>, from: Case<Float64Array> | undefined): Changes {
  const { shape, eps = 1e-5, ddof = 0 } = kase;
  const isInShape = shape.join() === from?.shape.join();
  const isSame = (name: InputName) =>
    from !== undefined &&
    (isInShape || name === "gamma" || name === "beta") &&
    (kase[name] === from[name] ||
      (kase[name].length === from[name].length &&
        kase[name].every((value, at) => Object.is(value, from[name][at]))));
  const arrays = kInputs.filter((name) => !isSame(name)).map((name) => [name, kase[name]]);
  return {
    shape,
    ...Object.fromEntries(arrays),
    ...(eps === (from?.eps ?? 1e-5) ? {} : { eps }),
    ...(ddof === (from?.ddof ?? 0) ? {} : { ddof }),
  };
}

/** What a draw gives; needs the rest of the package for NumPy's generator. */
export function drawn(bn: Backnorm, { seed, rows, columns, spread, mean }: Draw): Case<Float64Array> {
  const sizes = [rows * columns, columns, columns, rows * columns];
  const [z, gamma, beta, dy] = bn.randn(seed, sizes) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { x: z.map((value) => spread * value + mean), shape: [rows, columns], gamma, beta, dy, eps: 1e-5 };
}
