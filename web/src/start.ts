import { BacknormRangeError } from "./errors.ts";
import type { InstantiateWasm, Module, ModuleFactory } from "./module.ts";

/** Gives the .wasm, or the response that it arrives with. */
export type ReadWasm = () => Promise<BufferSource | Response>;

export async function compile(readWasm: ReadWasm): Promise<WebAssembly.Module> {
  const wasm = await readWasm();
  // not instanceof: Node would fetch its library for it
  return "body" in wasm ? WebAssembly.compileStreaming(wasm) : WebAssembly.compile(wasm);
}

/** Compiled and instantiated here and not by the glue, so that a refusal arrives as an error and not as an abort. */
export async function startWebAssembly(createModule: ModuleFactory, readWasm: ReadWasm): Promise<Module> {
  const wasm = await compile(readWasm);
  return new Promise((resolve, reject) => {
    const instantiateWasm: InstantiateWasm = (imports, receive) => {
      WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm), reject);
      return {};
    };
    createModule({ instantiateWasm }).then(resolve, reject);
  });
}

/** There is one fallback, and it has all. */
export async function startJavaScript(): Promise<Module> {
  const { default: factory } = await import("./fallback.js");
  return factory({});
}

/** What has to be there for either to start. */
export const needs = {
  webassembly: "WebAssembly with SIMD",
  javascript: "fallback.js beside the package's entry",
} as const;

/** The first, or the second where that does not start. Throws RangeError `load-failed`, with both reasons. */
export async function either<T>(webassembly: () => Promise<T>, javascript: () => Promise<T>): Promise<T> {
  try {
    return await webassembly();
  } catch (blocked) {
    const expected = `${needs.webassembly}, or ${needs.javascript}`;
    return javascript().catch((cause) => fail(expected, `${blocked}; then ${cause}`, cause));
  }
}

export function fail(expected: string, got: string, cause: unknown): never {
  throw new BacknormRangeError({ code: "load-failed", argument: "load()", expected, got }, { cause });
}
