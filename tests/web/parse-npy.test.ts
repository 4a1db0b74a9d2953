import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BacknormRangeError } from "../../web/src/errors.ts";
import { parseNpy } from "../../web/src/parse-npy.ts";
import { inChinese } from "./in-chinese.ts";

fc.configureGlobal({ seed: 1 }); // the same cases every time: no run fails by chance

const nan = Number.NaN;

/** A file whose header, padded to 64 bytes as NumPy pads it, is followed by the data. */
function npy(header: string, data: Uint8Array | number[] = [], version = 1): Uint8Array {
  const start = version === 1 ? 10 : 12;
  const length = Math.ceil((start + header.length + 1) / 64) * 64 - start;
  const file = new Uint8Array(start + length + data.length);
  file.set([0x93, ..."NUMPY".split("").map((letter) => letter.charCodeAt(0)), version, 0]);
  new DataView(file.buffer).setUint16(8, length, true);
  file.set(new TextEncoder().encode(`${header.padEnd(length - 1)}\n`), start);
  file.set(data, start + length);
  return file;
}

const dict = (descr: string, shape: string, order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;

function assertRefuses(rows: [file: Uint8Array | ArrayBuffer, message: string][]) {
  for (const [file, message] of rows) {
    assert.throws(() => parseNpy(file), {
      name: "BacknormRangeError",
      code: "unreadable-npy",
      argument: "bytes",
      message: `bytes: ${message}`,
    });
    assert.throws(() => parseNpy(file), inChinese);
  }
}

// Written by numpy.lib.format.write_array of NumPy 1.24.2, little-endian and as version 1.0 unless the name says more.
const written = {
  "f8 C-order, version 1":
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAD4PwAAAAAAAALAAAAAAAAACEAAAAAAAAAQQAAAAAAAABRAAAAAAAAAwL8=",
  "big-endian f4 Fortran-order, version 2":
    "k05VTVBZAgB0AAAAeydkZXNjcic6ICc+ZjQnLCAnZm9ydHJhbl9vcmRlcic6IFRydWUsICdzaGFwZSc6ICgyLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/wAAAQIAAAMAQAABAoAAAQEAAAL4AAAA=",
  "f4 Fortran-order rank 3, version 3":
    "k05VTVBZAwB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IFRydWUsICdzaGFwZSc6ICgyLCAzLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADAQAAAAEAAAABBAACAQAAAIEEAAIA/AADgQAAAQEAAABBBAACgQAAAMEE=",
  f2: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDYsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAPgCAAQD/ewB8AH4=",
  i8: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr9/////////wAAAAAAAQAA",
  u1: "k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoA/w==",
  b1: "k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==",
  "f8 scalar":
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAEQA==",
  "f4 without values":
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo=",
  structured:
    "k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxmNCcpLCAoJ2InLCAnPGk0JyldLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AgAAAA==",
  c16: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGMxNicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAPA/",
  object:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqAA2NudW1weS5jb3JlLm11bHRpYXJyYXkKX3JlY29uc3RydWN0CnEAY251bXB5Cm5kYXJyYXkKcQFLAIVxAkMBYnEDh3EEUnEFKEsBSwKFcQZjbnVtcHkKZHR5cGUKcQdYAgAAAE84cQiJiIdxCVJxCihLA1gBAAAAfHELTk5OSv////9K/////0s/dHEMYoldcQ0oTksBZXRxDmIu",
  text: "k05VTVBZAQB2AHsnZGVzY3InOiAnPFUzJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAYgAAAGMAAAA=",
};

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

test("parseNpy() reads files written by NumPy 1.24.2", () => {
  const m = [1.5, -2.25, 3, 4, 5, -0.125];
  const rows: [keyof typeof written, Float32Array | Float64Array, number[]][] = [
    ["f8 C-order, version 1", new Float64Array(m), [2, 3]],
    ["big-endian f4 Fortran-order, version 2", new Float32Array(m), [2, 3]],
    ["f4 Fortran-order rank 3, version 3", new Float32Array(Array(12).keys()), [2, 3, 2]],
    ["f2", new Float64Array([1.5, -0, 2 ** -24, 65504, Infinity, nan]), [6]],
    ["i8", new Float64Array([-3, 2 ** 40]), [2]],
    ["u1", new Float64Array([0, 255]), [1, 2]],
    ["b1", new Float64Array([1, 0]), [2]],
    ["f8 scalar", new Float64Array([2.5]), []],
    ["f4 without values", new Float32Array(), [0, 3]],
  ];
  for (const [name, data, shape] of rows) {
    assert.deepEqual(parseNpy(bytesOf(written[name])), { data, shape }, name);
  }
});

test("parseNpy() refuses NumPy 1.24.2's dtypes without real numbers, and names them", () => {
  const expected = "expected a dtype of floats up to f8, integers or booleans (byte 20)";
  assertRefuses([
    [bytesOf(written["c16"]), `${expected}, got "<c16": complex numbers`],
    [bytesOf(written["object"]), `${expected}, got "|O": Python objects`],
    [bytesOf(written["text"]), `${expected}, got "<U3": text`],
    [
      bytesOf(written["structured"]),
      `expected a dtype in quotes, none of records (byte 20), got "[('a', '<f4'), ('b', '<…"`,
    ],
    [npy(dict("'<f16'", "()")), `${expected}, got "<f16"`],
    [npy(dict("'f8'", "()")), `${expected}, got "f8"`],
  ]);
});

test("parseNpy() reads bytes in the middle of a buffer, a whole ArrayBuffer, and shared memory", () => {
  const file = bytesOf(written["f8 C-order, version 1"]);
  const expected = parseNpy(file);
  const wide = new Uint8Array(file.length + 9).fill(7);
  wide.set(file, 3);
  const shared = new Uint8Array(new SharedArrayBuffer(file.length));
  shared.set(file);
  class Bytes extends Uint8Array {} // as Node's Buffer is
  const ofAKind = Bytes.from(file);
  for (const bytes of [wide.subarray(3, 3 + file.length), file.slice().buffer, shared, ofAKind]) {
    assert.deepEqual(parseNpy(bytes), expected);
  }
});

test("parseNpy() takes the keys of the header in any order and the long integers of Python 2", () => {
  const header = "{'shape': (1L, 2L), 'fortran_order': False, 'descr': '|u1'}";
  assert.deepEqual(parseNpy(npy(header, [5, 6])), { data: new Float64Array([5, 6]), shape: [1, 2] });
});

test("parseNpy() names the byte and what it expected if the file isn't .npy", () => {
  const magic = "expected 93 4e 55 4d 50 59, with which .npy files begin (byte 0)";
  const file = npy(dict("'<f8'", "()"), new Uint8Array(8));
  assertRefuses([
    [new Uint8Array(), `${magic}, got no bytes`],
    [file.subarray(0, 3), `${magic}, got 93 4e 55`],
    [
      Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0),
      `${magic}, got 50 4b 03 04 14 00 (a zip file such as .npz, which parseNpz reads)`,
    ],
    [file.subarray(0, 7), "expected a version up to byte 8 (byte 7), got the end of the file"],
    [npy(dict("'<f8'", "()"), [], 4), "expected version 1.0, 2.0 or 3.0 (byte 6), got 4.0"],
    [file.subarray(0, 9), "expected a header length up to byte 10 (byte 9), got the end of the file"],
    [file.subarray(0, 50), "expected a header up to byte 128 (byte 50), got the end of the file"],
  ]);
});

