import type { Backnorm } from "./backnorm.ts";
import { type LoadOptions, loading } from "./loading.ts";
import { withWords } from "./mistake-words.ts";

export type { LoadOptions } from "./loading.ts";

let withAll: ReturnType<typeof loading> | undefined;

/**
 * Starts the kernels once; later calls share them.
 *
 * If WebAssembly or its SIMD is missing, or a Content-Security-Policy without 'wasm-unsafe-eval' blocks it, the same
 * C++ compiled to JavaScript runs instead, more slowly. The results are equal except for the last digits of large
 * tensors. `engine` says which one runs.
 *
 * With `module`, nothing is compiled or fetched, and `backnorm/streaming` is the smaller entry to load it with.
 *
 * Throws RangeError `load-failed`, with the cause, if neither engine starts, or the requested one doesn't.
 */
export function load(options: LoadOptions = {}): Promise<Backnorm> {
  withAll ??= loading(withWords); // not before, so that a bundle without it can drop the words
  return withAll(options);
}
