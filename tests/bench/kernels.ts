/**
 * How fast the layer's passes are, beside the traffic of memory, plain JavaScript, TensorFlow.js, jax-js, ONNX Runtime Web,
 * NumPy, PyTorch and oneDNN, each on one thread, in Node and in Chromium:
 *
 *     npm run bench:kernels                                every norm and shape in float32 and float64
 *     npm run bench:kernels -- node layer 512x768          some of them: node, chromium, float32, float64, a norm, a shape
 *     npm run bench:kernels -- --write                     writes tests/bench/RESULTS.md
 *
 * All of them are timed in turn, a batch of at least 20 ms each, nine rounds or ROUNDS. Absolute figures hold for no
 * other machine. Who is not installed is left out.
 */
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Dtype, Norm } from "backnorm";
import type { Case } from "./case.ts";
import type { Contestant, Pass } from "./contestant.ts";
import { contestants } from "./contestants.ts";
import { keyOf, type Outcome, type Place, printRows, results, type Times } from "./results.ts";

const kMatrices = [
  [64, 64],
  [512, 768],
  [4096, 1024],
];
const kImages = [
  [8, 256, 14, 14],
  [32, 64, 56, 56],
];
const kShapes: Record<Norm, number[][]> = {
  batch: [[32, 3], [64, 64], [256, 1024], [4096, 512], ...kImages],
  layer: kMatrices,
  group: kImages,
  instance: [[32, 64, 56, 56]],
  rms: kMatrices,
};
const kGroups = 32;
const kDtypes: Dtype[] = ["float32", "float64"];
const kRounds = Number(process.env["ROUNDS"] ?? 9);
const root = fileURLToPath(new URL("../../", import.meta.url));
const at = (path: string) => root + path;
const peersAt = (path: string) => at(`tests/bench/peers/${path}`);

/** A contestant in a process of its own: a line in, a line out, as peers/python.py says. Undefined where it does not start. */
async function startProcess(name: string, command: string, args: string[]) {
  const child = spawn(command, args, {
    cwd: root,
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
  const ask = async (question: string) => {
    child.stdin.write(`${question}\n`);
    const answer = await next();
    if (answer.startsWith("error:")) throw new Error(answer);
    return answer;
  };
  try {
    const version = await next();
    const contestant: Contestant = {
      name,
      version,
      prepare: async ({ norm, groups, dtype, shape }) => {
        const answer = await ask(`prepare ${norm} ${groups} ${dtype} ${shape.join(" ")}`);
        return answer.split(" ").filter(Boolean) as Pass[];
      },
      time: async (pass) => Number(await ask(`time ${pass}`)),
    };
    return { contestant, stop: () => child.stdin.end() };
  } catch {
    console.error(`${name} is not to be had here.`);
  }
}

/** The peers of package.json there, 650 MB that only this benchmark needs. */
function installPeers() {
  const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));
  const wanted: Record<string, string> = json(peersAt("package.json")).dependencies;
  const isThere = ([name, version]: [string, string]) => {
    const path = peersAt(`node_modules/${name}/package.json`);
    return existsSync(path) && json(path).version === version;
  };
  if (Object.entries(wanted).every(isThere)) return;
  try {
    execFileSync("npm", ["ci", "--prefix", peersAt(""), "--ignore-scripts", "--no-audit", "--no-fund"], {
      stdio: "ignore",
    });
  } catch {
    console.error("The peers of tests/bench/peers/package.json could not be installed.");
  }
}

/** Node 24, or this one, in which jax-js has no float64. */
function newerNode(): string {
  const path = peersAt(`node_modules/node-${process.platform}-${process.arch}/bin/node`);
  return existsSync(path) ? path : process.execPath;
}

