import type { Asking } from "./backnorm-lab.ts";

/** Where a session keeps what its link says. */
export interface Address {
  /** What is said now; "" where nothing is. */
  readonly fragment: string;
  /** A language that the reader is likely to read, for where the fragment is silent; "" if it is not. */
  readonly likelyLanguage: string;
  /** Says something else; as a step, the browser's button leads back from it. */
  write(fragment: string, isStep: boolean): void;
  /** The whole page at a fragment, if anybody knows where it is. */
  whole(fragment: string): string | undefined;
  /** What a part of the link is called where the reader or author wrote it. */
  nameOf(key: string): string;
}

/** That of the document, which a page of our own has for itself. */
export const documentAddress: Address = {
  get fragment() {
    return location.hash;
  },
  get likelyLanguage() {
    return location.hash === "" ? navigator.language : "";
  },
  write(fragment, isStep) {
    try {
      history[isStep ? "pushState" : "replaceState"](null, "", fragment);
    } catch {
      // a document without an address of its own, as in a sandboxed frame, has no links either
    }
  },
  whole: (fragment) => new URL(fragment, location.href).href,
  nameOf: (key) => key,
};

/** Attributes of <backnorm-lab>, and the part of a link that each of them says. */
export const kSaid = {
  preset: "case",
  lens: "lens",
  node: "node",
  mode: "mode",
  view: "view",
  language: "lang",
  notation: "names",
  theme: "theme",
} as const satisfies { [Name in keyof Asking]: string };

type Asked = Pick<Asking, keyof typeof kSaid | "link" | "page">;

/** That of an element on somebody else's page, whose address it leaves alone: what its author asks for, and what was chosen since. */
export class OwnAddress implements Address {
  fragment = "";
  readonly #element: Element & Asked;
  #asked: Asked = {};

  constructor(element: Element & Asked) {
    this.#element = element;
    this.follow();
  }

  /** Says what the author asks for now in place of what was asked before; a link says everything. Whether there was anything. */
  follow(): boolean {
    const asked = Object.fromEntries(
      ["link", ...Object.keys(kSaid)].map((name) => [name, this.#element[name as keyof Asked]]),
    ) as Asked;
    const before = this.#asked;
    this.#asked = asked;
    const begins = asked.link !== before.link;
    const names = (Object.keys(kSaid) as (keyof typeof kSaid)[]).filter(
      (name) => begins || asked[name] !== before[name],
    );
    if (names.length === 0) return false;
    const from = begins ? (asked.link ?? "") : this.fragment;
    const said = new URLSearchParams(from.slice(from.indexOf("#") + 1));
    for (const name of names) {
      const value = asked[name] ?? undefined;
      if (value !== undefined) said.set(kSaid[name], value);
      else if (!begins) said.delete(kSaid[name]);
    }
    const text = said.toString();
    this.fragment = text && `#${text}`;
    return true;
  }

  get likelyLanguage(): string {
    if (this.fragment.includes("lang=")) return "";
    return this.#element.closest<HTMLElement>("[lang]")?.lang ?? "";
  }

  write(fragment: string) {
    this.fragment = fragment;
  }

  whole(fragment: string): string | undefined {
    const { page } = this.#element;
    return page ? new URL(fragment, new URL(page, document.baseURI)).href : undefined;
  }

  nameOf(key: string): string {
    return Object.entries(kSaid).find(([, said]) => said === key)?.[0] ?? key;
  }
}
