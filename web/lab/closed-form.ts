import { html, LitElement, mathml, nothing, type PropertyValues } from "lit";
import type { Backnorm, Mistake } from "../src/index.ts";
import { closedFormStyles } from "./closed-form-styles.ts";
import { loadWhole } from "./engine.ts";
import { type Math as Formula, frac, kSymbols, math, mo, n, partial, row, sub, sum } from "./formulas.ts";
import { type Factor, type Fused, fusedOf } from "./fused.ts";
import "./matrix.ts";
import { kNodeViews } from "./nodes.ts";
import { formatFor, inFull, largest, scientific, single } from "./numbers.ts";
import { type Cell, type Computed, SelectEvent, type Selection } from "./selection.ts";
import { panelText, tokens } from "./theme.ts";
import { ulpsTold } from "./ulps.ts";

interface FactorView {
  symbol: Formula;
  name: string;
  /** What it is in the network's terms. */
  words: string;
}

const one = mathml`<mn>1</mn>`;
const kViews: Readonly<Record<Factor, FactorView>> = {
  scale: {
    symbol: frac(kSymbols.gamma, row(n, mo("·"), kSymbols.std)),
    name: "The scale",
    words: "What a change of x is worth in y as long as μ and σ stay: γ over the standard deviation.",
  },
  dy: {
    symbol: row(n, mo("·"), partial("y")),
    name: "What comes back",
    words: "The direct path: the gradient from above. It is taken N times, since the scale is over N.",
  },
  sumOfDy: {
    symbol: sum(sub(partial("y"), "i")),
    name: "The column’s total, ∂β",
    words:
      "The path through the mean. What all rows share is taken away, since the mean takes it out of x: ∂x sums to 0.",
  },
  ratio: {
    symbol: frac(n, row(n, mo("−"), one)),
    name: "The correction",
    words: "The variance is divided by N − 1 here, so that its path weighs a little more.",
  },
  xhat: {
    symbol: kSymbols.xhat,
    name: "The normalized batch",
    words: "The direction in which x moves the variance: the rows far from the mean move it most.",
  },
  sumOfDyXhat: {
    symbol: sum(sub(partial("y"), "i"), mo("·"), sub(kSymbols.xhat, "i")),
    name: "How much of ∂y lies along x̂, ∂γ",
    words:
      "The path through the variance. What would only stretch the column is taken away, since the variance takes it out of x.",
  },
};

/** Beside the largest |dx|: more than this is no rounding any more. */
const kRounding = 1e-9;
/** A few ulps. */
const kFew = 4;
/** Milliseconds that one pass takes when they are played. */
const kTempo = 200;

/** dx as one formula, as the fast kernel has it: what each factor is, and how far it lies from the staged result. */
export class BnClosedForm extends LitElement {
  static override properties = {
    computed: { attribute: false },
    selection: { attribute: false },
    mistake: { attribute: false },
    bn: { state: true },
    factor: { state: true },
    over: { state: true },
    passes: { state: true },
  };
  declare computed: Computed;
  declare selection: Selection;
  declare mistake: Mistake | undefined;
  declare bn: Backnorm | undefined;
  /** The chosen factor, and the one under the pointer. */
  declare factor: Factor;
  declare over: Factor | undefined;
  /** How many passes are done, while they are played. */
  declare passes: number | undefined;

  #fused: Fused | undefined;
  #playing: ReturnType<typeof setInterval> | undefined;

  static override styles = [tokens, panelText, closedFormStyles];

  constructor() {
    super();
    this.factor = "scale";
  }

  override connectedCallback() {
    super.connectedCallback();
    // the lens has waited for it
    loadWhole().then((bn) => {
      this.bn = bn;
    });
  }

