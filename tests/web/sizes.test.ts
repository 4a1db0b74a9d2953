/** What is published, by brotli as servers send it. A growth is a decision: the new number is written into the change. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { root } from "./support.ts";

const { measuredWith, ...sizes } = JSON.parse(readFileSync(join(root, "tests/data/sizes.json"), "utf8")) as {
  measuredWith: { emscripten: string; node: string };
} & Record<string, number>;

const dist = join(root, "dist");
const page = readdirSync(join(dist, "page")).map((name) => `page/${name}`);

const filesOf: Record<string, string[]> = {
  backnorm: ["index.js"],
  "backnorm/streaming": ["streaming.js", "backnorm.wasm"],
  "backnorm/lab": readdirSync(dist).filter((name) => /^lab(-.*)?\.js$/.test(name)),
  "backnorm/anywidget": ["anywidget.js"],
  "the fallback": ["fallback.js"],
  "the page in one file": ["backnorm.html"],
  "the page, all of it but the fallback": page.filter((name) => name !== "page/fallback.js"),
};

const { emscripten, node } = measuredWith;
const isComparable =
  execFileSync("emcc", ["--version"], { encoding: "utf8" }).includes(` ${emscripten} `) &&
  process.versions.node.startsWith(`${node}.`);

for (const [what, files] of Object.entries(filesOf)) {
  test(`${what} has not grown`, {
    skip: !isComparable && `measured with Emscripten ${emscripten} and Node ${node}`,
  }, () => {
    const size = files
      .map((name) => brotliCompressSync(readFileSync(join(dist, name))).length)
      .reduce((sum, one) => sum + one, 0);
    const known = sizes[what] ?? 0;
    assert.ok(
      size <= known,
      `${what} is ${size} bytes, and tests/data/sizes.json says ${known}: mend it, or write the new number`,
    );
  });
}
