/** How the numbers of a claim lie in memory. */
import type { CheckedCase } from "./case.ts";
import type { CheckedClaim } from "./claim.ts";
import type { FloatArray } from "./float-array.ts";
import type { Extent } from "./graph.ts";
import { groupingOf, toGroups } from "./grouping.ts";
import type { CaseRun } from "./module.ts";
import { type CheckedNorm, normOf } from "./norm.ts";
import { product } from "./tensor.ts";
import { shapeOfNode } from "./trace.ts";

/** A way to read a claim like x. */
interface Order {
  /** The claim's axis of channels, if it isn't in the order of the case. */
  axis: number | null;
  places: Uint32Array | undefined;
}

/** The sizes of the blocks into which a shape divides its numbers. */
const blocksOf = (shape: readonly number[]) => {
  const blocks = new Set<number>();
  for (let axis = shape.length; axis-- > 0; ) blocks.add(product(shape.slice(axis)));
  return blocks;
};

/** Whether one shape is the other with axes folded, or with dims of 1: then the numbers have the same order. */
function isFolded(a: readonly number[], b: readonly number[]): boolean {
  if (product(a) !== product(b)) return false;
  const [blocks, others] = [blocksOf([1, ...a, 1]), blocksOf([1, ...b, 1])];
  const within = (some: Set<number>, all: Set<number>) => [...some].every((block) => all.has(block));
  return within(blocks, others) || within(others, blocks);
}

/** The ways to read an array like x whose channels are at another axis than those of the case, the last axis first. */
function otherOrders(shape: readonly number[], { norm }: CheckedCase): Order[] {
  const hasChannels = norm.norm !== "layer" && norm.norm !== "rms" && product(shape) === product(norm.shape);
  if (!hasChannels || shape.length < 3 || shape.length > 8) return [];
  const first = norm.norm === "batch" ? 0 : 1;
  return shape
    .flatMap((length, axis): Order[] => {
      if (axis < first || length !== norm.channels || (first === 1 && shape[0] !== norm.samples)) return [];
      const groups = norm.norm === "group" ? norm.groups : undefined;
      const there: CheckedNorm = normOf("", { norm: norm.norm, shape, axis, groups });
      return [
        { axis: axis === shape.length - 1 && first === 0 ? null : axis, places: groupingOf(there).places },
      ];
    })
    .toReversed();
}

/** What C++ is told of a claim's shape; rows is 0 if only the length counts. */
export interface ClaimExtents {
  extents: [rows: number, columns: number];
  /** If the numbers have to be sorted into groups: the ways to do so, the likeliest first. */
  orders: Order[];
  /** Rows of x have become columns. */
  turned: boolean;
}

const isMoreThanOne = (length: number) => length !== 1;
const isSame = (a: readonly number[], b: readonly number[]) =>
  a.filter(isMoreThanOne).join() === b.filter(isMoreThanOne).join();

export function extentsOf({ data, shape }: CheckedClaim, extent: Extent, checked: CheckedCase): ClaimExtents {
  const { norm, rows, columns } = checked;
  const { places } = checked.grouping;
  const own: Order = { axis: null, places };
  const plain = (extents: [number, number]): ClaimExtents => ({ extents, orders: [], turned: false });
  const isLikeX = data.length === rows * columns;
  if (!shape || data.length === 0) {
    return { ...plain([0, data.length]), orders: isLikeX && places ? [own] : [] };
  }
  const wanted = shapeOfNode(norm, extent);
  if (extent !== "elements") {
    const length = product(wanted);
    if (isFolded(shape, wanted) && (isSame(shape, wanted) || shape.filter(isMoreThanOne).length < 2)) {
      return plain([1, length]);
    }
    if (isLikeX && isFolded(shape, norm.shape)) return { ...plain([rows, columns]), orders: [own] };
    return plain(flat(shape, data.length));
  }
  const orders = otherOrders(shape, checked);
  if (shape.join() === wanted.join()) return { ...plain([rows, columns]), orders: [own] };
  if (isFolded(shape, wanted)) return { ...plain([rows, columns]), orders: [own, ...orders] };
  if (isLikeX && orders.length > 0) return { ...plain([rows, columns]), orders };
  if (!places) return plain(flat(shape, data.length));
  const isTurned = isSame(shape, [rows, columns]); // x has a group a row
  return isTurned ? { extents: [columns, rows], orders: [], turned: true } : plain([1, data.length]);
}

/** The shape of an array that isn't like its node. */
function flat(shape: readonly number[], length: number): [number, number] {
  if (shape.length === 2) return [...shape] as [number, number];
  const dims = shape.filter(isMoreThanOne);
  return dims.length === 1 ? [1, length] : dims.length === 2 ? (dims as [number, number]) : [0, length];
}

/** The rows of a matrix as columns. */
function turn<A extends FloatArray>(values: A, rows: number): A {
  const turned = values.slice() as A;
  const columns = values.length / rows;
  for (let at = 0; at < values.length; at++)
    turned[(at % columns) * rows + Math.floor(at / columns)] = values[at] as number;
  return turned;
}

/** How much nearer to the right array another order of axes must be than that of the case. */
const kNearer = 10;

/** Writes a claim into the run, in the order that is nearest to the right array, and returns that order. */
export function writeClaim(
  run: CaseRun,
  at: number,
  claim: CheckedClaim,
  { extents, orders, turned }: ClaimExtents,
): Order | undefined {
  const write = (order: Order | undefined) => {
    const sorted = <A extends FloatArray>(values: A) =>
      turned ? turn(values, extents[1]) : toGroups(values, order?.places);
    run.claimedValues(at).set(sorted(claim.data));
    if (claim.resolution) run.resolution(at).set(sorted(claim.resolution));
    return run.distance(at);
  };
  let best = orders[0];
  let nearest = write(best);
  for (const order of orders.slice(1)) {
    const distance = write(order);
    if (distance * kNearer < nearest) [best, nearest] = [order, distance];
  }
  if (orders.length > 1) write(best);
  return best;
}
