// Finds out what this machine lacks and installs it. Needs only Node and git.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ask, main, root, run, Stop, which } from "./run.js";

// One row per tool. `apt`: its Debian packages; for a|b, the first one known here. `groups`: the test groups that need
// it (test.js); without `groups`, the build needs it. `optional`: without the tool these groups are skipped and the
// rest still runs.
const tools = [
  { what: "cmake, 3.25 or newer", apt: ["cmake"], found: cmakeIsNewEnough },
  { what: "ninja", apt: ["ninja-build"], found: () => which("ninja") ?? which("ninja-build") },
  { what: "emcc (Emscripten, 3.1.6 or newer) and python3", apt: ["emscripten"], found: findEmcc },
  {
    groups: "native sanitize fuzz slow proofs",
    what: "a C++20 compiler",
    apt: ["g++"],
    found: compilerIsNewEnough,
  },
  {
    groups: "sanitize fuzz slow",
    what: "Clang with its sanitizers and libFuzzer", // 6 MB on top of Emscripten's Clang, 60 MB on disk
    apt: ["clang", "libclang-rt-dev"],
    found: findFuzzer,
    optional: true,
  },
  {
    groups: "native wasm sanitize fuzz proofs",
    what: "Catch2, 2.13 or 3",
    apt: ["catch2"],
    found: findCatch2,
  },
  {
    groups: "page rest engines slow bundler site",
    what: "the headless shell of Chromium, or any Chromium or Chrome",
    apt: ["chromium-headless-shell|chromium"],
    found: () => headlessShell() ?? (isKnown("chromium-headless-shell") ? undefined : findChromium()),
    optional: true,
  },
  {
    groups: "page rest engines firefox webkit smoke slow bundler site",
    what: "DejaVu fonts",
    apt: ["fonts-dejavu-core"],
    found: findFonts,
    optional: true,
  },
  { groups: "firefox smoke", what: "Firefox", apt: ["firefox-esr"], found: findFirefox, optional: true },
  {
    groups: "webkit smoke",
    what: "WebKit's driver, and a screen for it",
    apt: ["webkit2gtk-driver", "xvfb", "xauth"],
    found: findWebKit,
    optional: true,
  },
  ...["numpy", "torch", "sklearn"].map((name) => ({
    groups: name === "sklearn" ? "proofs" : "proofs slow",
    what: `${name} for /usr/bin/python3`,
    apt: [`python3-${name}`],
    found: () => findPython(name),
  })),
  {
    groups: "slow",
    what: "MPI, for the example on four ranks",
    apt: ["libopenmpi-dev", "openmpi-bin"],
    found: () => which("mpirun") && which("mpicxx"),
  },
  { groups: "slow site", what: "Jekyll", apt: ["jekyll"], found: () => which("jekyll") },
  {
    groups: "slow",
    what: "MkDocs with the theme Material",
    apt: ["mkdocs-material"],
    found: () => ask("mkdocs", ["build", "--help"])?.includes("material"),
  },
  {
    groups: "slow",
    what: "Sphinx with MyST",
    apt: ["python3-sphinx", "python3-myst-parser"],
    found: () => which("sphinx-build") && findPython("myst_parser"),
  },
  {
    groups: "slow",
    what: "nbconvert, and a kernel of Python for it",
    apt: ["jupyter-nbconvert", "python3-ipykernel"],
    found: () => which("jupyter-nbconvert") && findPython("ipykernel"),
  },
  {
    groups: "slow",
    what: "Jupyter's notebook, and its widgets",
    apt: ["jupyter-notebook", "python3-ipywidgets"],
    found: () => which("jupyter-notebook") && findPython("ipywidgets"),
  },
  {
    groups: "bare",
    what: "debootstrap, and root to run it",
    apt: ["debootstrap"],
    found: () => process.getuid() === 0 && which("debootstrap"),
    optional: true,
  },
];

