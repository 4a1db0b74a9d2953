import { html, LitElement, nothing } from "lit";
import type { NodeId } from "../src/index.ts";
import { type Ingredient, kIngredients, kOnTheWayTo, numpyLines, pythonName } from "./derivation.ts";
import {
  derivativeLines,
  derivativeStyles,
  derivativesAt,
  passWords,
  witnessWords,
} from "./derivative-lines.ts";
import { backwardFormulas, equation, formula, kSymbols, math, partial, withNumbers } from "./formulas.ts";
import "./matrix.ts";
import { kNodeViews, kSteps, type Step } from "./nodes.ts";
import { single } from "./numbers.ts";
import { type Computed, nodeReport, nodeTrace, placeOf, SelectEvent, type Selection } from "./selection.ts";
import { stepsStyles } from "./steps-styles.ts";
import { panelText, tokens } from "./theme.ts";
import { kVerdictWords, shownVerdict, verdictChip, verdictStyles } from "./verdict.ts";

const isStep = (id: NodeId): id is Step => (kSteps as readonly NodeId[]).includes(id);

/** The backward pass in six steps; of the chosen one the formula, with its numbers, and the cells that it is made of. */
export class BnSteps extends LitElement {
  static override properties = { computed: { attribute: false }, selection: { attribute: false } };
  declare computed: Computed;
  declare selection: Selection;

  static override styles = [tokens, panelText, verdictStyles, derivativeStyles, stepsStyles];

  protected override render() {
    return html`<div class="sides">${this.#list()}${this.#step(this.selection.node)}</div>`;
  }

  #list() {
    const { node } = this.selection;
    const formulas = backwardFormulas(this.computed.kase.ddof);
    const stop = isStep(node) ? node : (kOnTheWayTo[node] ?? kSteps[0]);
    return html`<ol @keydown=${this.#walk}>${kSteps.map((id, at) => {
      const verdict = shownVerdict(this.computed, id);
      return html`
        <li>
          <button aria-pressed=${node === id} data-step=${id} tabindex=${id === stop ? 0 : -1}
            aria-label=${`Step ${at + 1}: gradient of ${kNodeViews[id].label}, ${kNodeViews[id].words}: ${kVerdictWords[verdict]}`}
            @click=${() => this.#choose(id)}>
            <span class="number">${at + 1}</span>
            <span class="name">${math(partial(id))}</span>
            ${verdictChip(verdict)}
            <span class="short">${math(formulas[id])}</span>
          </button>
        </li>`;
    })}</ol>`;
  }

  #choose(id: NodeId) {
    this.dispatchEvent(new SelectEvent(id));
  }

  #walk(event: KeyboardEvent) {
    const from = (event.target as HTMLElement).closest<HTMLElement>("[data-step]")?.dataset["step"] as Step;
    const at = kSteps.indexOf(from);
    const last = kSteps.length - 1;
    const ways: Record<string, number> = {
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      Home: 0,
      End: last,
    };
    const way = ways[event.key];
    if (way === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); // or the page would scroll
    const id = kSteps[Math.max(0, Math.min(way, last))] as Step;
    this.#choose(id);
    this.renderRoot.querySelector<HTMLElement>(`[data-step="${id}"]`)?.focus();
  }

  #step(id: NodeId) {
    const { computed, selection } = this;
    const { ddof } = computed.kase;
    const { shape } = nodeTrace(computed, id);
    const { row, column } = selection.cell;
    const cell = shape.length === 2 ? `row ${row + 1}, column ${column + 1}` : `column ${column + 1}`;
    const report = nodeReport(computed, id);
    const given = id === "y";
    return html`
      <section class="step" aria-label=${`The gradient of ${kNodeViews[id].label}`}>
        <div class="formula big" tabindex="0">${formula(equation(partial(id), backwardFormulas(ddof)[id]))}</div>
        ${this.#whereItStands(id)}
        ${given ? nothing : html`<h3>In ${cell}</h3>`}
        <div class="formula" data-filled tabindex="0">${formula(withNumbers(computed, id, selection.cell))}</div>
        ${given ? nothing : this.#ingredients(id)}
        <pre class="numpy" tabindex="0"><code>${numpyLines(ddof)[id]}</code> <span>${this.#shapes(id)}</span></pre>
        ${report ? this.#judged(report, placeOf(shape, selection.cell)) : html`<p>The finite differences are being taken …</p>`}
      </section>`;
  }

  /** What to say of a gradient that is no step of its own. */
  #whereItStands(id: NodeId) {
    if (isStep(id)) return nothing;
    const step = kOnTheWayTo[id];
    if (!step)
      return html`<p class="aside">What comes back from the loss: nothing is to be derived here. The six steps begin with it.</p>`;
    return html`<p class="aside">One gate on the way to ${math(partial(step))}, ${this.#jump(step)}.</p>`;
  }

  #jump(step: Step) {
    return html`<button class="jump" @click=${() => this.#choose(step)}>step ${kSteps.indexOf(step) + 1}</button>`;
  }

  /** The arrays in the formula, the cells that count lit up. Strips stand above each other, since they are one row each. */
  #ingredients(id: NodeId) {
    const all = kIngredients[id];
    const isStrip = ({ of }: Ingredient) => nodeTrace(this.computed, of).shape.length === 1;
    const strips = all.filter(isStrip);
    return html`
      <h3>Made of</h3>
      <div class="ingredients">
        ${all.filter((one) => !isStrip(one)).map((one) => this.#ingredient(id, one))}
        ${strips.length > 0 ? html`<div class="strips">${strips.map((one) => this.#ingredient(id, one))}</div>` : nothing}
      </div>`;
  }

  #ingredient(id: NodeId, { of, which, takes }: Ingredient) {
    const { computed, selection } = this;
    const { columns, rows } = computed;
    const node = nodeTrace(computed, of);
    const values = node[which];
    const symbol = which === "grad" ? partial(of) : kSymbols[of];
    const what = which === "grad" ? `gradient of ${kNodeViews[of].label}` : kNodeViews[of].label;
    const { column } = selection.cell;
    const used =
      takes === "column"
        ? `column ${column + 1}, ${rows === 1 ? "its one number" : `all ${rows} rows`}`
        : single(values[placeOf(node.shape, selection.cell)] as number);
    // a click stays in this step: it asks for another cell of it
    return html`
      <figure>
        <figcaption>
          <span class="symbol">${math(symbol)}</span> <span class="used">${used}</span>
          ${which === "grad" && isStep(of) ? this.#jump(of) : nothing}
        </figcaption>
        <bn-matrix .values=${values} .columns=${columns} .cell=${selection.cell} node=${id} digits="3"
          lit=${takes === "column" ? "column" : nothing} label=${`${what}, in the formula`}></bn-matrix>
      </figure>`;
  }

  #shapes(id: NodeId) {
    const of = (one: Pick<Ingredient, "of" | "which">) =>
      `${pythonName(one)} (${nodeTrace(this.computed, one.of).shape.join(", ")})`;
    const made = of({ of: id, which: "grad" });
    const from = kIngredients[id].map(of);
    return from.length > 0 ? `${from.join(", ")} → ${made}` : made;
  }

  #judged(report: NonNullable<ReturnType<typeof nodeReport>>, at: number) {
    const derivatives = derivativesAt(report, at);
    return html`${derivativeLines(derivatives)}
      <p>${witnessWords(derivatives)} ${passWords(derivatives)}</p>`;
  }
}

customElements.define("bn-steps", BnSteps);
