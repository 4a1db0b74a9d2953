/** What computes, where everything stands in one file: the whole package from the start. It takes the place of engine.ts. */
import type { Backnorm } from "../../src/index.ts";
import { load } from "../../src/load.ts";

export { load };
export const loadWhole: () => Promise<Backnorm> = load;
