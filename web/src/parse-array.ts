import type { ErrorPlace } from "./errors.ts";
import { callees, factor, marks, opening, precisionNamed, withoutFooters } from "./forms.ts";
import { given, quote } from "./given.ts";
import { type Precision, precisionOf } from "./precision.ts";
import { PrintedDigits } from "./printed-digits.ts";
import { fault, type Level, type Mark, type Separator, type Thing } from "./reading-sentences.ts";
import { Tokens } from "./tokens.ts";

/** A parsed array: its values in row-major order, and the length of each dimension, outermost first. */
export interface ParsedArray {
  /** Its values. */
  data: Float64Array | Float32Array;
  /** The length of each dimension; [] for a single number. */
  shape: number[];
  /**
   * Half a unit of each value's last printed digit. All values have been printed with so many decimals, or with so many
   * significant digits, the most of any value; this is the larger of both. Whole numbers of one or two digits count as
   * printed with three decimals. Absent if the text has all digits.
   */
  resolution?: Float64Array;
  /** If the text names one of them. */
  dtype?: "float16" | "bfloat16";
  /**
   * The other reading of lines such as `1,5`, two whole numbers each, which may be a column of numbers with decimal
   * commas. The text doesn't say which it is; its reader may know the shape.
   */
  withDecimalCommas?: ParsedArray;
}

/**
 * Parses an array as programs print it:
 *
 * - Brackets, rank 0 to 5, of NumPy, PyTorch, TensorFlow, JAX, Paddle, MXNet, JSON and JavaScript:
 *   `array([[1., 2.], [3., 4.]], dtype=float32)`, `tensor([1., 2.], grad_fn=<…>)`, `[[1. 2.]\n [3. 4.]]`,
 *   `<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.])>`, `Tensor(shape=[2], …, [1., 2.])`,
 *   `Float64Array(2) [ 1, 2 ]`; of MATLAB, Octave and Julia: `[1 2; 3 4]`.
 * - Rows separated by commas, semicolons, tabs or spaces, after an optional line of names: always rank 2. CSV, and
 *   what MATLAB, Octave, Julia, pandas and R print.
 * - A series of pandas and a vector of R, `[1] 1.5 2.5`: rank 1.
 * - A single number: shape [].
 *
 * In front may be `dx =`, `dx`, `Out[3]:`, `Parameter containing:` or `2×2 Matrix{Float64}:`. A column of names or counts
 * beside the rows is left out if it has an empty cell in CSV, or a blank in pandas and R, above it.
 *
 * `#` starts a comment. A line such as `1.0e+03 *` at the start multiplies every value. An array uses one separator, so
 * a decimal comma together with another separator is refused. Lines such as `1,5` are rows of two values, and
 * withDecimalCommas has their other reading; but `-0,5` and `1,05` can only be decimal commas, and are read so.
 *
 * data is a Float32Array if every dtype in the text is float32; a PyTorch print without a dtype counts as float32.
 * Otherwise, and if the text names no dtype, it is a Float64Array. data.length is the product of shape, at least 1.
 *
 * Throws BacknormRangeError `unreadable-array`, whose `at` has offset, line and column, for any other text: ragged,
 * shortened with `...`, printed in pieces, empty, without numbers. Throws BacknormTypeError `not-a-string`.
 */
export function parseArray(text: string): ParsedArray {
  if (typeof text !== "string") throw fault("not-a-string", "text", { got: given(text) });
  return parsePart(text, 0, text.length);
}

