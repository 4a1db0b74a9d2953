import type { Preset } from "./presets.ts";

/** The scenes of the tour, in its order. A link numbers them from 1. */
export const kScenes = ["claim", "column", "sum", "mean", "paths", "nudge", "code"] as const;
export type SceneId = (typeof kScenes)[number];

/** The case of a tour whose link names none: whole numbers with whole means and standard deviations. */
export const kTourCase: Preset = "notes";
