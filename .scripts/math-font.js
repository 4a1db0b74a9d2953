// The font of the page's formulas where no math font is installed: the part of STIX Two Math that formulas need.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { root } from "./run.js";

const home = () =>
  dirname(createRequire(join(root, "package.json")).resolve("@fontsource/stix-two-math/package.json"));

const range = (first, last) =>
  Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)).join("");

// Names and numbers; the italic letters as which a single letter is drawn (MathML Core, "italic mappings"); and signs.
export const mathCharacters = [
  range(0x20, 0x7e),
  range(0x1d434, 0x1d467),
  "ℎ",
  "αβγδεημλσθΣΔ",
  range(0x1d6fc, 0x1d714), // 𝛼 to 𝜔
  "−·×÷±√∑∂∞≈≠≤≥½²³ᵢ…⋯→ˆ\u0302",
].join("");

// Name IDs 0 to 6 stay anyway. 13 and 14 are the licence and its address.
const kLicence = [13, 14];

/** The font as WOFF2. Its MATH table and the larger variants of its signs stay; hinting and kerning go. */
export async function mathFont() {
  const { default: subset } = await import("subset-font"); // only after npm ci
  const whole = await readFile(join(home(), "files/stix-two-math-latin-400-normal.woff2"));
  return subset(whole, mathCharacters, {
    targetFormat: "woff2",
    noHinting: true,
    keepFeatures: ["ssty"], // the shapes of letters in exponents
    dropTables: ["GPOS"],
    preserveNameIds: kLicence,
  });
}

/** The licence, which every copy of the font comes with. */
export const mathFontLicence = () => readFile(join(home(), "LICENSE"), "utf8");
