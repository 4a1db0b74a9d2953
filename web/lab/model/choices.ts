import type { NotationId } from "../maths/notations.ts";
import type { Selection } from "./selection.ts";

/** Ways of looking at one trace. */
export const kLenses = ["graph", "steps", "paths", "closed"] as const;
export type Lens = (typeof kLenses)[number];

/** Panels that are folded until they are wanted. */
export const kTools = ["mine", "bank", "batches"] as const;
export type ToolId = (typeof kTools)[number];

/** What the check panel can show beside its verdicts. */
export const kCheckParts = ["float32", "sweep"] as const;
export type CheckPart = (typeof kCheckParts)[number];

/** The ways back from x̂ to x, in the order in which they add up. */
export const kPaths = ["direct", "throughVar", "throughMean"] as const;
export type Path = (typeof kPaths)[number];

/** The factors of the closed form, in the order in which they stand in it. */
export const kFactors = ["scale", "dy", "sumOfDy", "ratio", "xhat", "sumOfDyXhat"] as const;
export type Factor = (typeof kFactors)[number];

/** English stands in the page's first load; the others are fetched whole. */
export const kLanguages = ["en", "zh"] as const;
export type Language = (typeof kLanguages)[number];

export const kThemes = ["light", "dark"] as const;
export type Theme = (typeof kThemes)[number];

/** All that is chosen on the page but the case: a link says it. */
export interface Choices {
  selection: Selection;
  lens: Lens;
  /** The id of the mistake that is made; "" if none is. */
  mistake: string;
  /** The id of the moment that the graph shows. */
  moment: string;
  language: Language;
  notation: NotationId;
  /** undefined: as the system has it. */
  theme: Theme | undefined;
  /** The paths that are left out. */
  off: ReadonlySet<Path>;
  /** The factor of the closed form. */
  factor: Factor;
  /** The tools that are unfolded. */
  tools: ReadonlySet<ToolId>;
  parts: ReadonlySet<CheckPart>;
  /** Which example Find my mistake begins with, from 1. */
  example: number | undefined;
  /** An assignment: verdicts and hints, and nothing of the solution. */
  sparing: boolean;
  /** For little room: one lens, its verdict, and a way to the whole. */
  brief: boolean;
}
