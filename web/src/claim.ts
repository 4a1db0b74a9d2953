import { floatArray, floatArrayOf, kindOf, objectOf, oneOf } from "./arguments.ts";
import { dialectNames } from "./dialects.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import { type Precision, precisions } from "./precision.ts";
import { fault } from "./sentences.ts";
import { product } from "./tensor.ts";

/**
 * An array of the caller's: its numbers, or the result of parseArray.
 *
 * shape: in any rank. Dims of 1 and folded dims don't matter: (N, H, W, D) and (N·H·W, D) are the same, as are (N, K),
 * (N, K, 1, 1, 1) and (N, 1) where K is 1, and a list of all numbers is taken row by row. The channels may come at another
 * axis than in the case, as in NCHW.
 * resolution: how far each number may be from the computed one: half a unit of its last printed digit.
 * dtype: the precision in which the program computed it, where that isn't the type of data.
 * An id or a name beside these, and another reading of decimal commas, are ignored.
 */
export type Claim = FloatArray | ClaimedArray;
/** An array of the caller's with what is known of it. */
export interface ClaimedArray {
  /** Its numbers, in row-major order. */
  data: FloatArray;
  /** Its shape, whose product is the length of data; else `invalid-shape`. Default: known by the length alone. */
  shape?: readonly number[] | undefined;
  /** As many as data. Default: all digits are given. Else `invalid-resolution`. */
  resolution?: Float64Array | undefined;
  /** The precision of the program. Default: that of data. Else `invalid-dtype`. */
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

/** Copies the arrays, since those of a layer die when the memory grows. argument: its name in errors. */
export function claimOf(name: string, value: unknown, argument = name): CheckedClaim {
  const isRecord =
    typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value);
  const { data, shape, resolution, dtype } = (isRecord ? value : { data: value }) as Record<string, unknown>;
  const lengths: unknown[] | undefined = Array.isArray(shape) ? [...shape] : undefined;
  const checked = floatArray(isRecord ? `${argument}.data` : argument, data).slice();
  if (isRecord) optionsOf<ClaimedArray>(argument, value, kClaimedArray, ["id", "name", "withDecimalCommas"]);
  if (shape !== undefined) {
    const whole = lengths?.every((n): n is number => Number.isSafeInteger(n) && (n as number) >= 0);
    if (!whole || lengths.length > kMostDimensions || product(lengths) !== checked.length) {
      throw fault("shape-of-data", `${argument}.shape`, { length: checked.length, got: given(shape) });
    }
  }
  const precision =
    dtype === undefined
      ? (kindOf(checked).toLowerCase() as "float32" | "float64")
      : oneOf(`${argument}.dtype`, "invalid-dtype", dtype, precisions);
  return {
    name,
    data: checked,
    shape: lengths as number[] | undefined,
    resolution: resolution === undefined ? undefined : halvesOf(argument, resolution, checked.length),
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
