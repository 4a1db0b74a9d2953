/**
 * Batch, layer, group, instance and RMS norm, their gradients, and every check of them. `load` starts the kernels; the calls are
 * methods of what it returns, a `Backnorm`. `linkOf` and the parsers need no kernels.
 *
 * ```js
 * import { load } from "backnorm";
 *
 * const bn = await load();
 * const x = Float32Array.of(1, 2, 3, 4, 5, 6);
 * const { y, cache } = bn.forward(x, { shape: [3, 2] });
 * ```
 *
 * @module backnorm
 */
export * from "../../../dist/types/index.js";
