import type { Dtype, Norm } from "backnorm";

/** What is timed: a norm of a shape. */
export interface Case {
  readonly norm: Norm;
  readonly shape: readonly number[];
  /** Of group norm; else 0. */
  readonly groups: number;
  readonly dtype: Dtype;
}

export type Floats = Float32Array | Float64Array;
export const floats = ({ dtype }: Case, size: number): Floats =>
  dtype === "float32" ? new Float32Array(size) : new Float64Array(size);

export const product = (extents: readonly number[]) => extents.reduce((size, extent) => size * extent, 1);

/** A case as broadcasting has it. */
export interface View {
  /** x, its dims joined or divided: the shape (batch), [rows, D] (layer, rms), [N, groups, C/groups, positions]. */
  readonly shape: readonly number[];
  /** The axes of that which share statistics. */
  readonly axes: readonly number[];
  /** The shape of gamma, of the same rank. */
  readonly parameters: readonly number[];
}

export function viewOf({ norm, shape, groups }: Case): View {
  if (norm === "batch") {
    const axes = shape.map((_, axis) => axis).filter((axis) => axis !== 1);
    return { shape, axes, parameters: shape.map((extent, axis) => (axis === 1 ? extent : 1)) };
  }
  if (norm === "layer" || norm === "rms") {
    const last = shape.at(-1) as number;
    return { shape: [product(shape) / last, last], axes: [1], parameters: [1, last] };
  }
  const [samples = 1, channels = 1, ...rest] = shape;
  const [divided, perGroup] = norm === "instance" ? [channels, 1] : [groups, channels / groups];
  return {
    shape: [samples, divided, perGroup, product(rest)],
    axes: [2, 3],
    parameters: [1, divided, perGroup, 1],
  };
}

export interface Inputs {
  readonly x: Floats;
  readonly dy: Floats;
  readonly gamma: Floats;
  /** Zeros for RMS norm, which has none. */
  readonly beta: Floats;
}

/** All random, so that no multiplication is by a number that it likes. */
export function inputsOf(of: Case): Inputs {
  const { shape, parameters } = viewOf(of);
  const random = (size: number, middle: number) =>
    floats(of, size).map(() => middle + Math.random() - 0.5) as Floats;
  return {
    x: random(product(shape), 0),
    dy: random(product(shape), 0),
    gamma: random(product(parameters), 1),
    beta: of.norm === "rms" ? floats(of, product(parameters)) : random(product(parameters), 0),
  };
}
