// npm test: sets up, builds, and runs every group of tests below, or those named: npm test -- native page
// npm run test:slow: the same for what takes long: tests/slow, and the page in the other browsers.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { linesGone, readReasons } from "../tests/coverage/reasons.js";
import { biome, clangFormat } from "./format.js";
import { fuzz } from "./fuzz.js";
import { readChanges } from "./mutation.js";
import { main, root, run, Stop } from "./run.js";
import { findChromium, findFirefox, findFuzzer, findHeadlessChromium, findWebKit, setUp } from "./setup.js";

const chromium = { find: findChromium, what: "Chromium or Chrome here, nor does CHROME_PATH name one" };
const firefox = { find: findFirefox, what: "Firefox here" };
const webkit = { find: findWebKit, what: "WebKitWebDriver with xvfb-run here" };
const clang = { find: findFuzzer, what: "Clang with libFuzzer here" };

// In the order of what fails fastest. `alone`: needs no build of dist/. `needs`: without it, the group is left out.
const groups = [
  { name: "check", title: "Format, lint and types", body: check },
  { name: "native", title: "C++, native", body: () => ctest("native"), alone: true },
  {
    name: "sanitize",
    title: "C++ under ASan and UBSan",
    body: () => ctest("sanitize"),
    alone: true,
    needs: clang,
  },
  { name: "fuzz", title: "C++, fuzzed", body: () => fuzz(), alone: true, needs: clang },
  { name: "wasm", title: "C++ as WebAssembly, in Node", body: () => ctest("wasm"), alone: true },
  { name: "package", title: "The npm package, in Node", body: () => nodeTest("web") },
  {
    name: "page",
    title: "The page, in Chromium",
    body: () => nodeTest("page", { minutes: 30, atOnce: 2, env: { CHROMIUM: findHeadlessChromium() } }),
    needs: { ...chromium, find: findHeadlessChromium },
  },
];
const slowGroups = [
  {
    name: "chromium",
    title: "What takes long of the page, in Chromium",
    body: () => nodeTest("page/slow", { atOnce: 2 }),
    needs: chromium,
  },
  { name: "webkit", title: "The page, in WebKit", body: () => nodeTest("page/webkit"), needs: webkit },
  {
    name: "firefox",
    title: "The page, in Firefox",
    body: () =>
      nodeTest(["page", "page/slow"], { minutes: 60, atOnce: 2, env: { BACKNORM_BROWSER: "firefox" } }),
    needs: firefox,
  },
  { name: "slow", title: "The slow tests", body: () => nodeTest("slow", { minutes: 60 }) },
];

async function check() {
  readChanges(); // lists of places in the sources, which move
  const gone = readReasons().flatMap(linesGone);
  if (gone.length > 0) throw new Stop(`tests/coverage/reasons.json has what is gone:\n${gone.join("\n")}`);
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

function testsIn(folder) {
  const path = join("tests", folder);
  const names = existsSync(join(root, path)) ? readdirSync(join(root, path)) : [];
  const files = names.filter((name) => name.endsWith(".test.ts")).sort();
  if (files.length === 0) throw new Stop(`There is no ${path}/*.test.ts.`);
  return files.map((name) => join(path, name));
}

/** atOnce: how many files; each page test waits for its browser half of the time. */
async function nodeTest(folders, { minutes, env, atOnce = 1 } = {}) {
  const files = [folders].flat().flatMap(testsIn);
  const flags = ["--import", "tsx", "--test", "--test-reporter=spec", `--test-concurrency=${atOnce}`];
  await run(process.execPath, [...flags, ...files], {
    env: { CHROMIUM: findChromium() ?? "", ...env },
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

function choose(groups, wanted) {
  const unknown = wanted.filter((name) => !groups.some((group) => group.name === name));
  const names = groups.map((group) => group.name).join(", ");
  if (unknown.length > 0) throw new Stop(`There is no group ${unknown.join(", ")}. There are ${names}.`);
  return wanted.length === 0 ? groups : groups.filter((group) => wanted.includes(group.name));
}

await main(import.meta.url, async () => {
  const args = process.argv.slice(2);
  const slow = args.includes("--slow");
  const names = args.filter((name) => name !== "--slow");
  const chosen = choose(slow ? slowGroups : groups, names);
  await setUp({ forTests: true, forSlowTests: slow });
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
