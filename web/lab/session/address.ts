import { kSettings } from "../../src/link.ts";
import { kFirst } from "../model/first-case.ts";
import { PageError } from "../words/page-error.ts";
import type { Asking } from "./backnorm-lab.ts";

/** Where a session keeps its link. */
export interface Address {
  /** A link in the page itself, without "#"; "" if there is none. It may hold a case that is too large for a URL. */
  readonly carried: string;
  /** The current fragment; "" if there is none. */
  readonly fragment: string;
  /** The reader's likely language, if the fragment does not set one; otherwise "". */
  readonly likelyLanguage: string;
  /** Writes a new fragment. As a step, it adds an entry to the browser's history. */
  write(fragment: string, isStep: boolean): void;
  /** The URL of the whole page with a fragment, if it is known. */
  whole(fragment: string): string | undefined;
  /** The name of the attribute that sets a part of the link, if one does. */
  nameOf(key: string): string | undefined;
  /** Errors outside the fragment. */
  readonly faults: readonly PageError[];
}

/** A link as the name of the frame: a notebook's frame of a file can't have a fragment. */
const frameName = () => (parent !== window && window.name.startsWith("#v=1&") ? window.name : "");

/** The URL of the document, for our own page. carried: a link that the page opens with if its URL has none. */
export const documentAddress = (carried = ""): Address => ({
  carried: (carried || frameName()).replace(/^[^#]*#/, ""),
  get fragment() {
    return location.hash || this.carried;
  },
  get likelyLanguage() {
    return location.hash === "" && !/[#&]lang=/.test(carried) ? navigator.language : "";
  },
  write(fragment, isStep) {
    try {
      // in a frame, the browser's history belongs to the host page
      history[isStep && parent === window ? "pushState" : "replaceState"](null, "", fragment);
    } catch {
      // a document without its own URL, as in a sandboxed frame, has no links either
    }
  },
  whole: (fragment) => new URL(fragment, location.href).href,
  nameOf: () => undefined,
  faults: [],
});

/** The attributes of <backnorm-lab>, and the part of a link that each of them sets. */
export const kSaid = { preset: "case", ...kSettings } as const satisfies { [Name in keyof Asking]: string };

const { preset: _, ...others } = kSaid;
const kOthers = Object.keys(others) as (keyof typeof others)[];
const kNames = ["preset", ...kOthers] as const;

/** All attributes that an author can set. */
export const kAsking: readonly (keyof Asking)[] = [...kNames, "link", "page", "height"];

/** The parts of a link that change its case. */
const kChanges = ["x", "gamma", "beta", "dy", "eps", "ddof"];

/** If an attribute replaces the case of a link, the link's changes to its case are dropped. */
function sayCase(said: URLSearchParams, preset: string | null | undefined, begins: boolean) {
  if (said.has("case") && (preset || !begins)) for (const key of kChanges) said.delete(key);
  if (preset || !begins || !said.has("case")) said.set("case", preset || kFirst);
}

/** A URL for a link; a "javascript:" URL would run code. */
function addressOf(page: string): URL | undefined {
  try {
    const address = new URL(page, document.baseURI);
    return /^(https?|file):$/.test(address.protocol) ? address : undefined;
  } catch {
    return undefined;
  }
}

type Texts = { [Name in keyof Asking]?: string };

/** A property as text; "" is not set. A program can give it any value, even one that does not become text. */
function textOf(value: unknown): string {
  try {
    return value ? String(value) : "";
  } catch {
    return typeof value;
  }
}

/** For an element on a foreign page, whose URL it leaves alone: the author's attributes, and the choices since. */
export class OwnAddress implements Address {
  readonly carried = "";
  fragment = "";
  readonly likelyLanguage = "";
  readonly #element: Element & Asking;
  /** The attributes as they were read, and as text. */
  #values = new Map<keyof Asking, unknown>();
  #asked: Texts = {};

  constructor(element: Element & Asking) {
    this.#element = element;
    this.follow();
  }

  /** Whether the attributes have changed since they were last read. */
  get isBehind(): boolean {
    return kAsking.some((name) => {
      const value: unknown = this.#element[name];
      return value !== this.#values.get(name) && textOf(value) !== (this.#asked[name] ?? "");
    });
  }

  /** The height in pixels, if there is one. */
  get height(): number | undefined {
    const height = Number(this.#asked.height);
    return height > 0 && height < Infinity ? height : undefined;
  }

  /** Applies the attributes in place of the earlier ones. A link sets everything. */
  follow() {
    const before = this.#asked;
    const isFirst = this.#values.size === 0;
    this.#values = new Map(kAsking.map((name) => [name, this.#element[name]]));
    const texts = Array.from(this.#values, ([name, value]) => [name, textOf(value)]);
    const now: Texts = Object.fromEntries(texts.filter(([, text]) => text));
    this.#asked = now;
    const begins = isFirst || now.link !== before.link;
    const from = begins ? (now.link ?? "") : this.fragment;
    const said = new URLSearchParams(from.slice(from.indexOf("#") + 1));
    if (begins || now.preset !== before.preset) sayCase(said, now.preset, begins);
    for (const name of kOthers) {
      const value = now[name];
      if (!begins && value === before[name]) continue;
      if (value) said.set(kSaid[name], value);
      else if (!begins) said.delete(kSaid[name]);
      if (name === "language" && !said.has("lang") && this.#element.matches(":lang(zh)"))
        said.set("lang", "zh"); // the language of the host page
    }
    this.fragment = `#${said}`;
  }

  write(fragment: string) {
    this.fragment = fragment;
  }

  whole(fragment: string): string | undefined {
    const { page } = this.#asked;
    const address = page && addressOf(page);
    return address ? new URL(fragment, address).href : undefined;
  }

  nameOf(key: string): string | undefined {
    return kNames.find((name) => kSaid[name] === key && this.#asked[name]);
  }

  get faults(): readonly PageError[] {
    const { height, page } = this.#asked;
    const faults: PageError[] = [];
    if (height && !this.height)
      faults.push(new PageError("not-a-height", { got: height }, { argument: "height" }));
    if (page && !addressOf(page))
      faults.push(new PageError("not-an-address", { got: page }, { argument: "page" }));
    return faults;
  }
}
