import { oneOf } from "./arguments.ts";
import { type Backnorm, createBacknorm, type Engine } from "./backnorm.ts";
import type { Mistake } from "./mistake-words.ts";
import type { MistakeRow } from "./mistakes.ts";
import type { Module } from "./module.ts";
import { optionsOf } from "./options.ts";
import { fault } from "./sentences.ts";

/** The modules of both engines. */
const engines = {
  webassembly: () => import("./webassembly.js"),
  javascript: () => import("./fallback.js"),
} as const;

/** causes: why each engine didn't start. */
function fail(tried: readonly Engine[], causes: readonly unknown[]): never {
  const params = { engines: tried, reasons: causes.map(String) };
  throw fault("load-failed", "load()", params, { cause: causes.at(-1) });
}

/** Tries the first, then the second. Throws RangeError `load-failed`, with both reasons. */
export async function either<T>(webassembly: () => Promise<T>, javascript: () => Promise<T>): Promise<T> {
  try {
    return await webassembly();
  } catch (blocked) {
    return javascript().catch((cause) => fail(["webassembly", "javascript"], [blocked, cause]));
  }
}

/** The options of `load`. */
export interface LoadOptions {
  /** The build of the C++ to run. Default: WebAssembly, or JavaScript if WebAssembly can't start. */
  engine?: Engine;
}

/** A `load` whose mistakes are said so. The page says them in words of its own, which it fetches later. */
export function loading(said: (rows: readonly MistakeRow[]) => readonly Mistake[]) {
  const made = new WeakMap<Module, Backnorm>();

  async function start(engine: Engine): Promise<Backnorm> {
    const module = await (await engines[engine]()).start();
    const bn = made.get(module) ?? createBacknorm(module, engine, said);
    made.set(module, bn);
    return bn;
  }

  return async (options: LoadOptions = {}): Promise<Backnorm> => {
    const { engine } = optionsOf<LoadOptions>("options", options, { engine: 0 }, []);
    if (engine !== undefined) {
      oneOf("engine", "invalid-engine", engine, ["webassembly", "javascript"]);
      return start(engine).catch((cause) => fail([engine], [cause]));
    }
    return either(
      () => start("webassembly"),
      () => start("javascript"),
    );
  };
}
