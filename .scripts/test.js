// npm test: installs what is missing, builds, and runs the tests that a change needs. npm test -- native page: only
// these groups.
// npm run test:ci: also the tests that .ci/run adds. npm run test:all: everything.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bare } from "./bare.js";
import { biome, clangFormat } from "./format.js";
import { fuzz } from "./fuzz.js";
import { main, root, run, Stop } from "./run.js";
import { findChromium, setUp } from "./setup.js";

const inFirefox = { BACKNORM_BROWSER: "firefox" };

// Name, title, and function, fastest failures first.
const kTest = [
  ["check", "Format, lint and types", check],
  ["native", "C++, native", () => ctest("native")],
  ["wasm", "C++ as WebAssembly, in Node", () => ctest("wasm")],
  ["package", "The npm package, in Node", () => nodeTest(["web"])],
  ["lab", "The logic of the page, in Node", () => nodeTest(["lab"])],
  ["page", "The page, in Chromium", () => nodeTest(["page"])],
];
/** The part of the rest that fits into continuous integration. */
const kCi = [
  ["sanitize", "C++ under ASan and UBSan", () => ctest("sanitize")],
  ["fuzz", "C++, fuzzed for half a minute", () => fuzz()],
  ["proofs", "The proofs", () => nodeTest(["slow/proofs"])],
  ["site", "A site of Jekyll", () => nodeTest(["slow/sites.test.ts"], { only: "Jekyll" })],
  ["bundler", "A bundle of Vite", () => nodeTest(["slow/bundlers.test.ts"], { only: "^vite$" })],
  ["smoke", "The page's first tests, in Firefox and WebKit", smoke],
  ["bare", "A bare Debian 12", () => bare({ kinds: ["package"], test: "npm test -- check native package" })],
];
const kAll = [
  ["rest", "The rest of the page, in Chromium", () => nodeTest(["slow/page"])],
  ["engines", "The package, in Chromium", () => nodeTest(["slow/engines"])],
  ["webkit", "The page and the package, in WebKit", () => nodeTest(["slow/webkit"], { atOnce: 1 })],
  [
    "firefox",
    "The page and the package, in Firefox",
    () => nodeTest(["page", "slow/page", "slow/engines"], { env: inFirefox }),
  ],
  ["slow", "The slow tests", () => nodeTest(["slow"], { atOnce: 1 })],
];
const needNoBuild = ["native", "wasm", "sanitize", "fuzz", "bare"];
const partsOfOthers = ["site", "bundler", "smoke"];
const sets = {
  "--ci": [...kTest, ...kCi],
  "--all": [...kTest, ...kCi, ...kAll].filter(([name]) => !partsOfOthers.includes(name)),
};

async function check() {
  await biome();
  const whyNot = await clangFormat("--dry-run", "-Werror");
  if (whyNot) console.log(`The format of C++ files was not checked: ${whyNot}.`);
  await run(join(root, "node_modules/.bin/tsc"), ["-p", "."]);
}

async function ctest(preset) {
  await run("cmake", ["--preset", preset], { quiet: true });
  await run("cmake", ["--build", "--preset", preset]);
  // two lines per test would bury the summary; if one fails, all are shown
  const onLine = (line) => /tests passed|^Total/.test(line) && console.log(line);
  await run("ctest", ["--preset", preset, "--output-on-failure", "--no-tests=error"], { onLine });
}

async function smoke() {
  await nodeTest(["page/opening.test.ts"], { env: inFirefox });
  await nodeTest(["slow/webkit/page.test.ts"]);
}

/** The test files of a folder, or one file. */
function testsIn(place) {
  const path = join("tests", place);
  if (path.endsWith(".ts")) return [path];
  const names = existsSync(join(root, path)) ? readdirSync(join(root, path)) : [];
  const files = names.filter((name) => name.endsWith(".test.ts")).sort();
  if (files.length === 0) throw new Stop(`${path} has no *.test.ts.`);
  return files.map((name) => join(path, name));
}

/** only: a pattern for titles. atOnce: the number of files at once; a test waits for its browser half of the time. */
async function nodeTest(places, { env, only, atOnce = 2 } = {}) {
  const files = places.flatMap(testsIn);
  const flags = ["--import", "tsx", "--test", "--test-reporter=spec", `--test-concurrency=${atOnce}`];
  if (only) flags.push(`--test-name-pattern=${only}`);
  await run(process.execPath, [...flags, ...files], {
    env: { CHROMIUM: findChromium() ?? "", ...env },
    minutes: 60,
  });
}

async function build() {
  const { build } = await import("./build.js"); // only now: it needs npm packages
  await build({ quiet: true });
}

/** Runs one group. Returns "passed", "failed", or the reason why it was skipped. */
async function runGroup([name, title, body], lacks) {
  console.log(`\n── ${title} ──`);
  try {
    if (lacks(name)) {
      const whyNot = `skipped: this machine lacks ${lacks(name)}`;
      if (process.env.CI === "true") throw new Stop(whyNot);
      return whyNot;
    }
    await body();
    return "passed";
  } catch (error) {
    console.error(error instanceof Stop ? error.message : error);
    return "failed";
  }
}

function choose(args) {
  if (args.length === 0) return kTest;
  if (sets[args[0]]) return sets[args[0]];
  const all = [...kTest, ...kCi, ...kAll];
  const names = all.map(([name]) => name);
  const unknown = args.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Stop(`Unknown group ${unknown.join(", ")}. The groups are ${names.join(", ")}.`);
  return all.filter(([name]) => args.includes(name));
}

await main(import.meta.url, async () => {
  const chosen = choose(process.argv.slice(2));
  const lacks = await setUp(chosen.map(([name]) => name));
  const needsBuild = chosen.some(([name]) => !needNoBuild.includes(name));
  const plan = [...(needsBuild ? [["build", "Build", build]] : []), ...chosen];

  const results = [];
  for (const group of plan) {
    const begun = performance.now();
    const stopped = results.some(({ result }) => result === "failed");
    const result = stopped ? "not run: an earlier group failed" : await runGroup(group, lacks);
    results.push({ name: group[0], result, seconds: (performance.now() - begun) / 1000 });
  }

  console.log("");
  for (const { name, result, seconds } of results)
    console.log(`${name.padEnd(10)}${seconds.toFixed(1).padStart(7)} s  ${result}`);
  const count = (wanted) => results.filter(({ result }) => result === wanted).length;
  console.log(`${count("passed")} passed, ${count("failed")} failed`);
  process.exitCode = count("failed") > 0 ? 1 : 0;
});
