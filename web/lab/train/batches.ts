import { html, nothing, type PropertyValues } from "lit";
import { live } from "lit/directives/live.js";
import type { Backnorm } from "../../src/index.ts";
import { resizeObserver } from "../base/layout-free.ts";
import { isFlat, type PageCase } from "../maths/norms.ts";
import type { Selection } from "../model/selection.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { chart, chartStyles } from "./chart.ts";
import { batchesStyles } from "./styles.ts";
import "../ui/knobs.ts";
import {
  bracketed,
  display,
  equation,
  type Formula,
  frac,
  mi,
  mn,
  mo,
  row,
  sqrt,
  sub,
} from "../maths/mathml.ts";
import type { Locale } from "../words/locale.ts";
import type { RestWords } from "../words/vocabulary.ts";
import "../grid/matrix.ts";
import { largest, readNumber, single } from "../base/numbers.ts";
import type { NotationId } from "../maths/notations.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import { type Convention, type Moments, momentsOf, type Training, train } from "./training.ts";

const kMostSteps = 200;
/** The time between two batches during play, in milliseconds. */
const kPace = 180;
const kSizes = [2, 4, 8, 16, 32, 64];

type ConventionId = keyof RestWords["batches"]["conventions"];
const kConventions: Readonly<Record<ConventionId, Convention>> = {
  pytorch: { momentum: 0.1, unbiased: true },
  cs231n: { momentum: 0.1, unbiased: false },
  keras: { momentum: 0.01, unbiased: false },
  fused: { momentum: 0.01, unbiased: true },
};
const kConventionIds = Object.keys(kConventions) as ConventionId[];

/** The names of the running variance in code; in the paper it has an index. */
const kRunningVar: Readonly<Record<Exclude<NotationId, "paper">, string>> = {
  cs231n: "running_var",
  kratzert: "running_var",
  makemore: "bnvar_running",
  pytorch: "running_var",
};

/** The result of a mode on the current batch. */
interface Passes {
  y: Float64Array;
  dx: Float64Array;
}

/** Training and eval mode: running statistics over batches of rows of x, and the result of each mode on x itself. */
export class BnBatches extends Panel {
  static override properties = {
    ...fromSession("locale", "kase", "selection", "bn"),
    convention: { state: true },
    size: { state: true },
    modes: { state: true },
    training: { state: true },
    playing: { state: true },
    refused: { state: true },
    width: { state: true },
  };
  declare kase: PageCase;
  declare selection: Selection;
  declare locale: Locale;
  declare bn: Backnorm;
  declare convention: Convention;
  /** The rows per batch. */
  declare size: number;
  /** For each step so far, whether it was in training mode. */
  declare modes: readonly boolean[];
  /** The mode of the next steps. */
  declare training: boolean;
  declare playing: boolean;
  /** What was typed for momentum, if it is not valid. */
  declare refused: string | undefined;
  /** The width of a chart. */
  declare width: number;

