/** Every public call by WebAssembly and by JavaScript, held to each other: `npm run engines` writes tests/data/ENGINES.md. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "backnorm";
import { testFiles } from "../engines/browser/site.ts";
import { calls } from "../engines/calls.ts";
import { onlyInNode, testsOnlyInNode } from "../engines/only-in-node.ts";

export const tablePath = fileURLToPath(new URL("../../data/ENGINES.md", import.meta.url));

/** What WebAssembly sums in lanes: see batch_norm_kernels.hpp and norm_kernels.hpp in cpp/include/backnorm. */
function hasLanes(call: string, result: string): boolean {
  if (!/^(forward|infer|layer|statistics)/.test(call)) return false;
  const shape = (/\d+(×\d+)*/.exec(result)?.[0] ?? "").split("×").map(Number);
  const isMatrix = shape.length === 2 && !/ norm of /.test(result);
  return shape.reduce((a, b) => a * b) > (isMatrix ? 1024 : 512);
}
/** Where there are lanes, how far a value may be off, as a share of the largest of its array. */
const shares = {
  Float32Array: 1e-6, // what backnorm.ts and batch_norm.hpp promise
  Float64Array: 1e-14, // kTolerance of batch_norm_kernels_test.cpp
};
/**
 * A group of all 1240 values of a sample, one of which dwarfs the rest: the scalar sum rounds 1240 times the same way, by up to
 * 1240·2^-53, and the lanes' partial sums next to never.
 */
const shareOfLongSums = 1.4e-13;

type Numbers = Float32Array | Float64Array;
const isNumbers = (value: unknown): value is Numbers =>
  value instanceof Float32Array || value instanceof Float64Array;

const kindOf = (value: object) => `${Object.prototype.toString.call(value)} {${Object.keys(value)}}`;

/** Where two results differ: an array by more than a share of its largest value, all else in any bit. */
function* differences(got: unknown, want: unknown, share: number, place = ""): Generator<string> {
  if (
    isNumbers(got) &&
    isNumbers(want) &&
    got.length === want.length &&
    got.constructor === want.constructor
  ) {
    const of = place.endsWith(".variance") ? 2 * share : share; // a variance is off by twice as much as its root
    const largest = Array.from(want, Math.abs).reduce((a, b) => (b < Infinity ? Math.max(a, b) : a), 0);
    for (const [at, value] of want.entries()) {
      const mine = got[at] as number;
      if (!Object.is(mine, value) && !(share > 0 && Math.abs(mine - value) <= of * largest))
        yield `${place}[${at}]: ${mine}, expected ${value}`;
    }
  } else if (typeof got === "object" && got && typeof want === "object" && want) {
    const [mine, theirs] = [kindOf(got), kindOf(want)];
    if (mine !== theirs) yield `${place}: ${mine}, expected ${theirs}`;
    for (const [key, value] of Object.entries(want))
      yield* differences((got as Record<string, unknown>)[key], value, share, `${place}.${key}`);
  } else if (!Object.is(got, want)) {
    yield `${place}: ${got}, expected ${want}`;
  }
}

function numbersIn(result: unknown): number {
  if (typeof result !== "object" || result === null) return typeof result === "number" ? 1 : 0;
  return Object.values(result).reduce((sum: number, inner) => sum + numbersIn(inner), 0);
}

interface Row {
  call: string;
  results: number;
  numbers: number;
  /** Results of which some bit may differ, within what shares. */
  shares: Set<number>;
  /** What differs though it must not. */
  faults: string[];
}

export async function compareAll(): Promise<Row[]> {
  const webassembly = await load({ engine: "webassembly" });
  const javascript = await load({ engine: "javascript" });
  const rows: Row[] = [];
  for (const [call, make] of Object.entries(calls)) {
    const [want, got] = [await make(webassembly), await make(javascript)];
    const row: Row = {
      call,
      results: Object.keys(want).length,
      numbers: numbersIn(want),
      shares: new Set(),
      faults: [],
    };
    for (const [result, one] of Object.entries(want)) {
      const ofKind = result.endsWith("Float32Array")
        ? shares.Float32Array
        : /all dims.* large/.test(result)
          ? shareOfLongSums
          : shares.Float64Array;
      const share = hasLanes(call, result) ? ofKind : 0;
      if (share > 0) row.shares.add(share);
      // one order of a sum that overflows ends in NaN, and another in an infinity
      const isOpen = (fault: string) =>
        share > 0 && /not finite|overflowing/.test(result) && /NaN|Infinity/.test(fault);
      const found = [...differences(got[result], one, share)].filter((fault) => !isOpen(fault));
      row.faults.push(...found.map((fault) => `${call}, ${result}${fault}`));
    }
    rows.push(row);
  }
  return rows;
}

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const written = (count: number) => count.toLocaleString("en");
const said = (shares: Set<number>) =>
  [...shares]
    .sort((a, b) => a - b)
    .map((share) => share.toExponential())
    .join(", ") || "the same bits";

export function asMarkdown(rows: readonly Row[]): string {
  const leftOut = Object.entries(testsOnlyInNode).flatMap(([file, tests]) =>
    Object.entries(tests).map(([title, what]) => [`\`${file}\`: ${title}`, `asks for ${what}`]),
  );
  return `# The same results everywhere

Written by \`npm run engines\`; do not edit.

## Four engines

Node, Chromium, Firefox and WebKit run the published \`index.js\` with \`webassembly.js\` or \`fallback.js\`, under the policy of \`npm start\`. Every public
call, on presets and on generated cases (subnormal numbers, means of 1e8, constant columns, signed zeros, NaN, infinities, sums that
overflow, printed arrays and files), gives **the same bits in all four**: ${written(rows.reduce((sum, row) => sum + row.numbers, 0))} numbers, and every name, text, shape,
error and order of properties. The payload of a NaN is left out: WebAssembly leaves it open.

${testFiles.length} of the ${testFiles.length + Object.keys(onlyInNode).length} test files of the package, \`tests/web\`, run in all four as well. These run in Node alone:

${table(["test", "because it"], [...Object.entries(onlyInNode).map(([file, why]) => [`\`${file}\``, why]), ...leftOut])}

\`npm run test:all\` runs them in Chromium and Firefox (\`tests/slow/engines/browsers.test.ts\`) and in WebKit (\`tests/slow/webkit/package.test.ts\`).

## WebAssembly and the JavaScript fallback

The same calls by both. A number is how far a value may differ, as a share of the largest value of its array, and a variance twice as
far. All else has the same bits.

${table(
  ["call", "cases", "numbers", "JavaScript"],
  rows.map(({ call, results, numbers, shares }) => [call, `${results}`, written(numbers), said(shares)]),
)}

JavaScript has no SIMD lanes. WebAssembly sums in lanes: in another order, and float32 in float32. Batch norm does so for matrices
of more than 1024 values, and all norms for other tensors of more than 512. Up to that size the bits are the same. Where a group
holds an infinity, or its squares overflow, one order can end in NaN and the other in an infinity, in that group alone.

## WebAssembly and native code

The C++ gives the same bits compiled for this processor and as WebAssembly: \`tests/slow/proofs/native-bits.test.ts\`. Its normal random
numbers are the exception. They take a logarithm of the C library; with glibc five of 20,000 draws differ in the last bit.
\`tests/data/numpy-random.txt\` has NumPy's own draws.
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await compareAll();
  const faults = rows.flatMap(({ faults }) => faults);
  if (faults.length > 0) throw new Error(faults.slice(0, 20).join("\n"));
  writeFileSync(tablePath, asMarkdown(rows));
}
