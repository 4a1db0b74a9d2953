import { formatFor, spoken } from "../base/numbers.ts";
import type { Cell, Layout } from "../maths/layout.ts";
import { shadeOf } from "../ui/theme.ts";
import type { Words } from "../words/vocabulary.ts";
import { type Axis, isNumbered, type Span } from "./axis.ts";
import { type Block, holds } from "./block.ts";

/** How the numbers of one matrix are written, shaded and read aloud. */
export interface Scale {
  most: number;
  largest: number;
  digits: number;
  format(value: number): string;
  /** The length of the longest text. */
  characters: number;
  words: Words;
}

/** `most`: the end of the scale for shades and digits. `largest`: the largest of the numbers, which may be beyond it. Returns `before` if it is the same. */
export function scaleOf(
  most: number,
  largest: number,
  digits: number,
  words: Words,
  before: Scale | undefined,
): Scale {
  const wanted = { most, largest, digits, words };
  if (before && Object.entries(wanted).every(([name, value]) => before[name as keyof Scale] === value))
    return before;
  const format = formatFor(most, digits);
  // with decimals the largest number is the longest; exponents differ by a digit or two
  const lengths = [format(-most), format(-largest)].map((text) => (text.includes("e") ? 10 : text.length));
  return { most, largest, digits, format, characters: Math.max(...lengths), words };
}

/** What the cells show. Outside the spans, only the kept cells are in the document. */
export interface Picture {
  values: ArrayLike<number>;
  /** The same object as long as numbers are written, shaded and read aloud in the same way. */
  scale: Scale;
  rows: Axis;
  columns: Axis;
  down: Span;
  across: Span;
  kept: readonly Cell[];
  /** The cell with the focus. */
  active: Cell;
  /** The chosen cells: the active one and those added with Shift. */
  block: Block | undefined;
  /** The indices that belong to the chosen one, where they are no block. */
  lit: ReadonlySet<number> | undefined;
  /** The widths of channels and of groups of them, which are marked. */
  marks: Pick<Layout, "channelWidth" | "groupWidth"> | undefined;
  nameOf(cell: Cell): string;
  /** The indices of framed cells. */
  wrong: ReadonlySet<number> | undefined;
  /** The text being typed, and its cell. */
  field: { cell: Cell; element: HTMLElement } | undefined;
}

interface View {
  element: HTMLElement;
}

interface RowView extends View {
  cells: Map<number, CellView>;
}

/** A cell and what it shows. */
interface CellView extends View {
  /** The number of columns left out before it. */
  skipped: number;
  value?: number;
  scale?: Scale;
  wrong?: boolean;
  state?: number;
}

