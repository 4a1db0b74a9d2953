import { type SVGTemplateResult, svg } from "lit";
import { largest } from "./numbers.ts";
import { shadeOf } from "./theme.ts";

interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** More rows than this are drawn in bands, each showing its largest value. */
const kMostRows = 40;

/**
 * A tensor as a grid of shades, one path a shade, so that a thousand cells cost no more elements than twenty.
 * The scale ends at the tensor's own largest value.
 */
export function heatMap(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  frame: Frame,
): SVGTemplateResult {
  const bands = Math.min(rows, kMostRows);
  const most = largest(values);
  const [width, height] = [frame.width / columns, frame.height / bands];
  const gap = Math.min(1, width * 0.12, height * 0.12);
  const paths = new Map<string, string>();
  for (let band = 0; band < bands; band++) {
    const [first, last] = [Math.floor((band * rows) / bands), Math.floor(((band + 1) * rows) / bands)];
    for (let column = 0; column < columns; column++) {
      let value = values[first * columns + column] as number;
      for (let row = first + 1; row < last; row++) {
        const other = values[row * columns + column] as number;
        if (Math.abs(other) > Math.abs(value)) value = other;
      }
      const shade = shadeOf(value, most);
      const x = (frame.x + column * width + gap / 2).toFixed(2);
      const y = (frame.y + band * height + gap / 2).toFixed(2);
      const [w, h] = [(width - gap).toFixed(2), (height - gap).toFixed(2)];
      paths.set(shade, `${paths.get(shade) ?? ""}M${x} ${y}h${w}v${h}h-${w}z`);
    }
  }
  return svg`${[...paths].map(([shade, d]) => svg`<path class=${shade} d=${d}></path>`)}`;
}

/** The frame of one cell, for an outline. */
export function cellFrame(row: number, column: number, rows: number, columns: number, frame: Frame): Frame {
  const bands = Math.min(rows, kMostRows);
  const band = Math.floor((row * bands) / rows);
  const [width, height] = [frame.width / columns, frame.height / bands];
  return { x: frame.x + column * width, y: frame.y + band * height, width, height };
}

/** The cell under a point inside the frame. */
export function cellAt(px: number, py: number, rows: number, columns: number, frame: Frame) {
  const clamp = (value: number, most: number) => Math.min(Math.max(Math.floor(value), 0), most - 1);
  return {
    row: clamp(((py - frame.y) / frame.height) * rows, rows),
    column: clamp(((px - frame.x) / frame.width) * columns, columns),
  };
}
