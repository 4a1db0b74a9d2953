/** Where the numbers of a case stand: the cells in which the page shows them, and which of them share statistics. */
import type { Extent, Norm } from "../../src/index.ts";
import type { CheckedNorm } from "../../src/norm.ts";
import type { GroupKind } from "../../src/words.ts";
import type { Grouping } from "./evaluate.ts";
import { isFlat, type NormKeys, nameOfNorm, readNorm } from "./norms.ts";

/** A cell of x, or of an array like it. */
export interface Cell {
  row: number;
  column: number;
}

/** The grid of an array. */
export interface Sheet {
  rows: number;
  columns: number;
}

/** What the words call the axes of a batch. */
export type Noun = "row" | "column" | "sample" | "channel" | "group" | "position";
/** "sample 1, channel 3": counted from 1. */
export type Place = readonly { noun: Noun; at: number }[];

/** What words, formulas and code need to know of a case. */
export interface Setting {
  norm: Norm;
  kind: GroupKind;
  /** How many values a group has, as a letter: N rows, D columns, M values. */
  size: "N" | "D" | "M";
  /** Whether the scale is 1 + gamma. */
  unitOffset: boolean;
}

export interface Layout extends Setting {
  /** The grid of x has a row for each sample; for layer and RMS norm, for each group. */
  sheets: Readonly<Record<Extent, Sheet>>;
  grouping: Grouping;
  /** How many columns of the grid are a channel, and a group of channels; 0 where that is one column, or not in one piece. */
  channelWidth: number;
  groupWidth: number;
  of: CheckedNorm;
}

/** Batch norm of a matrix, before a case is known. */
export const kColumns: Setting = { norm: "batch", kind: "columns", size: "N", unitOffset: false };

export const isSameSetting = (a: Setting, b: Setting) =>
  a.norm === b.norm && a.kind === b.kind && a.unitOffset === b.unitOffset;

const kKinds = { layer: "rows", rms: "rows", group: "groups", instance: "maps" } as const;

export function settingOf(kase: NormKeys & { shape: readonly number[] }): Setting {
  const norm = nameOfNorm(kase);
  if (norm === "batch") return isFlat(kase) ? kColumns : { ...kColumns, kind: "channels", size: "M" };
  const kind = kKinds[norm];
  return { norm, kind, size: kind === "rows" ? "D" : "M", unitOffset: kase.unitOffset ?? false };
}

const kLayouts = new WeakMap<object, Layout>();

/** Of a case, or of its norm and shape. */
export function layoutOf(kase: NormKeys & { shape: readonly number[] }): Layout {
  const known = kLayouts.get(kase);
  if (known) return known;
  const of = readNorm(kase);
  const { shape, statistics, channels, after, groups, samples, m } = of;
  const setting = settingOf(kase);
  const inRows = setting.kind === "rows";
  const size = shape.reduce((all, one) => all * one, 1);
  const rows = inRows ? statistics : (shape[0] as number);
  const isTurned = setting.norm === "batch" && of.axis === 0; // a row of the grid is a channel
  const strip = (count: number): Sheet =>
    isTurned ? { rows: count, columns: 1 } : { rows: 1, columns: count };
  const perSample = setting.kind === "groups" || setting.kind === "maps";
  const layout: Layout = {
    ...setting,
    of,
    sheets: {
      elements: { rows, columns: size / rows },
      statistics: inRows
        ? { rows, columns: 1 }
        : perSample
          ? { rows: samples, columns: groups }
          : strip(channels),
      parameters: strip(channels),
    },
    grouping: groupingOf(of, size, m),
    channelWidth: !inRows && of.axis === 1 && after > 1 ? after : 0,
    groupWidth: setting.kind === "groups" && of.axis === 1 && groups > 1 ? (channels / groups) * after : 0,
  };
  kLayouts.set(kase, layout);
  return layout;
}

/** By the formulas of the shapes, for arrays in the order of x. */
function groupingOf(of: CheckedNorm, size: number, m: number): Grouping {
  const { norm, samples, channels, after, positions, groups } = of;
  const channel = (element: number) => Math.floor(element / after) % channels;
  const parameters = norm === "layer" || norm === "rms" ? (at: number) => at % channels : channel;
  const group = (element: number) =>
    Math.floor(element / (channels * positions)) * groups +
    Math.floor((channel(element) * groups) / channels);
  const statistics =
    norm === "batch"
      ? channel
      : norm === "layer" || norm === "rms"
        ? (at: number) => Math.floor(at / channels)
        : group;
  const found = { statistics: new Map<number, number[]>(), parameters: new Map<number, number[]>() };
  return {
    size: m,
    copies: { statistics: m, parameters: samples * positions },
    statistics,
    parameters,
    members(onto, at) {
      const known = found[onto];
      if (known.size === 0) {
        const place = onto === "statistics" ? statistics : parameters;
        for (let element = 0; element < size; element++) {
          const its = known.get(place(element));
          if (its) its.push(element);
          else known.set(place(element), [element]);
        }
      }
      return known.get(at) ?? [];
    },
  };
}

/** The index that a cell of x has in arrays of an extent. */
export function indexAt({ sheets, grouping }: Layout, extent: Extent, { row, column }: Cell): number {
  const element = row * sheets.elements.columns + column;
  return extent === "elements" ? element : grouping[extent](element);
}

/** The cell of the grid of an extent. */
export const cellIn = ({ columns }: Sheet, index: number): Cell => ({
  row: Math.floor(index / columns),
  column: index % columns,
});

/** The cell of x that stands for an index of an extent: of those that belong to it, the one nearest to a chosen cell. */
export function cellOf(layout: Layout, extent: Extent, index: number, near: Cell): Cell {
  const { elements } = layout.sheets;
  if (extent === "elements") return cellIn(elements, index);
  const far = ({ row, column }: Cell) => 2 * Number(row !== near.row) + Number(column !== near.column);
  let best: Cell | undefined;
  for (const element of layout.grouping.members(extent, index)) {
    const cell = cellIn(elements, element);
    if (!best || far(cell) < far(best)) best = cell;
    if (far(best) === 0) break;
  }
  return best ?? near;
}

/** The name of one value of an array of an extent. */
export function placeOf({ kind, of, sheets }: Layout, extent: Extent, index: number): Place {
  const one = (noun: Noun, at: number) => ({ noun, at: at + 1 });
  if (extent === "parameters")
    return [one(kind === "columns" || kind === "rows" ? "column" : "channel", index)];
  if (extent === "statistics") {
    if (kind === "columns") return [one("column", index)];
    if (kind === "rows") return [one("row", index)];
    if (kind === "channels") return [one("channel", index)];
    const [sample, rest] = [Math.floor(index / of.groups), index % of.groups];
    return [one("sample", sample), one(kind === "groups" ? "group" : "channel", rest)];
  }
  const { row, column } = cellIn(sheets.elements, index);
  if (of.after === 1 && of.before === 1 && kind !== "groups") return [one("row", row), one("column", column)];
  const { channels, after } = of;
  const inSample = column;
  return [
    one("sample", row),
    one("channel", Math.floor(inSample / after) % channels),
    one("position", Math.floor(inSample / (after * channels)) * after + (inSample % after)),
  ];
}

/** An index in each dim of a shape, counted from 1. */
export function indices(shape: readonly number[], index: number): number[] {
  let rest = index;
  return shape
    .toReversed()
    .map((length) => {
      const at = rest % length;
      rest = Math.floor(rest / length);
      return at + 1;
    })
    .reverse();
}