  override disconnectedCallback() {
    clearInterval(this.#playing);
    this.passes = undefined;
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (this.bn && (changed.has("computed") || changed.has("bn")))
      this.#fused = fusedOf(this.bn, this.computed);
    if (this.factor === "ratio" && !this.computed.kase.ddof) this.factor = "scale";
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
      ${this.#passes(this.bn as Backnorm)}`;
  }

  /** The formula, each factor of it a button. */
  #formula() {
    const part = (factor: Factor) => html`
      <button class=${this.over === factor ? "part over" : "part"} aria-pressed=${this.factor === factor} data-factor=${factor}
        aria-label=${`${kViews[factor].name}. ${kViews[factor].words}`}
        @mouseenter=${() => (this.over = factor)} @mouseleave=${() => (this.over = undefined)}
        @focus=${() => (this.factor = factor)} @click=${() => (this.factor = factor)}>${formulaOf(factor)}</button>`;
    const sign = (text: string) => html`<span class="sign">${text}</span>`;
    return html`
      <div class="formula" role="group" aria-label="The closed form of ∂x, factor by factor">
        <span class="left">${math(partial("x"))}</span>${sign("=")}${part("scale")}${sign("·")}
        <span class="inside">${sign("(")}${part("dy")}${sign("−")}${part("sumOfDy")}${sign("−")}${
          this.computed.kase.ddof ? html`${part("ratio")}${sign("·")}` : nothing
        }${part("xhat")}${sign("·")}${part("sumOfDyXhat")}${sign(")")}</span>
      </div>`;
  }

  /** The number of a factor at the chosen cell. */
  #numberOf({ factors }: Fused, factor: Factor): number {
    const values = factors[factor];
    const { rows, columns } = this.computed;
    const { row: r, column } = this.selection.cell;
    if (factor === "ratio") return values[0] as number;
    return values[values.length === rows * columns ? r * columns + column : column] as number;
  }

