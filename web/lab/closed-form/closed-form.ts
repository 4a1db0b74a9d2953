import { html, nothing, type PropertyValues } from "lit";
import type { Backnorm, Extent, Mistake, NodeId } from "../../src/index.ts";
import type { Formulas } from "../maths/formulas.ts";
import { digit, display, type Formula, frac, math, mo, row, sub, sum } from "../maths/mathml.ts";
import type { Factor } from "../model/choices.ts";
import { fromSession, Panel } from "../session/panel.ts";
import type { Locale } from "../words/locale.ts";
import { extentOfFactor, type Fused, fusedOf } from "./fused.ts";
import { closedFormStyles } from "./styles.ts";
import "../grid/matrix.ts";
import { formatFor, inFull, largest, scientific, single } from "../base/numbers.ts";
import type { Computed } from "../maths/computed.ts";
import { extentOf, nodeIn } from "../maths/graph-facts.ts";
import { cellIn, indexAt, placeOf, type Setting } from "../maths/layout.ts";
import { kGateSigns } from "../maths/nodes.ts";
import { countOfGroup, divisorOf } from "../maths/written.ts";
import type { Selection } from "../model/selection.ts";
import { screenOnly } from "../ui/print-styles.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import { ulpsTold } from "./ulps.ts";

/** Relative to the largest |dx|: a larger difference is not rounding. */
const kRounding = 1e-9;
/** How many ulps are few. */
const kFew = 4;
/** The duration of a pass during play, in milliseconds. */
const kTempo = 200;

