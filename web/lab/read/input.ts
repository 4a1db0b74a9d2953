import { placeIn } from "../../src/faults.ts";
import { quote } from "../../src/given.ts";
import type { ParsedArray } from "../../src/index.ts";
import { fault } from "../../src/reading-sentences.ts";
import type { Locale } from "../words/locale.ts";
import { type NameReader, readArrays, type Unread } from "./arrays.ts";
import type { Named } from "./case.ts";
import { contentOf } from "./files.ts";
import { proposed } from "./proposals.ts";
import { refuseLarge } from "./refusals.ts";

/** An array of the learner's. */
export interface Given {
  name: string;
  /** The id of the array, if the name is known or the array was taken for it. */
  id: string | undefined;
  /** Why it was taken for this array although its name doesn't say so: by shape and order, or by its numbers. */
  proposed: "order" | "numbers" | undefined;
  array: ParsedArray;
  /** Its file, or its position in the text. */
  from: Named | { start: number; body: number; end: number };
}

/** Everything that was entered. The arrays are read from it. */
export interface Entered {
  text: string;
  /** Arrays that came in files, in a link, or from another page. */
  brought: readonly Named[];
}

export const kNothing: Entered = { text: "", brought: [] };

/** A message, in the language that the page has by then. */
export type Sentence = (locale: Locale) => unknown;

export const isBrought = (from: Given["from"]): from is Named => "array" in from;

export const isEmpty = ({ text, brought }: Entered) => text === "" && brought.length === 0;

/** shape: of x. */
export function readInput(
  { text, brought }: Entered,
  names: NameReader,
  shape: readonly [number, number],
): { given: Given[]; unread: readonly Unread[] } {
  const { arrays, unread } = readText(text, names);
  const read: Pick<Given, "name" | "array" | "from">[] = [];
  const unclear: Unread[] = [];
  for (const { name, array, ...from } of arrays) {
    const fitting = withoutDoubt(array, shape);
    if (fitting) read.push({ name, array: fitting, from });
    else unclear.push({ name, error: doubt(text, from.body), at: from.body });
  }
  for (const from of brought) {
    const { name, array } = from;
    const fitting = withoutDoubt(array, shape);
    if (fitting) read.push({ name, array: fitting, from });
    else
      unclear.push({
        name,
        error: fault("decimal-commas", "text", { got: quote(from.file ?? name) }),
        at: 0,
      });
  }
  const proposals = proposed(read, new Set(read.map(({ name }) => names.idOf(name))), shape);
  const given = read.map(({ name, array, from }): Given => {
    const taken = proposals.get(array);
    return {
      name: taken ?? name,
      id: taken ?? names.idOf(name),
      proposed: taken === undefined ? undefined : "order",
      array,
      from,
    };
  });
  return { given, unread: [...unread, ...unclear] };
}

/** Of an array whose commas may be decimal ones, the reading with as many numbers as some array of the case. */
function withoutDoubt(
  array: ParsedArray,
  [rows, columns]: readonly [number, number],
): ParsedArray | undefined {
  const { withDecimalCommas, ...plain } = array;
  if (!withDecimalCommas) return array;
  const fitting = [plain, withDecimalCommas].filter(({ data: { length } }) =>
    [rows * columns, columns].includes(length),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function doubt(text: string, body: number) {
  const [line = ""] = text.slice(body).split("\n", 1);
  return fault("decimal-commas", "text", { got: quote(line) }, placeIn(text, body));
}

/** With a longer text, a browser's text field blocks the page for minutes. */
const kMostText = 8;

/** Throws an error for a text that is too long for the field. */
export const refuseLong = (text: string) => refuseLarge(text.length, kMostText);

function readText(text: string, names: NameReader): ReturnType<typeof readArrays> {
  try {
    refuseLong(text);
  } catch (error) {
    return { arrays: [], unread: [{ name: "", error: error as Error, at: 0 }] };
  }
  return readArrays(text, names);
}

/** The arrays in files, and why other files were refused. */
export async function readFiles(files: Iterable<File>, names: NameReader) {
  const brought: Named[] = [];
  const refused: Sentence[] = [];
  for (const file of files) {
    const refuse = (fault: (locale: Locale) => string) =>
      refused.push((locale) => locale.rest.mine.trouble(file.name, fault(locale)));
    try {
      const { arrays, settings, unread } = await contentOf(file, names);
      brought.push(...arrays);
      if (typeof settings.eps === "number")
        brought.push({
          name: "eps",
          array: { data: Float64Array.of(settings.eps), shape: [] },
          file: file.name,
        });
      const [first] = unread;
      if (first) refuse(({ words }) => words.fault(first.error));
      else if (arrays.length === 0) refuse(({ rest }) => rest.mine.emptyFile);
    } catch (error) {
      refuse(({ words }) => words.fault(error));
    }
  }
  return { brought, refused };
}

export function without({ text, brought }: Entered, { from }: Given): Entered {
  if (isBrought(from)) return { text, brought: brought.filter((one) => one !== from) };
  const after = text.slice(from.end).replace(/^[ \t]*,?[ \t]*\n?/, "");
  return { text: text.slice(0, from.start) + after, brought };
}

export function renamed({ text, brought }: Entered, { from }: Given, name: string): Entered {
  if (isBrought(from))
    return { text, brought: brought.map((one) => (one === from ? { ...one, name } : one)) };
  return { text: `${text.slice(0, from.start)}${name} = ${text.slice(from.body)}`, brought };
}
