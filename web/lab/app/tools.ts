import { html, type TemplateResult } from "lit";
import type { ToolId } from "../model/choices.ts";
import type { Session } from "../session/session.ts";
import { fetchRest } from "./fetch-rest.ts";

/** A panel that is folded until it is wanted, and fetched then. */
export interface Tool {
  id: ToolId;
  fetch: (session: Session) => Promise<unknown>;
  view(session: Session): TemplateResult;
}

export const kToolViews: readonly Tool[] = [
  {
    id: "mine",
    fetch: (session) => session.fetchRest(),
    view: ({ bn, computed, name, selection, linkTo, locale, sparing, example }) =>
      html`<bn-mine .locale=${locale} .bn=${bn} .computed=${computed} .name=${name} .selection=${selection}
        .linkTo=${linkTo} .sparing=${sparing} .example=${example}></bn-mine>`,
  },
  {
    id: "bank",
    fetch: (session) => session.fetchRest(),
    view: ({ bn, name, mistake, selection, linkTo, locale }) =>
      html`<bn-bank .locale=${locale} .bn=${bn} .name=${name} .mistake=${mistake} .selection=${selection}
        .linkTo=${linkTo}></bn-bank>`,
  },
  {
    id: "batches",
    fetch: fetchRest,
    view: ({ bn, computed, selection, locale }) =>
      html`<bn-batches .bn=${bn} .locale=${locale} .kase=${computed?.kase} .cell=${selection.cell}></bn-batches>`,
  },
];
