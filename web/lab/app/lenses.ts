import { html, type TemplateResult } from "lit";
import type { Lens } from "../model/choices.ts";
import "../graph/view.ts";
import "../graph/player.ts";

interface LensView {
  /** Loaded when the lens is first opened. */
  isLater?: true;
  view: TemplateResult;
  /** What the stage's bar shows while this lens is open. */
  controls?: TemplateResult;
}

export const kLensViews: Readonly<Record<Lens, LensView>> = {
  graph: { view: html`<bn-graph></bn-graph>`, controls: html`<bn-player></bn-player>` },
  steps: { isLater: true, view: html`<bn-steps></bn-steps>` },
  paths: { isLater: true, view: html`<bn-paths></bn-paths>` },
  closed: { isLater: true, view: html`<bn-closed-form></bn-closed-form>` },
};
