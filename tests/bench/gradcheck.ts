/**
 * How long a whole gradient check takes: analytic, exact and a central difference at all twelve nodes, beside PyTorch's
 * gradcheck and the element-by-element loop of NumPy. `npm run bench:gradcheck` prints the table; `-- --write` writes it to
 * tests/bench/GRADCHECK.md.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Backnorm, type Case, load, type NormCase } from "backnorm";
import { median, middle, spread } from "./quantiles.ts";

const kShapes = [
  [16, 16],
  [32, 32],
  [64, 64],
  [128, 64],
  [256, 64],
  [512, 64],
  [1024, 64],
] as const;
/** Peers take part up to as many values: PyTorch builds a Jacobian of their number squared. */
const kMostValues = { torch: 4096, "torch-fast": 4096, "numpy-loop": 4096 } as const;
type Peer = keyof typeof kMostValues;
const kRounds = 9;
const kLeastMilliseconds = 100;

/** The peers, in one Python process that answers a line with a time. */
async function startPeers() {
  const python = spawn("/usr/bin/python3", [fileURLToPath(new URL("gradcheck_peers.py", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the peers ended");
    return value as string;
  };
  const [versions, names] = (await next()).split("; ") as [string, string];
  return {
    versions,
    names: names.split(" ") as Peer[],
    async time(name: Peer, rows: number, columns: number) {
      python.stdin.write(`${name} ${rows} ${columns}\n`);
      return Number(await next());
    },
    stop: () => python.stdin.end(),
  };
}

function draw(bn: Backnorm, rows: number, columns: number): Case<Float64Array> {
  const arrays = bn.randn(231, [rows * columns, columns, columns, rows * columns]);
  const [x, gamma, beta, dy] = arrays as [Float64Array, Float64Array, Float64Array, Float64Array];
  return { x, shape: [rows, columns], gamma, beta, dy };
}

/** The other norms, each beside batch norm of the same tensor. */
const kNorms = [
  { norm: "layer", shape: [64, 64] },
  { norm: "rms", shape: [64, 64] },
  { norm: "group", shape: [8, 32, 16], groups: 4 },
  { norm: "instance", shape: [8, 32, 16] },
] as const;

function timeNorms(bn: Backnorm): string[] {
  return kNorms.map(({ shape, ...norm }) => {
    const size = shape.reduce((product: number, length) => product * length, 1);
    const batch: NormCase = { ...draw(bn, size / shape[1], shape[1]), shape: [...shape] };
    const { beta, ...rest } = batch;
    const kase: NormCase = { ...(norm.norm === "rms" ? rest : batch), ...norm };
    const [ours, ofBatch]: [number[], number[]] = [[], []];
    for (let round = -1; round < kRounds; round += 1) {
      const times = [timeOurs(bn, kase), timeOurs(bn, batch)] as const;
      if (round < 0) continue; // warm now
      ours.push(times[0]);
      ofBatch.push(times[1]);
    }
    const ratio = spread(ours.map((time, round) => time / (ofBatch[round] as number)));
    return `| ${[norm.norm, shape.join("×"), spread(ours), middle(ofBatch), ratio].join(" | ")} |`;
  });
}

/** Milliseconds a call, over a batch of at least 100 ms, as a page that checks at every edit is warm. */
function timeOurs(bn: Backnorm, kase: NormCase): number {
  let calls = 0;
  const begun = performance.now();
  do {
    if (bn.gradcheck(kase).verdict === "fail") throw new Error("a right gradient fails");
    calls += 1;
  } while (performance.now() - begun < kLeastMilliseconds);
  return (performance.now() - begun) / calls;
}

async function main() {
  const [bn, fallback] = [await load(), await load({ engine: "javascript" })];
  const peers = await startPeers();
  const rows: string[] = [];
  for (const [n, d] of kShapes) {
    const kase = draw(bn, n, d);
    const present = peers.names.filter((name) => n * d <= kMostValues[name]);
    const ours: number[] = [];
    const times = new Map<Peer, number[]>(present.map((name) => [name, []]));
    const large = n * n * d > 2 ** 22;
    for (let warm = 0; warm < (large ? 1 : 3); warm += 1) bn.gradcheck(kase);
    for (let round = 0; round < (large ? 3 : kRounds); round += 1) {
      ours.push(timeOurs(bn, kase));
      for (const name of present) times.get(name)?.push(await peers.time(name, n, d));
    }
    const inJavaScript = large ? undefined : [0, 1, 2].map(() => timeOurs(fallback, kase));
    const ratio = (name: Peer) => {
      const all = times.get(name);
      return all ? spread(all.map((time, round) => time / (ours[round] as number))) : "";
    };
    const own = median(ours);
    const cells = [
      `${n}×${d}`,
      spread(ours),
      ((own * 1e6) / (n * n * d)).toFixed(1),
      inJavaScript ? middle(inJavaScript) : "",
      ...(["torch", "numpy-loop", "torch-fast"] as const).flatMap((name) => {
        const all = times.get(name);
        return [all ? middle(all) : "", ratio(name)];
      }),
    ];
    rows.push(`| ${cells.join(" | ")} |`);
    console.error(rows.at(-1));
  }
  peers.stop();
  const norms = timeNorms(bn);

  const [cpu] = cpus();
  const text = `# Gradient checks, timed

Written by \`npm run bench:gradcheck -- --write\`. ${cpu?.model ?? "an unknown processor"}, ${cpus().length} of them shared; Node ${process.version},
${peers.versions}, one thread; float64; milliseconds, medians of ${kRounds} alternating rounds (3 from 256×64 on) with their
quartiles; a ratio is the peer's time over ours, round by round.

Ours checks all twelve nodes: analytic, exact by dual numbers, and a central difference. NumPy's loop takes differences of
dx alone. PyTorch's gradcheck takes them of x, gamma and beta, and builds the Jacobian; its fast mode tries one random
direction of each and finds out less.

| N×D | ours | ns / (N²·D) | as JavaScript | PyTorch gradcheck | ratio | NumPy loop | ratio | PyTorch fast mode | ratio |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
${rows.join("\n")}

The other norms, beside batch norm of the same tensor; the ratio is their time over batch norm's. Group norm has 4 groups.

| norm | shape | ours | batch norm | ratio |
|---|---|--:|--:|--:|
${norms.join("\n")}
`;
  if (process.argv.includes("--write")) {
    writeFileSync(fileURLToPath(new URL("GRADCHECK.md", import.meta.url)), text);
  } else {
    console.log(text);
  }
}

await main();
