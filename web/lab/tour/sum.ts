import { html } from "lit";
import { math } from "../maths/mathml.ts";
import { fan } from "./fan.ts";
import { cells, plain, type Stage, summed, symbol, type View } from "./stage.ts";

/** β is copied to every row, so what comes back is summed. */
export function sum({ locale, column, play, set }: Stage): View {
  const { tour } = locale.tour;
  const { symbols, partials } = locale.formulas;
  const { shown } = play;
  const dy = column.grad("y");
  const total = column.one("beta", "grad");
  return {
    title: tour.sum.title(math(symbols.beta)),
    picture: html`
      <div class="copies">
        <div class="source">
          <div class="box">
            ${cells("beta", symbol(symbols.beta), [column.one("beta")])}
            <div class=${shown ? "" : "veiled"} ?inert=${!shown}>${cells("dbeta", symbol(partials.beta), [total])}</div>
          </div>
        </div>
        <div class="between"><span>${shown ? `← ${tour.sum.back}` : `${tour.sum.copied(column.rows)} →`}</span>${fan(column.rows, shown)}</div>
        ${shown ? cells("dy", symbol(partials.y), dy) : cells("y", symbol(symbols.y), column.value("y"))}
      </div>
      <div class="lines"><p>${
        shown
          ? html`${math(partials.beta)} = ${summed(dy)} = <b data-number="dbeta">${plain(total)}</b>`
          : html`${math(symbols.y)} = ${math(symbols.gamma)} · ${math(symbols.xhat)} + ${math(symbols.beta)}`
      }</p></div>`,
    act: html`<button class=${shown ? "control" : "control act"} name="act" aria-pressed=${shown} @click=${() => set({ shown: !shown })}>${shown ? tour.sum.forward : tour.sum.act}</button>`,
    said: shown
      ? tour.sum.said(column.rows, math(symbols.beta))
      : tour.sum.first(column.rows, math(symbols.beta)),
  };
}
