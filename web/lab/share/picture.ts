import { xmlText } from "../base/escaped.ts";

/** Inherited properties, written only where they differ from the parent's. */
const kInherited = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-opacity",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "paint-order",
  "font-family",
  "font-size",
  "font-weight",
  "font-style",
  "text-anchor",
];
type Look = Readonly<Record<string, string | undefined>>;

const kDrawn = /^(?:defs|marker|pattern|g|path|rect|circle|line|text|tspan)$/;
const kOfThePage = /^(?:class|role|tabindex|aria-.*|data-.*)$/;

/** The margin of the picture. */
const kMargin = 10;

/** The scale of a PNG, for high-resolution screens and slides. */
const kScale = 2;

/** One pixel to draw on, made when the first picture is. */
let pixel: CanvasRenderingContext2D | undefined;

/** A colour in a form that every program reads. Browsers write mixed colours as oklab(…), which other programs don't know. */
function paintOf(computed: string): [paint: string, opacity: string] {
  if (computed === "none" || computed.startsWith("url")) return [computed.replaceAll('"', ""), "1"];
  pixel ??= document
    .createElement("canvas")
    .getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = computed;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha = 0] = pixel.getImageData(0, 0, 1, 1).data;
  const hex = [red, green, blue].map((part = 0) => part.toString(16).padStart(2, "0")).join("");
  return alpha === 0 ? ["none", "1"] : [`#${hex}`, String(Number((alpha / 255).toFixed(2)))];
}

function lookOf(element: Element): Look {
  const style = getComputedStyle(element);
  const look = new Map(kInherited.map((name) => [name, style.getPropertyValue(name)]));
  for (const kind of ["fill", "stroke"] as const) {
    const [paint, opacity] = paintOf(style[kind]);
    look.set(kind, paint).set(`${kind}-opacity`, opacity);
  }
  return Object.fromEntries(look);
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

function make(name: string, attributes: Attributes, content: readonly (Node | string)[] = []): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...content);
  return element;
}

/** A copy of an element with its styles as attributes, without invisible parts. */
function copyOf(element: Element, around: Look): Element[] {
  if (!kDrawn.test(element.localName)) return [];
  const look = lookOf(element);
  const { fill, stroke } = look;
  if (element instanceof SVGGeometryElement && fill === "none" && stroke === "none") return [];
  const own = [...element.attributes].filter(({ name }) => !kOfThePage.test(name) && !(name in look));
  const changed = Object.entries(look).filter(([name, value]) => value !== around[name]);
  const attributes = Object.fromEntries([...own.map(({ name, value }) => [name, value]), ...changed]);
  const { children, textContent } = element;
  const isText = element instanceof SVGTextContentElement && children.length === 0;
  const content = isText
    ? [textContent?.trim() ?? ""]
    : [...children].flatMap((child) => copyOf(child, look));
  return [make(element.localName, attributes, content)];
}

interface About {
  /** For screen readers. */
  title: string;
  description: string;
  language: string;
  /** The title of the picture and its legend. */
  heading: string;
  rule: string;
  negative: string;
  positive: string;
}

interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The lines below the cards. */
function ground(frame: Frame, { heading, rule, negative, positive }: About): SVGElement {
  const [x, y] = [frame.x + 18, frame.y + kMargin];
  const words = (text: string, dx: number, dy: number, look: Attributes = {}) =>
    make("text", { x: x + dx, y: y + dy, ...look }, [xmlText(text)]);
  const swatch = (dx: number, fill: string) =>
    make("rect", { x: x + dx, y: y + 45, width: 11, height: 11, rx: 3, fill });
  return make("g", { fill: "var(--ink)", "font-size": 12 }, [
    make("rect", { ...frame, fill: "var(--card)" }),
    words(heading, 0, 18, { "font-size": 15, "font-weight": 600 }),
    words(rule, 0, 37),
    swatch(0, "var(--negative)"),
    words(negative, 16, 55),
    swatch(86, "var(--positive)"),
    words(positive, 102, 55),
  ]);
}

/** The graph as an SVG file: only shapes and text, no scripts and no external files. */
export function svgOf(graph: SVGSVGElement, about: About): string {
  const { width, height } = graph.viewBox.baseVal;
  const room = width < 500 ? 64 : 0; // the tall picture has no room beside the cards
  const frame = {
    x: -kMargin,
    y: -kMargin - room,
    width: width + 2 * kMargin,
    height: height + 2 * kMargin + room,
  };
  const added = ground(frame, about);
  graph.prepend(added); // for its colours
  try {
    const look = lookOf(graph);
    const { title, description, language: lang } = about;
    const viewBox = Object.values(frame).join(" ");
    const size = { width: frame.width, height: frame.height, viewBox };
    const root = make("svg", { ...size, lang, role: "img", ...look }, [
      make("title", {}, [xmlText(title)]),
      make("desc", {}, [xmlText(description)]),
      ...[...graph.children].flatMap((child) => copyOf(child, look)),
    ]);
    return new XMLSerializer().serializeToString(root);
  } finally {
    added.remove();
  }
}

/** The same as a PNG file. Fails if the policy of the host page forbids `img-src data:`. */
export async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = kScale * image.width;
  canvas.height = kScale * image.height;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG"))), "image/png");
  });
}
