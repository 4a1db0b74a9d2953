// npm run mutation: makes each change of tests/mutation/changes.json to a copy of the core, one at a time, and sees
// whether the C++ tests notice. Writes tests/data/MUTATION.md. npm run mutation -- 3 17 tries only those, by number, and
// takes the others as they were last found.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { main, root, run, Stop } from "./run.js";
import { setUp } from "./setup.js";

const folder = join(root, "build/mutation");
const tree = join(folder, "tree");
const survived = "survived";

/** The changes, each of whose texts stands once in its file. */
export function readChanges() {
  const changes = JSON.parse(readFileSync(join(root, "tests/mutation/changes.json"), "utf8"));
  for (const { file, before, after } of changes) {
    const found = readFileSync(join(root, "cpp/src", file), "utf8").split(before).length - 1;
    if (found !== 1 || before === after)
      throw new Stop(
        `tests/mutation/changes.json: ${file} has this ${found} times, expected once:\n${before}`,
      );
  }
  return changes;
}

// Assertions see a span that is read beyond its end; warnings about what a change left unused are no errors here.
const common = ["-DCMAKE_CXX_FLAGS=-D_GLIBCXX_ASSERTIONS", "-DBACKNORM_WERROR=OFF", "-DBACKNORM_INSTALL=OFF"];

/** The C++ tests, built with these flags; `before` is what the shell does before it starts them. */
const tests = (name, flags, before) => ({
  configure: () => {
    const settings = ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", ...common, ...flags];
    return run("cmake", ["-S", tree, "-B", join(folder, name), ...settings], { quiet: true });
  },
  build: () =>
    run("cmake", ["--build", join(folder, name), "--target", "backnorm_tests", "-j1"], { quiet: true }),
  test: `${before}; exec ${join(folder, name, "tests/cpp/backnorm_tests")} --abort`,
});

const inTree = (command) => run("sh", ["-c", `cd ${tree} && ${command}`], { quiet: true, minutes: 30 });
/** All but those about files: any change of the core changes a size, and the copy is no repository. */
const packageTests = () =>
  readdirSync(join(root, "tests/web"))
    .filter((name) => name.endsWith(".test.ts") && !["sizes.test.ts", "dependencies.test.ts"].includes(name))
    .map((name) => `tests/web/${name}`)
    .join(" ");

/** What a change goes through until something notices it. */
const stages = [
  {
    outcome: "the C++ tests",
    // what a change does to the size of an array may ask for all memory
    ...tests("native", ["-DCMAKE_CXX_FLAGS_RELEASE=-O1"], "ulimit -v 4000000"),
  },
  {
    outcome: "the same under ASan and UBSan",
    ...tests(
      "sanitize",
      ["-DCMAKE_CXX_FLAGS_RELEASE=-O1 -g1", "-DBACKNORM_SANITIZE=ON"],
      "export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=0:hard_rss_limit_mb=3000",
    ),
  },
  {
    outcome: "the tests of the package",
    configure: async () => {
      await symlink(join(root, "node_modules"), join(tree, "node_modules")).catch(() => {});
      for (const preset of ["module", "javascript"])
        await inTree(`cmake --preset ${preset} -DBACKNORM_WERROR=OFF`);
    },
    build: () => inTree(`${process.execPath} .scripts/build.js`),
    test: `cd ${tree} && exec ${process.execPath} --import tsx --test --test-concurrency=1 ${packageTests()}`,
  },
];

/** Writes what differs and no more, so that what was built of it stays, and what was built of a change doesn't. */
function copyTree() {
  const left = ["build", "dist", "node_modules", "screenshots", ".git"];
  const copy = (path) => {
    const [from, to] = [join(root, path), join(tree, path)];
    if (statSync(from).isDirectory()) {
      mkdirSync(to, { recursive: true });
      for (const name of readdirSync(from)) if (!left.includes(name)) copy(join(path, name));
    } else if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) {
      copyFileSync(from, to);
    }
  };
  copy("");
}

/** Whether the tests pass; what goes on for ever doesn't. */
async function passes({ test }) {
  try {
    await run("sh", ["-c", `exec >/dev/null 2>&1; ${test}`], { minutes: 5 });
    return true;
  } catch (error) {
    if (error instanceof Stop) return false;
    throw error;
  }
}

async function isCaught(stage, { file, before, after }) {
  const path = join(tree, "cpp/src", file);
  const right = readFileSync(path, "utf8");
  writeFileSync(
    path,
    right.replace(before, () => after),
  );
  try {
    await stage.build();
    return !(await passes(stage));
  } finally {
    writeFileSync(path, right);
  }
}

const lineOf = (text) => text.split("\n").at(-1).trim();

