import { html, nothing } from "lit";
import type { Finding, NodeId, ParsedArray } from "../../src/index.ts";
import { extentOf } from "../maths/graph-facts.ts";
import type { Locale } from "../words/locale.ts";
import { labelOf, nodeOf } from "./array-names.ts";
import "../grid/matrix.ts";
import { largest, scientific, single, superscript } from "../base/numbers.ts";

const sized = (error: number) => (error >= 1e-3 && error < 1e4 ? single(error) : scientific(error));

/** Yours, the right one, and their difference, with frames around wrong cells. */
export function comparisonView(
  locale: Locale,
  { id, bound, worst, name, truth, maxError }: Finding,
  { data: yours, shape }: ParsedArray,
  right: ArrayLike<number>,
  rightShape: readonly number[],
) {
  const extent = extentOf(locale.graph, nodeOf(id) as NodeId);
  const columns = rightShape.at(-1) ?? 1;
  const { labels, rest } = locale;
  const { mine } = rest;
  const [ownWidth = 1] = shape.slice(-1);
  const fits = !Number.isNaN(maxError) && yours.length === right.length;
  const most = fits ? Math.max(largest(yours), largest(right)) : undefined;
  const figure = (caption: string, values: ArrayLike<number>, width: number, marked?: Set<number>) => html`
    <figure><figcaption>${caption}</figcaption>
      <bn-matrix .values=${values} .columns=${width} extent=${fits ? extent : nothing} .most=${marked ? undefined : most}
        .wrong=${marked} node=${nodeOf(id)} label=${mine.captioned(caption, name)}></bn-matrix></figure>`;
  const difference = Float64Array.from(right, (value, at) => (yours[at] as number) - value);
  const marked = new Set<number>();
  if (truth === "fail") {
    for (const [at, off] of difference.entries()) if (!(Math.abs(off) <= bound)) marked.add(at);
    if (worst.length === rightShape.length)
      marked.add(worst.reduce((at, index, axis) => at * (rightShape[axis] as number) + index, 0));
  }
  const size = largest(difference);
  const power = size > 0 && (size < 1e-2 || size >= 1e4) ? -Math.floor(Math.log10(size)) : 0;
  const scaled = difference.map((value) => value * 10 ** power);
  const { length } = difference;
  const label = labelOf(id, labels);
  const about = [label === name ? [] : label, fits ? mine.offBy(sized(maxError), sized(bound)) : []].flat();
  return html`
    <section class="comparison" tabindex="-1" aria-label=${mine.numbersOf(name)}>
      <h3><b>${name}</b> <span>${about.join(" · ")}</span></h3>
      <div class="figures">
        ${yours.length > 0 ? figure(mine.yours, yours, fits ? columns : ownWidth) : nothing}
        ${figure(mine.theRightOne, right, columns)}
        ${fits ? figure(mine.difference(power === 0 ? "" : ` × 10${superscript(power)}`), scaled, columns, marked) : nothing}
      </div>
      ${marked.size > 0 && fits ? html`<p>${marked.size === length ? mine.allCellsWrong : mine.cellsWrong(marked.size, length)}</p>` : nothing}
    </section>`;
}
