/** What several tests need: both engines, the reference cases as callers hold them, and comparisons that say where they break. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Case, type FloatArray, load, type NormCase } from "backnorm";
import type { ReferenceCase, ReferenceNorm } from "./reference.ts";

/** The same C++ twice: as WebAssembly, and as JavaScript. */
export const webassembly = await load({ engine: "webassembly" });
export const javascript = await load({ engine: "javascript" });
export const engines = [webassembly, javascript];

export const root = fileURLToPath(new URL("../../", import.meta.url));

export const kinds = { float32: Float32Array, float64: Float64Array };

export function caseOf({
  dtype,
  rows,
  columns,
  eps,
  ddof,
  array,
}: ReferenceCase): Case & { eps: number; ddof: 0 | 1 } {
  const take = (name: string): FloatArray => kinds[dtype].from(array(name));
  const [x, gamma, beta, dy] = [take("x"), take("gamma"), take("beta"), take("dy")];
  return { x, gamma, beta, dy, shape: [rows, columns], eps, ddof: ddof === 1 ? 1 : 0 };
}

/** A case of norms.txt as a caller has it. */
export function normCaseOf({
  norm,
  shape,
  groups,
  dims,
  offset,
  dtype,
  eps,
  ddof,
  arrays,
}: ReferenceNorm): NormCase {
  const take = (name: string) => kinds[dtype].from(arrays.get(name) as Float64Array);
  return {
    ...{ norm, shape, x: take("x"), gamma: take("gamma"), dy: take("dy"), eps },
    ...(norm === "rms" ? {} : { beta: take("beta"), ddof }),
    ...(groups ? { groups } : {}),
    ...(dims > 1 ? { normalizedDims: dims } : {}),
    ...(offset ? { unitOffset: true } : {}),
  } as NormCase;
}

/** The same case in float32. */
export function rounded({ x, gamma, beta, dy, ...rest }: Case): Case<Float32Array> {
  const round = (array: FloatArray) => Float32Array.from(array);
  const shift = beta && { beta: round(beta) }; // RMS norm has none
  return { ...rest, x: round(x), gamma: round(gamma), ...shift, dy: round(dy) } as Case<Float32Array>;
}

export const bytesOf = ({ buffer, byteOffset, byteLength }: FloatArray) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Typed arrays of one kind, byte for byte. */
export function haveSameBytes(a: FloatArray, b: FloatArray): boolean {
  const [one, other] = [bytesOf(a), bytesOf(b)];
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Two results, arrays in objects in lists, equal in every bit: 0 is not -0, and a NaN equals itself. */
export function assertSameBits(got: unknown, want: unknown, what: string): void {
  if (ArrayBuffer.isView(got) && ArrayBuffer.isView(want)) {
    assert.equal(got.constructor, want.constructor, `${what}: kinds`);
    const same = haveSameBytes(got as FloatArray, want as FloatArray);
    if (!same) assert.deepEqual(got, want, what); // which shows them, unless they differ in the sign of a 0
    assert.ok(same, `${what} differs in a bit`);
  } else if (typeof got === "object" && got !== null && typeof want === "object" && want !== null) {
    const keys = [Object.keys(got), Object.keys(want)] as const;
    if (keys[0].join() !== keys[1].join()) assert.deepEqual(...keys, `${what}: keys`); // which is slow, and shows them
    for (const [key, value] of Object.entries(got)) {
      assertSameBits(value, (want as Record<string, unknown>)[key], `${what}.${key}`);
    }
  } else {
    assert.ok(Object.is(got, want), `${what}: ${got} is not ${want}`);
  }
}

/** |got[i] - want[i]| <= bound(i) for every i. */
export function assertWithin(
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  bound: (at: number) => number,
  what: string,
): void {
  assert.equal(got.length, want.length, `${what}: lengths`);
  for (let i = 0; i < want.length; i++) {
    const off = Math.abs((got[i] as number) - (want[i] as number));
    assert.ok(off <= bound(i), `${what}[${i}] is ${got[i]}, expected ${want[i]} within ${bound(i)}`);
  }
}

/** Half an ulp of 1: what one rounding may take, relative to the result. */
export const unitRoundoff = { float32: 2 ** -24, float64: 2 ** -53 };

/**
 * How far two right ways to compute one array of a case may lie apart in float64, by column.
 *
 * - Each of the N additions of a sum, and of about sixteen other operations on the way, rounds once: (N + 16)·u.
 * - What is rounded in x - mean is as large as x, while what remains is as large as std: times 1 + |x|/std.
 * - A sum may cancel. Its error is as large as its terms are, so these are what it is relative to.
 */
export function roundoff(reference: ReferenceCase, name: string): (at: number) => number {
  const { rows, columns, ddof, array } = reference;
  const get = (node: string) => array(`numpy.${node}`);
  const column = (values: Float64Array, c: number) => values.filter((_, i) => i % columns === c);
  const largest = (values: Float64Array, c: number) =>
    column(values, c).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const size = (values: Float64Array, c: number) => column(values, c).reduce((a, b) => a + Math.abs(b), 0);
  const times = (a: Float64Array, b: Float64Array) => a.map((value, i) => value * (b[i] as number));

  const m = rows - ddof;
  const cancelling: Record<string, (c: number, std: number) => number> = {
    dbeta: (c) => size(array("dy"), c),
    dgamma: (c) => size(times(array("dy"), get("xhat")), c),
    dinvstd: (c) => size(times(get("dxhat"), get("xc")), c),
    dstd: (c, std) => terms("dinvstd", c, std) / std ** 2,
    dvar: (c, std) => terms("dstd", c, std) / (2 * std),
    dsq: (c, std) => terms("dvar", c, std) / m,
    dx_through_var: (c, std) => terms("dsq", c, std) * 2 * largest(get("xc"), c),
    dmean_through_var: (c, std) => terms("dx_through_var", c, std) * rows,
    dxc: (c, std) => largest(get("dx_direct"), c) + terms("dx_through_var", c, std),
    dmean: (c, std) => terms("dxc", c, std) * rows,
    dmean_direct: (c, std) => terms("dmean", c, std),
    dx_through_mean: (c, std) => terms("dxc", c, std),
    dx: (c, std) => 2 * terms("dxc", c, std),
    mean: (c) => largest(array("x"), c),
    y: (c) => largest(get("scaled"), c) + largest(array("beta"), c),
  };
  function terms(wanted: string, c: number, std: number): number {
    const known = cancelling[wanted];
    return known ? known(c, std) : largest(get(wanted), c);
  }

  const bounds = Array.from({ length: columns }, (_, c) => {
    const std = get("std")[c] as number;
    const condition = 1 + largest(array("x"), c) / std;
    return (rows + 16) * unitRoundoff.float64 * condition * terms(name, c, std);
  });
  return (at) => bounds[at % columns] as number;
}

/** Runs an ES module in a Node of its own and returns what it prints. Rejects with what it says if it fails. */
export function inNode(script: string, { cwd = root, flags = [] as string[] } = {}): Promise<string> {
  const args = [...flags, "--input-type=module", "--eval", script];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${stderr}${stdout}`, { cause: error }));
      else resolve(stdout.trim());
    });
  });
}

/** What `using` calls, also where it had to be compiled. */
export const kDispose: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as never);
