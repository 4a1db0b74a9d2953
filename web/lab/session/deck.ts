import { encoded } from "../../src/link.ts";

/**
 * A lesson in a link: its slides, each a title and the parts of a link. `deck=Inputs_,case=notes_,moment=f0_;Step 1_,lens=steps`:
 * `_;` begins the next slide, `_,` the next part of a slide, and `__` is an underscore.
 */
export interface Deck {
  slides: readonly Slide[];
  /** The other parts of its link, which hold for every slide that doesn't set them. */
  shared: string;
}

export interface Slide {
  title: string;
  /** A fragment without "#" and version: what the slide shows. */
  link: string;
}

/** What no slide can set. */
const kNotOfSlides = ["v", "deck", "slide", "tour", "mode", "view"];

const escaped = (text: string) => text.replaceAll("_", "__");

/** As it stands in a URL: without a character that mail programs or wikis break. */
const inUrl = (text: string) =>
  encoded(text)
    .replaceAll("%3D", "=")
    .replace(/[/|~!*'()]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

const pairsOf = (link: string) =>
  [...new URLSearchParams(link.replace(/^#/, ""))].filter(([key]) => !kNotOfSlides.includes(key));

/** Slides as the part `deck` of a link. */
export const deckText = (slides: readonly Slide[]): string =>
  slides
    .map(({ title, link }) =>
      [title, ...pairsOf(link).map(([key, value]) => `${key}=${value}`)].map(escaped).join("_,"),
    )
    .join("_;");

/** The slides of a text; undefined if it is no deck. */
export function slidesOf(text: string): Slide[] | undefined {
  const slides: string[][] = [[""]];
  for (const token of text.match(/_[_,;]|[^_]+|_/g) ?? []) {
    const parts = slides.at(-1) as string[];
    if (token === "_") return undefined;
    if (token === "_;") slides.push([""]);
    else if (token === "_,") parts.push("");
    else parts.push(`${parts.pop()}${token === "__" ? "_" : token}`);
  }
  const read = slides.map(([title = "", ...parts]) => {
    const pairs = parts.map(
      (part) => /^([^=]+)=(.*)$/su.exec(part)?.slice(1) as [string, string] | undefined,
    );
    const isLink = pairs.every((pair) => pair !== undefined && !kNotOfSlides.includes(pair[0]));
    return isLink ? { title, link: new URLSearchParams(pairs as [string, string][]).toString() } : undefined;
  });
  return text === "" || read.includes(undefined) ? undefined : (read as Slide[]);
}

/** The fragment of the link to a slide, which are counted from 1. */
export function deckLink({ slides, shared }: Deck, slide: number): string {
  const others = Array.from(new URLSearchParams(shared), ([key, value]) => `${key}=${inUrl(value)}&`);
  return `#v=1&${others.join("")}deck=${inUrl(deckText(slides))}&slide=${slide}`;
}

/** A deck without what its link says besides. */
export const sharedOf = (said: URLSearchParams): string =>
  new URLSearchParams([...said].filter(([key]) => !kNotOfSlides.includes(key))).toString();

/** What a slide shows, with what holds for all of them. */
export function partsOf({ slides, shared }: Deck, slide: number): URLSearchParams {
  const parts = new URLSearchParams(shared);
  for (const [key, value] of new URLSearchParams(slides[slide - 1]?.link)) parts.set(key, value);
  return parts;
}
