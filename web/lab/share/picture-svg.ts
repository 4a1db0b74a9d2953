import { type Around, inSight, painted, placed, within } from "./picture-around.ts";
import {
  grown,
  type Hatch,
  type Mark,
  type Matrix,
  outlineOf,
  type Paint,
  type Run,
  type Stroke,
} from "./picture-marks.ts";
import { fontOf } from "./picture-text.ts";

const kUnseen = new Set(["defs", "title", "desc", "marker", "pattern", "clipPath", "style", "symbol"]);

/** What an element of an SVG draws, and all that is in it. */
export function svgMarks(element: SVGElement, around: Around): Mark[] {
  const style = getComputedStyle(element);
  if (kUnseen.has(element.localName) || style.display === "none" || style.opacity === "0") return [];
  const edge = 4 * Number.parseFloat(style.strokeWidth); // a miter's tip, or an arrow's
  const box = grown(placed(element.getBoundingClientRect(), around), edge);
  const sighted = inSight(box, around);
  if (!sighted) return [];
  const inner = within(style, sighted, sighted.clip);
  const own = style.visibility === "visible" ? ownMarks(element, style, inner) : [];
  return [...own, ...[...element.children].flatMap((child) => svgMarks(child as SVGElement, inner))];
}

function ownMarks(element: SVGElement, style: CSSStyleDeclaration, around: Around): Mark[] {
  const matrix = matrixOf(element, around);
  if (!matrix) return [];
  if (element instanceof SVGTextContentElement) return runs(element, style, matrix, around);
  if (!(element instanceof SVGGeometryElement)) return [];
  const [fill, stroke] = [paintOf(element, style, around), strokeOf(style, around)];
  const d = pathOf(element);
  const shape = fill || stroke ? [{ d, fill, stroke, matrix, clip: around.clip }] : [];
  return [...shape, ...tips(element, style, matrix, around)];
}

function matrixOf(element: SVGElement, { origin }: Around): Matrix | undefined {
  const matrix = element instanceof SVGGraphicsElement ? element.getScreenCTM() : null;
  if (!matrix) return undefined;
  const { a, b, c, d, e, f } = matrix;
  return [a, b, c, d, e - origin.x, f - origin.y];
}

function pathOf(element: SVGGeometryElement): string {
  const length = (name: string) => {
    const { [name]: value } = element as unknown as Record<string, SVGAnimatedLength | undefined>;
    return value?.baseVal.value ?? 0;
  };
  const round = (cx: number, cy: number, rx: number, ry: number) =>
    `M${cx - rx} ${cy}a${rx} ${ry} 0 1 1 ${2 * rx} 0a${rx} ${ry} 0 1 1 ${-2 * rx} 0z`;
  switch (element.localName) {
    case "rect": {
      const [x, y, width, height] = [length("x"), length("y"), length("width"), length("height")];
      return outlineOf({ x, y, width, height }, length("rx"));
    }
    case "circle":
      return round(length("cx"), length("cy"), length("r"), length("r"));
    case "ellipse":
      return round(length("cx"), length("cy"), length("rx"), length("ry"));
    case "line":
      return `M${length("x1")} ${length("y1")}L${length("x2")} ${length("y2")}`;
    case "path":
      return element.getAttribute("d") ?? "";
    default:
      return `M${element.getAttribute("points") ?? ""}${element.localName === "polygon" ? "z" : ""}`;
  }
}

function named(reference: string, from: Element): Element | null {
  const id = /url\("?#([^")]+)"?\)/.exec(reference)?.[1];
  return id ? (from.getRootNode() as Document | ShadowRoot).querySelector(`#${CSS.escape(id)}`) : null;
}

function paintOf(element: Element, style: CSSStyleDeclaration, around: Around): Paint | undefined {
  const pattern = named(style.fill, element);
  return pattern ? hatchOf(pattern, around) : painted(style.fill, around, Number(style.fillOpacity));
}

function hatchOf(pattern: Element, around: Around): Hatch | undefined {
  const [ground, line] = ["rect", "path"].map((name) => pattern.querySelector(name));
  const colours = [ground && getComputedStyle(ground).fill, line && getComputedStyle(line).stroke];
  const [below, above] = colours.map((colour) => painted(colour ?? "", around));
  return below && above ? { ground: below, line: above } : undefined;
}

function strokeOf(style: CSSStyleDeclaration, around: Around): Stroke | undefined {
  const colour = painted(style.stroke, around, Number(style.strokeOpacity));
  const width = Number.parseFloat(style.strokeWidth);
  if (!colour || width === 0) return undefined;
  const dashes = style.strokeDasharray.match(/[\d.]+/g)?.map(Number) ?? [];
  const [cap, join] = [style.strokeLinecap as CanvasLineCap, style.strokeLinejoin as CanvasLineJoin];
  return { colour, width, dashes, cap, join };
}

/** What stands at the ends of a line: arrow heads. */
function tips(element: SVGGeometryElement, style: CSSStyleDeclaration, at: Matrix, around: Around): Mark[] {
  const ends = [style.markerStart, style.markerEnd].map((reference) => named(reference, element));
  if (!ends.some(Boolean)) return [];
  const length = element.getTotalLength();
  return ends.flatMap((marker, end) => {
    if (!(marker instanceof SVGMarkerElement)) return [];
    const tip = element.getPointAtLength(end * length);
    const behind = element.getPointAtLength(end === 1 ? length - 0.5 : 0.5);
    const { x, y, width } = marker.viewBox.baseVal;
    const placed = new DOMMatrix([...at])
      .translate(tip.x, tip.y)
      .rotateFromVector(tip.x - behind.x, tip.y - behind.y)
      .scale(marker.markerWidth.baseVal.value / width)
      .translate(-x - marker.refX.baseVal.value, -y - marker.refY.baseVal.value);
    const matrix = [placed.a, placed.b, placed.c, placed.d, placed.e, placed.f] as const;
    return [...marker.querySelectorAll<SVGGeometryElement>("path")].map((path) => ({
      d: pathOf(path),
      fill: paintOf(path, getComputedStyle(path), around),
      matrix,
      clip: around.clip,
    }));
  });
}

/** The texts that stand in an element itself, each from where its first letter is. */
function runs(
  element: SVGTextContentElement,
  style: CSSStyleDeclaration,
  matrix: Matrix,
  around: Around,
): Run[] {
  const fill = painted(style.fill, around, Number(style.fillOpacity));
  if (!fill) return [];
  const halo = style.paintOrder.startsWith("stroke") ? strokeOf(style, around) : undefined;
  const font = fontOf(style);
  let at = 0;
  return [...element.childNodes].flatMap((node) => {
    if (node instanceof SVGTextContentElement) at += node.getNumberOfChars();
    if (!(node instanceof Text)) return [];
    const text = node.data.replace(/\s+/g, " ").trim();
    if (text === "") return [];
    const { x, y } = element.getStartPositionOfChar(at);
    const width = element.getSubStringLength(at, text.length);
    at += text.length;
    return [{ text, x, y, width, font, fill, halo, matrix, clip: around.clip }];
  });
}
