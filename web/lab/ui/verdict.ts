import { css, html, svg } from "lit";
import type { Shown } from "../model/shown-verdict.ts";

const kMarks: Record<Shown, string> = {
  pass: "M-3 0.2 L-1 2.4 L3.2 -2.4",
  fail: "M-2.4 -2.4 L2.4 2.4 M2.4 -2.4 L-2.4 2.4",
  inherited: "M-2.4 -2.4 L2.4 2.4 M2.4 -2.4 L-2.4 2.4",
  undecidable: "M-3 0 H3",
  pending: "M-2.6 0 h0.1 M0 0 h0.1 M2.6 0 h0.1",
  unchecked: "M-2 2 L2 -2",
};

/** The shape tells the verdict without the colour: a disc is a pass, a diamond a fail, a hollow diamond an inherited fail, a square undecidable, a ring not checked. */
const kShapes: Record<Shown, string> = {
  pass: "M0 -6.5 A6.5 6.5 0 1 1 0 6.5 A6.5 6.5 0 1 1 0 -6.5Z",
  fail: "M0 -8.2 L8.2 0 L0 8.2 L-8.2 0Z",
  inherited: "M0 -8.2 L8.2 0 L0 8.2 L-8.2 0Z",
  undecidable: "M-6 -6 H6 V6 H-6Z",
  pending: "M0 -6.5 A6.5 6.5 0 1 1 0 6.5 A6.5 6.5 0 1 1 0 -6.5Z",
  unchecked: "M0 -6.5 A6.5 6.5 0 1 1 0 6.5 A6.5 6.5 0 1 1 0 -6.5Z",
};

/** The mark alone, centred on the origin. */
export const verdictMark = (verdict: Shown) => svg`
  <g class="mark ${verdict}"><path class="shape" d=${kShapes[verdict]}></path><path class="sign" d=${kMarks[verdict]}></path></g>`;

/** The mark with its word, or with another text. */
export const verdictChip = (verdict: Shown, words: unknown) => html`
  <span class="chip ${verdict}">
    <svg viewBox="-9 -9 18 18" width="16" height="16" aria-hidden="true">${verdictMark(verdict)}</svg>
    ${words}
  </span>`;

export const verdictStyles = css`
  .mark .shape {
    stroke: var(--card);
    stroke-width: 1.5;
  }
  .mark .sign {
    fill: none;
    stroke: var(--card);
    stroke-width: 1.7;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .mark.pass .shape {
    fill: var(--pass);
  }
  .mark.fail .shape {
    fill: var(--fail);
  }
  .mark.inherited .shape {
    fill: var(--card);
    stroke: var(--fail);
  }
  .mark.inherited .sign {
    stroke: var(--fail);
  }
  .mark.undecidable .shape {
    fill: var(--undecidable);
  }
  .mark.pending .shape {
    fill: var(--muted);
  }
  .mark.unchecked .shape {
    fill: var(--card);
    stroke: var(--muted);
  }
  .mark.unchecked .sign {
    stroke: var(--muted);
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    white-space: nowrap;
  }
  .chip svg {
    margin-bottom: 2px;
  }
  .chip.pass {
    color: var(--pass);
  }
  .chip.fail {
    color: var(--fail);
    font-weight: 600;
  }
  .chip.inherited {
    color: var(--fail);
  }
  .chip.undecidable {
    color: var(--undecidable);
  }
  .chip.pending,
  .chip.unchecked {
    color: var(--muted);
  }
`;
