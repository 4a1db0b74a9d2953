import { html, nothing, type PropertyValues } from "lit";
import { editable, largest, quote, readNumber } from "../base/numbers.ts";
import type { Cell } from "../maths/computed.ts";
import type { Change, InputName, Selection } from "../model/selection.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { controls, shades, tokens } from "../ui/theme.ts";
import type { Locale } from "../words/locale.ts";
import type { Words } from "../words/vocabulary.ts";
import { type Axis, extent, isNumbered, kMargin, scrolledTo, spanOf } from "./axis.ts";
import { type Block, blockOf, copied, filled } from "./block.ts";
import { Cells, kGap, placeName, type Scale, scaleOf } from "./cells.ts";
import type { pasted } from "./paste.ts";
import { matrixStyles } from "./styles.ts";

const kRowHeight = 26;
/** Of the numbers above the columns. */
const kNumberHeight = 22;
/** The widest that a digit is in the fonts of --mono. */
const kCharacter = 7;
/** More rows or columns than this have numbers. */
const kManyCells = 12;
/** The box that a larger matrix scrolls in: half a row shows that there are more. */
const kMostHigh = 12.5 * kRowHeight;
const kMostWide = 600;

const same = (a: Cell | undefined, b: Cell | undefined) => a?.row === b?.row && a?.column === b?.column;

interface Field {
  cell: Cell;
  element: HTMLInputElement;
}

/**
 * A matrix of numbers on a heat map around zero, moved through like a spreadsheet: arrows, Shift for a block, copy.
 * Where `input` names what it edits, numbers can be typed over, cleared and pasted.
 */
export class BnMatrix extends Panel {
  /** How the rest of the page is fetched, which the page says. */
  static fetchRest: () => Promise<{ pasted: typeof pasted }>;

  static override properties = {
    ...fromSession("locale", "selection"),
    values: { attribute: false },
    columns: { type: Number },
    label: {},
    node: {},
    input: {},
    most: { type: Number },
    digits: { type: Number },
    lit: {},
    apart: { type: Boolean },
    wrong: { attribute: false },
    refusal: { state: true },
  };
  /** Row by row; a row of D values is a matrix of one row. */
  declare values: ArrayLike<number>;
  declare columns: number;
  /** What it is, for those who can't see it: "analytic gradient of σ²". */
  declare label: string;
  /** The node that a chosen cell belongs to. */
  declare node: Selection["node"];
  declare selection: Selection;
  /** It has another shape than its node, so that no cell of it is the chosen one. */
  declare apart: boolean;
  /** Makes the cells inputs. */
  declare input: InputName | undefined;
  /** Where the scale of the heat map ends. Default: the largest value. */
  declare most: number | undefined;
  /** Significant digits of the largest value. Default: 4. */
  declare digits: number;
  /** "column": the whole column of the chosen cell is marked. */
  declare lit: string | undefined;
  /** The places of cells that are framed as wrong. */
  declare wrong: ReadonlySet<number> | undefined;
  declare locale: Locale;
  /** Why the last text was not taken. */
  declare refusal: ((words: Words) => string) | undefined;

  #cells: Cells | undefined;
  #scale: Scale | undefined;
  #down: Axis = { count: 0, size: kRowHeight, head: kMargin };
  #across: Axis = { count: 0, size: 1, head: kMargin };
  /** What is being typed. It stays until it is a number or given up, wherever the keyboard goes. */
  #field: Field | undefined;
  /** Where the block begins that ends at the chosen cell. */
  #anchor: Cell | undefined;
  /** The last cell that was chosen here. A choice made elsewhere ends the block. */
  #own: Cell | undefined;
  /** The cell that was last brought into sight; one under the pointer stays under it. */
  #seen = "";
  #byPointer = false;
  /** It was brought into sight, and stays there whatever size the box gets, until someone scrolls. */
  #follows = false;
  #again = false;
  #offset = { left: 0, top: 0 };
  #view = { width: kMostWide, height: kMostHigh };
  #resized = new ResizeObserver(([entry]) => {
    const { width, height } = (entry as ResizeObserverEntry).contentRect;
    this.#view = { width, height };
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

  /** The chosen cell; a matrix of one row shows its column. */
  get cell(): Cell | undefined {
    return this.apart ? undefined : this.selection.cell;
  }

  get rows() {
    return this.values.length / this.columns;
  }

