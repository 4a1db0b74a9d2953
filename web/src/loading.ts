import { oneOf } from "./arguments.ts";
import { type Backnorm, createBacknorm, type Engine } from "./backnorm.ts";
import { given, quotable } from "./given.ts";
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
  /**
   * `backnorm/backnorm.wasm` as a WebAssembly.Module, for places that refuse to compile one, such as Cloudflare's Workers, or for
   * a program that compiles it itself. Once WebAssembly runs, later calls share it, whichever module they give. Never falls back
   * to JavaScript. Default: load() compiles a module of its own. Else `invalid-module`.
   */
  module?: object | undefined;
}

/** What the section "backnorm" of a module says, or undefined if it has none. */
function markIn(module: unknown): string | undefined {
  let sections: ArrayBuffer[];
  try {
    sections = WebAssembly.Module.customSections(module as WebAssembly.Module, "backnorm");
  } catch {
    throw fault("not-a-module", "module", { got: given(module) });
  }
  return sections[0] && String.fromCharCode(...new Uint8Array(sections[0]));
}

/** Checks that a module is the .wasm of this build. Another one could start, and compute something else. */
async function moduleOf(value: unknown, engine: Engine | undefined): Promise<WebAssembly.Module> {
  if (engine === "javascript") throw fault("module-for-javascript", "module", {});
  const found = markIn(value);
  const { mark } = await engines.webassembly().catch((cause) => fail(["webassembly"], [cause]));
  if (found !== mark) throw fault("foreign-module", "module", { mark, found: found && quotable(found) });
  return value as WebAssembly.Module;
}

/** A `load` whose mistakes are said so. The page says them in words of its own, which it fetches later. */
export function loading(said: (rows: readonly MistakeRow[]) => readonly Mistake[]) {
  const made = new WeakMap<Module, Backnorm>();

  async function start(engine: Engine, ...compiled: [] | [WebAssembly.Module]): Promise<Backnorm> {
    const module = await (await engines[engine]()).start(...compiled);
    const bn = made.get(module) ?? createBacknorm(module, engine, said);
    made.set(module, bn);
    return bn;
  }
  const only = (engine: Engine, ...compiled: [] | [WebAssembly.Module]) =>
    start(engine, ...compiled).catch((cause) => fail([engine], [cause]));

  return async (options: LoadOptions = {}): Promise<Backnorm> => {
    const { engine, module } = optionsOf<LoadOptions>("options", options, { engine: 0, module: 0 }, []);
    if (engine !== undefined) oneOf("engine", "invalid-engine", engine, ["webassembly", "javascript"]);
    if (module !== undefined) return only("webassembly", await moduleOf(module, engine));
    if (engine !== undefined) return only(engine);
    return either(
      () => start("webassembly"),
      () => start("javascript"),
    );
  };
}
