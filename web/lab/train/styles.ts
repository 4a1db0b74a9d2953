import { css } from "lit";

/** How the training's controls, charts and matrices stand. */
export const batchesStyles = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  .bar,
  .settings,
  .matrices {
    display: flex;
    flex-wrap: wrap;
  }
  .bar {
    align-items: center;
    gap: 8px;
    margin-bottom: 16px;
  }
  .bar output {
    margin: 0 12px 0 6px;
    font-variant-numeric: tabular-nums;
  }
  .control[aria-disabled="true"] {
    border-color: var(--hairline);
    background: var(--wash);
    color: var(--muted);
    cursor: default;
  }
  .play {
    justify-content: center;
    min-width: 76px;
    font-weight: 600;
  }
  .play:not([aria-disabled="true"]) {
    border-color: var(--ink);
    background: var(--ink);
    color: var(--card);
  }
  .settings {
    gap: 14px 30px;
    padding: 14px 0 16px;
    border: solid var(--hairline);
    border-width: 1px 0;
  }
  .name,
  legend,
  figcaption {
    display: block;
    padding: 0;
    line-height: 20px;
    color: var(--muted);
    font-size: 12.5px;
  }
  .both {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 10px;
    min-height: 32px;
    margin-top: 4px;
  }
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-width: 0;
  }
  .bar fieldset {
    display: flex;
    gap: 14px;
  }
  fieldset label {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    min-height: 26px;
  }
  fieldset .both label {
    font: 15px var(--serif);
  }
  input {
    margin: 0;
    accent-color: var(--ink);
  }
  [name="momentum"] {
    width: 64px;
  }
  [type="range"] {
    width: 150px;
    height: 24px;
  }
  [role="alert"] {
    margin: 4px 0 0;
    color: var(--fail);
    font-size: 12.5px;
  }
  .note {
    margin: 12px 0 0;
    max-width: 82ch;
    color: var(--muted);
  }
  .charts {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 22px 34px;
    margin-top: 18px;
  }
  h3 {
    margin: 0 0 6px;
    font: 600 15px/1.3 var(--serif);
  }
  h3 span {
    margin-left: 8px;
    color: var(--muted);
    font: 13px var(--sans);
  }
  .moments {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    align-items: center;
    gap: 4px 12px;
    margin-top: 10px;
  }
  section {
    margin-top: 24px;
  }
  .matrices {
    gap: 14px 26px;
    align-items: start;
  }
  .now figcaption {
    color: var(--ink);
    font-weight: 600;
  }
  math {
    font-size: 15px;
    color: var(--ink);
  }
  .worked {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    margin: 14px 0 0;
  }
  .worked math {
    font-size: 17px;
  }
  .key {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
    margin: 12px 0 0;
    color: var(--muted);
    font-size: 12.5px;
  }
  .key svg {
    vertical-align: -1px;
    margin-right: 5px;
  }
  .key path {
    stroke: var(--ink);
    stroke-width: 1.8;
  }
  .key .level {
    stroke: var(--muted);
    stroke-width: 1;
    stroke-dasharray: 5 4;
  }
  .key circle {
    fill: var(--muted);
  }
  @container (max-width: 760px) {
    .charts {
      grid-template-columns: minmax(0, 1fr);
    }
  }
`;
