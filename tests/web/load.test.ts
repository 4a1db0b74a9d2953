import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { BacknormRangeError, load } from "backnorm";
import { emptyWasm } from "./bad-values.ts";
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

/** Where nothing can be compiled after the module, as on Cloudflare's Workers; `start` is what runs there. */
const compiledBefore = (entry: string, start: string) => `
  import { readFile } from "node:fs/promises";
  const bytes = await readFile("dist/backnorm.wasm");
  const module = new WebAssembly.Module(bytes);
  const refuse = async () => { throw new WebAssembly.CompileError("not here"); };
  const { Module } = WebAssembly;
  Object.assign(WebAssembly, { compile: refuse, compileStreaming: refuse });
  Object.assign(globalThis, { fetch: refuse });
  const { load } = await import(${JSON.stringify(entry)});
  const say = ({ code, message }) => [code, message];
  console.log(JSON.stringify(await (async () => { ${start} })()));`;

for (const entry of ["backnorm", "./dist/streaming.js"]) {
  test(`load({ module }) of ${entry} starts WebAssembly where nothing can be compiled`, async () => {
    const start = `
      const bn = await load({ module });
      const { verdict } = bn.gradcheck(bn.presets.cs231n);
      const again = [load(), load({ module }), load({ engine: "webassembly" }), load({ module: new Module(bytes) })];
      return [bn.engine, verdict, ...(await Promise.all(again)).map((other) => other === bn)];`;
    const printed = JSON.parse(await inNode(compiledBefore(entry, start)));
    assert.deepEqual(printed, ["webassembly", "pass", true, true, true, true]);
  });

  test(`a module starts WebAssembly beside a load() of ${entry} that found none`, async () => {
    const start = `
      const [plain, given, other] = await Promise.all([load(), load({ module }), load({ module })]);
      return [plain.engine, given.engine, given === other, given === await load(), (await load({ engine: "javascript" })) === plain];`;
    const printed = JSON.parse(await inNode(compiledBefore(entry, start)));
    assert.deepEqual(printed, ["javascript", "webassembly", true, true, true]);
  });
}

test("a module that doesn't start is not replaced by JavaScript, and another attempt may succeed", async () => {
  const start = `
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async () => { throw new WebAssembly.RuntimeError("no memory"); };
    const failed = await load({ module }).catch(say);
    Object.assign(WebAssembly, { instantiate });
    return [failed, (await load({ module })).engine];`;
  assert.deepEqual(JSON.parse(await inNode(compiledBefore("backnorm", start))), [
    ["load-failed", "load(): expected WebAssembly with SIMD, got RuntimeError: no memory"],
    "webassembly",
  ]);
});

test("the .wasm of another build is refused by both names, even while ours runs", async () => {
  const bytes = await readFile(join(root, "dist/backnorm.wasm"));
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const mark = bytes.subarray(bytes.lastIndexOf("backnorm") + "backnorm".length).toString("latin1");
  assert.match(mark, /^\d+\.\d+\.\d+\+[0-9a-f]{12}$/);
  assert.ok(mark.startsWith(`${version}+`), mark);
  const other = Buffer.from(bytes);
  other.write("f00d", other.length - 4);
  const page = await readFile(join(root, "dist/page/backnorm.wasm"));
  const pageMark = page.subarray(-mark.length).toString();
  assert.notEqual(pageMark, mark);
  for (const [wasm, found] of [
    [other, `${mark.slice(0, -4)}f00d`],
    [page, pageMark],
    [emptyWasm, "another module"],
  ] as const) {
    await assert.rejects(load({ module: new WebAssembly.Module(wasm) }), (error) => {
      assert.ok(error instanceof BacknormRangeError);
      assert.equal(error.code, "invalid-module");
      assert.equal(error.message, `module: expected backnorm.wasm of ${mark}, got ${found}`);
      return true;
    });
  }
  assert.equal(await load({ module: new WebAssembly.Module(bytes) }), webassembly);
});

test("a module is refused together with the JavaScript engine, which has none", async () => {
  const module = new WebAssembly.Module(await readFile(join(root, "dist/backnorm.wasm")));
  await assert.rejects(load({ module, engine: "javascript" }), {
    name: "BacknormTypeError",
    code: "invalid-module",
    message: 'module: expected engine "webassembly" or none with it, got "javascript"',
  });
  assert.equal(await load({ module, engine: "webassembly" }), webassembly);
});
