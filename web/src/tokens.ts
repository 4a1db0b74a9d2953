import type { ErrorPlace } from "./errors.ts";
import { placeIn } from "./faults.ts";
import { type Given, quote } from "./given.ts";
import { fault, type Mark, type ParamsOf, type Reason, type Thing } from "./reading-sentences.ts";

const marks = " \t\n\r\v\f,;:[](){}<>=\"'#*";
/** 1 for characters below 128 that end a word. */
const endsWord = Uint8Array.from({ length: 128 }, (_, code) =>
  Number(marks.includes(String.fromCharCode(code))),
);
const isBlank = (code: number) =>
  code < 128 ? code >= 9 && code <= 32 && endsWord[code] === 1 : isRareBlank(code);
const isRareBlank = (code: number) => code >= 128 && /\s/.test(String.fromCharCode(code));
const isWord = (code: number) => (code < 128 ? endsWord[code] === 0 : code >= 128 && !isRareBlank(code));
const isSpace = (code: number) => isBlank(code) && code !== 9 && code !== 10 && code !== 13;

const lineEnd = /[\r\n]/g;

/**
 * Splits a part of a text into tokens, one at a time: a word, quoted or not; a mark; a tab; a line end, always as "
 * ". Skips spaces and comments.
 */
export class Tokens {
  readonly text: string;
  kind = "";
  start = 0;
  end = 0;
  readonly #whole: string;
  readonly #from: number;
  readonly #placeOf: (offset: number) => ErrorPlace;

  /** placeOf: the line and column in the whole text. */
  constructor(whole: string, from: number, to: number, placeOf = (offset: number) => placeIn(whole, offset)) {
    this.text = whole.slice(from, to);
    this.#whole = whole;
    this.#from = from;
    this.#placeOf = placeOf;
    this.next();
    this.skipLineEnds();
  }

  /** The rest of the line from the current token on, without its comment. */
  get line(): string {
    const [line = ""] = this.text.slice(this.start, this.#lineEnd(this.start)).split("#", 1);
    return line.trimEnd();
  }

  /** The current line, from its first blank on, and the next one that isn't empty; without comments. */
  get twoLines(): [string, string] {
    const before = this.#whole.slice(0, this.#from + this.start);
    const indent = before.slice(before.trimEnd().length).split(lineEnd).at(-1) as string;
    const end = this.#lineEnd(this.start);
    const next = end + (/^\s*[\r\n]/.exec(this.text.slice(end))?.[0].length ?? 0);
    const second = this.text.slice(next, this.#lineEnd(next)).split("#", 1)[0] as string;
    return [indent + this.line, second.trimEnd()];
  }

  get afterBlank(): boolean {
    return isBlank(this.text.charCodeAt(this.start - 1));
  }

  /** The current word without its quotes. */
  get word(): string {
    const quoted = endsWord[this.text.charCodeAt(this.start)] === 1 ? 1 : 0;
    return this.text.slice(this.start + quoted, this.end - quoted);
  }

  next(): void {
    const { text } = this;
    let at = this.end;
    while (isSpace(text.charCodeAt(at))) at += 1;
    if (text[at] === "#") at = this.#lineEnd(at);
    this.start = at;
    while (isWord(text.charCodeAt(at))) at += 1;
    if (at > this.start) {
      this.kind = "word";
      this.end = at;
      return;
    }
    this.kind = text[at] ?? "end";
    this.end = Math.min(at + 1, text.length);
    if (this.kind === "\r") {
      this.kind = "\n";
      if (text[this.end] === "\n") this.end += 1;
    }
    if (this.kind === '"' || this.kind === "'") this.#quoted(this.kind);
  }

  skipLineEnds(): void {
    while (this.kind === "\n" || this.kind === "\t") this.next();
  }

  /** Whether the sticky pattern matches at the current token. */
  isAt(pattern: RegExp): boolean {
    pattern.lastIndex = this.start;
    return pattern.test(this.text);
  }

  /** If the sticky pattern matches at the current token, moves to the token after the match. */
  accept(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.start;
    const match = pattern.exec(this.text);
    if (match) {
      this.end = pattern.lastIndex;
      this.next();
      this.skipLineEnds();
    }
    return match;
  }

  /** Moves to the end of the line. */
  skipLine(): void {
    this.end = this.#lineEnd(this.start);
    this.next();
  }

  /** An error at the current token, or at another offset. */
  error<Of extends Reason>(reason: Of, params: ParamsOf<Of>, at = this.start) {
    return fault(reason, "text", params, this.#placeOf(this.#from + at));
  }

  unexpected(...wanted: (Thing | Mark)[]) {
    return this.error("unexpected-in-text", { wanted, got: this.shown });
  }

  get shown(): Given {
    if (this.kind === "end") return { kind: "end" };
    if (this.kind === "\n") return { kind: "line end" };
    if (this.kind === "\t") return { kind: "tab" };
    return quote(this.kind === "word" ? this.word : this.kind);
  }

  #quoted(mark: string): void {
    const close = this.text.indexOf(mark, this.end);
    if (close < 0 || /[\r\n]/.test(this.text.slice(this.end, close))) throw this.unexpected("closing quote");
    this.kind = "word";
    this.end = close + 1;
  }

  #lineEnd(from: number): number {
    lineEnd.lastIndex = from;
    return lineEnd.exec(this.text)?.index ?? this.text.length;
  }
}
