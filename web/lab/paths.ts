import { html, LitElement, mathml, nothing, type PropertyValues } from "lit";
import type { Checker } from "../src/checker.ts";
import type { Case, Mistake, Trace } from "../src/index.ts";
import {
  centredSumIsZero,
  type Ddof,
  divisors,
  equation,
  type Math as Formula,
  formula,
  frac,
  group,
  kLaws,
  kSymbols,
  math,
  mo,
  partial,
  pathFormulas,
  row,
  sub,
  sum,
  terms,
} from "./formulas.ts";
import "./matrix.ts";
import { formatFor, largest, scientific, single } from "./numbers.ts";
import {
  brokenIn,
  kPaths,
  type Law,
  type Left,
  leftWithout,
  mistakeWithout,
  type Path,
  pathsLeftOut,
} from "./path-laws.ts";
import { pathsStyles } from "./paths-styles.ts";
import { type Cell, type Computed, MistakeEvent, nodeTrace, type Selection } from "./selection.ts";
import { panelText, tokens } from "./theme.ts";
import { verdictMark, verdictStyles } from "./verdict.ts";

const kNames: Readonly<Record<Path, string>> = {
  direct: "direct",
  throughVar: "through the variance",
  throughMean: "through the mean",
};

/** dx as three matrices that add up, one for each way back from x̂ to x; each can be left out. */
export class BnPaths extends LitElement {
  static override properties = {
    computed: { attribute: false },
    selection: { attribute: false },
    bn: { attribute: false },
    mistake: { attribute: false },
    off: { state: true },
    over: { state: true },
  };
  declare computed: Computed;
  declare selection: Selection;
  declare bn: Checker;
  declare mistake: Mistake | undefined;
  /** The paths that are left out. */
  declare off: ReadonlySet<Path>;
  /** The cell under the pointer. */
  declare over: Cell | undefined;

  /** The trace without the mistake, for one that leaves out a path: what it leaves out is to be seen. */
  #right: { kase: Case<Float64Array>; trace: Trace<Float64Array> } | undefined;

  /** What the matrices show. A cell that is chosen or pointed at changes nothing of it. */
  #left!: Left;

  static override styles = [tokens, panelText, verdictStyles, pathsStyles];

