import { attached } from "./arguments.ts";
import {
  type FileFormat,
  fault,
  hexOf,
  type NotNumbers,
  type NpyPiece,
  type ParamsOf,
  type Reason,
} from "./file-sentences.ts";
import { classOf, given, quote } from "./given.ts";
import type { ParsedArray } from "./parse-array.ts";
import type { Mark, Thing } from "./reading-sentences.ts";

/**
 * Parses a NumPy .npy file of format version 1.0, 2.0 or 3.0, of rank 0 to 64, in C or Fortran order.
 *
 * bytes: the whole file. f4 gives a Float32Array. f2, f8, integers and booleans (as 0 and 1), in either byte order,
 * give a Float64Array. An int64 or uint64 above 2^53 is rounded to the nearest double, like `astype(float64)`. data is
 * in row-major order, and its length is the product of shape. shape is [] for a scalar and may contain zeros.
 *
 * Throws BacknormRangeError `unreadable-npy`, whose `at` has the offset in bytes, if the file isn't .npy, is cut short,
 * is longer than its header says, or holds anything but real numbers: complex numbers, text, objects, records. It
 * allocates nothing of the array's size before the file's length is checked.
 * Throws BacknormTypeError `not-a-typed-array` if bytes is neither a Uint8Array nor an ArrayBuffer, of any realm, and
 * `detached-buffer` if it was transferred away.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function parseNpy(bytes: Uint8Array | ArrayBuffer): ParsedArray {
  const view = viewOf(bytes);
  const { start, end } = readPreamble(view);
  const { type, littleEndian, columnMajor, shape } = readHeader(view, start, end);

  const count = shape.reduce((product, length) => product * length, 1);
  const bytesOfData = count * type.size;
  const got = view.byteLength - end;
  if (got !== bytesOfData) {
    throw unreadable(end, "npy-data", { bytes: bytesOfData, shape, size: type.size, got });
  }

  const data = type.float32 ? new Float32Array(count) : new Float64Array(count);
  const reversed = shape.toReversed();
  for (let i = 0; i < count; i += 1) {
    const at = columnMajor ? columnMajorPlace(i, reversed, count) : i;
    data[i] = type.read(view, end + at * type.size, littleEndian);
  }
  return { data, shape };
}

interface NumberType {
  /** Bytes per value. */
  size: number;
  float32?: true;
  read: (view: DataView, at: number, littleEndian: boolean) => number;
}

const numberTypes = new Map<string, NumberType>([
  ["f2", { size: 2, read: (view, at, little) => fromHalf(view.getUint16(at, little)) }],
  ["f4", { size: 4, read: (view, at, little) => view.getFloat32(at, little), float32: true }],
  ["f8", { size: 8, read: (view, at, little) => view.getFloat64(at, little) }],
  ["i1", { size: 1, read: (view, at) => view.getInt8(at) }],
  ["i2", { size: 2, read: (view, at, little) => view.getInt16(at, little) }],
  ["i4", { size: 4, read: (view, at, little) => view.getInt32(at, little) }],
  ["i8", { size: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) }],
  ["u1", { size: 1, read: (view, at) => view.getUint8(at) }],
  ["u2", { size: 2, read: (view, at, little) => view.getUint16(at, little) }],
  ["u4", { size: 4, read: (view, at, little) => view.getUint32(at, little) }],
  ["u8", { size: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) }],
  ["b1", { size: 1, read: (view, at) => Number(view.getUint8(at) !== 0) }],
]);

/** The contents of dtypes without real numbers, by the letter in `<c16`, `|O`. */
const foreignTypes = new Map<string, NotNumbers>([
  ["c", "complex numbers"],
  ["O", "Python objects"],
  ["S", "byte strings"],
  ["U", "text"],
  ["M", "dates"],
  ["m", "durations"],
  ["V", "raw bytes"],
]);

/** NumPy's own limit, since version 2. */
const maxRank = 64;

/** Converts 16 bits of IEEE 754 half precision: sign, 5 bits of exponent, 10 of fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The position in a Fortran-order file (first index fastest) of the value that is i-th in row-major order. */
function columnMajorPlace(i: number, reversedShape: number[], count: number): number {
  let rest = i;
  let stride = count;
  let at = 0;
  for (const length of reversedShape) {
    stride /= length;
    at += (rest % length) * stride;
    rest = Math.floor(rest / length);
  }
  return at;
}

/** How files of other formats begin. */
const beginnings: readonly [FileFormat, RegExp][] = [
  ["zip", /^50 4b 03 04/],
  ["MATLAB", /^4d 41 54 4c 41 42 20 3[57] 2e/],
  ["HDF5", /^89 48 44 46/],
  ["pickle", /^80 0[2-5]/],
  ["safetensors", /^(?:.. ){4}(?:00 ){4}7b/],
];

export const firstBytes = (view: DataView, count: number): number[] =>
  Array.from({ length: Math.min(count, view.byteLength) }, (_, at) => view.getUint8(at));

/** The format of a file that isn't .npy, if it is known. */
export function formatOf(view: DataView): FileFormat | undefined {
  const first = hexOf(firstBytes(view, 9));
  return beginnings.find(([, begin]) => begin.test(first))?.[0];
}

