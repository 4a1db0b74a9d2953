import { html, nothing } from "lit";
import { display, frac, math, mo, row } from "../maths/mathml.ts";
import { Column } from "./column.ts";
import { cells, equals, inRow, plain, type Stage, sigmaIn, summed, symbol, type View } from "./stage.ts";

/** The forward pass of one column. One x can be moved, and every x̂ moves with it. */
export function moving({ locale, bn, column, play, set }: Stage): View {
  const { tour } = locale.tour;
  const { symbols } = locale.formulas;
  const now = play.moved === 0 ? column : new Column(bn, column.moved(0, play.moved));
  const by = (step: number) => {
    const next = new Column(bn, column.moved(0, play.moved + step));
    if (next.isFinite) set({ moved: play.moved + step, shown: true }); // a constant column has no x̂ here
  };
  const x = now.value("x");
  const [before, after] = [column.value("xhat"), now.value("xhat")];
  const changed = after.filter((value, at) => value !== before[at]).length;
  const difference = (at: number) => {
    const change = (after[at] as number) - (before[at] as number);
    return play.moved === 0
      ? nothing
      : html`<small>${change < 0 ? "" : "+"}${plain(Number(change.toFixed(2)))}</small>`;
  };
  const sigma = sigmaIn(locale);
  return {
    title: tour.column.title(math(symbols.x), math(symbols.xhat)),
    picture: html`
      <div class="chain">
        ${cells("x", symbol(symbols.x), x)}
        <span class="operator">→</span>
        ${cells("mean", symbol(symbols.mean), [now.one("mean")])}
        <span class="operator">→</span>
        ${cells("xc", symbol(symbols.xc), now.value("xc"))}
        <span class="operator">→</span>
        ${cells("std", symbol(sigma), [now.one("std")])}
        <span class="operator">→</span>
        ${cells(
          "xhat",
          symbol(symbols.xhat),
          after.map((value) => Number(value.toFixed(2))),
          { more: difference },
        )}
      </div>
      <div class="lines">
        <p>${math(symbols.mean)} = (${summed(x)}) / ${now.rows} = <b data-number="mean">${plain(now.one("mean"))}</b></p>
        <p>${math(symbols.var)} = (${now.value("sq").map(plain).join(" + ")}) / ${now.rows} = <b data-number="var">${plain(now.one("var"))}</b></p>
        <p>${display(equals(inRow(symbols.xhat, "i"), frac(row(inRow(symbols.x, "i"), mo("−"), symbols.mean), sigma)))}</p>
      </div>`,
    act: html`
      <span class="stepper" role="group" aria-label=${tour.column.act}>
        <span>${tour.column.move(math(inRow(symbols.x, 0)))}</span>
        <button class="control act" name="less" aria-label=${tour.column.less} @click=${() => by(-1)}>−1</button>
        <button class="control act" name="act" aria-label=${tour.column.more} @click=${() => by(1)}>+1</button>
      </span>`,
    said: play.shown
      ? tour.column.said(changed, after.length, math(inRow(symbols.x, 0)), math(symbols.mean), math(sigma))
      : tour.column.first(math(inRow(symbols.x, 0))),
  };
}
