import { quote } from "../../src/given.ts";
import { parseArray } from "../../src/parse-array.ts";
import { fault } from "../../src/reading-sentences.ts";
import { isFault } from "../base/fault.ts";
import { refuseLarge, refuseNotFinite } from "../read/refusals.ts";
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

const label = /(?:^|[\n{,])\s*["']?[\p{L}_][\p{L}\p{N}_.]*["']?\s*[=:]/u;

/** Whether a text that was refused may be more than a block: an x larger than the whole one, or named arrays. */
export function isMore(
  text: string,
  error: unknown,
  { input, rows, columns }: { input: string | undefined; rows: number; columns: number },
): boolean {
  if (isFault(error) && error.reason === "not-a-block") {
    const { shape } = error.params as { shape: number[] };
    return input === "x" && shape.reduce((all, one) => all * one, 1) >= rows * columns; // a tensor
  }
  if (!isFault(error) || error.reason !== "does-not-fit") return label.test(text);
  const [high, wide] = (error.params as { got: [number, number] }).got;
  return input === "x" && (high > rows || wide > columns);
}
