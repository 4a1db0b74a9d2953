import { type Around, painted, placed } from "./picture-around.ts";
import { type Box, outlineOf, type Run, type Shape, solid } from "./picture-marks.ts";
import { type Drawn, fontOf, stretched } from "./picture-text.ts";

const boxOf = (element: Element, around: Around) => placed(element.getBoundingClientRect(), around);

/** Letters of mathematics that stand apart from their alphabet. */
const kApart: Readonly<Record<string, number>> = {
  h: 0x210e,
  "∂": 0x1d715,
  ϵ: 0x1d716,
  ϑ: 0x1d717,
  ϕ: 0x1d719,
};
const kAlphabets = [
  ["A", "Z", 0x1d434],
  ["a", "z", 0x1d44e],
  ["Α", "Ω", 0x1d6e2],
  ["α", "ω", 0x1d6fc],
] as const;

/** What <mi> makes of a single letter. */
function slanted(name: string): string {
  if (kApart[name]) return String.fromCodePoint(kApart[name]);
  const [first, , begin] = kAlphabets.find(([a, z]) => name.length === 1 && name >= a && name <= z) ?? [];
  if (!first) return name;
  return String.fromCodePoint(name.charCodeAt(0) - first.charCodeAt(0) + (begin as number));
}

/** The lines of a fraction or a root; no element has them. */
export function mathLines(element: Element, style: CSSStyleDeclaration, around: Around): Shape[] {
  const isRoot = element.localName === "msqrt";
  const colour = painted(style.color, around);
  if (!(isRoot || element.localName === "mfrac") || !colour) return [];
  const { clip } = around;
  const size = Number.parseFloat(style.fontSize);
  const thickness = Math.max(1, 0.05 * size);
  const box = boxOf(element, around);
  const inside = [...element.children].map((child) => boxOf(child, around));
  if (!isRoot) {
    const [top, bottom] = inside as [Box, Box];
    const left = box.x + Number.parseFloat(style.paddingLeft);
    const right = box.x + box.width - Number.parseFloat(style.paddingRight);
    const y = Math.round((top.y + top.height + bottom.y - thickness) / 2);
    return [{ d: outlineOf({ x: left, y, width: right - left, height: thickness }), fill: colour, clip }];
  }
  const left = Math.min(...inside.map(({ x }) => x));
  const right = Math.max(...inside.map(({ x, width }) => x + width));
  const width = Math.min(left - box.x, 0.5 * size);
  const [top, foot] = [Math.round(box.y) + thickness / 2, box.y + box.height];
  const middle = foot - Math.min(0.45 * box.height, 0.5 * size);
  const at = (share: number, y: number) => `${(left + (share - 1) * width).toFixed(2)} ${y.toFixed(2)}`;
  const thin = `M${at(0, middle + 0.1 * size)}L${at(0.24, middle)}L${at(0.5, foot)}L${at(1, top)}H${right.toFixed(2)}`;
  const thick = `M${at(0.24, middle)}L${at(0.5, foot)}`;
  return [
    { d: thin, stroke: solid(colour, thickness), clip },
    { d: thick, stroke: solid(colour, 1.9 * thickness), clip },
  ];
}

const lineOf = (element: Element, around: Around) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return placed(range.getBoundingClientRect(), around);
};

/** An operator that the browser draws larger than its letter is, or elsewhere: only its box says so. */
export function operatorMarks(element: Element, style: CSSStyleDeclaration, around: Around): Run[] {
  const fill = element.localName === "mo" && painted(style.color, around);
  if (!fill) return [];
  const text = element.textContent?.trim() ?? "";
  const [box, line] = [boxOf(element, around), lineOf(element, around)];
  return stretched({ text, box, line, font: fontOf(style), fill, clip: around.clip });
}

/** How the one letter of an element of MathML is drawn. */
export function letterOf(element: Element, around: Around): Drawn | undefined {
  if (!["mi", "mo"].includes(element.localName)) return undefined;
  const text = element.textContent?.trim() ?? "";
  if (text.length !== 1) return undefined;
  const { x, width } = boxOf(element, around);
  if (element.localName === "mi") return { text: slanted(text), x, width };
  // browsers have the spaces on both sides of an operator within its box, and Firefox says that its text begins there
  const own = lineOf(element, around).width;
  return { text, x: x + (width - own) / 2, width: own };
}
