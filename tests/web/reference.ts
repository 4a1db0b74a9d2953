/**
 * Reader of tests/data/*.txt: what NumPy and PyTorch say about each case. tests/data/reference.py writes the
 * files and describes the format; tests/cpp/reference.hpp is this reader's twin. For Node.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

type Arrays = ReadonlyMap<string, Float64Array>;

interface Reference {
  name: string;
  dtype: "float64" | "float32";
  eps: number;
  ddof: number;
  arrays: Arrays;
  /** The array of that name; throws an Error with both names if the case has none. */
  array(wanted: string): Float64Array;
}

/**
 * A batch of rows × columns values. Arrays are row major: the inputs x, gamma, beta, dy; every node and
 * gradient as numpy.mean, numpy.dx, ...; gradients as torch.dx, ...; torch.bn_dx and its like where PyTorch's
 * own batch norm takes the case. A float32 case has inputs that float32 holds exactly.
 */
export interface ReferenceCase extends Reference {
  rows: number;
  columns: number;
}

/**
 * A tensor of rank 3 to 5. Arrays lie in memory order: x, dy, y, dx (dims), gamma, beta, dgamma, dbeta, mean,
 * invstd (channels).
 */
export interface ReferenceLayout extends Reference {
  layout: "channels-first" | "channels-last";
  dims: number[];
}

/**
 * A tensor of one of the five norms, of any rank, with what NumPy computes: arrays as those of ReferenceCase, in the
 * caller's shapes. `groups`, `dims` and `offset` are 0 where the norm has none; RMS norm has no beta.
 */
export interface ReferenceNorm extends Reference {
  norm: "batch" | "layer" | "group" | "instance" | "rms";
  shape: number[];
  groups: number;
  dims: number;
  offset: number;
}

/** What NumPy's legacy generator draws after np.random.seed(seed); it is seeded again before `uniform`. */
export interface ReferenceRandom {
  seed: number;
  normal: Float64Array;
  uniform: Float64Array;
}

/** The words of one file, without its comments; knows the line for its complaints. */
class Words {
  readonly #path: string;
  readonly #words: { text: string; line: number }[];
  #next = 0;

  constructor(file: string) {
    this.#path = fileURLToPath(new URL(`../data/${file}`, import.meta.url));
    const lines = readFileSync(this.#path, "utf8").split("\n");
    this.#words = lines.flatMap((line, i) => {
      const words = line.trimStart().startsWith("#") ? [] : (line.match(/\S+/g) ?? []);
      return words.map((text) => ({ text, line: i + 1 }));
    });
    if (this.atEnd) this.fail("holds no case");
  }

  get atEnd(): boolean {
    return this.#next === this.#words.length;
  }

  /** The next word, which stays next; undefined at the end. */
  peek(): string | undefined {
    return this.#words[this.#next]?.text;
  }

  take(what: string): string {
    const word = this.peek() ?? this.fail(`ends where ${what} should follow`);
    this.#next++;
    return word;
  }

  expect(keyword: string): void {
    const word = this.take(keyword);
    if (word !== keyword) this.fail(`expected ${keyword}, got ${word}`);
  }

  takeOneOf<T extends string>(...choices: T[]): T {
    const word = this.take(choices.join(" or "));
    return (
      choices.find((choice) => choice === word) ?? this.fail(`expected ${choices.join(" or ")}, got ${word}`)
    );
  }

  takeNumber(): number {
    const word = this.take("a number");
    const value = Number(word);
    // No reference is NaN or infinite; a comparison with NaN could pass a test that should fail.
    return Number.isFinite(value) ? value : this.fail(`expected a number, got ${word}`);
  }

  takeCount(): number {
    const word = this.take("an integer");
    return /^\d+$/.test(word) ? Number(word) : this.fail(`expected an integer, got ${word}`);
  }

  fail(complaint: string): never {
    throw new Error(`${this.#path}:${this.#words[this.#next - 1]?.line ?? 1}: ${complaint}`);
  }
}

