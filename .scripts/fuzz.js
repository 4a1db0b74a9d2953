// npm run fuzz: fuzzes the C++ core and every parser. A minute each, or `npm run fuzz -- 3600` seconds. The C++ fuzzers
// keep interesting inputs in build/sanitize/corpus.
import { mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { main, root, run, Stop } from "./run.js";
import { setUp } from "./setup.js";

const folder = join(root, "build/sanitize/tests/fuzz");

// The numbers of runs in npm test, some four seconds each. The seed makes the inputs nearly the same every time.
const shortRuns = {
  batch_norm: 1500,
  diagnosis: 2000,
  differences: 1000,
  gradcheck: 2500,
  graph: 3000,
  layout: 200_000,
};

/** Builds and runs the C++ fuzzers, two at once, for `seconds` each, or with shortRuns. */
export async function fuzz({ seconds } = {}) {
  await run("cmake", ["--preset", "sanitize"], { quiet: true });
  await run("cmake", ["--build", "--preset", "sanitize"]);
  const sources = readdirSync(join(root, "tests/fuzz")).filter((name) => name.endsWith(".cpp"));
  const topics = sources.map((name) => basename(name, ".cpp")).sort();
  const next = async () => {
    for (let topic = topics.shift(); topic; topic = topics.shift()) await fuzzOne(topic, seconds);
  };
  await Promise.all([next(), next()]);
}

async function fuzzOne(topic, seconds) {
  const corpus = join(root, "build/sanitize/corpus", topic);
  if (seconds) mkdirSync(corpus, { recursive: true });
  const until = seconds ? [`-max_total_time=${seconds}`, corpus] : ["-seed=1", `-runs=${shortRuns[topic]}`];
  // full size from the start: growing slowly wastes a short run
  const flags = ["-max_len=512", "-len_control=0", `-artifact_prefix=${folder}/`, ...until];
  const onLine = (line) => {
    const [, inputs, features, kept] = line.match(/^#(\d+)\s+DONE.* ft: (\d+) corp: (\d+)/) ?? [];
    if (inputs) console.log(`${topic}: ${inputs} inputs, ${kept} of them kept, for ${features} features`);
  };
  // it reports to standard error
  await run("sh", ["-c", 'exec "$0" "$@" 2>&1', join(folder, `fuzz_${topic}`), ...flags], {
    onLine,
    minutes: seconds ? seconds / 60 + 10 : 15,
    env: { ASAN_OPTIONS: "allocator_may_return_null=1" },
  });
}

await main(import.meta.url, async () => {
  const seconds = Number(process.argv[2] ?? 60);
  if (!(seconds >= 1)) throw new Stop("npm run fuzz -- SECONDS");
  await setUp(["fuzz"]);
  const { build } = await import("./build.js"); // only now: it needs npm packages
  await build({ quiet: true });
  await fuzz({ seconds });
  await run(
    process.execPath,
    ["--import", "tsx", "--test", "--test-reporter=spec", "tests/web/fuzz.test.ts"],
    {
      minutes: (4 * seconds) / 60 + 10,
      env: { BACKNORM_FUZZ_SECONDS: String(seconds) },
    },
  );
});