test("an error of parseNpy() is data: what was wrong, by how much, and at which byte", () => {
  assert.throws(() => parseNpy(npy(dict("'<f8'", "(2, 3)"), new Uint8Array(47))), {
    code: "unreadable-npy",
    reason: "npy-data",
    params: { bytes: 48, shape: [2, 3], size: 8, got: 47 },
    at: { offset: 128 },
  });
});

test("parseNpy() gives both byte counts if the data is too short or too long", () => {
  const header = dict("'<f8'", "(2, 3)");
  const expected = "expected 48 bytes of data for shape [2, 3], bytes a value: 8 (byte 128)";
  assertRefuses([
    [npy(header, new Uint8Array(47)), `${expected}, got 47: the file is cut short`],
    [npy(header), `${expected}, got 0: the file is cut short`],
    [npy(header, new Uint8Array(56)), `${expected}, got 56: 8 left over`],
  ]);
});

test("parseNpy() refuses impossible shapes before it allocates anything", () => {
  const tuple = "expected a tuple of lengths, 0 or more each";
  const huge = "expected an array of less than 2^53 bytes";
  const rows: [shape: string, message: string][] = [
    ["(-1, 3)", `${tuple} (byte 60), got "(-1, 3)"`],
    ["(3)", `${tuple} (byte 60), got "(3)"`],
    ["(3,,)", `${tuple} (byte 60), got "(3,,)"`],
    ["(,)", `${tuple} (byte 60), got "(,)"`],
    ["(0x3,)", `${tuple} (byte 60), got "(0x3,)"`],
    ["(1e3,)", `${tuple} (byte 60), got "(1e3,)"`],
    ["[3]", `${tuple} (byte 60), got "[3], }"`],
    ["(4294967296, 4294967296)", `${huge} (byte 60), got "(4294967296, 4294967296)"`],
    ["(0, 9007199254740993)", `${huge} (byte 60), got "(0, 9007199254740993)"`],
    [`(${"9".repeat(400)},)`, `${huge} (byte 60), got "(${"9".repeat(22)}…"`],
    [`(${"1, ".repeat(65)})`, "expected at most 64 dimensions (byte 60), got 65"],
    [
      "(1125899906842623,)",
      "expected 9007199254740984 bytes of data for shape [1125899906842623], bytes a value: 8 (byte 128), got 0: the file is cut short",
    ],
  ];
  assertRefuses(rows.map(([shape, message]) => [npy(dict("'<f8'", shape)), message]));
});

