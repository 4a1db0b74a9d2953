/** The layout of the graph: only positions, no elements and no colours. */
import type { NodeId } from "../../src/index.ts";
import type { Computed } from "../maths/computed.ts";
import { lastOf } from "../maths/graph-facts.ts";
import type { Sheet } from "../maths/layout.ts";
import { type NodeView, viewsOf } from "../maths/nodes.ts";
import { hasNumbers } from "./cell-numbers.ts";

type Point = readonly [x: number, y: number];

/** A node of the graph. */
export interface Card {
  id: NodeId;
  /** The card's corner and size; its two heat maps lie inside. */
  x: number;
  y: number;
  width: number;
  height: number;
  sheet: Sheet;
  /** The size of a heat map. */
  tensor: { width: number; height: number };
}

const kWidth = 80;
/** The padding of a card. */
export const kPad = 7;
const kHead = 24;
/** The line between a value and its gradient. */
export const kRule = 15;
const kStrip = 15;
/** Between two cards of the wide picture, with a gate in the middle. */
const kGap = 44;
/** Between two rows of the tall picture. */
const kTallGap = 46;
/** From the edge of a card to the dot where its arrow splits. */
const kToDot = 20;
/** From the last card to the middle of the loss, and from there to the end of the wide picture. */
const kToLoss = 48;
const kEnd = 24;
/** How much wider a card may become, and how much the picture may be scaled down and still be read. */
const kMostWider = 160;
const kLeastSpare = -15;

/**
 * The size of an array on a card: as high and as wide as its share of x, so that copying and summing can be seen. A row of
 * values is a strip below, a column of values one beside.
 */
function sizeOf(
  { rows, columns }: Sheet,
  { elements }: Record<"elements", Sheet>,
  inner: number,
  isWritten: boolean,
) {
  const block = Math.min(Math.max(elements.rows * kStrip, kStrip), isWritten ? Infinity : 62);
  const isNarrow = columns < elements.columns && rows === elements.rows && rows > 1;
  const cell = isWritten ? inner / elements.columns : kStrip;
  return {
    width: isNarrow ? Math.min(columns * cell, inner - kStrip) : inner,
    height: rows === 1 ? kStrip : block,
  };
}

/** The position of every card, in one of two layouts. room: the width of the picture in pixels. */
export function arrange({ graph, layout }: Computed, tall: boolean, room: number) {
  const { sheets } = layout;
  const views = viewsOf(graph);
  const order = graph.nodes
    .map(({ id }) => (views[id] as NodeView).wide)
    .filter(([, lane]) => lane > 0)
    .sort(([a], [b]) => a - b);
  const [end] = order.at(-1) as readonly [number, number];
  // what is left when the gaps have theirs makes the cards wider; text stays as large as it is
  const spare = (room - (end + kWidth + kToLoss + kEnd)) / order.length;
  const width = kWidth + (tall ? 0 : Math.max(0, Math.min(spare, kMostWider)));
  const inner = width - 2 * kPad;
  const isWritten = hasNumbers(layout, inner) && (tall || spare > kLeastSpare);
  const sized = graph.nodes.map(({ id, extent }) => {
    const sheet = sheets[extent];
    const tensor = sizeOf(sheet, sheets, inner, isWritten);
    const height = kHead + tensor.height + kRule + tensor.height + kPad;
    return { id, sheet, tensor, width, height, view: views[id] as NodeView };
  });
  // a bank of sum gates stands above its card, or in it if its outputs are a column
  const bank = sheets.statistics.rows > 1 && sheets.statistics.columns > 1 ? 90 : 48;
  const middles = tall ? tallMiddles(sized) : wideMiddles(sized, bank);
  const cards = new Map<NodeId, Card>();
  for (const { view, ...card } of sized) {
    const [column, row] = view.tall;
    const [left, lane] = view.wide;
    const middle = middles[tall ? row : lane] as number;
    const before = order.filter(([other]) => other < left).length;
    // a parameter stands above the gate that it feeds
    const x = tall
      ? 6 + column * (kWidth + 34)
      : left + before * (width - kWidth) - (lane === 0 ? (width - kWidth) / 2 : 0);
    cards.set(card.id, { ...card, x, y: middle - card.height / 2 });
  }
  const last = cards.get(lastOf(graph)) as Card;
  const loss = tall
    ? { x: last.x + last.width / 2, y: last.y + last.height + 44 }
    : { x: last.x + last.width + kToLoss, y: last.y + last.height / 2 };
  const bottom = Math.max(...[...cards.values()].map((card) => card.y + card.height), loss.y + 20);
  const whole = tall ? 6 + 3 * kWidth + 2 * 34 + 6 : loss.x + kEnd;
  return { cards, loss, width: whole, height: bottom + (tall ? 8 : 34), isWritten };
}

type Sized = readonly { height: number; view: NodeView }[];

/** The middles of the lanes of the wide picture. */
function wideMiddles(cards: Sized, bank: number): number[] {
  const [above, direct, below] = [0, 1, 2].map((lane) =>
    Math.max(0, ...cards.flatMap(({ height, view }) => (view.wide[1] === lane ? [height] : []))),
  ) as [number, number, number];
  const middle = 22 + above + kGap + direct / 2;
  return [22 + above / 2, middle, middle + direct / 2 + bank + below / 2];
}

