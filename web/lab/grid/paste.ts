import { parseArray } from "../../src/parse-array.ts";
import { notFinite } from "../base/numbers.ts";
import { PageError } from "../base/page-error.ts";
import { refuseLarge } from "../session/open-file.ts";
import { type Block, filled } from "./block.ts";

/**
 * What a text changes where it is pasted over `chosen` in a matrix of that many rows and columns, and the block it
 * covers. One number fills the chosen block; an array begins at its first cell. Throws an error that says what was
 * expected and what was given.
 */
export function pasted(text: string, rows: number, columns: number, chosen: Block) {
  refuseLarge(text.length);
  const { data, shape } = parseArray(text);
  if (shape.length > 2)
    throw new PageError(
      "",
      "a number, a row or a matrix",
      `${shape.length} dimensions: [${shape.join(", ")}]`,
    );
  const wide = shape.at(-1) ?? 1;
  const high = data.length / wide;
  const odd = data.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) {
    const place = `row ${Math.floor(odd / wide) + 1}, column ${(odd % wide) + 1}`;
    throw new PageError("", "finite numbers", `${notFinite(data[odd] as number)} in ${place}`);
  }
  if (data.length === 1) return { changes: filled(data[0] as number, columns, chosen), block: chosen };
  const { top, left } = chosen;
  if (top + high > rows || left + wide > columns) {
    const place = rows === 1 ? `column ${left + 1}` : `row ${top + 1}, column ${left + 1}`;
    const most = `${rows - top}×${columns - left}`;
    throw new PageError("", `at most ${most} numbers from ${place} on`, `${high}×${wide}`);
  }
  const changes = Array.from(data, (value, i) => ({
    at: (top + Math.floor(i / wide)) * columns + left + (i % wide),
    value,
  }));
  return { changes, block: { top, left, bottom: top + high - 1, right: left + wide - 1 } };
}