/** Installs what the build and these test groups need. Returns a function from a group to the tool it still lacks. */
export async function setUp(groups = []) {
  if (Number.parseInt(process.versions.node, 10) < 20)
    throw new Stop(`Node 20 or newer is required, got ${process.version}. Get it from https://nodejs.org.`);
  const wanted = tools.filter(
    (tool) => !tool.groups || groups.some((group) => tool.groups.split(" ").includes(group)),
  );
  const missing = () => wanted.filter((tool) => !tool.found());
  const before = missing();
  const wantsPackages = !packagesAreCurrent();
  if (before.length > 0 || wantsPackages) {
    console.log("Missing on this machine:");
    for (const tool of before) console.log(`  ${tool.what}`);
    if (wantsPackages) console.log("  the npm packages of package-lock.json, in node_modules/");
  }
  if (wantsPackages) refuseUnwritable(npmCache());
  if (before.length > 0) {
    await installTools(before);
    const after = missing();
    for (const { what } of after.filter((tool) => tool.optional)) console.log(`Continuing without ${what}.`);
    const needed = after.filter((tool) => !tool.optional).map((tool) => tool.what);
    if (needed.length > 0)
      throw new Stop(`Still missing: ${needed.join("; ")}. Install it by hand, then repeat.`);
  }
  if (wantsPackages) await installPackages();
  const lacks = missing();
  return (group) => lacks.find((tool) => tool.groups.split(" ").includes(group))?.what;
}

const npmCache = () => process.env.npm_config_cache ?? join(homedir(), ".npm");

/** npm caches downloads in a folder of HOME. If that isn't writable, npm fails late and with long output. */
function refuseUnwritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    rmSync(mkdtempSync(join(folder, "backnorm-")), { recursive: true });
  } catch (error) {
    throw new Stop(
      `npm keeps its packages in ${folder}, which isn't writable (${error.code}). Set HOME to a writable folder: HOME=/tmp/home npm run ${process.env.npm_lifecycle_event ?? "start"}`,
    );
  }
}

function cmakeIsNewEnough() {
  const [, major, minor] = ask("cmake", ["--version"])?.match(/version (\d+)\.(\d+)/) ?? [];
  return Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 25);
}

function findEmcc() {
  return which("emcc") && (process.env.EMSDK_PYTHON || which("python3"));
}

function compilerIsNewEnough() {
  const flags = ["-std=c++20", "-x", "c++", "-", "-o", "/dev/null"];
  const source = "#include <span>\nint main() { return 0; }\n";
  return ask(process.env.CXX || which("g++") || "c++", flags, { input: source }) !== undefined;
}

/** True if Clang can link fuzzers here. Only linking proves it: on some systems the runtimes are separate packages. */
function findFuzzer() {
  const flags = ["-fsanitize=fuzzer,address,undefined", "-x", "c++", "-", "-o", "/dev/null"];
  const source = 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }\n';
  return ask("clang++", flags, { input: source }) !== undefined;
}

function findCatch2() {
  const prefixes = (process.env.CMAKE_PREFIX_PATH ?? "")
    .split(/[;:]/)
    .map((prefix) => join(prefix, "include"));
  const folders = ["/usr/include", "/usr/local/include", "/opt/homebrew/include", ...prefixes];
  const headers = ["catch2/catch.hpp", "catch2/catch_test_macros.hpp"];
  return folders.some((folder) => headers.some((header) => existsSync(join(folder, header))));
}

const named = () => (existsSync(process.env.CHROME_PATH ?? "") ? process.env.CHROME_PATH : undefined);
const headlessShell = () => named() ?? which("chromium-headless-shell");

/** The path of a Chromium or Chrome, or undefined. A headless one comes first: it opens a page in half the time. */
export function findChromium() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  return headlessShell() ?? names.map(which).find(Boolean);
}

/** The path of Firefox, or undefined. */
export function findFirefox() {
  return which("firefox-esr") ?? which("firefox");
}

/** The path of WebKit's driver, or undefined. It needs a display, if only a virtual one. */
function findWebKit() {
  return which("xvfb-run") && which("WebKitWebDriver");
}

// Debian's browser brings no fonts, and screenshots would show boxes. Other systems have their own.
function findFonts() {
  return !which("apt-get") || existsSync("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf");
}

// find_spec, not import: loading torch takes two seconds
function findPython(module) {
  const code = `import importlib.util as u, sys; sys.exit(u.find_spec("${module}") is None)`;
  return ask("/usr/bin/python3", ["-c", code]) !== undefined;
}

