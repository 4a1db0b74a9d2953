/**
 * How fast the layer's passes are, beside the traffic of memory, plain JavaScript, TensorFlow.js, NumPy, PyTorch and
 * oneDNN, each on one thread, in Node and in Chromium:
 *
 *     npm run bench:kernels                        every shape in float32 and float64
 *     npm run bench:kernels -- node 256x1024       some of them: node, chromium, float32, float64, a shape
 *     npm run bench:kernels -- --write             writes tests/bench/RESULTS.md
 *
 * All of them are timed in turn, a batch of at least 20 ms each, nine rounds or ROUNDS. Absolute figures hold for no
 * other machine. Who is not installed is left out.
 */
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Dtype } from "backnorm";
import type { Contestant, Pass } from "./contestant.ts";
import { contestants } from "./contestants.ts";
import { middle, spread } from "./quantiles.ts";

const kShapes = [
  [32, 3],
  [64, 64],
  [256, 1024],
  [4096, 512],
  [8, 256, 14, 14],
  [32, 64, 56, 56],
];
const kDtypes: Dtype[] = ["float32", "float64"];
const kRounds = Number(process.env["ROUNDS"] ?? 9);
const root = fileURLToPath(new URL("../../", import.meta.url));
const at = (path: string) => root + path;

/** A contestant in a process of its own: a line in, a line out, as peers/python.py says. Undefined where it does not start. */
async function startProcess(name: string, command: string, args: string[]) {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended`);
    return value as string;
  };
  const ask = (question: string) => {
    child.stdin.write(`${question}\n`);
    return next();
  };
  try {
    const version = await next();
    const contestant: Contestant = {
      name,
      version,
      prepare: async (shape, dtype) =>
        (await ask(`prepare ${dtype} ${shape.join(" ")}`)).split(" ").filter(Boolean) as Pass[],
      time: async (pass) => Number(await ask(`time ${pass}`)),
    };
    return { contestant, stop: () => child.stdin.end() };
  } catch {
    console.error(`${name} is not to be had here.`);
  }
}

/** TensorFlow.js, 300 MB that only this benchmark needs. */
function installTensorFlow() {
  const prefix = at("tests/bench/peers");
  if (existsSync(`${prefix}/node_modules/.package-lock.json`)) return;
  try {
    execFileSync("npm", ["ci", "--prefix", prefix, "--no-audit", "--no-fund"], { stdio: "ignore" });
  } catch {
    console.error("TensorFlow.js could not be installed.");
  }
}

/** The program, or undefined where oneDNN's header is missing. */
function buildOneDnn(): string | undefined {
  const program = at("build/bench/onednn");
  mkdirSync(at("build/bench"), { recursive: true });
  try {
    const flags = ["-std=c++20", "-O2", at("tests/bench/peers/onednn.cpp"), "-o", program, "-ldnnl"];
    execFileSync(process.env["CXX"] ?? "g++", flags, { stdio: "ignore" });
    return program;
  } catch {
    console.error("oneDNN is not to be had here: libdnnl-dev brings it.");
  }
}

function buildTraffic(): string {
  execFileSync("cmake", ["--build", "--preset", "module", "--target", "backnorm_traffic"], { cwd: root });
  return at("build/module/tests/bench/backnorm_traffic.wasm");
}

async function startNode(traffic: string) {
  const python = process.env["PYTHON"] ?? "/usr/bin/python3";
  const peers = at("tests/bench/peers/python.py");
  const oneDnn = buildOneDnn();
  const processes = await Promise.all([
    startProcess("NumPy", python, [peers, "numpy"]),
    startProcess("PyTorch", python, [peers, "torch"]),
    oneDnn ? startProcess("oneDNN", oneDnn, []) : undefined,
  ]);
  const started = processes.filter((one) => one !== undefined);
  return {
    name: `Node ${process.version}`,
    all: [
      ...(await contestants({ traffic: readFileSync(traffic) })),
      ...started.map((one) => one.contestant),
    ],
    stop: () => {
      for (const { stop } of started) stop();
    },
  };
}

async function startChromium(traffic: string) {
  const script = (name: string) => import(new URL(`../../.scripts/${name}`, import.meta.url).href);
  const { serve } = await script("serve.js");
  const { findChromium } = await script("setup.js");
  const { default: puppeteer } = await import("puppeteer-core");
  const esbuild = await import("esbuild");

  const folder = at("build/bench/page");
  await esbuild.build({
    entryPoints: [at("tests/bench/browser.ts")],
    bundle: true,
    format: "esm",
    outdir: folder,
    logLevel: "error",
    external: ["./fallback.js"],
    minify: true,
  });
  writeFileSync(`${folder}/index.html`, '<!doctype html><script type="module" src="browser.js"></script>');
  copyFileSync(traffic, `${folder}/traffic.wasm`);
  for (const name of ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"])
    copyFileSync(
      at(`tests/bench/peers/node_modules/@tensorflow/tfjs-backend-wasm/dist/${name}`),
      `${folder}/${name}`,
    );

  const site = await serve({ root: folder });
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await puppeteer.launch({
    executablePath: findChromium(),
    args,
    protocolTimeout: 600_000,
  });
  const page = await browser.newPage();
  await page.setBypassCSP(true); // TensorFlow.js wants eval
  page.on("pageerror", (error) => console.error(String(error)));
  await page.goto(site.url);
  await page.waitForFunction(() => window.bench, { timeout: 60_000 });
  const named = await page.evaluate(() => window.bench.map(({ name, version }) => ({ name, version })));
  const all = named.map(
    ({ name, version }, i): Contestant => ({
      name,
      version,
      prepare: (shape, dtype) =>
        page.evaluate(
          (which, of, kind) => (window.bench[which] as Contestant).prepare(of, kind),
          i,
          shape,
          dtype,
        ),
      time: (pass) => page.evaluate((which, of) => (window.bench[which] as Contestant).time(of), i, pass),
    }),
  );
  return {
    name: (await browser.version()).replace(/^.*Chrome/, "Chromium").replace("/", " "),
    all,
    stop: async () => {
      await browser.close();
      await site.close();
    },
  };
}

/** Microseconds of each round, by contestant and pass. */
type Times = Map<string, number[]>;

async function race(all: readonly Contestant[], shape: readonly number[], dtype: Dtype): Promise<Times> {
  const starters: [string, () => Promise<number>][] = [];
  for (const contestant of all) {
    for (const pass of await contestant.prepare(shape, dtype))
      starters.push([`${contestant.name} ${pass}`, () => contestant.time(pass)]);
  }
  const times: Times = new Map(starters.map(([key]) => [key, []]));
  for (let round = -1; round < kRounds; round++) {
    for (const [key, time] of starters) {
      const passed = await time();
      if (round >= 0) times.get(key)?.push(passed); // in the first, code warms up
    }
  }
  return times;
}

/** Bytes of the second-level cache; 1 MiB where the system does not tell. */
function secondLevelCache(): number {
  const path = "/sys/devices/system/cpu/cpu0/cache/index2/size";
  const [, size, unit] = (existsSync(path) ? readFileSync(path, "utf8") : "").match(/(\d+)([KM])/) ?? [];
  return size ? Number(size) * (unit === "M" ? 2 ** 20 : 2 ** 10) : 2 ** 20;
}
const kCache = secondLevelCache();

/** Whether what a pass reads twice is still in the cache when it is read again: a channel of planes, or all of a matrix. */
function staysNear(shape: readonly number[], dtype: Dtype, tensors: number): boolean {
  const [outer = 0, channels = 0, ...rest] = shape;
  const inner = rest.reduce((product, extent) => product * extent, 1);
  return outer * inner * (inner > 1 ? 1 : channels) * (dtype === "float32" ? 4 : 8) * tensors <= kCache;
}

const dashed = "–";

/** The cells of one shape: our times, shares of the floor, and how many times as long each peer takes. */
function rowsOf(times: Times, shape: readonly number[], dtype: Dtype, peers: readonly Contestant[]) {
  const of = (name: string, pass: Pass) => times.get(`${name} ${pass}`);
  const ours = (pass: Pass) => of("backnorm", pass) as number[];
  const memory = (pass: Pass) => of("memory", pass) as number[];
  const floor = (pass: Pass, base: Pass, reads: number) => {
    const more = staysNear(shape, dtype, reads) ? 0 : reads;
    return ours(pass).map(
      (time, i) => (100 * ((memory(base)[i] as number) + more * (memory("read")[i] as number))) / time,
    );
  };
  const both = ours("forward").map((time, i) => time + (ours("backward")[i] as number));
  const ratio = (name: string, pass: Pass) => {
    const theirs = of(name, pass);
    const own = pass === "both" ? both : ours(pass);
    return theirs ? spread(own.map((time, i) => (theirs[i] as number) / time)) : dashed;
  };
  const absolute = (name: string, passes: Pass[]) =>
    passes.map((pass) => middle(of(name, pass) ?? [])).join(" / ");
  const name = `${dtype} ${shape.join("×")}`;
  return {
    own: [
      name,
      spread(ours("forward")),
      `${middle(floor("forward", "copy", 1))} %`,
      spread(ours("backward")),
      `${middle(floor("backward", "triad", 2))} %`,
      ...(["copy", "triad", "read"] as const).map((pass) => middle(memory(pass))),
    ],
    against: peers
      .filter((peer) => of(peer.name, "forward"))
      .map((peer) => {
        const passes = (["forward", "backward", "both"] as const).filter((pass) => of(peer.name, pass));
        const ratios = (["forward", "backward", "both"] as const).map((pass) => ratio(peer.name, pass));
        return [name, peer.name, absolute(peer.name, passes), ...ratios];
      }),
  };
}

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const table = (head: string[], rows: string[][]) =>
  [line(head), `|---|${"--:|".repeat(head.length - 1)}`, ...rows.map(line)].join("\n");

async function main() {
  const wanted = process.argv.slice(2).filter((word) => word !== "--write");
  const chosen = (name: string, all: readonly string[]) =>
    !wanted.some((one) => all.includes(one)) || wanted.includes(name);
  const names = kShapes.map((shape) => shape.join("x"));
  installTensorFlow();
  const traffic = buildTraffic();
  const places = { node: startNode, chromium: startChromium };
  const sections: string[] = [];
  for (const [place, start] of Object.entries(places)) {
    if (!chosen(place, Object.keys(places))) continue;
    const { name, all, stop } = await start(traffic);
    const peers = all.slice(2);
    const own: string[][] = [];
    const against: string[][] = [];
    for (const dtype of kDtypes.filter((one) => chosen(one, kDtypes))) {
      for (const [i, shape] of kShapes.entries()) {
        if (!chosen(names[i] as string, names)) continue;
        const rows = rowsOf(await race(all, shape, dtype), shape, dtype, peers);
        own.push(rows.own);
        against.push(...rows.against);
        for (const row of [rows.own, ...rows.against]) console.error(line(row));
      }
    }
    await stop();
    const versions = peers.map((peer) => `${peer.name} ${peer.version}`.trim()).join(", ");
    sections.push(`## ${name}

${table(["", "forward", "of the floor", "backward", "of the floor", "copy", "triad", "read"], own)}

Beside ours: ${versions}.

${table(["", "peer", "its µs", "forward", "backward", "both"], against)}
`);
  }

  const [cpu] = cpus();
  const text = `# A layer's passes, timed

Written by \`npm run bench:kernels -- --write\`. ${cpu?.model ?? "An unknown processor"}, ${cpus().length} of them shared,
${kCache / 2 ** 20} MiB of second-level cache each; one thread; microseconds a call, medians of ${kRounds} alternating rounds
with their quartiles, each round a batch of at least 20 ms. A ratio is the peer's time over ours, round by round: above 1
ours is faster.

The floor is what memory alone takes, copy (forward) or triad (backward), where what a pass reads twice is still in the
second-level cache when it is read again, and one read (forward) or two (backward) more where it is not.

TensorFlow.js runs on its wasm backend with SIMD; "both" is \`tf.grads\`, forward and backward in one. Images go through
the formula written out, since its batchNorm knows channels-last only. oneDNN computes in the fastest of its layouts.
PyTorch's kernels are called without autograd. NumPy's backward is the staged one.

${sections.join("\n")}`;
  if (process.argv.includes("--write")) writeFileSync(at("tests/bench/RESULTS.md"), text);
  else console.log(text);
}

await main();
