import { BacknormRangeError } from "./errors.ts";
import { fault, hexOf } from "./file-sentences.ts";
import { quote } from "./given.ts";
import type { ParsedArray } from "./parse-array.ts";
import { firstBytes, formatOf, parseNpy, viewOf } from "./parse-npy.ts";

/**
 * Parses a .npz file, as np.savez and np.savez_compressed write it: a zip of .npy files, stored or deflated. Resolves to
 * its arrays by their names, in the order of the file; each is read as by parseNpy.
 *
 * Rejects with BacknormRangeError `unreadable-npz` if the file isn't .npz, is cut short or damaged (every array has a
 * checksum), or holds anything but .npy files; with `unreadable-npy`, whose argument is the file inside, if an array can't
 * be read; and with the BacknormTypeErrors of parseNpy.
 *
 * Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function parseNpz(bytes: Uint8Array | ArrayBuffer): Promise<Record<string, ParsedArray>> {
  const view = viewOf(bytes);
  const first = firstBytes(view, 6);
  // a zip without files begins with its end
  if (!/^50 4b (?:03 04|05 06)/.test(hexOf(first)))
    throw fault("not-npz", { first, format: formatOf(view) }, { offset: 0 });

  const members = readDirectory(view);
  const odd = members.find(({ name }) => !name.endsWith(".npy"));
  if (odd) {
    const isTorch = members.some(({ name }) => name.endsWith("data.pkl"));
    throw fault("npz-member", { got: quote(odd.name), format: isTorch ? "PyTorch" : undefined });
  }
  const arrays: [name: string, array: ParsedArray][] = [];
  for (const member of members) {
    const file = await contentOf(view, member);
    if (crc32(file) !== member.crc) throw fault("npz-damaged", {});
    arrays.push([member.name.slice(0, -".npy".length), arrayIn(file, member.name)]);
  }
  return Object.fromEntries(arrays);
}

interface Member {
  name: string;
  method: number;
  crc: number;
  /** Bytes in the zip, and when inflated. */
  packed: number;
  size: number;
  /** The offset of its own header. */
  at: number;
}

/** Signatures, and the lengths of what they begin without names and comments. */
const kEnd = { signature: 0x06054b50, length: 22 };
const kEntry = { signature: 0x02014b50, length: 46 };
const kLocal = { signature: 0x04034b50, length: 30 };
const kLongestComment = 65535;

const begins = (view: DataView, at: number, { signature, length }: typeof kEnd) =>
  at >= 0 && at + length <= view.byteLength && view.getUint32(at, true) === signature;

/** The directory stands at the end of a zip, before a comment. */
function readDirectory(view: DataView): Member[] {
  let end = view.byteLength - kEnd.length;
  const least = end - kLongestComment;
  while (end >= Math.max(0, least) && !begins(view, end, kEnd)) end -= 1;
  if (!begins(view, end, kEnd)) throw fault("npz-damaged", {});
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: view.getUint16(end + 10, true) }, () => {
    if (!begins(view, at, kEntry)) throw fault("npz-damaged", {});
    const [short, long] = [
      (offset: number) => view.getUint16(at + offset, true),
      (offset: number) => view.getUint32(at + offset, true),
    ];
    const length = short(28);
    const name = new TextDecoder().decode(bytesAt(view, at + kEntry.length, length));
    const isEncrypted = (short(8) & 1) === 1;
    const member = {
      name,
      method: isEncrypted ? 99 : short(10),
      crc: long(16),
      packed: long(20),
      size: long(24),
      at: long(42),
    };
    at += kEntry.length + length + short(30) + short(32);
    return member;
  });
}

/** A copy, because a decoder may refuse shared memory. */
function bytesAt(view: DataView, at: number, length: number): Uint8Array<ArrayBuffer> {
  if (at + length > view.byteLength) throw fault("npz-damaged", {});
  return new Uint8Array(view.buffer, view.byteOffset + at, length).slice();
}

async function contentOf(view: DataView, { at, method, packed, size }: Member): Promise<Uint8Array> {
  if (!begins(view, at, kLocal)) throw fault("npz-damaged", {});
  const start = at + kLocal.length + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  const bytes = bytesAt(view, start, packed);
  if (method !== 0 && method !== 8) throw fault("npz-method", { method });
  const file = method === 0 ? bytes : await inflated(bytes, size);
  if (file?.length !== size) throw fault("npz-damaged", {});
  return file;
}

/** undefined if there are more bytes than expected, or none can be made. */
async function inflated(bytes: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array | undefined> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      length += read.value.length;
      if (length > size) {
        await reader.cancel();
        return undefined;
      }
      parts.push(read.value);
    }
  } catch {
    return undefined; // not deflated
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Parses a file in the zip. Its name becomes the argument of an error. */
function arrayIn(file: Uint8Array, name: string): ParsedArray {
  try {
    return parseNpy(file);
  } catch (error) {
    if (!(error instanceof BacknormRangeError)) throw error;
    const { code, reason, expected, got, at, params } = error;
    throw new BacknormRangeError({ code, reason, argument: name, expected, got, at, params });
  }
}

/** CRC-32 of ISO 3309, as in zip. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
