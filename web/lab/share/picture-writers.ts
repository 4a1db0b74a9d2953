import { type Colour, hexOf } from "./picture-colour.ts";
import {
  type Hatch,
  isHatch,
  isRun,
  type Mark,
  type Matrix,
  type Paint,
  type Picture,
  type Run,
  type Shape,
  type Stroke,
} from "./picture-marks.ts";
import { fontText } from "./picture-text.ts";

/** For screens with fine pixels; but no more pixels than every browser has in a canvas. */
const kScale = 2;
const kMostPixels = 16e6;

/** The side of a hatch's tile, and how thick its lines are. */
const kTile = 5;
const kLine = 1.5;

const short = (value: number, digits = 2) => String(Number(value.toFixed(digits)));

const escaped = (text: string) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these no XML can hold
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;");

type Attributes = Readonly<Record<string, string | number | undefined>>;

const written = (attributes: Attributes) =>
  Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) => ` ${name}="${typeof value === "number" ? short(value) : escaped(value as string)}"`,
    )
    .join("");

const opacityOf = ([, , , alpha]: Colour) => (alpha < 1 ? short(alpha, 3) : undefined);

const transformOf = (matrix: Matrix | undefined) =>
  matrix && `matrix(${matrix.map((part) => short(part, 4)).join(" ")})`;

const strokeOf = (stroke: Stroke | undefined): Attributes =>
  stroke
    ? {
        stroke: hexOf(stroke.colour),
        "stroke-opacity": opacityOf(stroke.colour),
        "stroke-width": stroke.width,
        "stroke-dasharray": stroke.dashes.length > 0 ? stroke.dashes.join(" ") : undefined,
        "stroke-linecap": stroke.cap === "butt" ? undefined : stroke.cap,
        "stroke-linejoin": stroke.join === "miter" ? undefined : stroke.join,
      }
    : {};

const fontOf = ({ font, fill, halo }: Run): Attributes => ({
  "font-family": font.family,
  "font-size": font.size,
  "font-weight": font.weight === "400" ? undefined : font.weight,
  "font-style": font.style === "normal" ? undefined : font.style,
  "font-variant": font.tabular ? "tabular-nums" : undefined,
  fill: hexOf(fill),
  "fill-opacity": opacityOf(fill),
  ...strokeOf(halo),
  "paint-order": halo && "stroke",
});

/** With their length, so that another machine's letters take the same room. */
const textOf = ({ text, x, y, width, matrix }: Run) =>
  `<text${written({
    x,
    y,
    textLength: width,
    lengthAdjust: "spacingAndGlyphs",
    transform: transformOf(matrix),
  })}>${escaped(text)}</text>\n`;

const patternOf = ({ ground, line }: Hatch) =>
  `<pattern width="${kTile}" height="${kTile}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
  `<rect width="${kTile}" height="${kTile}" fill="${hexOf(ground)}"/>` +
  `<rect width="${kLine}" height="${kTile}" fill="${hexOf(line)}"/></pattern>`;

/** Those that follow each other and have the same surroundings in one group. */
function grouped<Item>(
  items: readonly Item[],
  surroundings: (item: Item) => string,
  write: (items: readonly Item[]) => string,
): string {
  const groups: [key: string, items: Item[]][] = [];
  for (const item of items) {
    const key = surroundings(item);
    const last = groups.at(-1);
    if (last?.[0] === key) last[1].push(item);
    else groups.push([key, [item]]);
  }
  return groups.map(([key, all]) => (key ? `<g${key}>\n${write(all)}</g>\n` : write(all))).join("");
}

/** The picture as an SVG file: shapes and texts, and nothing that runs or is fetched. */
export function svgOf(picture: Picture, title: string, words: string): string {
  const { width, height, ground, language, marks } = picture;
  const ids = new Map<string, string>();
  const defined = (element: string) => {
    const id = ids.get(element) ?? `bn-${ids.size + 1}`;
    ids.set(element, id);
    return `url(#${id})`;
  };
  const fillOf = (paint: Paint | undefined): Attributes => {
    if (!paint) return { fill: "none" };
    if (isHatch(paint)) return { fill: defined(patternOf(paint)) };
    return { fill: hexOf(paint), "fill-opacity": opacityOf(paint) };
  };
  const clipOf = ({ clip }: Mark) =>
    clip ? written({ "clip-path": defined(`<clipPath><rect${written({ ...clip })}/></clipPath>`) }) : "";
  const shapeOf = ({ d, fill, stroke, matrix }: Shape) =>
    `<path${written({
      d,
      ...fillOf(fill),
      "fill-rule": fill && "evenodd",
      ...strokeOf(stroke),
      transform: transformOf(matrix),
    })}/>\n`;
  const content = grouped(marks, clipOf, (clipped) =>
    grouped(
      clipped,
      (mark) => (isRun(mark) ? written(fontOf(mark)) : ""),
      (all) => all.map((mark) => (isRun(mark) ? textOf(mark) : shapeOf(mark))).join(""),
    ),
  );
  const definitions = [...ids].map(([element, id]) => element.replace(/(?=[ >])/, ` id="${id}"`)).join("\n");
  const box = { width, height, viewBox: `0 0 ${width} ${height}` };
  return `<svg${written({ xmlns: "http://www.w3.org/2000/svg", ...box, "xml:lang": language || undefined, role: "img" })}>
<title>${escaped(title)}</title>
<desc>${escaped(words)}</desc>
<defs>${definitions}</defs>
<rect${written({ width, height, fill: hexOf(ground) })}/>
${content}</svg>
`;
}

