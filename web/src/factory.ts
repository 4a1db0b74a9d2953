import type { Module } from "./module.ts";

/** Lets the loader instantiate the wasm. The glue wants an empty object back at once. */
export type InstantiateWasm = (
  imports: WebAssembly.Imports,
  receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
) => object;

/** The glue of Emscripten. Apart from module.ts, whose types are published and need no DOM. */
export type ModuleFactory = (options: { instantiateWasm?: InstantiateWasm }) => Promise<Module>;
