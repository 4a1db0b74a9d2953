import { given, quote } from "./given.ts";
import { type Precision, precisionOf } from "./precision.ts";
import { PrintedDigits } from "./printed-digits.ts";
import { fault, type Level, type Mark, type Separator, type Thing } from "./reading-sentences.ts";
import { Tokens } from "./tokens.ts";

/** A parsed array: its values in row-major order, and the length of each dimension, outermost first. */
export interface ParsedArray {
  data: Float64Array | Float32Array;
  shape: number[];
  /**
   * Half a unit of each value's last printed digit. All values have been printed with so many decimals, or with so many
   * significant digits, the most of any value; this is the larger of both. Whole numbers of one or two digits count as
   * printed with three decimals. Absent if the text has all digits.
   */
  resolution?: Float64Array;
  /** If the text names one of them. */
  dtype?: "float16" | "bfloat16";
}

/**
 * Parses an array as NumPy, PyTorch, JSON and CSV print it:
 *
 * - Brackets, rank 0 to 5: `array([[1., 2.], [3., 4.]], dtype=float32)`, `tensor([1., 2.], grad_fn=<…>)`,
 *   `[[1. 2.]\n [3. 4.]]`, `[[1,2],[3,4]]`, after an optional `dx =`, `dx`, `Out[3]:` or `Parameter containing:`.
 * - Rows separated by commas, semicolons, tabs or spaces, after an optional line of names: always rank 2.
 * - A single number: shape [].
 *
 * `#` starts a comment. A line such as `1.0e+03 *` at the start multiplies every value. An array uses one separator, so
 * a decimal comma together with another separator is refused; `1,5` alone is a row of two values.
 *
 * data is a Float32Array if every dtype in the text is float32; a PyTorch print without a dtype counts as float32.
 * Otherwise, and if the text names no dtype, it is a Float64Array. data.length is the product of shape, at least 1.
 *
 * Throws BacknormRangeError `unreadable-array`, whose `at` has offset, line and column, for any other text: ragged,
 * shortened with `...`, empty, without numbers. Throws BacknormTypeError `not-a-string`.
 */
export function parseArray(text: string): ParsedArray {
  if (typeof text !== "string") throw fault("not-a-string", "text", { got: given(text) });
  return parsePart(text, 0, text.length);
}

/** Parses the array in a part of a text. Errors have their position in the whole text. */
export function parsePart(text: string, start: number, end: number): ParsedArray {
  const tokens = new Tokens(text, start, end);
  while (tokens.accept(label)) {}
  const scale = Number(tokens.accept(commonFactor)?.[1] ?? 1);
  const { values, shape, dtype, resolution } =
    tokens.kind === "[" || isCall(tokens) ? readNested(tokens) : readTable(tokens);
  const data = dtype === "float32" ? new Float32Array(values) : new Float64Array(values);
  return {
    data: scale === 1 ? data : data.map((value) => value * scale),
    shape,
    ...(resolution && { resolution: resolution.map((half) => half * Math.abs(scale)) }),
    ...((dtype === "float16" || dtype === "bfloat16") && { dtype }),
  };
}

