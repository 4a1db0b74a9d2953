import { html, nothing, type ReactiveController, type ReactiveControllerHost } from "lit";
import type { NodeId } from "../../src/index.ts";
import { editable, readNumber } from "../base/numbers.ts";
import { type Computed, placeIn } from "../maths/computed.ts";
import { extentOf } from "../maths/graph-facts.ts";
import { type Cell, cellIn, placeOf } from "../maths/layout.ts";
import type { InputName } from "../model/selection.ts";
import type { Session } from "../session/session.ts";
import { cellFrame } from "../ui/heat-map.ts";
import type { Locale } from "../words/locale.ts";
import { type Card, tensorFrame } from "./arrangement.ts";

/** The input that a card's value, or its gradient, is. */
const kInputOf: Partial<Record<NodeId, readonly [which: "value" | "grad", input: InputName]>> = {
  x: ["value", "x"],
  gamma: ["value", "gamma"],
  beta: ["value", "beta"],
  y: ["grad", "dy"],
};

interface Host extends ReactiveControllerHost {
  locale: Locale;
  session: Session;
  computed: Computed;
  picture: SVGSVGElement;
  renderRoot: ParentNode;
  focusOn(id: NodeId): void;
}

/** Whether a card shows numbers that can be edited. */
export const isEditable = (id: NodeId) => kInputOf[id] !== undefined;

/** A field on a cell of x, gamma, beta or dy, in the picture itself. */
export class CellField implements ReactiveController {
  #host: Host;
  #open: { card: Card; which: "value" | "grad"; input: InputName; at: number } | undefined;
  #isNew = false;
  #isWrong = false;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  /** Opens it on a cell of x, if a card shows an input. which: only if that is the input. Returns whether it did. */
  open(card: Card, cell: Cell, wanted?: "value" | "grad"): boolean {
    const [which, input] = kInputOf[card.id] ?? [];
    if (!which || !input || (wanted && wanted !== which) || this.#host.session.sparing) return false;
    this.#open = { card, which, input, at: placeIn(this.#host.computed, card.id, cell) };
    this.#isNew = true;
    this.#isWrong = false;
    this.#host.requestUpdate();
    return true;
  }

  hostUpdated() {
    const field = this.#element;
    if (!field || !this.#open) return;
    const { card, which, at } = this.#open;
    const { rows, columns } = card.sheet;
    const { row, column } = cellIn(card.sheet, at);
    const frame = cellFrame(row, column, rows, columns, tensorFrame(card, which));
    const { picture } = this.#host;
    const scale = picture.clientWidth / picture.viewBox.baseVal.width;
    const box = picture.getBoundingClientRect();
    const around = (field.offsetParent ?? picture).getBoundingClientRect();
    const left = box.left - around.left + (frame.x + frame.width / 2) * scale;
    field.style.left = `${Math.max(left, field.offsetWidth / 2)}px`;
    field.style.top = `${box.top - around.top + (frame.y + frame.height / 2) * scale}px`;
    if (!this.#isNew) return;
    this.#isNew = false;
    field.focus();
    field.select();
  }

  get #element() {
    return this.#host.renderRoot.querySelector<HTMLInputElement>(".cell-field");
  }

  render() {
    if (!this.#open) return nothing;
    const { locale, computed } = this.#host;
    const { card, input, at } = this.#open;
    const { matrix, cells } = locale.words;
    const place = cells.place(placeOf(computed.layout, extentOf(computed.graph, card.id), at));
    const value = (computed.kase[input] as Float64Array)[at] as number;
    return html`<input class="cell-field" autocomplete="off" inputmode="decimal" aria-invalid=${this.#isWrong}
      aria-label=${matrix.field(locale.labels[input], place)} .value=${editable(value)}
      @keydown=${this.#key} @blur=${() => this.#commit(false)} />`;
  }

  #key = (event: KeyboardEvent) => {
    event.stopPropagation(); // the player has keys of its own
    if (event.key === "Escape") this.#close(true);
    else if (event.key === "Enter") this.#commit(true);
  };

  /** Takes the number. A text that is none stays, unless the focus has gone. */
  #commit(isAsked: boolean) {
    if (!this.#open) return;
    const { input, at } = this.#open;
    const value = readNumber(this.#element?.value ?? "");
    if (value === undefined) {
      this.#isWrong = true;
      if (isAsked) this.#host.requestUpdate();
      else this.#close(false);
      return;
    }
    const { session, computed } = this.#host;
    this.#close(isAsked);
    if (value !== (computed.kase[input] as Float64Array)[at]) session.edit(input, [{ at, value }]);
  }

  #close(takesFocus: boolean) {
    const { card } = this.#open as { card: Card };
    this.#open = undefined;
    this.#host.requestUpdate();
    if (takesFocus) this.#host.focusOn(card.id);
  }
}