  #arithmetic(fused: Fused) {
    const { row: r, column } = this.selection.cell;
    const number = (factor: Factor) => {
      const value = this.#numberOf(fused, factor);
      const text =
        factor === "ratio" || value >= 0 || factor === "scale" || factor === "dy"
          ? single(value)
          : `(${single(value)})`;
      return html`<span class=${(this.over ?? this.factor) === factor ? "here" : ""} data-number=${factor}>${text}</span>`;
    };
    return html`
      <p class="arithmetic"><span class="place">row ${r + 1}, column ${column + 1}</span>
        <span class="numbers">${number("scale")} · (${number("dy")} − ${number("sumOfDy")} − ${
          this.computed.kase.ddof ? html`${number("ratio")} · ` : nothing
        }${number("xhat")} · ${number("sumOfDyXhat")}) = <strong>${single(this.#at(fused.dx))}</strong></span></p>`;
  }

  #at(values: ArrayLike<number>): number {
    const { row: r, column } = this.selection.cell;
    return values[r * this.computed.columns + column] as number;
  }

  #matrix(label: string, values: ArrayLike<number>, digits: number) {
    return html`<bn-matrix .values=${values} .columns=${this.computed.columns} .cell=${this.selection.cell} node="x"
      digits=${digits} label=${label}></bn-matrix>`;
  }

  #chosen(fused: Fused) {
    const factor = this.over ?? this.factor;
    const { symbol, name, words } = kViews[factor];
    const values = fused.factors[factor];
    return html`
      <section class="factor" aria-label="The chosen factor">
        <h2>${name}</h2>
        <p>${words}</p>
        <figure>
          <figcaption>${math(symbol)} <span class="used">${single(this.#numberOf(fused, factor))}</span></figcaption>
          ${factor === "ratio" ? nothing : this.#matrix(`${name}, in the closed form`, values, 3)}
        </figure>
      </section>`;
  }

  #result({ dx }: Fused) {
    return html`
      <section aria-label="∂x by the closed form">
        <h2>${math(partial("x"))} by the closed form</h2>
        <p>What the fast kernel returns. The chosen cell: <span class="number" data-full>${inFull(this.#at(dx))}</span></p>
        <figure>
          <figcaption>all factors together</figcaption>
          ${this.#matrix("∂x by the closed form", dx, 3)}
        </figure>
      </section>`;
  }

  #distance({ dx, apart, ulps }: Fused) {
    const [most, lost] = [largest(apart), apart.some(Number.isNaN)];
    if (this.mistake && (lost || most > kRounding * largest(dx)))
      return this.#wrong(this.mistake.id, apart, lost);
    return html`
      <section aria-label="How far the staged result lies from it">
        <h2>The staged result beside it</h2>
        <p>${this.mistake ? html`The mistake <code>${this.mistake.id}</code> does not reach ${math(partial("x"))}. ` : nothing}${this.#told(ulps, dx)}</p>
        <figure>
          <figcaption>staged − closed form, in ulps</figcaption>
          ${this.#matrix("staged minus closed form, in ulps", ulps, 1)}
        </figure>
      </section>`;
  }

  #told(ulps: Float64Array, dx: Float64Array) {
    const { zero, within, most, at } = ulpsTold(ulps, kFew);
    const { columns } = this.computed;
    const count = `0 ulp in ${zero} of ${ulps.length} cells`;
    if (most === 0) return html`<span data-told>${count}: the same numbers, every digit.</span>`;
    const cell = { row: Math.floor(at / columns), column: at % columns };
    const { direct, throughVar, throughMean } = this.computed.trace.paths.x;
    const size = largest([direct, throughVar, throughMean].map((path) => path[at] as number));
    const few = most > kFew ? `, up to ${kFew} in ${within}` : "";
    const cancels = most > kFew && size > 4 * Math.abs(dx[at] as number);
    return html`<span data-told>${count}${few}, at most ${formatFor(0, 1)(most)}</span>, in ${this.#goTo(cell)}.
      ${cancels ? `There terms as large as ${single(size)} leave ${single(dx[at] as number)}: rounding stays, and an ulp shrinks with what is left.` : "An ulp is the distance to the next number that float64 has."}`;
  }

  #goTo(cell: Cell) {
    return html`<button class="link" @click=${() => this.dispatchEvent(new SelectEvent("x", cell))}>row ${cell.row + 1}, column ${cell.column + 1}</button>`;
  }

  #wrong(id: string, apart: Float64Array, lost: boolean) {
    const most = largest(apart);
    const at = apart.findIndex((value) => Math.abs(value) === most);
    const { columns } = this.computed;
    const where = { row: Math.floor(at / columns), column: at % columns };
    return html`
      <section aria-label="How far the staged result lies from it">
        <h2>The staged result is wrong</h2>
        <p><span data-told>The closed form is right; the staged pass has the mistake <code>${id}</code></span>${
          lost
            ? ", and returns an array of another shape."
            : html`: up to ${Math.abs(most) < 1e-4 ? scientific(most) : single(most)} apart, in ${this.#goTo(where)}.`
        }</p>
        <figure>
          <figcaption>staged − closed form</figcaption>
          ${this.#matrix("staged minus closed form", apart, 3)}
        </figure>
      </section>`;
  }

  /** Why it is faster: how often either way goes through the batch. */
  #passes({ graph }: Backnorm) {
    const isMatrix = (id: string) => graph.nodes.find((node) => node.id === id)?.extent === "matrix";
    const staged = graph.edges.filter(({ from, to }) => isMatrix(from) || isMatrix(to)).reverse();
    const done = (at: number) => (this.passes === undefined || at < this.passes ? "pass done" : "pass");
    const lane = (name: string, signs: readonly string[]) => html`
      <tr role="row"><th role="rowheader" scope="row">${name}</th>
        <td role="cell"><span class="lane" aria-hidden="true">${signs.map((sign, at) => html`<span class=${done(at)}>${sign}</span>`)}</span></td>
        <td role="cell">${signs.length} passes</td></tr>`;
    return html`
      <section class="why" aria-label="Why it is faster">
        <h2>Why it is faster<button class="link play" @click=${() => this.#play(staged.length)}>Play</button></h2>
        <table role="table">
          ${lane("closed form", ["Σ, Σ", "∂x"])}
          ${lane(
            "staged",
            staged.map(({ to }) => kNodeViews[to].gate),
          )}
        </table>
        <p>It goes through the batch twice, once for the two sums and once for ${math(partial("x"))}. The staged pass goes
          through it ${staged.length} times, once for each edge of the graph that has all N rows, and writes down what each brings back.</p>
      </section>`;
  }

  #play(last: number) {
    clearInterval(this.#playing);
    this.passes = 0;
    this.#playing = setInterval(() => {
      this.passes = (this.passes as number) + 1;
      if (this.passes < last) return;
      clearInterval(this.#playing);
      this.passes = undefined; // all of them are done
    }, kTempo);
  }
}

const formulaOf = (factor: Factor) => html`<math displaystyle="true">${kViews[factor].symbol}</math>`;

customElements.define("bn-closed-form", BnClosedForm);
