import { type Around, inSight, painted } from "./picture-around.ts";
import { type Box, type Font, outlineOf, type Run, type Shape } from "./picture-marks.ts";

const kRuler = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;

export function fontOf(style: CSSStyleDeclaration): Font {
  return {
    family: style.fontFamily,
    size: Number.parseFloat(style.fontSize),
    weight: style.fontWeight,
    style: style.fontStyle,
    tabular: style.fontVariantNumeric.includes("tabular-nums"),
  };
}

/** As a canvas takes it. */
export const fontText = ({ style, weight, size, family }: Font) => `${style} ${weight} ${size}px ${family}`;

function measured(text: string, font: Font): TextMetrics {
  kRuler.font = fontText(font);
  return kRuler.measureText(text);
}

/** Where the base line of a line box lies: browsers round what stands above and below it. */
function baseOf({ y, height }: Box, font: Font): number {
  const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = measured("x", font);
  const [above, below] = [Math.round(up), Math.round(down)];
  if (Math.abs(above + below - height) < 0.1) return y + above;
  return y + up + (height - up - down) / 2;
}

interface Piece extends Box {
  text: string;
  /** Where it begins and ends in its node. */
  from: number;
  to: number;
}

/** The pieces of a text as its lines have them; spaces that are not shown are left out. */
function piecesOf(node: Text, origin: Around["origin"]): Piece[] {
  const range = document.createRange();
  const rectsOf = (from: number, to: number) => {
    range.setStart(node, from);
    range.setEnd(node, to);
    return [...range.getClientRects()].filter(({ width }) => width > 0);
  };
  const piece = (from: number, to: number, { x, y, width, height }: DOMRect): Piece => ({
    text: node.data.slice(from, to),
    from,
    to,
    x: x - origin.x,
    y: y - origin.y,
    width,
    height,
  });
  const pieces: Piece[] = [];
  const add = (next: Piece, between: (space: string) => boolean) => {
    const last = pieces.at(-1);
    const isSameLine = last && Math.abs(last.y - next.y) < 0.5 && next.x >= last.x;
    const space = last ? node.data.slice(last.to, next.from) : "";
    if (!isSameLine || !between(space)) return pieces.push(next);
    last.text += (space && " ") + next.text;
    last.to = next.to;
    last.width = next.x + next.width - last.x;
    return pieces.length;
  };
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    const end = index + word.length;
    const rects = rectsOf(index, end);
    const [only] = rects;
    if (!only) continue;
    if (rects.length === 1) {
      // two spaces or more are columns of a program's lines, where they are shown at all
      add(piece(index, end, only), (space) => space.length < 2 || !isPre(node));
      continue;
    }
    let at = index; // parted between lines
    for (const letter of word) {
      const [rect] = rectsOf(at, at + letter.length);
      if (rect) add(piece(at, at + letter.length, rect), () => true);
      else if (pieces.length > 0) (pieces.at(-1) as Piece).text += letter;
      at += letter.length;
    }
  }
  return pieces;
}

const isPre = ({ parentElement }: Text) =>
  parentElement !== null && getComputedStyle(parentElement).whiteSpace.startsWith("pre");

/** What is drawn for a text of one letter, and where on its line. */
export interface Drawn {
  text: string;
  x: number;
  width: number;
}

/** The runs of a text of HTML or MathML, with the lines that run along them. */
export function textMarks(
  node: Text,
  style: CSSStyleDeclaration,
  around: Around,
  drawn?: Drawn,
): (Run | Shape)[] {
  const fill = painted(style.color, around);
  if (!fill || node.data.trim() === "") return [];
  const font = fontOf(style);
  return piecesOf(node, around.origin).flatMap((piece) => {
    const own = inSight(piece, around);
    if (!own) return [];
    const y = baseOf(piece, font);
    const { text, x, width } = drawn ?? piece;
    const run: Run = { text, x, y, width, font, fill, clip: own.clip };
    return [...rules(piece, y, font, own), run];
  });
}

function rules({ x, width }: Box, base: number, { size }: Font, { rules, clip }: Around): Shape[] {
  return rules.map(({ through, colour, thickness, offset }) => {
    const y = through ? base - 0.28 * size : base + (offset ?? 0.1 * size) + thickness / 2;
    return {
      d: outlineOf({ x, y: y - thickness / 2, width, height: thickness }),
      fill: colour,
      clip,
    };
  });
}

interface Operator extends Pick<Run, "text" | "font" | "fill" | "clip"> {
  box: Box;
  /** Where its letter would be as a text. */
  line: Box;
}

const near = (a: number, b: number) => Math.abs(a - b) < 1.5;

/** A letter that fills its box, as a large sum sign; none, where the box is that of its line or of its ink. */
export function stretched({ text, box, line, font, fill, clip }: Operator): Run[] {
  const { width, actualBoundingBoxAscent: up, actualBoundingBoxDescent: down } = measured(text, font);
  const height = up + down;
  const isLine = near(box.y, line.y) && near(box.height, line.height);
  // WebKit has all ink reach down to the base line at least
  const isInk = near(box.y, baseOf(line, font) - up) && box.height < height + 1.5;
  if (isLine || isInk || height <= 0) return [];
  const [across, along] = [box.height / height, box.width / width];
  const matrix = [along, 0, 0, across, box.x, box.y + up * across] as const;
  return [{ text, x: 0, y: 0, width, font, fill, matrix, clip }];
}
