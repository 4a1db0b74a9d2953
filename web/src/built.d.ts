// What the C++ build hands over; the bundler resolves these names (.scripts/build.js).
declare module "built:webassembly" {
  const factory: import("./module.ts").ModuleFactory;
  export default factory;
}
declare module "built:wasm" {
  /** The .wasm: inside the script, or fetched from beside it. */
  const readWasm: import("./start.ts").ReadWasm;
  export default readWasm;
}
declare module "built:checker-wasm" {
  export { default } from "built:wasm";
}
declare module "built:javascript" {
  const factory: import("./module.ts").ModuleFactory;
  export default factory;
}

// Stands beside the built script, which fetches it only where it is needed.
declare module "./fallback.js" {
  export { default } from "built:javascript";
}
