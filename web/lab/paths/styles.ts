import { css } from "lit";

/** Matrices that add up in a line, or above each other, and what follows from them below. */
export const pathsStyles = css`
  :host {
    display: block;
    container-type: inline-size;
    padding: 12px 6px 16px;
  }
  .sum,
  .mean {
    display: flex;
    flex-wrap: wrap;
    align-items: start;
    gap: 14px 12px;
    --most-high: 278px;
  }
  figcaption {
    display: grid;
    gap: 4px;
    margin-bottom: 6px;
  }
  .name,
  .switch {
    min-height: 28px;
    font: 600 13px/28px var(--sans);
    color: var(--ink);
  }
  .formula {
    display: flex;
    align-items: center;
    gap: 14px;
    min-height: 36px;
    color: var(--ink);
    font-size: 16px;
  }
  .operator {
    margin-top: 96px;
    font: 20px var(--serif);
    color: var(--muted);
  }
  .mean .operator {
    margin-top: 70px;
  }
  .switch {
    display: inline-flex;
    align-items: center;
    justify-self: start;
    gap: 8px;
    margin-left: -6px;
    padding: 0 8px 0 6px;
    border: 0;
    border-radius: 6px;
    background: none;
    cursor: pointer;
  }
  .switch:hover {
    background: var(--wash);
  }
  .knob {
    width: 26px;
    height: 15px;
    border: 1.5px solid var(--ink);
    border-radius: 8px;
    background: var(--ink);
  }
  .knob::before {
    content: "";
    display: block;
    width: 10px;
    height: 10px;
    margin: 1px 1px 1px 12px;
    border-radius: 5px;
    background: var(--card);
    transition: margin 120ms;
  }
  .off .knob {
    border-color: var(--muted);
    background: none;
  }
  .off .knob::before {
    margin-left: 1px;
    background: var(--muted);
  }
  .off .switch {
    color: var(--muted);
  }
  .off bn-matrix {
    filter: grayscale(1);
  }
  .off .formula {
    color: var(--muted);
    text-decoration: line-through;
  }
  .state {
    font-weight: 400;
  }
  .count {
    color: var(--fail);
    font-size: 13px;
  }
  .arithmetic {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 16px;
    margin: 14px 0 0;
    max-width: none;
    padding: 8px 0;
    border-block: 1px solid var(--hairline);
  }
  .arithmetic .place {
    color: var(--accent);
    min-width: 110px;
    font-variant-numeric: tabular-nums;
  }
  .numbers {
    font: 16px/1.5 var(--mono);
  }
  .plus {
    white-space: pre-wrap;
  }
  s,
  .plus {
    color: var(--muted);
  }
  section {
    display: grid;
    grid-template-columns: minmax(0, 2fr) minmax(0, 1fr);
    gap: 0 44px;
    align-items: start;
    margin-top: 22px;
  }
  h2 {
    grid-column: 1 / -1;
  }
  .beside > :first-child {
    margin-top: 2px;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 5px 16px 5px 0;
    border-top: 1px solid var(--hairline);
    font-weight: 400;
    text-align: left;
  }
  td:last-child {
    padding-right: 0;
    white-space: nowrap;
  }
  th {
    max-width: 100%;
  }
  .number {
    font-family: var(--mono);
    font-size: 12.5px;
  }
  p {
    margin: 12px 0 0;
    max-width: 80ch;
  }
  code {
    white-space: nowrap;
    font: 600 13px var(--mono);
  }
  .zero {
    margin: 0;
    font: 24px/34px var(--serif);
  }
  .reason {
    margin-top: 6px;
    padding: 4px 0;
    font-size: 14.5px;
  }
  .reason .number {
    font: inherit;
  }
  @container (max-width: 900px) {
    section {
      grid-template-columns: minmax(0, 1fr);
    }
    .beside > :first-child {
      margin-top: 12px;
    }
  }
  @container (max-width: 700px) {
    .sum,
    .mean,
    .term {
      display: block;
    }
    .operator,
    .mean .operator {
      display: block;
      margin: 8px 0 0;
    }
    .formula {
      min-height: 0;
    }
    table,
    tbody {
      display: block;
    }
    tr {
      display: flex;
      flex-wrap: wrap;
      border-top: 1px solid var(--hairline);
      padding: 4px 0;
    }
    th,
    td {
      padding: 2px 14px 2px 0;
      border: 0;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .knob::before {
      transition: none;
    }
  }
`;