/** The program, or undefined where oneDNN's header is missing. */
function buildOneDnn(): string | undefined {
  const program = at("build/bench/onednn");
  mkdirSync(at("build/bench"), { recursive: true });
  try {
    const flags = ["-std=c++20", "-O2", peersAt("onednn.cpp"), "-o", program, "-ldnnl"];
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
  const peers = peersAt("python.py");
  const oneDnn = buildOneDnn();
  const processes = await Promise.all([
    startProcess("jax-js", newerNode(), ["--import", "tsx", peersAt("jax-process.ts")]),
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
  for (const path of [
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm",
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
    "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
  ])
    copyFileSync(peersAt(`node_modules/${path}`), `${folder}/${basename(path)}`);

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
  page.on("console", (message) => console.error(message.text()));
  await page.goto(site.url);
  await page.waitForFunction(() => window.bench, { timeout: 60_000 });
  const named = await page.evaluate(() => window.bench.map(({ name, version }) => ({ name, version })));
  const all = named.map(
    ({ name, version }, i): Contestant => ({
      name,
      version,
      prepare: (of) => page.evaluate((which, it) => (window.bench[which] as Contestant).prepare(it), i, of),
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

async function race(all: readonly Contestant[], of: Case): Promise<Times> {
  const starters = new Map<string, () => Promise<number>>();
  for (const contestant of all) {
    for (const pass of await prepare(contestant, of))
      starters.set(keyOf(contestant.name, pass), () => contestant.time(pass));
  }
  const times = new Map<string, number[]>([...starters.keys()].map((key) => [key, []]));
  for (let round = -1; round < kRounds; round++) {
    for (const [key, time] of starters) {
      try {
        const passed = await time();
        if (round >= 0) times.get(key)?.push(passed); // in the first, code warms up
      } catch (error) {
        console.error(`${key}: ${(error as Error).message}`);
        starters.delete(key);
        times.delete(key);
      }
    }
  }
  return times;
}

/** None where a peer fails, or computes something else. */
async function prepare(contestant: Contestant, of: Case): Promise<readonly Pass[]> {
  try {
    return await contestant.prepare(of);
  } catch (error) {
    if (contestant.name === "backnorm") throw error;
    const { message } = error as Error;
    console.error(`${contestant.name}, ${of.norm} ${of.dtype} ${of.shape.join("x")}: ${message}`);
    return [];
  }
}

const places = { node: startNode, chromium: startChromium };

/** The cases, and the places, that the words of the command line choose: any where they name none. */
function choose(words: readonly string[]) {
  const norms = Object.keys(kShapes) as Norm[];
  const nameOf = (shape: readonly number[]) => shape.join("x");
  const shapes = norms.flatMap((norm) => kShapes[norm].map(nameOf));
  const known = [...Object.keys(places), ...kDtypes, ...norms, ...shapes];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown) throw new Error(`expected some of ${[...new Set(known)].join(", ")}, got ${unknown}`);
  const chosen = (name: string, all: readonly string[]) =>
    !words.some((word) => all.includes(word)) || words.includes(name);
  const cases: Case[] = [];
  for (const norm of norms.filter((one) => chosen(one, norms))) {
    for (const dtype of kDtypes.filter((one) => chosen(one, kDtypes))) {
      for (const shape of kShapes[norm].filter((one) => chosen(nameOf(one), shapes)))
        cases.push({ norm, shape, groups: norm === "group" ? kGroups : 0, dtype });
    }
  }
  const starts = Object.entries(places).filter(([place]) => chosen(place, Object.keys(places)));
  return { cases, starts: starts.map(([, start]) => start) };
}

async function main() {
  const { cases, starts } = choose(process.argv.slice(2).filter((word) => word !== "--write"));
  installPeers();
  const traffic = buildTraffic();
  const raced: Place[] = [];
  for (const start of starts) {
    const { name, all, stop } = await start(traffic);
    const peers = all.slice(2);
    const outcomes: Outcome[] = [];
    for (const of of cases) {
      const outcome = { of, times: await race(all, of) };
      outcomes.push(outcome);
      printRows(outcome, peers);
    }
    await stop();
    raced.push({ name, peers, outcomes });
  }
  const text = results(raced, kRounds);
  if (process.argv.includes("--write")) writeFileSync(at("tests/bench/RESULTS.md"), text);
  else console.log(text);
}

await main();
