import { parseArray } from "../src/index.ts";
import { spoken } from "./numbers.ts";
import type { Cell, Change } from "./selection.ts";

/** A rectangle of cells, its last row and column included. */
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

/** A block as spreadsheets and `parseArray` read it: tabs, line ends, and every digit. */
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

/**
 * What a text changes where it is pasted over `chosen` in a matrix of that many rows and columns, and the block it
 * covers. One number fills the chosen block; an array begins at its first cell. Throws an Error whose sentence says
 * what was expected and what was given.
 */
export function pasted(text: string, rows: number, columns: number, chosen: Block) {
  const { data, shape } = parseArray(text);
  if (shape.length > 2)
    throw new Error(
      `expected a number, a row or a matrix, got ${shape.length} dimensions: [${shape.join(", ")}]`,
    );
  const wide = shape.at(-1) ?? 1;
  const high = data.length / wide;
  const odd = data.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    const place = `row ${Math.floor(odd / wide) + 1}, column ${(odd % wide) + 1}`;
    throw new Error(`expected finite numbers, got ${spoken(data[odd] as number)} in ${place}`);
  }
  if (data.length === 1) return { changes: filled(data[0] as number, columns, chosen), block: chosen };
  const { top, left } = chosen;
  if (top + high > rows || left + wide > columns) {
    const place = rows === 1 ? `column ${left + 1}` : `row ${top + 1}, column ${left + 1}`;
    throw new Error(
      `expected at most ${rows - top}×${columns - left} numbers from ${place} on, got ${high}×${wide}`,
    );
  }
  const changes = Array.from(data, (value, i) => ({
    at: (top + Math.floor(i / wide)) * columns + left + (i % wide),
    value,
  }));
  return { changes, block: { top, left, bottom: top + high - 1, right: left + wide - 1 } };
}
