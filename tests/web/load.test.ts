import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { load } from "backnorm";
import { inNode, javascript, root, webassembly } from "./support.ts";

const folder = await mkdtemp(join(tmpdir(), "backnorm-load-"));
after(() => rm(folder, { recursive: true }));

await writeFile(join(folder, "package.json"), '{ "type": "module" }');

/** The entry without its fallback beside it. */
async function entryWithoutFallback(): Promise<string> {
  for (const name of ["index.js", "webassembly.js"])
    await copyFile(join(root, "dist", name), join(folder, name));
  return pathToFileURL(join(folder, "index.js")).href;
}

test("load() always gives the same object, even for concurrent calls", async () => {
  const [first, second] = await Promise.all([load(), load()]);
  assert.equal(first, second);
  assert.equal(await load(), first);
  assert.equal(await load({}), first);
  assert.equal(await load({ engine: undefined as never }), first);
  assert.equal(await load({ engine: "webassembly" }), first);
  assert.equal(await load({ engine: "javascript" }), javascript);
});

test("each engine reports its name", () => {
  assert.equal(webassembly.engine, "webassembly");
  assert.equal(javascript.engine, "javascript");
});

test("the methods need no this", () => {
  const { forward, backward, trace, gradcheck, randn, presets } = webassembly;
  const { x, dy, ...options } = presets.cs231n;
  assert.equal(backward(dy, forward(x, options).cache).dx.length, 20);
  assert.equal(trace(presets.cs231n).nodes.length, 12);
  assert.equal(gradcheck(presets.cs231n).ok, true);
  assert.equal(randn(1, [3])[0]?.length, 3);
});

const missing: [how: string, flags: string[], before: string][] = [
  ["Node runs without a compiler", ["--jitless"], ""],
  ["the global is missing", [], "delete globalThis.WebAssembly;"],
  [
    "a Content-Security-Policy blocks it",
    [],
    "WebAssembly.compile = async () => { throw new WebAssembly.CompileError('blocked by CSP'); };",
  ],
  [
    "it compiles and does not start",
    [],
    "WebAssembly.instantiate = async () => { throw new WebAssembly.LinkError('no'); };",
  ],
  [
    "an old engine throws at once",
    [],
    "WebAssembly.compile = () => { throw new TypeError('not callable here'); };",
  ],
];
for (const [how, flags, before] of missing) {
  test(`load() falls back to JavaScript when ${how}`, async () => {
    const script = `${before}
      const { load } = await import("backnorm");
      const bn = await load();
      const report = bn.gradcheck(bn.presets.cs231n);
      console.log(JSON.stringify([bn.engine, report.verdict, bn === await load()]));`;
    assert.deepEqual(JSON.parse(await inNode(script, { flags })), ["javascript", "pass", true]);
  });
}

test("the error when neither engine starts names both reasons and carries the cause", async () => {
  const script = `delete globalThis.WebAssembly;
    const { load, BacknormRangeError } = await import(${JSON.stringify(await entryWithoutFallback())});
    const error = await load().catch((error) => error);
    const { name, code, argument, message, cause } = error;
    const isRange = error instanceof RangeError && error instanceof BacknormRangeError;
    console.log(JSON.stringify({ name, code, argument, message, isRange, cause: cause.code }));`;
  const { message, ...rest } = JSON.parse(await inNode(script));
  assert.deepEqual(rest, {
    name: "BacknormRangeError",
    code: "load-failed",
    argument: "load()",
    isRange: true,
    cause: "ERR_MODULE_NOT_FOUND",
  });
  assert.match(
    message,
    /^load\(\): expected WebAssembly with SIMD, or fallback\.js beside the package's entry, got ReferenceError: WebAssembly is not defined; then Error \[ERR_MODULE_NOT_FOUND\]: Cannot find module .*fallback\.js/,
  );
});

test("a requested engine is not replaced by the other", async () => {
  const script = `const { WebAssembly } = globalThis;
    delete globalThis.WebAssembly;
    const { load } = await import(${JSON.stringify(await entryWithoutFallback())});
    const say = ({ code, message, cause }) => ({ code, message, cause: cause.name });
    const failed = await load({ engine: "webassembly" }).catch(say);
    const alone = await load({ engine: "javascript" }).catch(({ code }) => code);
    Object.assign(globalThis, { WebAssembly });
    const { engine } = await load();
    console.log(JSON.stringify({ failed, alone, engine }));`;
  assert.deepEqual(JSON.parse(await inNode(script)), {
    failed: {
      code: "load-failed",
      message: "load(): expected WebAssembly with SIMD, got ReferenceError: WebAssembly is not defined",
      cause: "ReferenceError",
    },
    alone: "load-failed",
    engine: "webassembly", // a later call tries again
  });
});

for (const engine of ["webassembly", "javascript"])
  test(`the ${engine} engine needs no DOM, no eval and no network`, async () => {
    const script = `
      for (const name of ["document", "window", "self", "fetch", "XMLHttpRequest", "Worker", "Blob", "location"])
        delete globalThis[name];
      const { load } = await import("backnorm");
      const bn = await load({ engine: "${engine}" });
      console.log(bn.gradcheck(bn.presets.cs231n).verdict);`;
    const flags = ["--disallow-code-generation-from-strings"];
    assert.equal(await inNode(script, { flags }), "pass");
  });
