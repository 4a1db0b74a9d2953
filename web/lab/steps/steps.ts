import { html, nothing, type PropertyValues } from "lit";
import type { NodeId } from "../../src/index.ts";
import { codeLine, codeShape, codingOf, printsWith, pythonName } from "../maths/code-lines.ts";
import { type Ingredient, ingredientsOf, onTheWayTo } from "../maths/ingredients.ts";
import { display, equation, type Formula, math } from "../maths/mathml.ts";
import { fromSession, Panel } from "../session/panel.ts";
import type { Locale } from "../words/locale.ts";
import {
  derivationOf,
  type Line,
  type Question,
  questionView,
  shapeQuestion,
  signQuestion,
} from "./derivation.ts";
import { derivativeLines, derivativeStyles, derivativesAt, derivativeWords } from "./derivative-lines.ts";
import "../grid/matrix.ts";
import { single } from "../base/numbers.ts";
import { type Computed, nodeReport, nodeTrace, placeIn } from "../maths/computed.ts";
import { gradientOf } from "../maths/gates.ts";
import { extentOf, isStep, lastOf, stepsOf } from "../maths/graph-facts.ts";
import { indexAt, placeOf } from "../maths/layout.ts";
import type { Selection } from "../model/selection.ts";
import { shownVerdict } from "../model/shown-verdict.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import { verdictChip, verdictStyles } from "../ui/verdict.ts";
import { stepsStyles } from "./styles.ts";

/** In notations whose names are words, formulas are long and need more room. */
const isLong = ({ text }: Formula) => (text.length > 58 ? "long" : "");

