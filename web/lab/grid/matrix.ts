import { html, nothing, type PropertyValues } from "lit";
import type { Extent } from "../../src/index.ts";
import { resizeObserver } from "../base/layout-free.ts";
import { editable, largest, quote, readNumber } from "../base/numbers.ts";
import { type Cell, cellIn, cellOf, indexAt, type Layout, placeOf } from "../maths/layout.ts";
import type { Change, InputName, Selection } from "../model/selection.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { controls, shades, tokens } from "../ui/theme.ts";
import type { Locale } from "../words/locale.ts";
import type { Words } from "../words/vocabulary.ts";
import { type Block, blockOf, copied, filled } from "./block.ts";
import { Cells, type Scale, scaleOf } from "./cells.ts";
import { wayFromField, wayOf } from "./keys.ts";
import { isMore, pasted } from "./paste.ts";
import { matrixStyles } from "./styles.ts";
import { Viewport } from "./viewport.ts";

const same = (a: Cell | undefined, b: Cell | undefined) => a?.row === b?.row && a?.column === b?.column;

interface Field {
  cell: Cell;
  element: HTMLInputElement;
}

/**
 * A matrix of numbers on a heat map around zero, with the keys of a spreadsheet: arrows, Shift for a block, copy.
 * If `input` is set, numbers can be edited, cleared and pasted.
 */
export class BnMatrix extends Panel {
  static override properties = {
    ...fromSession("locale", "selection", "layout"),
    values: { attribute: false },
    extent: {},
    columns: { type: Number },
    label: {},
    node: {},
    input: {},
    most: { type: Number },
    digits: { type: Number },
    lit: {},
    wrong: { attribute: false },
    refusal: { state: true },
  };
  /** Row-major. A row of D values is a matrix of one row. */
  declare values: ArrayLike<number>;
  /** The kind of its shape. Its cells are then those of the case, of which one is chosen. */
  declare extent: Extent | undefined;
  declare layout: Layout | undefined;
  /** Where it has no extent. */
  declare columns: number;
  /** The label for screen readers: "analytic gradient of σ²". */
  declare label: string;
  /** The node of the cells. */
  declare node: Selection["node"];
  declare selection: Selection;
  /** The input that the cells edit. */
  declare input: InputName | undefined;
  /** The end of the heat map's scale. Default: the largest value. */
  declare most: number | undefined;
  /** The significant digits of the largest value. Default: 4. */
  declare digits: number;
  /** Marks all cells that share the statistic, or the parameter, of the chosen one. */
  declare lit: Exclude<Extent, "elements"> | undefined;
  /** The indices of cells that are framed as wrong. */
  declare wrong: ReadonlySet<number> | undefined;
  declare locale: Locale;
  /** Why the last text was refused. */
  declare refusal: ((words: Words) => string) | undefined;

