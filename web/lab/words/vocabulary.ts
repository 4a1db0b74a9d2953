import type { Notation } from "../maths/notations.ts";
import type { first } from "./en/first.ts";
import type { rest } from "./en/rest.ts";

/** What every panel of the first view says, and what is fetched with the other panels. English says what there is. */
export type Words = ReturnType<typeof first>;
export type RestWords = ReturnType<typeof rest>;

/** All words of a language, which are made of the names of a notation. */
export interface Vocabulary {
  first(notation: Notation): Words;
  rest(notation: Notation): RestWords;
}
