import { html, nothing } from "lit";
import type { NodeId } from "../../src/index.ts";
import { placeIn } from "../maths/computed.ts";
import { extentOf, nodeIn } from "../maths/graph-facts.ts";
import { type Cell, placeOf } from "../maths/layout.ts";
import { type Formula, math } from "../maths/mathml.ts";
import type { Shown } from "./words.ts";

/** The chosen gate, opened: its arithmetic in the chosen cell, forward and backward. */
export function opened({ locale, computed, graph, moment }: Shown, id: NodeId, cell: Cell) {
  if (nodeIn(graph, id).gate === "input" || !moment.values.has(id)) return nothing;
  const { words, formulas } = locale;
  const { forward, backTo } = words.graph.opened;
  const place = placeOf(computed.layout, extentOf(graph, id), placeIn(computed, id, cell));
  const { forward: made, back } = formulas.gateWithNumbers(computed, id, cell);
  const line = (name: unknown, formula: Formula) =>
    html`<div><dt>${name}</dt><dd class="scrolls" tabindex="0">${math(formula)}</dd></div>`;
  return html`
    <dl class="opened" aria-label=${words.graph.opened.title(locale.labels[id], words.cells.place(place))}>
      ${line(forward(words.cells.place(place)), made)}
      ${moment.grads.has(id) ? back.map(({ from, formula }) => line(backTo(math(formulas.symbols[from])), formula)) : nothing}
    </dl>`;
}
