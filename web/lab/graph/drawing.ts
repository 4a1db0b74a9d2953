/** What the picture draws between its cards: lines, gates, and the notes on them. */
import { nothing, svg } from "lit";
import type { GraphEdge, NodeId } from "../../src/index.ts";
import { extentOf, isCopied } from "../maths/graph-facts.ts";
import { kGateSigns, lanesOf } from "../maths/nodes.ts";
import { bankOf, type Card, gateOf, outlet, type Route, splitOf } from "./arrangement.ts";
import { type Flow, key } from "./flow.ts";
import { shapes, sumGates } from "./sum-gates.ts";
import type { Pointed, Shown } from "./words.ts";

export type Routed = Route & { edge: GraphEdge };

/** A picture at one moment. */
export interface Drawn extends Shown {
  cards: ReadonlyMap<NodeId, Card>;
  routes: readonly Routed[];
  flow: Flow;
  tall: boolean;
  /** The wide picture, but too small for long words. */
  narrow: boolean;
  pointed: Pointed;
  point(what: Pointed): void;
  select(id: NodeId): void;
}

const cardOf = ({ cards }: Drawn, id: NodeId) => cards.get(id) as Card;

const isWrong = ({ mistake }: Drawn, edge: GraphEdge): boolean =>
  mistake?.edges.some((one) => key(one) === key(edge)) ?? false;

function isWrongGate({ mistake }: Drawn, id: NodeId): boolean {
  const { edges = [], nodes = [] } = mistake ?? {};
  return nodes.includes(id) || edges.some(({ to }) => to === id);
}

export function laneNames({ cards, graph, locale }: Drawn) {
  const { lanes } = locale.words.graph;
  const below = Math.max(...[...cards.values()].map(({ y, height }) => y + height)) + 20;
  return lanesOf(graph).map(({ lane, from, ...on }) => {
    const [card, behind] = [from, "behind" in on ? on.behind : undefined].map(
      (id) => id && cards.get(id as NodeId),
    );
    return card
      ? svg`<text class="lane" x=${card.x} y=${behind ? behind.y + behind.height / 2 - 10 : below}>${lanes[lane]}</text>`
      : nothing;
  });
}

/** A line with an arrow head at its end. A gradient flows against the edges. */
export function line(d: string, on: boolean, back: boolean, tip: boolean, wrong: boolean, extra = "") {
  const head = tip && !(on && back) ? `url(#${on ? "lit" : "tip"})` : nothing;
  return svg`<path class=${`edge ${on ? "lit" : ""} ${wrong ? "wrong" : ""} ${extra}`} d=${d}
    marker-end=${head} marker-start=${on && back ? "url(#lit)" : nothing}></path>`;
}

export function edgeLines(drawn: Drawn) {
  const { routes, pointed, point, tall } = drawn;
  const { edges, back } = drawn.flow;
  const isPointed = (edge: GraphEdge) => pointed?.kind === "edge" && key(pointed.edge) === key(edge);
  const ordered = routes.toSorted(
    (a, b) =>
      Number(edges.has(key(a.edge))) - Number(edges.has(key(b.edge))) ||
      Number(isPointed(a.edge)) - Number(isPointed(b.edge)),
  );
  const made = [...new Set(routes.map(({ edge }) => edge.to))];
  const isLit = (id: NodeId) => routes.some(({ edge }) => edge.to === id && edges.has(key(edge)));
  return svg`
    ${made
      .toSorted((a, b) => Number(isLit(a)) - Number(isLit(b)))
      .map((id) => {
        const d = outlet(cardOf(drawn, id), tall);
        const on = isLit(id);
        return svg`<path class=${`edge ${on ? "lit" : ""}`} d=${d}
          marker-end=${on && back ? nothing : `url(#${on ? "lit" : "tip"})`}></path>`;
      })}
    ${ordered.map(({ edge, d, tip }) =>
      line(d, edges.has(key(edge)), back, tip, isWrong(drawn, edge), isPointed(edge) ? "pointed" : ""),
    )}
    ${routes.map(
      ({ edge, d }) => svg`<path class="hit" data-edge=${key(edge)} d=${d}
        @pointerenter=${() => point({ kind: "edge", edge })} @pointerleave=${() => point(undefined)}></path>`,
    )}`;
}

/** The arrow of a node that feeds two gates splits. In the backward pass their gradients add up there. */
export function splits(drawn: Drawn) {
  const { routes, tall, graph, locale } = drawn;
  const { edges, back } = drawn.flow;
  const { labels, words } = locale;
  return graph.nodes.map(({ id }) => {
    const out = routes.filter(({ edge }) => edge.from === id);
    if (out.length < 2) return nothing;
    const [x, y] = splitOf(cardOf(drawn, id), tall);
    const lit = out.filter(({ edge }) => edges.has(key(edge))).length;
    const title = words.graph.splits(labels[id], out.length);
    if (!back || lit < 2)
      return svg`<circle class=${`split ${lit > 0 ? "lit" : ""}`} data-split=${id} cx=${x} cy=${y} r="3.6"><title>${title}</title></circle>`;
    const left = tall && cardOf(drawn, out[0]?.edge.to as NodeId).x < x - 60;
    const [at, anchor] = !tall || left ? [x + 12, "start"] : [x - 12, "end"];
    return svg`
      <g class="adds" data-split=${id}><title>${title}</title>
        <circle cx=${x} cy=${y} r="7"></circle><path d=${`M${x - 3.6} ${y}h7.2M${x} ${y - 3.6}v7.2`}></path>
      </g>
      <text class="copies lit" x=${at} y=${tall ? y + 13 : y - 11} text-anchor=${anchor}>${words.graph.addUp(lit)}</text>`;
  });
}

