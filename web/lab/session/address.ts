import { kFirst } from "../model/first-case.ts";
import { PageError } from "../words/page-error.ts";
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
  /** What says a part of the link, if not the link. */
  nameOf(key: string): string | undefined;
  /** About what is said wrong beside the fragment. */
  readonly faults: readonly PageError[];
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
      // in a frame the browser's button is for the page around it
      history[isStep && parent === window ? "pushState" : "replaceState"](null, "", fragment);
    } catch {
      // a document without an address of its own, as in a sandboxed frame, has no links either
    }
  },
  whole: (fragment) => new URL(fragment, location.href).href,
  nameOf: () => undefined,
  faults: [],
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

const { preset: _, ...others } = kSaid;
const kOthers = Object.keys(others) as (keyof typeof others)[];
const kNames = ["preset", ...kOthers] as const;

/** All that an author asks for. */
export const kAsking: readonly (keyof Asking)[] = [...kNames, "link", "page", "height"];

/** What a link changes of the case that it begins with. */
const kChanges = ["x", "gamma", "beta", "dy", "eps", "ddof"];

/** Another case than a link's has none of its changes. */
function sayCase(said: URLSearchParams, preset: string | null | undefined, begins: boolean) {
  if (said.has("case") && (preset || !begins)) for (const key of kChanges) said.delete(key);
  if (preset || !begins || !said.has("case")) said.set("case", preset || kFirst);
}

/** An address for a link to lead to: one of "javascript:" would run. */
function addressOf(page: string): URL | undefined {
  try {
    const address = new URL(page, document.baseURI);
    return /^(https?|file):$/.test(address.protocol) ? address : undefined;
  } catch {
    return undefined;
  }
}

/** That of an element on somebody else's page, whose address it leaves alone: what its author asks for, and what was chosen since. */
export class OwnAddress implements Address {
  fragment = "";
  readonly likelyLanguage = "";
  readonly #element: Element & Asking;
  #asked: { [Name in keyof Asking]?: string } | undefined;

  constructor(element: Element & Asking) {
    this.#element = element;
    this.follow();
  }

  /** What is asked for now; "" asks for nothing. A program may give a property anything: here it is a text. */
  get #now(): { [Name in keyof Asking]?: string } {
    const asked = kAsking.flatMap((name) =>
      this.#element[name] ? [[name, String(this.#element[name])]] : [],
    );
    return Object.fromEntries(asked);
  }

  /** Whether the author asks for something else than was followed last. */
  get isBehind(): boolean {
    const now = this.#now;
    return kAsking.some((name) => now[name] !== this.#asked?.[name]);
  }

  /** Says what the author asks for now in place of what was asked before; a link says everything. */
  follow() {
    const now = this.#now;
    const before = this.#asked ?? {};
    const begins = !this.#asked || now.link !== before.link;
    this.#asked = now;
    const from = begins ? (now.link ?? "") : this.fragment;
    const said = new URLSearchParams(from.slice(from.indexOf("#") + 1));
    if (begins || now.preset !== before.preset) sayCase(said, now.preset, begins);
    for (const name of kOthers) {
      const value = now[name];
      if (!begins && value === before[name]) continue;
      if (value) said.set(kSaid[name], value);
      else if (!begins) said.delete(kSaid[name]);
      if (name === "language" && !said.has("lang") && this.#element.matches(":lang(zh)"))
        said.set("lang", "zh"); // as the text around is
    }
    this.fragment = `#${said}`;
  }

  write(fragment: string) {
    this.fragment = fragment;
  }

  whole(fragment: string): string | undefined {
    const { page } = this.#now;
    const address = page && addressOf(page);
    return address ? new URL(fragment, address).href : undefined;
  }

  nameOf(key: string): string | undefined {
    return kNames.find((name) => kSaid[name] === key && this.#element[name]);
  }

  get faults(): readonly PageError[] {
    const { height, page } = this.#now;
    const faults: PageError[] = [];
    if (height && !(Number(height) > 0))
      faults.push(new PageError("not-a-height", { got: height }, { argument: "height" }));
    if (page && !addressOf(page))
      faults.push(new PageError("not-an-address", { got: page }, { argument: "page" }));
    return faults;
  }
}
