/** Rows or columns of a grid that scrolls, in pixels: which are in sight, and how to bring one into it. */

export interface Axis {
  count: number;
  /** Of one of them, with the gap to the next. */
  size: number;
  /** What stands in front of the first, and stays in sight. */
  head: number;
}

/** From `first` on, up to and without `end`. */
export interface Span {
  first: number;
  end: number;
}

/** Room around the cells for the ring of a chosen one. */
export const kMargin = 5;
/** Drawn beyond what is in sight, for what is scrolled before the next frame. */
const kBeyond = 2;

export const isNumbered = ({ head }: Axis) => head > kMargin;

export const extent = ({ count, size, head }: Axis) => head + count * size + kMargin;

/** What is drawn of an axis scrolled by `offset` in a box as long as `view`. */
export function spanOf({ count, size, head }: Axis, offset: number, view: number): Span {
  const within = (at: number) => Math.max(0, Math.min(at, count));
  const first = Math.floor(offset / size) - kBeyond;
  return { first: within(first), end: within(Math.ceil((offset + view - head) / size) + kBeyond) };
}

/** Where to scroll to so that `index` is in sight: with a neighbour beyond it, or in the middle if it was far away. */
export function scrolledTo(axis: Axis, index: number, offset: number, view: number): number {
  const { size, head } = axis;
  const most = (index - 1) * size; // the neighbour in front begins where the head ends
  const least = head + (index + 2) * size + kMargin - view;
  const wanted = Math.max(Math.min(offset, most), least);
  const far = Math.abs(wanted - offset) > view / 2;
  return Math.max(0, Math.min(far ? (most + least) / 2 : wanted, extent(axis) - view));
}
