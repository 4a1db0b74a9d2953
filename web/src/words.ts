/** One sentence in each language. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** A text with each array in braces, as in `{dvar} lacks the ½`. The caller supplies the names. */
export const named = (text: string, nameOf: (array: string) => string): string =>
  text.replace(/\{(\w+)\}/g, (_, array: string) => nameOf(array));

/** With Backnorm's own names. */
export const plain = ({ en, zh }: Words): Words => ({
  en: named(en, (array) => array),
  zh: named(zh, (array) => array),
});

export interface MistakeWords {
  /** What was done wrong, in one sentence. */
  readonly explanation: Words;
  /** Where to look, without the answer. */
  readonly hint: Words;
}
