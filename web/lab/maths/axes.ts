import type { Extent } from "../../src/index.ts";
import { kColumns, type Layout } from "./layout.ts";

/** The arrays of a case in code, where the channels of group norm are divided into groups. */
export interface Axes {
  /** How many values a group has, as a letter; "M" is written out. */
  size: "N" | "D" | "M";
  /** The dims of x, as letters. */
  letters: readonly string[];
  /** Over which a sum leads to a statistic, or to a parameter. */
  statistics: readonly number[];
  parameters: readonly number[];
  /** Whether those stay, with length 1. undefined: as the library's programs have it. */
  keepsStatistics: boolean | undefined;
  keepsParameters: boolean | undefined;
  unitOffset: boolean;
}

/** Batch norm of (N, D). */
export const kColumnAxes: Axes = {
  size: kColumns.size,
  letters: ["N", "D"],
  statistics: [0],
  parameters: [0],
  keepsStatistics: undefined,
  keepsParameters: undefined,
  unitOffset: false,
};

/** The names of the dims besides the samples and the channels. */
const kPositions: readonly (readonly string[])[] = [[], ["L"], ["H", "W"], ["D", "H", "W"]];

export function axesOf({ kind, size, unitOffset, of: { shape, axis } }: Layout): Axes {
  if (kind === "columns") return kColumnAxes;
  const rank = shape.length;
  const all = shape.map((_, at) => at);
  if (kind === "rows") {
    const names = rank === 2 ? ["N", "D"] : rank === 3 ? ["N", "T", "D"] : all.map((at) => `D${at + 1}`);
    return {
      size,
      letters: names,
      statistics: all.slice(axis),
      parameters: all.slice(0, axis),
      keepsStatistics: true,
      keepsParameters: false,
      unitOffset,
    };
  }
  const rest = kPositions[rank - 2] ?? all.slice(2).map((at) => `D${at}`);
  const letters = axis === 0 ? [...rest, "N"] : ["N", ...rest];
  letters.splice(axis, 0, ...(kind === "groups" ? ["G", "C // G"] : ["C"]));
  const dims = letters.map((_, at) => at);
  const own = kind === "groups" ? [axis, axis + 1] : [axis];
  return {
    size,
    letters,
    statistics: dims.filter((at) => at !== axis && (at > 0 || kind === "channels")),
    parameters: dims.filter((at) => !own.includes(at)),
    keepsStatistics: true,
    keepsParameters: true,
    unitOffset,
  };
}

/** The shape of an array in code. `keeps`: whether sums of the library keep their dims, where the norm leaves it open. */
export function shapeInCode(layout: Layout, extent: Extent, keeps: boolean): readonly number[] {
  const { of, kind } = layout;
  const { statistics, parameters, keepsStatistics = keeps, keepsParameters = keeps } = axesOf(layout);
  const { shape, axis, channels, groups } = of;
  const whole = kind === "groups" ? shape.toSpliced(axis, 1, groups, channels / groups) : shape;
  if (extent === "elements") return whole;
  const [over, stay] =
    extent === "statistics" ? [statistics, keepsStatistics] : [parameters, keepsParameters];
  return whole.flatMap((length, at) => (!over.includes(at) ? [length] : stay ? [1] : []));
}
