import { html, LitElement, mathml, nothing, type PropertyValues } from "lit";
import { live } from "lit/directives/live.js";
import type { Backnorm, Case, NodeId } from "../src/index.ts";
import { batchesStyles } from "./batches-styles.ts";
import { chart, chartStyles } from "./chart.ts";
import { loadWhole } from "./engine.ts";
import "./knobs.ts";
import "./matrix.ts";
import { largest, readNumber, single } from "./numbers.ts";
import type { Cell } from "./selection.ts";
import { panelText, tokens } from "./theme.ts";
import { type Convention, type Moments, momentsOf, type Training, train } from "./training.ts";

const kMostSteps = 200;
/** Between two batches while it plays, in milliseconds. */
const kPace = 180;
const kSizes = [2, 4, 8, 16, 32, 64];

/** How others call and compute it. */
const kConventions: Readonly<Record<string, Convention & { words: string }>> = {
  PyTorch: {
    momentum: 0.1,
    unbiased: true,
    words: "momentum 0.1 is the share of the new batch; the variance is taken in by n − 1.",
  },
  "CS231n, ONNX": {
    momentum: 0.1,
    unbiased: false,
    words: "momentum 0.9 is the share of the old value, 0.1 that of the new; the variance is taken in by n.",
  },
  Keras: {
    momentum: 0.01,
    unbiased: false,
    words:
      "momentum 0.99 is the share of the old value, 0.01 that of the new; the variance is taken in by n. ε is 0.001 there.",
  },
  "TensorFlow, fused": {
    momentum: 0.01,
    unbiased: true,
    words:
      "as in Keras, but the fused kernel takes the variance in by n − 1, though it normalizes by n. ε is 0.001 there.",
  },
};

/** What a mode makes of the batch on the page. */
interface Passes {
  y: Float64Array;
  dx: Float64Array;
}

/** Training and eval mode: running statistics over batches of the rows of x, and what each mode makes of x itself. */
export class BnBatches extends LitElement {
  static override properties = {
    kase: { attribute: false },
    cell: { attribute: false },
    bn: { state: true },
    convention: { state: true },
    size: { state: true },
    modes: { state: true },
    training: { state: true },
    playing: { state: true },
    refused: { state: true },
    width: { state: true },
  };
  declare kase: Case<Float64Array>;
  declare cell: Cell;
  declare bn: Backnorm | undefined;
  declare convention: Convention;
  /** Rows of a batch. */
  declare size: number;
  /** Of each step taken, whether it was one in training mode. */
  declare modes: readonly boolean[];
  /** The mode of the steps to come. */
  declare training: boolean;
  declare playing: boolean;
  /** What was typed for momentum and is none. */
  declare refused: string | undefined;
  /** Of a chart. */
  declare width: number;

