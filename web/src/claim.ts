import { floatArray, floatArrayOf, kindOf, objectOf, oneOf } from "./arguments.ts";
import { dialectNames } from "./dialects.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import type { CaseRun } from "./module.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import { type Precision, precisions } from "./precision.ts";
import { fault } from "./sentences.ts";

/**
 * An array of the caller's: its numbers, or the result of parseArray.
 *
 * shape: in any rank. Dims of 1 and folded dims don't matter: (N, H, W, D) and (N·H·W, D) are the same, and a list of
 * all numbers is taken row by row. The channels may come before other dims, as in NCHW.
 * resolution: how far each number may be from the computed one: half a unit of its last printed digit.
 * dtype: the precision in which the program computed it, where that isn't the type of data.
 * An id or a name beside these is ignored.
 */
export type Claim = FloatArray | ClaimedArray;
export interface ClaimedArray {
  data: FloatArray;
  shape?: readonly number[] | undefined;
  resolution?: Float64Array | undefined;
  dtype?: Precision | undefined;
}
const kClaimedArray: NamesOf<ClaimedArray> = { data: 0, shape: 0, resolution: 0, dtype: 0 };

export interface CheckedClaim {
  name: string;
  data: FloatArray;
  shape: readonly number[] | undefined;
  resolution: Float64Array | undefined;
  precision: Precision;
}

const kMostDimensions = 64; // NumPy's limit

/** Copies the arrays, since those of a layer die when the memory grows. */
function claimOf(name: string, value: unknown): CheckedClaim {
  const isRecord =
    typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value);
  const { data, shape, resolution, dtype } = (isRecord ? value : { data: value }) as Record<string, unknown>;
  const lengths: unknown[] | undefined = Array.isArray(shape) ? [...shape] : undefined;
  const checked = floatArray(isRecord ? `${name}.data` : name, data).slice();
  if (isRecord) optionsOf<ClaimedArray>(name, value, kClaimedArray, ["id", "name"]);
  if (shape !== undefined) {
    const whole = lengths?.every((n): n is number => Number.isSafeInteger(n) && (n as number) >= 0);
    if (!whole || lengths.length > kMostDimensions || sizeOf(lengths) !== checked.length) {
      throw fault("shape-of-data", `${name}.shape`, { length: checked.length, got: given(shape) });
    }
  }
  const precision =
    dtype === undefined
      ? (kindOf(checked).toLowerCase() as "float32" | "float64")
      : oneOf(`${name}.dtype`, "invalid-dtype", dtype, precisions);
  return {
    name,
    data: checked,
    shape: lengths as number[] | undefined,
    resolution: resolution === undefined ? undefined : halvesOf(name, resolution, checked.length),
    precision,
  };
}

function halvesOf(name: string, resolution: unknown, length: number): Float64Array {
  const halves = floatArrayOf(
    `${name}.resolution`,
    resolution,
    "Float64",
    length,
    "data",
    false,
  ).slice() as Float64Array;
  const wrong = halves.find((half) => !(half >= 0 && half < Infinity));
  if (wrong !== undefined) throw fault("invalid-resolution", `${name}.resolution`, { got: given(wrong) });
  return halves;
}

export function checkClaims(ids: readonly string[], arrays: unknown): Map<number, CheckedClaim> {
  const names = dialectNames(ids);
  const claims = new Map<number, CheckedClaim>();
  for (const [name, value] of Object.entries(objectOf("arrays", arrays))) {
    if (value === undefined) continue;
    const at = names.get(name);
    if (at === undefined) {
      throw fault("unknown-array", "arrays", {
        examples: [...ids.slice(3, 9), "dx", "dvar"],
        got: given(name),
      });
    }
    const twin = claims.get(at);
    if (twin) throw fault("same-array-twice", "arrays", { id: ids[at] as string, names: [twin.name, name] });
    claims.set(at, claimOf(name, value));
  }
  return claims;
}

/** How a claim lies in memory: rows of channels, or channels amid other axes. */
interface Order {
  outer: number;
  channels: number;
  inner: number;
  axis: number;
}

const isMoreThanOne = (length: number) => length !== 1;

/** The ways to read a claim as rows of channels: the axes before and after the channels are the rows. */
function ordersOf(shape: readonly number[], rows: number, channels: number): Order[] {
  const orders = shape.flatMap((length, axis): Order[] => {
    const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
    return length === channels && outer * inner === rows ? [{ outer, channels, inner, axis }] : [];
  });
  // the last first: then it is rows of channels already
  return orders.toSorted((a, b) => a.inner - b.inner);
}

/**
 * A claim's shape as rows and columns; rows is 0 if only the length counts. `orders`: if the numbers may lie in several
 * orders, or in one that isn't row by row.
 */
export function extentsOf(
  { data, shape }: CheckedClaim,
  matrix: boolean,
  [rows, columns]: readonly [number, number],
): { extents: [rows: number, columns: number]; orders: Order[] } {
  const length: [number, number] = [0, data.length];
  if (!shape || data.length === 0) return { extents: length, orders: [] };
  const dims = shape.filter(isMoreThanOne);
  const wanted = (matrix ? [rows, columns] : [columns]).filter(isMoreThanOne);
  const isFolded =
    matrix && sizeOf(dims) === rows * columns && (dims.length === 1 || endsWith(shape, columns));
  if (dims.join() === wanted.join()) return { extents: [matrix ? rows : 1, columns], orders: [] };
  const orders = matrix && shape.length > 2 ? ordersOf(shape, rows, columns) : [];
  if (isFolded || orders.length > 0) return { extents: [rows, columns], orders };
  if (shape.length === 2) return { extents: [...shape] as [number, number], orders: [] };
  if (dims.length === 1) return { extents: [1, data.length], orders: [] };
  return { extents: dims.length === 2 ? (dims as [number, number]) : length, orders: [] };
}

/** Whether the last axes, folded into one, have this length. */
const endsWith = (shape: readonly number[], length: number) =>
  shape.some((_, axis) => sizeOf(shape.slice(axis)) === length);

/** The numbers row by row. */
function rowByRow<A extends FloatArray>(values: A, { outer, channels, inner }: Order): A {
  const sorted = values.slice() as A;
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < inner; i++) sorted[(o * inner + i) * channels + c] = values[at++] as number;
  return sorted;
}

/** How much nearer to the right array another order of axes must be than rows of channels. */
const kNearer = 10;

/** Writes a claim into the run, in the order that is nearest to the right array. */
export function writeClaim(
  run: CaseRun,
  at: number,
  claim: CheckedClaim,
  orders: readonly Order[],
): Order | undefined {
  const write = (order: Order | undefined) => {
    const sorted = <A extends FloatArray>(values: A) =>
      order && order.inner > 1 ? rowByRow(values, order) : values;
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
  write(best);
  return best && best.inner > 1 ? best : undefined;
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