test("parseNpy() reads only a header that is a dict of the three keys", () => {
  const keys = 'expected "descr", "fortran_order" or "shape"';
  assertRefuses([
    [npy("[]"), 'expected "{" (byte 10), got "[]"'],
    [npy("{}"), `${keys} (byte 11), got "}"`],
    [npy("{'descr': '<f8'}"), 'expected "fortran_order" or "shape" (byte 25), got "}"'],
    [
      npy("{'descr': '<f8', 'descr': '<f8'}"),
      `expected "fortran_order" or "shape" (byte 27), got "'descr': '<f8'}"`,
    ],
    [npy("{'extra': 1}"), `${keys} (byte 11), got "'extra': 1}"`],
    [npy("{'descr': '<f8' 'shape': ()}"), `expected "," or "}" (byte 25), got " 'shape': ()}"`],
    [npy(dict("'<f8'", "()", "1")), `expected "True" or "False" (byte 44), got "1, 'shape': (), }"`],
    [
      npy(`${dict("'<f8'", "()")};exit()`),
      'expected "}" and the end of the header (byte 64), got "};exit()"',
    ],
    [npy("{'descr': '<f8"), `expected a dtype in quotes, none of records (byte 20), got "'<f8"`],
  ]);
});

/** How each dtype is written, to be read back. */
const writers: Record<
  string,
  [size: number, arbitrary: fc.Arbitrary<number>, write: `set${string}` & keyof DataView]
> = {
  f4: [4, fc.float(), "setFloat32"],
  f8: [8, fc.double(), "setFloat64"],
  i1: [1, fc.integer({ min: -128, max: 127 }), "setInt8"],
  i2: [2, fc.integer({ min: -32768, max: 32767 }), "setInt16"],
  i4: [4, fc.integer(), "setInt32"],
  i8: [8, fc.maxSafeInteger().map((value) => value + 0), "setBigInt64"],
  u1: [1, fc.nat(255), "setUint8"],
  u2: [2, fc.nat(65535), "setUint16"],
  u4: [4, fc.nat().map((value) => value * 2), "setUint32"],
  u8: [8, fc.maxSafeNat(), "setBigUint64"],
};

