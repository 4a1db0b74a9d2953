import { css, nothing, type SVGTemplateResult, svg } from "lit";
import { formatFor, largest } from "../base/numbers.ts";

const kHeight = 200;
const kMargin = { left: 58, right: 14, top: 12, bottom: 34 };
/** The number of steps on the axis of an empty chart. */
const kFewSteps = 10;

export interface Series {
  /** The label for screen readers. */
  label: string;
  /** A value before the first step, and one after each step. */
  line: readonly number[];
  /** One dot per step, and whether the line follows it. */
  dots: readonly { value: number; counts: boolean }[];
  /** A dashed line to compare with. */
  level: number;
  /** The label of the horizontal axis. */
  axis: string;
}

/** Three to six round numbers in a range. */
function ticksBetween(least: number, most: number): number[] {
  const rough = (most - least) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(least / step);
  const last = Math.floor(most / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** Enough decimals to distinguish the ticks. */
function tickText(ticks: readonly number[]): (value: number) => string {
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  const magnitude = (value: number) => Math.floor(Math.log10(value) + 1e-9);
  return formatFor(largest(ticks), magnitude(largest(ticks)) - magnitude(step) + 1);
}

/** A line over the steps, with a dot for the value of each batch. */
export function chart({ label, line, dots, level, axis }: Series, width: number): SVGTemplateResult {
  const values = [...line, ...dots.map(({ value }) => value), level].filter(Number.isFinite);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = (most - least || Math.abs(most) || 1) * 0.08;
  const ends = { least: least - room, most: most + room };
  const steps = Math.max(kFewSteps, dots.length);
  const x = (step: number) =>
    kMargin.left + (step / steps) * Math.max(width - kMargin.left - kMargin.right, 1);
  const y = (value: number) => {
    const share = (value - ends.least) / (ends.most - ends.least);
    return kHeight - kMargin.bottom - share * (kHeight - kMargin.top - kMargin.bottom);
  };
  const ticks = ticksBetween(ends.least, ends.most);
  const text = tickText(ticks);
  const right = width - kMargin.right;
  const points = line.map((value, step) => `${x(step)},${y(value)}`).join(" ");
  const radius = dots.length > 60 ? 1.8 : 2.8;
  return svg`
    <svg class="chart" role="img" aria-label=${label} width=${width} height=${kHeight} viewBox=${`0 0 ${width} ${kHeight}`}>
      ${ticks.map(
        (tick) => svg`
        <line class="grid" x1=${kMargin.left} x2=${right} y1=${y(tick)} y2=${y(tick)}></line>
        <text x=${kMargin.left - 8} y=${y(tick) + 3.5} text-anchor="end">${text(tick)}</text>`,
      )}
      ${ticksBetween(0, steps)
        .filter(Number.isInteger)
        .map(
          (step) =>
            svg`<text x=${x(step)} y=${kHeight - kMargin.bottom + 15} text-anchor="middle">${step}</text>`,
        )}
      <text x=${right} y=${kHeight - 4} text-anchor="end">${axis}</text>
      <line class="level" x1=${kMargin.left} x2=${right} y1=${y(level)} y2=${y(level)}></line>
      ${dots.map(({ value, counts }, at) =>
        Number.isFinite(value)
          ? svg`<circle class=${counts ? "dot" : "dot passed"} cx=${x(at + 1)} cy=${y(value)} r=${radius}></circle>`
          : nothing,
      )}
      <polyline points=${points}></polyline>
      <circle class="now" cx=${x(line.length - 1)} cy=${y(line.at(-1) as number)} r="4"></circle>
    </svg>`;
}

export const chartStyles = css`
  .chart {
    display: block;
    max-width: 100%;
  }
  .chart text {
    fill: var(--muted);
    font: 11.5px var(--sans);
    font-variant-numeric: tabular-nums;
  }
  .chart .grid {
    stroke: var(--hairline);
    stroke-width: 1;
  }
  .chart .level {
    stroke: var(--muted);
    stroke-width: 1;
    stroke-dasharray: 5 4;
  }
  .chart polyline {
    fill: none;
    stroke: var(--ink);
    stroke-width: 1.8;
    stroke-linejoin: round;
  }
  .chart .now {
    fill: var(--ink);
  }
  .chart .dot {
    fill: var(--muted);
  }
  .chart .dot.passed {
    fill: none;
    stroke: var(--muted);
  }
`;
