import { html, nothing, type PropertyValues, svg } from "lit";
import type { Graph, GraphEdge, Mistake, NodeId } from "../../src/index.ts";
import { single } from "../base/numbers.ts";
import { type Computed, nodeTrace, placeIn } from "../maths/computed.ts";
import { extentOf, isCopied, lastOf } from "../maths/graph-facts.ts";
import { type Cell, cellOf } from "../maths/layout.ts";
import { kGateSigns, lanesOf } from "../maths/nodes.ts";
import type { PageCase } from "../maths/norms.ts";
import { type Moment, momentOf, momentsOf } from "../model/moment.ts";
import { kInputs, type Selection } from "../model/selection.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { cellAt } from "../ui/heat-map.ts";
import { hatches, shades, tokens } from "../ui/theme.ts";
import { verdictStyles } from "../ui/verdict.ts";
import type { Locale } from "../words/locale.ts";
import {
  arrange,
  bankOf,
  type Card,
  gateOf,
  outlet,
  type Route,
  route,
  splitOf,
  tensorFrame,
} from "./arrangement.ts";
import { CellField, isEditable } from "./cell-field.ts";
import { type Flow, flowOf, key } from "./flow.ts";
import { edgesOf, ghosts, mayMove, run } from "./motion.ts";
import { nodeCard, numbersOn, rule } from "./node-card.ts";
import { opened } from "./opened.ts";
import { graphStyles } from "./styles.ts";
import { shapes, sumGates } from "./sum-gates.ts";
import { announcement, caption, graphTable, nodeName, type Pointed, type Shown } from "./words.ts";

/** For how long a change shows, in milliseconds. */
const kCompared = 1600;

/** The width of the picture on a slide. */
const kRoomOfSlide = 1240;

/** Whether at most one input differs. */
const isEdited = (before: PageCase, after: PageCase) =>
  before !== after &&
  before.shape === after.shape &&
  kInputs.filter((name) => before[name] !== after[name]).length < 2;

type Routed = Route & { edge: GraphEdge };

