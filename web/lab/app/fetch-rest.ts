import { uncut } from "../words/uncut.ts";

/** Fetches everything that the first view does not need. Its elements are then defined. */
export const fetchRest = async () => uncut(await import("./rest.ts"));

/** Fetches the tour. */
export const fetchTour = async () => uncut(await import("./tour.ts"));
