/** Files that the page opens, and those that it refuses in a sentence. */

/** An .npy file, version 1.0, written as https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html says. */
export function npy(
  descr: "<f4" | "<f8",
  values: readonly number[],
  shape: readonly number[],
  fortran = false,
): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dict = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${tuple}), }`;
  const header = `${dict.padEnd(128 - 10 - 1)}\n`; // the data begin at a multiple of 64
  const [rows = 1, columns = 1] = shape;
  const ordered = fortran
    ? values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number)
    : values;
  const data = descr === "<f4" ? Float32Array.from(ordered) : Float64Array.from(ordered);
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  const encode = (text: string) => new TextEncoder().encode(text);
  bytes.set([0x93, ...encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(encode(header), 10);
  bytes.set(new Uint8Array(data.buffer), 10 + header.length);
  return bytes;
}

/** Three rows of two, all of which float32 holds exactly. */
export const x = [1.5, -2, 0.25, 4, 8, -16.5];
export const whole = {
  x: [[1.5, -2], [0.25, 4], [8, -16.5]],
  gamma: [2, 0.5],
  beta: [-1, 3],
  dy: [[1, 2], [-3, 4], [5, -6.5]],
  eps: 0.001,
}; // biome-ignore format: matrices

const cut = npy("<f8", x, [3, 2]).slice(0, -9);
/** What is said of a file that is none. */
export const bad: [name: string, content: string | Uint8Array, sentence: RegExp][] = [
  ["word.csv", "a,b\n1,2\n3,oops\n", /expected a number \(line 3, column 3\), got "oops"/],
  ["ragged.csv", "1,2,3\n4,5\n", /expected 3 values in row 2 as in row 1 \(line 2, column 4\), got 2/],
  ["syntax.json", '{"x": [[1, 2], [3, 4]],\n "eps": }', /expected a number or a list \(line 2, column 9\), got “}”/],
  ["list.json", "[[1, 2], [3, }", /line 1, column 14/],
  ["nothing.json", '{"title": "mine"}', /expected .*the key "x", got an object without "x"/],
  ["epsilon.json", JSON.stringify({ ...whole, epsilon: 0.1 }), /case: expected eps once, got eps and epsilon, which are the same/],
  ["capital.json", JSON.stringify({ ...whole, Gamma: [1, 2] }), /case: expected gamma once, got gamma and Gamma, which are the same/],
  ["capitals.json", JSON.stringify({ ...whole, DY: [1, 2] }), /case: expected dy once, got dy and DY, which are the same/],
  ["words.json", '{"x": "<b>"}', /x: expected numbers in nested lists/],
  ["gamma.json", JSON.stringify({ ...whole, gamma: [1, 2, 3] }), /gamma: expected 2 values for 2 columns, got 3/],
  ["beta.json", JSON.stringify({ ...whole, beta: [] }), /beta: expected/],
  ["turned.json", JSON.stringify({ ...whole, dy: [[1, 2, 3], [4, 5, 6]] }), /dy: expected shape \[3, 2\], the shape of x, got \[2, 3\]/],
  ["eps.json", JSON.stringify({ ...whole, eps: "small" }), /eps: expected a finite number, 0 or greater, got the string "small"/],
  ["ddof.json", JSON.stringify({ ...whole, ddof: 2 }), /ddof: expected 0 or 1, got 2/],
  ["cut.npy", cut, /expected 48 bytes of data for shape \[3, 2\].*\(byte 128\), got 39/],
  ["magic.npy", "1,2\n3,4\n", /with which \.npy files begin \(byte 0\), got 31 2c/],
  ["flat.npy", npy("<f8", x, [6]), /expected 2 or more dimensions, got 1: \[6\]/],
  ["nan.csv", "1,2\n3,nan\n", /expected finite numbers, got NaN in row 2, column 2/],
  ["infinite.npy", npy("<f8", [1, 2, Infinity, 4], [2, 2]), /expected finite numbers, got ∞ in row 2, column 1/],
  ["empty.csv", "", /expected a number or "\[" \(line 1, column 1\), got the end of the text/],
  ["picture.png", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), /expected text in UTF-8, or \.npy \(byte 0\), got 89\b/],
  ["picture.npy", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), /with which \.npy files begin \(byte 0\), got 89 50/],
  ["excel.xlsx", Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0, 6, 0, 8, 0, 0, 0, 0x21, 0, 0xb5, 0x55]), /expected a whole \.npz file, got one that is cut short or damaged/],
  ["archive.npz", Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0]), /expected a whole \.npz file, got one that is cut short or damaged/],
  ["archive.npy", Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0]), /expected a whole \.npz file, got one that is cut short or damaged/],
  ["dx.pkl", Uint8Array.from([0x80, 4, 0x95, 0, 0]), /got 80 04 95 00 00 \(a Python pickle: save its arrays by np\.savez\("arrays\.npz", dx=dx\)\)/],
  ["dx.mat", new TextEncoder().encode("MATLAB 5.0 MAT-file, Platform"), /\(a MATLAB file: save its arrays by np\.savez/],
  ["utf16.csv", Uint8Array.from([0xff, 0xfe, 0x31, 0, 0x2c, 0, 0x32, 0]), /expected text in UTF-8, or \.npy \(byte 0\), got ff\b/],
  ["utf16-without-mark.csv", Uint8Array.from([0x31, 0, 0x2c, 0, 0x32, 0]), /expected/],
  ["page.csv", "<!doctype html><title>Sign in</title>\n", /expected .*line 1/],
  ["latin1.csv", Uint8Array.from([0x31, 0x2c, 0xe9, 0x0a]), /expected text in UTF-8, or \.npy \(byte 2\), got e9\b/],
  ["long.csv", "1\n2\n".repeat(10_001), /expected N²·D up to 4e\+8 for the check, got 20002×1/],
  ["decimal.csv", "1,5;2,5\n3,5;4,5\n", /\(line 1, column 5\), got a semicolon \(a decimal comma is not read/],
  ["shortened.txt", "[[1. 2. ... 3.]\n [1. 2. ... 3.]]", /expected every number \(line 1, column 9\), got .*print was shortened/],
  ["huge.csv", "1e308,1\n-1e308,2\n", /case: expected numbers that stay finite on the way through/],
  ["zero.npy", npy("<f8", [], [0, 3]), /expected/],
]; // biome-ignore format: a table
