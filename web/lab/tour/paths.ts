import { html } from "lit";
import { largest } from "../base/numbers.ts";
import { type Path as AnyPath, kPaths } from "../maths/graph-facts.ts";
import { type Formula, math, mo, row, sum } from "../maths/mathml.ts";
import { verdictChip } from "../ui/verdict.ts";
import { cells, inRow, plain, type Stage, summed, symbol, type View } from "./stage.ts";

type Path = Exclude<AnyPath, "throughRms">;
/** Those of batch norm. */
const kOwn = kPaths.filter((path) => path !== "throughRms");

/** dx as the sum of three paths. Each can be left out, which breaks a law. */
export function paths({ locale, column, play, set }: Stage): View {
  const { tour } = locale.tour;
  const { symbols, partials } = locale.formulas;
  const { off } = play;
  const back = Object.fromEntries(
    kOwn.map((path) => [path, column.of(column.trace.paths.x[path])]),
  ) as Record<Path, number[]>;
  const dx =
    off.size === 0
      ? column.grad("x")
      : back.direct.map((_, at) =>
          kOwn.filter((path) => !off.has(path)).reduce((all, path) => all + (back[path][at] as number), 0),
        );
  const most = largest([...Object.values(back).flat(), ...dx]);
  const xhat = column.value("xhat");
  const laws = [
    { name: "sum", formula: sum(inRow(partials.x, "i")), terms: dx },
    {
      name: "sumXhat",
      formula: sum(inRow(partials.x, "i"), mo("·"), inRow(symbols.xhat, "i")),
      terms: dx.map((value, at) => value * (xhat[at] as number)),
    },
  ].map((law) => ({ ...law, total: law.terms.reduce((a, b) => a + b, 0) }));
  const broken = laws.filter(({ total }) => Math.abs(total) > 1e-9 * most); // rounding is far smaller, what is left out far larger
  const toggle = (path: Path) => {
    const next = new Set(off);
    if (!next.delete(path)) next.add(path);
    set({ off: next });
  };
  const knob = (path: Path) => html`
    <button class="switch" name=${path === "throughMean" ? "act" : path} aria-pressed=${!off.has(path)} @click=${() => toggle(path)}>
      <span class="knob" aria-hidden="true"></span>${tour.paths.names[path]}</button>`;
  return {
    title: tour.paths.title(math(partials.x)),
    picture: html`
      <div class="chain paths">
        ${kOwn.map((path, at) => html`${at > 0 ? html`<span class="operator">+</span>` : ""}${cells(path, knob(path), back[path], { most, isOff: off.has(path) })}`)}
        <span class="operator">=</span>
        ${cells("dx", off.size > 0 ? tour.paths.left : symbol(partials.x), dx, { most })}
      </div>
      <div class="lines laws">${laws.map(
        ({ name, formula, terms, total }) => html`
          <p><span>${math(row(formula, mo("=")) as Formula)} ${summed(terms)} = <b data-number=${name}>${plain(total)}</b></span>
            ${broken.some((one) => one.name === name) ? verdictChip("fail", tour.paths.broken) : verdictChip("pass", tour.paths.holds)}</p>`,
      )}</div>`,
    act: html`<span class="hint">${tour.paths.act}</span>`,
    said:
      off.size === 0
        ? tour.paths.whole(math(symbols.xhat))
        : broken.length > 0
          ? tour.paths.said(broken.length)
          : tour.paths.unseen,
  };
}
