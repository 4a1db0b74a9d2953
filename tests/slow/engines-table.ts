/** Every public call by each binary of the C++, held to each other: `npm run engines` writes tests/data/ENGINES.md. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Backnorm, load, parseNpy } from "backnorm";
import { createBacknorm } from "../../web/src/backnorm.ts";
import type { Engine } from "../../web/src/checker.ts";
import type { Module } from "../../web/src/module.ts";
import { apart } from "../engines/across.ts";
import { testFiles } from "../engines/browser/site.ts";
import { calls } from "../engines/calls.ts";
import { onlyInNode, testsOnlyInNode } from "../engines/only-in-node.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const tablePath = join(root, "tests/data/ENGINES.md");

function cmake(...args: string[]) {
  const { status, stdout, stderr } = spawnSync("cmake", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`cmake ${args.join(" ")}: ${status}\n${stdout}${stderr}`);
}

/** cpp/bindings as native code, under the same TypeScript. Its cases are those of `other`. */
function startNative(other: Backnorm): { native: Backnorm; own: Backnorm["presets"] } {
  const [from, to] = [join(root, "tests/engines/native"), join(root, "build/native-module")];
  cmake("-S", from, "-B", to, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release");
  cmake("--build", to, "--target", "backnorm_native");
  const module: Module = createRequire(import.meta.url)(join(to, "backnorm_native.node"));
  const native = createBacknorm(module, "native" as Engine) as unknown as Backnorm; // of the source, and not of dist/types
  return { native: { ...native, presets: other.presets }, own: native.presets };
}

/** Where a binary may differ from WebAssembly, how far, and why. Everywhere else each bit is the same. */
interface Latitude {
  /** Whether a result is one that may differ. */
  holds(call: string, result: string): boolean;
  /** Of the largest value of an array. */
  share: number;
  /** Whether the numbers may be of other kinds: a NaN for an infinity. */
  mayBeUnlike(result: string): boolean;
}

const statistics = "statistics, mergeStatistics, normalize, sums, apply";
const passes = ["forward", "backward", "infer", "inferBackward", "layer", statistics];
const sizeOf = (result: string) => {
  const shape = (/^[\d×]+/.exec(result)?.[0] ?? "").split("×").map(Number);
  return { size: shape.reduce((a, b) => a * b), isMatrix: shape.length === 2 };
};
/** See cpp/include/backnorm/batch_norm_kernels.hpp. */
const hasLanes = (result: string) => {
  const { size, isMatrix } = sizeOf(result);
  return size > (isMatrix ? 1024 : 512);
};
const ofPasses = (kind: "Float32Array" | "Float64Array", share: number): Latitude => ({
  holds: (call, result) => passes.includes(call) && hasLanes(result) && result.endsWith(kind),
  share,
  mayBeUnlike: (result) => /not finite|overflowing/.test(result),
});

const kUlp = 2 ** -52;

export const binaries = {
  javascript: [
    ofPasses("Float32Array", 1e-6), // what backnorm.ts and batch_norm.hpp promise
    ofPasses("Float64Array", 1e-14), // kTolerance of batch_norm_kernels_test.cpp
  ],
  native: [
    {
      holds: (call, result) => call === "randn" || result === "drawn presets",
      share: kUlp, // of the largest
      mayBeUnlike: () => false,
    },
  ],
} satisfies Record<string, Latitude[]>;
export type Binary = keyof typeof binaries;

interface Row {
  call: string;
  results: number;
  numbers: number;
  /** Of each binary: what may differ within what share, and what differs though it must not. */
  of: Record<Binary, { shares: Set<number>; faults: string[] }>;
}

export async function compareAll(): Promise<Row[]> {
  const [webassembly, javascript] = await Promise.all([
    load({ engine: "webassembly" }),
    load({ engine: "javascript" }),
  ]);
  const { native, own } = startNative(webassembly);
  const others: Record<Binary, Backnorm> = { javascript, native };
  const rows: Row[] = [];
  for (const [call, make] of Object.entries(calls)) {
    const want = await make(webassembly, { parseNpy });
    const row: Row = {
      call,
      results: Object.keys(want).length,
      numbers: apart(want, want).numbers,
      of: empty(),
    };
    for (const [name, bn] of Object.entries(others) as [Binary, Backnorm][]) {
      const got = await make(bn, { parseNpy });
      for (const [result, one] of Object.entries(want)) judge(row, name, result, got[result], one);
    }
    rows.push(row);
  }
  const { presets } = webassembly;
  const drawn: Row = {
    call: "presets, drawn by each",
    results: Object.keys(presets).length,
    numbers: apart(presets, presets).numbers,
    of: empty(),
  };
  judge(drawn, "javascript", "drawn presets", javascript.presets, presets);
  judge(drawn, "native", "drawn presets", own, presets);
  return [...rows, drawn];
}

const empty = (): Row["of"] => ({
  javascript: { shares: new Set(), faults: [] },
  native: { shares: new Set(), faults: [] },
});

function judge({ call, of }: Row, binary: Binary, result: string, got: unknown, want: unknown) {
  const { shares, faults } = of[binary];
  const latitude = (binaries[binary] as Latitude[]).find(({ holds }) => holds(call, result));
  const { differing, most, unlike } = apart(got, want);
  if (latitude) shares.add(latitude.share);
  const share = latitude?.share ?? 0;
  const where = `${call}, ${result}, by ${binary}`;
  if (most > share || (differing > 0 && !latitude)) faults.push(`${where}: ${differing} differ, by ${most}`);
  if (unlike.length > 0 && !latitude?.mayBeUnlike(result)) faults.push(`${where}: ${unlike[0]}`);
}

const said = ({ shares }: { shares: Set<number> }) =>
  shares.size === 0
    ? "the same bits"
    : [...shares]
        .sort((a, b) => a - b)
        .map((share) => (share === kUlp ? "2⁻⁵²" : share.toExponential()))
        .join(", ");

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

export function asMarkdown(rows: readonly Row[]): string {
  const numbers = rows.reduce((sum, row) => sum + row.numbers, 0).toLocaleString("en");
  const leftOut = Object.entries(testsOnlyInNode).flatMap(([file, tests]) =>
    Object.entries(tests).map(([title, what]) => [`\`${file}\`: ${title}`, `asks for ${what}`]),
  );
  return `# One answer everywhere

Written by \`npm run engines\`; do not edit.

## One binary, four engines

Node, Chromium, Firefox and WebKit run the published \`index.js\` and \`fallback.js\`, under the policy of \`npm start\`. Each public
call, on presets and on generated cases (subnormal numbers, means of 1e8, constant columns, signed zeros, what is not finite, what
overflows, prints and files), gives **the same bits in all four**: ${numbers} numbers, and every name, text, shape, error and
order of properties around them. What a NaN carries is left out, since WebAssembly leaves it open.

${testFiles.length} of the ${testFiles.length + Object.keys(onlyInNode).length} test files of the package, \`tests/web\`, run in the four as well. In Node alone:

${table(["", "since it"], [...Object.entries(onlyInNode).map(([file, why]) => [`\`${file}\``, why]), ...leftOut])}

