import { nothing, svg } from "lit";
import { type Computed, nodeReport, nodeTrace, placeIn } from "../maths/computed.ts";
import { extentOf } from "../maths/graph-facts.ts";
import { cellIn } from "../maths/layout.ts";
import type { Labels } from "../maths/notations.ts";
import type { Moment } from "../model/moment.ts";
import type { Selection } from "../model/selection.ts";
import { shownVerdict } from "../model/shown-verdict.ts";
import { cellFrame, emptyCells, heatMap } from "../ui/heat-map.ts";
import { verdictMark } from "../ui/verdict.ts";
import type { Locale } from "../words/locale.ts";
import { type Card, kPad, kRule, tensorFrame } from "./arrangement.ts";
import { cellNumbers } from "./cell-numbers.ts";

interface Shown {
  locale: Locale;
  computed: Computed;
  moment: Moment;
  selection: Selection;
  /** The pass of the step being animated, if it computes this node. */
  arriving: Moment["pass"] | undefined;
}

/** How many letters of each size fit on a card. A longer name breaks at its sign into two lines. */
const kSizes = [
  [6, ""],
  [9, "long"],
  [11, "longer"],
] as const;

function name(label: string, { x, y }: Card) {
  const size = kSizes.find(([most]) => label.length <= most)?.[1];
  if (size !== undefined)
    return svg`<text class=${`label ${size}`} x=${x + kPad} y=${y + 16}>${label}</text>`;
  const lines = label.split(/(?<=[−·]) ?/);
  return svg`<text class="label longer">${lines.map((line, i) => svg`<tspan x=${x + kPad} y=${y + 11 + 10 * i}>${line}</tspan>`)}</text>`;
}

/** The prefix of a gradient's name: ∂, d or grad. */
const prefixOf = ({ y, dy }: Labels) => dy.slice(0, dy.indexOf(y)).replace("_", "");

/**
 * Between a value and its gradient: the gradient's prefix, a line and the shape. If space is short, only the shape. It
 * is no part of the card, which is a button and so is named by what is written on it.
 */
export function rule(card: Card, { locale, computed }: Pick<Shown, "locale" | "computed">) {
  const { id, x, width } = card;
  const shape = shapeOn(card, nodeTrace(computed, id).shape);
  const sign = prefixOf(locale.labels);
  const middle = tensorFrame(card, "grad").y - kRule / 2;
  const [left, right] = [x + kPad + 4.5 + 6.2 * sign.length, x + width - kPad - 3 - 6.4 * shape.length];
  return svg`<g class="rule">
    ${left < right + 3 ? svg`<text class="partial" x=${x + kPad} y=${middle + 3.5}>${sign}</text>` : nothing}
    ${left < right ? svg`<line class="hair" x1=${left} x2=${right} y1=${middle} y2=${middle}></line>` : nothing}
    <text class="shape" x=${x + width - kPad} y=${middle + 3.5} text-anchor="end">${shape}</text></g>`;
}

/** The numbers in its cells. As the line, they are no part of the button. before: what they were until a moment ago. */
export function numbersOn(
  card: Card,
  { computed, moment, arriving }: Pick<Shown, "computed" | "moment" | "arriving">,
  before: Computed | undefined,
) {
  const { id, sheet } = card;
  const [node, old] = [nodeTrace(computed, id), before && nodeTrace(before, id)];
  const written = (which: "value" | "grad", isThere: boolean, pass: Moment["pass"]) =>
    isThere
      ? svg`<g class=${arriving === pass ? "arriving" : ""} aria-hidden="true">${cellNumbers(node[which], sheet, tensorFrame(card, which), old?.[which])}</g>`
      : nothing;
  return [
    written("value", moment.values.has(id), "forward"),
    written("grad", moment.grads.has(id), "backward"),
  ];
}

