import assert from "node:assert/strict";
import { test } from "node:test";
import { BacknormRangeError } from "../../web/src/errors.ts";
import { parseNpy } from "../../web/src/parse-npy.ts";
import { parseNpz } from "../../web/src/parse-npz.ts";
import { inChinese } from "./in-chinese.ts";

// Written by NumPy 1.24.2: dx=np.array([[1.5, -2.25], [3, 4]]), dgamma=np.array([1, 2], dtype=np.float32).
const written = {
  "np.savez":
    "UEsDBBQAAAAAAAAAIQD2uPqDoAAAAKAAAAAGABQAZHgubnB5AQAQAKAAAAAAAAAAoAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgAAAAAAAPg/AAAAAAAAAsAAAAAAAAAIQAAAAAAAABBAUEsDBBQAAAAAAAAAIQCayqvniAAAAIgAAAAKABQAZGdhbW1hLm5weQEAEACIAAAAAAAAAIgAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAAQFBLAQIUAxQAAAAAAAAAIQD2uPqDoAAAAKAAAAAGAAAAAAAAAAAAAACAAQAAAABkeC5ucHlQSwECFAMUAAAAAAAAACEAmsqr54gAAACIAAAACgAAAAAAAAAAAAAAgAHYAAAAZGdhbW1hLm5weVBLBQYAAAAAAgACAGwAAACcAQAAAAA=",
  "np.savez_compressed":
    "UEsDBBQAAAAIAAAAIQD2uPqDVgAAAKAAAAAGABQAZHgubnB5AQAQAKAAAAAAAAAAVgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgpGmjoKtQpkAy4GMPhhD6GZDkBoDgcILeAAAFBLAwQUAAAACAAAACEAmsqr50wAAACIAAAACgAUAGRnYW1tYS5ucHkBABAAiAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4GhgZ7BgYGBwBQSwECFAMUAAAACAAAACEA9rj6g1YAAACgAAAABgAAAAAAAAAAAAAAgAEAAAAAZHgubnB5UEsBAhQDFAAAAAgAAAAhAJrKq+dMAAAAiAAAAAoAAAAAAAAAAAAAAIABjgAAAGRnYW1tYS5ucHlQSwUGAAAAAAIAAgBsAAAAFgEAAAAA",
};
const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const stored = bytesOf(written["np.savez"]);
const deflated = bytesOf(written["np.savez_compressed"]);

test("parseNpz() reads what np.savez and np.savez_compressed wrote, by the names of the arrays", async () => {
  for (const file of [stored, deflated, stored.buffer as ArrayBuffer]) {
    const arrays = await parseNpz(file);
    assert.deepEqual(Object.keys(arrays), ["dx", "dgamma"]);
    assert.deepEqual(arrays["dx"], { data: Float64Array.of(1.5, -2.25, 3, 4), shape: [2, 2] });
    assert.deepEqual(arrays["dgamma"], { data: Float32Array.of(1, 2), shape: [2] });
  }
  const shifted = new Uint8Array(stored.length + 3);
  shifted.set(stored, 3);
  assert.deepEqual(Object.keys(await parseNpz(shifted.subarray(3))), ["dx", "dgamma"]);
  assert.deepEqual(await parseNpz(Uint8Array.of(0x50, 0x4b, 5, 6, ...new Array(18).fill(0))), {});
});

test("parseNpz() refuses a file that is cut or has a changed byte in an array, or reads the same", async () => {
  for (const file of [stored, deflated]) {
    for (let at = 0; at < file.length; at += 1)
      await assert.rejects(parseNpz(file.subarray(0, at)), { code: "unreadable-npz" });
    const right = await parseNpz(file);
    for (let at = 0; at < file.length; at += 1) {
      const changed = file.with(at, (file[at] as number) ^ 0x15);
      const found = await parseNpz(changed).catch((error) => error);
      if (found instanceof BacknormRangeError) assert.match(found.code, /^unreadable-np[yz]$/);
      else assert.deepEqual(Object.values(found), Object.values(right), `byte ${at}`);
    }
  }
});

/** The bytes of a text of one-byte characters. */
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
/** Replaces a name, of the same length, everywhere. */
const renamed = (from: string, to: string) => latin1(String.fromCharCode(...stored).replaceAll(from, to));

test("an error of parseNpz() says what was expected, and what to save instead", async () => {
  const save = 'save its arrays by np.savez("arrays.npz", dx=dx)';
  const begin = "expected 50 4b 03 04, with which .npz files begin (byte 0), got";
  const rows: [file: Uint8Array, message: string][] = [
    [new Uint8Array(), `bytes: ${begin} no bytes`],
    [latin1("1,2\n3,4"), `bytes: ${begin} 31 2c 32 0a 33 2c`],
    [latin1("MATLAB 5.0 MAT-file"), `bytes: ${begin} 4d 41 54 4c 41 42 (a MATLAB file: ${save})`],
    [stored.subarray(0, 100), "bytes: expected a whole .npz file, got one that is cut short or damaged"],
    [renamed("dx.npy", "dx.pkl"), 'bytes: expected only .npy files in the zip, got "dx.pkl"'],
    [
      renamed("dgamma.npy", "a/data.pkl"),
      `bytes: expected only .npy files in the zip, got "a/data.pkl" (a PyTorch file: ${save})`,
    ],
    [
      stored.with(stored.length - 22 - 56 - 52 + 10, 12),
      "bytes: expected arrays as np.savez and np.savez_compressed write them, got zip method 12",
    ],
  ];
  for (const [file, message] of rows) {
    await assert.rejects(parseNpz(file), { name: "BacknormRangeError", code: "unreadable-npz", message });
    await assert.rejects(parseNpz(file), inChinese);
  }
  await assert.rejects(parseNpz("dx.npz" as never), { code: "not-a-typed-array" });
});

test("parseNpy() names the formats of other files, and says what to save instead", () => {
  const beginnings: [bytes: string, format: string][] = [
    ["MATLAB 5.0 MAT-file, Platform", "a MATLAB file"],
    ["\x89HDF\r\n\x1a\n", "an HDF5 file"],
    ["\x80\x04\x95\x00", "a Python pickle"],
    ['\x58\x00\x00\x00\x00\x00\x00\x00{"dx":', "a safetensors file"],
  ];
  for (const [bytes, format] of beginnings) {
    assert.throws(
      () => parseNpy(latin1(bytes)),
      ({ code, got }: BacknormRangeError) =>
        code === "unreadable-npy" &&
        got.endsWith(` (${format}: save its arrays by np.savez("arrays.npz", dx=dx))`),
    );
    assert.throws(() => parseNpy(latin1(bytes)), inChinese);
  }
});
