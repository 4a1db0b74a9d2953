import { html } from "lit";
import { display, frac, group, math, mi, mo, partialOf, row } from "../maths/mathml.ts";
import "../grid/matrix.ts";
import { largest } from "../base/numbers.ts";
import { kNaive } from "./column.ts";
import { type Stage, sigmaIn, type View } from "./stage.ts";

/** The dx of a reader who takes the statistics for constants, beside the one that is measured. */
export function claim({ locale, bn, column, play, set }: Stage): View {
  const { tour } = locale.tour;
  const { symbols, partials } = locale.formulas;
  const { kase, columns } = column;
  const sigma = sigmaIn(locale);
  const naive = bn.trace(kase, { mistakes: [kNaive] }).nodes.find(({ id }) => id === "x")
    ?.grad as Float64Array;
  const checked = bn.gradcheck(kase, { mistakes: [kNaive] }).nodes.find(({ id }) => id === "x");
  const measured = checked?.numeric as Float64Array;
  const bounds = checked?.numericBound as Float64Array;
  const wrong = new Set(
    [...naive.keys()].filter(
      (at) => !(Math.abs((naive[at] as number) - (measured[at] as number)) <= (bounds[at] as number)),
    ),
  );
  const most = Math.max(largest(naive), largest(measured));
  const matrix = (label: string, values: ArrayLike<number>, framed?: ReadonlySet<number>) =>
    html`<bn-matrix apart .values=${values} .columns=${columns} .most=${most} .wrong=${framed} node="x" digits="3" label=${label}></bn-matrix>`;
  const scaled = frac(symbols.gamma, sigma);
  const forward = row(
    symbols.y,
    mo("="),
    scaled,
    mo("·"),
    group(symbols.x, mo("−"), symbols.mean),
    mo("+"),
    symbols.beta,
  );
  return {
    title: tour.claim.title(math(row(partials.x, mo("="), scaled, mo("·"), partials.y))),
    note: tour.claim.means(
      math(partials.x),
      math(frac(partialOf(mi("L")), partialOf(symbols.x))),
      math(mi("L")),
      math(symbols.x),
      math(partials.y),
    ),
    picture: html`
      <p class="formula">${display(forward)}</p>
      <div class="pair">
        <figure><figcaption>${tour.claim.byFormula}</figcaption>${matrix(tour.claim.byFormula, naive, play.shown ? wrong : undefined)}</figure>
        <figure class=${play.shown ? "" : "hidden"}>
          <figcaption>${tour.claim.measured}</figcaption>
          <div class="veil" ?inert=${!play.shown}>${matrix(tour.claim.measured, measured)}</div>
        </figure>
      </div>`,
    act: play.shown
      ? html`<button class="control" name="act" @click=${() => set({ shown: false })}>${tour.again}</button>`
      : html`<button class="control act" name="act" @click=${() => set({ shown: true })}>${tour.claim.act}</button>`,
    said: play.shown ? tour.claim.said(wrong.size, naive.length) : tour.claim.first,
  };
}
