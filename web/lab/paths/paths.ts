import { html, nothing, type PropertyValues } from "lit";
import type { Backnorm, Mistake, Trace } from "../../src/index.ts";
import type { Ddof } from "../maths/formulas.ts";
import { type Path, pathsOf } from "../maths/graph-facts.ts";
import { digit, display, equation, type Formula, math, row } from "../maths/mathml.ts";
import type { PageCase } from "../maths/norms.ts";
import { terms } from "../maths/written.ts";
import { fromSession, Panel } from "../session/panel.ts";
import type { Locale } from "../words/locale.ts";
import "../grid/matrix.ts";
import { formatFor, largest, scientific, single } from "../base/numbers.ts";
import { type Computed, nodeTrace } from "../maths/computed.ts";
import { type Cell, cellIn, indexAt, placeOf } from "../maths/layout.ts";
import { kLaws } from "../model/laws.ts";
import type { Selection } from "../model/selection.ts";
import { unjudged } from "../model/shown-verdict.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import { verdictChip, verdictStyles } from "../ui/verdict.ts";
import {
  brokenIn,
  centredSum,
  type Law,
  type Left,
  leftWithout,
  mistakeWithout,
  pathsLeftOut,
} from "./laws.ts";
import { pathsStyles } from "./styles.ts";

