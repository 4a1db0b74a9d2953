import { html, type TemplateResult } from "lit";
import { loadWhole } from "./engine.ts";
import type { Session } from "./session.ts";

/** A panel that is folded until it is wanted, and fetched then. */
export interface Tool {
  id: string;
  title: string;
  /** What it is for, beside the title. */
  words: string;
  fetch: () => Promise<unknown>;
  view(session: Session): TemplateResult;
}

export const kTools: readonly Tool[] = [
  {
    id: "batches",
    title: "Train and eval",
    words: "running statistics over batches, and what eval mode makes of them",
    fetch: () => Promise.all([import("./batches.ts"), loadWhole()]),
    view: ({ computed, selection }) =>
      html`<bn-batches .kase=${computed?.kase} .cell=${selection.cell}></bn-batches>`,
  },
];
