/** Where the channels of a tensor are. */
import { oneOf } from "./arguments.ts";
import { given } from "./given.ts";
import { fault } from "./sentences.ts";

/** The position of the channels in a shape. */
export type Layout =
  /** N, C, … */
  | "channels-first"
  /** N, …, C. */
  | "channels-last";

/** The shape of x, and which of its axes is that of the channels. */
export interface TensorOptions {
  /**
   * 1 to 8 whole numbers whose product is the length of x; else `invalid-shape`, or `length-mismatch` of x. In a case none is
   * 0. In the passes, a tensor may be empty: see `forward`.
   */
  shape: readonly number[];
  /**
   * A short form of axis: "channels-first" (default) is axis 1, "channels-last" the last. In a matrix [N, D], the
   * channels are D either way; in a vector [C], they are its only axis. Else `invalid-layout`.
   *
   * Say it whenever the channels of a tensor of rank 3 and more come last. Without it, axis 1 counts as theirs, which gives
   * another result without an error, unless gamma, beta or running statistics have another length than that axis.
   */
  layout?: Layout | undefined;
  /**
   * The axis of the channels. A negative one counts from the end. Default: that of layout. Else, or if layout says
   * another one, `invalid-axis`.
   */
  axis?: number | undefined;
}

/** The axis of the channels among `rank`. least: the first that they may have. prefix: put before the options' names. */
export function axisOf(
  prefix: string,
  rank: number,
  least: number,
  { layout, axis }: Pick<TensorOptions, "layout" | "axis">,
): number {
  const first =
    layout === undefined ||
    oneOf(`${prefix}layout`, "invalid-layout", layout, ["channels-first", "channels-last"]) ===
      "channels-first";
  const ofLayout = first ? Math.min(1, rank - 1) : rank - 1;
  if (axis === undefined) return ofLayout;
  const found = typeof axis === "number" && axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(found) || found < least || found >= rank) {
    throw fault("invalid-axis", `${prefix}axis`, { least, rank, got: given(axis) });
  }
  if (layout === undefined || found === ofLayout) return found;
  throw fault("layout-and-axis", `${prefix}axis`, { layout, axis: ofLayout, got: given(axis) });
}

export const product = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1);
