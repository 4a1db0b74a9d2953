/** RESULTS.md: shares of the floor, and how many times as long each peer takes. */
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { type Case, product } from "./case.ts";
import type { Contestant, Pass } from "./contestant.ts";
import { median, middle, spread } from "./quantiles.ts";

/** Microseconds of each round, by contestant and pass. */
export type Times = ReadonlyMap<string, readonly number[]>;
export const keyOf = (name: string, pass: Pass) => `${name} ${pass}`;

export interface Outcome {
  of: Case;
  times: Times;
}
/** Node or Chromium. */
export interface Place {
  name: string;
  peers: readonly Contestant[];
  outcomes: readonly Outcome[];
}

/** Bytes of the second-level cache; 1 MiB where the system does not tell. */
function secondLevelCache(): number {
  const path = "/sys/devices/system/cpu/cpu0/cache/index2/size";
  const [, size, unit] = (existsSync(path) ? readFileSync(path, "utf8") : "").match(/(\d+)([KM])/) ?? [];
  return size ? Number(size) * (unit === "M" ? 2 ** 20 : 2 ** 10) : 2 ** 20;
}
const kCache = secondLevelCache();

/** How many values lie between the two times that a pass reads one of them: a group, or all where groups interleave. */
function between({ norm, shape, groups }: Case): number {
  const [outer = 1, channels = 1, ...rest] = shape;
  if (norm === "layer" || norm === "rms") return shape.at(-1) as number;
  if (norm === "batch") return rest.length > 0 ? outer * product(rest) : outer * channels;
  return (norm === "group" ? channels / groups : 1) * product(rest);
}

const staysNear = (of: Case, tensors: number) =>
  between(of) * (of.dtype === "float32" ? 4 : 8) * tensors <= kCache;

const nameOf = ({ shape, dtype }: Case) => `${dtype} ${shape.join("×")}`;
const titleOf = ({ norm, groups }: Case) =>
  `${norm === "rms" ? "RMS" : `${norm[0]?.toUpperCase()}${norm.slice(1)}`} norm${groups > 0 ? `, ${groups} groups` : ""}`;

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly string[][]) =>
  [line(head), `|---|${"--:|".repeat(head.length - 1)}`, ...rows.map(line)].join("\n");
const dashed = "–";

/** Our times, and the memory's. */
function ownRow({ of, times }: Outcome): string[] {
  const ours = (pass: Pass) => times.get(keyOf("backnorm", pass)) as readonly number[];
  const memory = (pass: Pass) => times.get(keyOf("memory", pass)) as readonly number[];
  const floor = (pass: Pass, base: Pass, reads: number) => {
    const more = staysNear(of, reads) ? 0 : reads;
    return ours(pass).map(
      (time, i) => (100 * ((memory(base)[i] as number) + more * (memory("read")[i] as number))) / time,
    );
  };
  return [
    nameOf(of),
    spread(ours("forward")),
    `${middle(floor("forward", "copy", 1))} %`,
    spread(ours("backward")),
    `${middle(floor("backward", "triad", 2))} %`,
    ...(["copy", "triad", "read"] as const).map((pass) => middle(memory(pass))),
  ];
}

/** How many times as long the peer takes, round by round; undefined if it has not that pass. */
function ratios({ times }: Outcome, peer: string, pass: Pass): number[] | undefined {
  const ours = (one: Pass) => times.get(keyOf("backnorm", one)) ?? [];
  const own =
    pass === "both" ? ours("forward").map((time, i) => time + (ours("backward")[i] as number)) : ours(pass);
  return times.get(keyOf(peer, pass))?.map((time, i) => time / (own[i] as number));
}

/** The first of these that the peer has. */
const kForward: readonly Pass[] = ["forward", "infer"];
const kGradient: readonly Pass[] = ["backward", "both"];

function peerRows(outcome: Outcome, peers: readonly Contestant[]): string[][] {
  const rows: string[][] = [];
  for (const { name } of peers) {
    const passes = [...kForward, ...kGradient].filter((pass) => outcome.times.has(keyOf(name, pass)));
    if (passes.length === 0) continue;
    const cell = (...ofThese: Pass[]) => {
      const found = ofThese.find((pass) => passes.includes(pass));
      return found ? spread(ratios(outcome, name, found) as number[]) : dashed;
    };
    const absolute = passes.map((pass) => middle(outcome.times.get(keyOf(name, pass)) as number[]));
    const label = passes.includes("infer") ? `${name}, eval mode` : name;
    rows.push([
      nameOf(outcome.of),
      label,
      absolute.join(" / "),
      cell(...kForward),
      cell("backward"),
      cell("both"),
    ]);
  }
  return rows;
}

