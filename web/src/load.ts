import { objectOf, oneOf } from "./arguments.ts";
import { type Backnorm, createBacknorm, type Engine } from "./backnorm.ts";
import { BacknormRangeError } from "./errors.ts";
import type { Module } from "./module.ts";

/** Where each engine stands, and what has to be there for it to start. */
const engines = {
  webassembly: { fetch: () => import("./webassembly.js"), needs: "WebAssembly with SIMD" },
  javascript: { fetch: () => import("./fallback.js"), needs: "fallback.js beside the package's entry" },
} as const;

const made = new WeakMap<Module, Backnorm>();

async function start(engine: Engine): Promise<Backnorm> {
  const module = await (await engines[engine].fetch()).start();
  const bn = made.get(module) ?? createBacknorm(module, engine);
  made.set(module, bn);
  return bn;
}

function fail(expected: string, got: string, cause: unknown): never {
  throw new BacknormRangeError({ code: "load-failed", argument: "load()", expected, got }, { cause });
}

/** The first, or the second where that does not start. Throws RangeError `load-failed`, with both reasons. */
export async function either<T>(webassembly: () => Promise<T>, javascript: () => Promise<T>): Promise<T> {
  try {
    return await webassembly();
  } catch (blocked) {
    const expected = `${engines.webassembly.needs}, or ${engines.javascript.needs}`;
    return javascript().catch((cause) => fail(expected, `${blocked}; then ${cause}`, cause));
  }
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
    return start(engine).catch((cause) => fail(engines[engine].needs, String(cause), cause));
  }
  return either(
    () => start("webassembly"),
    () => start("javascript"),
  );
}
