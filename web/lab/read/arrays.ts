import { dialectNames, quantityIds } from "../../src/dialects.ts";
import { placesIn } from "../../src/faults.ts";
import { callees, closing, factor, marks, opening } from "../../src/forms.ts";
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
const call = String.raw`${callees}\(`;
/** A bracket that isn't one of R's marks. */
const bracket = String.raw`(?!${Object.values(marks).join("|")})\[`;
const nested = `(?:${bracket}|${call})`;
/** `dx =`, `dx:`, `"dx":`; `('dx', array(` in an OrderedDict; R's `$dx`; and the output of print("dx", dx): `dx [`. */
const label = [
  String.raw`["'](?<quoted>${word})["'][ \t]*(?::|,(?=\s*${call}))`,
  String.raw`(?<named>${word})[ \t]*(?:=(?!=)|:(?!:))`,
  String.raw`\$(?<listed>${word})[ \t]*(?=\n)`,
  String.raw`(?<bare>${word})\s+(?=${nested})`,
].join("|");
const prompt = String.raw`(?:(?:julia|octave:\d+)?>{1,3}|In ?\[\d+\]:)`;

/** The empty cell above the index of a CSV table, with the names of the columns after it. */
const corner = String.raw`(?<![^\n])[,;](?!\s*["']${word}["']\s*:)["'\p{L}\p{N}_][^\n\[\](){}:]*(?:\n|$)`;

const sticky = (pattern: string) => new RegExp(pattern, "uy");
const patterns = {
  /** What is printed around several arrays: a dict, an object with named fields, R's numbers in a list. */
  heading: sticky(
    String.raw`Out\[\d+\]:|Parameter containing:|OrderedDict\(\[?|(?!${call})[\w.]+\((?=\w+=)|\[\[\d+\]\](?=\n[ \t]*\[,?1\])`,
  ),
  opening: sticky(opening),
  /** Also the brackets of a tuple, a list or a dict of arrays. */
  nothing: sticky(String.raw`(?:(?!\(\d+\)\s*\[|${corner})[\s(){}\],;\uFEFF])+|#.*`),
  /** A line of input: the array's name, if the line contains nothing else. */
  typed: sticky(String.raw`${prompt}[ \t]*(?:(?:print\()?(?<shown>${word})\)?[ \t]*(?=\n|$)|.*)`),
  label: sticky(label),
  nested: sticky(String.raw`\s*(?:${factor}\s*)?${nested}`),
  listOfArrays: sticky(String.raw`\[(?=\s*(?:${call}|<))`),
  closing: sticky(closing),
};
const unnamed = (pattern: string) => pattern.replace(/\?<\w+>/g, "?:");
/** Where rows without brackets end: before a line that starts something else or, in JSON, before such a comma. */
const afterTable = String.raw`\n(?=[ \t]*(?:${unnamed(label)}|${prompt}|${opening}|\[,?1\]\s|\[\[|${nested}))|\}|,(?=\s*["']${word}["']\s*:)`;
const afterNamed = new RegExp(afterTable, "gu");
/** Rows without a name end before an empty line, too. */
const afterUnnamed = new RegExp(String.raw`${afterTable}|\n(?=[ \t]*\n)`, "gu");

/**
 * Every array in a text: `dx = array([[…]])` and similar, JSON objects, printed dicts, tuples and lists of arrays, terminal
 * and notebook output, arrays without a name. A part that can't be read does not affect the others.
 */
export function readArrays(
  text: string,
  { idOf }: Pick<NameReader, "idOf">,
): { arrays: ReadArray[]; unread: Unread[] } {
  const arrays: ReadArray[] = [];
  const unread: Unread[] = [];
  const placeOf = placesIn(text);
  let at = 0;
  let named: { name: string; start: number } | undefined;
  /** The end of the list whose members are read one by one. */
  let listEnd = 0;
  const accept = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  while (at < text.length) {
    const start = at;
    if (accept(patterns.heading)) continue;
    if (!accept(patterns.opening)) {
      const [skipped] = accept(patterns.nothing) ?? [];
      if (skipped !== undefined) {
        if (/[({]/.test(skipped) && named && idOf(named.name) === undefined) named = undefined; // of all in the brackets
        continue;
      }
      const { shown } = accept(patterns.typed)?.groups ?? {};
      if (at > start) {
        named = shown === undefined ? undefined : { name: shown, start: at };
        continue;
      }
      const names = accept(patterns.label)?.groups;
      if (names) {
        named = { name: nameIn(names), start };
        continue;
      }
    }
    const isNested = accept(patterns.nested) !== null;
    at = isNested ? endOfNested(text, at, idOf) : endOfTable(text, at, named !== undefined);
    if (at <= start) at = start + 1; // whatever it is, something is read
    accept(patterns.closing);
    const name = named?.name ?? "";
    try {
      const array = parsePart(text, start, at, placeOf);
      arrays.push({ name, array, start: named?.start ?? start, body: start, end: at });
    } catch (error) {
      const end = at;
      at = start;
      if (start >= listEnd && accept(patterns.listOfArrays)) {
        listEnd = end;
      } else {
        at = end;
        unread.push({ name, error: error as Error, at: (error as Fault).at?.offset ?? start });
      }
    }
    named = undefined;
  }
  return { arrays: withSharedDigits(arrays), unread };
}

const nameIn = ({ quoted, named, listed, bare }: Record<string, string | undefined>) =>
  quoted ?? named ?? listed ?? bare ?? "";

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
  return idOf(nameIn(patterns.label.exec(text)?.groups ?? {})) !== undefined;
}

function endOfTable(text: string, start: number, isNamed: boolean): number {
  const after = isNamed ? afterNamed : afterUnnamed;
  after.lastIndex = start + (/^\s*/.exec(text.slice(start)) as RegExpExecArray)[0].length;
  return after.exec(text)?.index ?? text.length;
}