  #timer = 0;
  #past: Training | undefined;
  readonly #resized = resizeObserver(({ width }) => {
    this.width = Math.floor(width);
  });
  #observed: Element | null = null;

  static override styles = [tokens, controls, panelText, chartStyles, batchesStyles];

  constructor() {
    super();
    this.convention = { momentum: 0.1, unbiased: true };
    this.size = 4;
    this.modes = [];
    this.training = true;
    this.playing = false;
    this.width = 560;
  }

  override disconnectedCallback() {
    this.#pause();
    this.#resized.disconnect();
    this.#observed = null;
    super.disconnectedCallback();
  }

  /** Only batch norm of a matrix has running statistics here. The page removes the panel from other cases. */
  protected override shouldUpdate(): boolean {
    return isFlat(this.kase);
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const before = changed.get("kase");
    if (changed.has("kase") && before?.shape.join() !== this.kase.shape.join()) {
      this.#reset();
      const rows = this.kase.shape[0] as number;
      this.size = Math.min(Math.max(rows, 2), 32);
    }
    const moved = ["kase", "convention", "size", "modes"] as const;
    if (moved.some((name) => changed.has(name)))
      this.#past = train(this.bn, this.kase, this.convention, this.size, this.modes);
  }

  protected override updated() {
    const charts = this.renderRoot.querySelector(".picture");
    if (charts === this.#observed) return;
    this.#resized.disconnect();
    if (charts) this.#resized.observe(charts);
    this.#observed = charts;
  }

  protected override render() {
    const { bn } = this;
    const past = this.#past;
    if (!past) return nothing;
    return html`
      ${this.#bar()}
      ${this.#settings()}
      ${this.#charts(bn, past)}
      ${this.#modesBeside(bn, past.running.at(-1) as Moments)}`;
  }

  #bar() {
    const { playing, training, modes, locale } = this;
    const { batches } = locale.rest;
    const full = modes.length === kMostSteps;
    const mode = (value: boolean, word: string) => html`
      <label><input type="radio" name="mode" .checked=${live(training === value)} @change=${() => (this.training = value)} />${word}</label>`;
    return html`
      <div class="bar">
        <button class="control play" name="play" aria-disabled=${full} @click=${() => (playing ? this.#pause() : this.#play())}>${playing ? batches.pause : batches.play}</button>
        <button class="control" name="step" aria-disabled=${full} @click=${() => this.#step(1)}>${batches.step}</button>
        <button class="control" name="ten" aria-disabled=${full} @click=${() => this.#step(10)}>${batches.tenSteps}</button>
        <button class="control" name="reset" @click=${() => this.#reset()}>${batches.reset}</button>
        <output aria-live=${playing ? "off" : "polite"}>${full ? batches.full(kMostSteps) : batches.count(modes.length)}</output>
        <fieldset aria-label=${batches.mode}>${mode(true, batches.training)}${mode(false, batches.evaluation)}</fieldset>
      </div>`;
  }

  #settings() {
    const { convention, size, kase, refused, locale } = this;
    const { batches } = locale.rest;
    const rows = kase.shape[0] as number;
    const found = kConventionIds.find((id) => {
      const { momentum, unbiased } = kConventions[id];
      return momentum === convention.momentum && unbiased === convention.unbiased;
    });
    const known = found && batches.conventions[found];
    const sizes = [...new Set([...kSizes, Math.min(Math.max(rows, 2), 256)])].sort((a, b) => a - b);
    const divisor = (unbiased: boolean, text: string) => html`
      <label><input type="radio" name="unbiased" .checked=${live(convention.unbiased === unbiased)}
        @change=${() => this.#take({ unbiased })} />${text}</label>`;
    return html`
      <div class="settings">
        <label><span class="name">${batches.convention}</span>
          <span class="both"><select class="control" name="convention" @change=${this.#adopt}>
            ${found ? nothing : html`<option value="" .selected=${true}>${batches.own}</option>`}
            ${kConventionIds.map((id) => html`<option value=${id} .selected=${id === found}>${batches.conventions[id].title}</option>`)}
          </select></span>
        </label>
        <div>
          <label class="name" for="momentum">${batches.share}</label>
          <div class="both">
            <input class="field" id="momentum" name="momentum" inputmode="decimal" autocomplete="off" aria-invalid=${refused !== undefined}
              .value=${live(refused ?? String(convention.momentum))} @change=${this.#typeMomentum} @keydown=${this.#restore} />
            <input type="range" aria-label=${batches.momentum} min="0" max="1" step="0.01" .value=${live(String(convention.momentum))}
              @input=${(event: Event) => this.#take({ momentum: Number((event.target as HTMLInputElement).value) })} />
          </div>
          ${refused === undefined ? nothing : html`<p role="alert">${batches.refused}</p>`}
        </div>
        <fieldset>
          <legend>${batches.divisor}</legend>
          <div class="both">${divisor(false, "n")}${divisor(true, "n − 1")}</div>
        </fieldset>
        <label><span class="name">${batches.size}</span>
          <span class="both"><select class="control" name="size" @change=${this.#resize}>
            ${sizes.map((value) => html`<option value=${value} .selected=${value === size}>${value}</option>`)}
          </select></span>
        </label>
        <bn-knobs .eps=${kase.eps ?? 1e-5} .ddof=${kase.ddof ?? 0} .rows=${rows} norm="batch"></bn-knobs>
      </div>
      <p class="note">${known ? batches.said(html`<strong>${known.title}</strong>`, known.words) : batches.ownWords}</p>`;
  }

  #charts(bn: Backnorm, { batches, running }: Training) {
    const { locale, size } = this;
    const words = locale.rest.batches;
    const { x, shape } = this.kase;
    const { column } = this.selection.cell;
    const whole = momentsOf(bn, x, shape, 0);
    const { unbiased } = this.convention;
    const part = (of: keyof Moments, node: "mean" | "var") => {
      const { title, name: what } = words[of];
      const line = running.map((moments) => moments[of][column] as number);
      const dots = batches.map((moments, at) => ({
        value: moments[of][column] as number,
        counts: this.modes[at] as boolean,
      }));
      const level = whole[of][column] as number;
      const now = single(line.at(-1) as number);
      const label = words.chart(what, column + 1, dots.length, now, single(level));
      const last = (running.at(-1) as Moments)[of];
      const rows: [string, Float64Array | undefined][] = [
        [words.last, batches.at(-1)?.[of]],
        [words.running, last],
        [words.all, whole[of]],
      ];
      const most = Math.max(...rows.map(([, values]) => largest(values ?? [])));
      const off = last.map((value, at) => {
        const all = whole[of][at] as number;
        return Math.abs(value - all) <= 1e-14 * Math.abs(all) ? 0 : value - all; // a rounding error
      });
      return html`
        <div>
          <h3>${title}<span>${words.ofColumn(column + 1)}</span></h3>
          <div class="picture">${chart({ label, line, dots, level, axis: words.axis }, this.width)}</div>
          <div class="moments">
            ${[...rows, [words.off, off] as const].map(([name, values]) =>
              values
                ? html`<span class="name">${name}</span>
                  <bn-matrix .values=${values} extent="statistics" .most=${values === off ? undefined : most}
                    digits=${values === off ? 3 : 4} node=${node} label=${words.label(what, name)}></bn-matrix>`
                : html`<span class="name">${name}</span><span class="name">${words.none}</span>`,
            )}
          </div>
        </div>`;
    };
    return html`
      <div class="charts">${part("mean", "mean")}${part("variance", "var")}</div>
      <p class="key">
        <span><svg width="22" height="8" aria-hidden="true"><path d="M1 4H21"></path></svg>${words.key.line}</span>
        <span><svg width="22" height="8" aria-hidden="true"><path class="level" d="M0 4H22"></path></svg>${words.key.level}</span>
        <span><svg width="8" height="8" aria-hidden="true"><circle cx="4" cy="4" r="3"></circle></svg>${words.key.dot}</span>
      </p>
      <p class="note">${words.drawn(size, unbiased ? words.unbiased : words.biased(size))}</p>`;
  }

  #passes(bn: Backnorm, running: Moments): { train: Passes; eval: Passes } {
    const { x, shape, gamma, beta, dy, eps, ddof } = this.kase;
    const { y, cache } = bn.forward(x, { shape, gamma, beta, eps, ddof });
    const fixed = { shape, gamma, eps, runningMean: running.mean, runningVar: running.variance };
    return {
      train: { y, dx: bn.backward(dy, cache).dx },
      eval: { y: bn.infer(x, { ...fixed, beta }), dx: bn.inferBackward(dy, { ...fixed, x }).dx },
    };
  }

  #modesBeside(bn: Backnorm, running: Moments) {
    const { kase, training, locale } = this;
    const { cell } = this.selection;
    const words = locale.rest.batches;
    const [rows, columns] = kase.shape as [number, number];
    const both = this.#passes(bn, running);
    const difference = (of: keyof Passes) =>
      both.eval[of].map((value, at) => value - (both.train[of][at] as number));
    const matrix = (
      of: keyof Passes,
      caption: string,
      values: Float64Array,
      { now = false, most = 0 },
    ) => html`
      <figure class=${now ? "now" : ""}>
        <figcaption>${caption}</figcaption>
        <bn-matrix .values=${values} extent="elements" .most=${most || undefined} node=${of === "y" ? "y" : "x"}
          label=${words.label(locale.labels[of], caption)}></bn-matrix>
      </figure>`;
    const three = (of: keyof Passes) => {
      const { title, words: aside, training: byBatch, evaluation: byRunning } = words[of];
      const most = Math.max(largest(both.train[of]), largest(both.eval[of]));
      return html`
        <h3>${title}<span>${aside}</span></h3>
        <div class="matrices">
          ${matrix(of, byBatch, both.train[of], { now: training, most })}
          ${matrix(of, byRunning, both.eval[of], { now: !training, most })}
          ${matrix(of, words.difference, difference(of), {})}
        </div>`;
    };
    const { column } = cell;
    const at = Math.min(cell.row, rows - 1) * columns + column;
    const own = both.eval.dx.filter((_, place) => place % columns === column);
    const total = own.reduce((a, b) => a + b, 0);
    // the rounding error of a sum that cancels
    const sum = Math.abs(total) <= rows * largest(own) * 1e-15 ? "0" : single(total);
    return html`
      <section>${three("y")}</section>
      <section>
        ${three("dx")}
        <div class="worked">${this.#worked(running, at, both.eval.dx[at] as number)}</div>
        <p class="note">${words.constants(column + 1, sum)}</p>
      </section>`;
  }

  /** The gradient of the chosen cell of x in eval mode, with its numbers, in parts that stack on a phone. */
  #worked({ variance }: Moments, at: number, dx: number) {
    const { gamma, dy, eps = 1e-5 } = this.kase;
    const { column } = this.selection.cell;
    const { symbols, partials } = this.locale.formulas;
    const scaled = (scale: Formula, spread: Formula, added: Formula, upstream: Formula) =>
      row(frac(scale, sqrt(row(spread, mo("+"), added))), mo("·"), upstream);
    const { notation, rest } = this.locale;
    const running =
      notation.id === "paper" ? sub(symbols.var, rest.batches.run) : mi(kRunningVar[notation.id]);
    const n = (values: Float64Array, place: number) => mn(values[place] as number);
    return [
      equation(partials.x, scaled(symbols.gamma, running, mi("ε"), partials.y)),
      row(mo("="), scaled(n(gamma, column), n(variance, column), mn(eps), bracketed(dy[at] as number))),
      row(mo("="), mn(dx)),
    ].map(display);
  }

  #play() {
    if (this.modes.length === kMostSteps) return;
    this.playing = true;
    this.#step(1);
    this.#timer = window.setInterval(() => {
      if (this.checkVisibility()) this.#step(1);
      else this.#pause(); // the panel was closed
    }, kPace);
  }

  #pause() {
    clearInterval(this.#timer);
    this.playing = false;
  }

  #step(count: number) {
    const room = kMostSteps - this.modes.length;
    this.modes = [...this.modes, ...Array.from({ length: Math.min(count, room) }, () => this.training)];
    if (room <= count) this.#pause();
  }

  #reset() {
    this.#pause();
    this.modes = [];
  }

  #take(part: Partial<Convention>) {
    const { momentum, unbiased } = this.convention;
    this.refused = undefined;
    this.convention = { momentum, unbiased, ...part };
  }

  #adopt(event: Event) {
    const chosen = kConventions[(event.target as HTMLSelectElement).value as ConventionId];
    if (chosen) this.#take({ momentum: chosen.momentum, unbiased: chosen.unbiased });
  }

  #resize(event: Event) {
    this.size = Number((event.target as HTMLSelectElement).value);
  }

  #typeMomentum(event: Event) {
    const text = (event.target as HTMLInputElement).value;
    const momentum = readNumber(text);
    if (momentum !== undefined && momentum >= 0 && momentum <= 1) this.#take({ momentum });
    else this.refused = text;
    this.requestUpdate();
  }

  #restore(event: KeyboardEvent) {
    if (event.key !== "Escape") return;
    this.refused = undefined;
    this.requestUpdate();
  }
}

customElements.define("bn-batches", BnBatches);
