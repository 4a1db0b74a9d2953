import { css, html, nothing } from "lit";
import { nameOfNorm, type PageCase, readNorm } from "../maths/norms.ts";
import type { History, HistoryStep } from "../session/history.ts";
import { fromSession, Panel } from "../session/panel.ts";
import "../ui/knobs.ts";
import type { Locale } from "../words/locale.ts";
import "../grid/matrix.ts";
import type { InputName } from "../model/selection.ts";
import { screenOnly } from "../ui/print-styles.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";

/** 4×5, 4x5, 2, 6, 4, 5: two to four whole numbers. */
const kShape = "\\s*[1-9]\\d*(\\s*[x×, ]\\s*[1-9]\\d*){1,3}\\s*";

/** The case, with every number editable. */
export class BnInputs extends Panel {
  static override properties = {
    ...fromSession("locale", "kase", "history", "sparing"),
  };
  declare kase: PageCase;
  /** Whether there are steps to undo and redo. */
  declare history: Pick<History<unknown>, "can">;
  declare locale: Locale;
  /** Whether it is an assignment, whose case is given. */
  declare sparing: boolean;

  static override styles = [
    tokens,
    controls,
    panelText,
    screenOnly,
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
      bn-knobs {
        max-width: 290px;
      }
      i {
        font: italic 600 15px var(--serif);
        color: var(--ink);
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
      form,
      .norm {
        display: flex;
        flex-wrap: wrap;
        align-items: end;
        gap: 6px 10px;
        color: var(--muted);
        font-size: 12.5px;
      }
      label {
        display: grid;
        gap: 3px;
      }
      form .field {
        width: 100%;
        box-sizing: border-box;
      }
      header button {
        border: 0;
        padding: 4px 6px;
        background: none;
        color: var(--ink);
        font: inherit;
        cursor: pointer;
      }
      header button:hover {
        text-decoration: underline;
        text-underline-offset: 3px;
      }
      header button[aria-disabled="true"] {
        color: color-mix(in oklab, var(--muted) 55%, var(--card));
        cursor: default;
        text-decoration: none;
      }
    `,
  ];

  protected override render() {
    const { locale } = this;
    const { inputs } = locale.words;
    const { kase } = this;
    const { m } = readNorm(kase);
    const size = kase.shape.join("×");
    const part = (input: InputName, words: string) => {
      const values = kase[input];
      if (!values) return nothing;
      const extent = input === "x" || input === "dy" ? "elements" : "parameters";
      return html`
      <figure>
        <figcaption><i>${locale.labels[input]}</i> ${words}</figcaption>
        <bn-matrix .values=${values} extent=${extent} input=${input}
          node=${input === "dy" ? "y" : input} label=${locale.labels[input]}></bn-matrix>
      </figure>`;
    };
    return html`
      <header>
        <h2>${inputs.title}<span>${inputs.words}</span></h2>
        <div role="group" class="screen-only" aria-label=${inputs.history}>${this.#historyButton("undo", "Z")}${this.#historyButton("redo", "Y")}</div>
      </header>
      <div class="inputs">
        ${part("x", kase.shape.length > 2 ? inputs.tensor(size) : inputs.x(size))}
        <div class="stack">
          ${part("gamma", inputs.gamma)}
          ${part("beta", inputs.beta)}
          <bn-knobs .eps=${kase.eps ?? 1e-5} .ddof=${kase.ddof ?? 0} .rows=${m} norm=${nameOfNorm(kase)}></bn-knobs>
          ${this.sparing ? nothing : this.#norm()}
        </div>
        ${part("dy", inputs.dy)}
      </div>`;
  }

  /** The groups of group norm, and new random numbers in any shape that the norm can have. */
  #norm() {
    const { draw, norms } = this.locale.words.inputs;
    const { kase, session } = this;
    const name = nameOfNorm(kase);
    const { channels } = readNorm(kase);
    const divisors = Array.from({ length: channels }, (_, at) => at + 1).filter(
      (count) => channels % count === 0,
    );
    const submit = (event: Event) => {
      event.preventDefault();
      const said = String(new FormData(event.target as HTMLFormElement).get("shape"));
      session.draw(said.split(/\D+/).filter(Boolean).map(Number));
    };
    return html`
      ${
        name === "group"
          ? html`<div class="norm screen-only"><label>${norms.groups}
              <select class="field" name="groups" @change=${(event: Event) => session.change({ groups: Number((event.target as HTMLSelectElement).value) })}>
                ${divisors.map((count) => html`<option .selected=${count === kase.groups}>${count}</option>`)}
              </select></label></div>`
          : nothing
      }
      <form class="screen-only" @submit=${submit}>
        <label>${draw.title}
          <input class="field" name="shape" pattern=${kShape} title=${draw.such} autocomplete="off" .value=${kase.shape.join("×")} /></label>
        <button class="control" name="draw">${draw.act}</button>
      </form>`;
  }

  /** Uses aria-disabled, because a disabled button loses the focus. */
  #historyButton(step: HistoryStep, key: string) {
    const can = this.history.can(step);
    const { [step]: word, byKey } = this.locale.words.inputs;
    return html`<button name=${step} title=${byKey(word, key)} aria-disabled=${!can}
      @click=${() => can && this.session.goThrough(step)}>${word}</button>`;
  }
}

customElements.define("bn-inputs", BnInputs);
