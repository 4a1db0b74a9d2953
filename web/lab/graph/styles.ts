import { css } from "lit";

/** How the picture of the graph looks, and the caption on it. */
export const graphStyles = css`
  :host {
    display: block;
    position: relative;
  }
  .caption {
    display: grid;
    grid-template-columns: max-content 1fr;
    gap: 3px 14px;
    align-items: baseline;
    font: 17px/1.35 var(--serif);
  }
  .caption p {
    margin: 0;
  }
  .caption .name {
    font-size: 20px;
  }
  .sentence {
    margin-right: 18px;
  }
  .slopes {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 18px;
    margin-top: 3px;
    color: var(--muted);
  }
  .caption .altered {
    grid-column: 2;
    color: var(--fail);
    font: 600 14px var(--sans);
  }
  .caption .edit {
    grid-column: 2;
    color: var(--muted);
    font: 14px var(--sans);
  }
  .wide .caption {
    position: absolute;
    top: 10px;
    left: 16px;
    width: 68%;
    max-width: 880px;
  }
  .narrow .caption,
  .tall .caption {
    align-content: start;
    padding: 0 8px;
  }
  .narrow .caption {
    min-height: 84px;
    margin: 8px 12px 0;
  }
  .tall .caption .long,
  .tall .caption .long + p {
    grid-column: 1 / -1;
  }
  .tall .caption {
    min-height: 122px;
    max-width: 560px;
    margin: 8px auto 4px;
    font-size: 15px;
  }
  .cell-field {
    position: absolute;
    z-index: 2;
    width: 172px;
    height: 28px;
    border: 2px solid var(--accent);
    border-radius: 5px;
    background: var(--card);
    color: var(--ink);
    font: 13px var(--mono);
    text-align: center;
    transform: translate(-50%, -50%);
  }
  .cell-field:focus-visible {
    outline: none;
  }
  .cell-field[aria-invalid="true"] {
    border-color: var(--fail);
  }
  .opened {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 6px 34px;
    margin: 0 16px 12px;
  }
  .opened div {
    display: flex;
    align-items: baseline;
    gap: 10px;
    min-width: 0;
  }
  .opened dt {
    flex: none;
    color: var(--muted);
    font-size: 13px;
  }
  .opened dd {
    margin: 0;
    min-width: 0;
    font-size: 16px;
  }
  .opened .number {
    color: var(--accent);
  }
  svg.picture {
    display: block;
    width: 100%;
    height: auto;
  }
  .in {
    fill: currentColor;
    font: 8.5px var(--mono);
    font-variant-numeric: tabular-nums;
    text-anchor: middle;
    pointer-events: none;
  }
  .s0 {
    color: var(--ink);
  }
  .in.changed {
    font-weight: 700;
    text-decoration: underline;
  }
  .mark {
    fill: none;
    stroke: var(--card);
    stroke-width: 1.5;
    pointer-events: none;
  }
  .mark.group {
    stroke: var(--ink);
    stroke-width: 1.5;
  }
  svg.tall {
    max-width: 460px;
    margin: 0 auto;
  }
  .card {
    fill: var(--card);
    stroke: var(--hairline);
  }
  .node {
    cursor: pointer;
    outline: none;
  }
  .node:hover .card {
    stroke: var(--muted);
  }
  .node.selected .card {
    stroke: var(--accent);
    stroke-width: 2.5;
  }
  .node:focus-visible .card {
    stroke: var(--accent);
    stroke-width: 2.5;
    stroke-dasharray: 5 3;
  }
  .label {
    font: 600 13px var(--serif);
    fill: var(--ink);
  }
  .label.long {
    font-size: 10.5px;
  }
  .label.longer {
    font-size: 9.5px;
  }
  .shape {
    font: 9.5px var(--sans);
    fill: var(--muted);
  }
  .rule {
    pointer-events: none;
  }
  .partial {
    font: italic 10px var(--serif);
    fill: var(--muted);
  }
  .hair {
    stroke: var(--hairline);
  }
  .edge {
    fill: none;
    stroke: color-mix(in oklab, var(--muted) 55%, var(--card));
    stroke-width: 1.4;
  }
  .edge.pointed {
    stroke: var(--ink);
    stroke-width: 2.2;
  }
  .gate {
    cursor: pointer;
  }
  .edge.lit {
    stroke: var(--accent);
    stroke-width: 2.2;
  }
  .tip,
  .split {
    fill: color-mix(in oklab, var(--muted) 70%, var(--card));
  }
  .tip.lit,
  .split.lit {
    fill: var(--accent);
  }
  .gate rect {
    fill: var(--wash);
    stroke: var(--hairline);
  }
  .gate text {
    font: 11px var(--serif);
    fill: var(--ink);
    text-anchor: middle;
  }
  .copies {
    font: 10px var(--sans);
    fill: var(--muted);
  }
  .copies,
  .tag {
    stroke: var(--card);
    stroke-width: 3;
    stroke-linejoin: round;
    paint-order: stroke;
  }
  .copies.lit,
  .bank.lit .copies {
    fill: var(--accent);
  }
  .copies:lang(zh) {
    font-size: 11.5px;
  }
  .tall .copies:lang(zh) {
    font-size: 10.5px;
  }
  .narrow .copies {
    font-size: 12px;
  }
  .sizes {
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .bank path {
    fill: none;
    stroke: color-mix(in oklab, var(--muted) 50%, var(--card));
  }
  .bank circle {
    fill: var(--wash);
    stroke: var(--hairline);
  }
  .bank .sum {
    font-family: var(--serif);
    fill: var(--ink);
    text-anchor: middle;
  }
  .bank .more {
    font-size: 12px;
  }
  .bank.lit path,
  .bank.lit circle {
    stroke: var(--accent);
  }
  .bank.wrong circle {
    stroke: var(--fail);
    stroke-width: 2;
  }
  .adds {
    fill: var(--card);
    stroke: var(--accent);
    stroke-width: 1.8;
  }
  .void {
    fill: none;
    stroke: var(--muted);
    stroke-width: 0.8;
    stroke-dasharray: 1 3;
  }
  .hit {
    fill: none;
    stroke: transparent;
    stroke-width: 16;
    pointer-events: stroke;
  }
  .gate .hit {
    stroke: none;
    pointer-events: fill;
  }
  .pulse {
    fill: none;
    stroke: var(--accent);
    stroke-width: 7;
    stroke-linecap: round;
    stroke-dasharray: 0.12 2;
    stroke-dashoffset: 0.13;
    pointer-events: none;
  }
  .ghost {
    transform-box: fill-box;
    transform-origin: center;
    pointer-events: none;
  }
  .lane {
    font: 12px var(--sans);
    fill: var(--muted);
  }
  .loss circle {
    fill: var(--card);
    stroke: var(--hairline);
  }
  .loss .now {
    stroke: var(--accent);
    stroke-width: 2.5;
  }
  .loss text {
    font: 600 13px var(--serif);
    fill: var(--ink);
    text-anchor: middle;
  }
  .pick {
    fill: none;
    stroke: var(--accent);
    stroke-width: 1.8;
  }
  .edge.wrong {
    stroke: var(--fail);
    stroke-width: 2.5;
    stroke-dasharray: 6 4;
  }
  .tag {
    font: 600 11px var(--sans);
    fill: var(--fail);
  }
  .gate.wrong rect {
    stroke: var(--fail);
    stroke-width: 2;
  }
  .broken {
    fill: none;
    stroke: var(--fail);
    stroke-width: 1.8;
    stroke-dasharray: 4 2;
  }
  :host([close]) {
    height: 100%;
  }
  :host([close]) > div {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto;
    height: 100%;
  }
  :host([close]) .caption {
    position: static;
    width: auto;
    min-height: 0;
    margin: 0;
    padding: 0;
    font-size: 15px;
  }
  :host([close]) .caption .name {
    font-size: 17px;
  }
  :host([close]) .caption > .name:has(~ .name),
  :host([close]) .caption > .name:has(~ .name) + p {
    display: none;
  }
  :host([close]) svg.picture {
    width: 100%;
    height: 100%;
    overflow: visible;
  }
  :host([close]) .opened {
    margin: 6px 0 0;
  }
  :host([close]) svg :is(.gate, .in, .rule, .copies, .lane, .tag, .bank, .label) {
    display: none;
  }
  :host([close]) svg :is(.near .label, .loss text) {
    display: inline;
    font-size: var(--type, 25px);
  }
  :host([close]) svg .near:not(.selected) :is(.long, .longer) {
    display: none;
  }
  :host([close]) .label {
    transform: translate(-7px, -22px); /* above the card */
    stroke: var(--paper);
    stroke-width: 6;
    stroke-linejoin: round;
    paint-order: stroke;
  }
  :host([close]) .edge.lit {
    stroke-width: 4;
  }
`;