function make(name: string, attributes: Readonly<Record<string, string | number>>): HTMLElement {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** The indices of a span and the kept ones outside it, in ascending order. */
function ordered({ first, end }: Span, kept: readonly number[]): number[] {
  const inside = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  const outside = new Set(kept.filter((at) => at < first || at >= end));
  return outside.size === 0 ? inside : [...inside, ...outside].sort((a, b) => a - b);
}

/** Makes `parent` contain these views in this order. Views that stay are not moved, since moving loses the focus. */
function arrange<Kind extends View>(
  parent: HTMLElement,
  views: Map<number, Kind>,
  order: readonly number[],
  create: (at: number) => Kind,
) {
  const staying = new Set(order);
  for (const [at, { element }] of views) {
    if (staying.has(at)) continue;
    views.delete(at);
    element.remove();
  }
  let next: HTMLElement | null = null;
  for (const at of order.toReversed()) {
    let view = views.get(at);
    if (!view) {
      view = create(at);
      views.set(at, view);
      parent.insertBefore(view.element, next);
    }
    next = view.element;
  }
}

/**
 * The cells of a grid, only those in view. They are updated by hand, not by a template, so that an unchanged number costs
 * one comparison.
 */
export class Cells {
  /** The numbers of the columns and rows, and the corner that covers them. Each is one sticky element, since a browser
   *  makes a layer for every one. */
  readonly #above = make("div", { class: "above", "aria-hidden": "true" });
  readonly #corner = make("span", { class: "corner" });
  readonly #beside = make("div", { class: "beside", "aria-hidden": "true" });
  readonly #body = make("div", { role: "rowgroup" });
  readonly #outline = make("div", { class: "outline", "aria-hidden": "true" });
  readonly #columnNumbers = new Map<number, View>();
  readonly #rowNumbers = new Map<number, View>();
  readonly #rows = new Map<number, RowView>();
  #shape = "";

  constructor(sheet: HTMLElement) {
    this.#above.append(this.#corner);
    sheet.append(this.#above, this.#beside, this.#body, this.#outline);
  }

  /** The element of a cell, if the document has one. */
  at({ row, column }: Cell): HTMLElement | undefined {
    return this.#rows.get(row)?.cells.get(column)?.element;
  }

  draw(picture: Picture) {
    const { rows, columns, down, across, kept } = picture;
    const width = picture.marks?.channelWidth ?? 0;
    const shape = `${rows.count}×${columns.count} ${width}`;
    if (shape !== this.#shape) this.#clear(); // an index now means another cell
    this.#shape = shape;
    this.#drawNumbers(picture);
    this.#drawOutline(picture);
    const create = (row: number) => makeRow(row, picture);
    const keptRows = kept.map(({ row }) => row);
    arrange(this.#body, this.#rows, ordered(down, keptRows), create);
    for (const [row, { element, cells }] of this.#rows) {
      const inSight = row >= down.first && row < down.end;
      const keptHere = kept.filter((cell) => cell.row === row).map(({ column }) => column);
      const order = ordered(inSight ? across : { first: 0, end: 0 }, keptHere);
      arrange(element, cells, order, (column) => makeCell(row, column, picture));
      for (const [i, column] of order.entries()) {
        const cell = cells.get(column) as CellView;
        setApart(cell, column - (order[i - 1] ?? -1) - 1);
        drawCell(cell, { row, column }, picture);
      }
    }
  }

  #clear() {
    for (const views of [this.#rows, this.#columnNumbers, this.#rowNumbers]) {
      for (const { element } of views.values()) element.remove();
      views.clear();
    }
  }

  #drawNumbers({ rows, columns, down, across, block, marks }: Picture) {
    const width = marks?.channelWidth ?? 0;
    const [above, beside] = [isNumbered(rows), isNumbered(columns)];
    this.#above.hidden = !above;
    this.#beside.hidden = !beside;
    const inSight = (span: Span, shown: boolean) => (shown ? ordered(span, []) : []);
    arrange(this.#above, this.#columnNumbers, inSight(across, above), (column) =>
      makeNumber(column, "left", leftOf(column), width),
    );
    arrange(this.#beside, this.#rowNumbers, inSight(down, beside), (row) =>
      makeNumber(row, "top", topOf(row, rows)),
    );
    for (const [column, { element }] of this.#columnNumbers)
      element.classList.toggle("on", block !== undefined && column >= block.left && column <= block.right);
    for (const [row, { element }] of this.#rowNumbers)
      element.classList.toggle("on", block !== undefined && row >= block.top && row <= block.bottom);
  }

  /** The frame of the chosen block, if it is more than the one cell with the ring. */
  #drawOutline({ rows, columns, block }: Picture) {
    const single = !block || (block.top === block.bottom && block.left === block.right);
    this.#outline.hidden = single;
    if (single) return;
    const { style } = this.#outline;
    style.left = `${columns.head + block.left * columns.size}px`;
    style.top = `${rows.head + block.top * rows.size}px`;
    style.width = `${(block.right - block.left + 1) * columns.size - kGap}px`;
    style.height = `${(block.bottom - block.top + 1) * rows.size - kGap}px`;
  }
}

/** The gap between two cells. */
export const kGap = 2;

/** Sets the width of all columns, which depends on the numbers. */
const leftOf = (column: number) => `calc(var(--head) + ${column} * var(--column))`;

const topOf = (row: number, { head, size }: Axis) => `${head + row * size}px`;

/** width: that of a channel, within which its positions are counted. */
function makeNumber(index: number, side: "left" | "top", at: string, width = 0): View {
  const position = width > 0 ? index % width : index;
  const isFirst = width > 0 && position === 0;
  const element = make("span", isFirst ? { class: "first" } : {});
  element.textContent = isFirst ? `C${Math.floor(index / width) + 1}` : String(position + 1);
  element.style[side] = at;
  return { element };
}

function makeRow(row: number, { rows }: Picture): RowView {
  const element = make("div", { role: "row", "aria-rowindex": row + 1 });
  element.style.top = topOf(row, rows);
  return { element, cells: new Map() };
}

function makeCell(row: number, column: number, { columns }: Picture): CellView {
  const place = { "data-at": row * columns.count + column, "aria-colindex": column + 1 };
  return { element: make("div", { role: "gridcell", ...place }), skipped: 0 };
}

/** Places cells by a margin: a thousand positioned cells take ten milliseconds longer to paint. */
function setApart(cell: CellView, skipped: number) {
  if (skipped === cell.skipped) return;
  cell.skipped = skipped;
  cell.element.style.marginLeft = skipped > 0 ? `calc(${skipped} * var(--column))` : "";
}

/** Whether a channel, or a group of them, begins here. */
function startOf({ column }: Cell, { marks }: Picture): string {
  const begins = (width: number) => width > 0 && column > 0 && column % width === 0;
  if (!marks || !(begins(marks.channelWidth) || begins(marks.groupWidth))) return "";
  return begins(marks.groupWidth) ? "group" : "channel";
}

function drawCell(cell: CellView, place: Cell, picture: Picture) {
  const { values, scale, columns, active, block, lit, field } = picture;
  const { element } = cell;
  const at = (other: Cell | undefined) => other?.row === place.row && other.column === place.column;
  const index = place.row * columns.count + place.column;
  const value = values[index] as number;
  const wrong = picture.wrong?.has(index) === true;
  const [isActive, isTyped] = [at(active), at(field?.cell)];
  const isLit = lit?.has(index) === true;
  const isChosen = isLit || (block !== undefined && holds(block, place));
  const state =
    16 * Number(isLit) +
    Number(isActive) +
    2 * Number(isChosen) +
    4 * Number(isTyped) +
    8 * Number(field !== undefined);
  const isSame = Object.is(value, cell.value) && scale === cell.scale && wrong === cell.wrong;
  if (isSame && state === cell.state) return;
  Object.assign(cell, { value, scale, wrong, state });
  element.className = `${shadeOf(value, scale.most)} ${isActive && isChosen ? "chosen" : ""} ${isLit ? "lit" : ""} ${wrong ? "wrong" : ""} ${startOf(place, picture)}`;
  element.setAttribute("aria-selected", String(isChosen));
  element.tabIndex = isActive && !field ? 0 : -1; // an open field is the only tab stop of its grid
  if (picture.wrong) element.setAttribute("aria-invalid", String(wrong));
  const shown = scale.format(value);
  if (!isTyped) element.textContent = shown;
  else if (element.firstChild !== field?.element) element.replaceChildren(field?.element as HTMLElement);
  if (isSame) return;
  const { cells, matrix } = scale.words;
  const text = spoken(value, cells);
  element.title = text; // read aloud after the name
  const named = Number.isFinite(value) ? shown : `${shown}, ${text}`;
  element.setAttribute("aria-label", matrix.cell(picture.nameOf(place), named, wrong));
}
