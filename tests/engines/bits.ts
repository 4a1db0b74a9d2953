/** Results, bit by bit: a digest of each for telling whether two engines differ, and lines for telling where. */

export type Leaf = Float32Array | Float64Array | number | string;

/** Every number, text and array of numbers in a result, and where it stands; objects and lists by what they hold. */
export function visit(value: unknown, see: (place: string, leaf: Leaf) => void, place = "") {
  if (value instanceof Float32Array || value instanceof Float64Array) {
    see(place, `${value.constructor.name} ${value.length}`);
    see(place, value);
  } else if (Array.isArray(value)) {
    see(place, `Array ${value.length}`);
    for (const [at, one] of value.entries()) visit(one, see, `${place}[${at}]`);
  } else if (typeof value === "object" && value !== null) {
    see(place, `{${Object.keys(value)}}`);
    for (const [name, one] of Object.entries(value)) visit(one, see, `${place}.${name}`);
  } else {
    see(place, typeof value === "number" ? value : `${JSON.stringify(value)}`);
  }
}

/** A number in the fewest digits that say every bit of it. */
const spelt = (value: number) => (Object.is(value, -0) ? "-0" : String(value));

/** The bytes of numbers. What a NaN carries is nobody's promise: all are one. */
function bytesOf(values: Float32Array | Float64Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.slice().buffer as ArrayBuffer);
  const size = values.BYTES_PER_ELEMENT;
  for (let at = 0; at < values.length; at++)
    if (Number.isNaN(values[at])) bytes.fill(0xff, at * size, (at + 1) * size);
  return bytes;
}

/** SHA-256 of a result, and how many numbers are in it. */
export async function digestOf(result: unknown): Promise<{ digest: string; numbers: number }> {
  const texts: string[] = [];
  const arrays: Uint8Array<ArrayBuffer>[] = [];
  let numbers = 0;
  visit(result, (_, leaf) => {
    if (typeof leaf === "object") arrays.push(bytesOf(leaf));
    else texts.push(typeof leaf === "number" ? spelt(leaf) : leaf);
    numbers += typeof leaf === "object" ? leaf.length : typeof leaf === "number" ? 1 : 0;
  });
  const hash = await crypto.subtle.digest(
    "SHA-256",
    await new Blob([texts.join("\n"), ...arrays]).arrayBuffer(),
  );
  const digest = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { digest, numbers };
}

/** One thing that is not the same in two results. */
export interface Difference {
  place: string;
  got: number | string;
  want: number | string;
}

/** A line a number or text: JSON, by which a page would send the result itself, has neither NaN nor -0. */
export function linesOf(result: unknown): string[] {
  const lines: string[] = [];
  const line = (place: string, value: number | string) =>
    lines.push(`${place}\t${typeof value === "number" ? spelt(value) : JSON.stringify(value)}`);
  visit(result, (place, leaf) => {
    if (typeof leaf !== "object") line(place, leaf);
    else for (const [at, value] of leaf.entries()) line(`${place}[${at}]`, value);
  });
  return lines;
}

const split = (line = "nothing\tnothing"): [string, number | string] => {
  const [place = "", text = ""] = line.split("\t");
  return [place, /^["u]|nothing/.test(text) ? text : Number(text)];
};

export function differences(got: readonly string[], want: readonly string[]): Difference[] {
  return Array.from({ length: Math.max(got.length, want.length) }, (_, at) => at)
    .filter((at) => got[at] !== want[at])
    .map((at) => {
      const [[place, mine], [, theirs]] = [split(got[at]), split(want[at])];
      return { place, got: mine, want: theirs };
    });
}
