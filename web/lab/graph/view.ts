import { html, nothing, type PropertyValues, svg } from "lit";
import type { Graph, Mistake, NodeId } from "../../src/index.ts";
import { isMedium, resizeObserver } from "../base/layout-free.ts";
import { single } from "../base/numbers.ts";
import { type Computed, nodeTrace, placeIn } from "../maths/computed.ts";
import { extentOf, lastOf } from "../maths/graph-facts.ts";
import { type Cell, cellOf } from "../maths/layout.ts";
import type { PageCase } from "../maths/norms.ts";
import { type Moment, momentOf, momentsOf } from "../model/moment.ts";
import { kInputs, type Selection } from "../model/selection.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { cellAt } from "../ui/heat-map.ts";
import { hatches, scrolls, shades, tokens } from "../ui/theme.ts";
import { verdictStyles } from "../ui/verdict.ts";
import type { Locale } from "../words/locale.ts";
import { arrange, type Card, outlet, route, tensorFrame } from "./arrangement.ts";
import { CellField, isEditable } from "./cell-field.ts";
import {
  banks,
  copies,
  type Drawn,
  edgeLines,
  gates,
  laneNames,
  line,
  type Routed,
  splits,
  tag,
} from "./drawing.ts";
import { type Flow, flowOf, key } from "./flow.ts";
import { edgesOf, ghosts, mayMove, run } from "./motion.ts";
import { nodeCard, numbersOn, rule } from "./node-card.ts";
import { opened } from "./opened.ts";
import { graphStyles } from "./styles.ts";
import { announcement, caption, graphTable, nodeName, type Pointed, type Shown } from "./words.ts";

/** For how long a change shows, in milliseconds. */
const kCompared = 2600;

/** The least width of the wide picture. */
const kLeastWide = 900;

/** The width of the picture on a slide. */
const kRoomOfSlide = 1240;

/** Whether at most one input differs. */
const isEdited = (before: PageCase, after: PageCase) =>
  before !== after &&
  before.shape === after.shape &&
  kInputs.filter((name) => before[name] !== after[name]).length < 2;

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

  readonly #width = resizeObserver((size) => {
    const width = Math.round(size.width);
    if (width === 0) return; // it is hidden
    this.room = this.close ? kRoomOfSlide : width;
    this.tall = this.room < kLeastWide;
    this.narrow = !this.tall && this.room < 1180;
    if (this.close) this.#fit();
  });

  static override styles = [tokens, verdictStyles, scrolls, graphStyles, shades];

  constructor() {
    super();
    this.room = 0;
  }

  override connectedCallback() {
    super.connectedCallback();
    // until it is measured: asking for a layout here would delay the first verdict
    this.tall ??= !this.close && isMedium(`(width < ${kLeastWide}px)`);
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
    const isSplit = (id: NodeId) => graph.edges.filter(({ from }) => from === id).length > 1;
    const routes = graph.edges.map((edge) => ({
      edge,
      ...route(card(edge.from), card(edge.to), isSplit(edge.from), tall),
    }));
    const drawn: Drawn = {
      ...shown,
      cards,
      routes,
      flow,
      tall,
      narrow: this.narrow,
      pointed: this.pointed,
      point: (what) => (this.pointed = what),
      select: (id) => this.session.select(id),
    };
    const y = card(lastOf(graph));
    const toLoss = tall
      ? `M${y.x + y.width / 2} ${y.y + y.height}V${loss.y - 17}`
      : `M${y.x + y.width} ${loss.y}H${loss.x - 17}`;
    return html`
      <div class=${tall ? "tall" : this.narrow ? "narrow" : "wide"}>
        <div class="caption">${caption(shown, this.pointed, this.selection.node)}${this.#hint(isWritten)}</div>
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
          ${tall ? nothing : laneNames(drawn)}
          ${edgeLines(drawn)}
          ${line(toLoss, flow.loss, flow.back, true, false)}
          ${splits(drawn)}
          ${banks(drawn, false)}
          ${gates(drawn)}
          ${copies(drawn)}
          <g class="loss"><title>${lossWords}</title>
            <circle class=${moment.made === "loss" ? "now" : ""} cx=${loss.x} cy=${loss.y} r="16"></circle>
            <text x=${loss.x} y=${loss.y + 4.5}>L</text>
          </g>
          ${this.#inOrder(cards).map((one) => this.#card(one, shown, flow))}
          ${[...cards.values()].map((one) => rule(one, shown))}
          ${isWritten ? [...cards.values()].map((one) => numbersOn(one, { computed, moment, arriving: this.#arriving(one.id) }, this.earlier)) : nothing}
          ${banks(drawn, true)}
          ${tag(drawn)}
          ${this.#motion ? this.#moving(this.#motion, routes, cards, toLoss) : nothing}
        </svg>
        ${this.#field.render()}
        ${opened(shown, this.selection.node, this.selection.cell)}
        <p class="unseen" aria-live="polite">${announcement(shown)}</p>
        ${graphTable(shown)}
      </div>`;
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

  /** How the chosen input is edited, or what an edit has done. */
  #hint(isWritten: boolean) {
    const { changes, editTip } = this.locale.words.graph;
    if (this.earlier && isWritten) return html`<p class="edit">${changes}</p>`;
    return isEditable(this.selection.node) && !this.session.sparing
      ? html`<p class="edit">${editTip}</p>`
      : nothing;
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
