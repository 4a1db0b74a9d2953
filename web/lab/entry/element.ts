/** `backnorm/lab`: defines <backnorm-lab>. On a server it does nothing, since there are no custom elements. */
import type {
  Asking,
  Giving,
  LabEvents,
  LabProperties,
  LabSelection,
  LabVerdict,
  Telling,
} from "../session/backnorm-lab.ts";
import { define } from "./define.ts";

export type {} from "./frameworks.d.ts";
export type { Asking, Giving, LabEvents, LabProperties, LabSelection, LabVerdict, Telling };

/** The element `<backnorm-lab>`. */
export interface BacknormLabElement extends HTMLElement, Asking, Giving, Telling {}

declare global {
  interface HTMLElementTagNameMap {
    "backnorm-lab": BacknormLabElement;
  }
  interface HTMLElementEventMap extends LabEvents {}
}

if (typeof customElements !== "undefined") define();