/** Parses the array in a part of a text. Errors have their position in the whole text; placeOf gives it for many parts. */
export function parsePart(
  text: string,
  start: number,
  end: number,
  placeOf?: (offset: number) => ErrorPlace,
): ParsedArray {
  const { end: last, footers } = withoutFooters(text, start, end);
  const tokens = new Tokens(text, start, last, placeOf);
  const lines = readOpening(tokens);
  const scale = Number(tokens.accept(commonFactor)?.[1] ?? 1);
  if (tokens.isAt(piece)) throw tokens.error("in-pieces", { got: quote(tokens.line) });
  const isNested = isCall(tokens) || (tokens.kind === "[" && !tokens.isAt(rMark));
  const rest = text.slice(start + tokens.start, last);
  const decimals =
    !isNested && scale === 1 && pairs.test(rest)
      ? parsePart(rest.replaceAll(",", "."), 0, rest.length)
      : undefined;
  if (decimals && fraction.test(rest)) return decimals;
  const nest = isNested ? readNested(tokens) : readTable(tokens, footers.includes("dtype:"));
  nest.type(precisionNamed(lines + footers));
  const { values, shape, dtype, resolution } = nest;
  const data = dtype === "float32" ? new Float32Array(values) : new Float64Array(values);
  return {
    data: scale === 1 ? data : data.map((value) => value * scale),
    shape,
    ...(resolution && { resolution: resolution.map((half) => half * Math.abs(scale)) }),
    ...((dtype === "float16" || dtype === "bfloat16") && { dtype }),
    ...(decimals && { withDecimalCommas: decimals }),
  };
}

