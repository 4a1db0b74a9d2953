import { css } from "lit";

/**
 * The page on paper, after the rules for screens: as it is arranged on a wide screen, since that is what a sheet of A4
 * or Letter lying on its side holds; a lens with its heading on one sheet, and nothing that can only be clicked.
 * style.css turns the sheets and keeps them light.
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
      zoom: 0.68;
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
    .controls button,
    .tabs button[aria-selected="false"],
    .message,
    .checking button,
    .mistake button,
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
    /* a sheet that stands, where the browser does not turn it */
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
