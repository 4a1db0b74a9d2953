import { html, nothing } from "lit";
import type { NodeId } from "../../src/index.ts";
import { edgesOn, isSummed, waysFrom } from "../maths/chain.ts";
import type { Computed } from "../maths/computed.ts";
import { extentOf } from "../maths/graph-facts.ts";
import { display, equation, math } from "../maths/mathml.ts";
import type { Locale } from "../words/locale.ts";

/** One line of a derivation, under a heading. */
export interface Line {
  head: string;
  body: unknown;
}

/** How a gradient follows from those before it: where its value goes, the slopes on the way, and the chain rule. */
export function derivationOf(
  id: NodeId,
  { graph, kase, layout }: Computed,
  { formulas, labels, rest }: Locale,
): Line[] {
  const words = rest.steps.derivation;
  const { ddof = 0 } = kase;
  const ways = waysFrom(graph, id);
  const symbol = (node: NodeId) => math(formulas.symbols[node]);
  const arrows = ways.map(
    (way) => html`<span class="way">${symbol(id)}${way.map(({ to }) => html` → ${symbol(to)}`)}</span>`,
  );
  const slopes = edgesOn(ways).map(
    (edge) =>
      html`<span class="slope">${display(equation(formulas.derivative(edge), formulas.slope(edge, ddof)))}</span>`,
  );
  const extent = extentOf(graph, id);
  const summed = ways.some((way) => isSummed(graph, way));
  const why = [
    summed && extent !== "elements"
      ? words.copied(labels[id], layout.grouping.copies[extent], extent === "parameters")
      : words.once(labels[id]),
    ...(ways.length > 1 ? [words.several(ways.length)] : []),
  ];
  return [
    { head: words.ways(ways.length), body: html`<p class="ways">${arrows}</p>` },
    { head: words.slopes, body: html`<div class="formula slopes scrolls" tabindex="0">${slopes}</div>` },
    {
      head: words.chain,
      body: html`<div class="formula scrolls" data-chain tabindex="0">${display(formulas.chain(id))}</div>`,
    },
    {
      head: summed ? words.whySum : ways.length > 1 ? words.whyTerms : words.whyNone,
      body: html`<p>${why.join(" ")}</p>`,
    },
  ];
}

/** A question before a line, with some answers of which one is right. */
export interface Question {
  id: string;
  text: unknown;
  answers: readonly string[];
  right: number;
  /** Why it is that one. */
  because: string;
}

/** What shape a gradient has. */
export function shapeQuestion(id: NodeId, computed: Computed, { formulas, rest }: Locale): Question {
  const { graph, layout } = computed;
  const { shape, statisticsShape, parametersShape } = layout.of;
  const written = (dims: readonly number[]) => `(${dims.join(", ")})`;
  const shapes = {
    elements: written(shape),
    statistics: written(statisticsShape),
    parameters: written(parametersShape),
  };
  const answers = [...new Set([...Object.values(shapes), written(shape.toReversed())])];
  const { question } = rest.steps.derivation;
  return {
    id: `shape of ${id}`,
    text: question.shape(math(formulas.partials[id])),
    answers,
    right: answers.indexOf(shapes[extentOf(graph, id)]),
    because: question.sameShape,
  };
}

/** Whether a gradient is positive in a cell. */
export function signQuestion(id: NodeId, value: number, place: string, { formulas, rest }: Locale): Question {
  const { question } = rest.steps.derivation;
  return {
    id: `sign of ${id} in ${place}`,
    text: question.sign(math(formulas.partials[id]), place),
    answers: ["+", "0", "−"],
    right: 1 - Math.sign(value || 0),
    because: "",
  };
}

/** The question with its answers as buttons; after a choice, whether it is right. */
export function questionView(
  { id, text, answers, right, because }: Question,
  chosen: number | undefined,
  choose: (id: string, answer: number) => void,
  { rest }: Locale,
) {
  const { question } = rest.steps.derivation;
  const state = (at: number) =>
    chosen === undefined ? "" : at === right ? "right" : at === chosen ? "wrong" : "";
  return html`
    <div class="question" role="group" aria-label=${question.title}>
      <p>${text}</p>
      <p class="answers">${answers.map(
        (
          answer,
          at,
        ) => html`<button class=${`control ${state(at)}`} data-answer=${at} aria-pressed=${chosen === at}
          ?disabled=${chosen !== undefined} @click=${() => choose(id, at)}>${answer}</button>`,
      )}</p>
      <p role="status">${chosen === undefined ? nothing : question.answered(chosen === right, answers[right] as string, because)}</p>
    </div>`;
}
