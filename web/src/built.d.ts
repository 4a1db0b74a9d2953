// What the C++ build hands over; the bundler resolves these names (.scripts/build.js).
declare module "built:webassembly" {
  const factory: import("./module.ts").ModuleFactory;
  export default factory;
}
declare module "built:wasm" {
  /** The .wasm: inlined in the package, fetched from beside the script on the page. */
  export default function readWasm(): Promise<BufferSource>;
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
