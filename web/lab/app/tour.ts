/** The tour, in a chunk of its own, so that a link to the lab does not pay for it. */
import "../tour/tour.ts";
import { tour } from "../words/en/tour.ts";
import { addWords } from "../words/locale.ts";

/** A module without exports counts as cut off. */
export const isTour = true;

addWords("en", { tour });
