import type { Norm, NormCase } from "../../src/index.ts";
import { type CheckedNorm, normOf } from "../../src/norm.ts";

/** A case of any norm. Only RMS norm has no beta. */
export type PageCase = NormCase<Float64Array>;

/** What a case says of its norm, beside its numbers. */
export const kNormKeys = ["norm", "groups", "normalizedDims", "unitOffset", "axis"] as const;
export type NormKeys = Pick<PageCase, (typeof kNormKeys)[number]>;

export const normKeysOf = (kase: NormKeys): NormKeys =>
  Object.fromEntries(kNormKeys.flatMap((key) => (kase[key] === undefined ? [] : [[key, kase[key]]])));

/** What the shape of a case means to its norm. Throws the package's errors. */
export const readNorm = ({ shape, ...kase }: NormKeys & { shape: readonly number[] }): CheckedNorm =>
  normOf("", { shape, ...normKeysOf(kase) });

export const nameOfNorm = ({ norm = "batch" }: NormKeys): Norm => norm;

/** Batch norm of a matrix, by its columns. */
export const isFlat = (kase: NormKeys & { shape: readonly number[] }): boolean =>
  nameOfNorm(kase) === "batch" && kase.shape.length === 2 && readNorm(kase).axis === 1;

/** The time of a check grows as it does. */
export function workOf(kase: PageCase): number {
  const { m, statistics } = readNorm(kase);
  return m * m * statistics;
}

/** x as the case of another norm; undefined if that needs another shape. */
export function inNorm(kase: PageCase, norm: Norm): PageCase | undefined {
  const { x, shape, gamma, beta, dy, eps, ddof } = kase;
  const isMatrix = shape.length === 2;
  const fits = norm === "batch" || (norm === "layer" || norm === "rms" ? isMatrix : !isMatrix);
  if (!fits) return undefined;
  const { channels } = readNorm({ shape, norm: norm === "group" ? "instance" : norm });
  const groups = norm === "group" ? { groups: channels % 2 === 0 ? 2 : 1 } : {};
  const isSame = gamma.length === channels;
  const scale = isSame ? gamma : new Float64Array(channels).fill(1);
  const shift = isSame && beta ? beta : new Float64Array(channels);
  return {
    x,
    shape,
    ...(norm === "batch" ? {} : { norm }),
    ...groups,
    gamma: scale,
    ...(norm === "rms" ? {} : { beta: shift }),
    dy,
    eps,
    ...(norm === "rms" ? {} : { ddof }),
  };
}
