import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { NodeId } from "../src/index.ts";
import { editable, formatFor, largest, quote, readNumber } from "./numbers.ts";
import { type Cell, EditEvent, SelectEvent } from "./selection.ts";
import { shadeOf, shades, tokens } from "./theme.ts";

const kRowHeight = 26;
/** Room around the cells for the ring of a chosen one. */
const kMargin = 5;
/** Above this many rows, only those in sight are in the document. */
const kMostRows = 24;

/**
 * A matrix of numbers on a heat map around zero. Arrow keys move through it; a cell can be chosen, and typed
 * into where `input` names what it edits.
 */
export class BnMatrix extends LitElement {
  static override properties = {
    values: { attribute: false },
    columns: { type: Number },
    label: {},
    node: {},
    cell: { attribute: false },
    input: {},
    most: { type: Number },
    digits: { type: Number },
    first: { state: true },
    refused: { state: true },
    refusal: { state: true },
  };
  /** Row by row; a row of D values is a matrix of one row. */
  declare values: ArrayLike<number>;
  declare columns: number;
  /** What it is, for those who can't see it: "analytic gradient of σ²". */
  declare label: string;
  /** The node that a chosen cell belongs to. */
  declare node: NodeId;
  /** The chosen cell; a matrix of one row shows its column. */
  declare cell: Cell | undefined;
  /** Makes the cells inputs. */
  declare input: "x" | "gamma" | "beta" | "dy" | undefined;
  /** Where the scale of the heat map ends. Default: the largest value. */
  declare most: number | undefined;
  /** Significant digits of the largest value. Default: 4. */
  declare digits: number;
  declare first: number;
  /** The place of a text that is no number, while it stands there. */
  declare refused: number | undefined;
  /** What was said about it, until a number is typed. */
  declare refusal: string | undefined;

  static override styles = [
    tokens,
    css`
      :host {
        display: block;
        max-width: 100%;
      }
      .scroll {
        overflow: auto;
        max-height: ${kRowHeight * 12}px;
        margin: -${kMargin}px;
        padding: ${kMargin}px;
        overscroll-behavior: contain;
        scrollbar-width: thin;
      }
      [role="grid"] {
        position: relative;
        width: max-content;
      }
      [role="row"] {
        display: flex;
        gap: 2px;
        height: ${kRowHeight}px;
        padding-bottom: 2px;
      }
      .at {
        width: 4ch;
        padding-right: 8px;
        color: var(--muted);
        font: 10px/24px var(--mono);
        text-align: right;
      }
      [role="gridcell"] {
        box-sizing: content-box;
        width: var(--width);
        padding: 0 6px;
        border-radius: 3px;
        font: 11.5px/24px var(--mono);
        font-variant-numeric: tabular-nums;
        text-align: right;
        cursor: pointer;
        white-space: nowrap;
      }
      [role="gridcell"].chosen {
        box-shadow: 0 0 0 2px var(--card), 0 0 0 4px var(--accent);
        position: relative;
        z-index: 1;
      }
      :focus-visible {
        outline-offset: 1px;
      }
      input {
        width: calc(100% + 12px);
        height: 24px;
        margin: 0 -6px;
        border: 0;
        padding: 0 6px;
        border-radius: 3px;
        background: none;
        color: inherit;
        font: inherit;
        text-align: right;
      }
      input:focus {
        background: var(--card);
        color: var(--ink);
        outline: 2px solid var(--accent);
        outline-offset: 0;
      }
      input[aria-invalid="true"] {
        outline: 2px solid var(--fail);
      }
      .refusal {
        color: var(--fail);
        margin: 4px 0 0;
        font-size: 12px;
      }
    `,
    shades,
  ];

  constructor() {
    super();
    this.values = [];
    this.columns = 1;
    this.digits = 4;
    this.first = 0;
  }

  get rows() {
    return this.values.length / this.columns;
  }

