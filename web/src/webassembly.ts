/**
 * The WebAssembly module with its glue. load() imports it, so code that only parses arrays never gets it, and a page
 * with both the package and the element gets it once.
 */
import readWasm, { mark } from "built:wasm";
import createModule from "built:webassembly";
import type { InstantiateWasm } from "./factory.ts";
import type { Module } from "./module.ts";
import { once } from "./once.ts";

export { mark };

async function compiled(): Promise<WebAssembly.Module> {
  const read = await readWasm();
  // not instanceof: it would make Node load its fetch library
  return "body" in read ? WebAssembly.compileStreaming(read) : WebAssembly.compile(read);
}

/** Compiles, unless the caller did, and instantiates here instead of in the glue, so that a refusal is an error and not an abort. */
export const start = once(async (given?: WebAssembly.Module): Promise<Module> => {
  const wasm = given ?? (await compiled());
  return new Promise((resolve, reject) => {
    const instantiateWasm: InstantiateWasm = (imports, receive) => {
      WebAssembly.instantiate(wasm, imports).then((instance) => receive(instance, wasm), reject);
      return {};
    };
    createModule({ instantiateWasm }).then(resolve, reject);
  });
});
