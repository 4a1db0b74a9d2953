import { css, html, nothing, type PropertyValues } from "lit";
import type { Backnorm, NodeId } from "../../src/index.ts";
import { resizeObserver } from "../base/layout-free.ts";
import { scientific } from "../base/numbers.ts";
import { type Computed, nodeReport, nodeTrace } from "../maths/computed.ts";
import { type AnyNodeId, extentOf } from "../maths/graph-facts.ts";
import { indexAt, placeOf } from "../maths/layout.ts";
import { math } from "../maths/mathml.ts";
import type { PageCase } from "../maths/norms.ts";
import type { Selection } from "../model/selection.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { tokens } from "../ui/theme.ts";
import type { Locale } from "../words/locale.ts";
import { kKinds, type Point, sweepChart, sweepChartStyles, sweepLegend } from "./sweep-chart.ts";

/** Work of one step, in values that move through a pass: beyond the first limit only one group is swept, beyond the second none. */
const kMostWork = 400_000;
const kMostMoved = 1200;
/** Half a frame. */
const kSliceMilliseconds = 8;

/** The length over which the loss bends as a node moves: σ, σ² or the sum of squares. In all other nodes it is linear. */
const kBends: Partial<Record<AnyNodeId, "std" | "variance" | "square">> = {
  x: "std",
  mean: "std",
  xc: "std",
  std: "std",
  rms: "std",
  var: "variance",
  ms: "variance",
  sq: "square",
};

/** The groups that a sweep covers: all, or one. */
type Covered = "all" | number;

/** The places of a node's array in each group that is covered; of a parameter, one by one. */
function lanesOf({ layout, graph }: Computed, id: NodeId, covered: Covered): (readonly number[])[] {
  const extent = extentOf(graph, id);
  const groups = covered === "all" ? Array.from({ length: layout.of.statistics }, (_, at) => at) : [covered];
  if (extent === "elements") return groups.map((at) => layout.grouping.members("statistics", at));
  if (extent === "statistics" || covered !== "all") return groups.map((at) => [at]);
  return Array.from({ length: layout.sheets.parameters.columns * layout.sheets.parameters.rows }, (_, at) => [
    at,
  ]);
}

/** The check's own steps, one for every value, as in numeric_gradient.hpp. */
function ownSteps(computed: Computed, id: NodeId, covered: Covered) {
  const { kase, layout, graph } = computed;
  const root = graph.nodes.find(({ gate }) => gate === "square-root")?.id as NodeId;
  const [node, std] = [nodeTrace(computed, id).value, nodeTrace(computed, root).value];
  const bend = kBends[id];
  const m = layout.grouping.size - (kase.ddof ?? 0);
  return lanesOf(computed, id, covered).flatMap((lane, at) => {
    const values = lane.map((place) => node[place] as number);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (!bend) return values.map(() => largest || 1);
    const s = std[covered === "all" ? at : covered] as number;
    const length = { std: s, variance: s * s, square: m * s * s }[bend];
    return values.map(
      (value) => Math.cbrt(2 ** -53) * length * Math.cbrt(Math.max(1, Math.abs(value) / length)),
    );
  });
}

/** Half decades: a step of the sweep is 10^(half / 2). */
const stepOf = (half: number) => Number((10 ** (half / 2)).toPrecision(half % 2 === 0 ? 1 : 3));