  protected override render() {
    const { rows, columns } = this;
    const most = this.most ?? largest(this.values);
    const format = formatFor(most, this.digits);
    const virtual = rows > kMostRows;
    const first = virtual ? Math.max(0, Math.min(this.first, rows - kMostRows)) : 0;
    const shown = Array.from({ length: Math.min(rows, kMostRows) }, (_, i) => first + i);
    const width = Math.min(
      Math.max(
        ...shown.flatMap((row) =>
          Array.from({ length: columns }, (_, c) => format(this.values[row * columns + c] as number).length),
        ),
        format(-most).length,
      ),
      12,
    );
    return html`
      <div class="scroll" tabindex=${rows * kRowHeight > kRowHeight * 12 ? 0 : nothing} @scroll=${this.#scroll}>
        <div role="grid" aria-label=${this.label} aria-rowcount=${rows} aria-colcount=${columns}
          .style=${`--width: ${width}ch;${virtual ? ` height: ${rows * kRowHeight}px` : ""}`}
          @keydown=${this.#move}>
          ${repeat(
            shown,
            (row) => row, // so that a row being typed into never turns into another
            (row) => html`
              <div role="row" aria-rowindex=${row + 1} .style=${virtual ? `transform:translateY(${first * kRowHeight}px)` : ""}>
                ${virtual ? html`<span class="at" aria-hidden="true">${row + 1}</span>` : nothing}
                ${Array.from({ length: columns }, (_, column) => this.#cell(row, column, most, format))}
              </div>`,
          )}
        </div>
      </div>
      ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal}</p>` : nothing}`;
  }

  #cell(row: number, column: number, most: number, format: (value: number) => string) {
    const at = row * this.columns + column;
    const value = this.values[at] as number;
    const chosen = this.cell?.column === column && (this.rows === 1 || this.cell.row === row);
    const here = chosen || (!this.cell && at === 0);
    const place = this.rows === 1 ? `column ${column + 1}` : `row ${row + 1}, column ${column + 1}`;
    const state = `${shadeOf(value, most)} ${chosen ? "chosen" : ""}`;
    if (!this.input) {
      return html`
        <div role="gridcell" class=${state} data-at=${at} aria-colindex=${column + 1} aria-selected=${chosen}
          title=${value} tabindex=${here ? 0 : -1} @click=${() => this.#choose(row, column)}>${format(value)}</div>`;
    }
    return html`
      <div role="gridcell" class=${state} aria-colindex=${column + 1} aria-selected=${chosen}>
        <input data-at=${at} aria-label=${`${this.label}, ${place}`} inputmode="decimal" autocomplete="off" spellcheck="false"
          .value=${format(value)} title=${value} tabindex=${here ? 0 : -1}
          aria-invalid=${this.refused === at}
          @focus=${(event: FocusEvent) => this.#enter(event, row, column)}
          @change=${(event: Event) => this.#change(event, at)}
          @blur=${(event: FocusEvent) => this.#leave(event, at, format)} />
      </div>`;
  }

  #choose(row: number, column: number) {
    this.dispatchEvent(new SelectEvent(this.node, { row, column }));
  }

  /** The number in full, ready to be typed over. */
  #enter(event: FocusEvent, row: number, column: number) {
    const field = event.target as HTMLInputElement;
    if (this.refused === undefined)
      field.value = editable(this.values[row * this.columns + column] as number);
    field.select();
    this.#choose(row, column);
  }

  #change(event: Event, at: number) {
    const { value: text } = event.target as HTMLInputElement;
    const value = readNumber(text);
    this.refused = value === undefined ? at : undefined;
    this.refusal =
      value === undefined
        ? `Expected a finite number such as −1.5 or 2e-3, got ${quote(text)}. The old value stays.`
        : undefined;
    if (value === undefined || value === this.values[at] || !this.input) return;
    this.dispatchEvent(new EditEvent(this.input, at, value));
  }

  #leave(event: FocusEvent, at: number, format: (value: number) => string) {
    this.refused = undefined;
    (event.target as HTMLInputElement).value = format(this.values[at] as number);
  }

  #scroll(event: Event) {
    this.first = Math.max(0, Math.floor((event.target as HTMLElement).scrollTop / kRowHeight) - 4);
  }

  async #move(event: KeyboardEvent) {
    const from = (event.target as HTMLElement).dataset["at"];
    if (from === undefined) return;
    const [row, column] = [Math.floor(Number(from) / this.columns), Number(from) % this.columns];
    const field = event.target instanceof HTMLInputElement;
    if (field && event.key === "Escape") {
      (event.target as HTMLInputElement).value = editable(this.values[Number(from)] as number);
      this.refused = this.refusal = undefined;
      return;
    }
    const steps: Record<string, [number, number]> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      Enter: [1, 0],
      ...(field ? {} : { ArrowLeft: [0, -1], ArrowRight: [0, 1] }),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const to = [row + step[0], column + step[1]] as const;
    if (field) (event.target as HTMLInputElement).dispatchEvent(new Event("change"));
    if (this.refused !== undefined) return;
    if (to[0] < 0 || to[0] >= this.rows || to[1] < 0 || to[1] >= this.columns) return;
    this.#choose(...to);
    await this.reveal(to[0]);
    (
      this.renderRoot.querySelector(`[data-at="${to[0] * this.columns + to[1]}"]`) as HTMLElement | null
    )?.focus();
  }

  /** Scrolls a row into sight: with a neighbour beyond it, or into the middle if it was far away. */
  async reveal(row: number) {
    const scroll = this.renderRoot.querySelector(".scroll");
    if (!scroll) return;
    const { scrollTop, clientHeight } = scroll;
    const first = (row - 1) * kRowHeight;
    const last = (row + 2) * kRowHeight + 2 * kMargin - clientHeight;
    const wanted = Math.max(Math.min(scrollTop, first), last);
    const far = Math.abs(wanted - scrollTop) > clientHeight / 2;
    scroll.scrollTop = far ? (first + last) / 2 : wanted;
    this.first = Math.max(0, Math.floor(scroll.scrollTop / kRowHeight) - 4);
    await this.updateComplete;
  }

  protected override updated(changed: PropertyValues<this>) {
    const before = changed.get("cell") as Cell | undefined;
    const moved = changed.has("cell") && before?.row !== this.cell?.row;
    const active = this.shadowRoot?.activeElement;
    if (this.cell && moved && this.rows > 1 && !active) this.reveal(this.cell.row);
    // a field that keeps the focus keeps the number in full, or the next Enter would take what is rounded for it
    if (changed.has("values") && active instanceof HTMLInputElement && this.refused === undefined)
      active.value = editable(this.values[Number(active.dataset["at"])] as number);
  }
}

customElements.define("bn-matrix", BnMatrix);