  #timer = 0;
  #past: Training | undefined;
  #resized = new ResizeObserver(([entry]) => {
    this.width = Math.floor((entry as ResizeObserverEntry).contentRect.width);
  });
  #observed: Element | null = null;

  static override styles = [tokens, panelText, chartStyles, batchesStyles];

  constructor() {
    super();
    this.convention = { momentum: 0.1, unbiased: true };
    this.size = 4;
    this.modes = [];
    this.training = true;
    this.playing = false;
    this.width = 560;
  }

  override connectedCallback() {
    super.connectedCallback();
    loadWhole().then(
      (bn) => (this.bn = bn),
      () => {}, // it was here before this panel was
    );
  }

  override disconnectedCallback() {
    this.#pause();
    this.#resized.disconnect();
    this.#observed = null;
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const before = changed.get("kase");
    if (changed.has("kase") && before?.shape.join() !== this.kase.shape.join()) {
      this.#reset();
      const rows = this.kase.shape[0] as number;
      this.size = Math.min(Math.max(rows, 2), 32);
    }
    const moved = ["kase", "bn", "convention", "size", "modes"] as const;
    if (this.bn && moved.some((name) => changed.has(name)))
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
    if (!bn || !past) return nothing;
    return html`
      ${this.#bar()}
      ${this.#settings()}
      ${this.#charts(bn, past)}
      ${this.#modesBeside(bn, past.running.at(-1) as Moments)}`;
  }

  #bar() {
    const { playing, training, modes } = this;
    const full = modes.length === kMostSteps;
    const mode = (value: boolean, word: string) => html`
      <label><input type="radio" name="mode" .checked=${live(training === value)} @change=${() => (this.training = value)} />${word}</label>`;
    return html`
      <div class="bar">
        <button class="play" name="play" aria-disabled=${full} @click=${() => (playing ? this.#pause() : this.#play())}>${playing ? "Pause" : "Play"}</button>
        <button name="step" aria-disabled=${full} @click=${() => this.#step(1)}>Step</button>
        <button name="ten" aria-disabled=${full} @click=${() => this.#step(10)}>10 steps</button>
        <button name="reset" @click=${() => this.#reset()}>Reset</button>
        <output aria-live=${playing ? "off" : "polite"}>${full ? `${kMostSteps} batches, as many as there are here` : modes.length === 1 ? "1 batch" : `${modes.length} batches`}</output>
        <fieldset aria-label="mode">${mode(true, "training mode")}${mode(false, "eval mode")}</fieldset>
      </div>`;
  }

  #settings() {
    const { convention, size, kase, refused } = this;
    const rows = kase.shape[0] as number;
    const found = Object.entries(kConventions).find(
      ([, { momentum, unbiased }]) => momentum === convention.momentum && unbiased === convention.unbiased,
    );
    const sizes = [...new Set([...kSizes, Math.min(Math.max(rows, 2), 256)])].sort((a, b) => a - b);
    const divisor = (unbiased: boolean, words: string) => html`
      <label><input type="radio" name="unbiased" .checked=${live(convention.unbiased === unbiased)}
        @change=${() => this.#take({ unbiased })} />${words}</label>`;
    return html`
      <div class="settings">
        <label><span class="name">convention</span>
          <span class="both"><select name="convention" @change=${this.#adopt}>
            ${found ? nothing : html`<option value="" .selected=${true}>your own</option>`}
            ${Object.keys(kConventions).map((name) => html`<option value=${name} .selected=${name === found?.[0]}>${name}</option>`)}
          </select></span>
        </label>
        <div>
          <label class="name" for="momentum">momentum, the share of the new batch</label>
          <div class="both">
            <input id="momentum" name="momentum" inputmode="decimal" autocomplete="off" aria-invalid=${refused !== undefined}
              .value=${live(refused ?? String(convention.momentum))} @change=${this.#typeMomentum} @keydown=${this.#restore} />
            <input type="range" aria-label="momentum" min="0" max="1" step="0.01" .value=${live(String(convention.momentum))}
              @input=${(event: Event) => this.#take({ momentum: Number((event.target as HTMLInputElement).value) })} />
          </div>
          ${refused === undefined ? nothing : html`<p role="alert">Expected a number from 0 to 1. The old value stays until then.</p>`}
        </div>
        <fieldset>
          <legend>the variance taken in divides by</legend>
          <div class="both">${divisor(false, "n")}${divisor(true, "n − 1")}</div>
        </fieldset>
        <label><span class="name">n, rows of a batch</span>
          <span class="both"><select name="size" @change=${this.#resize}>
            ${sizes.map((value) => html`<option value=${value} .selected=${value === size}>${value}</option>`)}
          </select></span>
        </label>
        <bn-knobs .eps=${kase.eps ?? 1e-5} .ddof=${kase.ddof ?? 0} .rows=${rows}></bn-knobs>
      </div>
      <p class="note">${found ? html`<strong>${found[0]}</strong>: ${found[1].words}` : "No framework has this by default."}</p>`;
  }

  #charts(bn: Backnorm, { batches, running }: Training) {
    const { x, shape } = this.kase;
    const { column } = this.cell;
    const whole = momentsOf(bn, x, shape, 0);
    const { unbiased } = this.convention;
    const { size } = this;
    const part = (of: keyof Moments, node: NodeId, word: string) => {
      const line = running.map((moments) => moments[of][column] as number);
      const dots = batches.map((moments, at) => ({
        value: moments[of][column] as number,
        counts: this.modes[at] as boolean,
      }));
      const level = whole[of][column] as number;
      const label = `running ${word} of column ${column + 1} after ${dots.length} batches: ${single(line.at(-1) as number)}, of all of x: ${single(level)}`;
      const last = (running.at(-1) as Moments)[of];
      const rows: [string, Float64Array | undefined][] = [
        ["last batch", batches.at(-1)?.[of]],
        ["running", last],
        ["all of x", whole[of]],
      ];
      const most = Math.max(...rows.map(([, values]) => largest(values ?? [])));
      const off = last.map((value, at) => {
        const all = whole[of][at] as number;
        return Math.abs(value - all) <= 1e-14 * Math.abs(all) ? 0 : value - all; // that is rounding
      });
      return html`
        <div>
          <h3>Running ${word}<span>of column ${column + 1}</span></h3>
          <div class="picture">${chart({ label, line, dots, level }, this.width)}</div>
          <div class="moments">
            ${[...rows, ["running, off by", off] as const].map(([name, values]) =>
              values
                ? html`<span class="name">${name}</span>
                  <bn-matrix .values=${values} .columns=${values.length} .cell=${this.cell} .most=${values === off ? undefined : most}
                    digits=${values === off ? 3 : 4} node=${node} label=${`${word}, ${name}`}></bn-matrix>`
                : html`<span class="name">${name}</span><span class="name">none yet</span>`,
            )}
          </div>
        </div>`;
    };
    const aside = unbiased
      ? "By n − 1, the batches’ variances average to σ² of x, and so the line settles around it."
      : `By n, the batches’ variances average to (n − 1)/n of σ² only, here ${size - 1}/${size}, and so the line settles below it.`;
    return html`
      <div class="charts">${part("mean", "mean", "mean")}${part("variance", "var", "variance")}</div>
      <p class="key">
        <span><svg width="22" height="8" aria-hidden="true"><path d="M1 4H21"></path></svg>running value, at first 0 and 1</span>
        <span><svg width="22" height="8" aria-hidden="true"><path class="level" d="M0 4H22"></path></svg>of all of x</span>
        <span><svg width="8" height="8" aria-hidden="true"><circle cx="4" cy="4" r="3"></circle></svg>a batch’s own, hollow where it passed in eval mode</span>
      </p>
      <p class="note">Each batch has ${size} rows of x, drawn with replacement. ${aside}</p>`;
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
    const { kase, cell, training } = this;
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
        <bn-matrix .values=${values} .columns=${columns} .cell=${cell} .most=${most || undefined} node=${of === "y" ? "y" : "x"}
          label=${`${of === "y" ? "y" : "∂x"}, ${caption}`}></bn-matrix>
      </figure>`;
    const three = (of: keyof Passes, byBatch: string, byRunning: string) => {
      const most = Math.max(largest(both.train[of]), largest(both.eval[of]));
      return html`
        <div class="matrices">
          ${matrix(of, byBatch, both.train[of], { now: training, most })}
          ${matrix(of, byRunning, both.eval[of], { now: !training, most })}
          ${matrix(of, "the second minus the first", difference(of), {})}
        </div>`;
    };
    const { column } = cell;
    const at = Math.min(cell.row, rows - 1) * columns + column;
    const own = both.eval.dx.filter((_, place) => place % columns === column);
    const total = own.reduce((a, b) => a + b, 0);
    // what rounding leaves of a sum that cancels
    const sum = Math.abs(total) <= rows * largest(own) * 1e-15 ? "0" : single(total);
    return html`
      <section>
        <h3>y of the batch on this page<span>the same x through either mode</span></h3>
        ${three("y", "training mode, by the batch’s μ and σ²", "eval mode, by the running ones")}
      </section>
      <section>
        <h3>∂x of either mode<span>the same ∂y on its way back</span></h3>
        ${three("dx", "training mode, by three paths", "eval mode, by one")}
        <div class="worked">${this.#worked(running, at, both.eval.dx[at] as number)}</div>
        <p class="note">
          In eval mode the running mean and variance are constants: moving x does not move them, so that nothing comes back
          through them, and the direct path alone is left, one factor a column. Each column of ∂x adds up to 0 in training
          mode, where shifting x moves no y; in eval mode it does, and column ${column + 1} adds up to ${sum}.
        </p>
      </section>`;
  }

  /** ∂x of the chosen cell in eval mode, with its numbers, in parts that stand below each other on a phone. */
  #worked({ variance }: Moments, at: number, dx: number) {
    const { gamma, dy, eps = 1e-5 } = this.kase;
    const { column } = this.cell;
    const n = (value: number) =>
      value < 0
        ? mathml`<mrow><mo form="prefix">−</mo><mn>${single(-value)}</mn></mrow>`
        : mathml`<mn>${single(value)}</mn>`;
    const d = (name: string) =>
      mathml`<mrow><mo form="prefix" lspace="0" rspace="0">∂</mo><mi>${name}</mi></mrow>`;
    return html`
      <math displaystyle="true">
        ${d("x")}<mo>=</mo>
        <mfrac><mi>γ</mi><msqrt><msubsup><mi>σ</mi><mtext>run</mtext><mn>2</mn></msubsup><mo>+</mo><mi>ε</mi></msqrt></mfrac>
        <mo>·</mo>${d("y")}
      </math>
      <math displaystyle="true">
        <mo>=</mo>
        <mfrac>${n(gamma[column] as number)}<msqrt>${n(variance[column] as number)}<mo>+</mo>${n(eps)}</msqrt></mfrac>
        <mo>·</mo>${n(dy[at] as number)}
      </math>
      <math displaystyle="true"><mo>=</mo>${n(dx)}</math>`;
  }

  #play() {
    if (this.modes.length === kMostSteps) return;
    this.playing = true;
    this.#step(1);
    this.#timer = window.setInterval(() => {
      if (this.checkVisibility()) this.#step(1);
      else this.#pause(); // the panel was folded
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
    const chosen = kConventions[(event.target as HTMLSelectElement).value];
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
