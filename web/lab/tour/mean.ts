import { html, svg } from "lit";
import { display, type Formula, frac, math, minus, sum } from "../maths/mathml.ts";
import { inRow, plain, type Stage, sigmaIn, summed, type View } from "./stage.ts";

/** The two paths to the mean. That through the variance is 0, since the distances to a mean cancel. */
export function mean(stage: Stage): View {
  const { locale, column, play, set } = stage;
  const { tour } = locale.tour;
  const { symbols, partials } = locale.formulas;
  const direct = minus(sum(frac(inRow(partials.xhat, "i"), sigmaIn(locale))));
  const throughVar = locale.formulas.paths("mean")[1] as Formula;
  const paths = column.trace.paths.mean;
  const at = column.one("mean");
  const from = at + play.moved;
  const x = column.value("x");
  const distances = x.map((value) => value - from);
  const total = distances.reduce((a, b) => a + b, 0);
  const { rows } = column;
  const step = Number.isInteger(at) ? 1 : 1 / rows; // so that it meets the mean
  const move = (event: Event) => {
    const by = Number((event.target as HTMLInputElement).value) - at;
    set({ moved: Math.abs(by) < step / 2 ? 0 : by });
  };
  const back = [...column.of(paths.direct), ...column.of(paths.throughVar)] as [number, number];
  return {
    title: tour.mean.title(math(symbols.mean), math(symbols.var), math(partials.mean)),
    picture: html`
      <div class="terms">
        <div><span class="lane">${tour.mean.first}</span>${display(direct)}<b data-number="direct">= ${plain(back[0])}</b></div>
        <span class="operator">+</span>
        <div><span class="lane">${tour.mean.second}</span>${display(throughVar)}<b data-number="throughVar">= ${plain(back[1])}</b></div>
      </div>
      <div class="balance">
        ${balance(stage, x, from)}
        <input type="range" id="from" name="act" min=${Math.min(...x)} max=${Math.max(...x)} step=${step} .value=${String(from)}
          aria-valuetext=${plain(from)} @input=${move} />
      </div>
      <div class="lines"><p>${summed(distances)} = <b data-number="distances">${plain(total)}</b></p></div>`,
    act: html`<label class="hint" for="from">${tour.mean.act}</label>`,
    said:
      plain(total) !== "0"
        ? tour.mean.moved(plain(from), plain(total))
        : tour.mean.said(
            math(symbols.mean),
            html`<span class="whole">${plain(column.one("var", "grad"))} · (${plain(-2)}/${rows}) · 0 = 0</span>`,
          ),
  };
}

const kWide = 600;
const kRow = 27;

/** The numbers on a line, and the distance of each to a point on it. */
function balance({ play }: Stage, x: readonly number[], from: number) {
  const [least, most] = [Math.min(...x), Math.max(...x)];
  const place = (value: number) => 40 + ((value - least) / (most - least)) * (kWide - 80);
  const high = x.length * kRow + 44;
  const bar = (value: number, row: number) => {
    const [a, b] = [place(from), place(value)].sort((p, q) => p - q) as [number, number];
    const y = 8 + row * kRow;
    const sign = value < from ? "negative" : "positive";
    const outside = value < from ? a - 8 : b + 8;
    return svg`<rect class=${sign} x=${a} y=${y} width=${b - a} height="18" rx="3"></rect>
      <text x=${outside} y=${y + 14} text-anchor=${value < from ? "end" : "start"}>${plain(value - from)}</text>`;
  };
  const line = x.length * kRow + 10;
  return html`
    <svg viewBox=${`0 0 ${kWide} ${high}`} role="img" aria-label=${x.map((value) => plain(value - from)).join(", ")}>
      <path class="plumb" d=${`M${place(from)} 0V${line}`}></path>
      ${x.map(bar)}
      <path class="axis" d=${`M20 ${line}H${kWide - 20}`}></path>
      ${[...new Set(x)].map((value) => svg`<circle cx=${place(value)} cy=${line} r="4.5"></circle><text class="tick" x=${place(value)} y=${line + 24} text-anchor="middle">${plain(value)}</text>`)}
      <path class=${play.moved === 0 ? "pivot even" : "pivot"} d=${`M${place(from)} ${line + 2}l9 16h-18z`}></path>
    </svg>`;
}
