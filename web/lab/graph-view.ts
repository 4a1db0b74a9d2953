import { css, html, LitElement, nothing, svg } from "lit";
import type { Graph, GraphEdge, Mistake, NodeId } from "../src/index.ts";
import { arrange, type Card, kPad, kRule, type Route, route, tensorFrame } from "./arrangement.ts";
import { cellAt, cellFrame, heatMap } from "./heat-map.ts";
import { kNodeViews } from "./nodes.ts";
import { single } from "./numbers.ts";
import { type Computed, nodeReport, nodeTrace, SelectEvent, type Selection } from "./selection.ts";
import { hatches, shades, tokens } from "./theme.ts";
import { kVerdictWords, shownVerdict, verdictMark, verdictStyles } from "./verdict.ts";

const key = (edge: GraphEdge) => `${edge.from}-${edge.to}`;

/** The computational graph, every node drawn as its tensor: the value above the rule, its gradient below. */
export class BnGraph extends LitElement {
  static override properties = {
    computed: { attribute: false },
    graph: { attribute: false },
    selection: { attribute: false },
    mistake: { attribute: false },
    tall: { state: true },
  };
  declare computed: Computed;
  declare graph: Graph;
  declare selection: Selection;
  /** The mistake that is made: its edges and gates are marked. */
  declare mistake: Mistake | undefined;
  declare tall: boolean;

  #width = new ResizeObserver(([entry]) => {
    this.tall = (entry?.contentRect.width ?? 1000) < 860;
  });

  static override styles = [
    tokens,
    verdictStyles,
    css`
      :host {
        display: block;
      }
      svg.picture {
        display: block;
        width: 100%;
        height: auto;
      }
      svg.tall {
        max-width: 460px;
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
      .edge.wrong {
        stroke: var(--fail);
        stroke-width: 2.5;
        stroke-dasharray: 6 4;
      }
      .gate.wrong rect {
        stroke: var(--fail);
        stroke-width: 2;
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
          ${hatches}
        </defs>
        ${tall ? nothing : this.#laneNames(cards)}
        ${ordered.map(({ edge, d }) => {
          const on = lit.has(key(edge));
          const wrong = this.#isWrong(edge);
          // lit edges carry the gradient, which runs against them
          return svg`<path class=${`edge ${on ? "lit" : ""} ${wrong ? "wrong" : ""}`} d=${d}
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

  #isWrong(edge: GraphEdge): boolean {
    return this.mistake?.edges.some((one) => key(one) === key(edge)) ?? false;
  }

  #isWrongGate(id: NodeId): boolean {
    const { edges = [], nodes = [] } = this.mistake ?? {};
    return nodes.includes(id) || edges.some(({ to }) => to === id);
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
      const unbiased = edge.to === "var" && this.computed.kase.ddof === 1;
      const sign = unbiased ? "Σ" : view.gate;
      const wide = sign.length > 2 ? 28 : sign.length > 1 ? 22 : 18;
      const [x, y] = gate;
      // too long for the pill between two cards
      const divisor = this.tall
        ? svg`<text class="copies" x=${x + 13} y=${y + 4}>/(N − 1)</text>`
        : svg`<text class="copies" x=${x} y=${y + 22} text-anchor="middle">/(N−1)</text>`;
      return svg`
        <g class=${`gate ${this.#isWrongGate(edge.to) ? "wrong" : ""}`}><title>${view.gateWords}</title>
          <rect x=${x - wide / 2} y=${y - 9} width=${wide} height="18" rx="9"></rect>
          <text x=${x} y=${y + 4}>${sign}</text>
        </g>
        ${unbiased ? divisor : nothing}`;
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
    const verdict = shownVerdict(this.computed, id);
    const valueIsWrong = this.computed.wrongHere.has(id);
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
        ? [...report.exact.keys()].filter(
            (at) =>
              Math.abs((report.analytic[at] as number) - (report.exact[at] as number)) >
              (report.bound[at] as number),
          )
        : [];
    const words = `${label}, ${kNodeViews[id].words}, shape ${shape.replace("×", " by ")}, gradient check: ${kVerdictWords[verdict]}${valueIsWrong ? ", value wrong here" : ""}`;
    return svg`
      <g class=${`node ${selected ? "selected" : ""}`} data-node=${id} tabindex="0" role="button" aria-pressed=${selected}
        aria-label=${words} @click=${(event: MouseEvent) => this.#click(event, card)} @keydown=${(event: KeyboardEvent) => this.#key(event, id)}>
        <rect class="card" x=${x} y=${y} width=${width} height=${height} rx="6"></rect>
        <text class=${`label ${label.length > 6 ? "long" : ""}`} x=${x + kPad} y=${y + 16}>${label}</text>
        <text class="shape" x=${x + width - kPad} y=${grad.y - 4} text-anchor="end">${shape}</text>
        ${heatMap(node.value, rows, columns, value)}
        ${valueIsWrong ? svg`<rect class="broken" x=${value.x - 2} y=${value.y - 2} width=${value.width + 4} height=${value.height + 4} rx="3"></rect>` : nothing}
        <text class="partial" x=${x + kPad} y=${grad.y - 4}>∂</text>
        <line class="hair" x1=${x + kPad + 9} x2=${x + width - kPad - 4 - shape.length * 5.6} y1=${grad.y - kRule / 2} y2=${grad.y - kRule / 2}></line>
        ${heatMap(node.grad, rows, columns, grad)}
        ${this.#broken(broken, card, grad)}
        ${selected ? pick.map((frame) => svg`<rect class="pick" x=${frame.x} y=${frame.y} width=${frame.width} height=${frame.height} rx="2"></rect>`) : nothing}
        <g transform=${`translate(${x + width - 2} ${y + 1})`}>${verdictMark(verdict)}</g>
        <title>${words}. Value ${single(node.value[row * columns + this.selection.cell.column] as number)}, gradient ${single(node.grad[row * columns + this.selection.cell.column] as number)} in the chosen cell.</title>
      </g>`;
  }

  /** A frame around each wrong cell, or around them all where cells are too small for one of their own. */
  #broken(places: readonly number[], { rows }: Card, grad: ReturnType<typeof tensorFrame>) {
    if (places.length === 0) return nothing;
    const { columns } = this.computed;
    const frames = places.map((at) => cellFrame(Math.floor(at / columns), at % columns, rows, columns, grad));
    const small = frames.some(({ width, height }) => Math.min(width, height) < 6);
    return (
      small ? [{ x: grad.x - 2, y: grad.y - 2, width: grad.width + 4, height: grad.height + 4 }] : frames
    ).map(
      ({ x, y, width, height }) =>
        svg`<rect class="broken" x=${x + 1} y=${y + 1} width=${width - 2} height=${height - 2}></rect>`,
    );
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
