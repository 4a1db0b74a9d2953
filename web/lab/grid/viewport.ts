import type { Cell } from "../maths/layout.ts";
import { type Axis, extent, isNumbered, kMargin, scrolledTo, spanOf } from "./axis.ts";
import { kGap, type Scale } from "./cells.ts";

export const kRowHeight = 26;
/** The height of the numbers above the columns. */
const kNumberHeight = 22;
/** The largest width of a digit in the fonts of --mono. */
const kCharacter = 7;
/** Beyond this many, rows or columns are numbered. */
const kManyCells = 12;
/** The size of the box in which a larger matrix scrolls. A half-visible row shows that there are more. */
const kMostHigh = 12.5 * kRowHeight;
const kMostWide = 600;

/** The box in which a sheet of cells scrolls: what is in view, and the scroll position. */
export class Viewport {
  #down: Axis = { count: 0, size: kRowHeight, head: kMargin };
  #across: Axis = { count: 0, size: 1, head: kMargin };
  #offset = { left: 0, top: 0 };
  #size = { width: kMostWide, height: kMostHigh };
  #box: HTMLElement | undefined;

  get rows() {
    return this.#down.count;
  }

  get columns() {
    return this.#across.count;
  }

  /** The number of rows in a page. */
  get pageRows() {
    return Math.max(1, Math.floor((this.#size.height - this.#down.head) / kRowHeight) - 1);
  }

  /** The rows and columns to draw. */
  get seen() {
    return {
      rows: this.#down,
      columns: this.#across,
      down: spanOf(this.#down, this.#offset.top, this.#size.height),
      across: spanOf(this.#across, this.#offset.left, this.#size.width),
    };
  }

  /** Changes the number or the size of the cells. */
  measure(rows: number, columns: number, { characters }: Scale) {
    const many = Math.max(rows, columns) > kManyCells;
    const numbered = many && rows > 1;
    this.#down = { count: rows, size: kRowHeight, head: many ? kNumberHeight : kMargin };
    this.#across = {
      count: columns,
      size: Math.ceil(characters * kCharacter) + 12 + kGap,
      head: numbered ? String(rows).length * 6.1 + 14 : kMargin,
    };
  }

  /** Sets the size of the sheet. */
  lay(box: HTMLElement, sheet: HTMLElement) {
    this.#box = box;
    const [down, across] = [this.#down, this.#across];
    sheet.style.width = `${extent(across)}px`;
    sheet.style.height = `${extent(down)}px`;
    sheet.style.setProperty("--head", `${across.head}px`);
    sheet.style.setProperty("--column", `${across.size}px`);
    box.classList.toggle("numbered", isNumbered(down));
  }

  resize({ width, height }: { width: number; height: number }) {
    this.#size = { width, height };
  }

  /** Scrolls a cell into view, and returns whether it had to. `lay`: sets the size of the sheet first. */
  reveal({ row, column }: Cell, lay: () => void) {
    const top = scrolledTo(this.#down, row, this.#offset.top, this.#size.height);
    const left = scrolledTo(this.#across, column, this.#offset.left, this.#size.width);
    if (top === this.#offset.top && left === this.#offset.left) return;
    lay();
    this.#offset = { top, left };
    this.#box?.scrollTo(this.#offset);
  }

  /** Records the scroll position, and returns whether it has changed. */
  scrolled({ scrollTop: top, scrollLeft: left }: HTMLElement): boolean {
    if (top === this.#offset.top && left === this.#offset.left) return false;
    this.#offset = { top, left };
    return true;
  }
}
