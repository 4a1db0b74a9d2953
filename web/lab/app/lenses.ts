import { html, type TemplateResult } from "lit";
import type { Mistake } from "../../src/index.ts";
import type { Lens } from "../model/choices.ts";
import { fetchRest } from "./fetch-rest.ts";
import "../graph/view.ts";
import type { MomentEvent } from "../model/moment.ts";
import "../graph/player.ts";
import type { Session } from "../session/session.ts";

interface LensView {
  fetch?: () => Promise<unknown>;
  view(session: Session, mistake: Mistake | undefined): TemplateResult;
  /** What stands on the stage's bar while it is looked through. */
  controls?(session: Session): TemplateResult;
}

export const kLensViews: Readonly<Record<Lens, LensView>> = {
  graph: {
    view: ({ bn, computed, selection, moment, locale }, mistake) =>
      html`<bn-graph .locale=${locale} .computed=${computed} .graph=${bn?.graph} .selection=${selection} .mistake=${mistake}
        .moment=${moment}></bn-graph>`,
    controls: (session) =>
      html`<bn-player .locale=${session.locale} .graph=${session.bn?.graph} .moment=${session.moment}
        @bn-moment=${({ detail }: MomentEvent) => session.goTo(detail)}></bn-player>`,
  },
  steps: {
    fetch: fetchRest,
    view: ({ computed, selection, locale }) =>
      html`<bn-steps .locale=${locale} .computed=${computed} .selection=${selection}></bn-steps>`,
  },
  paths: {
    fetch: fetchRest,
    view: ({ bn, computed, selection, locale, off }, mistake) =>
      html`<bn-paths .locale=${locale} .off=${off} .computed=${computed} .bn=${bn} .selection=${selection} .mistake=${mistake}></bn-paths>`,
  },
  closed: {
    fetch: fetchRest,
    view: ({ bn, computed, selection, locale, factor }, mistake) =>
      html`<bn-closed-form .bn=${bn} .locale=${locale} .factor=${factor} .computed=${computed} .selection=${selection} .mistake=${mistake}></bn-closed-form>`,
  },
};
