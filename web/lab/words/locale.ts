import type { Graph } from "../../src/index.ts";
import { createFormulas, type Formulas } from "../maths/formulas.ts";
import { kColumns, type Setting } from "../maths/layout.ts";
import { type Labels, type Notation, type NotationId, notationOf } from "../maths/notations.ts";
import type { Language } from "../model/choices.ts";
import { first } from "./en/first.ts";
import { uncut } from "./uncut.ts";
import type { RestWords, TourWords, Vocabulary, Words } from "./vocabulary.ts";

const vocabularies: Partial<Record<Language, Partial<Vocabulary>>> = { en: { first } };

/** Adds words that were loaded. */
export function addWords(language: Language, words: Partial<Vocabulary>) {
  vocabularies[language] = { ...vocabularies[language], ...words };
}

/** The language of the page, with the names of a notation in its words, formulas, labels and code. */
export class Locale {
  readonly language: Language;
  readonly notation: Notation;
  readonly graph: Graph;
  readonly setting: Setting;
  readonly words: Words;
  readonly formulas: Formulas;
  #rest: RestWords | undefined;
  #tour: TourWords | undefined;

  /** code: names of arrays in code, in place of the notation's. Throws if the language is not loaded. */
  constructor(
    language: Language,
    notation: NotationId,
    graph: Graph,
    setting: Setting = kColumns,
    code: Partial<Labels> = {},
  ) {
    this.language = language;
    this.graph = graph;
    this.setting = setting;
    const usual = notationOf(notation, graph);
    this.notation = { ...usual, code: { ...usual.code, ...code } };
    this.words = (vocabularies[language] as Vocabulary).first(this.notation, setting);
    this.formulas = createFormulas(this.notation, graph, this.words.formulas, setting);
  }

  /** Only for modules that load with it. */
  get rest(): RestWords {
    this.#rest ??= (vocabularies[this.language] as Vocabulary).rest(this.notation, this.setting);
    return this.#rest;
  }

  /** Only for the tour. */
  get tour(): TourWords {
    this.#tour ??= (vocabularies[this.language] as Vocabulary).tour(this.notation);
    return this.#tour;
  }

  /** Plain text for an array: σ², ∂σ². */
  get labels(): Labels {
    return this.notation.labels;
  }

  /** The name of an array in code: var, dvar. */
  get code(): Labels {
    return this.notation.code;
  }
}

/** Loads a language, if it is not loaded yet. */
export async function localeOf(
  language: Language,
  notation: NotationId,
  graph: Graph,
  setting: Setting = kColumns,
): Promise<Locale> {
  if (!vocabularies[language]) addWords(language, uncut(await import("./zh/all.ts")));
  return new Locale(language, notation, graph, setting);
}
