/**
 * How fast the layer's passes are, against the traffic of memory and against PyTorch on one thread:
 *
 *     npm run bench                         every shape in float32 and float64
 *     npm run bench -- float32 256x1024     some of them
 *
 * All of them are timed in turn, a batch of at least 20 ms each, nine rounds or ROUNDS; what is printed are medians, and
 * of ratios the quartiles as well. The floor of a pass is copy (forward) or triad (backward) where its second read comes
 * from the cache, and where it does not, plus one read or two. Absolute figures hold for no other machine.
 */
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Dtype, load } from "backnorm";

const shapes = [
  [32, 3],
  [64, 64],
  [256, 1024],
  [4096, 512],
  [8, 256, 14, 14],
  [32, 64, 56, 56],
];
const rounds = Number(process.env.ROUNDS ?? 9);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** Microseconds of a run, from a batch of at least 20 ms. */
function microseconds(run: () => void): number {
  for (let count = 1; ; ) {
    const begun = performance.now();
    for (let i = 0; i < count; i++) run();
    const passed = performance.now() - begun;
    if (passed >= 20) return (passed / count) * 1000;
    count = Math.max(2 * count, Math.ceil((count * 25) / Math.max(passed, 0.01)));
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round(part * (sorted.length - 1))] as number;
}
const median = (values: readonly number[]) => quantile(values, 0.5);

interface Traffic {
  copy(to: number, from: number, size: number): void;
  triad(to: number, a: number, b: number, size: number): void;
  read(from: number, size: number): number;
  memory: WebAssembly.Memory;
}

async function startTraffic(): Promise<Traffic> {
  execFileSync("cmake", ["--build", "--preset", "module", "--target", "backnorm_traffic"], { cwd: root });
  const bytes = readFileSync(
    new URL("../../build/module/tests/bench/backnorm_traffic.wasm", import.meta.url),
  );
  const wasm = await WebAssembly.compile(bytes);
  const imports: WebAssembly.Imports = {};
  for (const { module, name } of WebAssembly.Module.imports(wasm)) {
    imports[module] = { ...imports[module], [name]: () => 0 };
  }
  const traffic = (await WebAssembly.instantiate(wasm, imports)).exports as unknown as Traffic;
  new Float32Array(traffic.memory.buffer, base).fill(1.5); // pages that were never written are all one page
  return traffic;
}
const base = 2 ** 20; // past the stack

interface Peer {
  ask<Answer>(question: object): Promise<Answer>;
  stop(): void;
}

/** PyTorch in a process of its own, or undefined where there is none. */
async function startPyTorch(): Promise<Peer | undefined> {
  const script = fileURLToPath(new URL("pytorch.py", import.meta.url));
  const python = spawn(process.env.PYTHON ?? "python3", [script], { stdio: ["pipe", "pipe", "ignore"] });
  python.on("error", () => {});
  python.stdin.on("error", () => {});
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const peer: Peer = {
    async ask(question) {
      python.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("PyTorch left");
      return JSON.parse(value);
    },
    stop: () => python.stdin.end(),
  };
  try {
    console.log(`PyTorch ${await peer.ask({ shape: [2, 2], dtype: "float32" })}`);
    return peer;
  } catch {
    console.log("No PyTorch here: PYTHON names the interpreter that has it.");
    return undefined;
  }
}

const wanted = process.argv.slice(2);
const chosen = (name: string, all: readonly string[]) =>
  !wanted.some((one) => all.includes(one)) || wanted.includes(name);
const dtypes: Dtype[] = ["float32", "float64"];
const names = shapes.map((shape) => shape.join("x"));

const bn = await load({ engine: "webassembly" });
const traffic = await startTraffic();
const pytorch = await startPyTorch();

for (const dtype of dtypes.filter((name) => chosen(name, dtypes))) {
  for (const [place, shape] of shapes.entries()) {
    const name = names[place] as string;
    if (!chosen(name, names)) continue;
    const layer = bn.layer<Dtype>({ shape, dtype });
    const { x, dy } = layer;
    for (let i = 0; i < x.length; i++) {
      x[i] = Math.random() + Math.random() - 1;
      dy[i] = Math.random() - 0.5;
    }
    layer.forward();
    await pytorch?.ask({ shape, dtype });

    const words = x.byteLength / 4;
    const [a, b, c] = [base, base + x.byteLength, base + 2 * x.byteLength];
    const figures = {
      forward: [],
      backward: [],
      copy: [],
      triad: [],
      read: [],
      theirs: [],
      theirsBack: [],
    } as Record<string, number[]>;
    for (let round = -1; round < rounds; round++) {
      const row = {
        forward: microseconds(() => layer.forward()),
        backward: microseconds(() => layer.backward()),
        copy: microseconds(() => traffic.copy(b, a, words)),
        triad: microseconds(() => traffic.triad(c, a, b, words)),
        read: microseconds(() => traffic.read(a, words)),
      };
      const [theirs, theirsBack] = (await pytorch?.ask<[number, number]>({})) ?? [Number.NaN, Number.NaN];
      if (round < 0) continue; // the code warms up
      for (const [key, value] of Object.entries({ ...row, theirs, theirsBack })) figures[key]?.push(value);
    }
    layer.dispose();

    const of = (key: string) => figures[key] as number[];
    const text = (value: number) => value.toPrecision(value < 1000 ? 3 : 4);
    const ratios = (ours: string, theirs: string) => {
      const all = of(ours).map((value, i) => (of(theirs)[i] as number) / value);
      return [0.25, 0.5, 0.75].map((part) => quantile(all, part).toFixed(2)).join(" ");
    };
    const floor = (ours: string, once: string, reads: number) => {
      const share = (more: number) =>
        median(of(ours).map((t, i) => ((of(once)[i] as number) + more * (of("read")[i] as number)) / t));
      return `${(100 * share(0)).toFixed()} to ${(100 * share(reads)).toFixed()} %`;
    };
    console.log(`${dtype} ${name}`);
    console.log(`  forward  ${text(median(of("forward")))} µs, of the floor ${floor("forward", "copy", 1)}`);
    console.log(
      `  backward ${text(median(of("backward")))} µs, of the floor ${floor("backward", "triad", 2)}`,
    );
    console.log(
      `  copy ${text(median(of("copy")))}, triad ${text(median(of("triad")))}, read ${text(median(of("read")))} µs`,
    );
    if (pytorch) {
      console.log(`  PyTorch ${text(median(of("theirs")))} and ${text(median(of("theirsBack")))} µs`);
      console.log(
        `  times as fast as PyTorch: forward ${ratios("forward", "theirs")}, backward ${ratios("backward", "theirsBack")}`,
      );
    }
  }
}
pytorch?.stop();