/** Checks magic and version. Returns the offsets of the header's start and end. */
function readPreamble(view: DataView): { start: number; end: number } {
  const first = firstBytes(view, 6);
  if (String.fromCharCode(...first) !== "\x93NUMPY")
    throw unreadable(0, "not-npy", { first, format: formatOf(view) });
  const need = (end: number, piece: NpyPiece) => {
    if (view.byteLength < end) throw unreadable(view.byteLength, "npy-cut", { piece, end });
  };
  need(8, "version");
  const [major, minor] = [view.getUint8(6), view.getUint8(7)];
  if (major < 1 || major > 3 || minor !== 0) {
    throw unreadable(6, "npy-version", { version: `${major}.${minor}` });
  }

  const start = major === 1 ? 10 : 12;
  need(start, "header length");
  const end = start + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  need(end, "header");
  return { start, end };
}

type Wanted = readonly (Thing | Mark)[];
type Key = "descr" | "fortran_order" | "shape";

/** The syntax and the name of each key's value. The dict holds exactly these three keys. */
const fields: { readonly [Of in Key]: { pattern: RegExp; wanted: Wanted } } = {
  descr: { pattern: /'([^']*)'/y, wanted: ["dtype"] },
  fortran_order: { pattern: /(True|False)/y, wanted: ['"True"', '"False"'] },
  shape: { pattern: /\(([^()]*)\)/y, wanted: ["lengths"] },
};

/** The text of a value and its offset in bytes. */
interface Field {
  value: string;
  at: number;
}

/** Parses `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`, a dict as Python prints it. */
function readHeader(view: DataView, start: number, end: number) {
  // A copy, because a decoder may refuse shared memory. One character per byte keeps the offsets right.
  const bytes = new Uint8Array(view.buffer, view.byteOffset + start, end - start).slice();
  const text = new TextDecoder("latin1").decode(bytes);
  let at = 0;
  const take = (pattern: RegExp, wanted: Wanted): string => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match)
      throw unreadable(start + at, "unexpected-in-npy", { wanted, got: quote(text.slice(at).trimEnd()) });
    at = pattern.lastIndex;
    return match[1] ?? "";
  };

  const found: Partial<Record<Key, Field>> = {};
  take(/\s*\{\s*/y, ['"{"']);
  for (let missing = Object.keys(fields) as Key[]; missing.length > 0; ) {
    const named = new RegExp(`'(${missing.join("|")})'\\s*:\\s*`, "y");
    const key = take(
      named,
      missing.map((one): Mark => `"${one}"`),
    ) as Key;
    const { pattern, wanted } = fields[key];
    found[key] = { at: start + at, value: take(pattern, wanted) };
    take(/\s*(?:,\s*|(?=\}))/y, ['","', '"}"']);
    missing = missing.filter((one) => one !== key);
  }
  take(/\}\s*$/y, ["header end"]);
  const { descr, fortran_order, shape } = found as Record<Key, Field>;
  const { type, littleEndian } = readType(descr);
  return { type, littleEndian, columnMajor: fortran_order.value === "True", shape: readShape(shape, type) };
}

function readType({ value, at }: Field): { type: NumberType; littleEndian: boolean } {
  const type = /^[<>=|]/.test(value) ? numberTypes.get(value.slice(1)) : undefined;
  if (!type) {
    throw unreadable(at, "npy-dtype", { got: quote(value), holds: foreignTypes.get(value.charAt(1)) });
  }
  return { type, littleEndian: !value.startsWith(">") }; // = is the writer's own order: little on today's machines
}

function readShape({ value, at }: Field, { size }: NumberType): number[] {
  const lengths = value.split(",").map((length) => length.trim());
  const tuple = lengths.length > 1 || value.trim() === "";
  if (tuple && lengths.at(-1) === "") lengths.pop();
  // Python 2 wrote (3L, 4L).
  if (!tuple || !lengths.every((length) => /^\d+L?$/.test(length))) {
    throw unreadable(at, "unexpected-in-npy", { wanted: ["lengths"], got: quote(`(${value})`) });
  }
  if (lengths.length > maxRank) throw unreadable(at, "npy-too-deep", { most: maxRank, got: lengths.length });

  const shape = lengths.map((length) => Number.parseInt(length, 10));
  const bytes = shape.reduce((product, length) => product * Math.max(length, 1), size);
  if (bytes > Number.MAX_SAFE_INTEGER) {
    throw unreadable(at, "npy-too-large", { got: quote(`(${value})`) });
  }
  return shape;
}

/** True for an ArrayBuffer of any realm, but not for shared memory. */
const isArrayBuffer = (value: unknown): value is ArrayBuffer =>
  Object.prototype.toString.call(value) === "[object ArrayBuffer]";

export function viewOf(bytes: unknown): DataView {
  if (classOf(bytes) === "Uint8Array") {
    const { buffer, byteOffset, byteLength } = bytes as Uint8Array;
    attached("bytes", buffer);
    return new DataView(buffer, byteOffset, byteLength);
  }
  if (isArrayBuffer(bytes)) return new DataView(attached("bytes", bytes).buffer);
  throw fault("not-bytes", { got: given(bytes) });
}

const unreadable = <Of extends Reason>(offset: number, reason: Of, params: ParamsOf<Of>) =>
  fault(reason, params, { offset });
