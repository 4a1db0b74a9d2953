/** The same C++ compiled to JavaScript; fetched only where WebAssembly or SIMD is missing or blocked. */
export { default } from "built:javascript";
