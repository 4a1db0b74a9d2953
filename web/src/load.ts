import { objectOf, oneOf } from "./arguments.ts";
import { type Backnorm, createBacknorm, type Engine } from "./backnorm.ts";
import type { Module } from "./module.ts";
import { fault } from "./sentences.ts";

/** Where each engine stands. */
const engines = {
  webassembly: () => import("./webassembly.js"),
  javascript: () => import("./fallback.js"),
} as const;

const made = new WeakMap<Module, Backnorm>();

async function start(engine: Engine): Promise<Backnorm> {
  const module = await (await engines[engine]()).start();
  const bn = made.get(module) ?? createBacknorm(module, engine);
  made.set(module, bn);
  return bn;
}

/** causes: why each of them does not start. */
function fail(tried: readonly Engine[], causes: readonly unknown[]): never {
  const params = { engines: tried, reasons: causes.map(String) };
  throw fault("load-failed", "load()", params, { cause: causes.at(-1) });
}

/** The first, or the second where that does not start. Throws RangeError `load-failed`, with both reasons. */
export async function either<T>(webassembly: () => Promise<T>, javascript: () => Promise<T>): Promise<T> {
  try {
    return await webassembly();
  } catch (blocked) {
    return javascript().catch((cause) => fail(["webassembly", "javascript"], [blocked, cause]));
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
    return start(engine).catch((cause) => fail([engine], [cause]));
  }
  return either(
    () => start("webassembly"),
    () => start("javascript"),
  );
}
