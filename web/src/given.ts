/** A description of what a caller passed, as data, and its English wording. */

export type GivenKind =
  | "undefined"
  | "null"
  | "boolean"
  | "number"
  | "bigint"
  | "string"
  | "symbol"
  | "function"
  | "object"
  | "array"
  | `${string}Array`
  | "DataView"
  /** Part of a text. */
  | "text"
  | "tab"
  | "line end"
  | "end";

export interface Given {
  readonly kind: GivenKind;
  /** The value, if a number or a boolean; a string or text goes through quotable(). */
  readonly value?: number | boolean | string;
  /** The first entries of an array. */
  readonly entries?: readonly Given[];
}

/** At most 24 characters, without any that a terminal or a log would interpret. */
export const quotable = (text: string) =>
  (text.length > 24 ? `${text.slice(0, 23)}…` : text).replace(/\p{C}/gu, "\uFFFD");

/** The class of a view of any realm, such as an iframe's, for which instanceof is false. */
export const classOf = (value: unknown): string | undefined =>
  ArrayBuffer.isView(value) ? (value as Uint8Array)[Symbol.toStringTag] : undefined;

const kMostListed = 8;

/** Describes a value by its class and, if short, by its value. */
export function given(value: unknown): Given {
  if (value === null) return { kind: "null" };
  if (typeof value === "string") return { kind: "string", value: quotable(value) };
  if (typeof value === "number" || typeof value === "boolean") return { kind: typeof value, value };
  if (!Array.isArray(value)) return { kind: (classOf(value) ?? typeof value) as GivenKind };
  const entries = Array.from(
    value.slice(0, kMostListed + 1),
    (entry): Given => (Array.isArray(entry) ? { kind: "array" } : given(entry)),
  );
  return { kind: "array", entries };
}

/** Describes a part of a text. */
export const quote = (text: string): Given => ({ kind: "text", value: quotable(text) });

const phrases: { readonly [Kind in GivenKind]?: string } = {
  undefined: "undefined",
  null: "null",
  array: "a plain array",
  tab: "a tab",
  "line end": "the end of the line",
  end: "the end of the text",
};

export function said({ kind, value }: Given): string {
  if (value !== undefined) {
    return kind === "string" ? `the string "${value}"` : kind === "text" ? `"${value}"` : String(value);
  }
  return phrases[kind] ?? `${/^(?:Int|object)/.test(kind) ? "an" : "a"} ${kind}`;
}

/** Describes an array by its entries. */
export const listed = ({ entries = [] }: Given, say: (given: Given) => string = said) =>
  `[${entries.map((entry, at) => (at < kMostListed ? say(entry) : "…")).join(", ")}]`;
