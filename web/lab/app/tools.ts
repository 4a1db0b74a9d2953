import { html, type TemplateResult } from "lit";
import type { ToolId } from "../model/choices.ts";
import { loadWhole } from "../session/engine.ts";
import type { Session } from "../session/session.ts";
import { fetchRest } from "./fetch-rest.ts";

/** A panel that is folded until it is wanted, and fetched then. */
export interface Tool {
  id: ToolId;
  fetch: (session: Session) => Promise<unknown>;
  view(session: Session): TemplateResult;
}

const fetchMistakeTools = (session: Session) => Promise.all([session.fetchRest(), fetchRest()]);

export const kToolViews: readonly Tool[] = [
  {
    id: "mine",
    fetch: fetchMistakeTools,
    view: ({ whole, computed, name, selection, linkTo, locale, sparing, example }) =>
      html`<bn-mine .locale=${locale} .whole=${whole} .computed=${computed} .name=${name} .selection=${selection}
        .linkTo=${linkTo} .sparing=${sparing} .example=${example}></bn-mine>`,
  },
  {
    id: "bank",
    fetch: fetchMistakeTools,
    view: ({ whole, name, mistake, selection, linkTo, locale }) =>
      html`<bn-bank .locale=${locale} .whole=${whole} .name=${name} .mistake=${mistake} .selection=${selection}
        .linkTo=${linkTo}></bn-bank>`,
  },
  {
    id: "batches",
    fetch: () => Promise.all([fetchRest(), loadWhole()]),
    view: ({ computed, selection, locale }) =>
      html`<bn-batches .locale=${locale} .kase=${computed?.kase} .cell=${selection.cell}></bn-batches>`,
  },
];