/** The error of the finite difference as a function of its step, for the chosen gradient, in float64 and float32. */
export class BnSweep extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "selection"),
    points: { state: true },
    fault: { state: true },
    half: { state: true },
    width: { state: true },
  };
  declare locale: Locale;
  declare computed: Computed;
  declare selection: Selection;
  /** The points so far, from the largest step down. */
  declare points: readonly Point[];
  /** The error that the package threw. */
  declare fault: unknown;
  /** The chosen step, in half decades. */
  declare half: number;
  declare width: number;

  #swept = "";
  #kase: PageCase | undefined;
  #run = 0;
  #isTooLarge = false;
  /** The smallest and the largest of the check's own steps. */
  #own: readonly [number, number] = [1, 1];
  #covered: Covered = "all";
  #halves: number[] = [];
  readonly #resize = resizeObserver(({ width }) => {
    this.width = Math.round(width);
  });

  static override styles = [
    tokens,
    sweepChartStyles,
    css`
      :host {
        display: block;
        margin: 16px 11px 0;
        padding-top: 12px;
        border-top: 1px solid var(--hairline);
        font-variant-numeric: tabular-nums;
      }
      h3 {
        margin: 0 0 6px;
        font: 600 15px/1.3 var(--serif);
      }
      p {
        margin: 8px 0 0;
      }
      .muted {
        color: var(--muted);
        font-size: 13px;
      }
      [role="alert"]:not(.muted) {
        color: var(--fail);
      }
    `,
  ];

  constructor() {
    super();
    this.points = [];
    this.half = -10;
    this.width = 0;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.width = this.clientWidth;
    this.#resize.observe(this);
  }

  override disconnectedCallback() {
    this.#resize.disconnect();
    this.#run++;
    this.#swept = "";
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has("computed") && !changed.has("selection")) return;
    const { computed, selection } = this;
    const { layout, kase, graph } = computed;
    const extent = extentOf(graph, selection.node);
    const moved = extent === "elements" ? layout.grouping.size : 1;
    const isWhole = moved * kase.x.length <= kMostWork;
    const canCut = extent !== "parameters" || layout.norm === "batch"; // else a parameter meets many groups
    this.#covered = isWhole || !canCut ? "all" : indexAt(layout, "statistics", selection.cell);
    const swept = `${selection.node} ${this.#covered}`;
    if (kase === this.#kase && swept === this.#swept) return;
    this.#kase = kase;
    this.#swept = swept;
    const own = ownSteps(computed, selection.node, this.#covered);
    this.#own = [own.reduce((a, b) => Math.min(a, b)), own.reduce((a, b) => Math.max(a, b))];
    this.#isTooLarge = moved > kMostMoved;
    this.#sweep();
  }

  /** The case, reduced to the group that is swept. Groups do not affect each other. */
  #cut(): PageCase {
    const { kase, layout } = this.computed;
    const covered = this.#covered;
    if (covered === "all") return kase;
    const { norm, grouping, unitOffset } = layout;
    const members = grouping.members("statistics", covered);
    const values = (array: Float64Array) => Float64Array.from(members, (at) => array[at] as number);
    const isBatch = norm === "batch";
    const scales = (array: Float64Array) =>
      isBatch
        ? array.slice(covered, covered + 1)
        : Float64Array.from(members, (at) => array[grouping.parameters(at)] as number);
    const { x, gamma, beta, dy, eps, ddof } = kase;
    const size = members.length;
    return {
      ...(isBatch ? { shape: [size, 1] } : { norm: norm === "rms" ? norm : "layer", shape: [1, size] }),
      ...(unitOffset && { unitOffset }),
      x: values(x),
      gamma: scales(gamma),
      ...(beta && { beta: scales(beta) }),
      dy: values(dy),
      eps,
      ...(norm === "rms" ? {} : { ddof }),
    };
  }

  async #sweep() {
    const run = ++this.#run;
    const [least, most] = this.#own.map(Math.log10) as [number, number];
    const [first, last] = [2 * Math.max(0, Math.ceil(most)), 2 * Math.min(-14, Math.floor(least))];
    this.#halves = Array.from({ length: first - last + 1 }, (_, i) => first - i);
    this.#take(this.half);
    this.points = [];
    this.fault = undefined;
    if (this.#isTooLarge) return;
    const bn = this.session.bn as Backnorm;
    const kase = this.#cut();
    const { node } = this.selection;
    const points: Point[] = [];
    let end = performance.now() + kSliceMilliseconds;
    try {
      for (const half of this.#halves) {
        const { float64, float32 } = bn.stepSweep(kase, node, { steps: [stepOf(half)] });
        points.push({ half, float64: float64[0] ?? null, float32: float32[0] ?? null });
        if (performance.now() < end) continue;
        this.points = [...points];
        await new Promise((resume) => setTimeout(resume)); // a new task, so that input and painting happen in between
        if (run !== this.#run) return;
        end = performance.now() + kSliceMilliseconds;
      }
      this.points = points;
    } catch (error) {
      if (run === this.#run) this.fault = error;
    }
  }

  protected override render() {
    const { sweep } = this.locale.rest;
    const gradient = math(this.locale.formulas.partials[this.selection.node]);
    const { layout } = this.computed;
    const covered = this.#covered;
    const isCut = covered !== "all" && !this.#isTooLarge;
    const place = isCut && this.locale.words.cells.place(placeOf(layout, "statistics", covered));
    return html`
      <h3>${sweep.title(gradient)}${place ? sweep.inGroup(place, layout.of.statistics) : nothing}</h3>
      ${this.#refusal() ?? this.#result()}`;
  }

  /** The reason why there is no sweep. */
  #refusal() {
    const { words, rest } = this.locale;
    const { grouping, of } = this.computed.layout;
    if (this.#isTooLarge) {
      const shape = of.statisticsShape.join(", ");
      return html`<p role="alert" class="muted">${rest.sweep.tooLarge(grouping.size, shape)}</p>`;
    }
    if (this.fault) return html`<p role="alert">${rest.sweep.failed(words.fault(this.fault))}</p>`;
    return undefined;
  }

  #result() {
    const { sweep: words, derivatives } = this.locale.rest;
    const [least, most] = this.#own;
    const error = this.#ownError();
    const steps = words.range(scientific(least), scientific(most));
    const chart = {
      width: this.width,
      halves: this.#halves,
      points: this.points,
      own: error === undefined ? undefined : { least, most, error },
      bends: this.#bends,
      half: this.half,
      sentence: this.#sentence(),
      words,
      take: (half: number) => this.#take(half),
    };
    return html`
      ${sweepLegend(words)}
      ${this.width > 0 ? sweepChart(chart) : nothing}
      <p>${derivatives.sentences(chart.sentence, ...this.#side())}</p>
      <p class="muted">${words.own(steps, error === undefined ? undefined : scientific(error), this.session.mistake !== "")}</p>
      ${this.#isDone ? nothing : html`<p class="muted">${words.progress(this.points.length, this.#halves.length)}</p>`}`;
  }

  get #bends() {
    return kBends[this.selection.node] !== undefined;
  }

  get #isDone() {
    return this.points.length === this.#halves.length;
  }

  /** The largest error of the check's own differences, by the same measure and in the same groups. */
  #ownError(): number | undefined {
    const report = nodeReport(this.computed, this.selection.node);
    if (!report) return undefined;
    let most = 0;
    for (const at of lanesOf(this.computed, report.id, this.#covered).flat()) {
      const [exact, numeric] = [report.exact[at] as number, report.numeric[at] as number];
      most = Math.max(most, Math.abs(numeric - exact) / Math.max(1e-8, Math.abs(numeric) + Math.abs(exact)));
    }
    return most;
  }

  #take(half: number) {
    this.half = Math.min(Math.max(half, this.#halves.at(-1) as number), this.#halves[0] as number);
  }

  #sentence() {
    const { sweep } = this.locale.rest;
    const step = scientific(stepOf(this.half), this.half % 2 === 0 ? 0 : 1);
    const here = this.points.find(({ half }) => half === this.half);
    if (!here) return sweep.open(step);
    const { float64, float32 } = here;
    const [wide, narrow] = kKinds.map((kind) => {
      const error = here[kind];
      return error === null ? undefined : { size: scientific(error), isLost: error >= 0.1 };
    });
    const isWorse = float64 !== null && float32 !== null && float32 > 10 * float64;
    return sweep.at(step, wide, narrow, isWorse);
  }

  /** Which error dominates at the chosen step, if one does. */
  #side(): string[] {
    const { linear, truncationRules, roundingRules } = this.locale.rest.sweep;
    const known = this.points.filter(({ float64 }) => float64 !== null) as (Point & { float64: number })[];
    if (!this.#isDone || known.length === 0) return [];
    if (!this.#bends) return [linear];
    const best = known.reduce((least, point) => (point.float64 < least.float64 ? point : least));
    if (this.half > best.half + 1) return [truncationRules];
    return this.half < best.half - 1 ? [roundingRules] : [];
  }
}

customElements.define("bn-sweep", BnSweep);