/** The middles of the rows of the tall picture: a row is as high as its highest card. */
function tallMiddles(cards: Sized): number[] {
  const rows: number[] = [];
  for (const { height, view } of cards) {
    const [, row] = view.tall;
    rows[row] = Math.max(rows[row] ?? 0, height);
  }
  let y = 12;
  return rows.map((height) => {
    const middle = y + height / 2;
    y += height + kTallGap;
    return middle;
  });
}

/** The rectangle of a card's value or gradient. */
export const tensorFrame = ({ x, y, width, tensor }: Card, which: "value" | "grad") => ({
  x: x + (width - tensor.width) / 2,
  y: y + kHead + (which === "grad" ? tensor.height + kRule : 0),
  ...tensor,
});

/** The position of the gate that computes a card: in front of it, where all its inputs meet. */
export const gateOf = (card: Card, tall: boolean): Point =>
  tall ? [card.x + card.width / 2, card.y - 16] : [card.x - kGap / 2, card.y + card.height / 2];

/** From the gate into the card that it computes. */
export function outlet(card: Card, tall: boolean): string {
  const [x, y] = gateOf(card, tall);
  return tall ? `M${x} ${y}V${card.y - 3}` : `M${x} ${y}H${card.x - 3}`;
}

/** Where the arrow of a card that feeds more than one gate splits. */
export const splitOf = (card: Card, tall: boolean): Point =>
  tall
    ? [card.x + card.width / 2, card.y + card.height + kToDot - 4]
    : [card.x + card.width + kToDot, card.y + card.height / 2];

/** The position of the D sum gates of a mean: the middle of their lower edge. */
export function bankOf(card: Card, from: Card, tall: boolean): Point {
  if (!tall) return [card.x + card.width / 2, card.y - 1];
  return from.x > card.x
    ? [card.x + card.width / 2, from.y + from.height - 2]
    : [card.x - 37, card.y + card.height - 4];
}

export interface Route {
  d: string;
  /** Whether it enters the gate from the side and so ends in an arrow head. */
  tip: boolean;
  /** Where the label of the edge is: the two shapes, and how many rows it is copied to or summed over. */
  note: readonly [x: number, y: number, anchor: "start" | "end" | "middle"];
}

/** A quarter circle from one direction into the other. The next command continues from its end. */
const corner = (x: number, y: number, endX: number, endY: number) => `Q${x} ${y} ${endX} ${endY}`;
const kBend = 10;

/** The line from a card to the gate that it feeds: straight along a lane, with corners between lanes. `splits`: the card
 *  feeds another gate too. */
export const route = (from: Card, to: Card, splits: boolean, tall: boolean): Route =>
  tall ? tallRoute(from, splits, gateOf(to, true)) : wideRoute(from, to, gateOf(to, false));

function wideRoute(from: Card, to: Card, [gx, gy]: Point): Route {
  const [right, bottom] = [from.x + from.width, from.y + from.height];
  const middle = from.y + from.height / 2;
  if (Math.abs(middle - gy) < 1)
    return { d: `M${right} ${middle}H${gx}`, tip: false, note: [gx, gy - 14, "middle"] };
  if (Math.abs(from.x + from.width / 2 - gx) < 1)
    // a parameter directly above the gate
    return { d: `M${gx} ${bottom}V${gy - 11}`, tip: true, note: [gx + 8, bottom + 15, "start"] };
  if (gy > middle) {
    const [x] = splitOf(from, false);
    return {
      d: `M${right} ${middle}H${x}V${gy - kBend}${corner(x, gy, x + kBend, gy)}H${gx}`,
      tip: false,
      note: [x + 8, gy - 34, "start"],
    };
  }
  return {
    d: `M${right} ${middle}H${gx - kBend}${corner(gx, middle, gx, middle - kBend)}V${gy + 11}`,
    tip: true,
    note: [gx + 8, to.y + to.height + 26, "start"],
  };
}

function tallRoute(from: Card, splits: boolean, [gx, gy]: Point): Route {
  const [x, bottom] = [from.x + from.width / 2, from.y + from.height];
  const middle = from.y + from.height / 2;
  const side = Math.sign(gx - x);
  const rim = gx - side * 11;
  if (side === 0) return { d: `M${x} ${bottom}V${gy}`, tip: false, note: [gx + 16, gy + 4, "start"] };
  if (splits) {
    const [, y] = splitOf(from, true);
    const d = `M${x} ${bottom}V${y}H${gx - side * kBend}${corner(gx, y, gx, y + kBend)}V${gy}`;
    return { d, tip: false, note: [x - side * 12, y, side > 0 ? "end" : "start"] };
  }
  if (bottom < gy)
    return {
      d: `M${x} ${bottom}V${gy - kBend}${corner(x, gy, x + side * kBend, gy)}H${rim}`,
      tip: true,
      note: [from.x, gy + 18, "start"],
    };
  if (side > 0)
    return {
      d: `M${x} ${from.y}V${gy + kBend}${corner(x, gy, x + kBend, gy)}H${rim}`,
      tip: true,
      note: [x + 8, from.y - 22, "start"],
    };
  const between = from.x - 17;
  return {
    d: `M${from.x} ${middle}H${between + 8}${corner(between, middle, between, middle - 8)}V${gy + kBend}${corner(between, gy, between - kBend, gy)}H${rim}`,
    tip: true,
    note: [from.x, bottom + 15, "start"],
  };
}
