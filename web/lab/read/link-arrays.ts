import type { ParsedArray } from "../../src/index.ts";
import { parseArray } from "../../src/parse-array.ts";
import { type Precision, precisions } from "../../src/precision.ts";
import { PageError } from "../words/page-error.ts";
import type { Named } from "./case.ts";

/** More arrays than any program has. */
export const kMostArrays = 500;

const pattern = /^(?<name>[^/~:]*)(?:(?<kind>[/~])(?<type>\w+)(?:\/(?<shape>[\d,]+))?)?:(?<rows>.*)$/s;

/** The arrays in a link's part `mine`, as web/src/link.ts writes them. Throws an error about the first that can't be read. */
export function arraysInLink(text: string): Named[] {
  const argument = { link: "mine" };
  const parts = text === "" ? [] : text.split("|", kMostArrays + 1);
  if (parts.length > kMostArrays) throw new PageError("too-many-arrays", { most: kMostArrays }, { argument });
  return parts.map((part) => {
    const found = pattern.exec(part)?.groups;
    const { name = "", kind = "~", type = "float64", shape = "", rows = "" } = found ?? {};
    try {
      if (!found || !isPrecision(type)) throw undefined;
      return { name, array: arrayIn(rows, type, kind === "/", shape) };
    } catch {
      throw new PageError("not-arrays", { got: part }, { argument });
    }
  });
}

const isPrecision = (type: string): type is Precision => (precisions as readonly string[]).includes(type);

function arrayIn(rows: string, type: Precision, isExact: boolean, said: string): ParsedArray {
  const read = parseArray(`[[${rows.replaceAll(";", "],[")}]]`);
  const data = type === "float32" ? Float32Array.from(read.data) : Float64Array.from(read.data);
  const dims = said ? said.split(",").map(Number) : rows.includes(";") ? read.shape : [data.length];
  if (dims.reduce((all, one) => all * one, 1) !== data.length) throw undefined;
  return {
    data,
    shape: dims,
    ...(!isExact && read.resolution && { resolution: read.resolution }),
    ...((type === "float16" || type === "bfloat16") && { dtype: type }),
  };
}

/** The most that a compressed part may hold. A link of 16 KB holds three times as much; what grows a thousandfold is none. */
const kMostUnpacked = 256 * 1024;

/** As the part `minez` of a link: zlib's format, in base64 for URLs. */
export async function packed(text: string): Promise<string> {
  const bytes = new Uint8Array(
    await new Response(through(text, new CompressionStream("deflate"))).arrayBuffer(),
  );
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Reads the part `minez`. Throws an error if it is damaged or holds too much. */
export async function unpacked(text: string): Promise<string> {
  const argument = { link: "minez" };
  let whole = "";
  try {
    const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const reader = through(bytes, new DecompressionStream("deflate")).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      whole += decoder.decode(value, { stream: !done });
      if (whole.length > kMostUnpacked) {
        reader.cancel();
        break;
      }
      if (done) return whole;
    }
  } catch {
    throw new PageError("not-arrays", { got: text }, { argument });
  }
  throw new PageError("link-too-long", { most: kMostUnpacked, got: whole.length }, { argument });
}

const through = (
  content: BlobPart,
  stream: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> =>
  new Blob([content]).stream().pipeThrough(stream as ReadableWritablePair<Uint8Array, BufferSource>);
