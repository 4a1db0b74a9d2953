// npm run coverage: lines and branches that the tests run, of the C++ core by the C++ tests, and of web/src and web/lab by
// those in Node and in Chromium. Writes tests/data/COVERAGE.md. npm run coverage -- core: only prints, and only that;
// there are core, package (web/src and web/lab in Node) and page.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listed, readReasons } from "../tests/coverage/reasons.js";
import { ask, main, root, run, Stop, which } from "./run.js";
import { findChromium, setUp } from "./setup.js";

const folder = join(root, "build/coverage");

/** Of a file: how often each line ran, and each arm of a branch; `what` names the arm. */
const emptyFile = () => ({ lines: new Map(), arms: [] });

// The tools read only what the compiler of their own version writes.
function llvm(tool) {
  const version = ask("clang++", ["--version"])?.match(/version (\d+)/)?.[1];
  const name = [`llvm-${tool}-${version}`, `llvm-${tool}`].find(which);
  if (!name) throw new Stop(`There is no llvm-${tool} for Clang ${version} here.`);
  return name;
}

async function core() {
  await run("cmake", ["--preset", "coverage"], { quiet: true });
  await run("cmake", ["--build", "--preset", "coverage"]);
  const program = join(folder, "tests/cpp/backnorm_tests");
  const [raw, profile] = ["tests.profraw", "tests.profdata"].map((name) => join(folder, name));
  await run(program, [], { quiet: true, env: { LLVM_PROFILE_FILE: raw } });
  await run(llvm("profdata"), ["merge", raw, "-o", profile]);
  const options = { maxBuffer: 2 ** 28, timeout: 120_000 };
  const exported = (format) =>
    ask(llvm("cov"), ["export", `-format=${format}`, program, `-instr-profile=${profile}`, "cpp"], options);
  const files = new Map();
  for (const [, path, body] of exported("lcov").matchAll(/^SF:(.*)\n([\s\S]*?)^end_of_record/gm)) {
    const file = emptyFile();
    for (const [, line, count] of body.matchAll(/^DA:(\d+),(\d+)/gm))
      file.lines.set(Number(line), Number(count));
    files.set(path.slice(root.length), file);
  }
  for (const { filename, branches, segments } of JSON.parse(exported("text")).data[0].files)
    files.get(filename.slice(root.length)).arms = armsOf(
      readFileSync(filename, "utf8").split("\n"),
      branches,
      segments,
    );
  return files;
}

/** Both ways of each condition, added up over the instances of a template. */
function armsOf(source, branches, segments) {
  const conditions = new Map();
  for (const [line, column, lastLine, lastColumn, yes, no] of branches) {
    const key = `${line}:${column}:${lastLine}:${lastColumn}`;
    const condition = conditions.get(key) ?? { line, column, lastLine, lastColumn, yes: 0, no: 0 };
    condition.yes += yes;
    condition.no += no;
    conditions.set(key, condition);
  }
  return [...conditions.values()].flatMap(({ line, column, lastLine, lastColumn, yes, no }) => {
    const text = source[line - 1].slice(column - 1, line === lastLine ? lastColumn - 1 : undefined);
    // A switch without a default has an arm for what is none of its cases: -Wswitch sees to it that there is none.
    const before = source[line - 1].slice(0, column - 1);
    if (before.endsWith("switch (")) return [];
    // A condition that is reached and never evaluated is a constant, of a template or of the platform.
    const [, , reached] = segments.findLast(([l, c]) => l < line || (l === line && c <= column)) ?? [0, 0, 0];
    if (reached > 0 && yes + no === 0) return [];
    if (text.startsWith("case ")) return [{ line, what: `${text} never`, count: yes }];
    return [
      { line, what: `\`${text}\` never true`, count: yes },
      { line, what: `\`${text}\` never false`, count: no },
    ];
  });
}

// They weigh the bundles, or count the globals, of which the counters are one.
const withoutCounters = ["sizes.test.ts", "size.test.ts", "globals.test.ts"];

async function nodeTests(name, folders, atOnce) {
  const wanted = folders.flatMap((path) =>
    readdirSync(join(root, path))
      .filter((file) => file.endsWith(".test.ts") && !withoutCounters.includes(file))
      .map((file) => join(path, file)),
  );
  const imports = ["--import", "tsx", "--import", join(root, "tests/coverage/collect.js")];
  const counters = join(folder, name);
  rmSync(counters, { recursive: true, force: true });
  mkdirSync(counters, { recursive: true });
  const flags = ["--test", "--test-reporter=dot", `--test-concurrency=${atOnce}`];
  await run(process.execPath, [...imports, ...flags, ...wanted], {
    minutes: 60,
    env: { BACKNORM_COVERAGE: counters, CHROMIUM: findChromium() ?? "" },
  });
  return readdirSync(counters).flatMap((file) => JSON.parse(readFileSync(join(counters, file), "utf8")));
}

