import { css } from "lit";

/** A list at the left, the chosen step beside it; above each other where that is too narrow. */
export const stepsStyles = css`
  :host {
    display: block;
    container-type: inline-size;
    padding: 10px 6px 14px;
  }
  .sides {
    display: grid;
    grid-template-columns: fit-content(40%) minmax(0, 1fr); /* formulas of words are long */
    gap: 0 28px;
  }
  ol {
    list-style: none;
    min-width: 380px;
    margin: 0;
    padding: 0 16px 0 0;
    border-right: 1px solid var(--hairline);
  }
  ol button {
    display: grid;
    grid-template-columns: 18px 1fr max-content;
    gap: 2px 10px;
    align-items: baseline;
    width: 100%;
    padding: 8px 12px 9px 10px;
    border: 0;
    border-left: 3px solid transparent;
    border-radius: 6px;
    background: none;
    color: inherit;
    font: inherit;
    text-align: left;
    cursor: pointer;
  }
  ol button:hover {
    background: var(--wash);
  }
  ol button[aria-pressed="true"] {
    background: var(--accent-wash);
    border-left-color: var(--accent);
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  ol .number {
    color: var(--muted);
  }
  .name {
    font-size: 17px;
    font-weight: 600;
  }
  ol .chip {
    font-size: 13px;
  }
  .short {
    grid-column: 2 / -1;
    font-size: 15px;
    overflow: hidden;
    padding-block: 2px;
  }
  .short.long {
    font-size: 12.5px;
  }
  .step {
    container-type: inline-size;
  }
  .line-by-line {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    align-items: center;
    gap: 4px 16px;
    font-size: 19px;
  }
  .line-by-line .aside,
  .count {
    color: var(--muted);
    font-size: 13px;
  }
  .line-by-line button {
    font-size: 14px;
  }
  .ways {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 28px;
    margin: 0;
    color: var(--ink);
    font-size: 16px;
  }
  .slopes {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 30px;
  }
  .next {
    margin-top: 18px;
    font-weight: 600;
  }
  .question p {
    margin: 0 0 6px;
    color: var(--ink);
  }
  .answers {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .answers .control {
    min-width: 52px;
    justify-content: center;
    font-variant-numeric: tabular-nums;
  }
  .answers .right {
    border-color: var(--pass);
    color: var(--pass);
    font-weight: 700;
  }
  .answers .wrong {
    border-color: var(--fail);
    color: var(--fail);
    text-decoration: line-through;
  }
  [data-of]:hover {
    color: var(--accent);
  }
  figure.pointed {
    outline: 2px solid var(--accent);
    outline-offset: 4px;
    border-radius: 4px;
  }
  .formula {
    padding: 4px 0;
    font-size: 17px;
  }
  .formula .number {
    color: var(--accent);
  }
  .big {
    font-size: 22px;
    padding: 6px 0 8px;
  }
  .big.long {
    font-size: 19px;
  }
  h3 {
    margin: 14px 0 4px;
    color: var(--muted);
    font: 600 12.5px/1.4 var(--sans);
  }
  .ingredients {
    display: flex;
    flex-wrap: wrap;
    gap: 14px 26px;
    align-items: start;
    --most-high: 226px;
  }
  .strips {
    display: grid;
    gap: 12px;
    min-width: 0;
    max-width: 100%;
  }
  figcaption {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    min-height: 27px;
    gap: 0 10px;
  }
  .symbol {
    color: var(--ink);
    font-size: 15px;
  }
  .used {
    color: var(--accent);
    font-variant-numeric: tabular-nums;
  }
  .jump {
    color: var(--muted);
  }
  .jump:hover {
    color: var(--ink);
  }
  .code {
    margin: 0 0 16px;
    padding: 9px 12px;
    border-radius: 6px;
    background: var(--wash);
    font: 12.5px/1.6 var(--mono);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .code code {
    font: inherit;
  }
  .code span {
    display: block;
    color: var(--muted);
  }
  p {
    margin: 8px 0 0;
    color: var(--muted);
    max-width: 85ch;
  }
  p.aside {
    margin: 0 0 6px;
  }
  @container (max-width: 900px) {
    .sides {
      grid-template-columns: minmax(0, 1fr);
      gap: 14px;
    }
    ol {
      display: grid;
      min-width: 0;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 270px), 1fr));
      border: 0;
      padding: 0;
    }
  }
  @container (max-width: 560px) {
    ol {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
    ol button {
      gap: 2px 6px;
      padding-inline: 6px 4px;
    }
    ol .name {
      grid-column: 2 / -1;
      font-size: 14px;
    }
    ol .chip {
      grid-column: 2 / -1;
      grid-row: 2;
      white-space: normal;
    }
    ol .short {
      display: none;
    }
  }
  :host([close]) {
    padding-block: 0;
  }
  :host([close]) :is(ol, .next, [name="all-lines"]) {
    display: none;
  }
  :host([close]) .ingredients {
    --most-high: 160px;
  }
  :host([close]) .sides {
    grid-template-columns: minmax(0, 1fr);
  }
  @media print {
    :host {
      zoom: 0.82; /* the whole derivation, and the page on one sheet */
    }
    .line-by-line > :not(.formula),
    .next {
      display: none;
    }
    h3 {
      margin: 6px 0 0;
    }
    .formula,
    .big {
      padding: 2px 0;
    }
    .code {
      margin: 0 0 4px;
      padding: 4px 12px;
    }
  }
`;
