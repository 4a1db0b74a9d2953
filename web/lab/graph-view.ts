import { css, html, LitElement, nothing, svg } from "lit";
import type { Graph, GraphEdge, NodeId } from "../src/index.ts";
import { cellAt, cellFrame, heatMap } from "./heat-map.ts";
import { kNodeViews } from "./nodes.ts";
import { single } from "./numbers.ts";
import { type Computed, nodeReport, nodeTrace, SelectEvent, type Selection } from "./selection.ts";
import { shades, tokens } from "./theme.ts";
import { kVerdictWords, type Shown, verdictMark, verdictStyles } from "./verdict.ts";

interface Card {
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
const kPad = 7;
const kHead = 24;
const kRule = 15;
const kStrip = 15;

/** A row of values is a strip as high as one row of a block, so that spreading and folding can be seen. */
const blockHeight = (rows: number) => Math.min(Math.max(rows * kStrip, kStrip), 62);

/** Where every card lies, in one of two arrangements. */
function arrange(computed: Computed, tall: boolean) {
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

const tensorFrame = (card: Card, which: "value" | "grad") => ({
  x: card.x + kPad,
  y: card.y + kHead + (which === "grad" ? card.tensor + kRule : 0),
  width: card.width - 2 * kPad,
  height: card.tensor,
});

interface Route {
  d: string;
  /** Where the gate's sign sits, in front of the card that it makes. */
  gate: readonly [number, number];
  /** Where a word about the edge sits: how many rows it is copied to, or summed over. */
  note: readonly [x: number, y: number, anchor: "start" | "end" | "middle"];
}

/** A line from one card to the next: straight along a lane, a bend between lanes. */
function route(from: Card, to: Card, tall: boolean): Route {
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

const key = (edge: GraphEdge) => `${edge.from}-${edge.to}`;

/** The computational graph, every node drawn as its tensor: the value above the rule, its gradient below. */
export class BnGraph extends LitElement {
  static override properties = {
    computed: { attribute: false },
    graph: { attribute: false },
    selection: { attribute: false },
    tall: { state: true },
  };
  declare computed: Computed;
  declare graph: Graph;
  declare selection: Selection;
  declare tall: boolean;

  #width = new ResizeObserver(([entry]) => {
    this.tall = (entry?.contentRect.width ?? 1000) < 700;
  });

  static override styles = [
    tokens,
    verdictStyles,
    css`
      :host {
        display: block;
        overflow-x: auto;
        scrollbar-width: thin;
      }
      svg.wide {
        min-width: 960px;
      }
      svg.picture {
        display: block;
        width: 100%;
        height: auto;
      }
      svg.tall {
        max-width: 420px;
        margin: 0 auto;
      }
      .card {
        fill: var(--card);
        stroke: var(--hairline);
      }
      .node {
        cursor: pointer;
        outline: none;
      }
      .node:hover .card {
        stroke: var(--muted);
      }
      .node.selected .card {
        stroke: var(--accent);
        stroke-width: 2.5;
      }
      .node:focus-visible .card {
        stroke: var(--accent);
        stroke-width: 2.5;
        stroke-dasharray: 5 3;
      }
      .label {
        font: 600 13px var(--serif);
        fill: var(--ink);
      }
      .long {
        font-size: 10.5px;
      }
      .shape {
        font: 9.5px var(--sans);
        fill: var(--muted);
      }
      .partial {
        font: italic 10px var(--serif);
        fill: var(--muted);
      }
      .hair {
        stroke: var(--hairline);
      }
      .edge {
        fill: none;
        stroke: color-mix(in oklab, var(--muted) 55%, var(--card));
        stroke-width: 1.4;
      }
      .edge.lit {
        stroke: var(--accent);
        stroke-width: 2.2;
      }
      .tip {
        fill: color-mix(in oklab, var(--muted) 70%, var(--card));
      }
      .tip.lit {
        fill: var(--accent);
      }
      .gate rect {
        fill: var(--wash);
        stroke: var(--hairline);
      }
      .gate text {
        font: 11px var(--serif);
        fill: var(--ink);
        text-anchor: middle;
      }
      .copies {
        font: 10px var(--sans);
        fill: var(--muted);
      }
      .copies.lit {
        fill: var(--accent);
      }
      .lane {
        font: 12px var(--sans);
        fill: var(--muted);
      }
      .loss circle {
        fill: var(--card);
        stroke: var(--hairline);
      }
      .loss text {
        font: 600 13px var(--serif);
        fill: var(--ink);
        text-anchor: middle;
      }
      .pick {
        fill: none;
        stroke: var(--accent);
        stroke-width: 1.8;
      }
      .broken {
        fill: none;
        stroke: var(--fail);
        stroke-width: 2;
      }
    `,
    shades,
  ];

  override connectedCallback() {
    super.connectedCallback();
    this.#width.observe(this);
  }

  override disconnectedCallback() {
    this.#width.disconnect();
    super.disconnectedCallback();
  }

  /** The edges by which the gradient came from the loss to the selected node. */
  #litEdges(): Set<string> {
    const lit = new Set<string>();
    const reached = new Set<NodeId>([this.selection.node]);
    for (const { id } of this.graph.nodes) {
      for (const edge of this.graph.edges) {
        if (edge.from !== id || !reached.has(id)) continue;
        lit.add(key(edge));
        reached.add(edge.to);
      }
    }
    return lit;
  }

