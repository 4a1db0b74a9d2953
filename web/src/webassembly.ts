/**
 * The module as WebAssembly, with its glue. It is imported when load() is called: whoever reads arrays only never gets it,
 * and whoever has both the package and the element has it once.
 */
import readWasm from "built:wasm";
import createModule from "built:webassembly";
import type { InstantiateWasm, Module } from "./module.ts";
import { once } from "./once.ts";

/** Compiled and instantiated here and not by the glue, so that a refusal arrives as an error and not as an abort. */
export const start = once(async (): Promise<Module> => {
  const read = await readWasm();
  // not instanceof: Node would fetch its library for it
  const wasm = await ("body" in read ? WebAssembly.compileStreaming(read) : WebAssembly.compile(read));
  return new Promise((resolve, reject) => {
    const instantiateWasm: InstantiateWasm = (imports, receive) => {
      WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm), reject);
      return {};
    };
    createModule({ instantiateWasm }).then(resolve, reject);
  });
});
