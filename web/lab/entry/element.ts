/** `backnorm/lab`: defines <backnorm-lab>. Where a server renders, there is nothing to define it in. */
import type { Asking, LabSelection, LabVerdict } from "../session/backnorm-lab.ts";
import { define } from "./define.ts";

export type { Asking, LabSelection, LabVerdict };

export interface BacknormLabElement extends HTMLElement, Asking {}

declare global {
  interface HTMLElementTagNameMap {
    "backnorm-lab": BacknormLabElement;
  }
  interface HTMLElementEventMap {
    "backnorm-select": CustomEvent<LabSelection>;
    "backnorm-verdict": CustomEvent<LabVerdict>;
  }
}

if (typeof customElements !== "undefined") define();
