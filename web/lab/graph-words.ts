import { html, nothing } from "lit";
import type { Graph, GraphEdge, Mistake, NodeId } from "../src/index.ts";
import { equation, kSymbols, localGradients, math, partial, slope } from "./formulas.ts";
import { backwardWords, type Counts, forwardWords, kInputWords, kLossWords } from "./gate-words.ts";
import { kEnd, type Moment, momentName } from "./moment.ts";
import { kNodeViews } from "./nodes.ts";
import type { Computed } from "./selection.ts";
import { kVerdictWords, shownVerdict } from "./verdict.ts";

/** What the pointer or the keyboard is on: an edge, the gate in front of a node, or a node. */
export type Pointed = { kind: "edge"; edge: GraphEdge } | { kind: "gate" | "node"; node: NodeId } | undefined;

interface Shown {
  computed: Computed;
  graph: Graph;
  mistake: Mistake | undefined;
  moment: Moment;
}

const countsOf = ({ rows, columns, kase }: Computed): Counts => ({ rows, columns, ddof: kase.ddof ?? 0 });

/** The slope of each edge as an equation. */
const slopes = (edges: readonly GraphEdge[], { kase }: Computed) =>
  edges.map(
    ({ from, to }) =>
      html`<span>${math(equation(slope(to, from), localGradients(kase.ddof)[`${from}-${to}`] ?? kSymbols[to]))}</span>`,
  );

const line = (name: unknown, words: string, after: readonly unknown[] = []) => html`
  <span class="name">${name}</span>
  <p><span class="sentence">${words}</span>${after.length > 0 ? html`<span class="slopes">${after}</span>` : nothing}</p>`;

/** What happens now, or what the thing pointed at does, in a line or two. */
export function caption({ computed, graph, mistake, moment }: Shown, pointed: Pointed, chosen: NodeId) {
  const counts = countsOf(computed);
  const altered = (edges: readonly GraphEdge[], node?: NodeId) =>
    mistake &&
    ((node && mistake.nodes.includes(node)) ||
      edges.some(({ from, to }) => mistake.edges.some((one) => one.from === from && one.to === to)))
      ? html`<p class="altered">Altered here on purpose: ${mistake.id}.</p>`
      : nothing;
  const into = (id: NodeId) => graph.edges.filter(({ to }) => to === id);
  const outOf = (id: NodeId) => graph.edges.filter(({ from }) => from === id);
  const forward = (id: NodeId, edges: readonly GraphEdge[] = []) =>
    line(math(kSymbols[id]), forwardWords(counts)[id], slopes(edges, computed));
  const backward = (id: NodeId) => [
    line(math(partial(id)), backwardWords(counts)[id], slopes(outOf(id), computed)),
    altered(outOf(id), id),
  ];

  if (pointed?.kind === "edge") {
    const { from, to } = pointed.edge;
    const name = html`${math(kSymbols[from])} → ${math(kSymbols[to])}`;
    return [line(name, forwardWords(counts)[to], slopes([pointed.edge], computed)), altered([pointed.edge])];
  }
  if (pointed?.kind === "gate")
    return [forward(pointed.node, into(pointed.node)), altered(into(pointed.node), pointed.node)];
  if (pointed || moment.id === kEnd) {
    const id = pointed?.node ?? chosen;
    return [forward(id), moment.grads.has(id) ? backward(id) : nothing];
  }
  if (moment.made === "inputs") return line(math(kSymbols.x), kInputWords);
  if (moment.made === "loss") return line(html`<i>L</i>`, kLossWords);
  return moment.pass === "forward" ? [forward(moment.made), altered([], moment.made)] : backward(moment.made);
}

/** The same for ears: only what a step has just made. */
export function announcement({ computed, moment }: Shown): string {
  const { made, pass } = moment;
  const counts = countsOf(computed);
  const words =
    made === "inputs"
      ? kInputWords
      : made === "loss"
        ? kLossWords
        : pass === "forward"
          ? `${kNodeViews[made].label}: ${forwardWords(counts)[made]}`
          : `∂${kNodeViews[made].label}: ${backwardWords(counts)[made]}`;
  return `${momentName(moment)}. ${words}`;
}

/** What of a node is there yet, and how its gradient was judged. */
export function standing(computed: Computed, { values, grads }: Moment, id: NodeId): string {
  const wrong = values.has(id) && computed.wrongHere.has(id) ? ", value wrong here" : "";
  if (!values.has(id)) return "neither value nor gradient yet";
  if (!grads.has(id)) return `no gradient yet${wrong}`;
  return `gradient check: ${kVerdictWords[shownVerdict(computed, id)]}${wrong}`;
}

/** The picture as a table, for those who hear it. */
export function graphTable({ computed, graph, mistake, moment }: Shown) {
  const counts = countsOf(computed);
  const [does, back] = [forwardWords(counts), backwardWords(counts)];
  const names = (ids: readonly NodeId[]) => ids.map((id) => kNodeViews[id].label).join(" and ");
  return html`
    <div class="unseen"><table>
      <caption>The graph as a table, in the order of the forward pass</caption>
      <thead><tr>${["Node", "Shape", "Inputs", "What its gate does", "Feeds", "How its gradient comes back", "Slopes", "Standing"].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>
        ${graph.nodes.map(({ id, extent, inputs }) => {
          const out = graph.edges.filter(({ from }) => from === id);
          const { rows, columns } = computed;
          return html`
            <tr>
              <th scope="row">${kNodeViews[id].label}, ${kNodeViews[id].words}</th>
              <td>${extent === "matrix" ? `${rows} by ${columns}` : columns}</td>
              <td>${inputs.length > 0 ? names(inputs) : "none"}</td>
              <td>${does[id]}</td>
              <td>${out.length > 0 ? names(out.map(({ to }) => to)) : "the loss"}</td>
              <td>${back[id]}</td>
              <td>${slopes(out, computed)}</td>
              <td>${standing(computed, moment, id)}${mistake?.nodes.includes(id) || out.some(({ to }) => mistake?.edges.some((edge) => edge.from === id && edge.to === to)) ? `, altered on purpose: ${mistake?.id}` : ""}</td>
            </tr>`;
        })}
      </tbody>
    </table></div>`;
}
