import { quote } from "../../src/given.ts";
import { parseArray } from "../../src/parse-array.ts";
import { fault } from "../../src/reading-sentences.ts";
import { refuseLarge, refuseNotFinite } from "../session/refusals.ts";
import { PageError } from "../words/page-error.ts";
import { type Block, filled } from "./block.ts";

/**
 * The changes from pasting a text over `chosen` in a matrix of that many rows and columns, and the block it covers. One
 * number fills the chosen block; an array starts at its first cell. Throws an error that says what was expected and what
 * was given.
 */
export function pasted(text: string, rows: number, columns: number, chosen: Block) {
  refuseLarge(text.length);
  const { data, shape, withDecimalCommas } = parseArray(text);
  if (withDecimalCommas && withDecimalCommas.data.length > 1)
    throw fault("decimal-commas", "text", { got: quote(text.trim().split(/\s/, 1)[0] as string) });
  if (shape.length > 2) throw new PageError("not-a-block", { shape });
  const wide = shape.at(-1) ?? 1;
  const high = data.length / wide;
  refuseNotFinite(data, wide);
  if (data.length === 1) return { changes: filled(data[0] as number, columns, chosen), block: chosen };
  const { top, left } = chosen;
  if (top + high > rows || left + wide > columns) {
    const from = { row: rows === 1 ? undefined : top + 1, column: left + 1 };
    throw new PageError("does-not-fit", { most: [rows - top, columns - left], from, got: [high, wide] });
  }
  const changes = Array.from(data, (value, i) => ({
    at: (top + Math.floor(i / wide)) * columns + left + (i % wide),
    value,
  }));
  return { changes, block: { top, left, bottom: top + high - 1, right: left + wide - 1 } };
}
