/** The same C++ compiled to JavaScript, fetched only if WebAssembly or SIMD is missing or blocked. */
import createModule from "built:javascript";
import { once } from "./once.ts";

export const start = once(() => createModule({}));
