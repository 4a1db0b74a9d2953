/** The English words of the first view. */
import type { Setting } from "../../maths/layout.ts";
import type { Notation } from "../../maths/notations.ts";
import { check } from "./check.ts";
import { graph } from "./graph.ts";
import { inputs } from "./inputs.ts";
import { page } from "./page.ts";

export const first = (notation: Notation, setting: Setting) => ({
  ...page(notation, setting),
  ...graph(notation, setting),
  ...check(notation, setting),
  ...inputs(notation),
});
