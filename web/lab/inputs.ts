import { css, html, LitElement, nothing } from "lit";
import { live } from "lit/directives/live.js";
import { type History, HistoryEvent, type HistoryStep } from "./history.ts";
import "./matrix.ts";
import { editable, readNumber } from "./numbers.ts";
import type { Computed, Selection } from "./selection.ts";
import { panelText, tokens } from "./theme.ts";

/** Asks whoever holds the case to change eps. */
export class EpsEvent extends CustomEvent<{ eps: number }> {
  constructor(eps: number) {
    super("bn-eps", { bubbles: true, composed: true, detail: { eps } });
  }
}

/** The case itself, every number of it open to editing. */
export class BnInputs extends LitElement {
  static override properties = {
    computed: { attribute: false },
    selection: { attribute: false },
    history: { attribute: false },
    refused: { state: true },
  };
  declare computed: Computed;
  declare selection: Selection;
  /** Steps of the inputs that can be undone and redone. */
  declare history: Pick<History<unknown>, "can">;
  /** What was typed for eps and is none. */
  declare refused: string | undefined;

  static override styles = [
    tokens,
    panelText,
    css`
      .inputs {
        display: flex;
        flex-wrap: wrap;
        gap: 16px 30px;
        align-items: start;
      }
      .stack {
        display: grid;
        gap: 14px;
        min-width: 0;
      }
      figcaption,
      label {
        color: var(--muted);
        font-size: 12.5px;
        margin-bottom: 5px;
      }
      i {
        font: italic 600 15px var(--serif);
        color: var(--ink);
      }
      label {
        display: grid;
        gap: 5px;
        justify-items: start;
        margin: 0;
      }
      input {
        width: 110px;
        padding: 4px 8px;
        border: 1px solid var(--hairline);
        border-radius: 5px;
        background: var(--card);
        color: var(--ink);
        font: 12px var(--mono);
      }
      [role="alert"] {
        color: var(--fail);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        align-items: baseline;
        gap: 0 16px;
      }
      [role="group"] {
        margin: 0 -6px;
      }
      button {
        border: 0;
        padding: 4px 6px;
        background: none;
        color: var(--ink);
        font: inherit;
        cursor: pointer;
      }
      button:hover {
        text-decoration: underline;
        text-underline-offset: 3px;
      }
      button[aria-disabled="true"] {
        color: color-mix(in oklab, var(--muted) 55%, var(--card));
        cursor: default;
        text-decoration: none;
      }
    `,
  ];

  protected override render() {
    const { kase, columns, rows } = this.computed;
    const part = (input: "x" | "gamma" | "beta" | "dy", symbol: string, words: string) => html`
      <figure>
        <figcaption><i>${symbol}</i> ${words}</figcaption>
        <bn-matrix .values=${kase[input]} .columns=${columns} .cell=${this.selection.cell} input=${input}
          node=${input === "dy" ? "y" : input} label=${symbol}></bn-matrix>
      </figure>`;
    return html`
      <header>
        <h2>Inputs<span>type over any number, or paste a block, and everything follows</span></h2>
        <div role="group" aria-label="History">${this.#historyButton("undo", "Undo", "Z")}${this.#historyButton("redo", "Redo", "Y")}</div>
      </header>
      <div class="inputs">
        ${part("x", "x", `the batch, ${rows}×${columns}`)}
        <div class="stack">
          ${part("gamma", "γ", "scale")}
          ${part("beta", "β", "shift")}
          <label><span><i>ε</i> added to the variance</span>
            <input name="eps" inputmode="decimal" autocomplete="off" .value=${live(this.refused ?? editable(kase.eps ?? 1e-5))}
              aria-invalid=${this.refused !== undefined} @change=${this.#changeEps} @keydown=${this.#restoreEps} />
            ${this.refused === undefined ? nothing : html`<span role="alert">Expected a number, 0 or greater. The old value stays until then.</span>`}
          </label>
        </div>
        ${part("dy", "∂y", "the gradient that comes from above")}
      </div>`;
  }

  /** Only said to be disabled: a button that is loses the keyboard. */
  #historyButton(step: HistoryStep, word: string, key: string) {
    const can = this.history.can(step);
    return html`<button name=${step} title=${`${word}, Ctrl+${key}`} aria-disabled=${!can}
      @click=${() => can && this.dispatchEvent(new HistoryEvent(step))}>${word}</button>`;
  }

  #changeEps(event: Event) {
    const text = (event.target as HTMLInputElement).value;
    const eps = readNumber(text);
    const fits = eps !== undefined && eps >= 0;
    this.refused = fits ? undefined : text;
    if (fits) this.dispatchEvent(new EpsEvent(eps));
    this.requestUpdate(); // a case that cannot be computed stays as it was, and so does its eps
  }

  #restoreEps(event: KeyboardEvent) {
    if (event.key !== "Escape") return;
    this.refused = undefined;
    this.requestUpdate();
  }
}

customElements.define("bn-inputs", BnInputs);
