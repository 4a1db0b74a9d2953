import { type Colour, colourOf, greyed } from "./picture-colour.ts";
import { type Box, common } from "./picture-marks.ts";

/** A line that runs along a text: under it, or through it. */
export interface Rule {
  through: boolean;
  colour: Colour;
  thickness: number;
  /** Below the base line; none, where the font decides. */
  offset: number | undefined;
}

/** What an element has from those around it. */
export interface Around {
  /** The corner of the picture, in the window. */
  origin: { x: number; y: number };
  clip: Box | undefined;
  opacity: number;
  grey: boolean;
  rules: readonly Rule[];
}

export function painted(computed: string, { opacity, grey }: Around, share = 1): Colour | undefined {
  const colour = colourOf(computed);
  if (!colour) return undefined;
  const [red, green, blue, alpha] = grey ? greyed(colour) : colour;
  return [red, green, blue, alpha * opacity * share];
}

export const placed = ({ x, y, width, height }: DOMRect, { origin }: Around): Box => ({
  x: x - origin.x,
  y: y - origin.y,
  width,
  height,
});

/** What a box has around it: nothing cuts it off that it lies within, and out of sight there is nothing to draw. */
export function inSight(box: Box, around: Around): Around | undefined {
  const { clip } = around;
  if (!clip) return around;
  const { width, height } = common(box, clip);
  if (width === 0 || height === 0) return undefined;
  return width === box.width && height === box.height ? { ...around, clip: undefined } : around;
}

/** What an element passes on to what is in it. */
export function within(style: CSSStyleDeclaration, around: Around, clip: Box | undefined): Around {
  const inner = {
    ...around,
    clip,
    opacity: around.opacity * Number(style.opacity),
    grey: around.grey || style.filter.includes("grayscale(1)"),
  };
  const starts = style.display.startsWith("inline-") || style.position === "absolute";
  return { ...inner, rules: [...(starts ? [] : around.rules), ...rulesOf(style, inner)] };
}

function rulesOf(style: CSSStyleDeclaration, around: Around): Rule[] {
  const line = style.textDecorationLine;
  const colour = painted(style.textDecorationColor, around);
  if (line === "none" || !colour) return [];
  const thickness =
    Number.parseFloat(style.textDecorationThickness) || Number.parseFloat(style.fontSize) / 14;
  const offset = Number.parseFloat(style.textUnderlineOffset);
  return ["underline", "line-through"]
    .filter((kind) => line.includes(kind))
    .map((kind) => ({
      through: kind === "line-through",
      colour,
      thickness: Math.max(1, thickness),
      offset: Number.isNaN(offset) ? undefined : offset,
    }));
}