function table(results) {
  const files = [...new Set(results.map(({ file }) => file))];
  const row = (what, some) => {
    const caught = stages.map((stage) => some.filter(({ outcome }) => outcome === stage.outcome).length);
    const equivalent = some.filter(({ outcome, equivalent }) => outcome === survived && equivalent).length;
    const missed = some.length - equivalent - caught.reduce((sum, count) => sum + count, 0);
    const share = Math.floor(100 * (1 - missed / (some.length - equivalent)));
    return `| ${[what, some.length, ...caught, equivalent, missed, `${share} %`].join(" | ")} |`;
  };
  const rows = files.map((file) =>
    row(
      `\`${file}\``,
      results.filter((result) => result.file === file),
    ),
  );
  return [...rows, row("all", results)].join("\n");
}

const code = (text) => (text === "" ? "nothing" : `\`${text.replaceAll("|", "\\|")}\``);

function report(results) {
  const told = (some) =>
    some
      .map(({ file, before, after, outcome, equivalent, missed }) => {
        const change = `- \`${file}\`: ${code(lineOf(before))} becomes ${code(lineOf(after))}`;
        return outcome === survived
          ? `${change}. ${equivalent ?? missed ?? "No test tells the difference."}`
          : change;
      })
      .join("\n") || "Nothing.";
  const of = (wanted) => results.filter(({ outcome }) => outcome === wanted);
  return `# Mutation

\`npm run mutation\` makes each change of \`tests/mutation/changes.json\` to a copy of \`cpp/src\`, one at a time, and runs the
C++ tests on it; if they pass, once more under AddressSanitizer and UndefinedBehaviorSanitizer; if those pass, the tests
of the package in Node. \`tests/mutation/draw.ts\` drew the list with a seed, a line and one change of it at a time. A
survivor is equivalent where no result depends on it, for the reason given below; the share is of those that are not.

| file | changes | ${stages.map(({ outcome }) => outcome).join(" | ")} | equivalent | missed | share caught |
|---|---:|---:|---:|---:|---:|---:|---:|
${table(results)}

## What only the sanitizers notice

${told(of(stages[1].outcome))}

## What only the tests of the package notice

${told(of(stages[2].outcome))}

## What survived

${told(of(survived))}
`;
}

/** What was found of each change, by its texts, so that a list that has grown needs no second run. */
const known = join(folder, "outcomes.json");
const keyOf = ({ file, before, after }) => JSON.stringify([file, before, after]);
const readKnown = () => (existsSync(known) ? JSON.parse(readFileSync(known, "utf8")) : {});

async function tryAll(changes) {
  copyTree();
  const keep = (change, outcome) =>
    writeFileSync(known, JSON.stringify({ ...readKnown(), [keyOf(change)]: outcome }, null, 2));
  for (const stage of stages) {
    if (changes.length === 0) return;
    console.log(`${changes.length} changes, by ${stage.outcome}:`);
    await stage.configure();
    await stage.build();
    if (!(await passes(stage))) throw new Stop(`They fail before anything is changed: ${stage.test}`);
    const left = [];
    for (const change of changes) {
      const begun = performance.now();
      const caught = await isCaught(stage, change);
      if (caught) keep(change, stage.outcome);
      else left.push(change);
      const seconds = ((performance.now() - begun) / 1000).toFixed(0);
      const { number, file, before, after } = change;
      const what = `${number} ${file}: ${lineOf(before)} → ${lineOf(after)}`;
      console.log(`${what}: ${caught ? "caught" : survived}, ${seconds} s`);
    }
    changes = left;
  }
  for (const change of changes) keep(change, survived);
}

await main(import.meta.url, async () => {
  const all = readChanges().map((change, at) => ({ ...change, number: at + 1 }));
  const wanted = process.argv.slice(2).map(Number);
  await setUp({ forTests: true });
  await tryAll(wanted.length > 0 ? all.filter(({ number }) => wanted.includes(number)) : all);
  const found = readKnown();
  const results = all.map((change) => ({ ...change, outcome: found[keyOf(change)] }));
  const untried = results.filter(({ outcome }) => !outcome).map(({ number }) => number);
  if (untried.length > 0) throw new Stop(`Not tried yet: ${untried.join(", ")}.`);
  writeFileSync(join(root, "tests/data/MUTATION.md"), report(results));
  const wrong = results.filter(
    ({ outcome, equivalent, missed }) => (outcome === survived) !== Boolean(equivalent ?? missed),
  );
  const numbers = wrong.map(({ number }) => number).join(", ");
  if (numbers) throw new Stop(`Survived without a reason, or caught in spite of one: ${numbers}.`);
});
