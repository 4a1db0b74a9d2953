import { css, html, LitElement, nothing, type PropertyValues, svg } from "lit";
import type { Case, NodeId } from "../src/index.ts";
import { math, partial } from "./formulas.ts";
import { scientific } from "./numbers.ts";
import { type Computed, nodeReport, nodeTrace, type Selection } from "./selection.ts";
import type { Session } from "./session.ts";
import { tokens } from "./theme.ts";

/** Work of one step, in values that move through a pass, beyond which one column alone is swept; and beyond which none is. */
const kMostWork = 400_000;
const kMostRows = 1200;
/** Half a frame. */
const kSliceMilliseconds = 8;

/** Where the loss bends over the standard deviation, over the variance; elsewhere but at sq it is linear. */
const kBends: Partial<Record<NodeId, "std" | "variance" | "square">> = {
  x: "std",
  mean: "std",
  xc: "std",
  std: "std",
  var: "variance",
  sq: "square",
};

/** The columns of one case that a sweep is about: all, or one. */
interface Extent {
  first: number;
  count: number;
}

/** The steps that the check takes itself, one for every value, as numeric_gradient.hpp has them. */
export function ownSteps({ trace, rows, columns, kase }: Computed, id: NodeId, { first, count }: Extent) {
  const node = trace.nodes.find((one) => one.id === id) as Computed["trace"]["nodes"][number];
  const std = (trace.nodes.find((one) => one.id === "std") as Computed["trace"]["nodes"][number]).value;
  const steps: number[] = [];
  for (let column = first; column < first + count; column++) {
    const values = node.value.filter((_, at) => at % columns === column);
    const s = std[column] as number;
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const length = { std: s, variance: s * s, square: (rows - (kase.ddof ?? 0)) * s * s }[
      kBends[id] as "std"
    ];
    for (const value of values)
      steps.push(
        length === undefined
          ? largest || 1
          : Math.cbrt(2 ** -53) * length * Math.cbrt(Math.max(1, Math.abs(value) / length)),
      );
  }
  return steps;
}

/** Half decades: a step of the sweep is 10^(half / 2). */
const stepOf = (half: number) => Number((10 ** (half / 2)).toPrecision(half % 2 === 0 ? 1 : 3));
const logarithm = (error: number) => Math.max(Math.log10(error), kFloor);
/** The exponent at the foot of the plot: smaller errors are drawn there. */
const kFloor = -17;

interface Point {
  half: number;
  float64: number | null;
  float32: number | null;
}

/** 10 to a power, or a number times that, as SVG. */
const power = (exponent: number, factor = "") =>
  svg`${factor}10<tspan class="power" dy="-4.5">${String(exponent).replace("-", "−")}</tspan>`;

/** The error of a finite difference against its step, for the chosen gradient, in float64 and in float32. */
export class BnSweep extends LitElement {
  static override properties = {
    session: { attribute: false },
    computed: { attribute: false },
    selection: { attribute: false },
    points: { state: true },
    fault: { state: true },
    half: { state: true },
    width: { state: true },
  };
  declare session: Session;
  declare computed: Computed;
  declare selection: Selection;
  /** From the largest step on; fewer than there will be while the sweep goes on. */
  declare points: readonly Point[];
  declare fault: string;
  /** The step that is looked at, in half decades. */
  declare half: number;
  declare width: number;

