import type { Cell } from "../maths/layout.ts";
import type { Change } from "../model/selection.ts";

/** A rectangle of cells, including its last row and column. */
export interface Block {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

export const blockOf = (a: Cell, b: Cell): Block => ({
  top: Math.min(a.row, b.row),
  left: Math.min(a.column, b.column),
  bottom: Math.max(a.row, b.row),
  right: Math.max(a.column, b.column),
});

export const holds = ({ top, left, bottom, right }: Block, { row, column }: Cell) =>
  row >= top && row <= bottom && column >= left && column <= right;

/** A block as text for spreadsheets and `parseArray`: tabs, line breaks, and all digits. */
export function copied(
  values: ArrayLike<number>,
  columns: number,
  { top, left, bottom, right }: Block,
): string {
  const rows: string[] = [];
  for (let row = top; row <= bottom; row++) {
    const cells: string[] = [];
    for (let column = left; column <= right; column++) cells.push(String(values[row * columns + column]));
    rows.push(cells.join("\t"));
  }
  return rows.join("\n");
}

export function filled(value: number, columns: number, { top, left, bottom, right }: Block): Change[] {
  const changes: Change[] = [];
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) changes.push({ at: row * columns + column, value });
  return changes;
}
