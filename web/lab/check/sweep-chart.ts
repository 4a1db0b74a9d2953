import { css, html, nothing, svg } from "lit";
import type { RestWords } from "../words/vocabulary.ts";

/** The error of a difference at a step of 10^(half / 2); null if the step is too small to change every value. */
export interface Point {
  half: number;
  float64: number | null;
  float32: number | null;
}
export const kKinds = ["float64", "float32"] as const;
type Kind = (typeof kKinds)[number];

export interface SweepChart {
  width: number;
  /** All steps of the sweep, the largest first, and the points computed so far. */
  halves: readonly number[];
  points: readonly Point[];
  /** The check's own steps, and its largest error with them. */
  own: { least: number; most: number; error: number } | undefined;
  /** Whether the loss is curved, so that large steps have a truncation error. */
  bends: boolean;
  /** The chosen step, and its text. */
  half: number;
  sentence: string;
  words: RestWords["sweep"];
  take(half: number): void;
}

/** The exponent at the bottom of the plot. Smaller errors are drawn there. */
const kFloor = -17;

/** From an exponent to its position. */
type Scale = (exponent: number) => number;

interface Plot extends SweepChart {
  x: Scale;
  y: Scale;
  frame: Record<"left" | "right" | "top" | "bottom", number>;
}

const heightOf = (error: number) => Math.max(Math.log10(error), kFloor);

/** A power of ten, or a multiple of one; 1 is written as 1. */
const power = (exponent: number, factor = "") =>
  exponent === 0 && factor === ""
    ? svg`1`
    : svg`${factor}10<tspan class="power" dy="-4.5">${String(exponent).replace("-", "−")}</tspan>`;

/** The lines and points of the curves and of the legend. */
const kinds = {
  float64: {
    line: (d: string) => svg`<path class="line64" d=${d}></path>`,
    point: (x: number, y: number) => svg`<circle class="point64" cx=${x} cy=${y} r="2.4"></circle>`,
  },
  float32: {
    line: (d: string) => svg`<path class="line32" d=${d}></path>`,
    point: (x: number, y: number) =>
      svg`<rect class="point32" x=${x - 2.6} y=${y - 2.6} width="5.2" height="5.2"></rect>`,
  },
};

/** The legend: lines, points and the mark of the check's own steps. */
export const sweepLegend = (words: RestWords["sweep"]) => html`
  <div class="legend">
    ${kKinds.map(
      (kind) =>
        html`<span><svg width="30" height="14" aria-hidden="true">${kinds[kind].line("M0 7H30")}${kinds[kind].point(15, 7)}</svg>${kind}</span>`,
    )}
    <span><svg width="22" height="14" aria-hidden="true"><path class="own" d="M1 7H21M1 4V10M21 4V10"></path><path class="own" d="M11 3L15 10H7Z"></path></svg>${words.ownSteps}</span>
  </div>`;

/** Two logarithmic axes, a curve for each precision, and a handle for the step. */
export function sweepChart(chart: SweepChart) {
  const { width, halves, words, take } = chart;
  const height = Math.round(Math.min(Math.max(width * 0.56, 220), 300));
  const frame = { left: 46, right: width - 12, top: 22, bottom: height - 34 };
  const [most, least] = [(halves[0] as number) / 2, (halves.at(-1) as number) / 2];
  const x = (exponent: number) =>
    frame.left + ((exponent - least) / (most - least)) * (frame.right - frame.left);
  const y = (exponent: number) => frame.bottom - ((exponent - kFloor) / -kFloor) * (frame.bottom - frame.top);
  const plot = { ...chart, x, y, frame };
  const follow = (event: PointerEvent) => {
    const { left, width: drawn } = (event.currentTarget as Element).getBoundingClientRect();
    const at = ((event.clientX - left) * width) / drawn; // it may be drawn larger
    const share = (at - frame.left) / (frame.right - frame.left);
    take(Math.round(2 * (least + share * (most - least))));
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const element = event.currentTarget as Element;
    element.setPointerCapture(event.pointerId);
    follow(event);
    (element.querySelector(".handle") as SVGElement).focus({ preventScroll: true });
    event.preventDefault();
  };
  const drag = (event: PointerEvent) => {
    if ((event.currentTarget as Element).hasPointerCapture(event.pointerId)) follow(event);
  };
  return html`
    <svg class="plot" width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="group"
      aria-label=${words.plot} @pointerdown=${down} @pointermove=${drag}>
      ${grid(plot, most, least)}
      <text x="0" y="11">${words.error}</text>
      <text x=${frame.right} y=${height - 1} text-anchor="end">${words.axis}</text>
      ${guides(plot)}
      ${curve("float32", plot)}
      ${curve("float64", plot)}
      ${ownMark(plot)}
      ${handle(plot)}
    </svg>`;
}

function grid({ x, y, frame, width }: Plot, most: number, least: number) {
  const every = Math.ceil((most - least) / Math.max(3, Math.floor(width / 64)));
  const apart = every > 3 ? 4 * Math.ceil(every / 4) : every > 1 ? 2 : 1;
  const between = apart > 4 ? 4 : 1; // with a hundred powers, a tick for each would look like a bar
  const exponents = Array.from({ length: most - least + 1 }, (_, i) => least + i).filter(
    (exponent) => exponent % between === 0,
  );
  return svg`
    ${[0, -4, -8, -12, -16].map(
      (exponent) => svg`
      <path class="grid" d="M${frame.left} ${Math.round(y(exponent)) + 0.5}H${frame.right}"></path>
      <text x=${frame.left - 6} y=${y(exponent) + 4} text-anchor="end">${power(exponent)}</text>`,
    )}
    ${exponents.map(
      (exponent) => svg`
      <path class="ticks" d="M${Math.round(x(exponent)) + 0.5} ${frame.bottom}v${exponent % apart === 0 ? 6 : 3}"></path>
      ${exponent % apart === 0 ? svg`<text x=${x(exponent)} y=${frame.bottom + 19} text-anchor="middle">${power(exponent)}</text>` : nothing}`,
    )}
    <path class="ticks" d="M${frame.left} ${Math.round(frame.bottom) + 0.5}H${frame.right}"></path>`;
}