/** A node's card: its name, its value above the line, its gradient below, and the verdict on it. */
export function nodeCard(card: Card, { locale, computed, moment, selection, arriving }: Shown) {
  const { id, x, y, width, height, sheet } = card;
  const { rows, columns } = sheet;
  const node = nodeTrace(computed, id);
  const [hasValue, hasGrad] = [moment.values.has(id), moment.grads.has(id)];
  const valueIsWrong = hasValue && computed.wrongHere.has(id);
  const [value, grad] = [tensorFrame(card, "value"), tensorFrame(card, "grad")];
  const tensor = (pass: Moment["pass"]) => (arriving === pass ? "tensor arriving" : "tensor");
  return svg`
    <rect class="card" x=${x} y=${y} width=${width} height=${height} rx="6"></rect>
    ${name(locale.labels[id], card)}
    ${hasValue ? svg`<g class=${tensor("forward")}>${heatMap(node.value, rows, columns, value)}${marks(computed, card, value)}</g>` : emptyCells(rows, columns, value)}
    ${valueIsWrong ? broken(around(value)) : nothing}
    ${hasGrad ? svg`<g class=${tensor("backward")}>${heatMap(node.grad, rows, columns, grad)}${marks(computed, card, grad)}</g>` : emptyCells(rows, columns, grad)}
    ${hasGrad ? wrongCells(computed, card) : nothing}
    ${selection.node === id ? rings(card, computed, selection, [hasValue, hasGrad]) : nothing}
    ${hasGrad ? svg`<g transform=${`translate(${x + width - 2} ${y + 1})`}>${verdictMark(shownVerdict(computed, id))}</g>` : nothing}`;
}

/** The shape of an array; a long one as that of its grid. */
const shapeOn = ({ sheet }: Card, shape: readonly number[]) => {
  const text = shape.join("×");
  return text.length < 10 ? text : `${sheet.rows}×${sheet.columns}`;
};

/** Lines where channels begin, and where groups of them do, if there is room to tell them apart. */
function marks({ layout, graph }: Computed, { id, sheet }: Card, { x, y, width, height }: Frame) {
  if (extentOf(graph, id) !== "elements") return nothing;
  const lines = (every: number, kind: string) => {
    const step = (every * width) / sheet.columns;
    if (every === 0 || step < 4) return nothing;
    const count = Math.ceil(sheet.columns / every) - 1;
    const d = Array.from({ length: count }, (_, at) => `M${(x + (at + 1) * step).toFixed(2)} ${y}v${height}`);
    return svg`<path class=${`mark ${kind}`} d=${d.join("")}></path>`;
  };
  return [lines(layout.channelWidth, "channel"), lines(layout.groupWidth, "group")];
}

type Frame = ReturnType<typeof tensorFrame>;

const around = ({ x, y, width, height }: Frame) => ({
  x: x - 2,
  y: y - 2,
  width: width + 4,
  height: height + 4,
});

const broken = ({ x, y, width, height }: Frame) =>
  svg`<rect class="broken" x=${x} y=${y} width=${width} height=${height} rx="2"></rect>`;

/** A frame around each wrong cell, or around all cells if they are too small for frames. */
function wrongCells(computed: Computed, card: Card) {
  const report = nodeReport(computed, card.id);
  if (report?.verdict !== "fail") return nothing;
  const { rows, columns } = card.sheet;
  const grad = tensorFrame(card, "grad");
  const { width, height } = cellFrame(0, 0, rows, columns, grad);
  if (Math.min(width, height) < 6) return broken(around(grad));
  const wrong = [...report.exact.keys()].filter(
    (at) =>
      Math.abs((report.analytic[at] as number) - (report.exact[at] as number)) > (report.bound[at] as number),
  );
  return wrong.map((at) => {
    const { x, y } = cellFrame(Math.floor(at / columns), at % columns, rows, columns, grad);
    return broken({ x: x + 1, y: y + 1, width: width - 2, height: height - 2 });
  });
}

/** The frame of the chosen cell, if the card has it. */
function rings(
  card: Card,
  computed: Computed,
  { cell: chosen }: Selection,
  [hasValue, hasGrad]: readonly [boolean, boolean],
) {
  const { rows, columns } = card.sheet;
  const cell = cellIn(card.sheet, placeIn(computed, card.id, chosen));
  const ring = (which: "value" | "grad") => {
    const { x, y, width, height } = cellFrame(cell.row, cell.column, rows, columns, tensorFrame(card, which));
    return svg`<rect class="pick" x=${x} y=${y} width=${width} height=${height} rx="2"></rect>`;
  };
  return [hasValue ? ring("value") : nothing, hasGrad ? ring("grad") : nothing];
}
