import type { TemplateResult } from "lit";
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

export const kTools: readonly Tool[] = [];
