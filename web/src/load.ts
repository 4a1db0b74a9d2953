import readWasm from "built:wasm";
import createModule from "built:webassembly";
import { objectOf, oneOf } from "./arguments.ts";
import { type Backnorm, createBacknorm, type Engine } from "./backnorm.ts";
import { BacknormRangeError } from "./errors.ts";
import type { InstantiateWasm, Module } from "./module.ts";

async function startWebAssembly(): Promise<Module> {
  // Compiled and instantiated here and not by the glue, so that a refusal arrives as an error and not as an abort.
  const wasm = await WebAssembly.compile(await readWasm());
  return new Promise((resolve, reject) => {
    const instantiateWasm: InstantiateWasm = (imports, receive) => {
      WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm), reject);
      return {};
    };
    createModule({ instantiateWasm }).then(resolve, reject);
  });
}

async function startJavaScript(): Promise<Module> {
  const { default: factory } = await import("./fallback.js");
  return factory({});
}

const started = new Map<Engine, Promise<Backnorm>>();

function start(engine: Engine): Promise<Backnorm> {
  let running = started.get(engine);
  if (!running) {
    const module = engine === "webassembly" ? startWebAssembly() : startJavaScript();
    running = module.then((ready) => createBacknorm(ready, engine));
    running.catch(() => started.delete(engine)); // so that a later call can try again
    started.set(engine, running);
  }
  return running;
}

export interface LoadOptions {
  /** Which build of the C++ to run. Default: WebAssembly, and JavaScript where WebAssembly cannot start. */
  engine?: Engine;
}

/**
 * Starts the kernels, once; later calls share them.
 *
 * Where WebAssembly or its SIMD is missing, or a Content-Security-Policy without 'wasm-unsafe-eval' blocks
 * it, the same C++ compiled to JavaScript is loaded instead: equal results, more slowly. `engine` says which runs.
 * Throws RangeError `load-failed`, with the cause, when neither starts, or not the one that was asked for.
 */
export async function load(options: LoadOptions = {}): Promise<Backnorm> {
  const { engine } = objectOf("options", options) as LoadOptions;
  if (engine !== undefined) {
    oneOf("engine", "invalid-engine", engine, ["webassembly", "javascript"]);
    return start(engine).catch((cause) => fail(needs[engine], String(cause), cause));
  }
  try {
    return await start("webassembly");
  } catch (blocked) {
    const expected = `${needs.webassembly}, or ${needs.javascript}`;
    return start("javascript").catch((cause) => fail(expected, `${blocked}; then ${cause}`, cause));
  }
}

const needs: Record<Engine, string> = {
  webassembly: "WebAssembly with SIMD",
  javascript: "fallback.js beside the package's entry",
};

function fail(expected: string, got: string, cause: unknown): never {
  throw new BacknormRangeError({ code: "load-failed", argument: "load()", expected, got }, { cause });
}
