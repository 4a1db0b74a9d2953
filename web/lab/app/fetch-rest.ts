import { uncut } from "../words/uncut.ts";

/** Fetches all of the page that is not needed at first sight; what it defines is there from then on. */
export const fetchRest = async () => uncut(await import("./rest.ts"));
