/** What npm would publish, installed in an empty folder and used from there. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, normalize, relative } from "node:path";
import { before, describe, test } from "node:test";
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

/** The files of a folder, without what was installed or built there. */
const filesIn = async (path: string): Promise<string[]> =>
  (await readdir(join(root, path), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter(
      (path) => !/(^|\/)(node_modules|dist|_?build|_?site|package-lock\.json|\.gitignore)(\/|$)/.test(path),
    );

/** What the tarball holds, by paths from its top. */
async function packedFiles(): Promise<string[]> {
  const listed = (await run("tar", ["-tzf", tarball], folder)).trim().split("\n");
  return listed.map((path) => path.replace(/^package\//, "")).sort();
}

test("the tarball has only what its entries reach, the documents, and the examples", async () => {
  const files = await packedFiles();
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
  const documents = (await readdir(root)).filter((name) => /\.md$|^licen[cs]e$/i.test(name));
  for (const folder of ["web/reference", "tests/bench", "tests/data"]) {
    const names = await readdir(join(root, folder));
    documents.push(...names.filter((name) => name.endsWith(".md")).map((name) => `${folder}/${name}`));
  }
  documents.push(
    "dist/math-font-licence.txt",
    published.customElements,
    ".github/backnorm.png",
    "tests/web/digits.ts",
  );
  const examples = [...(await filesIn("web/examples")), ...(await filesIn("cpp/examples"))];
  assert.deepEqual(files, [...new Set([...reached, ...types, ...examples, ...documents])].sort());
});

test("every relative link of a packed document leads to a file or a folder in the tarball", async () => {
  const files = await packedFiles();
  const isThere = (path: string) => files.some((file) => file === path || file.startsWith(`${path}/`));
  const missing: string[] = [];
  let followed = 0;
  for (const file of files) {
    if (!file.endsWith(".md")) continue;
    const text = await readFile(join(consumer, "node_modules/backnorm", file), "utf8");
    const prose = text.replace(/```[\s\S]*?```|`[^`\n]*`/g, "");
    for (const [, inMarkdown, inHtml] of prose.matchAll(
      /\]\(<?([^)\s>]+)|<(?:a|img)\s[^>]*?(?:href|src)="([^"]+)"/g,
    )) {
      const link = (inMarkdown ?? inHtml ?? "").replace(/#.*/, "");
      if (link === "" || /^[a-z]+:/.test(link)) continue;
      followed += 1;
      const to = normalize(join(file, "..", link)).replace(/\/$/, "");
      if (!isThere(to)) missing.push(`${file}: ${link}`);
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(followed > 50, `${followed} links were found`);
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

// what the lines without a variable give
for (const [document, gives] of [
  ["README.md", "pass\ndvar\n"],
  ["web/reference/calls.md", ""],
] as const) {
  test(`the JavaScript at the beginning of ${document} runs as it stands`, async () => {
    const [, code = ""] = (await read(document)).match(/^```js\n(import \{ load \}.*?)^```$/ms) ?? [];
    assert.match(code, /bn\.backward\(/);
    await writeFile(join(consumer, "documented.js"), code.replace(/^(bn\..*);/gm, "console.log($1);"));
    assert.equal(await run(process.execPath, ["documented.js"], consumer), gives);
  });
}

test("CommonJS gets the package by import()", async () => {
  assert.equal((await run(process.execPath, ["main.cjs"], consumer)).trim(), "webassembly pass");
});

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const requiresModules = major > 22 || (major === 22 ? minor >= 12 : major === 20 && minor >= 19);
test("CommonJS gets the package by require() where Node requires modules", {
  skip: !requiresModules && `Node ${process.versions.node} doesn't`,
}, async () => {
  const code = `require("backnorm").load().then((bn) => console.log(bn.engine));`;
  const printed = await run(process.execPath, ["--input-type=commonjs", "--eval", code], consumer);
  assert.equal(printed.trim(), "webassembly");
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

/** The main calls, in a project that has neither the DOM's types nor Node's. */
const typed = `import { type Backnorm, type Backward, BacknormRangeError, type Case, load, parseNpy, type Report } from "backnorm";
const bn: Backnorm = await load();
const kase: Case<Float32Array> = {
  x: new Float32Array(20), gamma: new Float32Array(5), beta: new Float32Array(5), dy: new Float32Array(20), shape: [4, 5],
};
const { dx }: Backward<Float32Array> = bn.backward(kase.dy, bn.forward(kase.x, kase).cache);
const report: Report<Float32Array> = await bn.gradcheckAsync(kase, { onProgress: (share: number) => void share });
const verdict: "pass" | "fail" | "undecidable" = report.verdict;
const layer = bn.layer({ shape: [4, 5], dtype: "float64" });
const running: Float64Array = layer.runningMean;
layer.dispose();
const { data, shape } = parseNpy(new Uint8Array(128));
export const firstWrong: string | null = bn.diagnose(kase, { dx }).firstWrong;
export const code = (error: unknown) => (error instanceof BacknormRangeError ? error.code : undefined);
// @ts-expect-error: gamma is of another kind than x
bn.forward(kase.x, { shape: [4, 5], gamma: new Float64Array(5) });
// @ts-expect-error: a layout that does not exist
bn.forward(kase.x, { shape: [4, 5], layout: "channel-last" });
// @ts-expect-error: a module is compiled
await load({ module: "backnorm.wasm" });
export const results = [dx, verdict, running, data.length, shape];
`;
/** What only a browser has. */
const typedInBrowser = `import { load } from "backnorm/streaming";
import module from "backnorm/backnorm.wasm";
import "backnorm/lab";
import type { LabVerdict } from "backnorm/lab";
import widget from "backnorm/anywidget";
const lab = document.createElement("backnorm-lab");
lab.preset = "iris";
lab.addEventListener("backnorm-verdict", ({ detail }) => console.log(detail.verdict === "pass", detail.firstWrong));
lab.addEventListener("backnorm-select", ({ detail: { node, cell } }) => console.log(node, cell.row + cell.column));
// @ts-expect-error: there is no such verdict
const verdict: LabVerdict["verdict"] = "maybe";
const compiled: WebAssembly.Module = module;
const bn = await load({ module: compiled });
await bn.gradcheckAsync(bn.presets.cs231n, { signal: AbortSignal.timeout(1000) });
console.log(bn.engine, verdict, typeof widget.render);
`;

/** The oldest TypeScript that web/reference/projects.md names, and today's. */
const compilers = ["5.2", "latest"];
describe("the types, with every check of a strict TypeScript project", () => {
  let project = "";
  before(async () => {
    project = await install(["node"], { offline: true });
    const aliases = compilers.map((version) => `typescript-${version}@npm:typescript@${version}`);
    await run("npm", ["install", "--no-audit", "--no-fund", ...aliases], project);
    await writeFile(join(project, "typed.ts"), typed);
    await writeFile(join(project, "typed-in-browser.ts"), typedInBrowser);
  });

  for (const version of compilers) {
    for (const moduleResolution of ["bundler", "node16"]) {
      for (const [where, lib, files] of [
        ["with the DOM", ["es2022", "dom"], ["typed.ts", "typed-in-browser.ts"]],
        ["without the DOM", ["es2022"], ["typed.ts"]],
      ] as const) {
        test(`TypeScript ${version}, ${moduleResolution}, ${where}`, async () => {
          const module = moduleResolution === "bundler" ? "esnext" : moduleResolution;
          const strict = {
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: false,
            noEmit: true,
          };
          const compilerOptions = { ...strict, target: "es2022", lib, types: [], module, moduleResolution };
          await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
          const tsc = join("node_modules", `typescript-${version}`, "bin/tsc");
          await run(process.execPath, [tsc, "-p", "."], project);
        });
      }
    }
  }
});

test("publint reports nothing", async () => {
  await run(bin("publint"), ["run", "--strict", tarball], root);
});

test("arethetypeswrong reports nothing", async () => {
  // esm-only leaves out CommonJS, by require and by Node 10, which the package does not mean to serve
  await run(bin("attw"), [tarball, "--profile", "esm-only"], root);
});
