import type { Setting } from "../maths/layout.ts";
import type { Notation } from "../maths/notations.ts";
import type { first } from "./en/first.ts";
import type { rest } from "./en/rest.ts";
import type { tour } from "./en/tour.ts";

/** The words of the first view, and those that load with the other panels. English defines the keys. */
export type Words = ReturnType<typeof first>;
export type RestWords = ReturnType<typeof rest>;
/** Those that load with the tour. */
export type TourWords = ReturnType<typeof tour>;

/** All words of a language. They depend on the names of a notation. */
export interface Vocabulary {
  first(notation: Notation, setting: Setting): Words;
  rest(notation: Notation, setting: Setting): RestWords;
  tour(notation: Notation): TourWords;
}