  protected override render() {
    const { tall } = this;
    const picture = arrange(this.computed, tall);
    const { cards, loss, width, height } = picture;
    const lit = this.#litEdges();
    const card = (id: NodeId) => cards.get(id) as Card;
    const routes = this.graph.edges.map((edge) => ({ edge, ...route(card(edge.from), card(edge.to), tall) }));
    const ordered = routes.toSorted((a, b) => Number(lit.has(key(a.edge))) - Number(lit.has(key(b.edge))));
    const y = card("y");
    return html`
      <svg class=${`picture ${tall ? "tall" : "wide"}`} viewBox=${`0 0 ${width} ${height}`} role="group"
        aria-label="Computational graph of batch normalization: each node with its value and, below, its gradient">
        <defs>
          ${[false, true].map(
            (on) => svg`
            <marker id=${on ? "lit" : "tip"} viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8"
              markerUnits="userSpaceOnUse" orient="auto-start-reverse">
              <path class=${`tip ${on ? "lit" : ""}`} d="M0 0.6L8 4L0 7.4z"></path>
            </marker>`,
          )}
        </defs>
        ${tall ? nothing : this.#laneNames(cards)}
        ${ordered.map(({ edge, d }) => {
          const on = lit.has(key(edge));
          // lit edges carry the gradient, which runs against them
          return svg`<path class=${`edge ${on ? "lit" : ""}`} d=${d}
            marker-end=${on ? nothing : "url(#tip)"} marker-start=${on ? "url(#lit)" : nothing}></path>`;
        })}
        <path class="edge lit" d=${tall ? `M${y.x + y.width / 2} ${y.y + y.height}V${loss.y - 17}` : `M${y.x + y.width} ${loss.y}H${loss.x - 17}`}
          marker-start="url(#lit)"></path>
        ${this.#gates(routes)}
        ${this.#copies(routes, lit)}
        <g class="loss"><title>L = Σ dy·y, the loss whose gradient is shown</title>
          <circle cx=${loss.x} cy=${loss.y} r="16"></circle>
          <text x=${loss.x} y=${loss.y + 4.5}>L</text>
        </g>
        ${[...cards.values()].map((one) => this.#card(one))}
      </svg>`;
  }

