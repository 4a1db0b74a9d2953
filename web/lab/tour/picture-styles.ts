import { css } from "lit";

/** What single scenes have beside columns. */
export const pictureStyles = css`
  /* The first scene. */
  .formula {
    font-size: 1.25em;
  }
  .pair {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 1em 3em;
  }
  .pair bn-matrix {
    zoom: 1.7;
    text-align: left;
  }
  .veil {
    position: relative;
  }
  .hidden .veil bn-matrix {
    visibility: hidden;
  }
  .hidden .veil::after {
    content: "?";
    position: absolute;
    inset: 0.45em 0 0.6em;
    display: grid;
    place-items: center;
    border: 2px dashed var(--hairline);
    border-radius: 8px;
    color: var(--muted);
    font: 2em var(--serif);
  }
  .veiled {
    visibility: hidden;
  }

  /* The two paths to the mean. */
  .terms {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 0.5em 1.2em;
  }
  .terms > div {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 0.2em 0.5em;
  }
  .lane {
    flex-basis: 100%;
    color: var(--muted);
    font-size: 0.85em;
  }
  .balance {
    --wide: min(32em, 90cqi);
    width: var(--wide);
  }
  .balance svg {
    display: block;
    width: 100%;
  }
  .balance .negative {
    fill: var(--negative);
  }
  .balance .positive {
    fill: var(--positive);
  }
  .balance text {
    fill: var(--ink);
    font: 15px var(--mono);
  }
  .balance .tick {
    fill: var(--muted);
  }
  .axis,
  .plumb {
    stroke: var(--muted);
    stroke-width: 1.5;
  }
  .plumb {
    stroke-dasharray: 3 4;
  }
  circle,
  .pivot {
    fill: var(--muted);
  }
  .pivot.even {
    fill: var(--ink);
  }

  /* A nudge. */
  .nudge {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 1em 5em;
  }
  button.cell {
    cursor: pointer;
  }
  .cell.chosen {
    box-shadow:
      0 0 0 2px var(--paper),
      0 0 0 4px var(--accent);
  }
  table {
    border-collapse: collapse;
    font-size: 1.05em;
  }
  th {
    padding: 0.3em 1em 0.3em 0;
    font-weight: 400;
    text-align: left;
  }
  td {
    padding: 0.3em 1em 0.3em 0;
    font-family: var(--mono);
    text-align: right;
  }
  td:last-child {
    text-align: left;
  }
  td .chip {
    font-family: var(--sans);
  }

  /* A program. */
  .program {
    display: grid;
    gap: 0.4em;
    text-align: left;
  }
  .program li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0 3em;
    padding: 0.35em 1em;
    border-radius: 8px;
    background: var(--card);
  }
  .program .wrong {
    box-shadow: inset 0 0 0 2px var(--fail);
  }
  code {
    font: 1em/1.6 var(--mono);
  }
  @media (min-height: 900px) {
    @container (min-width: 1600px) {
      .pair bn-matrix {
        zoom: 2.5;
      }
    }
  }
  @container (max-width: 560px) {
    .terms {
      flex-direction: column;
    }
    .long .formula {
      font-size: 0.85em;
    }
    .pair {
      gap: 0.6em;
    }
    .pair bn-matrix {
      zoom: 1.15;
    }
    .balance text {
      font-size: 24px;
    }
  }
`;
