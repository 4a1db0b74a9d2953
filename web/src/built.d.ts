// Modules from the C++ build. The bundler resolves these names (.scripts/build.js).
declare module "built:webassembly" {
  const factory: import("./factory.ts").ModuleFactory;
  export default factory;
}
/** The text of web/examples/notebook/backnorm_check.py. */
declare module "built:cell" {
  const text: string;
  export default text;
}
/** The font of formulas (.scripts/math-font.js): WOFF2, as base64. */
declare module "built:math-font" {
  const base64: string;
  export default base64;
}
declare module "built:wasm" {
  /** The .wasm, or the response that delivers it: from inside the script, or from beside it. */
  const readWasm: () => Promise<BufferSource | Response>;
  export default readWasm;
  /** What the .wasm's section "backnorm" says: its version and a digest. Glue and .wasm of two builds don't fit. */
  export const mark: string;
}
declare module "built:javascript" {
  const factory: import("./factory.ts").ModuleFactory;
  export default factory;
}

// Files beside the built script, which fetches one of them.
declare module "./webassembly.js" {
  export { mark, start } from "./webassembly.ts";
}
declare module "./fallback.js" {
  export { start } from "./fallback.ts";
}