/** The picture as a PNG file. */
export function pngOf(picture: Picture): Promise<Blob> {
  const { width, height, ground, language, marks } = picture;
  const scale = Math.min(kScale, Math.sqrt(kMostPixels / (width * height)));
  const canvas = document.createElement("canvas");
  canvas.lang = language; // which decides on fonts
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  pen.scale(scale, scale);
  pen.fillStyle = cssOf(ground);
  pen.fillRect(0, 0, width, height);
  for (const mark of marks) {
    pen.save();
    if (mark.clip) {
      const { x, y, width, height } = mark.clip;
      pen.beginPath();
      pen.rect(x, y, width, height);
      pen.clip();
    }
    if (mark.matrix) pen.transform(...mark.matrix);
    if (isRun(mark)) drawRun(pen, mark);
    else drawShape(pen, mark);
    pen.restore();
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG"))), "image/png");
  });
}

const cssOf = (colour: Colour) =>
  `rgb(${colour.slice(0, 3).map((part) => part * 255)} / ${colour[3]})`.replaceAll(",", " ");

function drawShape(pen: CanvasRenderingContext2D, { d, fill, stroke }: Shape) {
  const path = new Path2D(d);
  if (fill) {
    pen.fillStyle = isHatch(fill) ? tileOf(fill) : cssOf(fill);
    pen.fill(path, "evenodd");
  }
  if (stroke) {
    setStroke(pen, stroke);
    pen.stroke(path);
  }
}

function setStroke(pen: CanvasRenderingContext2D, { colour, width, dashes, cap, join }: Stroke) {
  pen.strokeStyle = cssOf(colour);
  pen.lineWidth = width;
  pen.lineCap = cap;
  pen.lineJoin = join;
  pen.setLineDash([...dashes]);
}

function drawRun(pen: CanvasRenderingContext2D, { text, x, y, width, font, fill, halo }: Run) {
  pen.font = fontText(font);
  const own = pen.measureText(text).width;
  pen.translate(x, y);
  if (own > 0) pen.scale(width / own, 1); // spacing and the width of figures are not a canvas's to know
  if (halo) {
    setStroke(pen, halo);
    pen.strokeText(text, 0, 0);
  }
  pen.fillStyle = cssOf(fill);
  pen.fillText(text, 0, 0);
}

function tileOf({ ground, line }: Hatch): CanvasPattern {
  const finer = 4;
  const tile = document.createElement("canvas");
  tile.width = tile.height = kTile * finer;
  const pen = tile.getContext("2d") as CanvasRenderingContext2D;
  pen.fillStyle = cssOf(ground);
  pen.fillRect(0, 0, tile.width, tile.height);
  pen.fillStyle = cssOf(line);
  pen.fillRect(0, 0, kLine * finer, tile.height);
  const pattern = pen.createPattern(tile, "repeat") as CanvasPattern;
  pattern.setTransform(new DOMMatrix().rotate(45).scale(1 / finer));
  return pattern;
}
