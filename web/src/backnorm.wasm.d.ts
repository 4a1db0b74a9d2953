/** `backnorm/backnorm.wasm`, where importing it gives a compiled module: in Cloudflare's Workers, and by `import source`. */
declare const module: WebAssembly.Module;
export default module;
