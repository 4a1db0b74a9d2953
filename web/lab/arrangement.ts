/** Where everything lies on the picture of the graph. No element, no colour: only places. */
import type { NodeId } from "../src/index.ts";
import { kNodeViews } from "./nodes.ts";
import type { Computed } from "./selection.ts";

/** A node on the picture. */
export interface Card {
  id: NodeId;
  /** The card's corner and size; its two heat maps lie inside. */
  x: number;
  y: number;
  width: number;
  height: number;
  rows: number;
  tensor: number;
}

const kWidth = 80;
/** Between the rim of a card and what is in it. */
export const kPad = 7;
const kHead = 24;
/** The rule between a value and its gradient. */
export const kRule = 15;
const kStrip = 15;

/** A row of values is a strip as high as one row of a block, so that spreading and folding can be seen. */
const blockHeight = (rows: number) => Math.min(Math.max(rows * kStrip, kStrip), 62);

/** Where every card lies, in one of two arrangements. */
export function arrange(computed: Computed, tall: boolean) {
  const block = blockHeight(computed.rows);
  const cardHeight = (tensor: number) => kHead + tensor + kRule + tensor + kPad;
  const high = cardHeight(block);
  const low = cardHeight(kStrip);
  const cards = new Map<NodeId, Card>();
  for (const { id, shape } of computed.trace.nodes) {
    const matrix = shape.length === 2;
    const tensor = matrix ? block : kStrip;
    const height = cardHeight(tensor);
    const view = kNodeViews[id];
    let x: number;
    let middle: number;
    if (tall) {
      const [column, row] = view.tall;
      x = 6 + column * (kWidth + 34);
      middle = tallMiddles(high, low)[row] as number;
    } else {
      const [column, lane] = view.wide;
      x = 18 + column * 121;
      const top = 22;
      const direct = top + low + 36 + high / 2;
      middle = [top + low / 2, direct, direct + high + 44][lane] as number;
    }
    cards.set(id, {
      id,
      x,
      y: middle - height / 2,
      width: kWidth,
      height,
      rows: matrix ? computed.rows : 1,
      tensor,
    });
  }
  const last = cards.get("y") as Card;
  const loss = tall
    ? { x: last.x + last.width / 2, y: last.y + last.height + 44 }
    : { x: last.x + last.width + 48, y: last.y + last.height / 2 };
  const bottom = Math.max(...[...cards.values()].map((card) => card.y + card.height), loss.y + 20);
  const width = tall ? 6 + 3 * kWidth + 2 * 34 + 6 : loss.x + 24;
  return { cards, loss, width, height: bottom + (tall ? 8 : 34) };
}

/** The middles of the rows of the tall picture: rows with blocks are high, rows of strips low. */
function tallMiddles(high: number, low: number): number[] {
  const heights = [high, low, high, high, low, low, high, high, high];
  const gap = 38;
  let y = 12;
  return heights.map((height) => {
    const middle = y + height / 2;
    y += height + gap;
    return middle;
  });
}

/** Where a card shows its value or its gradient. */
export const tensorFrame = (card: Card, which: "value" | "grad") => ({
  x: card.x + kPad,
  y: card.y + kHead + (which === "grad" ? card.tensor + kRule : 0),
  width: card.width - 2 * kPad,
  height: card.tensor,
});

export interface Route {
  d: string;
  /** Where the gate's sign sits, in front of the card that it makes. */
  gate: readonly [number, number];
  /** Where a word about the edge sits: how many rows it is copied to, or summed over. */
  note: readonly [x: number, y: number, anchor: "start" | "end" | "middle"];
}

/** A line from one card to the next: straight along a lane, a bend between lanes. */
export function route(from: Card, to: Card, tall: boolean): Route {
  const [fx, fy] = [from.x + from.width / 2, from.y + from.height / 2];
  const [tx, ty] = [to.x + to.width / 2, to.y + to.height / 2];
  if (tall) {
    if (Math.abs(fx - tx) < 1)
      return {
        d: `M${fx} ${from.y + from.height}V${to.y - 5}`,
        gate: [tx, to.y - 16],
        note: [tx + 16, to.y - 12, "start"],
      };
    if (Math.abs(fy - ty) < 60) {
      const right = tx > fx;
      const [start, end] = right ? [from.x + from.width, to.x - 5] : [from.x, to.x + to.width + 5];
      return {
        d: `M${start} ${ty}H${end}`,
        gate: [end + (right ? -12 : 12), ty],
        note: [(start + end) / 2, ty - 7, "middle"],
      };
    }
    const start = from.y + from.height;
    const middle = (start + to.y) / 2;
    const aside = tx + Math.sign(fx - tx) * 18;
    return {
      d: `M${fx} ${start}C${fx} ${middle + 10} ${aside} ${middle - 14} ${aside} ${to.y - 5}`,
      gate: [tx, to.y - 16],
      note: [aside + Math.sign(fx - tx) * 8, to.y - 12, fx > tx ? "start" : "end"],
    };
  }
  if (Math.abs(fy - ty) < 40) {
    const y = fy;
    return {
      d: `M${from.x + from.width} ${y}H${to.x - 4}`,
      gate: [to.x - 20, y],
      note: [to.x - 20, y - 14, "middle"],
    };
  }
  if (Math.abs(fx - tx) < 1)
    return {
      d: `M${fx} ${from.y + from.height}V${to.y - 4}`,
      gate: [tx, to.y - 4],
      note: [tx + 8, (from.y + from.height + to.y) / 2 + 3, "start"],
    };
  if (ty > fy) {
    // down to the lane below, and in from the left
    const [start, end] = [from.y + from.height, to.x - 4];
    const x = Math.min(fx + 8, to.x - 34);
    return {
      d: `M${x} ${start}V${ty - 26}Q${x} ${ty} ${x + 26} ${ty}H${end}`,
      gate: [to.x - 20, ty],
      note: [x + 8, ty - 34, "start"],
    };
  }
  // up from the lane below, and in from underneath
  const x = tx - 8;
  return {
    d: `M${from.x + from.width} ${fy}H${x - 26}Q${x} ${fy} ${x} ${fy - 26}V${to.y + to.height + 5}`,
    gate: [x, to.y + to.height + 18],
    note: [x - 8, to.y + to.height + 34, "end"],
  };
}
