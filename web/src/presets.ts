import { seedOf, sizesOf } from "./arguments.ts";
import type { Case } from "./graph.ts";
import { irisMeasurements } from "./iris.ts";
import { type Module, withRun } from "./module.ts";

/** Cases to begin with, each a fresh copy at every reading. */
export interface Presets {
  /** CS231n's test case: seed 231, 4×5, x = 5·randn + 12; then gamma, beta, dy from randn. */
  readonly cs231n: Case<Float64Array>;
  /** Fisher's iris measurements, 150×4, in centimetres; gamma, beta, dy from randn, seed 1936. */
  readonly iris: Case<Float64Array>;
}

/** Arrays of np.random.seed(seed) and np.random.randn(size), one after another, digit for digit. */
export function randn(module: Module, seed: number, sizes: readonly number[]): Float64Array[] {
  const lengths = sizesOf(sizes);
  return withRun(new module.Random(seedOf(seed)), (random) =>
    lengths.map((size) => Float64Array.from({ length: size }, () => random.normal())),
  );
}

export function readPresets(module: Module): Presets {
  return Object.freeze({
    get cs231n() {
      const [x, gamma, beta, dy] = randn(module, 231, [20, 5, 5, 20]) as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      return { x: x.map((z) => 5 * z + 12), shape: [4, 5], gamma, beta, dy, eps: 1e-5 };
    },
    get iris() {
      const [gamma, beta, dy] = randn(module, 1936, [4, 4, 600]) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      return { x: irisMeasurements(), shape: [150, 4], gamma, beta, dy, eps: 1e-5 };
    },
  });
}