  #swept = "";
  #kase: Case<Float64Array> | undefined;
  #run = 0;
  #isRefused = false;
  #own: number[] = [];
  #extent: Extent = { first: 0, count: 0 };
  #halves: number[] = [];
  #resize = new ResizeObserver(([entry]) => {
    this.width = Math.round(entry?.contentRect.width ?? this.width);
  });

  static override styles = [
    tokens,
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
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 16px;
        color: var(--muted);
        font-size: 12.5px;
      }
      .legend svg {
        vertical-align: -3px;
        margin-right: 5px;
      }
      .plot {
        display: block;
        margin-top: 6px;
        cursor: ew-resize;
        touch-action: pan-y;
        user-select: none;
      }
      text {
        fill: var(--muted);
        font: 11px var(--sans);
      }
      .power {
        font-size: 8.5px;
      }
      .grid,
      .ticks {
        stroke: var(--hairline);
        shape-rendering: crispEdges;
      }
      .ticks {
        stroke: var(--muted);
      }
      .guide {
        stroke: var(--muted);
        stroke-dasharray: 1 4;
        stroke-linecap: round;
        stroke-width: 1.4;
      }
      .slope {
        font: italic 12.5px var(--serif);
      }
      .slope .power {
        font-size: 9px;
      }
      .line64,
      .line32 {
        fill: none;
        stroke: var(--ink);
        stroke-width: 1.6;
        stroke-linejoin: round;
      }
      .line32 {
        stroke-dasharray: 5 3;
        stroke-width: 1.2;
      }
      .point64 {
        fill: var(--ink);
      }
      .point32 {
        fill: var(--card);
        stroke: var(--ink);
        stroke-width: 1.2;
      }
      .own {
        fill: var(--card);
        stroke: var(--ink);
        stroke-width: 1.4;
      }
      .at {
        stroke: var(--accent);
        stroke-width: 1.5;
      }
      .ring {
        fill: none;
        stroke: var(--accent);
        stroke-width: 2;
      }
      .handle {
        outline: none;
      }
      .grip {
        fill: var(--accent);
        stroke: var(--card);
        stroke-width: 1.5;
      }
      .grooves {
        stroke: var(--card);
        stroke-width: 1.3;
      }
      .handle:focus-visible .focus {
        stroke: var(--accent);
      }
      .focus {
        fill: none;
        stroke: none;
        stroke-width: 2;
      }
      .current {
        fill: var(--accent);
        font-weight: 600;
        font-size: 12px;
      }
      .halo {
        stroke: var(--card);
        stroke-width: 4;
        stroke-linejoin: round;
        paint-order: stroke;
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
    this.fault = "";
    this.half = -10;
    this.width = 0;
  }

  override connectedCallback() {
    super.connectedCallback();
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
    const { rows, columns, kase } = computed;
    const isMatrix = nodeTrace(computed, selection.node).shape.length === 2;
    const moved = isMatrix ? rows : 1;
    const isWhole = moved * rows * columns <= kMostWork;
    this.#extent = isWhole ? { first: 0, count: columns } : { first: selection.cell.column, count: 1 };
    const swept = `${selection.node} ${this.#extent.first} ${this.#extent.count}`;
    if (kase === this.#kase && swept === this.#swept) return;
    this.#kase = kase;
    this.#swept = swept;
    this.#own = ownSteps(computed, selection.node, this.#extent);
    this.#isRefused = moved > kMostRows;
    this.#sweep(
      this.#isRefused
        ? `A sweep moves each of the ${rows} rows at every step, which would hold the page up. Choose a gradient of shape (${columns}).`
        : "",
    );
  }

  /** The case, cut down to the columns that are swept: columns do not meet. */
  #cut(): Case<Float64Array> {
    const { kase, rows, columns } = this.computed;
    const { first, count } = this.#extent;
    if (count === columns) return kase;
    const cut = (values: Float64Array) => values.filter((_, at) => at % columns === first);
    const { x, gamma, beta, dy } = kase;
    return { ...kase, shape: [rows, count], x: cut(x), gamma: cut(gamma), beta: cut(beta), dy: cut(dy) };
  }

  async #sweep(refusal: string) {
    const run = ++this.#run;
    const most = Math.max(0, Math.ceil(Math.log10(Math.max(...this.#own))));
    const least = Math.min(-14, Math.floor(Math.log10(Math.min(...this.#own))));
    this.#halves = Array.from({ length: 2 * (most - least) + 1 }, (_, i) => 2 * most - i);
    this.half = Math.min(Math.max(this.half, 2 * least), 2 * most);
    this.fault = refusal;
    if (refusal) return;
    this.points = [];
    const fault = await this.session.fetchRest();
    if (run !== this.#run) return;
    this.fault = fault;
    const { whole } = this.session;
    if (!whole) return;
    const kase = this.#cut();
    const { node } = this.selection;
    const points: Point[] = [];
    let end = performance.now() + kSliceMilliseconds;
    try {
      for (const half of this.#halves) {
        const { float64, float32 } = whole.stepSweep(kase, node, { steps: [stepOf(half)] });
        points.push({ half, float64: float64[0] ?? null, float32: float32[0] ?? null });
        if (performance.now() < end) continue;
        this.points = [...points];
        await new Promise((resume) => setTimeout(resume)); // a task, so that input and painting come in between
        if (run !== this.#run) return;
        end = performance.now() + kSliceMilliseconds;
      }
      this.points = points;
    } catch (error) {
      if (run === this.#run) this.fault = `${(error as Error).message}.`;
    }
  }

  protected override render() {
    const { node } = this.selection;
    const { columns } = this.computed;
    const { first, count } = this.#extent;
    const which = count === columns || this.#isRefused ? "" : ` in column ${first + 1}, one of ${columns}`;
    return html`
      <h3>Step sweep of ${math(partial(node))}${which}</h3>
      ${
        this.fault
          ? html`<p role="alert" class=${this.#isRefused ? "muted" : ""}>${this.fault}</p>`
          : html`
          <div class="legend">
            <span><svg width="30" height="14" aria-hidden="true"><path class="line64" d="M0 7H30"></path><circle class="point64" cx="15" cy="7" r="2.6"></circle></svg>float64</span>
            <span><svg width="30" height="14" aria-hidden="true"><path class="line32" d="M0 7H30"></path><rect class="point32" x="12" y="4" width="6" height="6"></rect></svg>float32</span>
            <span><svg width="22" height="14" aria-hidden="true"><path class="own" d="M1 7H21M1 4V10M21 4V10"></path><path class="own" d="M11 3L15 10H7Z"></path></svg>the check’s own steps</span>
          </div>
          ${this.width > 0 ? this.#plot() : nothing}
          ${this.#words()}`
      }`;
  }

  #plot() {
    const { width } = this;
    const height = Math.round(Math.min(Math.max(width * 0.56, 220), 300));
    const frame = { left: 38, right: width - 12, top: 22, bottom: height - 34 };
    const halves = this.#halves;
    const [most, least] = [(halves[0] as number) / 2, (halves.at(-1) as number) / 2];
    const x = (exponent: number) =>
      frame.left + ((exponent - least) / (most - least)) * (frame.right - frame.left);
    const y = (exponent: number) =>
      frame.bottom - ((exponent - kFloor) / -kFloor) * (frame.bottom - frame.top);
    const every = Math.ceil((most - least) / Math.max(3, Math.floor(width / 64)));
    const apart = every > 3 ? 4 : every > 1 ? 2 : 1;
    const exponents = Array.from({ length: most - least + 1 }, (_, i) => least + i);
    const end = (event: PointerEvent) => {
      const { left } = (event.currentTarget as Element).getBoundingClientRect();
      const share = (event.clientX - left - frame.left) / (frame.right - frame.left);
      this.#take(Math.round(2 * (least + share * (most - least))));
    };
    const down = (event: PointerEvent) => {
      if (event.button !== 0) return;
      const plot = event.currentTarget as Element;
      plot.setPointerCapture(event.pointerId);
      end(event);
      (plot.querySelector(".handle") as SVGElement).focus({ preventScroll: true });
      event.preventDefault();
    };
    const drag = (event: PointerEvent) => {
      if ((event.currentTarget as Element).hasPointerCapture(event.pointerId)) end(event);
    };
    return html`
      <svg class="plot" width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="group"
        aria-label="Error of the difference against its step" @pointerdown=${down} @pointermove=${drag}>
        ${[0, -4, -8, -12, -16].map(
          (exponent) => svg`
          <path class="grid" d="M${frame.left} ${Math.round(y(exponent)) + 0.5}H${frame.right}"></path>
          <text x=${frame.left - 6} y=${y(exponent) + 4} text-anchor="end">${exponent === 0 ? "1" : power(exponent)}</text>`,
        )}
        ${exponents.map(
          (exponent) => svg`
          <path class="ticks" d="M${Math.round(x(exponent)) + 0.5} ${frame.bottom}v${exponent % apart === 0 ? 6 : 3}"></path>
          ${exponent % apart === 0 ? svg`<text x=${x(exponent)} y=${frame.bottom + 19} text-anchor="middle">${exponent === 0 ? "1" : power(exponent)}</text>` : nothing}`,
        )}
        <path class="ticks" d="M${frame.left} ${Math.round(frame.bottom) + 0.5}H${frame.right}"></path>
        <text x="0" y="11">error</text>
        <text x=${frame.right} y=${height - 1} text-anchor="end">step h</text>
        ${this.#guides(x, y)}
        ${this.#curve("float32", x, y)}
        ${this.#curve("float64", x, y)}
        ${this.#ownMark(x, y)}
        ${this.#handle(x, y, frame)}
      </svg>`;
  }

  #curve(kind: "float64" | "float32", x: Scale, y: Scale) {
    let d = "";
    const marks = [];
    for (const { half, [kind]: error } of this.points) {
      if (error === null) {
        d += " ";
        continue;
      }
      const [px, py] = [x(half / 2), y(logarithm(error))];
      d += `${d === "" || d.endsWith(" ") ? "M" : "L"}${px.toFixed(1)} ${py.toFixed(1)}`;
      marks.push(
        kind === "float64"
          ? svg`<circle class="point64" cx=${px} cy=${py} r="2.4"></circle>`
          : svg`<rect class="point32" x=${px - 2.6} y=${py - 2.6} width="5.2" height="5.2"></rect>`,
      );
    }
    return svg`<g data-kind=${kind}><path class=${kind === "float64" ? "line64" : "line32"} d=${d.trim()}></path>${marks}</g>`;
  }

  /** Truncation grows with the square of the step, round-off with one over it: a line of each slope, beside float64. */
  #guides(x: Scale, y: Scale) {
    const known = this.points.filter(
      ({ float64 }) => float64 !== null && float64 > 0 && float64 < 0.1,
    ) as (Point & { float64: number })[];
    if (this.points.length < this.#halves.length || known.length < 6) return nothing;
    const long = this.width > 360;
    const best = known.reduce((a, b) => (b.float64 < a.float64 ? b : a));
    const line = (slope: number, on: typeof known, label: unknown) => {
      const ends = [on[0], on.at(-1)] as typeof known;
      const mean =
        on.reduce((sum, { half, float64 }) => sum + Math.log10(float64) - (slope * half) / 2, 0) / on.length;
      const below = mean - 1.5; // beside the curve, not on it
      const at = ({ half }: Point) => [x(half / 2), y(Math.max((slope * half) / 2 + below, kFloor))] as const;
      const [[x1, y1], [x2, y2]] = ends.map(at) as [readonly [number, number], readonly [number, number]];
      const [lx, ly, anchor] =
        slope > 0
          ? [x((this.#halves[0] as number) / 2), y2 + 16, "end"]
          : [(x1 + x2) / 2 - 6, (y1 + y2) / 2 + 13, "end"];
      return svg`<path class="guide" d="M${x1} ${y1}L${x2} ${y2}"></path>
        <text class="slope halo" x=${lx} y=${ly} text-anchor=${anchor}>${label}</text>`;
    };
    const truncated = known.filter(({ half, float64 }) => half > best.half && float64 > 10 * best.float64);
    const rounded = known.filter(({ half, float64 }) => half < best.half && float64 > 10 * best.float64);
    return svg`
      ${kBends[this.selection.node] && truncated.length > 2 ? line(2, truncated, svg`${long ? "truncation, " : ""}h<tspan class="power" dy="-4.5">2</tspan>`) : nothing}
      ${rounded.length > 4 ? line(-1, rounded, svg`${long ? "rounding, " : ""}1/h`) : nothing}`;
  }

  /** The largest error of the check's own differences by the same measure, in the columns that are swept. */
  #ownError(): number | undefined {
    const report = nodeReport(this.computed, this.selection.node);
    if (!report) return undefined;
    const { columns } = this.computed;
    const { first, count } = this.#extent;
    let most = 0;
    for (const [at, exact] of report.exact.entries()) {
      if (at % columns < first || at % columns >= first + count) continue;
      const numeric = report.numeric[at] as number;
      most = Math.max(most, Math.abs(numeric - exact) / Math.max(1e-8, Math.abs(numeric) + Math.abs(exact)));
    }
    return most;
  }

  #ownRange() {
    return [Math.min(...this.#own), Math.max(...this.#own)] as const;
  }

  #ownMark(x: Scale, y: Scale) {
    const error = this.#ownError();
    if (error === undefined) return nothing;
    const [from, to] = this.#ownRange().map((step) => x(Math.log10(step))) as [number, number];
    const [middle, high] = [(from + to) / 2, y(logarithm(error))];
    return svg`
      <path class="own" d="M${from} ${high}H${to}M${from} ${high - 3.5}v7M${to} ${high - 3.5}v7"></path>
      <path class="own" d="M${middle} ${high - 5}L${middle + 4.6} ${high + 3.4}H${middle - 4.6}Z"></path>`;
  }

  #handle(
    x: Scale,
    y: Scale,
    { left, right, top, bottom }: Record<"left" | "right" | "top" | "bottom", number>,
  ) {
    const { half, points } = this;
    const halves = this.#halves;
    const at = x(half / 2);
    const here = points.find((point) => point.half === half);
    const ring = (error: number | null | undefined) =>
      error === null || error === undefined
        ? nothing
        : svg`<circle class="ring" cx=${at} cy=${y(logarithm(error))} r="6"></circle>`;
    const anchor = at < left + 50 ? "start" : at > right - 50 ? "end" : "middle";
    const key = (event: KeyboardEvent) => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 2, PageDown: -2 }[
        event.key
      ];
      const to =
        { Home: halves.at(-1), End: halves[0] }[event.key] ?? (by === undefined ? undefined : half + by);
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.#take(to);
    };
    return svg`
      <g class="handle" role="slider" tabindex="0" aria-label="Step h" aria-orientation="horizontal"
        aria-valuemin=${halves.at(-1) as number} aria-valuemax=${halves[0] as number} aria-valuenow=${half}
        aria-valuetext=${this.#sentence()} @keydown=${key}>
        <path class="at" d="M${at} ${top}V${bottom}"></path>
        ${ring(here?.float32)}${ring(here?.float64)}
        <rect class="focus" x=${at - 12} y=${bottom - 12} width="24" height="24" rx="12"></rect>
        <rect class="grip" x=${at - 8} y=${bottom - 8} width="16" height="16" rx="8"></rect>
        <path class="grooves" d="M${at - 2} ${bottom - 3}v6M${at + 2} ${bottom - 3}v6"></path>
        <text class="current halo" x=${at} y=${top - 8} text-anchor=${anchor}>h = ${
          half % 2 === 0 ? (half === 0 ? "1" : power(half / 2)) : power((half - 1) / 2, "3.2·")
        }</text>
      </g>`;
  }

  #take(half: number) {
    this.half = Math.min(Math.max(half, this.#halves.at(-1) as number), this.#halves[0] as number);
  }

  #sentence() {
    const here = this.points.find(({ half }) => half === this.half);
    const start = `At h = ${scientific(stepOf(this.half), this.half % 2 === 0 ? 0 : 1)}`;
    if (!here) return `${start} the difference is still to be taken.`;
    const { float64, float32 } = here;
    const told = (error: number | null, only: string) =>
      error === null
        ? "such a step does not move every value"
        : `${only}to ${scientific(error)}${error >= 0.1 ? ", no digit is right" : ""}`;
    const only = float64 !== null && float32 !== null && float32 > 10 * float64 ? "only " : "";
    const agrees = float64 === null ? "" : "the difference agrees with the exact derivative ";
    return `${start} ${agrees}${told(float64, "")} in float64; in float32 ${told(float32, only)}.`;
  }

  #words() {
    const best = (kind: "float64" | "float32") =>
      this.points.reduce<Point | undefined>(
        (least, point) =>
          point[kind] !== null && (!least || (point[kind] as number) < (least[kind] as number))
            ? point
            : least,
        undefined,
      );
    const done = this.points.length === this.#halves.length;
    const [from, to] = this.#ownRange();
    const error = this.#ownError();
    const linear = !kBends[this.selection.node];
    const wide = best("float64");
    const side =
      done && wide && linear
        ? "The loss is linear here, so that nothing is truncated: the larger the step, the better."
        : done && wide && this.half > wide.half + 1
          ? "Truncation rules here: a step ten times smaller would be a hundred times better."
          : done && wide && this.half < wide.half - 1
            ? "Rounding rules here: a smaller step makes it worse."
            : "";
    const range =
      scientific(from) === scientific(to) ? scientific(from) : `${scientific(from)} to ${scientific(to)}`;
    return html`
      <p>${this.#sentence()} ${side}</p>
      <p class="muted">The check chooses a step for each value, here ${range}${error === undefined ? "" : `, and agrees to ${scientific(error)}`}.
        ${this.session.mistake ? "The sweep is about the right pass: the mistake does not touch it." : nothing}</p>
      ${done ? nothing : html`<p class="muted" role="status">step ${this.points.length} of ${this.#halves.length} …</p>`}`;
  }
}

type Scale = (exponent: number) => number;

customElements.define("bn-sweep", BnSweep);