/** dx as a sum of matrices, one for each path back from x̂ to x. Each can be switched off. */
export class BnPaths extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "selection", "bn", "made", "off"),
    over: { state: true },
  };
  declare locale: Locale;
  declare computed: Computed;
  declare selection: Selection;
  declare bn: Backnorm;
  declare made: Mistake | undefined;
  /** The paths switched off here, unless a mistake leaves out others. */
  declare off: ReadonlySet<Path>;
  /** The cell under the pointer. */
  declare over: Cell | undefined;

  /** The trace without the mistake, if the mistake leaves out a path, so that the path can be shown. */
  #right: { kase: PageCase; trace: Trace<Float64Array> } | undefined;

  /** What the matrices show. It does not depend on the cell that is chosen or under the pointer. */
  #left!: Left;

  static override styles = [tokens, controls, panelText, verdictStyles, pathsStyles];

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has("computed") || changed.has("made") || changed.has("off"))
      this.#left = leftWithout(this.computed, this.#trace(), this.#off);
  }

  /** A mistake that is switched on for the whole page leaves out its paths here too. */
  get #off(): ReadonlySet<Path> {
    return pathsLeftOut(this.made?.id) ?? this.off;
  }

  #trace(): Trace<Float64Array> {
    const { kase, trace } = this.computed;
    if (!pathsLeftOut(this.made?.id)) return trace;
    if (this.#right?.kase !== kase) this.#right = { kase, trace: this.bn.trace(kase) };
    return this.#right.trace;
  }

  #toggle(path: Path) {
    const off = new Set(this.#off);
    if (!off.delete(path)) off.add(path);
    this.session.choose({ off });
    // a mistake on the whole page would leave out the path here too
    if (pathsLeftOut(this.made?.id)) this.session.chooseMistake("");
  }

  protected override render() {
    const { laws, mean } = this.locale.rest.paths;
    return html`
      <div class="sum" @mouseover=${this.#enter} @mouseleave=${this.#leave}>
        ${this.#all.map((path, at) => this.#path(path, at > 0))}
        ${this.#result()}
      </div>
      ${this.#arithmetic()}
      <section aria-label=${laws.title}>${this.#laws()}</section>
      ${this.computed.graph.paths.some(({ to }) => to === "mean") ? html`<section aria-label=${mean.title}>${this.#mean()}</section>` : nothing}`;
  }

  #matrix(label: string, values: Float64Array, wrong?: ReadonlySet<number>) {
    return html`<bn-matrix .values=${values} extent="elements" .most=${this.#left.most} .wrong=${wrong}
      node="x" digits="3" label=${label}></bn-matrix>`;
  }

  #path(path: Path, plus: boolean) {
    const { labels, rest, formulas } = this.locale;
    const { names, leftOut, ofGradient } = rest.paths;
    const formula = formulas.paths("x", this.#ddof)[this.#all.indexOf(path)] as Formula;
    const isOn = !this.#off.has(path);
    return html`
      <div class=${isOn ? "term" : "term off"}>
        ${plus ? html`<span class="operator">+</span>` : nothing}
        <figure>
          <figcaption>
            <button class="switch" aria-pressed=${isOn} data-path=${path} @click=${() => this.#toggle(path)}>
              <span class="knob" aria-hidden="true"></span>${names[path]}<span class="state">${isOn ? "" : leftOut}</span></button>
            <span class="formula">${math(formula)}</span>
          </figcaption>
          ${this.#matrix(ofGradient(names[path], labels.x), this.#left.paths[path])}
        </figure>
      </div>`;
  }

  #result() {
    const { dx, wrong } = this.#left;
    const { labels, rest, formulas } = this.locale;
    const { whatIsLeft, theGradient, gradientOf, wrongCells } = rest.paths;
    const lacks = this.#all.some((path) => this.#off.has(path));
    return html`
      <div class="term">
        <span class="operator">${this.#left.addsUp ? "=" : "≠"}</span>
        <figure>
          <figcaption>
            <span class="name">${lacks ? whatIsLeft : theGradient}</span>
            <span class="formula">${math(formulas.partials.x)}${lacks ? html`<span class="count">${wrongCells(wrong.size, dx.length)}</span>` : nothing}</span>
          </figcaption>
          ${this.#matrix(gradientOf(labels.x), dx, wrong)}
        </figure>
      </div>`;
  }

  /** The paths of the graph. */
  get #all(): Path[] {
    return pathsOf(this.computed.graph);
  }

  get #ddof(): Ddof {
    return this.computed.kase.ddof ?? 0;
  }

  #enter(event: MouseEvent) {
    const [inner] = event.composedPath();
    const at = (inner as HTMLElement).closest?.<HTMLElement>("[data-at]")?.dataset["at"];
    this.over = at === undefined ? undefined : cellIn(this.computed.layout.sheets.elements, Number(at));
  }

  #leave() {
    this.over = undefined;
  }

  /** The cell under the pointer, or the chosen one: its three numbers and their sum. */
  #arithmetic() {
    const { paths, dx } = this.#left;
    const { layout } = this.computed;
    const { rows, columns } = layout.sheets.elements;
    const cell = this.over ?? this.selection.cell;
    const at = Math.min(cell.row, rows - 1) * columns + Math.min(cell.column, columns - 1);
    const values = this.#all.map((path) => paths[path][at] as number);
    const format = formatFor(largest([...values, dx[at] as number]));
    const written = (value: number, first: boolean) =>
      value < 0 && !first ? `(${format(value)})` : format(value);
    return html`
      <p class="arithmetic"><span class="place">${this.locale.words.cells.place(placeOf(layout, "elements", at))}</span>
        <span class="numbers">${this.#all.map((path, i) => {
          const text = written(values[i] as number, i === 0);
          return html`${i > 0 ? html`<span class="plus"> + </span>` : nothing}${this.#off.has(path) ? html`<s>${text}</s>` : html`<span>${text}</span>`}`;
        })}<span class="plus"> ${this.#left.addsUp ? "=" : "≠"} </span><strong>${format(dx[at] as number)}</strong></span>
      </p>`;
  }

  /** The laws of dx, and which of them break. */
  #laws() {
    const { rest, formulas } = this.locale;
    const { heading, aside } = rest.paths.laws;
    const { laws } = this.#left;
    return html`
      <h2>${heading(math(formulas.partials.x))}<span>${aside}</span></h2>
      <table role="table">
        ${kLaws.map((name) => {
          const law = laws[name];
          return law ? this.#law(formulas.laws[name], law) : nothing;
        })}
      </table>
      <div class="beside">${this.#whatBreaks()}</div>`;
  }

  #law(law: Formula, { sum, belongs, bound }: Law) {
    const { words, rest } = this.locale;
    const { laws } = rest.paths;
    const { layout } = this.computed;
    const group = indexAt(layout, "statistics", this.selection.cell);
    const broken = brokenIn({ sum, belongs, bound });
    const open = unjudged(this.computed);
    const number = (value: number) => html`<span class="number">${small(value)}</span>`;
    const chip = !broken
      ? verdictChip(open, words.verdicts[open])
      : broken.length > 0
        ? verdictChip("fail", laws.broken(broken.length, layout.of.statistics))
        : verdictChip("pass", laws.holds);
    return html`
      <tr role="row">
        <th role="rowheader" scope="row"><div class="scrolls" tabindex="0">${math(law)}</div></th>
        <td role="cell">${laws.inGroup(words.cells.place(placeOf(layout, "statistics", group)), number(sum[group] as number), number(belongs[group] as number))}</td>
        <td role="cell">${chip}</td>
      </tr>`;
  }

  #whatBreaks() {
    const { laws } = this.locale.rest.paths;
    const { wrong, addsUp } = this.#left;
    const off = this.#all.filter((path) => this.#off.has(path));
    if (off.length === 0)
      return html`<p>${addsUp ? laws.switchOff : laws.otherwise(math(this.locale.formulas.partials.x))}</p>`;
    if (this.made && pathsLeftOut(this.made.id))
      return html`<p>${laws.made(off, html`<code>${this.made.id}</code>`)}
        <button class="link" @click=${() => this.session.chooseMistake("")}>${laws.makeNone}</button></p>`;
    const id = mistakeWithout(new Set(off));
    if (!id) return html`<p>${laws.nothingLeft(off)}</p>`;
    return html`<p>${laws.called(off, html`<code>${id}</code>`)} ${wrong.size === 0 ? laws.harmless : nothing}
      <button class="link" data-make=${id} @click=${() => this.session.chooseMistake(id)}>${laws.make}</button></p>`;
  }

  /** The mean's gradient by its two paths. The second is 0 for any numbers. */
  #mean() {
    const { words, rest, labels, formulas } = this.locale;
    const { names, theGradient, gradientOf, ofGradient, mean } = rest.paths;
    const { trace } = this.#left;
    const { direct, throughVar } = trace.paths.mean;
    const { layout } = this.computed;
    const group = indexAt(layout, "statistics", this.selection.cell);
    const dmean = nodeTrace({ ...this.computed, trace }, "mean").grad;
    const { sum: total, bound, terms: each } = centredSum(this.computed, trace, group);
    const got = throughVar[group] as number;
    const most = largest(dmean);
    // a sum over a group, which the pass may add in another order
    const rounding = layout.grouping.size ** 2 * Number.EPSILON * largest(trace.paths.x.direct);
    const same = dmean.every((value, at) => Math.abs(value - (direct[at] as number)) <= rounding);
    const strip = (label: string, values: Float64Array) => html`
      <bn-matrix .values=${values} extent="statistics" .most=${most} node="mean" digits="3"
        label=${label}></bn-matrix>`;
    const [byDirect, byVar] = formulas.paths("mean", this.#ddof) as [Formula, Formula];
    const dmu = math(formulas.partials.mean);
    const number = (text: string) => html`<span class="number">${text}</span>`;
    const computedSum = html`<span class="number" data-sum>${scientific(total)}</span>`;
    return html`
      <h2>${mean.heading(dmu)}<span>${mean.aside}</span></h2>
      <div class="mean">
        <figure><figcaption><span class="name">${names.direct}</span><span class="formula">${math(byDirect)}</span></figcaption>
          ${strip(ofGradient(names.direct, labels.mean), direct)}</figure>
        <div class="term"><span class="operator">+</span>
          <figure><figcaption><span class="name">${names.throughVar}</span><span class="formula">${math(byVar)}</span></figcaption>
            <p class="zero">0</p></figure></div>
        <div class="term"><span class="operator">${same ? "=" : "≠"}</span>
          <figure><figcaption><span class="name">${theGradient}</span><span class="formula">${dmu}</span></figcaption>
            ${strip(gradientOf(labels.mean), dmean)}</figure></div>
      </div>
      <div class="beside">
        <p>${mean.reason(math(formulas.vanishing("mean")), words.cells.place(placeOf(layout, "statistics", group)))}</p>
        <div class="reason scrolls" tabindex="0">${display(equation(row(...terms(each, words.formulas)), digit(0)))}</div>
        <p>${total === 0 ? mean.nothingRounded(computedSum) : mean.allRounding(computedSum, scientific(bound))}
          ${
            Number.isFinite(got)
              ? mean.got(number(scientific(got)), dmu, number(single(dmean[group] as number)))
              : mean.gotNone(math(formulas.partials.var))
          }</p>
      </div>`;
  }
}

/** A sum in a law: 0 or near 0, or as large as the other numbers. */
const small = (value: number) => (Math.abs(value) < 1e-4 ? scientific(value) : single(value));

customElements.define("bn-paths", BnPaths);
