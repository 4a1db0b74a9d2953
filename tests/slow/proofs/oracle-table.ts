/** The oracle grid as a table: `npm run oracle` writes tests/data/ORACLE.md anew. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "backnorm";
import { fusedNames, type Grid, hasLanes, type Judged, judge, nodeNames, norms, readGrid } from "./oracle.ts";
import type { Name } from "./oracle-bounds.ts";

export const tablePath = fileURLToPath(new URL("../../data/ORACLE.md", import.meta.url));

type Whose = Exclude<keyof Judged, "kase">;

/** What is farther off counts as hard to reach: a digit of 1e-16 beside a mean of 100 deviations is one of 1e-14. */
const near = 100;

const digits = (value: number) => (value === 0 ? "0" : value.toExponential(1));
const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** The worst of some runs in one node, and where. */
function worst(rows: readonly Judged[], whose: Whose, name: Name, what: "share" | "error") {
  let [most, at] = [-1, ""];
  for (const row of rows) {
    const off = row[whose][name]?.[what] ?? -1;
    if (off > most || Number.isNaN(off)) [most, at] = [off, row.kase.name];
  }
  return { most, at };
}

/** The worst node of one run. */
function worstNode(row: Judged, whose: Whose, names: readonly Name[]) {
  let [most, at] = [0, ""];
  for (const name of names) {
    const error = row[whose][name]?.error ?? 0;
    if (error > most) [most, at] = [error, name];
  }
  return { most, at };
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), `|---|${"--:|".repeat(heads.length - 1)}`, ...rows.map(line)].join("\n");
}

function gates(all: readonly Judged[], dtype: string): string {
  const rows = all.filter(({ kase }) => kase.dtype === dtype);
  const easy = rows.filter(({ kase }) => kase.distance <= near);
  const peers = ["gates", "numpy", "torch"] as const;
  const error = (from: readonly Judged[], whose: Whose, name: Name) =>
    digits(worst(from, whose, name, "error").most);
  return table(
    [
      "",
      "of the bound",
      "in",
      ...["ours", "NumPy", "PyTorch"],
      ...["ours, all", "NumPy, all", "PyTorch, all"],
    ],
    nodeNames.map((name) => {
      const { most, at } = worst(rows, "gates", name, "share");
      const errors = [easy, rows].flatMap((from) => peers.map((whose) => error(from, whose, name)));
      return [name, percent(most), most === 0 ? "" : at, ...errors];
    }),
  );
}

/** Of the bound, and the worst error of the near cases, norm by norm. */
function otherNorms(all: readonly Judged[], dtype: string): string {
  const rows = norms
    .slice(1)
    .map((norm) => all.filter(({ kase }) => kase.norm === norm && kase.dtype === dtype));
  const heads = norms.slice(1).flatMap((norm) => [`${norm}, of the bound`, "error"]);
  return table(
    ["", ...heads],
    nodeNames.map((name) => [
      name,
      ...rows.flatMap((own) => {
        const easy = own.filter(({ kase }) => kase.distance <= near);
        const { most } = worst(own, "gates", name, "share");
        return most < 0 ? ["", ""] : [percent(most), digits(worst(easy, "gates", name, "error").most)];
      }),
    ]),
  );
}

function fused(rows: readonly Judged[]): string {
  return table(
    ["", "of the bound", "in", "of JavaScript's", "ours", "JavaScript", "PyTorch", "in"],
    fusedNames.map((name) => {
      const { most, at } = worst(rows, "fused", name, "share");
      const javascript = worst(rows, "fusedJavaScript", name, "share").most;
      // side by side on what PyTorch takes: it has no ddof, refuses one value a channel, and no dgamma without gamma
      const both = rows.filter(({ batchNorm }) => batchNorm[name]);
      const [ours, second] = (["fused", "fusedJavaScript"] as const).map((whose) =>
        digits(worst(both, whose, name, "error").most),
      ) as [string, string];
      const theirs = worst(both, "batchNorm", name, "error");
      return [name, percent(most), at, percent(javascript), ours, second, digits(theirs.most), theirs.at];
    }),
  );
}

function lostDigits(all: readonly Judged[], dtype: string): string[][] {
  const rows = all.filter(({ kase }) => kase.dtype === dtype);
  const results: [string, Whose, readonly Name[]][] = [
    ["`trace`", "gates", nodeNames],
    ["NumPy, by hand", "numpy", nodeNames],
    ["PyTorch, autograd", "torch", nodeNames],
    ["`forward`, `backward`", "fused", ["y", "dx", "dgamma"]],
    ["PyTorch's batch norm", "batchNorm", ["y", "dx", "dgamma"]],
  ];
  return results.map(([label, whose, names]) => {
    const taken = rows.filter((row) => row[whose]["y"]);
    const beyond = (limit: number) =>
      String(taken.filter((row) => worstNode(row, whose, names).most > limit).length);
    const steps = [1e-6, 1e-3, 1e-1].map(beyond);
    return [`${label}, ${dtype}`, String(taken.length), ...steps];
  });
}

