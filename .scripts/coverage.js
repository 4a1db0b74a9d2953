// npm run coverage: line coverage of the C++ core by the C++ tests, and of web/lab and web/src by the tests in Node.
// Fails below the limits. web/lab has no limit, since browsers test the page.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ask, main, root, run, Stop, which } from "./run.js";
import { setUp } from "./setup.js";

/** Percent of lines, about one below the last measurement. */
const least = { cpp: 97, "web/src": 99 };

// The tools read only the output of a compiler of the same version.
const version = ask("clang++", ["--version"])?.match(/version (\d+)/)?.[1];
const llvm = (tool) => [`llvm-${tool}-${version}`, `llvm-${tool}`].find(which) ?? `llvm-${tool}`;

async function cpp() {
  await run("cmake", ["--preset", "coverage"], { quiet: true });
  await run("cmake", ["--build", "--preset", "coverage"]);
  const program = "build/coverage/tests/cpp/backnorm_tests";
  const profile = "build/coverage/tests.profdata";
  await run(program, [], { quiet: true, env: { LLVM_PROFILE_FILE: `${profile}.raw` } });
  await run(llvm("profdata"), ["merge", `${profile}.raw`, "-o", profile]);
  const what = [program, `-instr-profile=${profile}`, "cpp"];
  await run(llvm("cov"), ["report", "-show-region-summary=false", ...what]);
  const { percent } = JSON.parse(ask(llvm("cov"), ["export", "-summary-only", ...what])).data[0].totals.lines;
  if (percent < least.cpp)
    throw new Stop(`cpp: expected a line coverage of at least ${least.cpp} %, got ${percent} %.`);
}

/** The tests import the bundle. Only a source map maps it back to lines of web/src. */
const sourceMaps = {
  name: "source maps",
  setup({ initialOptions, onResolve }) {
    Object.assign(initialOptions, { sourcemap: "inline", minify: false });
    // tsx rewrites files with a dynamic import, and its source map reaches only to the bundle
    onResolve({ filter: /^\.\/fallback\.js$/ }, () => ({ path: join(root, "web/src/fallback.ts") }));
  },
};
const otherBundle = ["web/sizes.test.ts", "web/load.test.ts"]; // they measure its size, or remove the fallback

async function web() {
  const { build } = await import("./build.js"); // only now: it needs npm packages
  const tests = readdirSync(join(root, "tests"), { recursive: true })
    .filter((path) => /^(web|lab)\/[^/]+\.test\.ts$/.test(path) && !otherBundle.includes(path))
    .map((path) => join("tests", path));
  const raw = ["--exclude-after-remap", "--temp-directory=build/coverage/node"];
  // **: c8 sees files of the bundle as URLs
  const c8 = (folder, ...rest) =>
    run("node_modules/.bin/c8", [...raw, `--include=**/${folder}/**`, ...rest], { minutes: 30 });
  try {
    await build({ quiet: true, plugins: [sourceMaps] });
    await c8("web/lab", process.execPath, "--import=tsx", "--test", "--test-reporter=dot", ...tests);
    await c8("web/src", "--check-coverage", `--lines=${least["web/src"]}`, "report");
  } finally {
    await build({ quiet: true });
  }
}

await main(import.meta.url, () => setUp(["native", "sanitize"]).then(cpp).then(web));
