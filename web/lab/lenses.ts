import { html, type TemplateResult } from "lit";
import type { Mistake } from "../src/index.ts";
import { loadWhole } from "./engine.ts";
import "./graph-view.ts";
import type { MomentEvent } from "./moment.ts";
import "./player.ts";
import type { Session } from "./session.ts";

/** Ways of looking at one trace. The first is there at once, the others are fetched when they are looked through. */
export const kLenses = ["graph", "steps", "paths", "closed"] as const;
export type Lens = (typeof kLenses)[number];

interface LensView {
  label: string;
  /** What it shows, for a tooltip. */
  words: string;
  fetch?: () => Promise<unknown>;
  view(session: Session, mistake: Mistake | undefined): TemplateResult;
  /** What stands on the stage's bar while it is looked through. */
  controls?(session: Session): TemplateResult;
}

export const kLensViews: Readonly<Record<Lens, LensView>> = {
  graph: {
    label: "Graph",
    words: "every gate, with its value and its gradient",
    view: ({ bn, computed, selection, moment }, mistake) =>
      html`<bn-graph .computed=${computed} .graph=${bn?.graph} .selection=${selection} .mistake=${mistake}
        .moment=${moment}></bn-graph>`,
    controls: (session) =>
      html`<bn-player .graph=${session.bn?.graph} .moment=${session.moment}
        @bn-moment=${({ detail }: MomentEvent) => session.goTo(detail)}></bn-player>`,
  },
  steps: {
    label: "Steps",
    words: "the derivation in six steps",
    fetch: () => import("./rest.ts"),
    view: ({ computed, selection }) =>
      html`<bn-steps .computed=${computed} .selection=${selection}></bn-steps>`,
  },
  paths: {
    label: "Paths",
    words: "∂x as three matrices that add up",
    fetch: () => import("./rest.ts"),
    view: ({ bn, computed, selection }, mistake) =>
      html`<bn-paths .computed=${computed} .bn=${bn} .selection=${selection} .mistake=${mistake}></bn-paths>`,
  },
  closed: {
    label: "Closed form",
    words: "∂x as one formula, as the fast kernel has it",
    fetch: () => Promise.all([import("./rest.ts"), loadWhole()]),
    view: ({ computed, selection }, mistake) =>
      html`<bn-closed-form .computed=${computed} .selection=${selection} .mistake=${mistake}></bn-closed-form>`,
  },
};
