import { html, type TemplateResult } from "lit";
import type { Backnorm } from "../../src/index.ts";
import { inFull, largest } from "../base/numbers.ts";
import type { Path } from "../maths/graph-facts.ts";
import { type Formula, math, mi, mo, row, sub } from "../maths/mathml.ts";
import { shadeOf } from "../ui/theme.ts";
import type { Locale } from "../words/locale.ts";
import type { Column } from "./column.ts";

/** What the reader has done in a scene. Each scene begins anew. */
export interface Play {
  /** Whether its question was answered. */
  shown: boolean;
  /** The chosen row. */
  row: number;
  /** How far a number was moved. */
  moved: number;
  /** The paths left out. */
  off: ReadonlySet<Path>;
}

export const kUntouched: Play = { shown: false, row: 0, moved: 0, off: new Set() };

/** What a scene draws from. */
export interface Stage {
  locale: Locale;
  bn: Backnorm;
  column: Column;
  play: Play;
  set(part: Partial<Play>): void;
  /** The fragment of Find my mistake with an example. */
  mine: string;
}

/** A claim to doubt, a picture, something to do, and what it shows. */
export interface View {
  title: unknown;
  /** What a sign in the claim means. */
  note?: unknown;
  picture: TemplateResult;
  act: unknown;
  said: unknown;
}

/** Numbers of a case by hand have few decimals; what rounding adds to them is not shown. */
const rounded = (value: number) => Number(value.toFixed(3)) + 0;

export const plain = (value: number) => inFull(rounded(value));

/** "−7 − 1 + 7 + 1" */
export const summed = (values: readonly number[]): string =>
  values
    .map((value, at) =>
      at === 0 ? plain(value) : `${rounded(value) < 0 ? " −" : " +"} ${plain(Math.abs(value))}`,
    )
    .join("");

/** x with an index: of one column, the row says all. */
export const inRow = (symbol: Formula, at: number | "i"): Formula =>
  sub(symbol, at === "i" ? at : String(at + 1));

/** The standard deviation. With ε = 0 it needs no root where the variance is written as a square. */
export const sigmaIn = ({ formulas: { symbols } }: Locale): Formula =>
  symbols.var.text === "σ²" ? mi("σ") : symbols.std;

export const equals = (left: Formula, right: Formula) => row(left, mo("="), right);

/** Numbers below each other, in the shades of the page. `more`: what stands beside each. */
export function cells(
  name: string,
  caption: unknown,
  values: readonly number[],
  {
    most = largest(values),
    more,
    isOff = false,
  }: { most?: number; more?: (at: number) => unknown; isOff?: boolean } = {},
) {
  return html`
    <figure class=${isOff ? "column off" : "column"}>
      <figcaption>${caption}</figcaption>
      <ul data-array=${name} role="list">
        ${values.map((value, at) => html`<li><span class=${`cell ${shadeOf(rounded(value), most)}`}>${plain(value)}</span>${more?.(at)}</li>`)}
      </ul>
    </figure>`;
}

/** A symbol in a caption. */
export const symbol = (formula: Formula) => html`<span class="symbol">${math(formula)}</span>`;