async function installTools(missing) {
  const packages = missing.flatMap((tool) => tool.apt.map((names) => names.split("|")));
  const preferred = packages.map(([name]) => name).join(" ");
  const mustHave = missing.some((tool) => !tool.optional);
  if (!which("apt-get")) {
    if (!mustHave) return;
    throw new Stop(
      "This system has no apt-get. Install the tools listed above with its own package manager, then repeat.",
    );
  }
  const sudo = process.getuid() === 0 ? [] : ["sudo", "-n"];
  if (sudo.length > 0 && (!which("sudo") || ask("sudo", ["-n", "true"]) === undefined)) {
    const line = (as) =>
      `${as}apt-get update && ${as}apt-get install -y --no-install-recommends ${preferred}`;
    console.log("The installation needs root. Run this command, then repeat:\n");
    console.log(which("sudo") ? `  ${line("sudo ")}\n` : `  su -c '${line("")}'\n`);
    if (mustHave) throw new Stop("Nothing was installed.");
    return;
  }
  console.log(`Installing with apt-get, once: ${preferred}. This usually takes one or two minutes.`);
  const quietly = ["env", "DEBIAN_FRONTEND=noninteractive"];
  // another apt-get may be running, such as unattended upgrades
  const apt = (...args) => [...sudo, ...quietly, "apt-get", "-o", "DPkg::Lock::Timeout=300", ...args];
  const start = ([command, ...args], options) => run(command, args, { minutes: 30, ...options });
  // an interrupted installation makes apt-get refuse all others; otherwise this does nothing
  await start([...sudo, ...quietly, "dpkg", "--configure", "-a"], { quiet: true }).catch(() =>
    console.log("dpkg --configure -a failed; continuing anyway."),
  );
  // a broken third-party source is no reason to stop: the installation shows whether it matters
  await start(apt("update"), { quiet: true }).catch(() =>
    console.log("apt-get update failed; continuing anyway."),
  );
  const known = packages.map((names) => names.find(isKnown)).filter(Boolean);
  if (known.length === 0) return;
  await start(apt("install", "-y", "--no-install-recommends", ...known), { onLine: progress() });
}

/** True if apt-get knows a package of this name. */
function isKnown(name) {
  return /^Package: /m.test(ask("apt-cache", ["show", "--no-all-versions", name]) ?? "");
}

// apt-get prints three lines for each of some hundred packages; one line every five seconds is enough.
function progress() {
  const begun = Date.now();
  let total = "?";
  let told = begun;
  const counts = { downloaded: 0, unpacked: 0, "set up": 0 };
  return (line) => {
    total = line.match(/(\d+) newly installed/)?.[1] ?? total;
    const step = { "Get:": "downloaded", Unpa: "unpacked", Sett: "set up" }[line.slice(0, 4)];
    if (!step) return;
    counts[step]++;
    if (Date.now() - told < 5000) return;
    told = Date.now();
    console.log(`  ${Math.round((told - begun) / 1000)} s: ${counts[step]} of ${total} packages ${step}`);
  };
}

/** True if node_modules/ matches package-lock.json, in the repository or in a folder of it. */
function packagesAreCurrent(folder = "") {
  const read = (path) => JSON.parse(readFileSync(join(root, folder, path), "utf8")).packages;
  try {
    const wanted = read("package-lock.json");
    const have = read("node_modules/.package-lock.json"); // npm writes it last
    const same = ([path, { version, integrity }]) =>
      wanted[path]?.version === version &&
      wanted[path].integrity === integrity &&
      existsSync(join(root, folder, path, "package.json"));
    const there = ([path, { optional }]) => path === "" || optional || path in have;
    return Object.entries(have).every(same) && Object.entries(wanted).every(there);
  } catch {
    return false;
  }
}

/** Runs `npm ci`, unless node_modules/ is up to date. folder: that has packages of its own. */
export async function installPackages(folder = "") {
  if (packagesAreCurrent(folder)) return;
  console.log(
    `Installing the npm packages${folder && ` of ${folder}`}. This usually takes ten seconds to a minute.`,
  );
  // dev also with NODE_ENV=production: every package that we use is a tool
  const flags = ["--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["ci", "--prefix", join(root, folder), ...flags], { quiet: true });
}

// node .scripts/setup.js [GROUP ...]
await main(import.meta.url, async () => {
  await setUp(process.argv.slice(2));
  console.log("Everything is installed.");
});
