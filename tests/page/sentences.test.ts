/** What the words say of what they are given, sentence by sentence, in either language. No browser is needed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kNotations, notationOf } from "../../web/lab/notations.ts";
import { first } from "../../web/lab/words/en/first.ts";
import { rest } from "../../web/lab/words/en/rest.ts";
import * as chinese from "../../web/lab/words/zh/all.ts";

/** The text of a template of lit, of a string, or of what is joined. */
function textOf(said: unknown): string {
  if (Array.isArray(said)) return said.map(textOf).join("");
  if (typeof said === "object" && said !== null && "strings" in said) {
    const { strings, values } = said as { strings: string[]; values: unknown[] };
    return strings.map((part, at) => part + textOf(values[at] ?? "")).join("");
  }
  return typeof said === "symbol" ? "" : String(said);
}

/** What an argument may be: the types are not there when a program runs. Each can be told in a text. */
const samples: ((at: number) => unknown)[] = [
  (at) => `given${at}`,
  (at) => 71 + at,
  (at) => [`given${at}`, `other${at}`],
  (at) => ({ cells: 71 + at, ulps: 81 + at }),
  () => true,
  () => undefined,
];

/** All ways to fill in that many arguments. */
const fillings = (count: number): unknown[][] =>
  count === 0
    ? [[]]
    : fillings(count - 1).flatMap((before) => samples.map((sample) => [...before, sample(before.length)]));

type Say = (...given: unknown[]) => unknown;

/** Every sentence of a language, by its place in the words. */
function sentencesOf(words: object, path = ""): [path: string, say: Say][] {
  return Object.entries(words).flatMap(([name, value]) =>
    typeof value === "function"
      ? [[`${path}${name}`, value as Say] as [string, Say]]
      : typeof value === "object" && value !== null && !("strings" in value)
        ? sentencesOf(value, `${path}${name}.`)
        : [],
  );
}

/** What is said, or undefined where it can't be said with that. */
function saidOf(say: Say, given: unknown[]): string | undefined {
  try {
    const text = textOf(say(...given));
    return /undefined|NaN|\[object/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Which of the texts and numbers that it was given a sentence has. */
const heard = (text: string) =>
  [...new Set(text.match(/(?:given|other)\d|(?<!\d)[78]\d(?!\d)/g) ?? [])].sort().join();

/** What is not held to that, and why. */
const otherwise: Record<string, string> = {
  "checks.passed": "Chinese says 'all' where both counts are equal",
  "mine.others": "Chinese counts those with a name among the others",
  "gates.forward": "takes a gate",
  "gates.backward": "takes a gate",
  "moments.name": "takes a moment",
  fault: "takes an error",
  "mistakes.explanation": "takes a mistake's id",
  "mistakes.hint": "takes a mistake's id",
};

for (const id of kNotations)
  test(`by the names of ${id} Chinese says in each sentence what English says of what it is given`, () => {
    const notation = notationOf(id);
    const english = sentencesOf({ ...first(notation), ...rest(notation) });
    const others = new Map(sentencesOf({ ...chinese.first(notation), ...chinese.rest(notation) }));
    assert.deepEqual([...others.keys()].sort(), english.map(([path]) => path).sort());
    const wrong: Record<string, string> = {};
    let count = 0;
    for (const [path, say] of english) {
      const translated = others.get(path) as Say;
      const ways = fillings(Math.max(say.length, translated.length)).flatMap((given) => {
        const [one, other] = [saidOf(say, given), saidOf(translated, given)];
        return one === undefined || other === undefined ? [] : [{ given, one, other }];
      });
      count += ways.length;
      if (ways.length === 0) wrong[path] = "can’t be said in both";
      const differs = ways.find(({ one, other }) => heard(one) !== heard(other));
      if (differs) wrong[path] = `${JSON.stringify(differs.given)}: ${differs.one} | ${differs.other}`;
    }
    assert.ok(english.length > 150 && count > 500, `${english.length} sentences, said in ${count} ways`);
    const unknown = Object.entries(wrong).filter(([path]) => !(path in otherwise));
    assert.deepEqual(unknown, []);
    assert.deepEqual(Object.keys(wrong).sort(), Object.keys(otherwise).sort(), "each exception is one");
  });
