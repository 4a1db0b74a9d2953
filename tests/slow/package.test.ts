/** What npm would publish, installed in an empty folder and used from there. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bin = (name: string) => join(root, "node_modules/.bin", name);

// npm tells its children about the project that they are in; these ones are to look for themselves.
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_TEST_CONTEXT$|NODE_OPTIONS$|INIT_CWD$)/.test(name),
  ),
);

/** Runs a program and returns its output; throws an Error with all of it if the program fails. */
function run(command: string, args: string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, timeout: 240_000 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error }));
      else resolve(stdout);
    });
  });
}

let folder = "";
let tarball = "";
let consumer = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "backnorm-package-"));
  const packed = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], root);
  tarball = join(folder, JSON.parse(packed)[0].filename);
  consumer = join(folder, "consumer");
  await mkdir(consumer);
  await writeFile(join(consumer, "package.json"), '{ "private": true, "type": "module" }\n');
  // Offline, since the package depends on nothing.
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball], consumer);
});
after(() => rm(folder, { recursive: true, force: true }));

test("the tarball holds what package.json names, the documents that npm adds, and no more", async () => {
  const listed = (await run("tar", ["-tzf", tarball], folder)).trim().split("\n");
  const files = listed.map((path) => path.replace(/^package\//, "")).sort();
  const types = (await readdir(join(root, "dist/types"))).map((name) => `dist/types/${name}`);
  assert.ok(types.includes("dist/types/index.d.ts"));
  assert.ok(
    types.every((path) => path.endsWith(".d.ts")),
    types.join(" "),
  );
  const documents = (await readdir(root)).filter((name) => /^(readme|licen[cs]e)(\.|$)/i.test(name));
  const want = ["dist/fallback.js", "dist/index.js", ...types, "package.json", ...documents];
  assert.deepEqual(files, want.sort());
});

test("the package brings nothing else along and runs nothing when it is installed", async () => {
  const installed = (await readdir(join(consumer, "node_modules"))).filter((name) => !name.startsWith("."));
  assert.deepEqual(installed, ["backnorm"]);
  const { dependencies, peerDependencies, scripts } = JSON.parse(
    await readFile(join(consumer, "node_modules/backnorm/package.json"), "utf8"),
  );
  assert.deepEqual(
    { dependencies, peerDependencies },
    { dependencies: undefined, peerDependencies: undefined },
  );
  const hooks = Object.keys(scripts ?? {}).filter((name) => /^(pre|post)?(install|prepare)$/.test(name));
  assert.deepEqual(hooks, []);
});

const script = `import { load } from "backnorm";
const bn = await load(OPTIONS);
const { x, dy, ...options } = bn.presets.cs231n;
const { y, cache } = bn.forward(x, options);
const { dx } = bn.backward(dy, cache);
const report = bn.gradcheck(bn.presets.cs231n);
console.log(bn.engine, y.length, report.verdict, [...dx.slice(0, 5)].map((value) => value.toFixed(8)).join(" "));
`;
const firstRow = "-0.00310319 0.00305468 -0.00156246 0.17251307 0.01388029"; // as the course prints it
for (const [engine, options, flags] of [
  ["webassembly", "", []],
  ["javascript", "{ engine: 'javascript' }", []],
  ["javascript", "", ["--jitless"]],
] as [string, string, string[]][]) {
  test(`a script beside the installed package gets the course's dx by load(${options}) ${flags}`, async () => {
    const path = join(consumer, `use-${engine}${flags}.js`);
    await writeFile(path, script.replace("OPTIONS", options));
    assert.equal(
      (await run(process.execPath, [...flags, path], consumer)).trim(),
      `${engine} 20 pass ${firstRow}`,
    );
  });
}

test("CommonJS gets the package by import()", async () => {
  const path = join(consumer, "use.cjs");
  await writeFile(
    path,
    `import("backnorm").then(({ load }) => load()).then(({ engine }) => console.log(engine));\n`,
  );
  assert.equal((await run(process.execPath, [path], consumer)).trim(), "webassembly");
});

const typed = `import { type Backnorm, type Backward, BacknormRangeError, type Case, load, type Report } from "backnorm";
const bn: Backnorm = await load();
const kase: Case<Float32Array> = {
  x: new Float32Array(20), gamma: new Float32Array(5), beta: new Float32Array(5), dy: new Float32Array(20), shape: [4, 5],
};
const { dx }: Backward<Float32Array> = bn.backward(kase.dy, bn.forward(kase.x, kase).cache);
const report: Report<Float32Array> = await bn.gradcheckAsync(kase, { signal: AbortSignal.timeout(1000) });
const verdict: "pass" | "fail" | "undecidable" = report.verdict;
export const code = (error: unknown) => (error instanceof BacknormRangeError ? error.code : undefined);
// @ts-expect-error: gamma is of another kind than x
bn.forward(kase.x, { shape: [4, 5], gamma: new Float64Array(5) });
// @ts-expect-error: a layout that does not exist
bn.forward(kase.x, { shape: [4, 5], layout: "channel-last" });
console.log(dx, verdict);
`;
for (const resolution of [
  ["--module", "nodenext"],
  ["--module", "esnext", "--moduleResolution", "bundler"],
]) {
  test(`the types serve a strict TypeScript project with ${resolution.join(" ")}`, async () => {
    const path = join(consumer, "typed.ts");
    await writeFile(path, typed);
    const strict = ["--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--noEmit"];
    const target = ["--target", "es2022", "--lib", "es2022,dom", "--types", ""];
    await run(bin("tsc"), ["--ignoreConfig", ...strict, ...target, ...resolution, path], consumer);
  });
}

test("publint finds nothing to complain about", async () => {
  await run(bin("publint"), ["run", "--strict", tarball], root);
});

test("arethetypeswrong finds nothing to complain about", async () => {
  // esm-only leaves out CommonJS, by require and by Node 10, which the package does not mean to serve
  await run(bin("attw"), [tarball, "--profile", "esm-only"], root);
});
