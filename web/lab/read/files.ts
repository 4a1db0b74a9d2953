import { objectOf } from "../../src/arguments.ts";
import { placeIn } from "../../src/faults.ts";
import type { ParsedArray } from "../../src/index.ts";
import { parseArray } from "../../src/parse-array.ts";
import { formatOf, parseNpy } from "../../src/parse-npy.ts";
import { parseNpz } from "../../src/parse-npz.ts";
import { PageError } from "../words/page-error.ts";
import { type NameReader, readArrays, type Unread } from "./arrays.ts";
import { isInput, kMostValues, type Named, type Settings, setOnce, settingOf } from "./case.ts";
import { arraysInLink, kMostArrays } from "./link-arrays.ts";
import { refuseLarge } from "./refusals.ts";

/** The arrays in a file or a text, and what in it is none. */
export interface Content {
  arrays: Named[];
  /** Those that are said to be the learner's own, whatever their names are. */
  mine: Named[];
  settings: Settings;
  unread: readonly Unread[];
  /** The keys of an object whose values are no arrays. */
  others: readonly string[];
}

const isNpy = (bytes: Uint8Array) => bytes[0] === 0x93 && bytes[1] === 0x4e && bytes[2] === 0x55; // \x93NU, as of \x93NUMPY

const arraysOnly = (arrays: Named[], unread: readonly Unread[] = []): Content => ({
  arrays,
  mine: [],
  settings: {},
  unread,
  others: [],
});

/**
 * The arrays in a file: .npy, .npz, JSON, CSV, or output of NumPy, PyTorch and others. The content decides the format, not
 * the name. An array without a name has that of the file. Throws an error that gives the line or byte and what was expected.
 */
export async function contentOf(file: File, names: NameReader): Promise<Content> {
  refuseLarge(file.size);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const format = formatOf(new DataView(bytes.buffer));
  const isNamed = (ending: string) => file.name.toLowerCase().endsWith(ending);
  const stem = file.name.replace(/\.[^.]*$/, "");
  const content =
    format === "zip" || isNamed(".npz")
      ? arraysOnly(Object.entries(await parseNpz(bytes)).map(([name, array]) => ({ name, array })))
      : isNpy(bytes) || format || isNamed(".npy")
        ? arraysOnly([{ name: stem, array: parseNpy(bytes) }]) // which says of other formats what to save instead
        : await inText(textOf(bytes), names);
  const { arrays } = content;
  const nameOf = (name: string) => name || (arrays.length === 1 ? stem : "");
  return {
    ...content,
    arrays: arrays.map(({ name, array }) => ({ name: nameOf(name), array, file: file.name })),
  };
}

/** The arrays in a text. Throws an error if it has none. */
export async function inText(text: string, names: NameReader): Promise<Content> {
  if (/^\s*\{(?!\s*')/.test(text)) return inObject(await readJson(text), names); // Python prints a dict with single quotes
  const plain = text.replace(/\r\n?/g, "\n");
  const { arrays, unread } = readArrays(plain, names);
  if (arrays.length > 1 || arrays.some(({ name }) => names.idOf(name) !== undefined))
    return arraysOnly(arrays, unread);
  return arraysOnly([{ name: "", array: parseArray(text) }]);
}

/** The arrays in an object: in nested lists, printed, or parsed. Those in its `mine` have names of their own. */
export function inObject(object: Record<string, unknown>, names: NameReader): Content {
  const content: Content & { others: string[] } = {
    arrays: [],
    mine: [],
    settings: {},
    unread: [],
    others: [],
  };
  const { shape } = object;
  const entries = Object.entries(object);
  if (entries.length > kMostArrays) throw new PageError("too-many-arrays", { most: kMostArrays });
  for (const [name, value] of entries) {
    const known = settingOf(name);
    const setting = known === "norm" && typeof value !== "string" ? undefined : known; // which is x̂ in llm.c
    if (value === undefined || value === null || name === "shape") continue;
    if (name === "layout") {
      if (value === "channels-last") content.settings.axis = -1;
      continue;
    }
    if (setting === "unitOffset")
      content.settings.unitOffset = Boolean(value); // 1, as .npz has it
    else if (setting) setOnce(content.settings, setting, name, value);
    else if (name === "mine" && typeof value === "string") content.mine.push(...arraysInLink(value));
    else if (name === "mine")
      content.mine.push(...inObject(objectOf(name, value) as Record<string, unknown>, names).arrays);
    else {
      const id = names.idOf(name);
      try {
        content.arrays.push({ name, array: arrayIn(name, value, shape, isInput(id)) });
      } catch (error) {
        if (id !== undefined) throw error;
        content.others.push(name); // a title, a date
      }
    }
  }
  return content;
}

const isParsed = (value: unknown): value is ParsedArray =>
  ArrayBuffer.isView((value as ParsedArray | undefined)?.data);

/** A value as an array: a typed one, one with its shape, nested lists, or a print. Throws an error that names it. */
export function arrayOf(argument: string, value: unknown): ParsedArray {
  const array = readOf(argument, value);
  const { data, shape } = array;
  if (data.length > kMostValues)
    throw new PageError("too-many-numbers", { most: kMostValues, shape }, { argument });
  return array;
}

function readOf(argument: string, value: unknown): ParsedArray {
  if (isParsed(value)) {
    const { data, shape = [data.length] } = value;
    const fits = Array.isArray(shape) && shape.every((one) => Number.isInteger(one) && one > 0);
    if (!fits || shape.reduce((all, one) => all * one, 1) !== data.length)
      throw new PageError("not-numbers", { missing: false }, { argument });
    return { ...value, shape };
  }
  if (value instanceof Float64Array || value instanceof Float32Array)
    return { data: value, shape: [value.length] };
  try {
    return parseArray(typeof value === "string" ? value : JSON.stringify(value));
  } catch (cause) {
    throw new PageError("not-numbers", { missing: false }, { argument, cause });
  }
}

/** Inputs in lists have all their digits, and x and dy may be flat beside the shape of the case. */
function arrayIn(name: string, value: unknown, shape: unknown, isInput: boolean): ParsedArray {
  const array = arrayOf(name, value);
  const { resolution, ...exact } = array;
  if (!isInput || typeof value === "string") return array;
  const fits =
    array.shape.length === 1 &&
    Array.isArray(shape) &&
    shape.reduce((all, one) => all * one, 1) === array.data.length;
  return fits ? { ...exact, shape } : exact;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const [readable] = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\uFFFD", 1);
    const offset = new TextEncoder().encode(readable).length;
    const byte = (bytes[offset] as number).toString(16).padStart(2, "0");
    throw new PageError("not-text", { byte }, { at: { offset }, cause });
  }
}

/** The JSON in a text. Throws an error that says where the text is not JSON. */
async function readJson(text: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // not every browser says where the error is, so a parser that does is fetched
    const { parse, printParseErrorCode } = await import("jsonc-parser");
    const errors: import("jsonc-parser").ParseError[] = [];
    parse(text, errors, { disallowComments: true });
    const [{ error, offset } = { error: 0, offset: text.length }] = errors;
    const params = { code: printParseErrorCode(error), got: text.charAt(offset) };
    throw new PageError("not-json", params, { at: placeIn(text, offset), cause });
  }
}
