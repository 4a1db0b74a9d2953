// Runs other programs for the scripts beside this file, and leaves none of them running.
import { execFileSync, spawn } from "node:child_process";
import { constants as access, accessSync, existsSync, realpathSync, statSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** A failure that one sentence explains. `main` prints it without a stack. */
export class Stop extends Error {}

/** The path of a program on PATH, or undefined. */
export function which(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder || ".", name);
    try {
      accessSync(path, access.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {}
  }
}

/** A program's output, or undefined if it is missing or fails. */
export function ask(command, args, options = {}) {
  try {
    const stdio = ["pipe", "pipe", "ignore"];
    return execFileSync(command, args, {
      cwd: root,
      encoding: "utf8",
      timeout: 30_000,
      stdio,
      ...options,
    }).trim();
  } catch {}
}

/**
 * The environment of every program: our own, what emcc needs, and what CMakePresets.json reads. Computed anew each
 * time, since an installation in between changes it.
 */
export function env() {
  return {
    ...process.env,
    PATH: path(),
    BACKNORM_NODE: process.execPath,
    EMSCRIPTEN_TOOLCHAIN: process.env.EMSCRIPTEN_TOOLCHAIN ?? emscriptenToolchain(),
    NODE_PATH: nodePath(),
  };
}

// `node` must be the one that runs this script, not another one that an installation put first on PATH.
function path() {
  const { PATH = "" } = process.env;
  const node = which("node");
  return node && realpathSync(node) === process.execPath
    ? PATH
    : [dirname(process.execPath), PATH].join(delimiter);
}

// Debian's emcc finds acorn there, but only Debian's own Node looks there by default.
function nodePath() {
  const debian = "/usr/share/nodejs";
  const given = (process.env.NODE_PATH ?? "").split(delimiter).filter(Boolean);
  return [...given, ...(existsSync(debian) && !given.includes(debian) ? [debian] : [])].join(delimiter);
}

// Not emcmake: version 3.1.6 starts Node with a flag that Node 20 rejects. In Debian and emsdk the file is beside emcc.
// em-config, which takes half a second, knows other places.
function emscriptenToolchain() {
  const file = "cmake/Modules/Platform/Emscripten.cmake";
  const emcc = which("emcc");
  const beside = emcc && join(dirname(realpathSync(emcc)), file);
  if (!emcc || existsSync(beside)) return beside ?? "";
  return join(ask("em-config", ["EMSCRIPTEN_ROOT"]) ?? "", file);
}

const jobs = new Set();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a program in the repository. Resolves when it succeeds.
 * quiet: shows its output only if it fails.
 * onLine: gets each line of standard output instead of the terminal. If it returns true, the program has done its job
 * and is ended.
 * minutes: ends the program after that long.
 * env: added to env().
 */
export async function run(command, args = [], { quiet = false, onLine, minutes = 15, env: extra = {} } = {}) {
  const piped = quiet || onLine ? "pipe" : "inherit";
  const child = spawn(command, args, {
    cwd: root,
    env: { ...env(), ...extra },
    detached: true, // a process group of its own, so that it can be ended as a whole
    stdio: ["ignore", piped, piped],
  });
  let output = "";
  const keep = (text) => {
    output += text;
  };
  child.stdout?.setEncoding("utf8").on("data", keep);
  child.stderr?.setEncoding("utf8").on("data", keep);
  const job = child;
  let done = false;
  let fault;
  const hear = async (line) => {
    try {
      done ||= (await onLine(line)) === true;
    } catch (error) {
      fault = error;
    }
    if (done || fault) await end(job);
  };
  if (onLine) createInterface({ input: child.stdout }).on("line", hear);

  if (jobs.size === 0) for (const signal of signals) process.on(signal, interrupted);
  jobs.add(job);
  let late = false;
  const clock = setTimeout(() => {
    late = true;
    end(job);
  }, minutes * 60_000);

  try {
    const [code, signal] = await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (...how) => resolve(how));
      // "close" waits for all output, but a leftover browser would keep it open forever
      child.on("exit", (...how) => setTimeout(resolve, 1000, how).unref());
    });
    if (fault) throw fault;
    if (code === 0 || done) return;
    if (piped === "pipe") process.stderr.write(output);
    const why = late
      ? `took more than ${minutes} minutes`
      : signal
        ? `ended by ${signal}`
        : `exit code ${code}`;
    throw new Stop(`${[command, ...args].join(" ")}: ${why}`);
  } catch (error) {
    if (error.code === "ENOENT") throw new Stop(`${command}: no such program`);
    throw error;
  } finally {
    clearTimeout(clock);
    await end(job);
    jobs.delete(job);
    if (jobs.size === 0) for (const signal of signals) process.off(signal, interrupted);
  }
}

async function interrupted(signal) {
  await Promise.all([...jobs].map(end));
  process.exit(128 + constants.signals[signal]);
}

// Asks the process group to end, and kills it if it doesn't. Puppeteer puts each browser into its own group, and ends
// it when asked to end itself.
async function end({ pid }) {
  if (!pid) return;
  send("SIGTERM", pid);
  for (let wait = 0; wait < 30; wait++) {
    if (!send(0, pid)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  send("SIGKILL", pid);
}

/** True if any process of the group received the signal. */
function send(signal, pid) {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** Runs `body` if the module is the main program, not an import. */
export async function main(url, body) {
  if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(url)) return;
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Stop ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