/** The computational graph. Every node is drawn as its tensor: the value above the line, its gradient below. */
export class BnGraph extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "graph", "selection", "made", "moment"),
    tall: { state: true },
    narrow: { state: true },
    room: { state: true },
    earlier: { state: true },
    pointed: { state: true },
    close: { type: Boolean },
  };
  declare locale: Locale;
  declare computed: Computed;
  declare graph: Graph;
  declare selection: Selection;
  /** The mistake that is switched on. Its edges and gates are marked. */
  declare made: Mistake | undefined;
  /** The id of the moment shown. What is not computed yet is an empty frame. */
  declare moment: string;
  declare tall: boolean;
  /** The wide picture, but too small for a caption on it or for long words. */
  declare narrow: boolean;
  /** Its width in pixels. */
  declare room: number;
  /** The numbers until a moment ago, while what has changed shows by how much. */
  declare earlier: Computed | undefined;
  declare pointed: Pointed;
  /** On a slide: the whole picture in the given height, without small type. */
  declare close: boolean;

  #comparing = 0;
  readonly #field = new CellField(this);
  /** The step being animated. */
  #motion: Moment | undefined;

  #width = new ResizeObserver(([entry]) => {
    const width = Math.round(entry?.contentRect.width ?? 1400);
    this.room = this.close ? kRoomOfSlide : width;
    this.tall = this.room < 900;
    this.narrow = !this.tall && this.room < 1180;
    if (this.close) this.#fit();
  });

  static override styles = [tokens, verdictStyles, graphStyles, shades];

  constructor() {
    super();
    this.room = 0;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#width.observe(this);
  }

  override disconnectedCallback() {
    this.#width.disconnect();
    clearTimeout(this.#comparing);
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has("computed")) this.#compare(changed.get("computed"));
    if (!changed.has("moment")) return;
    const ids = momentsOf(this.graph).map(({ id }) => id);
    const isStep = ids.indexOf(this.moment) === ids.indexOf(changed.get("moment") ?? "") + 1;
    this.#motion = this.hasUpdated && isStep && mayMove() ? momentOf(this.graph, this.moment) : undefined;
  }

  /** Shows for a moment by how much an edit has changed each number. */
  #compare(before: Computed | undefined) {
    clearTimeout(this.#comparing);
    const { computed } = this;
    const isEdit = before !== undefined && isEdited(before.kase, computed.kase);
    this.earlier = isEdit ? before : undefined;
    if (isEdit) this.#comparing = window.setTimeout(() => (this.earlier = undefined), kCompared);
  }

  protected override updated(changed: PropertyValues<this>) {
    if (this.close) this.#fit();
    if (!changed.has("moment")) return;
    if (this.#motion) this.#move(this.#motion);
    if (this.hasUpdated && this.tall && changed.get("moment") !== undefined) this.#follow();
    // the focus follows the node that a step chooses
    const { activeElement } = this.renderRoot as ShadowRoot;
    if (activeElement?.matches(".node")) this.focusOn(this.selection.node);
  }

  /** On a slide, the type in the picture is as large as that around it. */
  #fit() {
    const { viewBox, clientWidth, clientHeight } = this.picture;
    const { width, height } = viewBox.baseVal;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    if (scale > 0) this.style.setProperty("--type", `${12 / scale}px`);
  }

  /** The tall picture is higher than a screen: keeps the node of a step in sight. */
  #follow() {
    const node = this.renderRoot.querySelector(`[data-node="${this.selection.node}"]`);
    node?.scrollIntoView({ block: "center", behavior: mayMove() ? "smooth" : "instant" });
  }

  async #move(moment: Moment) {
    await run(this.renderRoot, moment);
    if (this.#motion !== moment) return; // a later step is being animated
    this.#motion = undefined;
    this.requestUpdate();
  }

  /** The drawing, to be saved as a file. */
  get picture() {
    return this.renderRoot.querySelector("svg") as SVGSVGElement;
  }

  #moment = () => momentOf(this.graph, this.moment);

  protected override render() {
    const { tall, locale, computed, graph, made: mistake } = this;
    const { picture, loss: lossWords } = locale.words.graph;
    const moment = this.#moment();
    const shown = { locale, computed, graph, mistake, moment };
    const { cards, loss, width, height, isWritten } = arrange(computed, tall, this.room);
    const flow = flowOf(moment, graph, this.selection.node);
    const card = (id: NodeId) => cards.get(id) as Card;
    const splits = (id: NodeId) => graph.edges.filter(({ from }) => from === id).length > 1;
    const routes = graph.edges.map((edge) => ({
      edge,
      ...route(card(edge.from), card(edge.to), splits(edge.from), tall),
    }));
    const y = card(lastOf(graph));
    const toLoss = tall
      ? `M${y.x + y.width / 2} ${y.y + y.height}V${loss.y - 17}`
      : `M${y.x + y.width} ${loss.y}H${loss.x - 17}`;
    return html`
      <div class=${tall ? "tall" : this.narrow ? "narrow" : "wide"}>
        <div class="caption">${caption(shown, this.pointed, this.selection.node)}</div>
        <svg class=${`picture ${tall ? "tall" : "wide"}`} viewBox=${`0 0 ${width} ${height}`} role="group" tabindex="-1"
          aria-label=${picture}>
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
          ${this.#edges(routes, flow, cards)}
          ${this.#line(toLoss, flow.loss, flow.back, true, false)}
          ${this.#splits(routes, flow, cards)}
          ${this.#banks(flow, cards, false)}
          ${this.#gates(cards)}
          ${this.#notes(routes, flow)}
          <g class="loss"><title>${lossWords}</title>
            <circle class=${moment.made === "loss" ? "now" : ""} cx=${loss.x} cy=${loss.y} r="16"></circle>
            <text x=${loss.x} y=${loss.y + 4.5}>L</text>
          </g>
          ${this.#inOrder(cards).map((one) => this.#card(one, shown, flow))}
          ${[...cards.values()].map((one) => rule(one, shown))}
          ${isWritten ? [...cards.values()].map((one) => numbersOn(one, { computed, moment, arriving: this.#arriving(one.id) }, this.earlier)) : nothing}
          ${this.#banks(flow, cards, true)}
          ${this.#tag(cards)}
          ${this.#motion ? this.#moving(this.#motion, routes, cards, toLoss) : nothing}
        </svg>
        ${this.#field.render()}
        ${opened(shown, this.selection.node, this.selection.cell)}
        <p class="unseen" aria-live="polite">${announcement(shown)}</p>
        ${graphTable(shown)}
      </div>`;
  }

  #isWrong(edge: GraphEdge): boolean {
    return this.made?.edges.some((one) => key(one) === key(edge)) ?? false;
  }

  #isWrongGate(id: NodeId): boolean {
    const { edges = [], nodes = [] } = this.made ?? {};
    return nodes.includes(id) || edges.some(({ to }) => to === id);
  }

  #laneNames(cards: ReadonlyMap<NodeId, Card>) {
    const { lanes } = this.locale.words.graph;
    const below = Math.max(...[...cards.values()].map(({ y, height }) => y + height)) + 20;
    return lanesOf(this.graph).map(({ lane, from, ...on }) => {
      const [card, behind] = [from, "behind" in on ? on.behind : undefined].map(
        (id) => id && cards.get(id as NodeId),
      );
      return card
        ? svg`<text class="lane" x=${card.x} y=${behind ? behind.y + behind.height / 2 - 10 : below}>${lanes[lane]}</text>`
        : nothing;
    });
  }

  /** A line with an arrow head at its end. A gradient flows against the edges. */
  #line(d: string, on: boolean, back: boolean, tip: boolean, wrong: boolean, extra = "") {
    const head = tip && !(on && back) ? `url(#${on ? "lit" : "tip"})` : nothing;
    return svg`<path class=${`edge ${on ? "lit" : ""} ${wrong ? "wrong" : ""} ${extra}`} d=${d}
      marker-end=${head} marker-start=${on && back ? "url(#lit)" : nothing}></path>`;
  }

  #edges(routes: readonly Routed[], { edges, back }: Flow, cards: ReadonlyMap<NodeId, Card>) {
    const { pointed, tall } = this;
    const isPointed = (edge: GraphEdge) => pointed?.kind === "edge" && key(pointed.edge) === key(edge);
    const ordered = routes.toSorted(
      (a, b) =>
        Number(edges.has(key(a.edge))) - Number(edges.has(key(b.edge))) ||
        Number(isPointed(a.edge)) - Number(isPointed(b.edge)),
    );
    const made = [...new Set(routes.map(({ edge }) => edge.to))];
    const isLit = (id: NodeId) => routes.some(({ edge }) => edge.to === id && edges.has(key(edge)));
    const leave = () => (this.pointed = undefined);
    return svg`
      ${made
        .toSorted((a, b) => Number(isLit(a)) - Number(isLit(b)))
        .map((id) => {
          const d = outlet(cards.get(id) as Card, tall);
          const on = isLit(id);
          return svg`<path class=${`edge ${on ? "lit" : ""}`} d=${d}
            marker-end=${on && back ? nothing : `url(#${on ? "lit" : "tip"})`}></path>`;
        })}
      ${ordered.map(({ edge, d, tip }) =>
        this.#line(d, edges.has(key(edge)), back, tip, this.#isWrong(edge), isPointed(edge) ? "pointed" : ""),
      )}
      ${routes.map(
        ({ edge, d }) => svg`<path class="hit" data-edge=${key(edge)} d=${d}
          @pointerenter=${() => (this.pointed = { kind: "edge", edge })} @pointerleave=${leave}></path>`,
      )}`;
  }

  /** The arrow of a node that feeds two gates splits. In the backward pass their gradients add up there. */
  #splits(routes: readonly Routed[], { edges, back }: Flow, cards: ReadonlyMap<NodeId, Card>) {
    const { labels, words } = this.locale;
    return this.graph.nodes.map(({ id }) => {
      const out = routes.filter(({ edge }) => edge.from === id);
      if (out.length < 2) return nothing;
      const [x, y] = splitOf(cards.get(id) as Card, this.tall);
      const lit = out.filter(({ edge }) => edges.has(key(edge))).length;
      const title = words.graph.splits(labels[id], out.length);
      if (!back || lit < 2)
        return svg`<circle class=${`split ${lit > 0 ? "lit" : ""}`} data-split=${id} cx=${x} cy=${y} r="3.6"><title>${title}</title></circle>`;
      const left = this.tall && (cards.get(out[0]?.edge.to as NodeId) as Card).x < x - 60;
      const [at, anchor] = !this.tall || left ? [x + 12, "start"] : [x - 12, "end"];
      return svg`
        <g class="adds" data-split=${id}><title>${title}</title>
          <circle cx=${x} cy=${y} r="7"></circle><path d=${`M${x - 3.6} ${y}h7.2M${x} ${y - 3.6}v7.2`}></path>
        </g>
        <text class="copies lit" x=${at} y=${this.tall ? y + 13 : y - 11} text-anchor=${anchor}>${words.graph.addUp(lit)}</text>`;
    });
  }

  /** The sum gates of the averages. inside: those that are drawn on their cards, in front of a column of values. */
  #banks({ edges, back }: Flow, cards: ReadonlyMap<NodeId, Card>, inside: boolean) {
    const { kase, layout } = this.computed;
    const { rows, columns } = layout.sheets.statistics;
    if (inside !== (!this.tall && columns === 1 && rows > 1)) return nothing;
    return this.graph.nodes
      .filter(({ gate }) => gate === "mean" || gate === "variance")
      .map(({ id, gate, inputs: [from] }) => {
        const card = cards.get(id) as Card;
        const on = edges.has(`${from}-${id}`);
        return sumGates({
          words: this.locale.words.graph,
          computed: this.computed,
          divisor: layout.grouping.size - (gate === "variance" ? (kase.ddof ?? 0) : 0),
          at: bankOf(card, cards.get(from as NodeId) as Card, this.tall),
          card: this.tall ? undefined : card,
          state: `${on ? "lit" : ""} ${this.#isWrongGate(id) ? "wrong" : ""}`,
          back: on && back,
        });
      });
  }

  #gates(cards: ReadonlyMap<NodeId, Card>) {
    const { kase, layout } = this.computed;
    return this.graph.nodes
      .filter(({ gate }) => gate !== "input")
      .map(({ id, gate }) => {
        const unbiased = gate === "variance" && kase.ddof === 1;
        // too long for the label between two cards of the wide picture
        const divisor = `(${layout.size}−1)`;
        const sign = !unbiased
          ? kGateSigns[gate].replace("N", layout.size)
          : this.tall
            ? `Σ/${divisor}`
            : "Σ";
        const wide = sign.length > 3 ? 56 : sign.length > 2 ? 28 : sign.length > 1 ? 22 : 18;
        const [x, y] = gateOf(cards.get(id) as Card, this.tall);
        return svg`
          <g class=${`gate ${this.#isWrongGate(id) ? "wrong" : ""}`} data-gate=${id} @click=${() => this.session.select(id)}
            @pointerenter=${() => (this.pointed = { kind: "gate", node: id })} @pointerleave=${() => (this.pointed = undefined)}>
            <circle class="hit" cx=${x} cy=${y} r="12"></circle>
            <rect x=${x - wide / 2} y=${y - 9} width=${wide} height="18" rx="9"></rect>
            <text x=${x} y=${y + 4}>${sign}</text>
          </g>
          ${sign === "Σ" ? svg`<text class="copies" x=${x} y=${y + 22} text-anchor="middle">/${divisor}</text>` : nothing}`;
      });
  }

  /** Where a row meets a matrix: the row is copied to N rows, and its gradient is summed over them. */
  #notes(routes: readonly Routed[], { edges, back }: Flow) {
    const { grouping } = this.computed.layout;
    const { graph } = this.locale.words;
    const { copied, summed } = this.tall || this.narrow ? graph.short : graph;
    return routes
      .filter(({ edge }) => isCopied(this.graph, edge))
      .map(({ edge, note: [x, y, anchor] }) => {
        const on = edges.has(key(edge));
        const sums = on && back;
        const extent = extentOf(this.graph, edge.from) as keyof typeof grouping.copies;
        const isParameter = extent === "parameters";
        const sizes = shapes(this.computed, isParameter, !sums, this.tall);
        const count = grouping.copies[extent];
        return svg`<text class=${`copies ${on ? "lit" : ""}`} data-note=${key(edge)} text-anchor=${anchor}>
          <tspan class="sizes" x=${x} y=${y}>${sizes}</tspan><tspan x=${x} y=${y + 12}>${sums ? summed(count, isParameter) : copied(count, isParameter)}</tspan></text>`;
      });
  }

  /** The name of the mistake, below the first card whose gate or edges it changes. */
  #tag(cards: ReadonlyMap<NodeId, Card>) {
    const { edges = [], nodes = [], id } = this.made ?? {};
    const at = edges[0]?.to ?? nodes[0];
    if (!at) return nothing;
    const { x, y, width, height } = cards.get(at) as Card;
    const isLast = this.tall && [...cards.values()].every((card) => card.x <= x); // no room to its right
    return svg`<text class="tag" x=${isLast ? x + width : x} y=${y + height + 13} text-anchor=${isLast ? "end" : "start"}>${id}</text>`;
  }

  /** On a slide, the name of the chosen card may be longer than the card, and no other card covers it. */
  #inOrder(cards: ReadonlyMap<NodeId, Card>): Card[] {
    const all = [...cards.values()];
    const isChosen = ({ id }: Card) => Number(id === this.selection.node);
    return this.close ? all.sort((a, b) => isChosen(a) - isChosen(b)) : all;
  }

  #card(card: Card, shown: Shown, { edges }: Flow) {
    const { id } = card;
    const { locale, computed, moment } = shown;
    const { value, grad, shape } = nodeTrace(computed, id);
    const selected = this.selection.node === id;
    const isNear = this.graph.edges.some(
      (edge) => (edge.from === id || edge.to === id) && edges.has(key(edge)),
    );
    const place = placeIn(computed, id, this.selection.cell);
    const written = (values: Float64Array, isThere: boolean) =>
      isThere ? single(values[place] as number) : undefined;
    const name = nodeName(shown, id, shape.join("×"));
    const numbers = [written(value, moment.values.has(id)), written(grad, moment.grads.has(id))] as const;
    const arriving = this.#arriving(id);
    return svg`
      <g class=${`node ${selected ? "selected" : ""} ${selected || isNear ? "near" : ""}`} data-node=${id} tabindex=${selected ? 0 : -1} role="button" aria-pressed=${selected}
        aria-label=${name} @click=${(event: MouseEvent) => this.#click(event, card)} @dblclick=${(event: MouseEvent) => this.#doubleClick(event, card)}
        @keydown=${(event: KeyboardEvent) => this.#key(event, card)}
        @focus=${(event: FocusEvent) => this.#focused(event, id)} @blur=${() => (this.pointed = undefined)}>
        ${nodeCard(card, { locale, computed, moment, selection: this.selection, arriving })}
        <title>${locale.words.graph.tip(name, ...numbers)}${isEditable(id) && !this.session.sparing ? ` ${locale.words.graph.editTip}` : ""}</title>
      </g>`;
  }

  /** The pass of the step being animated, if it computes this node. */
  #arriving(id: NodeId): Moment["pass"] | undefined {
    return this.#motion?.made === id ? this.#motion.pass : undefined;
  }

  #moving(moment: Moment, routes: readonly Routed[], cards: ReadonlyMap<NodeId, Card>, toLoss: string) {
    const used = new Set(edgesOf(moment, this.graph).map(key));
    const ways = routes
      .filter(({ edge }) => used.has(key(edge)))
      .map(({ edge, d }) => d + outlet(cards.get(edge.to) as Card, this.tall).replace("M", "L"));
    if (moment.made === "loss" || (moment.made === lastOf(this.graph) && moment.pass === "backward"))
      ways.push(toLoss);
    return svg`
      ${ways.map((d) => svg`<path class="pulse" pathLength="1" d=${d}></path>`)}
      ${ghosts(moment, this.graph, this.computed, cards)}`;
  }

  /** Where a card was clicked: its value or its gradient, and the cell. */
  #under(event: MouseEvent, card: Card): { which: "value" | "grad"; cell: Cell } | undefined {
    const matrix = this.picture.getScreenCTM();
    if (!matrix) return undefined;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const which = (["value", "grad"] as const).find((one) => {
      const { y, height } = tensorFrame(card, one);
      return point.y >= y && point.y < y + height;
    });
    if (!which) return undefined;
    const { rows, columns } = card.sheet;
    const { row, column } = cellAt(point.x, point.y, rows, columns, tensorFrame(card, which));
    const { layout, graph } = this.computed;
    const at = row * columns + column;
    return { which, cell: cellOf(layout, extentOf(graph, card.id), at, this.selection.cell) };
  }

  #click(event: MouseEvent, card: Card) {
    this.session.select(card.id, this.#under(event, card)?.cell);
  }

  #doubleClick(event: MouseEvent, card: Card) {
    const under = this.#under(event, card);
    if (under) this.#field.open(card, under.cell, under.which);
  }

  /** The caption follows the focus. A click has already chosen the node. */
  #focused(event: FocusEvent, node: NodeId) {
    if ((event.currentTarget as Element).matches(":focus-visible") && node !== this.selection.node)
      this.pointed = { kind: "node", node };
  }

  focusOn(id: NodeId) {
    this.renderRoot.querySelector<SVGElement>(`[data-node="${id}"]`)?.focus({ preventScroll: true });
  }

  #key(event: KeyboardEvent, card: Card) {
    const { id } = card;
    if (event.key === "Enter") {
      event.preventDefault();
      // on the chosen node, Enter edits the chosen cell
      if (id !== this.selection.node || !this.#field.open(card, this.selection.cell)) this.session.select(id);
      return;
    }
    // the other two arrows and Space are the player's
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const order = this.graph.nodes.map((node) => node.id);
    const next = order[order.indexOf(id) + step];
    if (!next) return;
    this.session.select(next);
    this.focusOn(next);
  }
}

customElements.define("bn-graph", BnGraph);
