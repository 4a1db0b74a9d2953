/** What npm would publish, installed in an empty folder and used from there. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, normalize } from "node:path";
import { before, test } from "node:test";
import { folder, install, kFirstRow, root, run, tarball } from "./packed.ts";

const bin = (name: string) => join(root, "node_modules/.bin", name);
const read = (path: string) => readFile(join(root, path), "utf8");
const published = JSON.parse(await read("package.json"));

let consumer = "";
before(async () => {
  consumer = await install(["node"], { offline: true }); // since the package depends on nothing
});

/** A built file and all that it names beside itself, now or later. */
async function reach(path: string, found = new Set<string>()): Promise<Set<string>> {
  if (found.has(path)) return found;
  found.add(path);
  if (!path.endsWith(".js")) return found;
  const code = await read(path);
  for (const [, name = ""] of code.matchAll(/["`]\.\/([\w.-]+\.(?:js|wasm))["`]/g))
    await reach(join("dist", name), found);
  return found;
}

test("the tarball has only what its entries reach, the cell for notebooks, and the documents that npm adds", async () => {
  const listed = (await run("tar", ["-tzf", tarball], folder)).trim().split("\n");
  const files = listed.map((path) => path.replace(/^package\//, "")).sort();
  const types = (await readdir(join(root, "dist/types"))).map((name) => `dist/types/${name}`);
  assert.ok(
    types.every((path) => path.endsWith(".d.ts")),
    types.join(" "),
  );
  const reached = new Set<string>();
  for (const entry of Object.values<string | Record<string, string>>(published.exports))
    for (const path of typeof entry === "string" ? [entry] : Object.values(entry))
      await reach(normalize(path), reached);
  for (const path of ["dist/fallback.js", "dist/backnorm.wasm", "dist/types/index.d.ts"])
    assert.ok(reached.has(path), path);
  const documents = (await readdir(root)).filter((name) => /^(readme|licen[cs]e)(\.|$)/i.test(name));
  documents.push("dist/math-font-licence.txt");
  const cell = ["answer.js", "backnorm_check.py"].map((name) => `web/examples/notebook/${name}`);
  assert.deepEqual(files, [...new Set([...reached, ...types, ...cell, ...documents])].sort());
});

test("installing the package installs nothing else and runs nothing", async () => {
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

for (const [engine, options, flags] of [
  ["webassembly", "", []],
  ["javascript", '{ engine: "javascript" }', []],
  ["javascript", "", ["--jitless"]],
] as [string, string, string[]][]) {
  for (const entry of ["backnorm", "backnorm/streaming"]) {
    test(`a script gets the course's dx of ${entry} by load(${options}) ${flags}`, async () => {
      const path = join(consumer, "use.js");
      const code = await readFile(join(consumer, "main.js"), "utf8");
      await writeFile(
        path,
        code.replace('from "backnorm"', `from "${entry}"`).replace("load()", `load(${options})`),
      );
      const printed = await run(process.execPath, [...flags, path], consumer);
      assert.equal(printed.trim(), `${engine} pass ${kFirstRow}`);
    });
  }
}

test("CommonJS gets the package by import()", async () => {
  assert.equal((await run(process.execPath, ["main.cjs"], consumer)).trim(), "webassembly pass");
});

test("the element can be imported without a DOM", async () => {
  const code = `import "backnorm/lab"; console.log(typeof HTMLElement, typeof customElements);`;
  const printed = await run(process.execPath, ["--input-type=module", "--eval", code], consumer);
  assert.equal(printed.trim(), "undefined undefined");
});

test("every example requires the packed version", async () => {
  const examples = join(root, "web/examples");
  const names = (await readdir(examples, { recursive: true })).filter((name) =>
    /^(?!.*node_modules).*package\.json$/.test(name),
  );
  const asked = await Promise.all(
    names.map(async (name) => [
      name,
      JSON.parse(await readFile(join(examples, name), "utf8")).dependencies?.backnorm,
    ]),
  );
  assert.ok(asked.length > 0);
  assert.deepEqual(
    asked.filter(([, version]) => version !== undefined && version !== published.version),
    [],
  );
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
const typedElement = `import { load } from "backnorm/streaming";
import "backnorm/lab";
import type { LabVerdict } from "backnorm/lab";
import widget from "backnorm/anywidget";
const lab = document.createElement("backnorm-lab");
lab.preset = "iris";
lab.addEventListener("backnorm-verdict", ({ detail }) => console.log(detail.verdict === "pass", detail.firstWrong));
lab.addEventListener("backnorm-select", ({ detail: { node, cell } }) => console.log(node, cell.row + cell.column));
// @ts-expect-error: there is no such verdict
const verdict: LabVerdict["verdict"] = "maybe";
console.log((await load()).engine, verdict, typeof widget.render);
`;
for (const resolution of [
  ["--module", "nodenext"],
  ["--module", "esnext", "--moduleResolution", "bundler"],
]) {
  test(`the types work in a strict TypeScript project with ${resolution.join(" ")}`, async () => {
    const paths = [join(consumer, "typed.ts"), join(consumer, "typed-element.ts")];
    await writeFile(paths[0] as string, typed);
    await writeFile(paths[1] as string, typedElement);
    const strict = ["--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false", "--noEmit"];
    const target = ["--target", "es2022", "--lib", "es2022,dom", "--types", ""];
    await run(bin("tsc"), ["--ignoreConfig", ...strict, ...target, ...resolution, ...paths], consumer);
  });
}

test("publint reports nothing", async () => {
  await run(bin("publint"), ["run", "--strict", tarball], root);
});

test("arethetypeswrong reports nothing", async () => {
  // esm-only leaves out CommonJS, by require and by Node 10, which the package does not mean to serve
  await run(bin("attw"), [tarball, "--profile", "esm-only"], root);
});