const label = /Out\[\d+\]:|Parameter containing:|[\p{L}_][\p{L}\p{N}_.]*(?:[ \t]*[=:]|(?=\s+\[))/uy;
const commonFactor = /([+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?)[ \t]*\*/iy;
const callee = /^(?:(?:np|numpy|jnp|torch|tf)\.)?(?:array|asarray|Array|tensor|Tensor|float(?:16|32|64))$/;

const maxRank = 5;
/** From the inside out. */
const levels: readonly Level[] = ["value", "row", "table", "block", "group"];

const isCall = (tokens: Tokens) =>
  tokens.kind === "word" && tokens.text[tokens.end] === "(" && callee.test(tokens.word);

/** Parses lists in brackets, separated by commas or spaces, and the calls around them, from the current token on. */
function readNested(tokens: Tokens): Nest {
  const nest = new Nest(tokens);
  const calls: { name: string; depth: number }[] = [];
  let previous: "open" | "value" | "," = "open";
  do {
    const { kind } = tokens;
    if (kind === "word" || kind === "[") {
      if (previous !== "open") nest.separate(previous === "," ? "," : " ");
      previous = "open";
      if (kind === "[") nest.open();
      else if (isCall(tokens)) {
        calls.push({ name: tokens.word, depth: nest.depth });
        tokens.next(); // the parenthesis
      } else {
        nest.push(readNumber(tokens), tokens.word);
        previous = "value";
      }
    } else if (kind === "]" && previous !== "open") {
      nest.close();
      previous = "value";
    } else if (kind === "," && previous === "value") {
      previous = ",";
    } else if (kind !== "\n" && kind !== "\t") {
      throw tokens.unexpected("number", '"["', ...(previous === "open" ? [] : ['"]"' as const]));
    }
    tokens.next();
    while (previous === "value" && calls.at(-1)?.depth === nest.depth) {
      nest.type(readOptions(tokens, calls.pop()?.name ?? ""));
    }
  } while (nest.depth > 0 || calls.length > 0);

  tokens.skipLineEnds();
  if (tokens.kind !== "end") throw tokens.unexpected("nothing");
  return nest;
}

/** Skips what follows the value in a call, `, dtype=float32)`. Returns the dtype of the call. */
function readOptions(tokens: Tokens, name: string): Precision | "another" | undefined {
  let type: Precision | "another" | undefined = /tensor$/i.test(name) ? "float32" : dtypeIn(name);
  tokens.skipLineEnds();
  if (![",", ")"].includes(tokens.kind)) throw tokens.unexpected('","', '")"');
  let afterComma = false;
  for (let open = 1; open > 0; tokens.next()) {
    const { kind, word } = tokens;
    if (kind === "\n" || kind === "\t") continue;
    const keyword = kind === "word" && isName(word);
    if (afterComma && !keyword && kind !== ")") throw tokens.unexpected("keyword");
    afterComma = kind === "," && open === 1;
    if (kind === "end") throw tokens.unexpected('")"');
    if (kind === "(") open += 1;
    if (kind === ")") open -= 1;
    if (kind === "word") type = dtypeIn(word) ?? type;
  }
  return type;
}

const otherDtype = /^(?:\w+\.)?(?:u?int|long|short|bool)\d*$|^[<>=]?[iu]\d$/;
const dtypeIn = (word: string) => precisionOf(word) ?? (otherDtype.test(word) ? "another" : undefined);

/** Parses rows without brackets, and the names above them, from the current token on. */
function readTable(tokens: Tokens): Nest {
  const nest = new Nest(tokens);
  const [at, got] = [tokens.start, tokens.shown];
  const nothing = () => tokens.error("unexpected-in-text", { wanted: ["number", '"["'], got }, at);
  const names = tokens.kind === "word" && isName(tokens.word) ? readHeader(tokens) : undefined;
  if (names) nest.shape[1] = names.length;

  let previous: "open" | "value" | Exclude<Separator, " "> = "open";
  nest.open();
  for (let ended = false; !ended; tokens.next()) {
    const { kind } = tokens;
    ended = kind === "end";
    if (kind === "word") {
      if (previous === "open") nest.open();
      else nest.separate(previous === "value" ? " " : previous);
      nest.push(readNumber(tokens), tokens.word);
      previous = "value";
    } else if (kind === "\t") {
      if (previous === "\t") throw tokens.unexpected("number");
      if (previous === "value") previous = "\t";
    } else if ((kind === "," || kind === ";") && (previous === "value" || previous === "\t")) {
      previous = kind;
    } else if ((kind === "\n" || ended) && previous !== "," && previous !== ";") {
      if (previous !== "open") nest.close(names !== undefined);
      previous = "open";
    } else {
      throw nest.values.length === 0 ? nothing() : tokens.unexpected("number");
    }
  }
  if (nest.values.length === 0) throw nothing();
  nest.close();
  if (nest.values.length === 1 && !names) nest.shape.length = 0;
  return nest;
}

const isName = (word: string) => /^[\p{L}_]/u.test(word) && toNumber(word) === undefined;

/** The names in the current line. Skips the line. */
function readHeader(tokens: Tokens): string[] {
  const line = tokens.line.replace(/"[^"]*"/g, "name");
  const separator = [";", "\t", ","].find((mark) => line.includes(mark)) ?? /\s+/;
  const names = line.split(separator).map((name) => name.trim());
  const odd = names.find((name) => name === "" || toNumber(name) !== undefined);
  if (odd !== undefined)
    throw tokens.error("unexpected-in-text", { wanted: ["column name"], got: quote(odd) });
  tokens.skipLine();
  return names;
}

function readNumber(tokens: Tokens): number {
  const { word } = tokens;
  const value = toNumber(word);
  if (value !== undefined) return value;
  if (word === "..." || word === "…") throw tokens.error("shortened", { got: quote(word) });
  throw tokens.unexpected(/\d,\d/.test(word) ? "number with a point" : "number");
}

// No nested repetition: a word of a million digits is refused in linear time.
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const notFinite = /^([+-]?)(?:(nan)|inf|infinity)$/i;

function toNumber(word: string): number | undefined {
  if (decimal.test(word)) return Number(word);
  const ascii = word.trim().replaceAll("\u2212", "-");
  if (decimal.test(ascii)) return Number(ascii);
  const [match, sign, nan] = notFinite.exec(ascii) ?? [];
  if (match === undefined) return undefined;
  return nan ? Number.NaN : sign === "-" ? -Infinity : Infinity;
}

/** Assembles values and nested lists into one rectangular array. It stores only the lengths of the lists. */
class Nest {
  readonly values: number[] = [];
  readonly shape: number[] = [];
  /** The number of open lists. */
  depth = 0;
  readonly #tokens: Tokens;
  readonly #types = new Set<Precision | "another">();
  /** For each depth: the members so far of the open list, and the number of closed lists. */
  readonly #members = new Array<number>(maxRank + 1).fill(0);
  readonly #closed = new Array<number>(maxRank + 1).fill(0);
  readonly #digits = new PrintedDigits();
  #rank: number | undefined;
  #separator: Separator | undefined;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
  }

  /** If all calls name the same precision. */
  get dtype(): Precision | undefined {
    const [name] = this.#types;
    return this.#types.size === 1 && name !== "another" ? name : undefined;
  }

  type(name: Precision | "another" | undefined): void {
    if (name) this.#types.add(name);
  }

  /** See ParsedArray. */
  get resolution(): Float64Array | undefined {
    return this.#digits.halfUnits;
  }

  /** word: the value as printed. */
  push(value: number, word: string): void {
    this.#digits.add(word, value);
    this.#rank ??= this.depth;
    if (this.depth < this.#rank) throw this.#unlike('"["');
    this.#count();
    this.values.push(value);
  }

  open(): void {
    if (this.depth === maxRank) throw this.#tokens.error("too-deep", { most: maxRank, got: maxRank + 1 });
    if (this.depth === this.#rank) throw this.#unlike("number");
    this.#count();
    this.depth += 1;
    this.#members[this.depth] = 0;
  }

  /** Ends a list. It must be as long as the first list of its depth, or the header. */
  close(header = false): void {
    const got = this.#members[this.depth] ?? 0;
    this.depth -= 1;
    this.shape[this.depth] ??= got;
    const length = this.shape[this.depth] as number;
    const closed = (this.#closed[this.depth] ?? 0) + 1;
    this.#closed[this.depth] = closed;
    if (got === length) return;
    const height = (this.#rank ?? maxRank) - this.depth;
    const [member, list] = levels.slice(height - 1) as [Level, Level];
    throw this.#tokens.error("ragged", { length, member, list, at: closed, header, got });
  }

  #unlike(wanted: Thing | Mark) {
    const got = this.#tokens.shown;
    return this.#tokens.error("unexpected-in-text", { wanted: [wanted], asAbove: true, got });
  }

  /** Records the separator between two members. It must be the same everywhere. */
  separate(by: Separator): void {
    if (by === " " && !this.#tokens.afterBlank) throw this.#tokens.unexpected("separator");
    this.#separator ??= by;
    if (by === this.#separator) return;
    throw this.#tokens.error("mixed-separators", { before: this.#separator, got: by });
  }

  #count(): void {
    this.#members[this.depth] = (this.#members[this.depth] ?? 0) + 1;
  }
}
