import type { Cell } from "../maths/layout.ts";

/** The target cell of a key, as in a spreadsheet; it may be outside the matrix. `pageRows`: the rows of a page. */
export function wayOf(
  { key, ctrlKey, metaKey }: KeyboardEvent,
  { row, column }: Cell,
  [rows, columns]: readonly [rows: number, columns: number],
  pageRows: number,
): Cell | undefined {
  const [bottom, right] = [rows - 1, columns - 1];
  const far = ctrlKey || metaKey;
  const ways: Record<string, [number, number]> = {
    ArrowUp: [far ? 0 : row - 1, column],
    ArrowDown: [far ? bottom : row + 1, column],
    ArrowLeft: [row, far ? 0 : column - 1],
    ArrowRight: [row, far ? right : column + 1],
    Home: [far ? 0 : row, 0],
    End: [far ? bottom : row, right],
    PageUp: [row - pageRows, column],
    PageDown: [row + pageRows, column],
  };
  const way = ways[key];
  return way && { row: way[0], column: way[1] };
}

/** The target cell of a key that ends the editing of a field. */
export function wayFromField({ key, shiftKey }: KeyboardEvent, { row, column }: Cell): Cell | undefined {
  const steps: Record<string, [number, number]> = {
    Enter: [shiftKey ? -1 : 1, 0],
    Tab: [0, shiftKey ? -1 : 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
  };
  const step = steps[key];
  return step && { row: row + step[0], column: column + step[1] };
}
