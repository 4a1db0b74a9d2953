import { html, mathml, nothing, type TemplateResult } from "lit";
import { single } from "../base/numbers.ts";

/** A formula as a tree, so that a notation can rename its symbols and a cell can fill in numbers. */
export interface Formula {
  markup: TemplateResult<3>;
  /** The same as one line of text, for screen readers and where MathML can't be drawn. */
  text: string;
  /** A single part: it needs no brackets in a product or after a ∂. */
  whole: boolean;
}

const formulaOf = (markup: TemplateResult<3>, text: string, whole = true): Formula => ({
  markup,
  text,
  whole,
});

const textsOf = (parts: readonly Formula[]) => parts.map(({ text }) => text).join("");
const inBrackets = ({ text, whole }: Formula) => (whole ? text : `(${text})`);

/** A name: a single letter is italic, a longer name is upright, like code. */
export const mi = (name: string) => formulaOf(mathml`<mi>${name}</mi>`, name);
/** A whole number that is part of the formula. */
export const digit = (value: number) => formulaOf(mathml`<mn>${value}</mn>`, String(value));
/** A whole number needs no decimals. */
const shown = (value: number) =>
  Number.isInteger(value) && Math.abs(value) < 1e6 ? String(Math.abs(value)) : single(Math.abs(value));

/** A number from the case. */
export const mn = (value: number) =>
  value < 0
    ? formulaOf(
        mathml`<mrow class="number"><mo form="prefix">−</mo><mn>${shown(value)}</mn></mrow>`,
        `−${shown(value)}`,
        false,
      )
    : formulaOf(mathml`<mn class="number">${shown(value)}</mn>`, shown(value));
/** A count from the case, written without decimals. */
export const count = (n: number) => formulaOf(mathml`<mn class="number">${n}</mn>`, String(n));
export const mo = (sign: string) => formulaOf(mathml`<mo>${sign}</mo>`, sign === "·" ? sign : ` ${sign} `);
export const words = (text: string) => formulaOf(mathml`<mtext>${text}</mtext>`, text);
export const row = (...parts: Formula[]) =>
  formulaOf(mathml`<mrow>${parts.map(({ markup }) => markup)}</mrow>`, textsOf(parts), parts.length === 1);
export const group = (...parts: Formula[]) =>
  formulaOf(
    mathml`<mrow><mo stretchy="false">(</mo>${parts.map(({ markup }) => markup)}<mo stretchy="false">)</mo></mrow>`,
    `(${textsOf(parts)})`,
  );
export const minus = (of: Formula) =>
  formulaOf(mathml`<mrow><mo form="prefix">−</mo>${of.markup}</mrow>`, `−${inBrackets(of)}`, false);
export const sub = (base: Formula, index: string) =>
  formulaOf(mathml`<msub>${base.markup}<mi>${index}</mi></msub>`, `${inBrackets(base)}_${index}`);
/** The index of a cell: its row, if it has one, and its column. */
export const at = (base: Formula, ...places: number[]) =>
  formulaOf(
    mathml`<msub><mrow>${base.markup}</mrow><mrow>${places.map(
      (place, i) => mathml`${i > 0 ? mathml`<mo>,</mo>` : nothing}<mn>${place}</mn>`,
    )}</mrow></msub>`,
    `${inBrackets(base)}[${places.join(", ")}]`,
  );
export const sup = (base: Formula, power: Formula) =>
  formulaOf(
    mathml`<msup>${base.markup}${power.markup}</msup>`,
    power.text === "2" ? `${inBrackets(base)}²` : `${inBrackets(base)}^${inBrackets(power)}`,
  );
export const frac = (top: Formula, bottom: Formula) =>
  formulaOf(
    mathml`<mfrac>${top.markup}${bottom.markup}</mfrac>`,
    `${inBrackets(top)}/${inBrackets(bottom)}`,
    false,
  );
/** A fraction on one line, where a stacked one would be too tall. */
export const over = (top: Formula, bottom: Formula) =>
  formulaOf(
    mathml`<mrow>${top.markup}<mo>/</mo>${bottom.markup}</mrow>`,
    `${inBrackets(top)}/${inBrackets(bottom)}`,
    false,
  );
export const sqrt = (inside: Formula) =>
  formulaOf(mathml`<msqrt>${inside.markup}</msqrt>`, `√${inBrackets(inside)}`);
export const hat = (letter: string) =>
  formulaOf(mathml`<mover accent="true"><mi>${letter}</mi><mo>^</mo></mover>`, `${letter}̂`);
export const sum = (...terms: Formula[]) =>
  formulaOf(
    mathml`<mrow><munder><mo>∑</mo><mi>i</mi></munder>${terms.map(({ markup }) => markup)}</mrow>`,
    `Σᵢ ${textsOf(terms)}`,
    false,
  );
export const partialOf = (of: Formula) =>
  formulaOf(
    mathml`<mrow><mo form="prefix" lspace="0" rspace="0">∂</mo>${of.markup}</mrow>`,
    `∂${inBrackets(of)}`,
  );
/** Says which array a symbol stands for. */
export const named = (symbol: Formula, which: "value" | "grad", of: string): Formula => ({
  ...symbol,
  markup: mathml`<mrow data-of=${`${which} ${of}`}>${symbol.markup}</mrow>`,
});

/** A term that is 0: above a line of its width, since just below its sum "= 0" would read as the index. */
export const vanishing = (of: Formula) =>
  formulaOf(
    mathml`<munder><mrow class="vanishes">${of.markup}</mrow><mrow><mo>=</mo><mn>0</mn></mrow></munder>`,
    `[${of.text} = 0]`,
  );
/** left = right. */
export const equation = (left: Formula, right: Formula) => row(left, mo("="), right);
/** A number after a sign; a negative one gets brackets. */
export const bracketed = (value: number) => (value < 0 ? group(mn(value)) : mn(value));

/** A formula within a line. */
export const math = ({ markup, text }: Formula) =>
  html`<math alttext=${text} aria-label=${text}>${markup}</math>`;

/** A formula on a line of its own, with fractions and sums in full size. */
export const display = ({ markup, text }: Formula) =>
  html`<math displaystyle="true" alttext=${text} aria-label=${text}>${markup}</math>`;
