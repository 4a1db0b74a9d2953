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
    max-height: var(--most-high, 330px); /* half a row shows that there are more */
    margin: -5px;
    overflow: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    contain: content;
  }
  .scroll.numbered {
    max-height: calc(var(--most-high, 330px) + 17px);
    margin-top: 0;
  }
  .sheet {
    position: relative;
    /* it has a size of its own, so nothing around it follows a number, and far from the screen nothing is drawn */
    contain: strict;
    content-visibility: auto;
    cursor: default;
    user-select: none;
    -webkit-user-select: none;
  }
  .above,
  .beside,
  .corner {
    background: var(--card);
  }
  .above {
    position: sticky;
    top: 0;
    z-index: 3;
    height: 18px;
  }
  .beside {
    position: sticky;
    left: 0;
    z-index: 2;
    width: calc(var(--head) - 5px);
    height: 100%;
    margin-top: -18px; /* its numbers are placed as rows are */
  }
  .corner {
    position: sticky;
    left: 0;
    z-index: 1;
    display: block;
    width: calc(var(--head) - 5px);
    height: 18px;
  }
  .above span:not(.corner),
  .beside span {
    position: absolute;
    color: var(--muted);
    font: max(10px, var(--least-type, 0px)) / 18px var(--mono);
    font-variant-numeric: tabular-nums;
    text-align: right;
  }
  .above span:not(.corner) {
    top: 0;
    width: calc(var(--column) - ${kGap}px);
    padding-right: 6px;
  }
  .beside span {
    right: 5px;
    line-height: 24px;
  }
  .above .first {
    color: var(--ink);
    font-weight: 700;
  }
  .above .on,
  .beside .on {
    color: var(--accent);
    font-weight: 700;
  }
  [role="row"] {
    position: absolute;
    left: var(--head);
    display: flex;
  }
  [role="gridcell"] {
    flex: none;
    width: calc(var(--column) - ${kGap}px);
    height: 24px;
    margin-right: ${kGap}px;
    padding: 0 6px;
    border-radius: 3px;
    font: 11.5px/24px var(--mono);
    font-variant-numeric: tabular-nums;
    text-align: right;
    white-space: nowrap;
    touch-action: manipulation;
  }
  [role="gridcell"].chosen {
    position: relative;
    z-index: 1;
    box-shadow:
      0 0 0 2px var(--card),
      0 0 0 4px var(--accent);
  }
  .wrong {
    box-shadow: inset 0 0 0 2px var(--fail);
  }
  [role="gridcell"].wrong.chosen {
    box-shadow:
      inset 0 0 0 2px var(--fail),
      0 0 0 2px var(--card),
      0 0 0 4px var(--accent);
  }
  :host([lit]) .chosen {
    box-shadow: none;
  }
  :host([lit]) .lit {
    box-shadow: inset 0 0 0 1.5px var(--accent);
  }
  /* where a channel begins, and a group of channels */
  .channel::before,
  .group::before {
    content: "";
    position: absolute;
    height: 24px;
    margin-left: -8px;
    border-left: 1px solid var(--muted);
  }
  .group::before {
    height: 26px;
    border-left: 2px solid var(--ink);
  }
  [role="gridcell"]:focus-visible {
    outline: 2px solid var(--accent);
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
    display: block;
    width: calc(100% + 12px);
    height: 24px;
    margin: 0 -6px;
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
`;
