import type { Mistake } from "../../src/index.ts";
import { loading } from "../../src/loading.ts";

/** Starts the engine. What a mistake is called comes with the page's other words, so that the first view needs less. */
export const load = /* @__PURE__ */ loading((rows) => rows as readonly Mistake[]);
