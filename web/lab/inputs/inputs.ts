import { css, html, nothing } from "lit";
import type { Case } from "../../src/index.ts";
import type { History, HistoryStep } from "../session/history.ts";
import { fromSession, Panel } from "../session/panel.ts";
import "../ui/knobs.ts";
import type { Locale } from "../words/locale.ts";
import "../grid/matrix.ts";
import type { InputName } from "../model/selection.ts";
import { screenOnly } from "../ui/print-styles.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";

/** The case, with every number editable. */
export class BnInputs extends Panel {
  static override properties = {
    ...fromSession("locale", "kase", "history", "sparing"),
  };
  declare kase: Case<Float64Array>;
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
      form {
        color: var(--muted);
        font-size: 12.5px;
      }
      form div {
        display: flex;
        align-items: center;
        gap: 6px;
        margin-top: 3px;
      }
      form .field {
        width: 64px;
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
    const [rows, columns] = kase.shape as [number, number];
    const part = (input: InputName, words: string) => html`
      <figure>
        <figcaption><i>${locale.labels[input]}</i> ${words}</figcaption>
        <bn-matrix .values=${kase[input]} .columns=${columns} input=${input}
          node=${input === "dy" ? "y" : input} label=${locale.labels[input]}></bn-matrix>
      </figure>`;
    return html`
      <header>
        <h2>${inputs.title}<span>${inputs.words}</span></h2>
        <div role="group" class="screen-only" aria-label=${inputs.history}>${this.#historyButton("undo", "Z")}${this.#historyButton("redo", "Y")}</div>
      </header>
      <div class="inputs">
        ${part("x", inputs.x(rows, columns))}
        <div class="stack">
          ${part("gamma", inputs.gamma)}
          ${part("beta", inputs.beta)}
          <bn-knobs .eps=${kase.eps ?? 1e-5} .ddof=${kase.ddof ?? 0} .rows=${rows}></bn-knobs>
          ${this.sparing ? nothing : this.#draw(rows, columns)}
        </div>
        ${part("dy", inputs.dy)}
      </div>`;
  }

  /** New random numbers in any shape. */
  #draw(rows: number, columns: number) {
    const { draw } = this.locale.words.inputs;
    const count = (name: string, label: string, value: number) =>
      html`<input class="field" name=${name} type="number" min="1" max="9999" aria-label=${label} .value=${String(value)} />`;
    const submit = (event: Event) => {
      event.preventDefault();
      const said = new FormData(event.target as HTMLFormElement);
      this.session.draw(Number(said.get("rows")), Number(said.get("columns")));
    };
    return html`
      <form class="screen-only" @submit=${submit}>
        <span>${draw.title}</span>
        <div>${count("rows", draw.rows, rows)} × ${count("columns", draw.columns, columns)}
          <button class="control" name="draw">${draw.act}</button></div>
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
