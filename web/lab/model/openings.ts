import { kLenses } from "./choices.ts";

/** What the link of a student opens: an assignment, Find my mistake, an example of it, or a lens. */
export const kOpenings = ["assignment", "mine", "example", ...kLenses] as const;
export type Opening = (typeof kOpenings)[number];
