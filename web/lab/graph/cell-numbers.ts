import { svg } from "lit";
import { formatFor, largest } from "../base/numbers.ts";
import type { Layout, Sheet } from "../maths/layout.ts";
import { cellFrame } from "../ui/heat-map.ts";
import { shadeOf } from "../ui/theme.ts";

/** A larger case has no numbers in its cells. */
const kMost = 8;
/** The width of a cell that four characters fit into, and the number of digits that they show. */
const kLeast = 20.5;
const kCharacters = 4;
const kDigits = 2;

interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Whether the cells of x have room for numbers, in a heat map of that width. */
export const hasNumbers = ({ sheets: { elements } }: Layout, width: number): boolean =>
  elements.rows <= kMost && elements.columns <= kMost && width / elements.columns >= kLeast;

/** Without the zero before the point: −.29 */
const short = (text: string) => text.replace(/^(−?)0\./, "$1.");

/** How the numbers of an array are written; undefined if they are too long. */
function formatOf(values: ArrayLike<number>): ((value: number) => string) | undefined {
  const most = largest(values);
  const whole = Array.from(values).every(Number.isInteger);
  const format = formatFor(most, whole ? 1 : kDigits);
  const write = (value: number) => (value === 0 ? "0" : short(format(value)));
  return Array.from(values).every((value) => write(value).length <= kCharacters) ? write : undefined;
}

/**
 * The numbers of an array on its heat map. before: what they were until a moment ago; a number that has changed since
 * shows by how much.
 */
export function cellNumbers(
  values: ArrayLike<number>,
  { rows, columns }: Sheet,
  frame: Frame,
  before: ArrayLike<number> | undefined,
) {
  const change = before && Array.from(values, (value, at) => value - (before[at] as number));
  const [write, writeChange] = [formatOf(values), change && formatOf(change)];
  if (!write) return [];
  const most = largest(values);
  return Array.from(values, (value, at) => {
    const { x, y, width, height } = cellFrame(Math.floor(at / columns), at % columns, rows, columns, frame);
    const by = change?.[at] ?? 0;
    const isChanged = by !== 0 && writeChange !== undefined;
    const text = isChanged ? `${by > 0 ? "+" : ""}${writeChange(by)}` : write(value);
    return svg`<g class=${shadeOf(value, most)}><text class=${isChanged ? "in changed" : "in"}
      x=${x + width / 2} y=${y + height / 2 + 3}>${text}</text></g>`;
  });
}
