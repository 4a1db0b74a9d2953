import { type SVGTemplateResult, svg } from "lit";
import { bandsOf, blocksOf } from "../base/blocks.ts";
import { shadeOf } from "./theme.ts";

interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Keeps what was drawn of an array, and where, so that moving the selection redraws nothing. */
const kDrawn = new WeakMap<ArrayLike<number>, { key: string; paths: SVGTemplateResult[] }>();

/**
 * A tensor as a grid of shades. Each shade is one path, so a thousand cells need no more elements than twenty.
 * The scale ends at the tensor's own largest value. The values must not change afterwards.
 */
export function heatMap(values: ArrayLike<number>, rows: number, columns: number, frame: Frame) {
  const key = [rows, columns, frame.x, frame.y, frame.width, frame.height].join();
  const drawn = kDrawn.get(values);
  if (drawn?.key === key) return drawn.paths;
  const paths = shadePaths(values, rows, columns, frame);
  kDrawn.set(values, { key, paths });
  return paths;
}

/** The same, without the cache. */
export function shadePaths(values: ArrayLike<number>, rows: number, columns: number, frame: Frame) {
  const [bands, across] = bandsOf(rows, columns);
  const { blocks, most } = blocksOf(values, rows, columns);
  const [width, height] = [frame.width / across, frame.height / bands];
  const gap = Math.min(1, width * 0.12, height * 0.12);
  const [w, h] = [(width - gap).toFixed(2), (height - gap).toFixed(2)];
  const box = `h${w}v${h}h-${w}z`;
  const edges = (count: number, start: number, step: number) =>
    Array.from({ length: count }, (_, i) => (start + i * step + gap / 2).toFixed(2));
  const lefts = edges(across, frame.x, width);
  const tops = edges(bands, frame.y, height).map((top) => ` ${top}${box}`);
  const paths = new Map<string, string>();
  for (const [at, block] of blocks.entries()) {
    const shade = shadeOf(block, most);
    paths.set(shade, `${paths.get(shade) ?? ""}M${lefts[at % across]}${tops[Math.floor(at / across)]}`);
  }
  return [...paths].map(([shade, d]) => svg`<path class=${shade} d=${d}></path>`);
}

/** The cells of a tensor that is not computed yet: dotted lines, as many as can be told apart. */
export function emptyCells(rows: number, columns: number, { x, y, width, height }: Frame) {
  const lines = (count: number, extent: number) => {
    const shown = extent / count < 7 ? 1 : count;
    return Array.from({ length: shown + 1 }, (_, i) => (i * extent) / shown);
  };
  const across = lines(rows, height).map((at) => `M${x} ${(y + at).toFixed(2)}h${width}`);
  const down = lines(columns, width).map((at) => `M${(x + at).toFixed(2)} ${y}v${height}`);
  return svg`<path class="void" d=${[...across, ...down].join("")}></path>`;
}

/** The frame of one cell, for an outline. */
export function cellFrame(row: number, column: number, rows: number, columns: number, frame: Frame): Frame {
  const [bands, across] = bandsOf(rows, columns);
  const [band, i] = [Math.floor((row * bands) / rows), Math.floor((column * across) / columns)];
  const [width, height] = [frame.width / across, frame.height / bands];
  return { x: frame.x + i * width, y: frame.y + band * height, width, height };
}

/** The cell under a point inside the frame. */
export function cellAt(px: number, py: number, rows: number, columns: number, frame: Frame) {
  const clamp = (value: number, most: number) => Math.min(Math.max(Math.floor(value), 0), most - 1);
  return {
    row: clamp(((py - frame.y) / frame.height) * rows, rows),
    column: clamp(((px - frame.x) / frame.width) * columns, columns),
  };
}
