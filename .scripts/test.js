// npm test: sets up, builds, and runs what a change needs; npm test -- native page: these groups of all below.
// npm run test:ci: what .ci/run runs on top. npm run test:all: everything.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bare } from "./bare.js";
import { biome, clangFormat } from "./format.js";
import { fuzz } from "./fuzz.js";
import { main, root, run, Stop } from "./run.js";
import { findFirefox, findFuzzer, findHeadlessChromium, findWebKit, setUp } from "./setup.js";

const chromium = {
  find: findHeadlessChromium,
  what: "Chromium or Chrome here, nor does CHROME_PATH name one",
};
const firefox = { find: findFirefox, what: "Firefox here" };
const webkit = { find: findWebKit, what: "WebKitWebDriver with xvfb-run here" };
const clang = { find: findFuzzer, what: "Clang with libFuzzer here" };
const administrator = { find: () => process.getuid() === 0, what: "root here, who makes a bare machine" };

const inFirefox = { BACKNORM_BROWSER: "firefox" };

// In the order of what fails fastest. `alone`: needs no build of dist/. `needs`: without it, the group is left out.
const kTest = [
  { name: "check", title: "Format, lint and types", body: check },
  { name: "native", title: "C++, native", body: () => ctest("native"), alone: true },
  { name: "wasm", title: "C++ as WebAssembly, in Node", body: () => ctest("wasm"), alone: true },
  { name: "package", title: "The npm package, in Node", body: () => nodeTest(["web"]) },
  { name: "lab", title: "The logic of the page, in Node", body: () => nodeTest(["lab"]) },
  { name: "page", title: "The page, in Chromium", body: () => nodeTest(["page"]), needs: chromium },
];

/** What of the rest fits into the time of a continuous integration. */
const kCi = [
  {
    name: "sanitize",
    title: "C++ under ASan and UBSan",
    body: () => ctest("sanitize"),
    alone: true,
    needs: clang,
  },
  { name: "fuzz", title: "C++, fuzzed for half a minute", body: () => fuzz(), alone: true, needs: clang },
  { name: "proofs", title: "The proofs", body: () => nodeTest(["slow/proofs"], { minutes: 30 }) },
  {
    name: "site",
    title: "A site of Jekyll",
    body: () => nodeTest(["slow/sites.test.ts"], { only: "Jekyll" }),
    needs: chromium,
  },
  {
    name: "bundler",
    title: "A bundle of Vite",
    body: () => nodeTest(["slow/bundlers.test.ts"], { only: "^vite$" }),
    needs: chromium,
  },
  {
    name: "smoke",
    title: "The page's first tests, in Firefox and WebKit",
    body: async () => {
      await nodeTest(["page/opening.test.ts"], { env: inFirefox });
      await nodeTest(["slow/webkit/page.test.ts"]);
    },
    needs: { find: () => findFirefox() && findWebKit(), what: `${firefox.what}, or no ${webkit.what}` },
  },
  {
    name: "bare",
    title: "A bare Debian 12",
    body: () => bare({ kinds: ["package"], test: "npm test -- check native package" }),
    alone: true,
    needs: administrator,
  },
];

const kAll = [
  {
    name: "rest",
    title: "The rest of the page, in Chromium",
    body: () => nodeTest(["slow/page"], { minutes: 30 }),
    needs: chromium,
  },
  {
    name: "engines",
    title: "The package, in Chromium",
    body: () => nodeTest(["slow/engines"], { minutes: 30 }),
    needs: chromium,
  },
  {
    name: "webkit",
    title: "The page and the package, in WebKit",
    body: () => nodeTest(["slow/webkit"], { atOnce: 1 }),
    needs: webkit,
  },
  {
    name: "firefox",
    title: "The page and the package, in Firefox",
    body: () => nodeTest(["page", "slow/page", "slow/engines"], { minutes: 60, env: inFirefox }),
    needs: firefox,
  },
  { name: "slow", title: "The slow tests", body: () => nodeTest(["slow"], { minutes: 60, atOnce: 1 }) },
];

