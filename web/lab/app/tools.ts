import { html, type TemplateResult } from "lit";
import type { ToolId } from "../model/choices.ts";

/** A panel that is closed at first and loaded when it opens. */
export interface Tool {
  id: ToolId;
  view: TemplateResult;
}

export const kToolViews: readonly Tool[] = [
  { id: "mine", view: html`<bn-mine></bn-mine>` },
  { id: "bank", view: html`<bn-bank></bn-bank>` },
  { id: "batches", view: html`<bn-batches></bn-batches>` },
];