  #laneNames(cards: ReadonlyMap<NodeId, Card>) {
    const [x, mean, variance] = (["xc", "mean", "var"] as const).map((id) => cards.get(id) as Card) as [
      Card,
      Card,
      Card,
    ];
    const below =
      Math.max(
        ...["mean", "sq", "var"].map(
          (id) => (cards.get(id as NodeId) as Card).y + (cards.get(id as NodeId) as Card).height,
        ),
      ) + 20;
    return svg`
      <text class="lane" x=${x.x + x.width + 14} y=${x.y + x.height / 2 - 10}>direct</text>
      <text class="lane" x=${mean.x} y=${below}>through the mean</text>
      <text class="lane" x=${variance.x} y=${below}>through the variance</text>`;
  }

  #gates(routes: readonly (Route & { edge: GraphEdge })[]) {
    // a gate with two inputs has one sign, on its first: the one along the lane
    const seen = new Set<NodeId>();
    return routes.map(({ edge, gate }) => {
      if (seen.has(edge.to)) return nothing;
      seen.add(edge.to);
      const view = kNodeViews[edge.to];
      const wide = view.gate.length > 2 ? 28 : view.gate.length > 1 ? 22 : 18;
      return svg`
        <g class="gate"><title>${view.gateWords}</title>
          <rect x=${gate[0] - wide / 2} y=${gate[1] - 9} width=${wide} height="18" rx="9"></rect>
          <text x=${gate[0]} y=${gate[1] + 4}>${view.gate}</text>
        </g>`;
    });
  }

  /** Where a row meets a matrix: forward it is copied to N rows, and its gradient is summed over them. */
  #copies(routes: readonly (Route & { edge: GraphEdge })[], lit: ReadonlySet<string>) {
    const extent = (id: NodeId) => this.graph.nodes.find((node) => node.id === id)?.extent;
    return routes
      .filter(({ edge }) => extent(edge.from) === "row" && extent(edge.to) === "matrix")
      .map(({ edge, note: [x, y, anchor] }) => {
        const on = lit.has(key(edge));
        const { rows } = this.computed;
        const short = this.tall && anchor === "middle"; // the gap between two cards of a phone
        const words = short ? `${on ? "Σ" : "×"} ${rows}` : on ? `Σ over ${rows} rows` : `to ${rows} rows`;
        return svg`<text class=${`copies ${on ? "lit" : ""}`} x=${x} y=${y} text-anchor=${anchor}>${words}</text>`;
      });
  }

  #card(card: Card) {
    const { id, x, y, width, height, rows } = card;
    const { columns } = this.computed;
    const node = nodeTrace(this.computed, id);
    const report = nodeReport(this.computed, id);
    const verdict: Shown = report?.verdict ?? "pending";
    const selected = this.selection.node === id;
    const [value, grad] = [tensorFrame(card, "value"), tensorFrame(card, "grad")];
    const { label } = kNodeViews[id];
    const shape = node.shape.join("×");
    const row = rows === 1 ? 0 : this.selection.cell.row;
    const pick = [value, grad].map((frame) =>
      cellFrame(row, this.selection.cell.column, rows, columns, frame),
    );
    const broken =
      report?.verdict === "fail"
        ? [...report.numeric.keys()].filter(
            (at) =>
              Math.abs((report.analytic[at] as number) - (report.numeric[at] as number)) >
              (report.bound[at] as number),
          )
        : [];
    const words = `${label}, ${kNodeViews[id].words}, shape ${shape.replace("×", " by ")}, gradient check: ${kVerdictWords[verdict]}`;
    return svg`
      <g class=${`node ${selected ? "selected" : ""}`} data-node=${id} tabindex="0" role="button" aria-pressed=${selected}
        aria-label=${words} @click=${(event: MouseEvent) => this.#click(event, card)} @keydown=${(event: KeyboardEvent) => this.#key(event, id)}>
        <rect class="card" x=${x} y=${y} width=${width} height=${height} rx="6"></rect>
        <text class=${`label ${label.length > 6 ? "long" : ""}`} x=${x + kPad} y=${y + 16}>${label}</text>
        <text class="shape" x=${x + width - kPad} y=${grad.y - 4} text-anchor="end">${shape}</text>
        ${heatMap(node.value, rows, columns, value)}
        <text class="partial" x=${x + kPad} y=${grad.y - 4}>∂</text>
        <line class="hair" x1=${x + kPad + 9} x2=${x + width - kPad - 4 - shape.length * 5.6} y1=${grad.y - kRule / 2} y2=${grad.y - kRule / 2}></line>
        ${heatMap(node.grad, rows, columns, grad)}
        ${broken.map((at) => {
          const frame = cellFrame(Math.floor(at / columns), at % columns, rows, columns, grad);
          return svg`<rect class="broken" x=${frame.x + 1} y=${frame.y + 1} width=${frame.width - 2} height=${frame.height - 2}></rect>`;
        })}
        ${selected ? pick.map((frame) => svg`<rect class="pick" x=${frame.x} y=${frame.y} width=${frame.width} height=${frame.height} rx="2"></rect>`) : nothing}
        <g transform=${`translate(${x + width - 2} ${y + 1})`}>${verdictMark(verdict)}</g>
        <title>${words}. Value ${single(node.value[row * columns + this.selection.cell.column] as number)}, gradient ${single(node.grad[row * columns + this.selection.cell.column] as number)} in the chosen cell.</title>
      </g>`;
  }

  #click(event: MouseEvent, card: Card) {
    const picture = this.renderRoot.querySelector("svg") as SVGSVGElement;
    const matrix = picture.getScreenCTM();
    if (!matrix) return;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const inside = (["value", "grad"] as const)
      .map((which) => tensorFrame(card, which))
      .find((frame) => point.y >= frame.y && point.y < frame.y + frame.height);
    const cell = inside && cellAt(point.x, point.y, card.rows, this.computed.columns, inside);
    if (cell && card.rows === 1) cell.row = this.selection.cell.row;
    this.dispatchEvent(new SelectEvent(card.id, cell));
  }

  #key(event: KeyboardEvent, id: NodeId) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.dispatchEvent(new SelectEvent(id));
      return;
    }
    const order = this.graph.nodes.map((node) => node.id);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = order[order.indexOf(id) + step];
    if (!next) return;
    this.dispatchEvent(new SelectEvent(next));
    (this.renderRoot.querySelector(`[data-node="${next}"]`) as SVGElement | null)?.focus();
  }
}

customElements.define("bn-graph", BnGraph);