\`npm run test:slow\` has Chromium and Firefox (\`tests/page/slow/package.test.ts\`), and WebKit (\`tests/page/webkit/package.test.ts\`).

## Three binaries

The same calls by WebAssembly, by the JavaScript fallback, and by native code: \`cpp/bindings\` compiled for this processor and
loaded into Node (\`tests/engines/native\`), under the same TypeScript. A number in a cell: how far a value may be from WebAssembly's, as
a share of the largest value of its array; everything that it does not speak of is the same to the bit.

${table(
  ["call", "cases", "numbers", "JavaScript", "native"],
  rows.map(({ call, results, numbers: count, of }) => [
    call,
    String(results),
    count.toLocaleString("en"),
    said(of.javascript),
    said(of.native),
  ]),
)}

Why they differ where they do:

- **JavaScript has no lanes.** Passes over matrices of more than 1024 values and other tensors of more than 512 are summed in
  lanes where there are any, in another order, and of float32 in float32: 1e-6 there, 1e-14 in float64. Up to that size the bits
  are the same. Where a channel holds an infinity, or its squares overflow, one order ends in NaN and another in an infinity, of
  that channel alone.
- **A logarithm.** \`randn\` takes one, of the C library: musl's in WebAssembly and JavaScript, the system's in native code. With glibc five of
  20,012 draws differ in the last bit, and so does a preset that is made of them. NumPy's own draws are compared in \`tests/data/numpy-random.txt\`.
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await compareAll();
  const faults = rows.flatMap(({ of }) => Object.values(of).flatMap(({ faults }) => faults));
  if (faults.length > 0) throw new Error(faults.slice(0, 20).join("\n"));
  if (process.argv.includes("--write")) writeFileSync(tablePath, asMarkdown(rows));
  else console.log(asMarkdown(rows));
}
