import type { Notation } from "../../notations.ts";

export const share = (_: Notation) => ({});
