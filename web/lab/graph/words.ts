import { html, nothing } from "lit";
import type { Graph, GraphEdge, Mistake, NodeId } from "../../src/index.ts";
import { type Computed, nodeTrace } from "../maths/computed.ts";
import { type Formula, math, mi, mo, row } from "../maths/mathml.ts";
import { isEnd, type Moment } from "../model/moment.ts";
import { shownVerdict } from "../model/shown-verdict.ts";
import type { Counts } from "../words/en/graph.ts";
import type { Locale } from "../words/locale.ts";

/** What the pointer or the focus is on: an edge, the gate in front of a node, or a node. */
export type Pointed = { kind: "edge"; edge: GraphEdge } | { kind: "gate" | "node"; node: NodeId } | undefined;

export interface Shown {
  locale: Locale;
  computed: Computed;
  graph: Graph;
  mistake: Mistake | undefined;
  moment: Moment;
}

const countsOf = ({ layout, kase }: Computed): Counts => ({
  rows: layout.sheets.elements.rows,
  groups: layout.of.statistics,
  size: layout.grouping.size,
  copies: layout.grouping.copies.parameters,
  ddof: kase.ddof ?? 0,
});

/** The slope of each edge as an equation, which can break at the equals sign. */
function slopes(edges: readonly GraphEdge[], { locale: { formulas }, computed }: Shown) {
  return edges.map(
    (edge) =>
      html`<span>${math(formulas.derivative(edge))}<wbr>${math(row(mo("="), formulas.slope(edge, computed.kase.ddof)))}</span>`,
  );
}

/** On a small picture, names longer than this leave no room beside them. */
const kLongName = 12;

const line = (names: readonly Formula[], words: string, after: readonly unknown[] = []) => html`
  <span class=${`name ${names.reduce((sum, { text }) => sum + text.length, 0) > kLongName ? "long" : ""}`}>${names.map((name, i) => html`${i > 0 ? " → " : ""}${math(name)}`)}</span>
  <p><span class="sentence">${words}</span>${after.length > 0 ? html`<span class="slopes">${after}</span>` : nothing}</p>`;

/** One or two lines about the current step, or about what the pointer is on. */
export function caption(shown: Shown, pointed: Pointed, chosen: NodeId) {
  const { locale, computed, graph, mistake, moment } = shown;
  const { words, formulas } = locale;
  const { symbols, partials } = formulas;
  const counts = countsOf(computed);
  const does = words.gates.forward(counts);
  const altered = (edges: readonly GraphEdge[], node?: NodeId) =>
    mistake &&
    ((node && mistake.nodes.includes(node)) ||
      edges.some(({ from, to }) => mistake.edges.some((one) => one.from === from && one.to === to)))
      ? html`<p class="altered">${words.graph.altered(mistake.id)}</p>`
      : nothing;
  const into = (id: NodeId) => graph.edges.filter(({ to }) => to === id);
  const outOf = (id: NodeId) => graph.edges.filter(({ from }) => from === id);
  const forward = (id: NodeId, edges: readonly GraphEdge[] = []) =>
    line([symbols[id]], does[id], slopes(edges, shown));
  const backward = (id: NodeId) => [
    line([partials[id]], words.gates.backward(counts)[id], slopes(outOf(id), shown)),
    altered(outOf(id), id),
  ];

  if (pointed?.kind === "edge") {
    const { from, to } = pointed.edge;
    return [
      line([symbols[from], symbols[to]], does[to], slopes([pointed.edge], shown)),
      altered([pointed.edge]),
    ];
  }
  if (pointed?.kind === "gate")
    return [forward(pointed.node, into(pointed.node)), altered(into(pointed.node), pointed.node)];
  if (pointed || isEnd(moment)) {
    const id = pointed?.node ?? chosen;
    return [forward(id), moment.grads.has(id) ? backward(id) : nothing];
  }
  if (moment.made === "inputs") return line([symbols[moment.node]], words.gates.inputs);
  if (moment.made === "loss") return line([mi("L")], words.gates.loss);
  return moment.pass === "forward" ? [forward(moment.made), altered([], moment.made)] : backward(moment.made);
}

/** For screen readers: only what a step has just computed. */
export function announcement({ locale: { words, labels }, computed, moment }: Shown): string {
  const { made, pass } = moment;
  const counts = countsOf(computed);
  const { gates, graph } = words;
  const sentence =
    made === "inputs"
      ? gates.inputs
      : made === "loss"
        ? gates.loss
        : pass === "forward"
          ? graph.made(labels[made], gates.forward(counts)[made])
          : graph.made(labels[`d${made}`], gates.backward(counts)[made]);
  return graph.announced(words.moments.name(moment), sentence);
}

/** What is known of a node, the verdict on its gradient, and the mistake that alters it, if it is named. */
function standing({ locale: { words }, computed, moment }: Shown, id: NodeId, mistake?: string): string {
  const { nothingYet, noGradient, checked, standing } = words.graph;
  const { values, grads } = moment;
  const gradient = !values.has(id)
    ? nothingYet
    : !grads.has(id)
      ? noGradient
      : checked(words.verdicts[shownVerdict(computed, id)]);
  return standing(gradient, values.has(id) && computed.wrongHere.has(id), mistake);
}

/** The label of a node for screen readers. */
export function nodeName(shown: Shown, id: NodeId, shape: string): string {
  const { words, labels } = shown.locale;
  return words.graph.node(labels[id], words.nodes[id], shape, standing(shown, id));
}

/** The picture as a table, for screen readers. */
export function graphTable(shown: Shown) {
  const { locale, computed, graph, mistake } = shown;
  const { words, labels } = locale;
  const { caption, heads, node, shape, all, none, loss } = words.graphTable;
  const counts = countsOf(computed);
  const [does, back] = [words.gates.forward(counts), words.gates.backward(counts)];
  const names = (ids: readonly NodeId[]) => all(ids.map((id) => labels[id]));
  return html`
    <div class="unseen"><table>
      <caption>${caption}</caption>
      <thead><tr>${heads.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>
        ${graph.nodes.map(({ id, inputs }) => {
          const out = graph.edges.filter(({ from }) => from === id);
          const isAltered =
            mistake?.nodes.includes(id) ||
            out.some(({ to }) => mistake?.edges.some((edge) => edge.from === id && edge.to === to));
          return html`
            <tr>
              <th scope="row">${node(labels[id], words.nodes[id])}</th>
              <td>${shape(nodeTrace(computed, id).shape.join("×"))}</td>
              <td>${inputs.length > 0 ? names(inputs) : none}</td>
              <td>${does[id]}</td>
              <td>${out.length > 0 ? names(out.map(({ to }) => to)) : loss}</td>
              <td>${back[id]}</td>
              <td>${slopes(out, shown)}</td>
              <td>${standing(shown, id, isAltered ? mistake?.id : undefined)}</td>
            </tr>`;
        })}
      </tbody>
    </table></div>`;
}