/** Reads `array`, `rows` and `same` entries up to and with the closing `end`. */
function takeArrays(words: Words): Arrays {
  const arrays = new Map<string, Float64Array>();
  for (;;) {
    const kind = words.takeOneOf("array", "rows", "same", "end");
    if (kind === "end") return arrays;
    const name = words.take("the name of an array");
    if (arrays.has(name)) words.fail(`${name} stands twice in one case`);
    if (kind === "same") {
      const other = words.take("the name of an array");
      const found =
        arrays.get(other) ?? words.fail(`${name} is the same as ${other}, which does not precede it`);
      arrays.set(name, found.slice());
    } else {
      const rows = words.takeCount();
      const columns = words.takeCount();
      const written = Array.from({ length: kind === "rows" ? columns : rows * columns }, () =>
        words.takeNumber(),
      );
      arrays.set(
        name,
        Float64Array.from({ length: rows * columns }, (_, i) => written[i % written.length] as number),
      );
    }
  }
}

/** `case NAME dtype T`, then what `takeShape` reads, then `eps E ddof K`, all arrays and `end`. */
function takeReference<Shape>(words: Words, takeShape: () => Shape): Reference & Shape {
  words.expect("case");
  const name = words.take("the name of a case");
  words.expect("dtype");
  const dtype = words.takeOneOf("float64", "float32");
  const shape = takeShape();
  words.expect("eps");
  const eps = words.takeNumber();
  words.expect("ddof");
  const ddof = words.takeCount();
  const arrays = takeArrays(words);
  const array = (wanted: string) => findArray(arrays, name, wanted);
  return { name, dtype, ...shape, eps, ddof, arrays, array };
}

function findArray(arrays: Arrays, owner: string, wanted: string): Float64Array {
  const found = arrays.get(wanted);
  if (!found) throw new Error(`case ${owner} has no array ${wanted}`);
  return found;
}

/**
 * The cases of cs231n.txt, iris.txt, iris-f32.txt or edges.txt, in the order of the file. Throws an Error with
 * file, line and what was expected if the file is malformed.
 */
export function readCases(file: string): ReferenceCase[] {
  const words = new Words(file);
  const cases: ReferenceCase[] = [];
  while (!words.atEnd) {
    const one = takeReference(words, () => {
      words.expect("shape");
      return { rows: words.takeCount(), columns: words.takeCount() };
    });
    for (const [name, { length }] of one.arrays) {
      if (length !== one.columns && length !== one.rows * one.columns) {
        words.fail(`case ${one.name}, ${name}: fits neither the batch nor a row of it`);
      }
    }
    cases.push(one);
  }
  return cases;
}

/** The tensors of layouts.txt. Throws like readCases. */
export function readLayouts(): ReferenceLayout[] {
  const words = new Words("layouts.txt");
  const layouts: ReferenceLayout[] = [];
  while (!words.atEnd) {
    const one = takeReference(words, () => {
      words.expect("layout");
      const layout = words.takeOneOf("channels-first", "channels-last");
      words.expect("dims");
      const dims: number[] = [];
      while (!words.atEnd && words.peek() !== "eps") dims.push(words.takeCount());
      return { layout, dims };
    });
    layouts.push(one);
  }
  return layouts;
}

/** The cases of norms.txt. Throws like readCases. */
export function readNorms(): ReferenceNorm[] {
  const words = new Words("norms.txt");
  const counted = (keyword: string) => {
    words.expect(keyword);
    return words.takeCount();
  };
  const norms: ReferenceNorm[] = [];
  while (!words.atEnd) {
    const one = takeReference(words, () => {
      words.expect("norm");
      const norm = words.takeOneOf("batch", "layer", "group", "instance", "rms");
      words.expect("shape");
      const shape: number[] = [];
      while (!words.atEnd && words.peek() !== "groups") shape.push(words.takeCount());
      return { norm, shape, groups: counted("groups"), dims: counted("dims"), offset: counted("offset") };
    });
    norms.push(one);
  }
  return norms;
}

/** The seeds of numpy-random.txt. Throws like readCases. */
export function readNumpyRandom(): ReferenceRandom[] {
  const words = new Words("numpy-random.txt");
  const draws: ReferenceRandom[] = [];
  while (!words.atEnd) {
    words.expect("seed");
    const seed = words.takeCount();
    const arrays = takeArrays(words);
    const owner = `of seed ${seed}`;
    draws.push({
      seed,
      normal: findArray(arrays, owner, "normal"),
      uniform: findArray(arrays, owner, "uniform"),
    });
  }
  return draws;
}
