import readWasm from "built:wasm";
import createModule from "built:webassembly";
import { objectOf, oneOf } from "./arguments.ts";
import { type Backnorm, createBacknorm } from "./backnorm.ts";
import type { Engine } from "./checker.ts";
import { either, fail, needs, startJavaScript, startWebAssembly } from "./start.ts";

const started = new Map<Engine, Promise<Backnorm>>();

/** One of the engines, once. */
export function start(engine: Engine): Promise<Backnorm> {
  let running = started.get(engine);
  if (!running) {
    const module = engine === "webassembly" ? startWebAssembly(createModule, readWasm) : startJavaScript();
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
 * it, the same C++ compiled to JavaScript is loaded instead: equal results, but for the last digits of large
 * tensors, more slowly. `engine` says which runs.
 * Throws RangeError `load-failed`, with the cause, when neither starts, or not the one that was asked for.
 */
export async function load(options: LoadOptions = {}): Promise<Backnorm> {
  const { engine } = objectOf("options", options) as LoadOptions;
  if (engine !== undefined) {
    oneOf("engine", "invalid-engine", engine, ["webassembly", "javascript"]);
    return start(engine).catch((cause) => fail(needs[engine], String(cause), cause));
  }
  return either(
    () => start("webassembly"),
    () => start("javascript"),
  );
}