  constructor() {
    super();
    this.off = new Set();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has("mistake")) {
      const before = pathsLeftOut(changed.get("mistake")?.id);
      const made = pathsLeftOut(this.mistake?.id);
      if (made) this.off = made;
      else if (before && mistakeWithout(before) === mistakeWithout(this.off)) this.off = new Set();
    }
    if (changed.has("computed") || changed.has("mistake") || changed.has("off"))
      this.#left = leftWithout(this.computed, this.#trace(), this.off);
  }

  #trace(): Trace<Float64Array> {
    const { kase, trace } = this.computed;
    if (!pathsLeftOut(this.mistake?.id)) return trace;
    if (this.#right?.kase !== kase) this.#right = { kase, trace: this.bn.trace(kase) };
    return this.#right.trace;
  }

  #toggle(path: Path) {
    const off = new Set(this.off);
    if (!off.delete(path)) off.add(path);
    this.off = off;
    // made on the whole page, it would leave the path out here as well
    if (pathsLeftOut(this.mistake?.id)) this.dispatchEvent(new MistakeEvent(""));
  }

  protected override render() {
    return html`
      <div class="sum" @mouseover=${this.#enter} @mouseleave=${this.#leave}>
        ${kPaths.map((path, at) => this.#path(path, at > 0))}
        ${this.#result()}
      </div>
      ${this.#arithmetic()}
      <section aria-label="What ∂x obeys">${this.#laws()}</section>
      <section aria-label="The gradient of μ by its two paths">${this.#mean()}</section>`;
  }

  #matrix(label: string, values: Float64Array, wrong?: ReadonlySet<number>) {
    return html`<bn-matrix .values=${values} .columns=${this.computed.columns} .most=${this.#left.most} .wrong=${wrong}
      .cell=${this.selection.cell} node="x" digits="3" label=${label}></bn-matrix>`;
  }

  #path(path: Path, plus: boolean) {
    const isOn = !this.off.has(path);
    return html`
      <div class=${isOn ? "term" : "term off"}>
        ${plus ? html`<span class="operator">+</span>` : nothing}
        <figure>
          <figcaption>
            <button class="switch" aria-pressed=${isOn} data-path=${path} @click=${() => this.#toggle(path)}>
              <span class="knob" aria-hidden="true"></span>${kNames[path]}<span class="state">${isOn ? "" : "left out"}</span></button>
            <span class="formula">${math(pathFormulas(this.#ddof)[path])}</span>
          </figcaption>
          ${this.#matrix(`${kNames[path]} of the gradient of x`, this.#left.paths[path])}
        </figure>
      </div>`;
  }

  #result() {
    const { dx, wrong } = this.#left;
    const count =
      wrong.size === dx.length ? "every cell is wrong" : `${wrong.size} of ${dx.length} cells are wrong`;
    return html`
      <div class="term">
        <span class="operator">${this.#left.addsUp ? "=" : "≠"}</span>
        <figure>
          <figcaption>
            <span class="name">${this.off.size > 0 ? "what is left" : "the gradient"}</span>
            <span class="formula">${math(partial("x"))}${this.off.size > 0 ? html`<span class="count">${count}</span>` : nothing}</span>
          </figcaption>
          ${this.#matrix("the gradient of x", dx, wrong)}
        </figure>
      </div>`;
  }

  get #ddof(): Ddof {
    return this.computed.kase.ddof ?? 0;
  }

  #enter(event: MouseEvent) {
    const [inner] = event.composedPath();
    const at = (inner as HTMLElement).closest?.<HTMLElement>("[data-at]")?.dataset["at"];
    const { columns } = this.computed;
    this.over =
      at === undefined ? undefined : { row: Math.floor(Number(at) / columns), column: Number(at) % columns };
  }

  #leave() {
    this.over = undefined;
  }

  /** The cell under the pointer, or the chosen one: its three numbers and what they come to. */
  #arithmetic() {
    const { paths, dx } = this.#left;
    const { rows, columns } = this.computed;
    const cell = this.over ?? this.selection.cell;
    const at = Math.min(cell.row, rows - 1) * columns + Math.min(cell.column, columns - 1);
    const values = kPaths.map((path) => paths[path][at] as number);
    const format = formatFor(largest([...values, dx[at] as number]));
    const written = (value: number, first: boolean) =>
      value < 0 && !first ? `(${format(value)})` : format(value);
    return html`
      <p class="arithmetic"><span class="place">row ${cell.row + 1}, column ${cell.column + 1}</span>
        <span class="numbers">${kPaths.map((path, i) => {
          const text = written(values[i] as number, i === 0);
          return html`${i > 0 ? html`<span class="plus"> + </span>` : nothing}${this.off.has(path) ? html`<s>${text}</s>` : html`<span>${text}</span>`}`;
        })}<span class="plus"> ${this.#left.addsUp ? "=" : "≠"} </span><strong>${format(dx[at] as number)}</strong></span>
      </p>`;
  }

  /** What ∂x obeys whatever the numbers are, and what becomes of it. */
  #laws() {
    const { sumOfDx, sumOfDxXhat } = this.#left.laws;
    return html`
      <h2>What ${math(partial("x"))} obeys<span>whatever the numbers are</span></h2>
      <table role="table">
        ${this.#law(kLaws.sumOfDx, sumOfDx)}
        ${this.#law(kLaws.sumOfDxXhat, sumOfDxXhat)}
      </table>
      <div class="beside">${this.#whatBreaks()}</div>`;
  }

  #law(law: Formula, { sum, belongs, bound }: Law) {
    const { columns } = this.computed;
    const { column } = this.selection.cell;
    const broken = brokenIn({ sum, belongs, bound });
    const state = broken === undefined ? "pending" : broken.length > 0 ? "fail" : "pass";
    const [is, should] = [sum[column] as number, belongs[column] as number];
    return html`
      <tr role="row">
        <th role="rowheader" scope="row">${math(law)}</th>
        <td role="cell">column ${column + 1}: <span class="number">${small(is)}</span>, should be <span class="number">${small(should)}</span></td>
        <td role="cell"><span class=${`chip ${state}`}>
          <svg viewBox="-9 -9 18 18" width="16" height="16" aria-hidden="true">${verdictMark(state)}</svg>
          ${broken === undefined ? "checking …" : broken.length > 0 ? `broken in ${broken.length} of ${columns} columns` : "holds"}</span></td>
      </tr>`;
  }

  #whatBreaks() {
    const { wrong, addsUp } = this.#left;
    if (this.off.size === 0)
      return addsUp
        ? html`<p>Switch a path off, above, to see what breaks.</p>`
        : html`<p>With this mistake, ${math(partial("x"))} is not what its three paths add up to.</p>`;
    const id = mistakeWithout(this.off);
    const left = kPaths.filter((path) => this.off.has(path)).map((path) => kNames[path]);
    const without = `Without ${left.length > 1 ? "the paths" : "the path"} ${left.join(" and ")}`;
    if (this.mistake && pathsLeftOut(this.mistake.id))
      return html`<p>${without}: the mistake <code>${this.mistake.id}</code>, made on the whole page.
        <button class="link" @click=${() => this.dispatchEvent(new MistakeEvent(""))}>Make none</button></p>`;
    if (!id) return html`<p>${without}, nothing comes back to x.</p>`;
    const harmless =
      wrong.size === 0 ? " On this case nothing is lost by it, so that it would not be noticed." : "";
    return html`<p>${without}: that is the mistake <code>${id}</code>.${harmless}
      <button class="link" data-make=${id} @click=${() => this.dispatchEvent(new MistakeEvent(id))}>Make it on the whole page</button></p>`;
  }

  /** ∂μ by its two paths, the second of which is 0 whatever the numbers are. */
  #mean() {
    const { trace, centred } = this.#left;
    const { direct, throughVar } = trace.paths.mean;
    const { columns } = this.computed;
    const { column } = this.selection.cell;
    const dmean = nodeTrace({ ...this.computed, trace }, "mean").grad;
    const { sum: total, bound, terms: each } = centred[column] as (typeof centred)[number];
    const got = throughVar[column] as number;
    const most = largest(dmean);
    // a sum over N rows, which the pass may make in another order
    const rounding = this.computed.rows ** 2 * Number.EPSILON * largest(trace.paths.x.direct);
    const same = dmean.every((value, at) => Math.abs(value - (direct[at] as number)) <= rounding);
    const strip = (label: string, values: Float64Array) => html`
      <bn-matrix .values=${values} .columns=${columns} .most=${most} .cell=${this.selection.cell} node="mean" digits="3"
        label=${label}></bn-matrix>`;
    const formulas = meanPathFormulas(this.#ddof);
    return html`
      <h2>${math(partial("mean"))} has two paths<span>the second brings 0</span></h2>
      <div class="mean">
        <figure><figcaption><span class="name">direct</span><span class="formula">${math(formulas.direct)}</span></figcaption>
          ${strip("direct of the gradient of μ", direct)}</figure>
        <div class="term"><span class="operator">+</span>
          <figure><figcaption><span class="name">through the variance</span><span class="formula">${math(formulas.throughVar)}</span></figcaption>
            <p class="zero">0</p></figure></div>
        <div class="term"><span class="operator">${same ? "=" : "≠"}</span>
          <figure><figcaption><span class="name">the gradient</span><span class="formula">${math(partial("mean"))}</span></figcaption>
            ${strip("the gradient of μ", dmean)}</figure></div>
      </div>
      <div class="beside">
        <p>It carries the factor ${math(centredSumIsZero)}, since μ is the mean. In column ${column + 1}:</p>
        <div class="reason" tabindex="0">${formula(equation(row(...terms(each)), mathml`<mn>0</mn>`))}</div>
        <p>As computed, the sum is <span class="number" data-sum>${scientific(total)}</span>: ${
          total === 0
            ? "nothing was left of rounding"
            : `all of it rounding, which explains up to ${scientific(bound)}`
        }. ${
          Number.isFinite(got)
            ? html`The pass got <span class="number">${scientific(got)}</span> for this path, beside
              ${math(partial("mean"))} = <span class="number">${single(dmean[column] as number)}</span>. That is why it is called 0.`
            : html`The pass has no number for this path, since it has none for ${math(partial("var"))}.`
        }</p>
      </div>`;
  }
}

/** A sum in a law: 0 or near it, or a number like the others. */
const small = (value: number) => (Math.abs(value) < 1e-4 ? scientific(value) : single(value));

/** ∂μ by each of its paths. */
const meanPathFormulas = (ddof: Ddof) => ({
  direct: row(mo("−"), sum(frac(sub(partial("xhat"), "i"), kSymbols.std))),
  throughVar: row(
    partial("var"),
    mo("·"),
    frac(mathml`<mn>−2</mn>`, divisors[ddof]),
    sum(group(sub(kSymbols.x, "i"), mo("−"), kSymbols.mean)),
  ),
});

customElements.define("bn-paths", BnPaths);
