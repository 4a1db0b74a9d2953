import { PageError } from "../words/page-error.ts";

const kMostMebibytes = 32;

/** Throws an error for input that is too large. `size`: bytes or characters; `most`: the same in units of 2^20. */
export function refuseLarge(size: number, most = kMostMebibytes) {
  const mebibytes = size / 2 ** 20;
  if (mebibytes > most) throw new PageError("too-large", { most, got: Math.ceil(mebibytes) });
}

/** Throws an error for the first number of a matrix that is not finite. */
export function refuseNotFinite(data: Float64Array | Float32Array, columns: number, argument = "") {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const [row, column] = [Math.floor(at / columns) + 1, (at % columns) + 1];
  throw new PageError("not-finite-in", { value: data[at] as number, row, column }, { argument });
}
