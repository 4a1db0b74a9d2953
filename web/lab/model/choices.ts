import type { Path } from "../maths/graph-facts.ts";
import type { NotationId } from "../maths/notations.ts";
import type { Selection } from "./selection.ts";

/** Ways of looking at one trace. */
export const kLenses = ["graph", "steps", "paths", "closed"] as const;
export type Lens = (typeof kLenses)[number];

/** Panels that are closed at first. */
export const kTools = ["mine", "bank", "batches"] as const;
export type ToolId = (typeof kTools)[number];

/** What the check panel can show beside its verdicts. */
export const kCheckParts = ["float32", "sweep"] as const;
export type CheckPart = (typeof kCheckParts)[number];

/** The factors of the closed form, in its order. */
export const kFactors = ["scale", "dy", "sumOfDy", "ratio", "xhat", "sumOfDyXhat"] as const;
export type Factor = (typeof kFactors)[number];

/** English is part of the first load. Each other language is one file. */
export const kLanguages = ["en", "zh"] as const;
export type Language = (typeof kLanguages)[number];

export const kThemes = ["light", "dark"] as const;
export type Theme = (typeof kThemes)[number];

/** All settings of the page except the case. A link holds them. */
export interface Choices {
  selection: Selection;
  lens: Lens;
  /** The id of the mistake that is switched on; "" if none is. */
  mistake: string;
  /** The id of the moment shown on the graph. */
  moment: string;
  language: Language;
  notation: NotationId;
  /** undefined: follows the system. */
  theme: Theme | undefined;
  /** The paths left out. */
  off: ReadonlySet<Path>;
  /** The factor of the closed form. */
  factor: Factor;
  /** The open tools. */
  tools: ReadonlySet<ToolId>;
  parts: ReadonlySet<CheckPart>;
  /** The example that Find my mistake starts with, counted from 1. */
  example: number | undefined;
  /** An assignment: verdicts and hints, without the solution. */
  sparing: boolean;
  /** The scene of the tour, counted from 1; 0: the lab. */
  tour: number;
  /** For small spaces: one lens, its verdict, and a link to the whole page. */
  brief: boolean;
}
