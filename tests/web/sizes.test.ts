/** What is published, by brotli as servers send it. A growth is a decision: the new number is written into the change. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "./support.ts";

const { measuredWith, ...sizes } = JSON.parse(readFileSync(join(root, "tests/data/sizes.json"), "utf8")) as {
  measuredWith: { emscripten: string; node: string };
} & Record<string, number>;

const dist = join(root, "dist");
const page = readdirSync(join(dist, "page"), { withFileTypes: true })
  .filter((entry) => entry.isFile()) // not the reference
  .map(({ name }) => `page/${name}`);

const filesOf: Record<string, string[]> = {
  backnorm: ["index.js", "webassembly.js"],
  "backnorm/streaming": ["streaming.js", "backnorm.wasm"],
  "backnorm/lab": readdirSync(dist).filter((name) => /^(lab(-.*)?|webassembly)\.js$/.test(name)),
  "backnorm/anywidget": ["anywidget.js"],
  "the fallback": ["fallback.js"],
  "the page in one file": ["backnorm.html"],
  "the page, all of it but the fallback": page.filter((name) => name !== "page/fallback.js"),
};

const { emscripten, node } = measuredWith;
const isComparable =
  execFileSync("emcc", ["--version"], { encoding: "utf8" }).includes(` ${emscripten} `) &&
  process.versions.node.startsWith(`${node}.`);

/** What a bundler makes of an import of parseArray alone. */
const { outputFiles } = await build({
  stdin: { contents: 'export { parseArray } from "./dist/index.js";', resolveDir: root },
  bundle: true,
  minify: true,
  format: "esm",
  external: ["./webassembly.js", "./fallback.js"],
  write: false,
});
const parseArrayAlone = outputFiles[0]?.contents ?? new Uint8Array();

test("importing only parseArray brings no engine", () => {
  assert.doesNotMatch(Buffer.from(parseArrayAlone).toString(), /webassembly\.js|fallback\.js/);
});

const brotli = (contents: Uint8Array) => brotliCompressSync(contents).length;
const sizeOf: Record<string, () => number> = {
  "parseArray alone": () => brotli(parseArrayAlone),
};
for (const [what, files] of Object.entries(filesOf)) {
  sizeOf[what] = () => files.reduce((sum, name) => sum + brotli(readFileSync(join(dist, name))), 0);
}

test("the reference has a row for every size, with the number of sizes.json", () => {
  const text = readFileSync(join(root, "web/reference/accuracy.md"), "utf8");
  const rows = [...text.matchAll(/^\| (.+) \| ([\d,]+) \|$/gm)].map(([, what = "", bytes = ""]) => [
    what.replaceAll("`", ""),
    Number(bytes.replaceAll(",", "")),
  ]);
  assert.deepEqual(Object.fromEntries(rows), sizes);
});

for (const [what, measure] of Object.entries(sizeOf)) {
  test(`${what} has not grown`, {
    skip: !isComparable && `measured with Emscripten ${emscripten} and Node ${node}`,
  }, () => {
    const size = measure();
    const known = sizes[what] ?? 0;
    assert.ok(
      size <= known,
      `${what} is ${size} bytes, and tests/data/sizes.json says ${known}: mend it, or write the new number`,
    );
  });
}