/** The sum gates of the averages. inside: those that are drawn on their cards, in front of a column of values. */
export function banks(drawn: Drawn, inside: boolean) {
  const { computed, graph, locale, tall } = drawn;
  const { edges, back } = drawn.flow;
  const { kase, layout } = computed;
  const { rows, columns } = layout.sheets.statistics;
  if (inside !== (!tall && columns === 1 && rows > 1)) return nothing;
  return graph.nodes
    .filter(({ gate }) => gate === "mean" || gate === "variance")
    .map(({ id, gate, inputs: [from] }) => {
      const card = cardOf(drawn, id);
      const on = edges.has(`${from}-${id}`);
      return sumGates({
        words: locale.words.graph,
        computed,
        divisor: layout.grouping.size - (gate === "variance" ? (kase.ddof ?? 0) : 0),
        at: bankOf(card, cardOf(drawn, from as NodeId), tall),
        card: tall ? undefined : card,
        state: `${on ? "lit" : ""} ${isWrongGate(drawn, id) ? "wrong" : ""}`,
        back: on && back,
      });
    });
}

export function gates(drawn: Drawn) {
  const { computed, graph, tall, point, select } = drawn;
  const { kase, layout } = computed;
  return graph.nodes
    .filter(({ gate }) => gate !== "input")
    .map(({ id, gate }) => {
      const unbiased = gate === "variance" && kase.ddof === 1;
      // too long for the label between two cards of the wide picture
      const divisor = `(${layout.size}−1)`;
      const sign = !unbiased ? kGateSigns[gate].replace("N", layout.size) : tall ? `Σ/${divisor}` : "Σ";
      const wide = sign.length > 3 ? 56 : sign.length > 2 ? 28 : sign.length > 1 ? 22 : 18;
      const [x, y] = gateOf(cardOf(drawn, id), tall);
      return svg`
        <g class=${`gate ${isWrongGate(drawn, id) ? "wrong" : ""}`} data-gate=${id} @click=${() => select(id)}
          @pointerenter=${() => point({ kind: "gate", node: id })} @pointerleave=${() => point(undefined)}>
          <circle class="hit" cx=${x} cy=${y} r="12"></circle>
          <rect x=${x - wide / 2} y=${y - 9} width=${wide} height="18" rx="9"></rect>
          <text x=${x} y=${y + 4}>${sign}</text>
        </g>
        ${sign === "Σ" ? svg`<text class="copies" x=${x} y=${y + 22} text-anchor="middle">/${divisor}</text>` : nothing}`;
    });
}

/** Where a strip meets a matrix: its numbers are copied, and their gradients are summed over the copies. */
export function copies(drawn: Drawn) {
  const { computed, graph, locale, routes, tall, narrow } = drawn;
  const { edges, back } = drawn.flow;
  const { grouping } = computed.layout;
  const words = locale.words.graph;
  const { copied, summed } = tall || narrow ? words.short : words;
  return routes
    .filter(({ edge }) => isCopied(graph, edge))
    .map(({ edge, note: [x, y, anchor] }) => {
      const on = edges.has(key(edge));
      const sums = on && back;
      const extent = extentOf(graph, edge.from) as keyof typeof grouping.copies;
      const isParameter = extent === "parameters";
      const sizes = shapes(computed, isParameter, !sums, tall);
      const count = grouping.copies[extent];
      return svg`<text class=${`copies ${on ? "lit" : ""}`} data-note=${key(edge)} text-anchor=${anchor}>
        <tspan class="sizes" x=${x} y=${y}>${sizes}</tspan><tspan x=${x} y=${y + 12}>${sums ? summed(count, isParameter) : copied(count, isParameter)}</tspan></text>`;
    });
}

/** The name of the mistake, below the first card whose gate or edges it changes. */
export function tag({ cards, mistake, tall }: Drawn) {
  const { edges = [], nodes = [], id } = mistake ?? {};
  const at = edges[0]?.to ?? nodes[0];
  if (!at) return nothing;
  const { x, y, width, height } = cards.get(at) as Card;
  const isLast = tall && [...cards.values()].every((card) => card.x <= x); // no room to its right
  return svg`<text class="tag" x=${isLast ? x + width : x} y=${y + height + 13} text-anchor=${isLast ? "end" : "start"}>${id}</text>`;
}
