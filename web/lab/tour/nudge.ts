import { html, nothing } from "lit";
import { largest, single } from "../base/numbers.ts";
import { math, mi } from "../maths/mathml.ts";
import { shadeOf } from "../ui/theme.ts";
import { verdictChip } from "../ui/verdict.ts";
import { Column, kNaive } from "./column.ts";
import { inRow, plain, type Stage, symbol, type View } from "./stage.ts";

const kStep = 0.001;

/** Moves one x a little, and compares what L does with what two gradients said. */
export function nudge({ locale, bn, column, play, set }: Stage): View {
  const { tour } = locale.tour;
  const { symbols, partials } = locale.formulas;
  const { row: at, shown } = play;
  const naive = column.of(
    bn.trace(column.kase, { mistakes: [kNaive] }).nodes.find(({ id }) => id === "x")?.grad as Float64Array,
  );
  const slope = column.grad("x")[at] as number;
  const moved = new Column(bn, column.moved(at, kStep)).loss - column.loss;
  const x = column.value("x");
  // the curve of L bends a little on the way
  const slack = 1e-3 * Math.abs(moved) + kStep ** 2 * largest(naive);
  const agrees = (said: number) => Math.abs(said - moved) <= slack;
  const chip = (said: number) =>
    agrees(said) ? verdictChip("pass", tour.nudge.right) : verdictChip("fail", tour.nudge.wrong);
  const most = largest(x);
  const xi = math(inRow(symbols.x, at));
  const dxi = math(inRow(partials.x, at));
  const line = (name: string, what: unknown, value: number, isKnown: boolean, verdict: unknown) =>
    html`<tr><th scope="row">${what}</th><td data-number=${name}>${isKnown ? single(value) : "?"}</td><td>${shown ? verdict : nothing}</td></tr>`;
  return {
    title: tour.nudge.title(dxi, plain(slope), xi, plain(kStep), math(mi("L")), single(slope * kStep)),
    picture: html`
      <div class="nudge">
        <figure class="column">
          <figcaption>${symbol(symbols.x)}</figcaption>
          <ul data-array="x" role="list">${x.map(
            (
              value,
              i,
            ) => html`<li><button class=${`cell ${shadeOf(value, most)} ${i === at ? "chosen" : ""}`} aria-pressed=${i === at}
              aria-label=${tour.nudge.choose(i + 1, plain(value)) + (shown && i === at ? `+${kStep}` : "")} @click=${() => set({ row: i })}>${plain(value)}${shown && i === at ? html`<small aria-hidden="true">+${kStep}</small>` : ""}</button></li>`,
          )}</ul>
        </figure>
        <table>
          ${line("moved", tour.nudge.moved(math(mi("L"))), moved, shown, nothing)}
          ${line("said", html`${dxi} · ${plain(kStep)}`, slope * kStep, true, chip(slope * kStep))}
          ${line("naive", tour.nudge.naive, (naive[at] as number) * kStep, true, chip((naive[at] as number) * kStep))}
        </table>
      </div>`,
    act: html`<button class=${shown ? "control" : "control act"} name="act" aria-pressed=${shown} @click=${() => set({ shown: !shown })}>${shown ? tour.nudge.back(xi) : tour.nudge.act(xi, plain(kStep))}</button>`,
    said: shown ? tour.nudge.said : tour.nudge.first,
  };
}
