import { css } from "lit";

/**
 * A scene on one screen: its letters grow with the window, and everything else is measured in letters. Nothing moves where the
 * reader wants no motion.
 */
export const tourStyles = css`
  :host {
    display: flex;
    flex: 1;
    flex-direction: column;
    font-size: clamp(16px, min(1.5cqi, 2.6vh), 32px);
    line-height: 1.4;
  }
  .scene {
    display: flex;
    flex: 1;
    flex-direction: column;
    align-items: center;
    gap: 0.8em;
    padding-top: 2vh;
    text-align: center;
  }
  p {
    margin: 0;
  }
  math {
    white-space: nowrap;
  }
  .count {
    color: var(--muted);
    font-size: max(13px, 0.75em);
  }
  h2 {
    max-width: 30em;
    margin: 0;
    font: 600 1.75em/1.25 var(--serif);
    letter-spacing: -0.01em;
    text-wrap: balance;
    outline: none; /* it takes the focus only so that it is read */
  }
  .long h2 {
    max-width: 46em;
    font-size: 1.4em;
  }
  .long .note {
    max-width: 60em;
  }
  .long .formula {
    font-size: 1em;
  }
  h2:lang(zh) {
    word-break: keep-all; /* lines end at spaces and punctuation */
    overflow-wrap: anywhere;
  }
  .note,
  .said {
    max-width: 46em;
    text-wrap: balance;
  }
  .note {
    color: var(--muted);
  }
  .said {
    min-height: 2.8em;
    font: 1.1em/1.4 var(--serif);
  }
  .picture {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 0.9em;
    max-width: 100%;
  }
  .acts {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    min-height: max(44px, 2.4em);
    gap: 0.6em;
  }
  .control {
    min-height: max(44px, 2.1em);
    padding: 0 1.1em;
    font-size: 1em;
    text-decoration: none;
  }
  .control.act {
    border-color: var(--ink);
    background: var(--ink);
    color: var(--card);
    font-weight: 600;
  }
  .hint {
    color: var(--muted);
  }
  .stepper {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 0.3em 0.7em;
  }
  [type="range"] {
    width: calc(var(--wide) * 520 / 600 + 16px); /* its thumb stands below the point that it moves */
    height: 28px;
    margin: 0;
    font: inherit; /* whose letters its width is measured in */
    accent-color: var(--ink);
  }
  .whole {
    white-space: nowrap;
  }
  .chip svg {
    width: 1em;
    height: 1em;
    margin: 0;
  }

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
  .laws p {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 0 0.8em;
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

  nav {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
    padding-top: 10px;
  }
  nav .control {
    min-width: 6em;
    justify-content: center;
  }
  nav .control:disabled {
    visibility: hidden;
  }
  nav ol {
    display: flex;
  }
  nav a {
    display: grid;
    place-items: center;
    width: max(24px, 1.4em);
    height: 44px;
  }
  nav a::before {
    content: "";
    width: 10px;
    height: 10px;
    border: 2px solid var(--muted);
    border-radius: 50%;
  }
  nav a[aria-current]::before {
    border-color: var(--ink);
    background: var(--ink);
  }
  @media (max-aspect-ratio: 1 / 1) {
    .scene {
      justify-content: safe center;
    }
  }
  @media (min-aspect-ratio: 1 / 1) and (min-height: 640px) {
    .picture {
      flex: 1;
      max-height: 23em; /* what follows stays where it is */
    }
  }
  @media (min-height: 900px) {
    @container (min-width: 1600px) {
      .pair bn-matrix {
        zoom: 2.5;
      }
    }
  }
  @container (max-width: 560px) {
    h2 {
      font-size: 1.55em;
    }
    .terms {
      flex-direction: column;
    }
    .long h2 {
      font-size: 1.15em;
    }
    .long .formula {
      font-size: 0.85em;
    }
    .long .chain:not(.paths) {
      flex-wrap: wrap;
    }
    .long .paths figcaption {
      font-size: 11px;
    }
    .long .paths .symbol {
      font-size: 1em;
    }
    .pair {
      gap: 0.6em;
    }
    .pair bn-matrix {
      zoom: 1.15;
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
    .balance text {
      font-size: 24px;
    }
    nav .control {
      min-width: 0;
    }
    nav a {
      width: 24px;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .fan path {
      stroke-dasharray: 1;
      animation: forward 600ms ease-out;
    }
    .fan.back path {
      animation-name: back; /* another name, so that it begins again */
    }
  }
  @keyframes forward {
    from {
      stroke-dashoffset: 1;
    }
  }
  @keyframes back {
    from {
      stroke-dashoffset: 1;
    }
  }
`;
