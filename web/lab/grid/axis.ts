/** The rows or columns of a scrolling grid, in pixels: which are in view, and how to scroll to one. */

export interface Axis {
  count: number;
  /** The size of one row or column, including the gap. */
  size: number;
  /** The size of the sticky header before the first one. */
  head: number;
}

/** From `first` up to but not including `end`. */
export interface Span {
  first: number;
  end: number;
}

/** The margin around the cells for the ring of the chosen cell. */
export const kMargin = 5;
/** How many more are drawn outside the view, for scrolling before the next frame. */
const kBeyond = 2;

export const isNumbered = ({ head }: Axis) => head > kMargin;

export const extent = ({ count, size, head }: Axis) => head + count * size + kMargin;

/** The span to draw of an axis scrolled by `offset`, in a box of length `view`. */
export function spanOf({ count, size, head }: Axis, offset: number, view: number): Span {
  const within = (at: number) => Math.max(0, Math.min(at, count));
  const first = Math.floor(offset / size) - kBeyond;
  return { first: within(first), end: within(Math.ceil((offset + view - head) / size) + kBeyond) };
}

/** The scroll offset that brings `index` into view: with one neighbour beyond it, or in the middle if it was far away. */
export function scrolledTo(axis: Axis, index: number, offset: number, view: number): number {
  const { size, head } = axis;
  const most = (index - 1) * size; // the previous neighbour starts where the header ends
  const least = head + (index + 2) * size + kMargin - view;
  const wanted = Math.max(Math.min(offset, most), least);
  const far = Math.abs(wanted - offset) > view / 2;
  return Math.max(0, Math.min(far ? (most + least) / 2 : wanted, extent(axis) - view));
}
