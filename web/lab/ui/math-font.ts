/** The font of the formulas in theme.ts, where the reader has none of those named before it. */
const kFamily = "Backnorm Math";

const kSample = "mmmiiiWx";

/** Documents that were asked whether they need the font. */
const kAsked = new WeakSet<Document>();

/** Whether a math font that the style of `formula` names is installed: then it sets other widths than the fallback. */
function isInstalled(formula: Element): boolean {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) return false;
  const widthIn = (families: string) => {
    pen.font = `48px ${families}`;
    return pen.measureText(kSample).width;
  };
  const plain = widthIn("monospace");
  const [named = ""] = getComputedStyle(formula).fontFamily.split(`"${kFamily}"`);
  return named.split(",").some((family) => family.trim() && widthIn(`${family}, monospace`) !== plain);
}

/**
 * Without a math font, exponents float and roots break: Android and bare Linux have none. The font comes as bytes, since
 * a strict policy blocks fonts from a URL.
 */
async function bring(root: ShadowRoot) {
  const { ownerDocument } = root;
  const formula = document.createElementNS("http://www.w3.org/1998/Math/MathML", "math");
  root.append(formula);
  const isNeeded = !isInstalled(formula);
  formula.remove();
  const view = ownerDocument.defaultView as (Window & typeof globalThis) | null;
  if (!isNeeded || !view) return;
  try {
    const { default: base64 } = await import("./math-font-file.ts");
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    ownerDocument.fonts.add(await new view.FontFace(kFamily, bytes).load());
  } catch {
    // formulas stay as they are
  }
}

/** Brings the font once the browser has nothing better to do. */
export function bringMathFont(root: ShadowRoot) {
  const { ownerDocument } = root;
  if (!ownerDocument.fonts || kAsked.has(ownerDocument)) return; // jsdom has no fonts
  kAsked.add(ownerDocument);
  const later = globalThis.requestIdleCallback ?? setTimeout; // WebKit has none
  later(() => bring(root));
}