  override connectedCallback() {
    super.connectedCallback();
    // with nothing marked, browsers send these to the body
    document.addEventListener("copy", this.#copy);
    document.addEventListener("paste", this.#paste);
  }

  override disconnectedCallback() {
    document.removeEventListener("copy", this.#copy);
    document.removeEventListener("paste", this.#paste);
    super.disconnectedCallback();
  }

  protected override render() {
    return html`
      <div class="scroll" tabindex="-1" @scroll=${this.#scroll}>
        <div class="sheet" role="grid" aria-label=${this.label} aria-rowcount=${this.rows} aria-colcount=${this.columns}
          aria-multiselectable="true" aria-readonly=${!this.input} @keydown=${this.#key} @mousedown=${this.#press}
          @click=${this.#click} @dblclick=${this.#doubleClick} @focusin=${this.#enter} @focusout=${this.#leave}
          @input=${this.#typed}></div>
      </div>
      ${this.refusal ? html`<p class="refusal" role="alert">${this.refusal(this.locale.words)} ${this.#wayBack()}</p>` : nothing}`;
  }

  /** What Escape does, where there is no such key. */
  #wayBack() {
    const { keep } = this.locale.words.matrix;
    return this.#field ? html`<button class="link" @click=${this.#revert}>${keep}</button>` : nothing;
  }

  protected override firstUpdated() {
    this.#cells = new Cells(this.#find("sheet"));
    this.#resized.observe(this.#find("scroll"));
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const measured = ["values", "columns", "most", "digits", "locale"] as const;
    if (measured.some((name) => changed.has(name))) this.#measure();
    if (!changed.has("selection") || same(this.cell, this.#own)) return;
    this.#anchor = undefined;
    if (!this.#field) this.refusal = undefined;
  }

  protected override updated() {
    const focused = this.#hasFocus; // drawing may take the cell away that has it
    const cell = this.#active;
    const seen = `${cell.row},${cell.column} of ${this.rows}×${this.columns}`;
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

  /** Scale, widths and heights, which only other numbers change. */
  #measure() {
    const { rows, columns } = this;
    const size = largest(this.values);
    const most = this.most ?? size;
    const { digits } = this;
    const { words } = this.locale;
    const before = this.#scale;
    const isSame =
      most === before?.most && size === before.largest && digits === before.digits && words === before.words;
    const scale = isSame ? before : scaleOf(most, size, digits, words);
    this.#scale = scale;
    if (rows !== this.#down.count || columns !== this.#across.count)
      this.#field = this.#anchor = this.refusal = undefined;
    const many = Math.max(rows, columns) > kManyCells;
    const numbered = many && rows > 1;
    this.#down = { count: rows, size: kRowHeight, head: many ? kNumberHeight : kMargin };
    this.#across = {
      count: columns,
      size: Math.ceil(scale.characters * kCharacter) + 12 + kGap,
      head: numbered ? String(rows).length * 6.1 + 14 : kMargin,
    };
  }

  /** The chosen cell; where there is none, the first one takes the keyboard. */
  get #active(): Cell {
    const { row, column } = this.cell ?? { row: 0, column: 0 };
    return { row: Math.min(row, this.rows - 1), column: Math.min(column, this.columns - 1) };
  }

  get #block(): Block {
    if (this.lit && !this.#anchor)
      return { ...blockOf(this.#active, this.#active), top: 0, bottom: this.rows - 1 };
    return blockOf(this.#anchor ?? this.#active, this.#active);
  }

  /** Whether a cell has the keyboard, and not a field in it. */
  get #hasFocus() {
    return this.shadowRoot?.activeElement?.getAttribute("role") === "gridcell";
  }

  #placeOf({ row, column }: Cell) {
    return row * this.columns + column;
  }

  #cellOf(target: EventTarget | null): Cell | undefined {
    const at = (target as Element).closest<HTMLElement>("[data-at]")?.dataset["at"];
    return at === undefined
      ? undefined
      : { row: Math.floor(Number(at) / this.columns), column: Number(at) % this.columns };
  }

  #draw() {
    if (!this.#cells || !this.#scale || this.rows < 1) return;
    const [down, across, active] = [this.#down, this.#across, this.#active];
    const { style } = this.#find("sheet");
    style.width = `${extent(across)}px`;
    style.height = `${extent(down)}px`;
    style.setProperty("--head", `${across.head}px`);
    style.setProperty("--column", `${across.size}px`);
    this.#find("scroll").classList.toggle("numbered", isNumbered(down));
    if (this.#field) {
      const { cells, matrix } = this.locale.words;
      const name = matrix.field(this.label, placeName(this.#field.cell, this.rows, cells));
      this.#field.element.setAttribute("aria-label", name);
    }
    this.#cells.draw({
      values: this.values,
      scale: this.#scale,
      rows: down,
      columns: across,
      down: spanOf(down, this.#offset.top, this.#view.height),
      across: spanOf(across, this.#offset.left, this.#view.width),
      kept: this.#field ? [active, this.#field.cell] : [active],
      active,
      block: this.cell && this.#block,
      wrong: this.wrong,
      field: this.#field,
    });
  }

  #reveal({ row, column }: Cell) {
    const top = scrolledTo(this.#down, row, this.#offset.top, this.#view.height);
    const left = scrolledTo(this.#across, column, this.#offset.left, this.#view.width);
    if (top === this.#offset.top && left === this.#offset.left) return;
    this.#draw(); // gives the sheet its size
    this.#offset = { top, left };
    this.#find("scroll").scrollTo(this.#offset);
  }

  #scroll() {
    const { scrollTop: top, scrollLeft: left } = this.#find("scroll");
    if (top === this.#offset.top && left === this.#offset.left) return;
    this.#offset = { top, left };
    this.#follows = false;
    this.#draw();
  }

  /** Chooses the cell, or the nearest there is; with `extend`, the block up to it. */
  #go(to: Cell, extend = false) {
    const within = (at: number, count: number) => Math.max(0, Math.min(at, count - 1));
    this.#anchor = extend ? (this.#anchor ?? this.#active) : undefined;
    if (!this.#field) this.refusal = undefined;
    // in a matrix of one row, the row chosen elsewhere stays
    const row = this.rows === 1 ? (this.cell?.row ?? 0) : within(to.row, this.rows);
    this.#own = { row, column: within(to.column, this.columns) };
    this.session.select(this.node, this.#own);
  }

  #key(event: KeyboardEvent) {
    if (event.altKey || event.isComposing) return;
    if (this.#field) return this.#keyInField(event, this.#field);
    const { row, column } = this.#active;
    const [bottom, right] = [this.rows - 1, this.columns - 1];
    const far = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor((this.#view.height - this.#down.head) / kRowHeight) - 1);
    const ways: Record<string, [number, number]> = {
      ArrowUp: [far ? 0 : row - 1, column],
      ArrowDown: [far ? bottom : row + 1, column],
      ArrowLeft: [row, far ? 0 : column - 1],
      ArrowRight: [row, far ? right : column + 1],
      Home: [far ? 0 : row, 0],
      End: [far ? bottom : row, right],
      PageUp: [row - page, column],
      PageDown: [row + page, column],
    };
    const way = ways[event.key];
    if (way) this.#go({ row: way[0], column: way[1] }, event.shiftKey);
    else if (far && event.key === "a") this.#chooseBlock({ top: 0, left: 0, bottom, right });
    else if (far) return;
    else if (event.key === "Escape") this.#go({ row, column });
    else if (!this.input) return;
    else if (event.key === "Enter" || event.key === "F2") this.#edit();
    else if (event.key === "Delete" || event.key === "Backspace")
      this.#change(filled(0, this.columns, this.#block));
    else {
      if (event.key.length === 1) this.#edit(""); // the browser puts the character into the field
      return;
    }
    event.preventDefault();
  }

  #keyInField(event: KeyboardEvent, { cell }: Field) {
    const { key, shiftKey } = event;
    const ways: Record<string, [number, number]> = {
      Enter: [shiftKey ? -1 : 1, 0],
      Tab: [0, shiftKey ? -1 : 1],
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
    };
    const way = ways[key];
    if (key === "Escape") this.#revert();
    else if (!way || event.ctrlKey || event.metaKey) return;
    else if (this.#commit()) this.#go({ row: cell.row + way[0], column: cell.column + way[1] });
    event.preventDefault();
  }

  #press(event: MouseEvent) {
    const cell = this.#cellOf(event.target);
    if (!cell || event.button !== 0 || event.target === this.#field?.element) return;
    event.preventDefault(); // nothing is marked, and the focus goes where we say
    if (this.#field && !this.#commit()) {
      this.#field.element.focus();
      return;
    }
    this.#again = this.#hasFocus && same(cell, this.#active);
    this.#byPointer = true;
    getSelection()?.removeAllRanges(); // or it would be copied
    this.#go(cell, event.shiftKey);
    this.#cells?.at(cell)?.focus({ preventScroll: true });
  }

  #click(event: MouseEvent) {
    const cell = this.#cellOf(event.target);
    if (!cell || this.#field) return;
    if (event.detail === 0)
      this.#go(cell); // by a program that reads the page aloud
    // no keyboard is there before there is a field
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

  /** Opens a field in the active cell, with the old number or, where it is typed over, with nothing. */
  #edit(text?: string) {
    if (!this.input) return;
    const cell = this.#active;
    const element = document.createElement("input");
    element.autocomplete = "off";
    element.spellcheck = false;
    element.value = text ?? editable(this.values[this.#placeOf(cell)] as number);
    this.#go(cell);
    this.#field = { cell, element };
    this.#draw(); // at once: phones open their keyboard for a focus within the tap only
    element.focus();
  }

  #typed() {
    if (!this.refusal || !this.#field || readNumber(this.#field.element.value) === undefined) return;
    this.refusal = undefined;
    this.#field.element.removeAttribute("aria-invalid");
  }

  /** Takes what was typed. What is no number stays where it is, with a sentence. */
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
    event.clipboardData?.setData("text/plain", copied(this.values, this.columns, this.#block));
  };

  #paste = async (event: ClipboardEvent) => {
    if (!this.#hasFocus || !this.input) return;
    event.preventDefault();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const rest = await BnMatrix.fetchRest().catch(() => undefined); // most visitors never paste
    if (!rest) {
      this.refusal = ({ page }) => page.unfetched;
      return;
    }
    try {
      const { changes, block } = rest.pasted(text, this.rows, this.columns, this.#block);
      this.#chooseBlock(block);
      this.#change(changes);
    } catch (error) {
      this.refusal = ({ matrix, fault }) => matrix.notPasted(fault(error));
    }
  };
}

customElements.define("bn-matrix", BnMatrix);