// Each is a part of another group.
const parts = ["site", "bundler", "smoke"];
const sets = {
  "--ci": [...kTest, ...kCi],
  "--all": [...kTest, ...kCi, ...kAll].filter(({ name }) => !parts.includes(name)),
};

async function check() {
  await biome();
  const whyNot = await clangFormat("--dry-run", "-Werror");
  if (whyNot) console.log(`The format of the C++ files was not checked: ${whyNot}.`);
  await run(join(root, "node_modules/.bin/tsc"), ["-p", "."]);
}

async function ctest(preset) {
  await run("cmake", ["--preset", preset], { quiet: true });
  await run("cmake", ["--build", "--preset", preset]);
  // two lines a test would bury the summary; if one fails, all of them are shown
  const onLine = (line) => /tests passed|^Total/.test(line) && console.log(line);
  await run("ctest", ["--preset", preset, "--output-on-failure", "--no-tests=error"], { onLine });
}

/** The test files of a folder, or one file. */
function testsIn(place) {
  const path = join("tests", place);
  if (path.endsWith(".ts")) return [path];
  const names = existsSync(join(root, path)) ? readdirSync(join(root, path)) : [];
  const files = names.filter((name) => name.endsWith(".test.ts")).sort();
  if (files.length === 0) throw new Stop(`There is no ${path}/*.test.ts.`);
  return files.map((name) => join(path, name));
}

/** only: a pattern of titles. atOnce: how many files; a test waits for its browser half of the time. */
async function nodeTest(places, { minutes, env, only, atOnce = 2 } = {}) {
  const files = places.flatMap(testsIn);
  const flags = ["--import", "tsx", "--test", "--test-reporter=spec", `--test-concurrency=${atOnce}`];
  if (only) flags.push(`--test-name-pattern=${only}`);
  await run(process.execPath, [...flags, ...files], {
    env: { CHROMIUM: findHeadlessChromium() ?? "", ...env },
    minutes,
  });
}

async function build() {
  const { build } = await import("./build.js"); // only now: it needs npm packages
  await build({ quiet: true });
}

/** Runs one group; "passed", "failed", or why it was left out. */
async function runGroup({ title, body, needs }) {
  console.log(`\n── ${title} ──`);
  try {
    if (needs && !needs.find()) {
      const whyNot = `not run: there is no ${needs.what}`;
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
  const set = sets[args[0]];
  if (set) return set;
  const all = [...kTest, ...kCi, ...kAll];
  const unknown = args.filter((name) => !all.some((group) => group.name === name));
  const names = all.map((group) => group.name).join(", ");
  if (unknown.length > 0) throw new Stop(`There is no group ${unknown.join(", ")}. There are ${names}.`);
  return args.length === 0 ? kTest : all.filter((group) => args.includes(group.name));
}

await main(import.meta.url, async () => {
  const chosen = choose(process.argv.slice(2));
  await setUp(chosen.map(({ name }) => name));
  const needsBuild = chosen.some((group) => !group.alone);
  const plan = [...(needsBuild ? [{ name: "build", title: "Build", body: build }] : []), ...chosen];

  const results = [];
  for (const group of plan) {
    const begun = performance.now();
    const stopped = results.some(({ result }) => result === "failed");
    const result = stopped ? "not run: stopped before" : await runGroup(group);
    results.push({ name: group.name, result, seconds: (performance.now() - begun) / 1000 });
  }

  console.log("");
  for (const { name, result, seconds } of results)
    console.log(`${name.padEnd(10)}${seconds.toFixed(1).padStart(7)} s  ${result}`);
  const count = (wanted) => results.filter(({ result }) => result === wanted).length;
  console.log(`${count("passed")} passed, ${count("failed")} failed`);
  process.exitCode = count("failed") > 0 ? 1 : 0;
});