  #cells: Cells | undefined;
  #scale: Scale | undefined;
  readonly #viewport = new Viewport();
  /** The text being typed. It stays until it is a number or is cancelled, wherever the focus goes. */
  #field: Field | undefined;
  /** The first cell of the block that ends at the chosen cell. */
  #anchor: Cell | undefined;
  /** The last cell chosen here. A choice made elsewhere ends the block. */
  #own: Cell | undefined;
  /** The cell last scrolled into view. A cell under the pointer stays there. */
  #seen = "";
  #byPointer = false;
  /** Whether that cell stays in view when the box changes size. Scrolling by hand ends this. */
  #follows = false;
  #again = false;
  /** Where it listens for copying and pasting. */
  #listening: Document | undefined;
  readonly #resized = resizeObserver((size) => {
    this.#viewport.resize(size);
    if (this.#follows) this.#reveal(this.#active);
    this.#draw();
  });

  static override styles = [tokens, controls, shades, matrixStyles];

  constructor() {
    super();
    this.values = [];
    this.columns = 1;
    this.digits = 4;
  }

  /** The chosen cell, if it has one. */
  get cell(): Cell | undefined {
    const { extent, layout } = this;
    return extent && layout
      ? cellIn(layout.sheets[extent], indexAt(layout, extent, this.selection.cell))
      : undefined;
  }

  /** The number of its columns. */
  get width() {
    return (this.extent && this.layout?.sheets[this.extent].columns) ?? this.columns;
  }

  get rows() {
    return this.values.length / this.width;
  }

  override connectedCallback() {
    super.connectedCallback();
    // without a text selection, browsers send these events to the body
    this.#listening = this.ownerDocument;
    this.#listening.addEventListener("copy", this.#copy);
    this.#listening.addEventListener("paste", this.#paste);
  }

  override disconnectedCallback() {
    this.#listening?.removeEventListener("copy", this.#copy);
    this.#listening?.removeEventListener("paste", this.#paste);
    super.disconnectedCallback();
  }

  protected override render() {
    return html`
      <div class="scroll" tabindex="-1" @scroll=${this.#scroll}>
        <div class="sheet" role="grid" aria-label=${this.label} aria-rowcount=${this.rows} aria-colcount=${this.width}
          aria-multiselectable="true" aria-readonly=${!this.input} @keydown=${this.#key} @mousedown=${this.#press}
          @click=${this.#click} @dblclick=${this.#doubleClick} @focusin=${this.#enter} @focusout=${this.#leave}
          @input=${this.#typed}></div>
      </div>
      ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal(this.locale.words)} ${this.#wayBack()}</p>` : nothing}`;
  }

  /** Does what Escape does, for devices without that key. */
  #wayBack() {
    const { keep } = this.locale.words.matrix;
    return this.#field ? html`<button class="link" @click=${this.#revert}>${keep}</button>` : nothing;
  }

  protected override firstUpdated() {
    this.#cells = new Cells(this.#find("sheet"));
    this.#resized.observe(this.#find("scroll"));
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const measured = ["values", "extent", "layout", "columns", "most", "digits", "locale"] as const;
    if (measured.some((name) => changed.has(name))) this.#measure();
    if (!changed.has("selection") || same(this.cell, this.#own)) return;
    this.#anchor = undefined;
    if (!this.#field) this.refusal = undefined;
  }

  protected override updated() {
    const focused = this.#hasFocus; // drawing may remove the cell that has the focus
    const cell = this.#active;
    const seen = `${cell.row},${cell.column} of ${this.rows}×${this.width}`;
    if (this.cell && seen !== this.#seen) {
      this.#follows = !this.#byPointer;
      if (this.#follows) this.#reveal(cell);
    }
    this.#seen = seen;
    this.#byPointer = false;
    this.#draw();
    if (!focused) return;
    const element = this.#cells?.at(cell);
    if (!element || element === this.shadowRoot?.activeElement) return;
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #find(name: "scroll" | "sheet") {
    return this.renderRoot.querySelector(`.${name}`) as HTMLElement;
  }

  /** The scale, widths and heights, which change only with the numbers. */
  #measure() {
    const { rows, width: columns } = this;
    const size = largest(this.values);
    this.#scale = scaleOf(this.most ?? size, size, this.digits, this.locale.words, this.#scale);
    if (rows !== this.#viewport.rows || columns !== this.#viewport.columns)
      this.#field = this.#anchor = this.refusal = undefined;
    this.#viewport.measure(rows, columns, this.#scale);
  }

  /** The cell that takes the focus: the chosen cell, or the first one if none is chosen. */
  get #active(): Cell {
    const { row, column } = this.cell ?? this.#own ?? { row: 0, column: 0 };
    return { row: Math.min(row, this.rows - 1), column: Math.min(column, this.width - 1) };
  }

  get #block(): Block {
    return blockOf(this.#anchor ?? this.#active, this.#active);
  }

  /** Whether a cell has the focus, not a field in it. */
  get #hasFocus() {
    return this.shadowRoot?.activeElement?.getAttribute("role") === "gridcell";
  }

  /** What a cell is called. */
  #nameOf = (cell: Cell): string => {
    const { cells } = this.locale.words;
    const { extent, layout } = this;
    if (extent && layout) return cells.place(placeOf(layout, extent, this.#placeOf(cell)));
    return this.rows === 1 ? cells.column(cell.column + 1) : cells.cell(cell.row + 1, cell.column + 1);
  };

  /** The indices that are marked with the chosen one, and the block that they are if they are one. */
  get #lit(): { block?: Block; has?: ReadonlySet<number> } {
    const { lit, layout, extent } = this;
    if (!lit || !layout || extent !== "elements" || this.#anchor) return {};
    const members = layout.grouping.members(lit, indexAt(layout, lit, this.selection.cell));
    const cells = members.map((index) => cellIn(layout.sheets.elements, index));
    const [rows, columns] = [cells.map(({ row }) => row), cells.map(({ column }) => column)];
    const block = {
      top: rows[0] as number,
      bottom: rows.at(-1) as number,
      left: columns.reduce((a, b) => Math.min(a, b)),
      right: columns.reduce((a, b) => Math.max(a, b)),
    };
    const isWhole = (block.bottom - block.top + 1) * (block.right - block.left + 1) === members.length;
    return isWhole ? { block } : { has: new Set(members) };
  }

  #placeOf({ row, column }: Cell) {
    return row * this.width + column;
  }

  #cellOf(target: EventTarget | null): Cell | undefined {
    const at = (target as Element).closest<HTMLElement>("[data-at]")?.dataset["at"];
    return at === undefined
      ? undefined
      : { row: Math.floor(Number(at) / this.width), column: Number(at) % this.width };
  }

  #draw() {
    if (!this.#cells || !this.#scale || this.rows < 1) return;
    const active = this.#active;
    this.#viewport.lay(this.#find("scroll"), this.#find("sheet"));
    if (this.#field) {
      const name = this.locale.words.matrix.field(this.label, this.#nameOf(this.#field.cell));
      this.#field.element.setAttribute("aria-label", name);
    }
    const lit = this.#lit;
    this.#cells.draw({
      values: this.values,
      scale: this.#scale,
      ...this.#viewport.seen,
      kept: this.#field ? [active, this.#field.cell] : [active],
      active,
      block: this.cell && (lit.block ?? this.#block),
      lit: lit.has,
      marks: this.extent === "elements" ? this.layout : undefined,
      nameOf: this.#nameOf,
      wrong: this.wrong,
      field: this.#field,
    });
  }

  #reveal(cell: Cell) {
    this.#viewport.reveal(cell, () => this.#draw());
  }

  #scroll() {
    if (!this.#viewport.scrolled(this.#find("scroll"))) return;
    this.#follows = false;
    this.#draw();
  }

  /** Chooses the cell, or the nearest one that exists; with `extend`, the block up to it. */
  #go(to: Cell, extend = false) {
    const within = (at: number, count: number) => Math.max(0, Math.min(at, count - 1));
    this.#anchor = extend ? (this.#anchor ?? this.#active) : undefined;
    if (!this.#field) this.refusal = undefined;
    const row = within(to.row, this.rows);
    this.#own = { row, column: within(to.column, this.width) };
    const { extent, layout, selection } = this;
    if (extent && layout)
      this.session.select(this.node, cellOf(layout, extent, this.#placeOf(this.#own), selection.cell));
    else this.requestUpdate();
  }

  #key(event: KeyboardEvent) {
    if (event.altKey || event.isComposing) return;
    if (this.#field) return this.#keyInField(event, this.#field);
    const { rows, width: columns } = this;
    const active = this.#active;
    const far = event.ctrlKey || event.metaKey;
    const to = wayOf(event, active, [rows, columns], this.#viewport.pageRows);
    if (to) this.#go(to, event.shiftKey);
    else if (far && event.key === "a")
      this.#chooseBlock({ top: 0, left: 0, bottom: rows - 1, right: columns - 1 });
    else if (far) return;
    else if (event.key === "Escape") this.#go(active);
    else if (!this.input) return;
    else if (event.key === "Enter" || event.key === "F2") this.#edit();
    else if (event.key === "Delete" || event.key === "Backspace")
      this.#change(filled(0, this.width, this.#block));
    else {
      if (event.key.length === 1) this.#edit(""); // the browser puts the character into the field
      return;
    }
    event.preventDefault();
  }

  #keyInField(event: KeyboardEvent, { cell }: Field) {
    const to = wayFromField(event, cell);
    if (event.key === "Escape") this.#revert();
    else if (!to || event.ctrlKey || event.metaKey) return;
    else if (this.#commit()) this.#go(to);
    event.preventDefault();
  }

  #press(event: MouseEvent) {
    const cell = this.#cellOf(event.target);
    if (!cell || event.button !== 0 || event.target === this.#field?.element) return;
    event.preventDefault(); // no text is selected, and we move the focus ourselves
    if (this.#field && !this.#commit()) {
      this.#field.element.focus();
      return;
    }
    this.#again = this.#hasFocus && same(cell, this.#active);
    this.#byPointer = true;
    this.ownerDocument.getSelection()?.removeAllRanges(); // otherwise the selected text would be copied
    this.#go(cell, event.shiftKey);
    this.#cells?.at(cell)?.focus({ preventScroll: true });
  }

  #click(event: MouseEvent) {
    const cell = this.#cellOf(event.target);
    if (!cell || this.#field) return;
    if (event.detail === 0)
      this.#go(cell); // a click from a screen reader
    // a phone shows its keyboard only for a field
    else if (this.#again && (event as PointerEvent).pointerType === "touch") this.#edit();
  }

  #doubleClick(event: MouseEvent) {
    if (this.#cellOf(event.target) && !this.#field) this.#edit();
  }

  #enter(event: FocusEvent) {
    const cell = this.#cellOf(event.target);
    if (!cell || event.target === this.#field?.element) return;
    if (this.#field) this.#field.element.focus();
    else if (!same(cell, this.#active)) this.#go(cell);
  }

  #leave(event: FocusEvent) {
    if (this.#field && event.target === this.#field.element) this.#commit();
  }

  /** Opens a field in the active cell, with the old number, or empty if typing replaces it. */
  #edit(text?: string) {
    if (!this.input) return;
    const cell = this.#active;
    const element = document.createElement("input");
    element.autocomplete = "off";
    element.spellcheck = false;
    element.value = text ?? editable(this.values[this.#placeOf(cell)] as number);
    this.#go(cell);
    this.#field = { cell, element };
    this.#draw(); // at once: phones open their keyboard only if the focus moves during the tap
    element.focus();
  }

  #typed() {
    if (!this.refusal || !this.#field || readNumber(this.#field.element.value) === undefined) return;
    this.refusal = undefined;
    this.#field.element.removeAttribute("aria-invalid");
  }

  /** Takes the typed number. If it is not a number, it stays in the field, with a message. */
  #commit(): boolean {
    const { cell, element } = this.#field as Field;
    const value = readNumber(element.value);
    if (value === undefined) {
      element.setAttribute("aria-invalid", "true");
      const text = quote(element.value);
      this.refusal = ({ matrix }) => matrix.refused(text);
      return false;
    }
    this.#close();
    this.#change([{ at: this.#placeOf(cell), value }]);
    return true;
  }

  #revert() {
    if (this.#field) this.#close();
  }

  #close() {
    const { cell, element } = this.#field as Field;
    const held = this.shadowRoot?.activeElement === element;
    this.#field = this.refusal = undefined;
    if (held) this.#cells?.at(cell)?.focus({ preventScroll: true });
    this.#draw();
  }

  #change(changes: readonly Change[]) {
    const others = changes.filter(({ at, value }) => value !== this.values[at]);
    if (this.input && others.length > 0) this.session.edit(this.input, others);
  }

  #chooseBlock({ top, left, bottom, right }: Block) {
    this.#go({ row: top, column: left });
    this.#anchor = { row: bottom, column: right };
  }

  #copy = (event: ClipboardEvent) => {
    if (!this.#hasFocus) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", copied(this.values, this.width, this.#block));
  };

  #paste = (event: ClipboardEvent) => {
    if (!this.#hasFocus || !this.input) return;
    event.preventDefault();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    try {
      const { changes, block } = pasted(text, this.rows, this.width, this.#block);
      this.#chooseBlock(block);
      this.#change(changes);
    } catch (error) {
      if (isMore(text, error, { input: this.input, rows: this.rows, columns: this.width }))
        this.session.paste(text);
      else this.refusal = ({ matrix, fault }) => matrix.notPasted(fault(error));
    }
  };
}

customElements.define("bn-matrix", BnMatrix);