function hard(all: readonly Judged[]): string {
  const rows = all.filter(({ kase }) => kase.hard);
  const gate = (row: Judged, whose: Whose) => {
    const { most, at } = worstNode(row, whose, nodeNames);
    return most === 0 ? "0" : `${digits(most)} ${at}`;
  };
  const whole = (row: Judged, whose: Whose) => {
    const { y, dx } = row[whose];
    return y && dx ? `${digits(y.error)}, ${digits(dx.error)}` : "";
  };
  return table(
    ["", "max abs x / std", "ours", "NumPy", "PyTorch", "y, dx: ours", "y, dx: PyTorch"],
    rows.map((row) => [
      row.kase.name,
      digits(row.kase.distance),
      ...[gate(row, "gates"), gate(row, "numpy"), gate(row, "torch")],
      ...[whole(row, "fused"), whole(row, "batchNorm")],
    ]),
  );
}

/** What was measured with what. */
export const versionsOf = ({ versions }: Grid) => `NumPy ${versions.numpy} and PyTorch ${versions.torch}`;

/** The committed table. */
export function asMarkdown(grid: Grid, every: readonly Judged[]): string {
  const all = every.filter(({ kase }) => kase.norm === "batch");
  const others = every.filter(({ kase }) => kase.norm !== "batch");
  const count = (is: (one: Judged) => boolean) => all.filter(is).length;
  const small = (dtype: string) => all.filter(({ kase }) => kase.dtype === dtype && !hasLanes(kase));
  const large = (dtype: string) => all.filter(({ kase }) => kase.dtype === dtype && hasLanes(kase));
  const between = (from: readonly Judged[]) => `${from.length} cases`;
  return `# How far from the exact value

Written by \`npm run oracle\`, with ${versionsOf(grid)}; do not edit. tests/data/oracle.py makes the cases,
and tests/slow/proofs/oracle.test.ts holds every one of them to its bound.

${all.length} cases of batch norm, ${count(({ kase }) => kase.dtype === "float64")} in float64 and ${count(({ kase }) => kase.dtype === "float32")} in float32, ${count(({ kase }) => kase.hard)} of them hard. The judge of all is a computation to fifty digits at
the very same inputs. PyTorch's batch norm takes ${count(({ batchNorm }) => batchNorm.y !== undefined)} of them: it has no ddof and refuses one value per channel.

- An **error** is the largest |computed - exact|, over the node's natural size: what its terms come to before they cancel.
  1e-16 is all that float64 can say, 6e-8 all that float32 can, and 1 is nothing right.
- **Of the bound**: the same over the most that rounding may do to that very value, by a running error analysis with no
  constant that was fitted (tests/slow/proofs/oracle-bounds.ts). More than 100 % is a fault.
- The first three errors are of the ${count(({ kase }) => kase.distance <= near)} cases whose x lies within ${near} standard deviations of 0, the last three (*all*) of
  all: there the inputs themselves leave few digits, and whoever computes in that format loses them.

## Gate by gate, float64

\`trace\`, NumPy by hand, and PyTorch's autograd on the same graph.

${gates(all, "float64")}

## Gate by gate, float32

Ours adds up in float64, NumPy and PyTorch in float32.

${gates(all, "float32")}

## The fused passes

\`forward\` and \`backward\`, on the tensor as it lies in memory, beside PyTorch's batch norm; the errors are of the cases
that PyTorch takes.

### float64, ${between(small("float64"))}

${fused(small("float64"))}

### float32, ${between(small("float32"))}

The arithmetic is float64, and mean and invstd stay in it.

${fused(small("float32"))}

### float64, more than 1024 values, ${between(large("float64"))}

WebAssembly sums these around a shift of at most two deviations, which may cost 5 times the bound; it is not drawn on here.

${fused(large("float64"))}

### float32, more than 1024 values, ${between(large("float32"))}

In WebAssembly these are computed in float32 around the mean, and the bound is what batch_norm.hpp promises: 1e-6 of the
largest exact value.

${fused(large("float32"))}

## Layer, group, instance and RMS norm

\`trace\` on ${others.length} cases, ${norms
    .slice(1)
    .map((norm) => `${others.filter(({ kase }) => kase.norm === norm).length} of ${norm} norm`)
    .join(", ")}. RMS norm's ms, rms and invrms go by
the names of var, std and invstd; the errors are of the cases within ${near} deviations, and none of their gradient checks fails.

### float64

${otherNorms(others, "float64")}

### float32

${otherNorms(others, "float32")}

## Who loses digits

In how many cases the worst node (or y, dx, dgamma of the fused passes) is off by more than so much.

${table(
  ["", "cases", "1e-6", "1e-3", "0.1"],
  ["float64", "float32"].flatMap((dtype) => lostDigits(all, dtype)),
)}

## The hard cases

The worst node of each, by gates; then y and dx of the fused passes. An empty cell: PyTorch does not take the case.

${hard(all)}
`;
}

export async function judgeAll() {
  const [webassembly, javascript] = await Promise.all([
    load({ engine: "webassembly" }),
    load({ engine: "javascript" }),
  ]);
  const grid = readGrid();
  return {
    grid,
    webassembly,
    javascript,
    all: grid.cases.map((kase) => judge(webassembly, javascript, kase)),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { grid, all } = await judgeAll();
  if (process.argv.includes("--write")) writeFileSync(tablePath, asMarkdown(grid, all));
  else console.log(asMarkdown(grid, all));
}
