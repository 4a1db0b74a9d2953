import { css } from "lit";

/**
 * The page on paper, after the rules for screens: as it is arranged on a wide screen, and without what can only be
 * clicked. A sheet of A4 or Letter that stands holds all of it, where the batch is small; on one that lies, letters are
 * larger, and the lens has a sheet of its own. style.css keeps the sheets light.
 */
export const printStyles = css`
  @media print {
    :host {
      min-height: 0;
      background: none;
    }
    .page {
      max-width: none;
      padding: 0;
      zoom: 0.68; /* as wide as the graph needs, with the words over it */
    }
    .top {
      margin-bottom: 10px;
      break-after: avoid; /* a lens too tall for one sheet begins here nevertheless */
    }
    .controls {
      display: flex; /* what is chosen there */
      gap: 20px;
    }
    .acts,
    .skip,
    .controls button,
    .tabs button[aria-selected="false"],
    .message,
    .checking .link,
    .mistake .link,
    .tool:not([open]),
    .tool > summary::before,
    bn-player,
    footer {
      display: none;
    }
    .control {
      min-height: 0;
      padding: 0;
      border: 0;
    }
    select {
      appearance: none;
    }
    .tabs {
      margin: 0;
    }
    .tabs button[aria-selected="true"] {
      padding: 0;
      background: none;
      color: var(--ink);
    }
    .panel {
      break-inside: avoid;
    }
    .tool[open] {
      break-inside: auto;
    }
    .row .panel {
      position: static;
    }
    @container (max-width: 900px) {
      .page {
        zoom: 0.52;
      }
      .row {
        grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
      }
    }
  }
`;

/** For what an element has for screens only: buttons that change what is shown. */
export const screenOnly = css`
  @media print {
    .screen-only {
      display: none;
    }
  }
`;
