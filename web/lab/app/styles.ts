import { css } from "lit";

/** The page's layout: header, panels, and how they stack on narrower screens and on paper. */
export const labStyles = css`
  :host {
    display: block;
    direction: ltr; /* its languages are, whatever surrounds it */
    text-align: left;
    overflow: auto; /* where the height is given */
    background: var(--paper);
    container-type: inline-size;
  }
  :host(:not([linked])) {
    border-radius: 10px;
  }
  :host([linked]) {
    min-height: 100vh;
    overflow: visible;
  }
  .page {
    max-width: 1840px;
    margin: 0 auto;
    padding: 20px 28px 56px;
  }
  :host(:not([linked])) .page,
  .page.brief {
    padding: 12px;
  }
  .brief .stage {
    --surface: var(--paper);
    border: 0;
    background: none;
  }
  .brief .stage .bar {
    position: sticky;
    top: 0;
    z-index: 1;
    flex-wrap: nowrap;
    margin: -12px -12px 8px;
    padding: 7px 12px;
    background: var(--card);
  }
  .brief .tabs {
    flex: 1;
    flex-wrap: nowrap;
  }
  .brief .aim {
    display: none;
  }
  [name="whole"] {
    flex: none;
    padding: 0 9px;
    text-decoration: none;
    font-size: 17px;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 16px;
    margin-bottom: 16px;
  }
  .name {
    font: 600 24px/1.2 var(--serif);
    margin: 0;
    letter-spacing: -0.01em;
  }
  .skip {
    position: absolute;
    top: 6px;
    z-index: 2;
  }
  .skip:not(:focus) {
    clip-path: inset(50%);
  }
  main:focus {
    outline: none;
  }
  .top .name {
    flex: 1 0 auto;
  }
  .tagline {
    order: 2;
    flex: 0 1 auto;
    margin-left: auto;
    color: var(--muted);
  }
  .controls {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .acts {
    order: 1;
    align-items: center;
    gap: 2px 4px;
    margin: -4px 0 -4px;
  }
  .acts .control {
    padding: 0 10px;
    border-color: transparent;
    background: none;
  }
  .acts .control:hover {
    background: var(--wash);
  }
  .acts .door {
    margin-right: 4px;
    border-color: var(--ink);
    background: var(--card);
    font-weight: 600;
  }
  .touring {
    display: flex;
    flex-direction: column;
    max-width: none;
    padding-bottom: 14px;
  }
  :host([linked]) .touring {
    min-height: 100vh;
    min-height: 100svh;
  }
  .touring .top {
    justify-content: space-between;
    margin-bottom: 6px;
  }
  .quiet {
    gap: 2px;
  }
  .quiet .control {
    padding: 0 10px;
    border-color: transparent;
    background: none;
  }
  .quiet [name="skip"] {
    border-color: var(--hairline);
  }
  .control > span {
    color: var(--muted);
  }
  select {
    border: 0;
    background: var(--card);
    color: inherit;
    font: inherit;
    font-weight: 600;
    cursor: pointer;
    outline: none;
    min-width: 0;
    max-width: 220px;
    field-sizing: content;
  }
  .panel {
    background: var(--card);
    border: 1px solid var(--hairline);
    border-radius: 10px;
    padding: 18px 20px 20px;
    margin-bottom: 16px;
    min-width: 0;
  }
  .stage {
    padding: 0;
  }
  p.short {
    margin: 0;
  }
  .titled {
    display: flex;
    justify-content: space-between;
    align-items: start;
    gap: 12px;
  }
  .stage .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 18px;
    padding: 11px 20px;
    border-bottom: 1px solid var(--hairline);
  }
  .tabs {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
    margin-left: -8px;
  }
  .tabs button {
    min-height: 30px;
    padding: 0 12px;
    border: 0;
    border-radius: 6px;
    background: none;
    color: var(--muted);
    font: inherit;
    cursor: pointer;
  }
  .tabs button:hover {
    background: var(--wash);
    color: var(--ink);
  }
  .tabs button[aria-selected="true"] {
    background: var(--ink);
    color: var(--card);
    font-weight: 600;
  }
  .checking {
    display: inline-flex;
    align-items: center;
    gap: 10px;
  }
  .tool > summary {
    cursor: pointer;
    list-style: none;
  }
  .tool > summary::-webkit-details-marker {
    display: none;
  }
  .tool > summary h2 {
    display: inline;
    margin: 0;
  }
  .tool > summary::before {
    content: "";
    display: inline-block;
    width: 7px;
    height: 7px;
    margin-right: 12px;
    border: solid var(--muted);
    border-width: 0 1.5px 1.5px 0;
    transform: translateY(-2px) rotate(-45deg);
    transition: transform 120ms;
  }
  .tool[open] > summary::before {
    transform: translateY(-3px) rotate(45deg);
  }
  .tool[open] > summary {
    margin-bottom: 14px;
  }
  .stage .bar .engine {
    flex: 1 1 150px;
    color: var(--muted);
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 20px;
    position: relative;
    padding: 7px 56px 7px 20px;
    border-bottom: 1px solid var(--hairline);
    color: var(--muted);
  }
  .legend svg {
    vertical-align: -3px;
  }
  .legend .box {
    display: grid;
    padding: 1px 8px;
    border: 1px solid var(--hairline);
    border-radius: 5px;
    font-size: 11px;
    line-height: 15px;
    text-align: center;
  }
  .legend .box span + span {
    border-top: 1px solid var(--muted);
  }
  .legend [name="close-legend"] {
    position: absolute;
    top: 6px;
    right: 14px;
    min-height: 30px;
    padding: 0 9px;
    border-color: transparent;
    font-size: 17px;
  }
  .key {
    white-space: nowrap;
  }
  .swatch {
    display: inline-block;
    width: 11px;
    height: 11px;
    border-radius: 3px;
    vertical-align: -1px;
  }
  .swatch.negative {
    background: var(--negative);
  }
  .swatch.positive {
    background: var(--positive);
    margin-left: 6px;
  }
  .assignment p {
    margin: 0 0 10px;
    max-width: 76ch;
  }
  .assignment .lock {
    margin: 0;
    color: var(--muted);
  }
  .aim {
    margin: 0;
    padding: 9px 20px;
    border-bottom: 1px solid var(--hairline);
    font: 15px/1.45 var(--serif);
  }
  .warning {
    margin: 0;
    padding: 9px 20px;
    border-bottom: 1px solid var(--hairline);
    border-left: 3px solid var(--undecidable);
  }
  .mistake {
    margin: 0;
    padding: 9px 20px;
    border-bottom: 1px solid var(--hairline);
    border-left: 3px solid var(--fail);
  }
  .mistake strong {
    color: var(--fail);
  }
  .lens {
    padding: 6px 14px 4px;
  }
  .row {
    display: grid;
    grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
    align-items: start;
    column-gap: 16px;
  }
  .row .panel {
    position: sticky;
    top: 12px;
  }
  .message {
    display: flex;
    gap: 14px;
    align-items: baseline;
    padding: 10px 16px;
    margin-bottom: 16px;
    border: 1px solid var(--hairline);
    border-left: 3px solid var(--muted);
    border-radius: 7px;
    background: var(--card);
    overflow-wrap: anywhere;
  }
  .message.fault {
    border-left-color: var(--fail);
  }
  .message p {
    margin: 0;
    flex: 1;
  }
  .message .link {
    color: var(--muted);
  }
  footer a {
    display: inline-block;
    padding: 4px 0;
    color: var(--muted);
    text-underline-offset: 3px;
  }
  .wait {
    display: grid;
    place-items: center;
    align-content: center;
    gap: 12px;
    min-height: min(50vh, 300px); /* a frame that is as tall as what it shows would creep to its height */
    color: var(--muted);
  }
  .wait p {
    max-width: 60ch;
  }
  progress {
    width: 120px;
    accent-color: var(--accent);
  }
  .dropping {
    outline: 3px dashed var(--accent);
    outline-offset: -10px;
  }
  @container (max-width: 980px) {
    .tagline {
      margin-left: 0;
    }
    .row {
      grid-template-columns: minmax(0, 1fr);
    }
    .row .panel {
      position: static;
    }
  }
  @container (max-width: 560px) {
    .page {
      padding: 14px 12px 40px;
    }
    .touring {
      padding-bottom: 14px;
    }
    .touring .top {
      flex-wrap: nowrap;
      gap: 4px;
    }
    .touring .name {
      font-size: 20px;
    }
    .quiet .control {
      padding: 0 8px;
      white-space: nowrap;
    }
    .control > span {
      display: none; /* what is chosen says enough */
    }
    .panel {
      padding: 14px 12px;
    }
    .stage {
      padding: 0;
    }
    .lens {
      padding: 4px;
    }
    .tabs button {
      padding: 0 9px;
      white-space: nowrap;
    }
    .stage .bar:has(bn-player) {
      position: sticky; /* the page follows each step, and the player stays below the thumb */
      top: -45px; /* the tabs go */
      z-index: 1;
      background: var(--card);
    }
    .brief .stage .bar {
      gap: 4px 8px;
      font-size: 13px;
    }
    .brief .tabs {
      gap: 0;
    }
    .brief .tabs button {
      padding: 0 8px;
    }
  }
  @media print {
    .legend button {
      display: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .tool > summary::before {
      transition: none;
    }
  }
`;
