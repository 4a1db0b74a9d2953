/** How far the results of two binaries of one source lie apart. */
import { type Leaf, visit } from "./bits.ts";

export interface Apart {
  numbers: number;
  /** How many of them differ in a bit; what a NaN carries aside. */
  differing: number;
  /** The largest difference over the largest value of its array. */
  most: number;
  /** What no bound speaks of: another text or length, and a NaN or an infinity where the other has another number. */
  unlike: string[];
}

const leavesOf = (result: unknown) => {
  const leaves: [place: string, leaf: Leaf][] = [];
  visit(result, (place, leaf) => leaves.push([place, leaf]));
  return leaves;
};
const listOf = (leaf: number | Float32Array | Float64Array) => (typeof leaf === "number" ? [leaf] : leaf);

export function apart(got: unknown, want: unknown): Apart {
  const found: Apart = { numbers: 0, differing: 0, most: 0, unlike: [] };
  const [ours, theirs] = [leavesOf(got), leavesOf(want)];
  if (ours.length !== theirs.length) found.unlike.push(`${ours.length} results for ${theirs.length}`);
  for (const [at, [place, leaf]] of theirs.entries()) {
    const other = ours[at]?.[1];
    if (typeof leaf !== "string" && typeof other !== "string" && other !== undefined)
      compare(found, place, listOf(other), listOf(leaf));
    else if (leaf !== other) found.unlike.push(`${place}: ${other}, expected ${leaf}`);
  }
  return found;
}

function compare(found: Apart, place: string, got: ArrayLike<number>, want: ArrayLike<number>) {
  let [most, largest] = [0, 0];
  for (let at = 0; at < want.length; at++) {
    const [a, b] = [got[at] as number, want[at] as number];
    found.numbers += 1;
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
    if (Object.is(a, b)) continue;
    found.differing += 1;
    if (Number.isFinite(a) && Number.isFinite(b)) most = Math.max(most, Math.abs(a - b));
    else found.unlike.push(`${place}[${at}]: ${a}, expected ${b}`);
  }
  if (most > 0) found.most = Math.max(found.most, most / largest);
}
