import { type Around, inSight, painted, placed } from "./picture-around.ts";
import { type Box, common, grown, type Hatch, outlineOf, type Shape, solid } from "./picture-marks.ts";

const px = (length: string) => Number.parseFloat(length) || 0;
/** Rings and outlines reach so far. */
const kMostAround = 6;
const kSides = ["Top", "Right", "Bottom", "Left"] as const;

/** Its box without its border. */
export function insideOf(box: Box, style: CSSStyleDeclaration): Box {
  const [top, right, bottom, left] = kSides.map((side) => px(style[`border${side}Width`])) as [
    number,
    number,
    number,
    number,
  ];
  return {
    x: box.x + left,
    y: box.y + top,
    width: Math.max(0, box.width - left - right),
    height: Math.max(0, box.height - top - bottom),
  };
}

function radiusOf({ borderTopLeftRadius: radius }: CSSStyleDeclaration, { width, height }: Box): number {
  const share = radius.endsWith("%") ? Math.min(width, height) / 100 : 1;
  return px(radius) * share;
}

/** To whole pixels, as browsers draw boxes. */
function snapped({ x, y, width, height }: Box): Box {
  const [left, top] = [Math.round(x), Math.round(y)];
  return { x: left, y: top, width: Math.round(x + width) - left, height: Math.round(y + height) - top };
}

/** What an element draws of its own box: below what is in it, and above that. */
export function boxMarks(
  element: Element,
  style: CSSStyleDeclaration,
  around: Around,
): { below: Shape[]; above: Shape[] } {
  const isInline = style.display === "inline";
  const rects = isInline ? [...element.getClientRects()] : [element.getBoundingClientRect()];
  const boxes = rects.map((rect) => snapped(placed(rect, around)));
  const parts = boxes.flatMap((box) => {
    const own = inSight(grown(box, kMostAround), around);
    if (!own) return [];
    const knob = isInline ? [] : blockBefore(element, insideOf(box, style), own);
    return [{ below: [...surface(box, style, own), ...knob], above: outline(box, style, own) }];
  });
  return { below: parts.flatMap(({ below }) => below), above: parts.flatMap(({ above }) => above) };
}

function surface(box: Box, style: CSSStyleDeclaration, around: Around): Shape[] {
  const radius = radiusOf(style, box);
  const fill = hatchOf(style.backgroundImage, around) ?? painted(style.backgroundColor, around);
  const [outer, inner] = shadows(box, style, radius, around);
  const ground = fill ? [{ d: outlineOf(box, radius), fill, clip: around.clip }] : [];
  return [...outer, ...ground, ...inner, ...borders(box, style, radius, around)];
}

const kColours = /(?:rgba?|oklab|color)\([^)]*\)/g;

/** The one gradient that the page has: lines on a ground. */
function hatchOf(image: string, around: Around): Hatch | undefined {
  if (!image.startsWith("repeating-linear-gradient")) return undefined;
  const colours = image.match(kColours) ?? [];
  const [line, ground] = [colours[0], colours.at(-1)].map((one) => one && painted(one, around));
  return line && ground ? { line, ground } : undefined;
}

/** Rings, around the box and inside it: none is blurred. */
function shadows(
  box: Box,
  style: CSSStyleDeclaration,
  radius: number,
  around: Around,
): [outer: Shape[], inner: Shape[]] {
  const [outer, inner]: [Shape[], Shape[]] = [[], []];
  const all = style.boxShadow === "none" ? [] : style.boxShadow.split(/,(?![^(]*\))/);
  for (const shadow of all.reverse()) {
    const fill = painted(shadow.match(kColours)?.[0] ?? "", around);
    const [x = 0, y = 0, , spread = 0] = (shadow.replace(kColours, "").match(/-?[\d.]+px/g) ?? []).map(px);
    if (!fill) continue;
    const isInset = shadow.includes("inset");
    const edge = isInset ? insideOf(box, style) : box;
    const moved = { ...grown(edge, isInset ? -spread : spread), x: edge.x + x, y: edge.y + y };
    moved.x -= isInset ? -spread : spread;
    moved.y -= isInset ? -spread : spread;
    const rim = radius > 0 ? Math.max(0, radius + (isInset ? -spread : spread)) : 0;
    const other = isInset ? common(moved, edge) : moved;
    const d = outlineOf(edge, radius) + outlineOf(other, rim);
    (isInset ? inner : outer).push({ d, fill, clip: around.clip });
  }
  return [outer, inner];
}

function borders(box: Box, style: CSSStyleDeclaration, radius: number, around: Around): Shape[] {
  const sides = kSides.map((side) => {
    const isDrawn = style[`border${side}Style`] !== "none";
    const colour = isDrawn ? painted(style[`border${side}Color`], around) : undefined;
    return { side, colour, width: colour ? px(style[`border${side}Width`]) : 0 };
  });
  const [first] = sides as [(typeof sides)[number]];
  const { colour, width } = first;
  const isFrame = sides.every((one) => one.width === width && one.colour?.join() === colour?.join());
  if (isFrame) {
    if (!colour || width === 0) return [];
    const d = outlineOf(grown(box, -width / 2), Math.max(0, radius - width / 2));
    return [{ d, stroke: solid(colour, width), clip: around.clip }];
  }
  return sides.flatMap((one) => {
    if (!one.colour || one.width === 0) return [];
    const edge = edgeOf(box, one.side, one.width);
    // round corners are those of the whole box
    const rounds = radius > 0 && { d: outlineOf(box, radius), clip: common(edge, around.clip) };
    return [{ d: outlineOf(edge), clip: around.clip, ...rounds, fill: one.colour }];
  });
}

function edgeOf({ x, y, width, height }: Box, side: (typeof kSides)[number], thick: number): Box {
  if (side === "Top") return { x, y, width, height: thick };
  if (side === "Bottom") return { x, y: y + height - thick, width, height: thick };
  return { x: side === "Left" ? x : x + width - thick, y, width: thick, height };
}

function outline(box: Box, style: CSSStyleDeclaration, around: Around): Shape[] {
  const colour = style.outlineStyle === "none" ? undefined : painted(style.outlineColor, around);
  const width = px(style.outlineWidth);
  if (!colour || width === 0) return [];
  const by = px(style.outlineOffset) + width / 2;
  const radius = radiusOf(style, box);
  const d = outlineOf(grown(box, by), radius > 0 ? radius + by : 0);
  return [{ d, stroke: solid(colour, width), clip: around.clip }];
}

/** What ::before draws, where it is a block without text that stands first: the knob of a switch. */
function blockBefore(element: Element, inside: Box, around: Around): Shape[] {
  const style = getComputedStyle(element, "::before");
  if (style.content !== '""' || style.display !== "block") return [];
  const [width, height] = [px(style.width), px(style.height)];
  const box = { x: inside.x + px(style.marginLeft), y: inside.y + px(style.marginTop), width, height };
  return surface(box, style, around);
}
