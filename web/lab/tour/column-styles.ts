import { css } from "lit";

/** Columns of numbers and what stands between them. Nothing moves where the reader wants no motion. */
export const columnStyles = css`
  /* Columns of numbers. */
  figure {
    min-width: 0;
    margin: 0;
  }
  figcaption {
    min-height: 1.9em;
    color: var(--muted);
    font-size: 0.95em;
    line-height: 1.9;
  }
  :where(.cell) {
    color: var(--ink); /* unless its shade has another */
  }
  .symbol {
    color: var(--ink);
    font-size: 1.15em;
  }
  ul,
  ol {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .column li {
    position: relative;
    display: flex;
    align-items: center;
    margin-bottom: 4px;
  }
  .cell {
    display: block;
    width: 3.6em;
    border: 0;
    padding: 0;
    border-radius: 5px;
    font: 1.05em/2 var(--mono);
    font-variant-numeric: tabular-nums;
    text-align: center;
  }
  small {
    color: var(--muted);
    font: 0.75em var(--mono);
  }
  .column li small {
    position: absolute;
    left: calc(100% + 0.5em);
  }
  .off .cell {
    background: none;
    box-shadow: inset 0 0 0 1px var(--hairline);
    color: var(--muted);
    text-decoration: line-through;
  }
  .operator {
    color: var(--muted);
    font-size: 1.3em;
  }
  .chain {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 0.4em 0.9em;
    padding-right: 2.4em; /* for what stands beside the last */
  }
  .chain .operator {
    margin-top: 1.4em;
  }
  .lines {
    font-size: 1.05em;
    font-variant-numeric: tabular-nums;
  }
  .lines p {
    line-height: 1.6;
  }

  /* Copies. */
  .copies {
    display: grid;
    grid-template-columns: auto minmax(6em, 14em) auto;
    --caption: calc(0.95em * 1.9);
  }
  .source,
  .between {
    position: relative;
    padding-top: var(--caption);
  }
  .source {
    display: grid;
    place-items: center;
  }
  .box {
    display: grid;
    position: relative;
    padding: 0.5em 0.6em;
    border: 1px solid var(--hairline);
    border-radius: 8px;
    background: var(--card);
  }
  .box figure {
    display: flex;
    flex-direction: row-reverse;
    gap: 0.6em;
  }
  .box figcaption {
    min-width: 1.6em;
    line-height: 2.2;
  }
  .box > div {
    border-top: 1px solid var(--muted);
    padding-top: 4px;
  }
  .box > div.veiled {
    border-color: transparent;
  }
  .between span {
    position: absolute;
    top: 0;
    right: 0;
    left: 0;
    color: var(--muted);
    font-size: 0.85em;
  }
  .fan {
    position: absolute;
    top: var(--caption);
    left: 0.5em;
    width: calc(100% - 1em);
    height: calc(100% - var(--caption) - 4px);
    fill: none;
    stroke: var(--muted);
    stroke-width: 2;
    overflow: visible;
  }
  .fan.back {
    stroke: var(--ink);
  }

  /* The paths to x. */
  .switch {
    display: inline-flex;
    align-items: center;
    gap: 0.45em;
    min-height: max(32px, 1.6em);
    padding: 0 2px;
    border: 0;
    background: none;
    color: var(--ink);
    font: inherit;
    cursor: pointer;
  }
  .knob {
    flex: none;
    width: 1.7em;
    height: 1em;
    padding: 2px;
    border-radius: 1em;
    background: var(--muted);
  }
  .knob::before {
    content: "";
    display: block;
    width: calc(1em - 4px);
    height: calc(1em - 4px);
    border-radius: 50%;
    background: var(--card);
  }
  [aria-pressed="true"] > .knob {
    background: var(--ink);
  }
  [aria-pressed="true"] > .knob::before {
    margin-left: auto;
  }
  .paths {
    padding: 0;
  }
  .paths .column {
    display: grid;
    justify-items: center;
  }
  .laws {
    width: 100%;
  }
  .laws p > :last-child {
    margin-left: 0.5em;
    vertical-align: -0.1em;
  }

  @container (max-width: 560px) {
    .long .chain:not(.paths) {
      flex-wrap: wrap;
    }
    .long .paths figcaption {
      font-size: 11px;
    }
    .long .paths .symbol {
      font-size: 1em;
    }
    .cell {
      width: 3.3em;
      font-size: min(14px, 3.6cqi);
      line-height: 2.2;
    }
    .chain {
      flex-wrap: nowrap;
      gap: 4px;
      padding-right: 2em;
    }
    .operator {
      font-size: 1em;
    }
    .column li small {
      left: calc(100% + 3px);
      font-size: 11px;
    }
    .paths {
      padding: 0;
    }
    .paths figcaption {
      display: grid;
      place-items: end center;
      width: 5em;
      min-height: 4.4em;
      font-size: 13px;
      line-height: 1.25;
    }
    .switch {
      flex-direction: column;
      line-height: 1.25;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .fan {
      animation: forward 500ms ease-out;
    }
    .fan.back {
      animation-name: back; /* another name, so that it begins again */
    }
  }
  @keyframes forward {
    from {
      clip-path: inset(-4px 100% -4px -4px);
    }
    to {
      clip-path: inset(-4px);
    }
  }
  @keyframes back {
    from {
      clip-path: inset(-4px -4px -4px 100%);
    }
    to {
      clip-path: inset(-4px);
    }
  }
`;
