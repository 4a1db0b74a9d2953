// What the C++ build hands over; the bundler resolves these names (.scripts/build.js).
declare module "built:webassembly" {
  const factory: import("./module.ts").ModuleFactory;
  export default factory;
}
declare module "built:wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
declare module "built:javascript" {
  const factory: import("./module.ts").ModuleFactory;
  export default factory;
}
