import { css } from "lit";

/**
 * The presenting view: one slide, laid out as if it were 800 px wide and drawn larger, so that all of it grows with the window.
 * No type is smaller than 11.25 px there, which is 18 px at 1280 px.
 */
export const presentStyles = css`
  :host {
    --least-type: 11.4px;
    display: block;
    position: relative;
    aspect-ratio: 16 / 9;
    overflow: hidden;
    background: var(--paper);
  }
  :host([whole]),
  :host(:fullscreen) {
    position: fixed;
    inset: 0;
    z-index: 5;
    aspect-ratio: auto;
  }
  .view {
    zoom: var(--zoom, 1);
    display: grid;
    grid-template-rows: auto auto minmax(0, 1fr) auto;
    height: 100%;
    padding: 14px 24px 8px;
  }
  .head {
    display: flex;
    align-items: baseline;
    justify-content: space-between;
    gap: 20px;
    margin-bottom: 8px;
  }
  h2 {
    margin: 0;
    font: 600 22px/1.25 var(--serif);
    letter-spacing: -0.01em;
    overflow-wrap: anywhere;
  }
  h2:focus-visible {
    outline: none;
  }
  .head .chip {
    flex: none;
  }
  .notes p {
    margin: 0 0 6px;
    padding: 3px 12px;
    border-left: 3px solid var(--undecidable);
    font-size: 12.5px;
    line-height: 1.4;
  }
  .notes .mistake {
    border-color: var(--fail);
  }
  .notes .said {
    display: flex;
    gap: 14px;
  }
  .notes .said span {
    flex: 1;
    overflow-wrap: anywhere;
  }
  .body {
    min-height: 0;
    overflow: auto;
    outline-offset: -2px;
    /* what goes on above or below has a shadow there, as in ui/theme.ts */
    background:
      linear-gradient(to bottom, var(--paper) 50%, transparent) top / 100% 24px no-repeat local,
      linear-gradient(to top, var(--paper) 50%, transparent) bottom / 100% 24px no-repeat local,
      linear-gradient(to bottom, var(--cut), transparent) top / 100% 7px no-repeat scroll,
      linear-gradient(to top, var(--cut), transparent) bottom / 100% 7px no-repeat scroll;
  }
  .body > * {
    --surface: var(--paper);
  }
  .body > bn-sweep {
    margin: 0;
    padding: 0;
    border: 0;
  }
  .with-numbers {
    display: grid;
    grid-template-columns: minmax(0, 1fr) fit-content(38%);
    grid-template-rows: minmax(0, 1fr);
    gap: 20px;
    overflow: hidden;
  }
  .numbers {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-content: center;
    gap: 22px;
    min-width: 0;
    --most-high: 130px;
  }
  .numbers figure {
    margin: 0;
    min-width: 0;
  }
  .numbers figcaption {
    padding-bottom: 3px;
    color: var(--ink);
    font-size: 17px;
  }
  .foot {
    display: flex;
    align-items: center;
    gap: 2px;
    margin: 6px -8px 0;
    color: var(--muted);
    font-size: 12px;
  }
  .foot .count {
    min-width: 52px;
    text-align: center;
    font-variant-numeric: tabular-nums;
  }
  .foot .control {
    min-height: 24px;
    padding: 0 8px;
    border-color: transparent;
    background: none;
    color: var(--muted);
    font-size: 12px;
  }
  .foot .control:hover {
    background: var(--wash);
    color: var(--ink);
  }
  .foot .control[aria-disabled="true"] {
    opacity: 0.5;
    cursor: default;
  }
  .foot .space {
    flex: 1;
  }
  .blank {
    position: absolute;
    inset: 0;
    z-index: 1;
    background: #000;
  }
`;
