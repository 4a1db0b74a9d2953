import type { Colour } from "./picture-colour.ts";

/** What a picture is made of: shapes and runs of text, in the order in which they are drawn, in pixels from its corner. */
export interface Picture {
  width: number;
  height: number;
  ground: Colour;
  language: string;
  marks: readonly Mark[];
}

export type Mark = Shape | Run;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Slanted lines on a ground. */
export interface Hatch {
  ground: Colour;
  line: Colour;
}
export type Paint = Colour | Hatch;
export const isHatch = (paint: Paint): paint is Hatch => "ground" in paint;

export interface Stroke {
  colour: Colour;
  width: number;
  dashes: readonly number[];
  cap: CanvasLineCap;
  join: CanvasLineJoin;
}

interface Placed {
  matrix?: Matrix | undefined;
  /** Where it would be seen beyond it. */
  clip?: Box | undefined;
}

export interface Shape extends Placed {
  /** As of a path; where it overlaps itself, there is a hole. */
  d: string;
  fill?: Paint | undefined;
  stroke?: Stroke | undefined;
}

export interface Font {
  family: string;
  size: number;
  weight: string;
  style: string;
  /** Figures of one width. */
  tabular: boolean;
}

/** A piece of a line of text. */
export interface Run extends Placed {
  text: string;
  /** Where it begins, on its base line. */
  x: number;
  y: number;
  /** What it takes of the line, which another machine's letters have to be fitted into. */
  width: number;
  font: Font;
  fill: Colour;
  /** Behind the letters. */
  halo?: Stroke | undefined;
}

export const isRun = (mark: Mark): mark is Run => "text" in mark;

const short = (value: number) => Number(value.toFixed(2));

/** The outline of a box, with round corners. */
export function outlineOf({ x, y, width, height }: Box, radius = 0): string {
  const r = Math.max(0, Math.min(radius, width / 2, height / 2));
  const [left, top, w, h] = [x, y, width - 2 * r, height - 2 * r].map(short) as [
    number,
    number,
    number,
    number,
  ];
  if (r === 0) return `M${left} ${top}h${w}v${h}h${-w}z`;
  const c = short(r);
  const corner = (dx: number, dy: number) => `a${c} ${c} 0 0 1 ${dx} ${dy}`;
  return `M${short(left + c)} ${top}h${w}${corner(c, c)}v${h}${corner(-c, c)}h${-w}${corner(-c, -c)}v${-h}${corner(c, -c)}z`;
}

/** A box that is larger on each side; smaller, if `by` is negative. */
export const grown = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

export function common(a: Box, b: Box | undefined): Box {
  if (!b) return a;
  const [x, y] = [Math.max(a.x, b.x), Math.max(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y),
  };
}

export const solid = (colour: Colour, width: number): Stroke => ({
  colour,
  width,
  dashes: [],
  cap: "butt",
  join: "miter",
});
