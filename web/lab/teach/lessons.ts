import { deckLink, type Slide } from "../session/deck.ts";

/** The parts that all slides have in common, and the slides without them. */
function shared(slides: readonly Slide[]) {
  const all = slides.map(({ link }) => new URLSearchParams(link));
  const common = [...(all[0] ?? [])].filter(([key, value]) => all.every((one) => one.get(key) === value));
  const own = slides.map(({ title, link }) => {
    const parts = [...new URLSearchParams(link)].filter(([key]) => common.every(([other]) => other !== key));
    return { title, link: new URLSearchParams(parts).toString() };
  });
  return { slides: own, shared: new URLSearchParams(common.filter(([key]) => key !== "v")).toString() };
}

/** The fragment that presents a lesson: its links, one after the other. */
export const lessonLink = (slides: readonly Slide[]): string => deckLink(shared(slides), 1);

/** Puts a link that presents it beside each lesson of the page. */
export function addPresenting(words: string) {
  for (const lesson of document.querySelectorAll(".lesson")) {
    const title = lesson.querySelector("h3");
    const links = Array.from(lesson.querySelectorAll<HTMLAnchorElement>(".steps .go"));
    if (!title || links.length === 0) continue;
    const slides = links.map(({ textContent, hash }) => ({ title: textContent.trim(), link: hash.slice(1) }));
    const link = document.createElement("a");
    link.href = `./${lessonLink(slides)}`;
    link.textContent = words;
    link.setAttribute("aria-describedby", title.id);
    const line = document.createElement("p");
    line.className = "present";
    line.append(link);
    title.after(line);
  }
}