export function printRows(outcome: Outcome, peers: readonly Contestant[]): void {
  console.error(`${titleOf(outcome.of)}:`);
  for (const row of [ownRow(outcome), ...peerRows(outcome, peers)]) console.error(line(row));
}

function byTitle(outcomes: readonly Outcome[]): Map<string, Outcome[]> {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const title = titleOf(outcome.of);
    groups.set(title, [...(groups.get(title) ?? []), outcome]);
  }
  return groups;
}

/** Of each peer and number type, over the shapes of a norm: the smallest ratio and the geometric mean. */
function summary({ name, peers, outcomes }: Place, title: string, passes: readonly Pass[]): string {
  const norms = byTitle(outcomes);
  const rows: string[][] = [];
  for (const { name: peer } of peers) {
    for (const dtype of new Set(outcomes.map(({ of }) => of.dtype))) {
      const cells = [...norms.values()].map((all) => {
        const medians = all
          .filter(({ of }) => of.dtype === dtype)
          .map((outcome) =>
            passes.map((pass) => ratios(outcome, peer, pass)).find((one) => one !== undefined),
          )
          .filter((one) => one !== undefined)
          .map(median);
        if (medians.length === 0) return dashed;
        const mean = Math.exp(medians.reduce((sum, ratio) => sum + Math.log(ratio), 0) / medians.length);
        return `${middle([Math.min(...medians)])}, ${middle([mean])}`;
      });
      if (cells.some((cell) => cell !== dashed)) rows.push([`${peer}, ${dtype}`, ...cells]);
    }
  }
  return `${title}, in ${name}:

${table(["", ...[...norms.keys()].map((norm) => norm.replace(/ norm.*/, ""))], rows)}
`;
}

function details({ name, peers, outcomes }: Place): string {
  const versions = peers.map((peer) => `${peer.name} ${peer.version}`.trim()).join(", ");
  const parts = [...byTitle(outcomes)].map(
    ([title, all]) => `### ${title}

${table(["", "forward", "of the floor", "backward", "of the floor", "copy", "triad", "read"], all.map(ownRow))}

${table(
  ["", "peer", "its µs", "forward", "backward", "both"],
  all.flatMap((outcome) => peerRows(outcome, peers)),
)}
`,
  );
  return `## ${name}

Beside ours: ${versions}.

${parts.join("\n")}`;
}

export function results(places: readonly Place[], rounds: number): string {
  const [cpu] = cpus();
  const summaries = places.flatMap((place) => [
    summary(place, "Forward", kForward),
    summary(place, "Gradients", kGradient),
  ]);
  return `# A layer's passes, timed

Written by \`npm run bench:kernels -- --write\`. ${cpu?.model ?? "An unknown processor"}, ${cpus().length} of them shared,
${kCache / 2 ** 20} MiB of second-level cache each; one thread; microseconds a call, medians of ${rounds} alternating rounds
with their quartiles, each round a batch of at least 20 ms, after a warm-up. A ratio is the peer's time over
ours, round by round: above 1 ours is faster.

## Summary

The smallest ratio of a norm's shapes, and their geometric mean. The gradients of TensorFlow.js and jax-js are forward and
backward in one, beside both of ours.

${summaries.join("\n")}
## What is compared

- The floor is what memory alone takes, copy (forward) or triad (backward), where what a pass reads twice is still in the
  second-level cache when it is read again, and one read (forward) or two (backward) more where it is not. In layer, RMS,
  group and instance norm it is.
- TensorFlow.js runs on its wasm backend with SIMD; "both" is \`tf.grads\`, forward and backward in one. Its batchNorm knows
  channels-last only, so only batch norm of a matrix goes through it. All else is the formula, written out.
- jax-js runs on its wasm backend: \`jit\` of the formula, and \`jit(grad)\`, forward and backward in one, until the results
  are ready. Its float64 needs Float16Array, so in Node it has a process of its own in Node 24.
- ONNX Runtime Web runs a model of one node on its wasm backend, and copies x in and y out. It has no backward pass, and
  batch norm in eval mode only, beside ours in eval mode.
- PyTorch's kernels are called without autograd. Its instance norm is batch norm of one sample, as in \`torch.instance_norm\`.
  This version has no RMS norm, which is written out in operations of tensors.
- NumPy's passes are the formula, its backward the staged one.
- oneDNN computes batch norm of images in the fastest of its layouts, and layer norm. This version has no other norm.

${places.map(details).join("\n")}`;
}
