/**
 * The detection matrix: wrong NumPy programs, and what `diagnose` makes of each. tests/data/wrong_programs.py has batch norm
 * on twelve cases, tests/data/wrong_norms.py every norm on eight. `npm run detection` writes tests/data/DETECTION.md anew.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Backnorm, type Claim, type Diagnosis, type FloatArray, load, type NormCase } from "backnorm";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const python = "/usr/bin/python3"; // the one whose NumPy is that of the system

interface StoredArray {
  offset: number;
  shape: number[];
  dtype: "float32" | "float64";
  /** The largest difference from the right array in exact enough arithmetic; null if the shape is wrong. */
  differs: number | null;
  /** The same of the numbers as stored, rounded on the way. */
  off: number | null;
}

export interface Program {
  id: string;
  kind: "right" | "single" | "pair" | "unknown" | "call";
  style: string;
  ids?: string[];
  first?: string;
  call?: 1 | 2;
  arrays: Record<string, StoredArray>;
}

/** What became of one program on one case. */
export type Outcome = "named" | "found" | "invisible" | "missed";

export interface Examined {
  caseName: string;
  program: Program;
  found: Diagnosis;
  outcome: Outcome;
  /** What contradicts the arrays' true differences: a right array called wrong, or a wrong one not. */
  faults: string[];
}

type Script = "wrong_programs.py" | "wrong_norms.py";

