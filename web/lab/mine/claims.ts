import { dialectNames, quantityIds } from "../../src/dialects.ts";
import type { Graph } from "../../src/index.ts";
import { type ParsedArray, parsePart } from "../../src/parse-array.ts";
import type { Fault } from "../base/fault.ts";

/** An array that was found in a text, and where. */
export interface ReadArray {
  /** As it was called there; "" if it was not. */
  name: string;
  array: ParsedArray;
  /** Of its name, of its first number or bracket, and of what follows it, as offsets in the text. */
  start: number;
  body: number;
  end: number;
}

/** A part of a text that is no array, and where it stops being one, as an offset in the text. */
export interface Unread {
  name: string;
  error: Error;
  at: number;
}

/** Every name that arrays go by, with the array that it means. */
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
/** `dx =`, `dx:`, `"dx":`; and what print("dx", dx) leaves: `dx [`. */
const label = String.raw`(?:["'](?<quoted>${word})["'][ \t]*:|(?<named>${word})[ \t]*(?:=(?!=)|:(?!:))|(?<bare>${word})\s+(?=\[|${call}))`;
const prompt = String.raw`(?:>>>|In ?\[\d+\]:)`;

const sticky = (pattern: string) => new RegExp(pattern, "uy");
const patterns = {
  nothing: sticky(String.raw`[\s{},;\uFEFF]+|#.*`),
  /** What notebooks and PyTorch put in front of an array. */
  heading: sticky(String.raw`Out\[\d+\]:|Parameter containing:`),
  /** A line that was typed: the array's name, if that was all of it. */
  typed: sticky(String.raw`${prompt}[ \t]*(?:(?:print\()?(?<shown>${word})\)?[ \t]*(?=\n|$)|.*)`),
  label: sticky(label),
  nested: sticky(String.raw`(?:[+-]?[\d.]+(?:e[+-]?\d+)?[ \t]*\*\s*)?(?:\[|${call})`),
};
/** Where rows without brackets end: before a line or, in JSON, a comma that begins something else. */
const afterTable = new RegExp(
  String.raw`\n(?=[ \t]*(?:${label.replace(/\?<\w+>/g, "?:")}|${prompt}|Out\[|\[|${call}))|\}|,(?=\s*["']${word}["']\s*:)`,
  "gu",
);

/**
 * Every array in a text: `dx = array([[…]])` and the like one after another, JSON objects and printed dicts, what a
 * terminal or a notebook shows, arrays without a name. What can't be read stands in the way of nothing else.
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
  return { arrays, unread };
}

/** Behind the bracket that closes the first one; before a line that begins with a known name, where none does. */
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