function curve(kind: Kind, { points, x, y }: Plot) {
  let d = "";
  const marks = [];
  for (const { half, [kind]: error } of points) {
    if (error === null) {
      d += " ";
      continue;
    }
    const [px, py] = [x(half / 2), y(heightOf(error))];
    d += `${d === "" || d.endsWith(" ") ? "M" : "L"}${px.toFixed(1)} ${py.toFixed(1)}`;
    marks.push(kinds[kind].point(px, py));
  }
  return svg`<g data-kind=${kind}>${kinds[kind].line(d.trim())}${marks}</g>`;
}

/** Truncation error grows as the square of the step, rounding error as its reciprocal: a line of each slope, beside float64. */
function guides({ width, halves, points, bends, words, x, y }: Plot) {
  const known = points.filter(({ float64 }) => float64 !== null && float64 > 0 && float64 < 0.1) as (Point & {
    float64: number;
  })[];
  if (points.length < halves.length || known.length < 6) return nothing;
  const isWide = width > 360;
  const best = known.reduce((a, b) => (b.float64 < a.float64 ? b : a));
  const line = (slope: number, on: typeof known, label: unknown) => {
    const ends = [on[0], on.at(-1)] as typeof known;
    const mean =
      on.reduce((sum, { half, float64 }) => sum + Math.log10(float64) - (slope * half) / 2, 0) / on.length;
    const below = mean - 1.5; // beside the curve, not on it
    const at = ({ half }: Point) => [x(half / 2), y(Math.max((slope * half) / 2 + below, kFloor))] as const;
    const [[x1, y1], [x2, y2]] = ends.map(at) as [readonly [number, number], readonly [number, number]];
    const [lx, ly] =
      slope > 0 ? [x((halves[0] as number) / 2), y2 + 16] : [(x1 + x2) / 2 - 6, (y1 + y2) / 2 + 13];
    return svg`<path class="guide" d="M${x1} ${y1}L${x2} ${y2}"></path>
      <text class="slope halo" x=${lx} y=${ly} text-anchor="end">${label}</text>`;
  };
  const truncated = known.filter(({ half, float64 }) => half > best.half && float64 > 10 * best.float64);
  const rounded = known.filter(({ half, float64 }) => half < best.half && float64 > 10 * best.float64);
  return svg`
    ${bends && truncated.length > 2 ? line(2, truncated, svg`${isWide ? words.truncation : ""}h<tspan class="power" dy="-4.5">2</tspan>`) : nothing}
    ${rounded.length > 4 ? line(-1, rounded, svg`${isWide ? words.rounding : ""}1/h`) : nothing}`;
}

function ownMark({ own, x, y }: Plot) {
  if (!own) return nothing;
  const [from, to] = [x(Math.log10(own.least)), x(Math.log10(own.most))];
  const [middle, high] = [(from + to) / 2, y(heightOf(own.error))];
  return svg`
    <path class="own" d="M${from} ${high}H${to}M${from} ${high - 3.5}v7M${to} ${high - 3.5}v7"></path>
    <path class="own" d="M${middle} ${high - 5}L${middle + 4.6} ${high + 3.4}H${middle - 4.6}Z"></path>`;
}

function handle({ half, halves, points, sentence, words, take, x, y, frame }: Plot) {
  const { left, right, top, bottom } = frame;
  const at = x(half / 2);
  const here = points.find((point) => point.half === half);
  const ring = (error: number | null | undefined) =>
    error === null || error === undefined
      ? nothing
      : svg`<circle class="ring" cx=${at} cy=${y(heightOf(error))} r="6"></circle>`;
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
    take(to);
  };
  return svg`
    <g class="handle" role="slider" tabindex="0" aria-label=${words.step} aria-orientation="horizontal"
      aria-valuemin=${halves.at(-1) as number} aria-valuemax=${halves[0] as number} aria-valuenow=${half}
      aria-valuetext=${sentence} @keydown=${key}>
      <path class="at" d="M${at} ${top}V${bottom}"></path>
      ${ring(here?.float32)}${ring(here?.float64)}
      <rect class="focus" x=${at - 12} y=${bottom - 12} width="24" height="24" rx="12"></rect>
      <rect class="grip" x=${at - 8} y=${bottom - 8} width="16" height="16" rx="8"></rect>
      <path class="grooves" d="M${at - 2} ${bottom - 3}v6M${at + 2} ${bottom - 3}v6"></path>
      <text class="current halo" x=${at} y=${top - 8} text-anchor=${anchor}>h = ${
        half % 2 === 0 ? power(half / 2) : power((half - 1) / 2, "3.2·")
      }</text>
    </g>`;
}

export const sweepChartStyles = css`
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
    font: max(11px, var(--least-type, 0px)) var(--sans);
  }
  .power {
    font-size: max(8.5px, var(--least-type, 0px));
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
    font-size: max(9px, var(--least-type, 0px));
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
`;