function runPython(script: Script, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(python, [`tests/data/${script}`, ...args], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${script} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const listed = (script: Script): string[] => runPython(script, "--list").trim().split(/\s+/);
export const caseNames = (): string[] => listed("wrong_programs.py");

export const norms = ["batch", "layer", "group", "instance", "rms"] as const;

interface StoredCase {
  dtype: "float32" | "float64";
  shape: number[];
  eps: number;
  ddof: 0 | 1;
  norm?: (typeof norms)[number];
  groups?: number;
  dims?: number;
  offset?: boolean;
  [array: string]: unknown;
}

/** What wrong_norms.py says of a norm, as the package's options. */
const optionsOf = ({ norm, groups, dims, offset, ddof }: StoredCase) => ({
  ...(norm ? { norm } : {}),
  ...(groups ? { groups } : {}),
  ...(dims ? { normalizedDims: dims } : {}),
  ...(offset ? { unitOffset: true } : {}),
  ...(norm === "rms" ? {} : { ddof }),
});

function inFolder<Result>(use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "backnorm-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every norm's programs on its eight cases. */
export const examineNorms = (bn: Backnorm): Examined[] =>
  inFolder((folder) => {
    const names = listed("wrong_norms.py");
    runPython("wrong_norms.py", "--write", folder, ...names);
    return names.flatMap((name) => examineFiles(bn, name, join(folder, name), { untouched: 1e-6 }));
  });

/**
 * Runs programs on one case and hands the arrays of each to `diagnose`: those of one pass, or those of the mistakes
 * around the passes, which come as two calls.
 */
export const examine = (bn: Backnorm, caseName: string, calls = false): Examined[] =>
  inFolder((folder) => {
    runPython("wrong_programs.py", "--write", folder, caseName);
    return examineFiles(bn, caseName, folder, { calls });
  });

/** untouched: an array is right if the mistake changes less than this share of its bound, which differs by group. */
function examineFiles(
  bn: Backnorm,
  caseName: string,
  folder: string,
  { calls = false, untouched = 1 },
): Examined[] {
  const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as {
    case: StoredCase;
    programs: Program[];
  };
  const { buffer, byteOffset } = readFileSync(join(folder, "data.bin"));
  const read = (offset: number, shape: number[], dtype: string): FloatArray => {
    const length = shape.reduce((a, b) => a * b, 1);
    const Kind = dtype === "float32" ? Float32Array : Float64Array;
    const bytes = buffer.slice(byteOffset + offset, byteOffset + offset + length * Kind.BYTES_PER_ELEMENT);
    return new Kind(bytes);
  };
  const { shape, eps, dtype, beta } = index.case;
  const input = (name: string) => {
    const [offset, lengths] = index.case[name] as [number, number[]];
    return read(offset, lengths, dtype);
  };
  const inputs = { x: input("x"), gamma: input("gamma"), dy: input("dy") };
  const kase: NormCase = {
    ...inputs,
    ...(beta ? { beta: input("beta") } : {}),
    ...{ shape, eps },
    ...optionsOf(index.case),
  };
  const wanted = index.programs.filter(({ kind }) => (kind === "call") === calls);
  return wanted.map((program) => {
    const own = Object.entries(program.arrays).filter(([name]) => !name.includes("running"));
    const arrays = own.map(([name, stored]): [string, Claim] => [
      name,
      { data: read(stored.offset, stored.shape, stored.dtype), shape: stored.shape },
    ]);
    const found = bn.diagnose(kase, Object.fromEntries(arrays));
    return { caseName, program, found, ...judge(program, found, untouched) };
  });
}

function judge(
  program: Program,
  found: Diagnosis,
  untouched: number,
): { outcome: Outcome; faults: string[] } {
  const faults: string[] = [];
  let visible = false;
  for (const { name, truth, bound, maxError } of found.nodes) {
    const { differs, off } = program.arrays[name] as StoredArray;
    const wrong = differs === null || off === null || Math.min(differs, off) > bound;
    const right = differs !== null && off !== null && differs <= untouched * bound && off <= bound;
    visible ||= wrong;
    if (wrong && truth !== "fail")
      faults.push(`${name} differs by ${differs}, bound ${bound}, and is called ${truth}`);
    if (right && truth === "fail")
      faults.push(`${name} is right, and is called wrong: ${maxError}, bound ${bound}`);
  }
  const ids = found.mistakes.map(({ id }) => id);
  const named = ids.includes(program.id);
  if (program.kind === "pair" || program.kind === "unknown") {
    const { ids: both = [], first } = program;
    const strangers = ids.filter((id) => !both.includes(id)); // one of a pair is named where the other can't be seen
    if (strangers.length > 0) faults.push(`falsely named ${strangers.join(", ")}`);
    const seen = found.nodes.find(({ id }) => id === first);
    if (seen?.truth === "fail" && found.firstWrong !== first)
      faults.push(`first wrong is ${found.firstWrong}, not ${first}`);
  }
  if (found.firstWrong !== null) return { outcome: named ? "named" : "found", faults };
  return { outcome: visible ? "missed" : "invisible", faults };
}

const signs: Record<Outcome, string> = { named: "●", found: "◐", invisible: "·", missed: "✗" };
const worse: Outcome[] = ["named", "found", "invisible", "missed"];

/** A row a mistake, a cell for each norm that has it: what became of it on each case, at worst. */
function matrixOfNorms(all: readonly Examined[]): string {
  const ids = [...new Set(all.map(({ program }) => program.id))].sort();
  const cell = (id: string, norm: string) => {
    const own = all.filter(({ program, caseName }) => program.id === id && caseName.startsWith(`${norm}-`));
    const names = [...new Set(own.map(({ caseName }) => caseName))];
    return names.map((name) => {
      const here = own.filter(({ caseName }) => caseName === name);
      return signs[worse.findLast((one) => here.some(({ outcome }) => outcome === one)) as Outcome];
    });
  };
  return [
    `| | ${norms.join(" | ")} |`,
    `|---|${norms.map(() => "---").join("|")}|`,
    ...ids.map((id) => `| ${id} | ${norms.map((norm) => cell(id, norm).join("")).join(" | ")} |`),
  ].join("\n");
}

/** The committed table. */
export function asMarkdown(all: readonly Examined[], ofNorms: readonly Examined[]): string {
  const cases = [...new Set(all.map(({ caseName }) => caseName))];
  const of = (kind: Program["kind"]) => all.filter(({ program }) => program.kind === kind);
  const normsOf = (kind: Program["kind"]) => ofNorms.filter(({ program }) => program.kind === kind);
  const table = (rows: readonly Examined[], nameOf: (program: Program) => string) => {
    const names = [...new Set(rows.map(({ program }) => nameOf(program)))];
    const line = (name: string) =>
      cases.map((caseName) => {
        const here = rows.filter((row) => nameOf(row.program) === name && row.caseName === caseName);
        const outcome = worse.findLast((one) => here.some((row) => row.outcome === one)) as Outcome;
        return signs[outcome];
      });
    return [
      `| | ${cases.join(" | ")} |`,
      `|---|${cases.map(() => ":-:").join("|")}|`,
      ...names.map((name) => `| ${name.replaceAll("|", "\\|")} | ${line(name).join(" | ")} |`),
    ].join("\n");
  };
  const counts = (rows: readonly Examined[]) =>
    worse.map((outcome) => `${rows.filter((row) => row.outcome === outcome).length} ${outcome}`).join(", ");
  const ties = new Map<string, Set<string>>();
  for (const { found } of of("single")) {
    const ids = found.mistakes.map(({ id }) => id).sort();
    if (ids.length > 1) ties.set(ids.join(", "), new Set(ids));
  }
  return `# What \`diagnose\` makes of wrong programs

Written by \`npm run detection\`; do not edit. The programs are NumPy, in tests/data/wrong_programs.py and
wrong_norms.py, and share nothing with the C++. A mistake that is written in several styles shows its worst outcome.

● found and named · ◐ found, not named · · provably invisible: the difference is below the bound of rounding · ✗ missed

## One mistake

${counts(of("single"))} of ${of("single").length} runs.

${table(of("single"), ({ id }) => id)}

## Two mistakes at once

${counts(of("pair"))} of ${of("pair").length} runs. A pair is found where its first wrong array is named right and no single
mistake is named falsely.

${table(of("pair"), ({ ids = [] }) => ids.join(" + "))}

## Programs that are not in the bank

${counts(of("unknown"))} of ${of("unknown").length} runs.

${table(of("unknown"), ({ id }) => id)}

## Right programs

${counts(of("right"))} of ${of("right").length} runs: nothing is to be found.

## Every norm

${counts(normsOf("single"))} of ${normsOf("single").length} runs; ${counts(normsOf("unknown"))} of ${normsOf("unknown").length} runs of mistakes that are
not in the bank; ${counts(normsOf("right"))} of ${normsOf("right").length} runs of right programs. Batch norm is of rank 3 to 5. A
program hands out all of its arrays, or dx, dgamma and dbeta alone, on one case after another; a cell has a sign for each case that the mistake applies
to, at its worst: course, float32, eps-0.1, deep, tiny-std, large-mean, square, own.

${matrixOfNorms(ofNorms.filter(({ program }) => program.kind !== "right"))}

## Mistakes named together

They give the same numbers in what was handed in, on the case at hand.

${[...ties.keys()]
  .sort()
  .map((ids) => `- ${ids}`)
  .join("\n")}
`;
}

export const tablePath = join(root, "tests/data/DETECTION.md");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bn = await load();
  const all = caseNames().flatMap((name) => examine(bn, name));
  const ofNorms = examineNorms(bn);
  for (const { caseName, program, faults, outcome } of [...all, ...ofNorms]) {
    const label = `${caseName}: ${program.id} (${program.style})`;
    for (const fault of faults) console.log(`${label}: ${fault}`);
    if (outcome === "missed") console.log(`${label}: missed`);
  }
  if (process.argv.includes("--write")) writeFileSync(tablePath, asMarkdown(all, ofNorms));
  else console.log(asMarkdown(all, ofNorms));
}