test("parseNpy() returns every written value, for each dtype, byte order, memory order and rank", () => {
  for (const [type, [size, arbitrary, write]] of Object.entries(writers)) {
    const shapes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 });
    const property = fc.property(
      shapes,
      fc.infiniteStream(arbitrary),
      fc.constantFrom("<", ">", "=", "|"),
      fc.boolean(),
      fc.constantFrom(1, 2, 3),
      (shape, stream, byteOrder, fortran, version) => {
        const count = shape.reduce((product, length) => product * length, 1);
        const values = Array.from({ length: count }, () => stream.next().value);
        const view = new DataView(new ArrayBuffer(count * size));
        values.forEach((value, i) => {
          const at = fortran ? fortranPlace(i, shape) : i;
          const number = write.includes("Big") ? BigInt(value) : value;
          (view[write] as (...args: unknown[]) => void)(at * size, number, byteOrder !== ">");
        });
        const tuple = `(${shape.map((length) => `${length},`).join(" ")})`;
        const header = dict(`'${byteOrder}${type}'`, tuple, fortran ? "True" : "False");
        const data = type === "f4" ? new Float32Array(values) : new Float64Array(values);
        assert.deepEqual(parseNpy(npy(header, new Uint8Array(view.buffer), version)), { data, shape });
      },
    );
    fc.assert(property, { numRuns: 60 });
  }
});

/** Index by index, unlike the code under test: Σ index[axis] · (product of the lengths before axis). */
function fortranPlace(i: number, shape: number[]): number {
  const index = shape.map((length, axis) => {
    const inner = shape.slice(axis + 1).reduce((product, next) => product * next, 1);
    return Math.floor(i / inner) % length;
  });
  const stride = (axis: number) => shape.slice(0, axis).reduce((product, length) => product * length, 1);
  return index.reduce((sum, place, axis) => sum + place * stride(axis), 0);
}

test("parseNpy() reads all 65536 half-precision numbers as defined", () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
  const { data } = parseNpy(npy(dict("'<f2'", "(65536,)"), new Uint8Array(halves.buffer)));
  const { data: swapped } = parseNpy(npy(dict("'>f2'", "(65536,)"), new Uint8Array(halves.buffer)));
  // A half is a float32 with 3 bits less exponent and 13 less fraction: shift the bits, scale by the biases' difference.
  const single = new DataView(new ArrayBuffer(4));
  for (const bits of halves) {
    single.setUint32(0, ((bits & 0x8000) << 16) | ((bits & 0x7fff) << 13));
    const finite = single.getFloat32(0) * 2 ** 112;
    const special = bits & 0x3ff ? nan : bits & 0x8000 ? -Infinity : Infinity;
    const expected = (bits & 0x7c00) === 0x7c00 ? special : finite;
    assert.ok(Object.is(data[bits], expected), `bits ${bits}`);
    assert.ok(Object.is(swapped[((bits & 0xff) << 8) | (bits >> 8)], expected), `swapped bits ${bits}`);
  }
});

function assertReadsOrComplains(bytes: Uint8Array) {
  try {
    const { data, shape } = parseNpy(bytes);
    assert.equal(
      data.length,
      shape.reduce((product, length) => product * length, 1),
    );
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(error instanceof BacknormRangeError, String(error));
    assert.match(error.message, /^bytes: expected .* \(byte \d+\), got .+$/s);
  }
}

test("parseNpy() either reads a file or throws with a byte offset, for any bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ size: "large" }), assertReadsOrComplains));
  const header = fc
    .array(fc.constantFrom(..."{}(),:' 0123-L", "'descr'", "'shape'", "'fortran_order'", "'<f8'", "True"))
    .map((parts) => npy(parts.join("")));
  fc.assert(fc.property(header, assertReadsOrComplains), { numRuns: 1000 });
});

test("parseNpy() either reads or throws if a good file is cut or one byte is changed", () => {
  const file = bytesOf(written["f4 Fortran-order rank 3, version 3"]);
  for (let at = 0; at < file.length; at += 1) {
    assert.throws(() => parseNpy(file.subarray(0, at)), { code: "unreadable-npy" });
    for (const byte of [0, 32, 39, 48, 57, 125, 255]) {
      assertReadsOrComplains(file.with(at, byte));
    }
  }
});
