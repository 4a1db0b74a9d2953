import { css, html, nothing, svg, type TemplateResult } from "lit";
import type { NodeReport } from "../../src/index.ts";
import { inFull, scientific } from "../base/numbers.ts";
import type { RestWords } from "../words/vocabulary.ts";

type DerivativeWords = RestWords["derivatives"];

/** One cell's derivative, computed in three ways, with error bounds for two of them. */
export interface Derivatives {
  exact: number;
  analytic: number;
  bound: number;
  numeric: number;
  numericBound: number;
}

export function derivativesAt(report: NodeReport<Float64Array>, at: number): Derivatives {
  const of = (values: Float64Array) => values[at] as number;
  return {
    exact: of(report.exact),
    analytic: of(report.analytic),
    bound: of(report.bound),
    numeric: of(report.numeric),
    numericBound: of(report.numericBound),
  };
}

const percent = (at: number) => `${at.toFixed(2)}%`;
/** Half the width of a track; the rest is margin. */
const kHalf = 46;

/** The marks on a track whose middle is the exact derivative and whose ends are `span` away. */
function track(span: number, mark: TemplateResult<2> | typeof nothing) {
  return html`<svg class="track" aria-hidden="true">
    ${span > 0 ? svg`<line class="middle" x1="50%" x2="50%" y1="0" y2="100%"></line>` : nothing}
    ${mark}
  </svg>`;
}

const place = (offset: number, span: number) => percent(50 + (kHalf * offset) / span);

/** A dot on an error bar. */
function whisker(offset: number, half: number, span: number) {
  const [from, to] = [place(offset - half, span), place(offset + half, span)];
  const cap = (x: string) => svg`<line x1=${x} x2=${x} y1="9" y2="19"></line>`;
  return svg`<g class="whisker"><line x1=${from} x2=${to} y1="14" y2="14"></line>${cap(from)}${cap(to)}
    <circle cx=${place(offset, span)} cy="14" r="4"></circle></g>`;
}

/** A diamond if it fits on the track, otherwise an arrow at the end. */
function diamond(offset: number, span: number) {
  if (Number.isNaN(offset)) return nothing; // an array of another shape
  const beyond = Math.abs(offset) > span;
  const x = beyond ? percent(offset > 0 ? 98 : 2) : place(offset, span);
  const shape = !beyond
    ? "M0 -5.5 L5.5 0 L0 5.5 L-5.5 0Z"
    : offset > 0
      ? "M-6 -5 L4 0 L-6 5Z"
      : "M6 -5 L-4 0 L6 5Z";
  return svg`<svg x=${x} y="14" overflow="visible"><path class=${beyond ? "diamond beyond" : "diamond"} d=${shape}></path></svg>`;
}

/** 3 times; 2.1e9 times. */
const often = (ratio: number) => (ratio < 1e4 ? String(Math.round(ratio)) : scientific(ratio));

/** The finite difference in words. */
function differenceWords({ exact, numeric, numericBound }: Derivatives, words: DerivativeWords): string {
  const offset = numeric - exact;
  const [size, bar] = [Math.abs(offset), scientific(numericBound)];
  if (!(size <= numericBound)) return words.differenceBeyond(scientific(size), offset < 0, bar);
  return offset === 0
    ? words.differenceIsExact(bar)
    : words.differenceWithin(scientific(size), offset < 0, bar);
}

/** The backward pass in words. */
function passWords({ exact, analytic, bound }: Derivatives, words: DerivativeWords): string {
  const offset = analytic - exact;
  const size = Math.abs(offset);
  if (offset === 0) return words.passIsExact;
  if (size <= bound) return words.passWithin(scientific(size), offset < 0, scientific(bound));
  return words.passBeyond(scientific(size), offset < 0, bound > 0 ? often(size / bound) : undefined);
}

/** The difference and the pass in words. */
export const derivativeWords = (derivatives: Derivatives, words: DerivativeWords) =>
  words.sentences(differenceWords(derivatives, words), passWords(derivatives, words));

/** The exact derivative, the backward pass and the finite difference with its error bar, on one number line. */
export function derivativeLines(derivatives: Derivatives, words: DerivativeWords) {
  const { exact, analytic, numeric, numericBound } = derivatives;
  const reach = Math.abs(numeric - exact) + numericBound;
  const span = Number.isFinite(reach) ? reach * 1.25 : 0;
  const [off, passOff] = [numeric - exact, analytic - exact];
  const drawn = span > 0;
  const line = (name: string, value: number, note: string, mark: TemplateResult<2> | typeof nothing) => html`
    <tr role="row">
      <th role="rowheader" scope="row">${name}</th>
      <td role="cell" class="line">${track(span, drawn ? mark : nothing)}</td>
      <td role="cell" class="digits">${inFull(value)}</td>
      <td role="cell" class="off">${note}</td>
    </tr>`;
  const tick = svg`<line class="tick" x1="50%" x2="50%" y1="4" y2="24"></line>`;
  const passNote = passOff === 0 ? words.everyDigit : words.offBy(scientific(Math.abs(passOff)));
  return html`
    <table role="table" class="derivatives">
      <caption>${words.caption}${drawn ? words.drawn(scientific(span)) : nothing}</caption>
      ${line(words.exact, exact, "", tick)}
      ${line(words.pass, analytic, passNote, Number.isNaN(passOff) ? nothing : diamond(passOff, span))}
      ${line(words.difference, numeric, `± ${scientific(numericBound)}`, whisker(off, numericBound, span))}
    </table>`;
}

export const derivativeStyles = css`
  .derivatives {
    width: 100%;
    max-width: 860px;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  .derivatives caption {
    color: var(--muted);
    font-size: 12.5px;
    text-align: left;
    padding-bottom: 4px;
  }
  .derivatives th,
  .derivatives td {
    padding: 0 18px 0 0;
    border-top: 1px solid var(--hairline);
    font-weight: 400;
    text-align: left;
    white-space: nowrap;
  }
  .derivatives .line {
    width: 50%;
    min-width: 160px;
  }
  .derivatives .digits {
    font: 12.5px/28px var(--mono);
  }
  .derivatives .off {
    color: var(--muted);
    padding-right: 0;
  }
  .track {
    display: block;
    width: 100%;
    height: 28px;
    overflow: visible;
  }
  .track .middle {
    stroke: var(--hairline);
  }
  .track .tick {
    stroke: var(--ink);
    stroke-width: 2.5;
  }
  .track .diamond {
    fill: var(--ink);
  }
  .track .beyond {
    fill: var(--fail);
  }
  .track .whisker line {
    stroke: var(--muted);
    stroke-width: 1.5;
  }
  .track .whisker circle {
    fill: var(--muted);
  }
  @container (max-width: 640px) {
    .derivatives tr {
      display: grid;
      grid-template-columns: 1fr auto;
      gap: 0 12px;
      padding: 5px 0;
      border-top: 1px solid var(--hairline);
    }
    .derivatives th,
    .derivatives td {
      border: 0;
      padding: 0;
    }
    .derivatives .line {
      grid-column: 1 / -1;
      grid-row: 3;
      width: auto;
    }
    .derivatives .digits {
      grid-column: 1 / -1;
      grid-row: 2;
    }
  }
`;