/** dx as one formula, as in the fast kernel: the meaning of each factor, and a comparison with the staged result. */
export class BnClosedForm extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "selection", "made", "bn", "factor"),
    over: { state: true },
    passes: { state: true },
  };
  declare locale: Locale;
  declare computed: Computed;
  declare selection: Selection;
  declare made: Mistake | undefined;
  declare bn: Backnorm;
  /** The chosen factor, and the one under the pointer. */
  declare factor: Factor;
  declare over: Factor | undefined;
  /** The number of passes done during play. */
  declare passes: number | undefined;

  #fused: Fused | undefined;
  #playing: ReturnType<typeof setInterval> | undefined;

  static override styles = [tokens, controls, panelText, screenOnly, closedFormStyles];

  override disconnectedCallback() {
    clearInterval(this.#playing);
    this.passes = undefined;
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has("computed")) this.#fused = fusedOf(this.bn, this.computed);
  }

  /** If the variance divides by N, there is no correction factor. */
  get #factor(): Factor {
    const isThere =
      (this.factor !== "ratio" || this.computed.kase.ddof) && (this.factor !== "sumOfDy" || this.#hasMean);
    return isThere ? this.factor : "scale";
  }

  get #hasMean(): boolean {
    return this.computed.graph.paths.some(({ id }) => id === "through-mean");
  }

  #choose(factor: Factor) {
    if (factor !== this.#factor) this.session.choose({ factor }, { isStep: false });
  }

  protected override render() {
    const fused = this.#fused;
    if (!fused) return nothing;
    return html`
      ${this.#formula()}
      ${this.#arithmetic(fused)}
      <div class="panes">
        ${this.#chosen(fused)}
        ${this.#result(fused)}
        ${this.#distance(fused)}
      </div>
      ${this.#passes(this.computed)}`;
  }

  /** The formula, with a button for each factor. */
  #formula() {
    const { rest, formulas } = this.locale;
    const { factors, factorLabel, formula } = rest.closedForm;
    const symbols = symbolsOf(formulas, this.computed.layout);
    const part = (factor: Factor) => html`
      <button class=${this.over === factor ? "part over" : "part"} aria-pressed=${this.#factor === factor} data-factor=${factor}
        aria-description=${factorLabel(factors[factor].name, factors[factor].words)}
        @mouseenter=${() => (this.over = factor)} @mouseleave=${() => (this.over = undefined)}
        @focus=${() => this.#choose(factor)} @click=${() => this.#choose(factor)}>${display(symbols[factor])}</button>`;
    const sign = (text: string) => html`<span class="sign">${text}</span>`;
    return html`
      <div class="formula" role="group" aria-label=${formula}>
        <span class="left">${math(formulas.partials.x)}</span>${sign("=")}${part("scale")}${sign("·")}
        <span class="inside">${sign("(")}${part("dy")}${this.#hasMean ? html`${sign("−")}${part("sumOfDy")}` : nothing}${sign("−")}${
          this.computed.kase.ddof ? html`${part("ratio")}${sign("·")}` : nothing
        }${part("xhat")}${sign("·")}${part("sumOfDyXhat")}${sign(")")}</span>
      </div>`;
  }

  #place(factor: Factor): number {
    if (factor === "ratio") return 0;
    return indexAt(this.computed.layout, extentOfFactor(factor), this.selection.cell);
  }

  /** The value of a factor in the chosen cell. */
  #numberOf({ factors }: Fused, factor: Factor): number {
    const values = factors[factor];
    return values[this.#place(factor)] as number;
  }

  #arithmetic(fused: Fused) {
    const { layout } = this.computed;
    const place = placeOf(layout, "elements", indexAt(layout, "elements", this.selection.cell));
    const number = (factor: Factor) => {
      const value = this.#numberOf(fused, factor);
      const text =
        factor === "ratio" || value >= 0 || factor === "scale" || factor === "dy"
          ? single(value)
          : `(${single(value)})`;
      return html`<span class=${(this.over ?? this.#factor) === factor ? "here" : ""} data-number=${factor}>${text}</span>`;
    };
    return html`
      <p class="arithmetic"><span class="place">${this.locale.words.cells.place(place)}</span>
        <span class="numbers">${number("scale")} · (${number("dy")}${this.#hasMean ? html` − ${number("sumOfDy")}` : nothing} − ${
          this.computed.kase.ddof ? html`${number("ratio")} · ` : nothing
        }${number("xhat")} · ${number("sumOfDyXhat")}) = <strong>${single(this.#at(fused.dx))}</strong></span></p>`;
  }

  #at(values: ArrayLike<number>): number {
    return values[indexAt(this.computed.layout, "elements", this.selection.cell)] as number;
  }

  #matrix(label: string, values: ArrayLike<number>, digits: number, extent: Extent = "elements") {
    return html`<bn-matrix .values=${values} extent=${extent} node="x"
      digits=${digits} label=${label}></bn-matrix>`;
  }

  #chosen(fused: Fused) {
    const { rest, formulas } = this.locale;
    const factor = this.over ?? this.#factor;
    const { factors, chosen, inIt } = rest.closedForm;
    const { name, words } = factors[factor];
    return html`
      <section class="factor" aria-label=${chosen}>
        <h2>${name}</h2>
        <p>${words}</p>
        <figure>
          <figcaption>${math(symbolsOf(formulas, this.computed.layout)[factor])} <span class="used">${single(this.#numberOf(fused, factor))}</span></figcaption>
          ${factor === "ratio" ? nothing : this.#matrix(inIt(name), fused.factors[factor], 3, extentOfFactor(factor))}
        </figure>
      </section>`;
  }

  #result({ dx }: Fused) {
    const { result, resultHeading, returned, together } = this.locale.rest.closedForm;
    return html`
      <section aria-label=${result}>
        <h2>${resultHeading(math(this.locale.formulas.partials.x))}</h2>
        <p>${returned(html`<span class="number" data-full>${inFull(this.#at(dx))}</span>`)}</p>
        <figure>
          <figcaption>${together}</figcaption>
          ${this.#matrix(result, dx, 3)}
        </figure>
      </section>`;
  }

  #distance({ dx, apart, ulps }: Fused) {
    const words = this.locale.rest.closedForm.apart;
    const [most, lost] = [largest(apart), apart.some(Number.isNaN)];
    if (this.made && (lost || most > kRounding * largest(dx))) return this.#wrong(this.made.id, apart, lost);
    const notReached = (id: string) =>
      words.notReached(html`<code>${id}</code>`, math(this.locale.formulas.partials.x));
    return html`
      <section aria-label=${words.title}>
        <h2>${words.heading}</h2>
        <p>${this.made ? notReached(this.made.id) : nothing} ${this.#told(ulps, dx)}</p>
        <figure>
          <figcaption>${words.inUlps}</figcaption>
          ${this.#matrix(words.inUlpsLabel, ulps, 1)}
        </figure>
      </section>`;
  }

  #told(ulps: Float64Array, dx: Float64Array) {
    const words = this.locale.rest.closedForm.apart;
    const { zero, within, most, at } = ulpsTold(ulps, kFew);
    const told = (text: string) => html`<span data-told>${text}</span>`;
    if (most === 0) return told(words.same(zero, ulps.length));
    const size = largest(Object.values(this.computed.trace.paths.x).map((path) => path[at] as number));
    const few = most > kFew ? { ulps: kFew, cells: within } : undefined;
    const cancels = few && size > 4 * Math.abs(dx[at] as number);
    return html`${words.where(told(words.counted(zero, ulps.length, few, formatFor(0, 1)(most))), this.#goTo(at))}
      ${cancels ? words.cancels(single(size), single(dx[at] as number)) : words.ulp}`;
  }

  #goTo(at: number) {
    const { layout } = this.computed;
    const choose = () => this.session.select("x", cellIn(layout.sheets.elements, at));
    return html`<button class="link" @click=${choose}>${this.locale.words.cells.place(placeOf(layout, "elements", at))}</button>`;
  }

  #wrong(id: string, apart: Float64Array, lost: boolean) {
    const words = this.locale.rest.closedForm.apart;
    const most = largest(apart);
    const at = apart.findIndex((value) => Math.abs(value) === most);
    const size = Math.abs(most) < 1e-4 ? scientific(most) : single(most);
    return html`
      <section aria-label=${words.title}>
        <h2>${words.wrong}</h2>
        <p><span data-told>${words.wrongWords(html`<code>${id}</code>`)}</span>${lost ? words.otherShape : words.upTo(size, this.#goTo(at))}</p>
        <figure>
          <figcaption>${words.difference}</figcaption>
          ${this.#matrix(words.differenceLabel, apart, 3)}
        </figure>
      </section>`;
  }

  /** Why it is faster: the number of passes over the batch in each way. */
  #passes({ graph }: Computed) {
    const { labels, rest, formulas } = this.locale;
    const words = rest.closedForm.passes;
    const isMatrix = (id: NodeId) => extentOf(graph, id) === "elements";
    const staged = graph.edges.filter(({ from, to }) => isMatrix(from) || isMatrix(to)).reverse();
    const done = (at: number) => (this.passes === undefined || at < this.passes ? "pass done" : "pass");
    const lane = (name: string, signs: readonly string[]) => html`
      <tr role="row"><th role="rowheader" scope="row">${name}</th>
        <td role="cell"><span class="lane" aria-hidden="true">${signs.map((sign, at) => html`<span class=${done(at)}>${sign}</span>`)}</span></td>
        <td role="cell">${words.count(signs.length)}</td></tr>`;
    return html`
      <section class="why" aria-label=${words.title}>
        <h2>${words.title}<button class="link play screen-only" @click=${() => this.#play(staged.length)}>${words.play}</button></h2>
        <table role="table">
          ${lane(words.closedForm, [this.#hasMean ? "Σ, Σ" : "Σ", labels.dx])}
          ${lane(
            words.staged,
            staged.map(({ to }) =>
              kGateSigns[nodeIn(graph, to).gate].replace("N", this.computed.layout.size),
            ),
          )}
        </table>
        <p>${words.why(math(formulas.partials.x), staged.length)}</p>
      </section>`;
  }

  #play(last: number) {
    clearInterval(this.#playing);
    this.passes = 0;
    this.#playing = setInterval(() => {
      this.passes = (this.passes as number) + 1;
      if (this.passes < last) return;
      clearInterval(this.#playing);
      this.passes = undefined; // all passes are done
    }, kTempo);
  }
}

/** How each factor is written. Where gamma varies in a group, the gradient of x̂ takes the place of dy. */
function symbolsOf({ symbols, partials }: Formulas, setting: Setting): Readonly<Record<Factor, Formula>> {
  const isBatch = setting.norm === "batch";
  const n = countOfGroup(setting);
  const upstream = partials[isBatch ? "y" : "xhat"];
  const spread = setting.norm === "rms" ? symbols.rms : symbols.std;
  return {
    scale: frac(isBatch ? symbols.gamma : digit(1), row(n, mo("·"), spread)),
    dy: row(n, mo("·"), upstream),
    sumOfDy: sum(sub(upstream, "i")),
    ratio: frac(n, divisorOf(setting, 1)),
    xhat: symbols.xhat,
    sumOfDyXhat: sum(sub(upstream, "i"), mo("·"), sub(symbols.xhat, "i")),
  };
}

customElements.define("bn-closed-form", BnClosedForm);
