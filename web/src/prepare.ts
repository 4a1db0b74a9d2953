/** How a run of the kernels gets its inputs. */
import { outside, settle } from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import type { NormRun } from "./module.ts";
import type { CheckedNorm } from "./norm.ts";

/**
 * Reserves memory and copies `inputs` into the views of the same names. An input that lies in that memory itself, such
 * as a layer's y, is copied first: reserving may grow the memory, which detaches every view.
 */
export function fill<Name extends string>(
  run: Readonly<Record<NoInfer<Name>, () => FloatArray>>,
  reserve: () => string,
  shape: readonly number[],
  inputs: Readonly<{ [Key in Name]?: FloatArray | null | undefined }>,
): void {
  const given: [Name, FloatArray][] = [];
  for (const name in inputs) {
    const array = inputs[name];
    if (array) given.push([name, outside(array, run[name]())]);
  }
  settle(reserve(), "shape", shape);
  for (const [name, array] of given) run[name]().set(array);
}

type Input =
  | "gamma"
  | "mean"
  | "invstd"
  | "x"
  | "dy"
  | "beta"
  | "m2"
  | "runningMean"
  | "runningVar"
  | "sumDy"
  | "sumDyXhat";

/** Reserves the memory of a norm's pass, and copies `inputs`. layer: y and dx don't overwrite x and dy. */
export function prepare(
  run: NormRun,
  { norm, samples, before, channels, after, groups, unitOffset, shape }: CheckedNorm,
  inputs: Readonly<{ [Key in Input]?: FloatArray | null | undefined }>,
  layer = false,
): void {
  if (norm !== "batch") run.divide(before, groups, norm === "rms", unitOffset);
  const has = (name: "gamma" | "beta") => layer || Boolean(inputs[name]);
  fill(run, () => run.reserve(samples, channels, after, has("gamma"), has("beta"), layer), shape, inputs);
}
