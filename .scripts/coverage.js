// npm run coverage: the lines that the tests run, of the C++ core by the C++ tests, and of web/lab and web/src by those in
// Node. Fails where they are too few. The page is tested in browsers, so web/lab has no share to reach.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ask, main, root, run, Stop, which } from "./run.js";
import { setUp } from "./setup.js";

/** Percent of lines, about one below what was measured last. */
const least = { cpp: 97, "web/src": 99 };

// The tools read only what the compiler of their own version writes.
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
    throw new Stop(`The tests run ${percent} % of the lines of cpp, not ${least.cpp} %.`);
}

/** The tests import the bundle, in which only a source map tells lines of web/src apart. */
const sourceMaps = {
  name: "source maps",
  setup({ initialOptions, onResolve }) {
    Object.assign(initialOptions, { sourcemap: "inline", minify: false });
    // tsx rewrites what has a dynamic import, and its source map goes no further than the bundle
    onResolve({ filter: /^\.\/fallback\.js$/ }, () => ({ path: join(root, "web/src/fallback.ts") }));
  },
};
const otherBundle = ["web/sizes.test.ts", "web/load.test.ts"]; // weigh it, or take the fallback away

async function web() {
  const { build } = await import("./build.js"); // only now: it needs npm packages
  const tests = readdirSync(join(root, "tests"), { recursive: true })
    .filter((path) => /^(web|lab)\/[^/]+\.test\.ts$/.test(path) && !otherBundle.includes(path))
    .map((path) => join("tests", path));
  const raw = ["--exclude-after-remap", "--temp-directory=build/coverage/node"];
  // **: files of the bundle are URLs to c8
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
