import { css } from "lit";

/** A formula of buttons, three panes under it, and the passes at the foot. */
export const closedFormStyles = css`
  :host {
    display: block;
    container-type: inline-size;
    padding: 14px 6px 16px;
  }
  .formula {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 6px;
    font-size: 22px;
  }
  .inside {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 6px;
  }
  .sign {
    font: 22px var(--serif);
  }
  .part {
    min-height: 58px;
    padding: 4px 9px;
    border: 1px solid var(--hairline);
    border-radius: 7px;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  .part.over {
    background: var(--wash);
  }
  .part[aria-pressed="true"] {
    border-color: var(--accent);
    background: var(--accent-wash);
  }
  .arithmetic {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 16px;
    margin: 12px 0 0;
    max-width: none;
    padding: 8px 0;
    border-block: 1px solid var(--hairline);
  }
  .place {
    color: var(--accent);
    min-width: 110px;
    font-variant-numeric: tabular-nums;
  }
  .numbers {
    color: var(--ink);
    font: 15px/1.5 var(--mono);
  }
  .here {
    color: var(--accent);
    text-decoration: underline;
    text-underline-offset: 4px;
  }
  .panes {
    display: grid;
    grid-template-columns: repeat(3, minmax(0, 1fr));
    gap: 24px 36px;
    margin-top: 18px;
    --most-high: 278px;
  }
  /* what is above the matrices is as high in each, so that they begin on one line */
  .panes section {
    display: grid;
    grid-template-rows: subgrid;
    grid-row: span 3;
    gap: 0;
    align-content: start;
  }
  h2 {
    margin-bottom: 4px;
  }
  p {
    margin: 0 0 12px;
    max-width: 80ch;
    color: var(--muted);
  }
  .panes p {
    min-height: 62px; /* three lines: nothing moves with the factor */
  }
  figcaption {
    display: flex;
    align-items: end;
    gap: 10px;
    min-height: 42px;
  }
  figcaption math {
    color: var(--ink);
    font-size: 15px;
  }
  .used {
    color: var(--accent);
    font-variant-numeric: tabular-nums;
  }
  .number,
  code {
    color: var(--ink);
    font: 12.5px var(--mono);
  }
  .why {
    margin-top: 22px;
    padding-top: 14px;
    border-top: 1px solid var(--hairline);
  }
  .play {
    margin-left: 14px;
    color: var(--muted);
    font: 14px var(--sans);
  }
  .why p {
    margin: 8px 0 0;
  }
  table {
    border-collapse: collapse;
  }
  th,
  td {
    padding: 3px 16px 3px 0;
    font-weight: 400;
    text-align: left;
    white-space: nowrap;
  }
  td:last-child {
    color: var(--muted);
  }
  .lane {
    display: flex;
    flex-wrap: wrap;
    gap: 3px;
  }
  .pass {
    min-width: 40px;
    height: 24px;
    padding: 0 4px;
    border: 1px solid var(--hairline);
    border-radius: 4px;
    color: var(--muted);
    font: 12px/22px var(--serif);
    text-align: center;
    transition: background 200ms;
  }
  .pass.done {
    background: var(--wash);
    color: var(--ink);
  }
  @container (max-width: 980px) {
    .panes {
      grid-template-columns: minmax(0, 1fr);
    }
    figcaption,
    .panes p {
      min-height: 0;
    }
  }
  @container (max-width: 560px) {
    .formula,
    .sign {
      font-size: 18px;
    }
    th,
    td {
      display: block;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .play {
      display: none;
    }
    .pass {
      transition: none;
    }
  }
`;
