/**
 * The same exports as `backnorm`, with a quarter of the script: the WebAssembly is a file beside it, `backnorm.wasm`, which browsers
 * compile while it downloads. In Node it is `backnorm` itself.
 *
 * @module backnorm/streaming
 */
export * from "../../../dist/types/index.js";