/** The backward pass as a derivation: the steps, and the lines of the chosen one, down to its numbers and its code. */
export class BnSteps extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "selection"),
    shown: { state: true },
    answers: { state: true },
    pointed: { state: true },
  };
  declare locale: Locale;
  declare computed: Computed;
  declare selection: Selection;
  /** How many lines of the derivation are shown; undefined: all. */
  declare shown: number | undefined;
  /** The answers given, by question. */
  declare answers: ReadonlyMap<string, number>;
  /** The array whose symbol is under the pointer. */
  declare pointed: string | undefined;
  /** How many lines the derivation of the chosen step has. */
  count = 1;

  static override styles = [tokens, controls, panelText, verdictStyles, derivativeStyles, stepsStyles];

  constructor() {
    super();
    this.answers = new Map();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has("selection") || this.shown === undefined) return;
    if (changed.get("selection")?.node !== this.selection.node) this.shown = 1; // another step begins anew
  }

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
            ${this.shown === undefined ? html`<span class=${`short ${isLong(short)}`}>${math(short)}</span>` : nothing}
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
    const at = placeIn(computed, id, selection.cell);
    const cell = cells.place(placeOf(computed.layout, extentOf(computed.graph, id), at));
    const report = nodeReport(computed, id);
    const given = id === lastOf(computed.graph);
    const whole = equation(formulas.partials[id], formulas.gradient(id, ddof));
    const label = steps.chosen(labels[id]);
    this.count = 1;
    if (given)
      return html`<section class="step" aria-labelledby="chosen"><h2 class="unseen" id="chosen">${label}</h2>
        <div class="formula big scrolls" tabindex="0">${display(whole)}</div>
        ${this.#whereItStands(id)}
        ${this.#code(id)}
        ${report ? this.#judged(report, at) : html`<p>${steps.beingTaken}</p>`}
      </section>`;
    const { derivation } = steps;
    const vanishes = gradientOf(computed.graph, id).some((term) => term.vanishes);
    const lines: Line[] = [
      ...derivationOf(id, computed, locale),
      ...this.#asked(() => shapeQuestion(id, computed, locale)),
      {
        head: derivation.result,
        body: html`<div class=${`formula big scrolls ${isLong(whole)}`} tabindex="0">${display(whole)}</div>
          ${vanishes ? html`<p><button class="link" name="why-zero" @click=${() => this.session.look("paths")}>${derivation.whyZero}</button></p>` : nothing}`,
      },
      ...this.#asked(() => signQuestion(id, nodeTrace(computed, id).grad[at] as number, cell, locale)),
      {
        head: steps.inCell(cell),
        body: html`<div class="formula scrolls" data-filled tabindex="0">${display(formulas.withNumbers(computed, id, selection.cell))}</div>
          ${this.#ingredients(id)}`,
      },
      {
        head: printsWith(notation),
        body: html`${this.#code(id)} ${report ? this.#judged(report, at) : html`<p>${steps.beingTaken}</p>`}`,
      },
    ];
    this.count = lines.length;
    const shown = Math.min(this.shown ?? lines.length, lines.length);
    return html`
      <section class="step" aria-labelledby="chosen" @mouseover=${this.#point} @mouseleave=${this.#leave}>
        <h2 class="unseen" id="chosen">${label}</h2>
        <header class="line-by-line">
          <span>${math(formulas.ofLoss(id))} <span class="aside">${derivation.short(math(formulas.ofLoss(id)), math(formulas.partials[id]))}</span></span>
          ${
            this.shown === undefined
              ? html`<button class="control" name="line-by-line" @click=${() => this.#reveal(1)}>${derivation.lineByLine}</button>`
              : html`<span class="count">${derivation.lines(shown, lines.length)}</span>
                <button class="link" name="all-lines" @click=${() => this.#reveal(undefined)}>${derivation.all}</button>`
          }
        </header>
        ${this.#whereItStands(id)}
        <div aria-live=${this.shown === undefined ? "off" : "polite"}>
          ${lines.slice(0, shown).map(({ head, body }) => html`<h3 data-line>${head}</h3>${body}`)}
        </div>
        ${shown < lines.length ? html`<button class="control next" name="next-line" @click=${() => this.#reveal(shown + 1)}>${derivation.next}</button>` : nothing}
      </section>`;
  }

  /** A question, if the lines are revealed one by one. */
  #asked(ask: () => Question): Line[] {
    if (this.shown === undefined) return [];
    const question = ask();
    const { title } = this.locale.rest.steps.derivation.question;
    const choose = (id: string, answer: number) => {
      this.answers = new Map(this.answers).set(id, answer);
      this.#goOn(); // the button that had the focus can't be pressed again
    };
    return [
      { head: title, body: questionView(question, this.answers.get(question.id), choose, this.locale) },
    ];
  }

  async #reveal(shown: number | undefined) {
    this.shown = shown;
    await this.#goOn();
  }

  /** Moves the focus to the button that goes on. */
  async #goOn() {
    await this.updateComplete;
    const next = ["next-line", "all-lines", "line-by-line"]
      .map((name) => this.renderRoot.querySelector<HTMLElement>(`[name="${name}"]`))
      .find((button) => button !== null);
    next?.focus({ preventScroll: true });
    // the newest line, and the button after it if there is one
    [...this.renderRoot.querySelectorAll(".step h3")].at(-1)?.scrollIntoView({ block: "nearest" });
    if (next?.getAttribute("name") === "next-line") next.scrollIntoView({ block: "nearest" });
  }

  #code(id: NodeId) {
    const { computed, locale } = this;
    const { layout } = computed;
    const { notation } = locale;
    const { steps } = locale.rest;
    const given = id === lastOf(computed.graph);
    return html`
      <pre class="code" tabindex="0"><code>${codeLine(computed.graph, id, codingOf(computed, notation))}${given ? `  # ${steps.given}` : ""}</code> <span>${this.#shapes(id)}</span></pre>
      ${layout.kind === "groups" ? html`<p class="aside">${steps.regrouped(notation.code.x, codeShape(layout, "elements", notation).join(", "))}</p>` : nothing}`;
  }

  /** A symbol under the pointer lights the array that it stands for. */
  #point(event: MouseEvent) {
    const symbol =
      (event.target as Element).closest<Element>("[data-of]")?.getAttribute("data-of") ?? undefined;
    this.pointed = symbol;
  }

  #leave() {
    this.pointed = undefined;
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
    const { graph, layout } = this.computed;
    const isStrip = ({ of }: Ingredient) => layout.sheets[extentOf(graph, of)].rows === 1;
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
    const { labels, formulas, words } = locale;
    const { steps } = locale.rest;
    const { layout, graph } = computed;
    const extent = extentOf(graph, of);
    const values = nodeTrace(computed, of)[which];
    const symbol = formulas[which === "grad" ? "partials" : "symbols"][of];
    const what = which === "grad" ? steps.gradientOf(labels[of]) : labels[of];
    const used =
      takes === "cell"
        ? single(values[placeIn(computed, of, selection.cell)] as number)
        : steps.whole(
            words.cells.place(placeOf(layout, takes, indexAt(layout, takes, selection.cell))),
            layout.grouping.copies[takes],
            takes === "parameters",
          );
    // a click stays in this step and chooses another cell
    return html`
      <figure class=${this.pointed === `${which} ${of}` ? "pointed" : ""}>
        <figcaption>
          <span class="symbol">${math(symbol)}</span> <span class="used">${used}</span>
          ${which === "grad" && isStep(computed.graph, of) ? this.#jump(of) : nothing}
        </figcaption>
        <bn-matrix .values=${values} extent=${extent} node=${id} digits="3"
          lit=${takes === "cell" ? nothing : takes} label=${steps.inFormula(what)}></bn-matrix>
      </figure>`;
  }

  #shapes(id: NodeId) {
    const { code, notation } = this.locale;
    const { graph, layout } = this.computed;
    const of = (one: Pick<Ingredient, "of" | "which">) =>
      `${pythonName(one, code)} (${codeShape(layout, extentOf(graph, one.of), notation).join(", ")})`;
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
