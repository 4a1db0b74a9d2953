/** The order in which the kernels store a case: a column for each group of values that share statistics. */
import { arrayLike } from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import { type CheckedNorm, norms } from "./norm.ts";

/** M rows and G columns, as in cpp/include/backnorm/grouping.hpp. */
export interface Grouping {
  /** In the order of C++. */
  norm: number;
  samples: number;
  channels: number;
  positions: number;
  groups: number;
  rows: number;
  columns: number;
  /** The place in x of each value, row by row; undefined if the order is that of x. */
  places: Uint32Array | undefined;
}

export function groupingOf(norm: CheckedNorm): Grouping {
  const { samples, channels, positions, groups, m, statistics } = norm;
  const sizes = { samples, channels, positions, groups, rows: m, columns: statistics };
  return { norm: norms.indexOf(norm.norm), ...sizes, places: placesOf(norm) };
}

function placesOf(norm: CheckedNorm): Uint32Array | undefined {
  const { samples, before, channels, after, positions, groups, statistics, m } = norm;
  const isBatch = norm.norm === "batch";
  if (isBatch && after === 1) return undefined;
  const places = new Uint32Array(m * statistics);
  const inGroup = channels / groups;
  let at = 0;
  for (let n = 0; n < samples; n++)
    for (let b = 0; b < before; b++)
      for (let c = 0; c < channels; c++)
        for (let a = 0; a < after; a++) {
          const position = b * after + a;
          const [row, column] = isBatch
            ? [n * positions + position, c]
            : [(c % inGroup) * positions + position, n * groups + Math.floor(c / inGroup)];
          places[row * statistics + column] = at++;
        }
  return places;
}

/** Sorts an array like x into groups. */
export function toGroups<A extends FloatArray>(array: A, places: Uint32Array | undefined): A {
  if (!places) return array;
  const sorted = arrayLike(array, array.length);
  for (let at = 0; at < sorted.length; at++) sorted[at] = array[places[at] as number] as number;
  return sorted;
}

/** Sorts values of the kernels back into the order of x. */
export function toGiven<A extends FloatArray>(array: A, places: Uint32Array | undefined): A {
  if (!places) return array;
  const sorted = arrayLike(array, array.length);
  for (let at = 0; at < sorted.length; at++) sorted[places[at] as number] = array[at] as number;
  return sorted;
}
