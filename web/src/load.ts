import readWasm from "built:wasm";
import createModule from "built:webassembly";
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
 * Throws RangeError `load-failed`, with the cause, when neither starts.
 */
export async function load({ engine }: LoadOptions = {}): Promise<Backnorm> {
  if (engine !== undefined) return start(engine);
  try {
    return await start("webassembly");
  } catch (blocked) {
    try {
      return await start("javascript");
    } catch (cause) {
      throw new BacknormRangeError(
        {
          code: "load-failed",
          argument: "load()",
          expected: "WebAssembly with SIMD, or fallback.js beside the package's entry",
          got: `${blocked}; then ${cause}`,
        },
        { cause },
      );
    }
  }
}
