import { css, html, nothing } from "lit";
import { live } from "lit/directives/live.js";
import { editable, readNumber } from "../base/numbers.ts";
import { fromSession, Panel } from "../session/panel.ts";
import type { Locale } from "../words/locale.ts";
import { controls, tokens } from "./theme.ts";

/** The exponents of ten at the slider's ends; the field takes any number. */
const [kLeast, kMost] = [-12, 2];

/** The settings of the variance: ε, by slider or as a number, and the divisor of the squares. */
export class BnKnobs extends Panel {
  static override properties = {
    ...fromSession("locale"),
    eps: { type: Number },
    ddof: { type: Number },
    rows: { type: Number },
    norm: {},
    refused: { state: true },
  };
  declare eps: number;
  declare ddof: 0 | 1;
  declare rows: number;
  /** The norm of the case. RMS norm has no variance to divide. */
  declare norm: string;
  declare locale: Locale;
  /** What was typed for eps, if it is not a valid eps. */
  declare refused: string | undefined;
  /** Whether the slider is being dragged, and has moved. */
  #dragged = false;

  static override styles = [
    tokens,
    controls,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        gap: 10px 26px;
      }
      label,
      legend {
        display: block;
        padding: 0;
        line-height: 20px;
        color: var(--muted);
        font-size: 12.5px;
      }
      i {
        font: italic 600 15px/1 var(--serif);
        color: var(--ink);
      }
      .both {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 10px;
        margin-top: 5px;
      }
      input {
        accent-color: var(--ink);
      }
      [name="eps"] {
        width: 110px;
      }
      [type="range"] {
        width: 150px;
        height: 24px; /* as much as a finger needs */
        margin: 0;
      }
      fieldset {
        margin: 0;
        padding: 0;
        border: 0;
        min-width: 0;
      }
      fieldset label {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        min-height: 26px;
        font: 15px var(--serif);
        color: var(--ink);
      }
      fieldset input {
        margin: 0;
      }
      :disabled + span {
        color: var(--muted);
      }
      [role="alert"] {
        margin: 5px 0 0;
        color: var(--fail);
        font-size: 12.5px;
      }
    `,
  ];

  protected override render() {
    const { eps, ddof, rows, refused } = this;
    const { knobs } = this.locale.words;
    const at = Math.min(Math.max(eps > 0 ? Math.log10(eps) : kLeast, kLeast), kMost);
    const divisor = (value: 0 | 1, text: string) => html`
      <label><input type="radio" name="ddof" value=${value} .checked=${live(ddof === value)} ?disabled=${value >= rows}
        @change=${() => this.session.change({ ddof: value })} /><span>${text}</span></label>`;
    return html`
      <div>
        <label for="eps"><i>ε</i> ${this.norm === "rms" ? knobs.epsOfSquares : knobs.eps}</label>
        <div class="both">
          <input class="field" id="eps" name="eps" inputmode="decimal" autocomplete="off" .value=${live(refused ?? editable(eps))}
            aria-invalid=${refused !== undefined} @change=${this.#type} @keydown=${this.#restore} />
          <input type="range" aria-label=${knobs.byPowers} aria-valuetext=${editable(eps)} min=${kLeast} max=${kMost}
            step="0.1" .value=${live(String(at))} @input=${this.#drag} @pointerdown=${this.#letGo} @change=${this.#letGo} />
        </div>
        ${refused === undefined ? nothing : html`<p role="alert">${knobs.refused}</p>`}
      </div>
      ${this.norm === "rms" ? nothing : this.#divisor(divisor)}`;
  }

  #divisor(divisor: (value: 0 | 1, text: string) => unknown) {
    const { knobs } = this.locale.words;
    const { size } = this.locale.setting;
    return html`
      <fieldset>
        <legend>${size === "N" ? knobs.divisor : knobs.groupDivisor(size)}</legend>
        <div class="both">${divisor(0, size)}${divisor(1, `${size} − 1`)}</div>
      </fieldset>`;
  }

  #type(event: Event) {
    const text = (event.target as HTMLInputElement).value;
    const eps = readNumber(text);
    const fits = eps !== undefined && eps >= 0;
    this.refused = fits ? undefined : text;
    if (fits) this.session.change({ eps });
    this.requestUpdate(); // a case that can't be computed is not changed, and neither is its eps
  }

  #restore(event: KeyboardEvent) {
    if (event.key !== "Escape") return;
    this.refused = undefined;
    this.requestUpdate();
  }

  /** A slider can distinguish two digits. */
  #drag(event: Event) {
    const eps = Number((10 ** Number((event.target as HTMLInputElement).value)).toPrecision(2));
    this.refused = undefined;
    this.session.change({ eps }, this.#dragged);
    this.#dragged = true;
  }

  #letGo() {
    this.#dragged = false;
  }
}

customElements.define("bn-knobs", BnKnobs);
