/**
 * node --import tsx tests/mutation/draw.ts: draws small changes to the core anew, into changes.json beside it. A seed
 * chooses lines, and on each line one change of all that the rules below allow; nobody chooses by what is caught.
 * What does not compile is left out.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Change {
  file: string;
  what: string;
  before: string;
  after: string;
  /** Why no test can tell, where that is so. */
  equivalent?: string;
  /** Why none does, where one could. */
  missed?: string;
}

const sources = fileURLToPath(new URL("../../cpp/src/", import.meta.url));
const include = fileURLToPath(new URL("../../cpp/include/", import.meta.url));

const kSeed = 8;
const kChangesOfATopic = 32;
const kernelHeaders = readdirSync(sources).filter((name) => /^batch_norm_.*\.hpp$/.test(name));
const topics: Record<string, string[]> = {
  graph: ["graph.cpp", "trace.cpp", "gates.hpp"],
  kernels: ["batch_norm.cpp", "batch_norm_kernels.cpp", "layout.cpp", ...kernelHeaders],
  check: [
    "gradcheck.cpp",
    "exact_gradient.cpp",
    "numeric_gradient.cpp",
    "differences.cpp",
    "direction_tests.cpp",
    "measures.cpp",
    "warnings.cpp",
  ],
  diagnosis: ["diagnosis.cpp", "relation.cpp", "mistakes.cpp"],
};

// clang-format puts spaces round every operator of two operands, and none round those of templates and pointers.
const rules: [what: string, at: RegExp, instead: (found: string) => string][] = [
  ["comparison", / (<|<=|>|>=|==|!=) /g, swap("<", "<=", ">", ">=", "==", "!=")],
  ["arithmetic", / ([-+*/]|[-+*/]=) /g, swap("+", "-", "*", "/", "+=", "-=", "*=", "/=")],
  ["logic", / (&&|\|\||\|=|&=) /g, swap("&&", "||", "|=", "&=")],
  ["negation", /!(?=[\w(])/g, () => ""],
  ["sign", /(?<=[(=?:,] ?|return )-(?=[\w(])/g, () => ""],
  ["truth", /\b(true|false)\b/g, swap("true", "false")],
  [
    "constant",
    /(?<![\w.])\d+(\.\d+)?(?![\w.])/g,
    (number) => (number.includes(".") ? twice(number) : `${Number(number) + 1}`),
  ],
  ["extreme", /\bstd::(max|min)\b(?=[(<])/g, swap("std::max", "std::min")],
  ["absolute value", /\bstd::abs(?=\()/g, () => ""],
  ["rows and columns", /\b(rows|columns)(_?)\b(?![("])/g, swap("rows", "columns", "rows_", "columns_")],
  ["statement", /^.*$/g, () => ""],
];

function swap(...pairs: string[]) {
  return (found: string) => {
    const at = pairs.indexOf(found.trim());
    return found.replace(found.trim(), pairs[at % 2 === 0 ? at + 1 : at - 1] as string);
  };
}

const twice = (number: string) =>
  Number(number) === 0 ? "1.0" : (2 * Number(number)).toFixed(number.split(".")[1]?.length);

/** A whole statement that may go: no declaration, since what it declares is used. */
function isStatement(line: string): boolean {
  const balanced = line.split(/[({]/).length === line.split(/[)}]/).length;
  const declares =
    /^(const|constexpr|using|typename|template|return|case|default|static_assert|typedef|enum)\b/.test(line);
  const twoWords = /^[\w:<>*& ]+? [*&]?\w+( =|\{|;|\()/.test(line.replace(/^(if|for|while) /, ""));
  return balanced && line.endsWith(";") && !line.startsWith("}") && !declares && !twoWords;
}

/** Lines of code: no comment, directive, include, instantiation or declaration of a template. */
function isCode(line: string): boolean {
  return !/^(\/\/|#|template|namespace|using|static_assert|}|\)|$)|\\$/.test(line.trim());
}

/** A generator of its own, so that a list is the same on every machine. */
function generator(seed: number) {
  let state = seed >>> 0;
  return (below: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** All that the rules make of a line. */
function changesOf(line: string): { what: string; after: string }[] {
  const comment = line.search(/\s*\/\//);
  const code = comment < 0 ? line : line.slice(0, comment);
  const quoted = [...code.matchAll(/"[^"]*"/g)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );
  return rules.flatMap(([what, at, instead]) =>
    [...code.matchAll(at)]
      .filter(
        ({ index }) => what === "statement" || !quoted.some(([begin, end]) => index >= begin && index < end),
      )
      .filter(() => what !== "statement" || isStatement(code.trim()))
      .map(({ 0: found, index }) => ({
        what,
        after:
          code.slice(0, index) + instead(found) + code.slice(index + found.length) + line.slice(code.length),
      })),
  );
}

/** The line, with as many before it as make it the only one of its kind. */
function unique(lines: string[], at: number): { before: string; from: number } {
  const text = lines.join("\n");
  for (let from = at; ; from--) {
    const before = lines.slice(from, at + 1).join("\n");
    if (text.split(before).length === 2 || from === 0) return { before, from };
  }
}

function compiles(file: string, text: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), "backnorm-draw-"));
  try {
    for (const name of readdirSync(sources))
      if (name.endsWith(".hpp")) writeFileSync(join(folder, name), readFileSync(join(sources, name)));
    writeFileSync(join(folder, file), text);
    const unit = file.endsWith(".cpp") ? file : file === "gates.hpp" ? "trace.cpp" : "batch_norm_kernels.cpp";
    if (unit !== file) writeFileSync(join(folder, unit), readFileSync(join(sources, unit)));
    execFileSync("g++", ["-std=c++20", "-fsyntax-only", "-w", `-I${include}`, join(folder, unit)], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function draw(): Change[] {
  const random = generator(kSeed);
  return Object.values(topics).flatMap((files) => {
    const texts = new Map(files.map((file) => [file, readFileSync(join(sources, file), "utf8").split("\n")]));
    const places = [...texts].flatMap(([file, lines]) =>
      lines.flatMap((line, at) =>
        isCode(line) && changesOf(line).length > 0 ? [{ file, lines, line, at }] : [],
      ),
    );
    const drawn: Change[] = [];
    while (drawn.length < kChangesOfATopic && places.length > 0) {
      const { file, lines, line, at } = places.splice(random(places.length), 1)[0] as (typeof places)[0];
      const choices = changesOf(line);
      const { what, after } = choices[random(choices.length)] as (typeof choices)[0];
      if (!compiles(file, lines.with(at, after).join("\n"))) continue;
      const { before, from } = unique(lines, at);
      drawn.push({ file, what, before, after: [...lines.slice(from, at), after].join("\n") });
    }
    const place = ({ file, before }: Change) =>
      files.indexOf(file) * 1e6 + (texts.get(file) ?? []).join("\n").indexOf(before);
    return drawn.sort((a, b) => place(a) - place(b));
  });
}

writeFileSync(new URL("changes.json", import.meta.url), `${JSON.stringify(draw(), null, 2)}\n`);
