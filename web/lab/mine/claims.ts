import { dialectNames, quantityIds } from "../../src/dialects.ts";
import type { Graph } from "../../src/index.ts";
import { type ParsedArray, parsePart } from "../../src/parse-array.ts";
import type { Fault } from "../base/fault.ts";

/** An array in a text, with its position. */
export interface ReadArray {
  /** Its name in the text; "" if it has none. */
  name: string;
  array: ParsedArray;
  /** Offsets in the text of its name, of its first number or bracket, and of its end. */
  start: number;
  body: number;
  end: number;
}

/** A part of a text that is not an array, and the offset where reading it failed. */
export interface Unread {
  name: string;
  error: Error;
  at: number;
}

/** Every known name, with its array. */
export function readerOfNames(graph: Graph) {
  const ids = quantityIds(graph);
  const names = dialectNames(ids);
  const plain = (name: string) => ids[names.get(name) ?? names.get(name.toLowerCase()) ?? -1];
  return {
    ids,
    /** `dmu`, `self.dx`, `bn.weight.grad`: the array's id, if the name is known. */
    idOf(name: string): string | undefined {
      const parts = name.split(".");
      const isGrad = parts.length > 1 && parts.at(-1) === "grad" && parts.pop() !== undefined;
      const id = plain(name) ?? plain(parts.at(-1) as string);
      return isGrad && id !== undefined ? ids.find((one) => one === `d${id}`) : id;
    },
  };
}

export type NameReader = ReturnType<typeof readerOfNames>;

const word = String.raw`[\p{L}_][\p{L}\p{N}_.]*(?:->\p{L}+)?`;
const call = String.raw`(?:\w+\.)*(?:array|asarray|Array|tensor|Tensor)\(`;
/** `dx =`, `dx:`, `"dx":`; and the output of print("dx", dx): `dx [`. */
const label = String.raw`(?:["'](?<quoted>${word})["'][ \t]*:|(?<named>${word})[ \t]*(?:=(?!=)|:(?!:))|(?<bare>${word})\s+(?=\[|${call}))`;
const prompt = String.raw`(?:>>>|In ?\[\d+\]:)`;

const sticky = (pattern: string) => new RegExp(pattern, "uy");
const patterns = {
  nothing: sticky(String.raw`[\s{},;\uFEFF]+|#.*`),
  /** Prefixes of arrays in notebooks and in PyTorch. */
  heading: sticky(String.raw`Out\[\d+\]:|Parameter containing:`),
  /** A line of input: the array's name, if the line contains nothing else. */
  typed: sticky(String.raw`${prompt}[ \t]*(?:(?:print\()?(?<shown>${word})\)?[ \t]*(?=\n|$)|.*)`),
  label: sticky(label),
  nested: sticky(String.raw`(?:[+-]?[\d.]+(?:e[+-]?\d+)?[ \t]*\*\s*)?(?:\[|${call})`),
};
/** Where rows without brackets end: before a line that starts something else or, in JSON, before such a comma. */
const afterTable = new RegExp(
  String.raw`\n(?=[ \t]*(?:${label.replace(/\?<\w+>/g, "?:")}|${prompt}|Out\[|\[|${call}))|\}|,(?=\s*["']${word}["']\s*:)`,
  "gu",
);

/**
 * Every array in a text: `dx = array([[…]])` and similar, JSON objects, printed dicts, terminal and notebook output,
 * arrays without a name. A part that can't be read does not affect the others.
 */
export function readArrays(
  text: string,
  { idOf }: Pick<NameReader, "idOf">,
): { arrays: ReadArray[]; unread: Unread[] } {
  const arrays: ReadArray[] = [];
  const unread: Unread[] = [];
  let at = 0;
  let named: { name: string; start: number } | undefined;
  const accept = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  while (at < text.length) {
    const start = at;
    if (accept(patterns.nothing) || accept(patterns.heading)) continue;
    const { shown } = accept(patterns.typed)?.groups ?? {};
    if (at > start) {
      named = shown === undefined ? undefined : { name: shown, start: at };
      continue;
    }
    const { quoted, named: given, bare } = accept(patterns.label)?.groups ?? {};
    if (at > start) {
      named = { name: quoted ?? given ?? (bare as string), start };
      continue;
    }
    const isNested = accept(patterns.nested) !== null;
    const end = isNested ? endOfNested(text, at, idOf) : endOfTable(text, start);
    const name = named?.name ?? "";
    try {
      const array = parsePart(text, start, end);
      arrays.push({ name, array, start: named?.start ?? start, body: start, end });
    } catch (error) {
      unread.push({ name, error: error as Error, at: (error as Fault).at?.offset ?? start });
    }
    named = undefined;
    at = end;
  }
  return { arrays: withSharedDigits(arrays), unread };
}

const isWhole = ({ data }: ParsedArray) => data.every(Number.isInteger);

/** Whole numbers beside printed decimals were printed in the same way: 2 may have been 2.0003. */
function withSharedDigits(arrays: ReadArray[]): ReadArray[] {
  const others = arrays.flatMap(({ array }) => (isWhole(array) ? [] : [array.resolution ?? []]));
  const coarsest = others.flatMap((halves) => [...new Set(halves)]).reduce((a, b) => Math.max(a, b), 0);
  if (coarsest === 0) return arrays;
  return arrays.map(({ array, ...at }) => {
    const { resolution } = array;
    const isTyped = !resolution || resolution.every((half) => half < 0.5);
    if (!isWhole(array) || !isTyped) return { array, ...at };
    return { array: { ...array, resolution: new Float64Array(array.data.length).fill(coarsest) }, ...at };
  });
}

/** The offset after the bracket that closes the first one. If none does, the offset before a line with a known name. */
function endOfNested(text: string, opened: number, idOf: NameReader["idOf"]): number {
  const mark = /[[\](){}#\n]/g;
  mark.lastIndex = opened;
  for (let depth = 1; depth > 0; ) {
    const found = mark.exec(text);
    if (!found) return text.length;
    const [sign] = found;
    if (sign === "[" || sign === "(") depth += 1;
    else if (sign === "]" || sign === ")") depth -= 1;
    else if (sign === "{" || sign === "}") return found.index;
    else if (sign === "#") mark.lastIndex = (text.indexOf("\n", found.index) + 1 || text.length + 1) - 1;
    else if (isLabelled(text, mark.lastIndex, idOf)) return found.index;
  }
  return mark.lastIndex;
}

function isLabelled(text: string, from: number, idOf: NameReader["idOf"]): boolean {
  patterns.label.lastIndex =
    from + (/^[ \t]*/.exec(text.slice(from, from + 80)) as RegExpExecArray)[0].length;
  const { quoted, named, bare } = patterns.label.exec(text)?.groups ?? {};
  return idOf(quoted ?? named ?? bare ?? "") !== undefined;
}

function endOfTable(text: string, start: number): number {
  afterTable.lastIndex = start;
  return afterTable.exec(text)?.index ?? text.length;
}
