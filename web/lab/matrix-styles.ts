import { css } from "lit";
import { kGap } from "./cells.ts";

/** The grid of a matrix. `--head` and `--column` are widths that its numbers decide. */
export const matrixStyles = css`
  :host {
    display: block;
    max-width: 100%;
  }
  .scroll {
    max-width: 600px;
    max-height: 330px; /* half a row shows that there are more */
    margin: -5px;
    overflow: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    contain: content;
  }
  .scroll.numbered {
    max-height: 347px;
    margin-top: 0;
  }
  .sheet {
    position: relative;
    cursor: default;
    user-select: none;
    -webkit-user-select: none;
  }
  .numbers {
    position: sticky;
    top: 0;
    z-index: 3;
    height: 18px;
    background: var(--card);
  }
  .numbers span,
  .number {
    color: var(--muted);
    font: 10px/18px var(--mono);
    font-variant-numeric: tabular-nums;
    text-align: right;
  }
  .numbers span:not(.number) {
    position: absolute;
    top: 0;
    width: calc(var(--column) - ${kGap}px);
    padding-right: 6px;
  }
  .number {
    position: sticky;
    left: 0;
    z-index: 2;
    display: block;
    width: calc(var(--head) - 5px);
    height: 24px;
    padding-right: 5px;
    background: var(--card);
    line-height: 24px;
  }
  .numbers .number {
    z-index: 1;
    height: 18px;
  }
  .on {
    color: var(--accent);
    font-weight: 700;
  }
  [role="row"] {
    position: absolute;
    left: 0;
    width: 100%;
  }
  [role="gridcell"] {
    position: absolute;
    top: 0;
    width: calc(var(--column) - ${kGap}px);
    height: 24px;
    padding: 0 6px;
    border-radius: 3px;
    font: 11.5px/24px var(--mono);
    font-variant-numeric: tabular-nums;
    text-align: right;
    white-space: nowrap;
    overflow: hidden;
    touch-action: manipulation;
  }
  [role="gridcell"].chosen {
    box-shadow:
      0 0 0 2px var(--card),
      0 0 0 4px var(--accent);
    overflow: visible;
    z-index: 1;
  }
  [role="gridcell"]:focus-visible {
    outline-offset: 1px;
  }
  .outline {
    position: absolute;
    z-index: 1;
    border-radius: 3px;
    outline: 2px solid var(--accent);
    outline-offset: 1px;
    pointer-events: none;
  }
  input {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 24px;
    border: 0;
    padding: 0 6px;
    border-radius: 3px;
    outline: 2px solid var(--accent);
    background: var(--card);
    color: var(--ink);
    font: inherit;
    text-align: right;
    user-select: text;
    -webkit-user-select: text;
  }
  input[aria-invalid="true"] {
    outline-color: var(--fail);
  }
  .refusal {
    contain: inline-size; /* a sentence does not push its neighbours aside */
    min-width: 220px;
    margin: 6px 0 0;
    color: var(--fail);
    font-size: 12.5px;
  }
  .refusal button {
    border: 0;
    padding: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-decoration: underline;
    text-underline-offset: 3px;
    cursor: pointer;
  }
`;
