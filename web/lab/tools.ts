import { html, type TemplateResult } from "lit";
import { loadWhole } from "./engine.ts";
import type { Session } from "./session.ts";

/** A panel that is folded until it is wanted, and fetched then. */
export interface Tool {
  id: string;
  title: string;
  /** What it is for, beside the title. */
  words: string;
  fetch: (session: Session) => Promise<unknown>;
  view(session: Session): TemplateResult;
}

async function fetchMistakeTools(session: Session) {
  const [fault] = await Promise.all([session.fetchRest(), import("./rest.ts")]);
  if (fault) throw new Error(fault);
}

export const kTools: readonly Tool[] = [
  {
    id: "mine",
    title: "Find my mistake",
    words: "paste your own arrays",
    fetch: fetchMistakeTools,
    view: ({ whole, computed, name, selection, linkTo }) =>
      html`<bn-mine .whole=${whole} .computed=${computed} .name=${name} .selection=${selection} .linkTo=${linkTo}></bn-mine>`,
  },
  {
    id: "bank",
    title: "The bank of mistakes",
    words: "make one on purpose",
    fetch: fetchMistakeTools,
    view: ({ whole, name, mistake, selection, linkTo }) =>
      html`<bn-bank .whole=${whole} .name=${name} .mistake=${mistake} .selection=${selection} .linkTo=${linkTo}></bn-bank>`,
  },
  {
    id: "batches",
    title: "Train and eval",
    words: "running statistics over batches, and what eval mode makes of them",
    fetch: () => Promise.all([import("./rest.ts"), loadWhole()]),
    view: ({ computed, selection }) =>
      html`<bn-batches .kase=${computed?.kase} .cell=${selection.cell}></bn-batches>`,
  },
];
