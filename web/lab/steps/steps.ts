import { html, nothing } from "lit";
import type { NodeId } from "../../src/index.ts";
import { codeLine, codeShape, printsWith, pythonName } from "../maths/code-lines.ts";
import { type Ingredient, ingredientsOf, onTheWayTo } from "../maths/ingredients.ts";
import { display, equation, type Formula, math } from "../maths/mathml.ts";
import { fromSession, Panel } from "../session/panel.ts";
import type { Locale } from "../words/locale.ts";
import { derivativeLines, derivativeStyles, derivativesAt, derivativeWords } from "./derivative-lines.ts";
import "../grid/matrix.ts";
import { single } from "../base/numbers.ts";
import { type Computed, nodeReport, nodeTrace, placeOf } from "../maths/computed.ts";
import { isStep, lastOf, stepsOf } from "../maths/graph-facts.ts";
import type { Selection } from "../model/selection.ts";
import { shownVerdict } from "../model/shown-verdict.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import { verdictChip, verdictStyles } from "../ui/verdict.ts";
import { stepsStyles } from "./styles.ts";

/** In notations whose names are words, formulas are long and need more room. */
const isLong = ({ text }: Formula) => (text.length > 58 ? "long" : "");

/** The backward pass in six steps. The chosen step shows its formula, with its numbers, and the cells it is computed from. */
export class BnSteps extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "selection"),
  };
  declare locale: Locale;
  declare computed: Computed;
  declare selection: Selection;

  static override styles = [tokens, controls, panelText, verdictStyles, derivativeStyles, stepsStyles];

  protected override render() {
    return html`<div class="sides">${this.#list()}${this.#step(this.selection.node)}</div>`;
  }

  #list() {
    const { node } = this.selection;
    const { words, rest, formulas } = this.locale;
    const { graph, kase } = this.computed;
    const steps = stepsOf(graph);
    const stop = isStep(graph, node) ? node : (onTheWayTo(graph, node) ?? steps[0]);
    return html`<ol @keydown=${this.#walk}>${steps.map((id, at) => {
      const short = formulas.gradient(id, kase.ddof);
      const verdict = shownVerdict(this.computed, id);
      return html`
        <li>
          <button aria-pressed=${node === id} data-step=${id} tabindex=${id === stop ? 0 : -1}
            aria-description=${words.nodes[id]} @click=${() => this.#choose(id)}>
            <span class="number"><span class="unseen">${rest.steps.step} </span>${at + 1}</span>
            <span class="name">${math(formulas.partials[id])}</span>
            ${verdictChip(verdict, words.verdicts[verdict])}
            <span class=${`short ${isLong(short)}`}>${math(short)}</span>
          </button>
        </li>`;
    })}</ol>`;
  }

  #choose(id: NodeId) {
    this.session.select(id);
  }

  #walk(event: KeyboardEvent) {
    const from = (event.target as HTMLElement).closest<HTMLElement>("[data-step]")?.dataset["step"] as NodeId;
    const steps = stepsOf(this.computed.graph);
    const at = steps.indexOf(from);
    const last = steps.length - 1;
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
    event.preventDefault(); // otherwise the page would scroll
    const id = steps[Math.max(0, Math.min(way, last))] as NodeId;
    this.#choose(id);
    this.renderRoot.querySelector<HTMLElement>(`[data-step="${id}"]`)?.focus();
  }

  #step(id: NodeId) {
    const { computed, selection, locale } = this;
    const { formulas, labels, notation } = locale;
    const { cells } = locale.words;
    const { steps } = locale.rest;
    const { ddof = 0 } = computed.kase;
    const { shape } = nodeTrace(computed, id);
    const { row, column } = selection.cell;
    const cell = shape.length === 2 ? cells.cell(row + 1, column + 1) : cells.column(column + 1);
    const report = nodeReport(computed, id);
    const given = id === lastOf(computed.graph);
    const whole = equation(formulas.partials[id], formulas.gradient(id, ddof));
    return html`
      <section class="step" aria-labelledby="chosen">
        <h2 class="unseen" id="chosen">${steps.chosen(labels[id])}</h2>
        <div class=${`formula big scrolls ${isLong(whole)}`} tabindex="0">${display(whole)}</div>
        ${this.#whereItStands(id)}
        ${given ? nothing : html`<h3>${steps.inCell(cell)}</h3>`}
        <div class="formula scrolls" data-filled tabindex="0">${display(formulas.withNumbers(computed, id, selection.cell))}</div>
        ${given ? nothing : this.#ingredients(id)}
        <h3>${printsWith(notation)}</h3>
        <pre class="code" tabindex="0"><code>${codeLine(computed.graph, id, ddof, notation)}${given ? `  # ${steps.given}` : ""}</code> <span>${this.#shapes(id)}</span></pre>
        ${report ? this.#judged(report, placeOf(shape, selection.cell)) : html`<p>${steps.beingTaken}</p>`}
      </section>`;
  }

  /** A note on a gradient that is not one of the six steps. */
  #whereItStands(id: NodeId) {
    const { graph } = this.computed;
    if (isStep(graph, id)) return nothing;
    const { rest, formulas } = this.locale;
    const step = onTheWayTo(graph, id);
    if (!step) return html`<p class="aside">${rest.steps.fromLoss}</p>`;
    return html`<p class="aside">${rest.steps.onTheWay(math(formulas.partials[step]), this.#jump(step))}</p>`;
  }

  #jump(step: NodeId) {
    const steps = stepsOf(this.computed.graph);
    return html`<button class="link jump" @click=${() => this.#choose(step)}>${this.locale.rest.steps.stepAt(steps.indexOf(step) + 1)}</button>`;
  }

  /** The arrays in the formula, with the cells that count highlighted. Arrays of one row are stacked. */
  #ingredients(id: NodeId) {
    const all = ingredientsOf(this.computed.graph, id);
    const isStrip = ({ of }: Ingredient) => nodeTrace(this.computed, of).shape.length === 1;
    const strips = all.filter(isStrip);
    return html`
      <h3>${this.locale.rest.steps.madeOf}</h3>
      <div class="ingredients">
        ${all.filter((one) => !isStrip(one)).map((one) => this.#ingredient(id, one))}
        ${strips.length > 0 ? html`<div class="strips">${strips.map((one) => this.#ingredient(id, one))}</div>` : nothing}
      </div>`;
  }

  #ingredient(id: NodeId, { of, which, takes }: Ingredient) {
    const { computed, selection, locale } = this;
    const { labels, formulas } = locale;
    const { steps } = locale.rest;
    const { columns, rows } = computed;
    const node = nodeTrace(computed, of);
    const values = node[which];
    const symbol = formulas[which === "grad" ? "partials" : "symbols"][of];
    const what = which === "grad" ? steps.gradientOf(labels[of]) : labels[of];
    const { column } = selection.cell;
    const used =
      takes === "column"
        ? steps.wholeColumn(column + 1, rows)
        : single(values[placeOf(node.shape, selection.cell)] as number);
    // a click stays in this step and chooses another cell
    return html`
      <figure>
        <figcaption>
          <span class="symbol">${math(symbol)}</span> <span class="used">${used}</span>
          ${which === "grad" && isStep(computed.graph, of) ? this.#jump(of) : nothing}
        </figcaption>
        <bn-matrix .values=${values} .columns=${columns} node=${id} digits="3"
          lit=${takes === "column" ? "column" : nothing} label=${steps.inFormula(what)}></bn-matrix>
      </figure>`;
  }

  #shapes(id: NodeId) {
    const { code, notation } = this.locale;
    const of = (one: Pick<Ingredient, "of" | "which">) =>
      `${pythonName(one, code)} (${codeShape(nodeTrace(this.computed, one.of).shape, notation).join(", ")})`;
    const made = of({ of: id, which: "grad" });
    const from = ingredientsOf(this.computed.graph, id).map(of);
    return from.length > 0 ? `${from.join(", ")} → ${made}` : made;
  }

  #judged(report: NonNullable<ReturnType<typeof nodeReport>>, at: number) {
    const derivatives = derivativesAt(report, at);
    const words = this.locale.rest.derivatives;
    return html`${derivativeLines(derivatives, words)}
      <p>${derivativeWords(derivatives, words)}</p>`;
  }
}

customElements.define("bn-steps", BnSteps);
