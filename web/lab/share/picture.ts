import { type Around, painted, placed, within } from "./picture-around.ts";
import { boxMarks, insideOf } from "./picture-boxes.ts";
import { common, type Mark, type Picture } from "./picture-marks.ts";
import { letterOf, mathLines, operatorMarks } from "./picture-math.ts";
import { svgMarks } from "./picture-svg.ts";
import { textMarks } from "./picture-text.ts";

/** Around what is drawn. */
const kMargin = 12;

/** What is drawn over what surrounds it, once that is done. */
interface Raised {
  z: number;
  marks: readonly Mark[];
}

/**
 * What an element shows, as shapes and runs of text: for a picture that needs neither a foreignObject, which would taint
 * a canvas, nor an image, which the page's policy forbids. What is hidden from the eye is left out.
 */
export function pictureOf(element: Element): Picture {
  const shown = drawnFarAway(element);
  try {
    const { left, top, width, height } = element.getBoundingClientRect();
    const around: Around = {
      origin: { x: Math.floor(left) - kMargin, y: Math.floor(top) - kMargin },
      clip: undefined,
      opacity: 1,
      grey: false,
      rules: [],
    };
    const raised: Raised[] = [];
    const marks = marksOf(element, around, raised);
    return {
      width: Math.ceil(width + 2 * kMargin),
      height: Math.ceil(height + 2 * kMargin),
      ground: groundOf(element, around),
      language: element.closest("[lang]")?.getAttribute("lang") ?? "",
      marks: [...marks, ...inOrder(raised)],
    };
  } finally {
    for (const one of shown) one.style.contentVisibility = "";
  }
}

/** Has what is far from the screen laid out as well; the answer has to be told when that is no longer needed. */
function drawnFarAway(element: Element): HTMLElement[] {
  const found: HTMLElement[] = [];
  const look = (parent: Element | ShadowRoot) => {
    for (const child of parent.children) {
      if (child instanceof HTMLElement && getComputedStyle(child).contentVisibility === "auto") {
        child.style.contentVisibility = "visible";
        found.push(child);
      }
      look(child.shadowRoot ?? child);
    }
  };
  look(element);
  return found;
}

/** The colour of the nearest surface behind an element. */
function groundOf(element: Element, around: Around): Picture["ground"] {
  for (let at: Element | null = element; at; at = parentOf(at)) {
    const colour = painted(getComputedStyle(at).backgroundColor, around);
    if (colour?.[3] === 1) return colour;
  }
  return [1, 1, 1, 1];
}

function parentOf(element: Element): Element | null {
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

const inOrder = (raised: readonly Raised[]) =>
  raised.toSorted((a, b) => a.z - b.z).flatMap(({ marks }) => marks);

const isUnseen = (element: Element, style: CSSStyleDeclaration) =>
  style.display === "none" ||
  style.opacity === "0" ||
  style.clipPath === "inset(50%)" ||
  element.matches("style, script, template, [aria-live=polite], [aria-live=assertive]");

/** Whether what is raised within stays within. */
const isLayer = ({ contain, opacity, transform, filter }: CSSStyleDeclaration) =>
  /strict|content|paint|layout/.test(contain) || opacity !== "1" || transform !== "none" || filter !== "none";

const cuts = (style: CSSStyleDeclaration) =>
  style.display !== "inline" && (style.overflowX !== "visible" || /strict|content|paint/.test(style.contain));

function marksOf(element: Element, around: Around, raised: Raised[]): Mark[] {
  const style = getComputedStyle(element);
  if (isUnseen(element, style)) return [];
  const z = style.position === "static" ? 0 : Number(style.zIndex) || 0;
  const own: Raised[] = [];
  const above = z > 0 || isLayer(style) ? own : raised;
  const marks = drawn(element, style, around, above);
  const all = above === own ? [...marks, ...inOrder(own)] : marks;
  if (z === 0) return all;
  raised.push({ z, marks: all });
  return [];
}

function drawn(element: Element, style: CSSStyleDeclaration, around: Around, raised: Raised[]): Mark[] {
  const box = placed(element.getBoundingClientRect(), around);
  const clip = cuts(style) ? common(insideOf(box, style), around.clip) : around.clip;
  if (element instanceof SVGSVGElement) return svgMarks(element, { ...around, clip });
  const inner = within(style, around, clip);
  const operator = operatorMarks(element, style, inner);
  if (operator.length > 0) return operator;
  const { below, above } = boxMarks(element, style, { ...inner, clip: around.clip });
  const content = childrenOf(element).flatMap((child): Mark[] => {
    if (child instanceof Text) return textMarks(child, style, inner, letterOf(element, inner));
    return child instanceof Element ? marksOf(child, inner, raised) : [];
  });
  return [...below, ...content, ...mathLines(element, style, inner), ...above];
}

function childrenOf(element: Element): readonly Node[] {
  if (element.shadowRoot) return [...element.shadowRoot.childNodes];
  return element instanceof HTMLSlotElement
    ? element.assignedNodes({ flatten: true })
    : [...element.childNodes];
}