/** What was counted in each file of web, those that nothing loads too. */
async function web(counts) {
  const { instrument, measured } = await import("../tests/coverage/instrument.js");
  const paths = readdirSync(join(root, "web"), { recursive: true }).map((path) => join("web", path));
  const sources = paths.filter((path) => measured.test(`/${path}`)).sort();
  const files = new Map(sources.map((path) => [path, instrument(join(root, path)).coverage]));
  for (const [path, statements, branches] of counts) {
    const { s, b } = files.get(path);
    for (const [id, count] of Object.entries(statements)) s[id] += count;
    for (const [id, arms] of Object.entries(branches))
      arms.forEach((count, arm) => {
        b[id][arm] += count;
      });
  }
  return new Map([...files].map(([path, coverage]) => [path, countsOf(coverage)]));
}

function countsOf({ s, b, statementMap, branchMap }) {
  const file = emptyFile();
  for (const [id, { start }] of Object.entries(statementMap))
    file.lines.set(start.line, Math.max(s[id], file.lines.get(start.line) ?? 0));
  for (const [id, { type, loc, locations }] of Object.entries(branchMap))
    locations.forEach(({ start }, arm) => {
      const what = type === "if" ? ["then", "else"][arm] : `${type} ${arm + 1}`;
      file.arms.push({ line: start?.line ?? loc.start.line, what: `${what} never`, count: b[id][arm] });
    });
  return file;
}

const uncoveredOf = (path, { lines, arms }) => {
  const source = readFileSync(join(root, path), "utf8").split("\n");
  const never = [...lines].filter(([, count]) => count === 0).map(([line]) => line);
  const places = [
    ...never.map((line) => ({ line, what: "never" })),
    ...arms.filter(({ line, count }) => count === 0 && !never.includes(line)),
  ];
  return places
    .map(({ line, what }) => ({ path, line, what, code: source[line - 1].trim() }))
    .sort((a, b) => a.line - b.line);
};

function row(name, files) {
  const cell = (counts) => {
    const covered = counts.filter((count) => count > 0).length;
    const share =
      counts.length > 0 ? `${(Math.floor((1000 * covered) / counts.length) / 10).toFixed(1)} %` : "";
    return `${covered} of ${counts.length} | ${share}`;
  };
  const lines = files.flatMap(({ lines }) => [...lines.values()]);
  return `| ${name} | ${cell(lines)} | ${cell(files.flatMap(({ arms }) => arms.map(({ count }) => count)))} |`;
}

const parts = ["cpp/", "web/src/", "web/lab/"];

function table(files) {
  const of = (part) => [...files].filter(([path]) => path.startsWith(part));
  const sums = parts
    .filter((part) => of(part).length > 0)
    .map((part) =>
      row(
        `**${part}**`,
        of(part).map(([, file]) => file),
      ),
    );
  const each = parts.flatMap((part) => of(part)).map(([path, file]) => row(`\`${path}\``, [file]));
  return ["| file | lines | | branches | |", "|---|---:|---:|---:|---:|", ...sums, ...each].join("\n");
}

const report = (files, list) => `# Coverage

\`npm run coverage\` counts what the tests run. Of \`cpp/include\` and \`cpp/src\`, by Clang, in the C++ tests; a branch is
a condition that was true, or false. Of \`web/src\` and \`web/lab\`, by Istanbul, in the tests of the package in Node and in
those of the page in Chromium, the slow ones too; a branch is an arm. A branch is left out where it is a constant of a
template, and at the end of a \`switch\` over all of an enumeration. \`cpp/bindings\` is compiled for WebAssembly only, where
Clang 14 can't count; \`tests/web\` calls each of its functions.

${table(files)}

## What is left

${list}
`;

await main(import.meta.url, async () => {
  const wanted = process.argv.slice(2);
  const wants = (name) => wanted.length === 0 || wanted.includes(name);
  await setUp({ forTests: true });
  const files = new Map(wants("core") ? await core() : []);
  const counts = [];
  if (wants("package") || wants("page")) {
    const { build } = await import("./build.js"); // only now: it needs npm packages
    const { counted } = await import("../tests/coverage/instrument.js");
    try {
      await build({ quiet: true, plugins: [counted] });
      if (wants("package")) counts.push(...(await nodeTests("package", ["tests/web"], 1)));
      if (wants("page")) counts.push(...(await nodeTests("page", ["tests/page", "tests/page/slow"], 2)));
    } finally {
      await build({ quiet: true });
    }
    for (const [path, file] of await web(counts)) files.set(path, file);
  }
  const uncovered = [...files].flatMap(([path, file]) => uncoveredOf(path, file));
  const { text, unexplained, stale } = listed(uncovered, readReasons());
  console.log(`${table(files)}\n\n${text}`);
  if (wanted.length > 0) return;
  writeFileSync(join(root, "tests/data/COVERAGE.md"), report(files, text));
  if (stale.length > 0) console.log(`\nCovered by now, and still in reasons.json:\n${stale.join("\n")}`);
  if (unexplained.length > 0)
    throw new Stop(`${unexplained.length} places have no reason in tests/coverage/reasons.json.`);
});