/** Lines of two whole numbers, or of a number with a decimal comma. */
const pairs = /^(?:\s*[-+\u2212]?\d+,\d+[ \t]*(?:#[^\r\n]*)?(?:[\r\n]|$))+\s*$/;
/** Nobody writes a whole number as -0 or 05. */
const fraction = /[-\u2212]0+,|,0\d/;

const sticky = (...patterns: string[]) => new RegExp(patterns.join("|"), "iuy");

const label = /[\p{L}_][\p{L}\p{N}_.]*(?:[ \t]*[=:]|(?=\s+\[))/uy;
const openingLine = new RegExp(opening, "uy");
const commonFactor = sticky(factor);
const callee = new RegExp(`^(?:${callees}|(?:np\\.|numpy\\.)?float(?:16|32|64))$`);
const rMark = sticky(marks.column, marks.row, marks.value);
const [columnMark, rowMark, valueMark] = [sticky(marks.column), sticky(marks.row), sticky(marks.value)];
/** Where MATLAB, Octave, R and Julia print some columns, or one matrix of several, with others below. */
const piece = /Columns? \d|[\p{L}_]\w*\(:,|\[:, |, , \d/uy;

/** Skips the names of an array and what is printed in front of it. Returns the latter. */
function readOpening(tokens: Tokens): string {
  for (let lines = ""; ; ) {
    const line = tokens.accept(openingLine);
    if (line) lines += line[0];
    else if (!tokens.accept(label)) return lines;
  }
}

const maxRank = 5;
/** From the inside out. */
const levels: readonly Level[] = ["value", "row", "table", "block", "group"];

const isCall = (tokens: Tokens) =>
  tokens.kind === "word" && tokens.text[tokens.end] === "(" && callee.test(tokens.word);

/** `shape=[2, 2], dtype=float32,` in front of the values of a call. */
const keywords = /(?:\w+=(?:\[[^\]\n]*\]|[^,[\]\n]*),\s*)+/y;
/** The first row of `[1 2; 3 4]`. */
const rowsAhead = /\[[^[\](){};#]*;/y;

/**
 * Parses lists in brackets, separated by commas or spaces, and the calls around them, from the current token on. In a
 * bracket without brackets, semicolons separate rows.
 */
function readNested(tokens: Tokens): Nest {
  const nest = new Nest(tokens);
  const calls: Call[] = [];
  /** The depth of a bracket with semicolons. */
  let matrix = -1;
  let previous: "open" | "value" | "," = "open";
  do {
    const { kind } = tokens;
    if (kind === "word" || kind === "[") {
      if (previous !== "open") nest.separate(previous === "," ? "," : " ");
      previous = "open";
      if (kind === "[") {
        if (tokens.isAt(rowsAhead)) {
          matrix = nest.depth;
          nest.open();
        }
        nest.open();
      } else if (isCall(tokens)) {
        calls.push(readCall(tokens, nest.depth));
        continue;
      } else {
        nest.push(readNumber(tokens), tokens.word);
        previous = "value";
      }
    } else if (kind === "]" && previous !== "open") {
      nest.close();
      previous = "value";
      if (nest.depth === matrix + 1 && matrix >= 0) {
        nest.close();
        matrix = -1;
      }
    } else if (kind === ";" && previous === "value" && matrix >= 0) {
      nest.close();
      nest.open();
      previous = "open";
    } else if (kind === "," && previous === "value") {
      previous = ",";
    } else if (kind !== "\n" && kind !== "\t") {
      throw tokens.unexpected("number", '"["', ...(previous === "open" ? [] : ['"]"' as const]));
    }
    tokens.next();
    while (previous === "value" && calls.at(-1)?.depth === nest.depth) {
      nest.type(readOptions(tokens, calls.pop() as Call));
    }
  } while (nest.depth > 0 || calls.length > 0);

  tokens.skipLineEnds();
  if (tokens.kind !== "end") throw tokens.unexpected("nothing");
  return nest;
}

interface Call {
  depth: number;
  type: Type | undefined;
}
type Type = Precision | "another";

/** Reads `array(`, or `Tensor(shape=[2, 2], dtype=float32,`. */
function readCall(tokens: Tokens, depth: number): Call {
  const { word } = tokens;
  tokens.next(); // the parenthesis
  tokens.next();
  const named = precisionNamed(tokens.accept(keywords)?.[0] ?? "");
  return { depth, type: named ?? (/tensor$/i.test(word) ? "float32" : dtypeIn(word)) };
}

/** Skips what follows the value in a call, `, dtype=float32)`. Returns the dtype of the call. */
function readOptions(tokens: Tokens, { type }: Call): Type | undefined {
  tokens.skipLineEnds();
  if (![",", ")"].includes(tokens.kind)) throw tokens.unexpected('","', '")"');
  let afterComma = false;
  let found = type;
  for (let open = 1; open > 0; tokens.next()) {
    const { kind, word } = tokens;
    if (kind === "\n" || kind === "\t") continue;
    const keyword = kind === "word" && isName(word);
    if (afterComma && !keyword && kind !== ")") throw tokens.unexpected("keyword");
    afterComma = kind === "," && open === 1;
    if (kind === "end") throw tokens.unexpected('")"');
    if (kind === "(") open += 1;
    if (kind === ")") open -= 1;
    if (kind === "word") found = dtypeIn(word) ?? found;
  }
  return found;
}

const otherDtype = /^(?:\w+\.)?(?:u?int|long|short|bool)\d*$|^[<>=]?[iu]\d$/;
const dtypeIn = (word: string) => precisionOf(word) ?? (otherDtype.test(word) ? "another" : undefined);

/** What a table has besides its values. */
interface Frame {
  /** The number of names above the columns. */
  names?: number;
  /** Whether every line begins with a name or a count of its own. */
  hasIndex: boolean;
}

/**
 * Parses rows without brackets, with the names above and beside them, from the current token on. A vector of R's and a
 * series are of rank 1.
 */
function readTable(tokens: Tokens, isSeries: boolean): Nest {
  const nest = new Nest(tokens);
  const [at, got] = [tokens.start, tokens.shown];
  const nothing = () => tokens.error("unexpected-in-text", { wanted: ["number", '"["'], got }, at);
  const isVector = tokens.isAt(valueMark);
  const { names, hasIndex }: Frame = isSeries
    ? { names: 1, hasIndex: true }
    : isVector
      ? { hasIndex: true }
      : readFrame(tokens);
  if (names !== undefined) nest.shape[1] = names;

  let previous: "line" | "value" | Exclude<Separator, " "> = "line";
  nest.open();
  for (let ended = false; !ended; tokens.next()) {
    if (previous === "line" && hasIndex) skipIndex(tokens, isVector);
    const { kind } = tokens;
    ended = kind === "end";
    if (kind === "word") {
      if (previous === "value") nest.separate(" ");
      else if (previous !== "line") nest.separate(previous);
      else if (!isVector || nest.depth === 1) nest.open();
      nest.push(readNumber(tokens), tokens.word);
      previous = "value";
    } else if (kind === "\t") {
      if (previous === "\t") throw tokens.unexpected("number");
      if (previous === "value") previous = "\t";
    } else if ((kind === "," || kind === ";") && (previous === "value" || previous === "\t")) {
      previous = kind;
    } else if ((kind === "\n" || ended) && previous !== "," && previous !== ";") {
      if (nest.depth === 2 && (ended || !isVector)) nest.close(names !== undefined);
      previous = "line";
    } else {
      throw nest.values.length === 0 ? nothing() : tokens.unexpected("number");
    }
  }
  if (nest.values.length === 0) throw nothing();
  nest.close();
  if (isVector) nest.shape.shift();
  else if (isSeries) nest.shape.pop();
  else if (nest.values.length === 1 && names === undefined) nest.shape.length = 0;
  return nest;
}

/** Skips the name of a row, with the separator after it. */
function skipIndex(tokens: Tokens, isVector: boolean): void {
  if (tokens.kind === "\n" || tokens.kind === "\t" || tokens.kind === "end") return;
  if (tokens.isAt(columnMark)) throw tokens.error("in-pieces", { got: quote(tokens.line) });
  if (!tokens.accept(rowMark) && !tokens.accept(valueMark)) {
    if (isVector || tokens.kind !== "word") throw tokens.unexpected("row name");
    tokens.next();
  }
  if (tokens.kind === "," || tokens.kind === ";" || tokens.kind === "\t") tokens.next();
  if (tokens.kind !== "word") throw tokens.unexpected("number");
}

/** Reads the line of names above a table, if there is one. */
function readFrame(tokens: Tokens): Frame {
  const isWord = tokens.kind === "word";
  const isCorner = (isWord && tokens.word === "") || tokens.kind === "," || tokens.kind === ";";
  const mayCount = isWord && tokens.word === "0";
  if (!isCorner && !mayCount && !tokens.isAt(columnMark) && !(isWord && isName(tokens.word)))
    return { hasIndex: tokens.isAt(rowMark) };
  const { names, separator } = cellsOf(tokens.line);
  const hasIndex =
    isCorner || ((typeof separator !== "string" || separator === "\t") && isShifted(tokens, names.length));
  if (mayCount && !(hasIndex && names.every((name, at) => name === String(at)))) return { hasIndex: false };
  if (names.at(-1) === "\\") throw tokens.error("in-pieces", { got: quote(tokens.line) });
  const odd = names.find((name, at) =>
    name === "" ? !(isCorner && at === 0) : !hasIndex && toNumber(name) !== undefined,
  );
  if (odd !== undefined)
    throw tokens.error("unexpected-in-text", { wanted: ["column name"], got: quote(odd) });
  tokens.skipLine();
  return { names: names.length - Number(isCorner), hasIndex };
}

/** Whether the first row has one cell more than the line of names, and that line is blank above it. */
function isShifted(tokens: Tokens, names: number): boolean {
  const [first, second] = tokens.twoLines;
  return (
    cellsOf(second.trimStart()).names.length === names + 1 &&
    (/^\t/.test(first) || (/^ /.test(first) && first.length === second.length))
  );
}

/** The cells of a line of names. Those in quotes and R's are replaced by some name. */
function cellsOf(line: string): { names: string[]; separator: string | RegExp } {
  const plain = line.replace(/"([^"]*)"|\[,?\d+,?\]/g, (_, quoted) => (quoted === "" ? "" : "name"));
  const separator = [";", "\t", ","].find((one) => plain.includes(one)) ?? /\s+/;
  return { separator, names: plain.split(separator).map((name) => name.trim()) };
}

const isName = (word: string) => /^[\p{L}_]/u.test(word) && toNumber(word) === undefined;

function readNumber(tokens: Tokens): number {
  const { word } = tokens;
  const value = toNumber(word);
  if (value !== undefined) return value;
  if (/^(?:\.\.\.?|[…⋮⋯⋱])$/u.test(word)) throw tokens.error("shortened", { got: quote(word) });
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
