/** The English words of the first view. */
import type { Notation } from "../../maths/notations.ts";
import { check } from "./check.ts";
import { graph } from "./graph.ts";
import { inputs } from "./inputs.ts";
import { page } from "./page.ts";

export const first = (notation: Notation) => ({
  ...page(notation),
  ...graph(notation),
  ...check(notation),
  ...inputs(notation),
});
