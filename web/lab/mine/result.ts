import { html, nothing } from "lit";
import { meaningText } from "../../src/diagnose.ts";
import type { Backnorm, Diagnosis, Finding, Graph, Mistake } from "../../src/index.ts";
import { codingOf, printsWith } from "../maths/code-lines.ts";
import type { Computed } from "../maths/computed.ts";
import { givenIn } from "../maths/graph-facts.ts";
import { stepsBefore } from "../maths/ingredients.ts";
import { isFlat, nameOfNorm } from "../maths/norms.ts";
import { type Judged, judge } from "../model/judged.ts";
import { inGraph, mistakesIn } from "../model/mistakes.ts";
import type { Shown } from "../model/shown-verdict.ts";
import { type Given, isBrought } from "../read/input.ts";
import { verdictMark } from "../ui/verdict.ts";
import type { Locale } from "../words/locale.ts";
import { codeOf, edgeWords, labelOf, nodeOf } from "./array-names.ts";
import { explanationText, hiddenText, ratioText } from "./explanation-text.ts";
import { arrayText, lawText, relationText } from "./finding-text.ts";
import type { OwnCase } from "./own-case.ts";
import { rightLine } from "./right-lines.ts";

const kMarks: Readonly<Record<Judged, Shown>> = {
  right: "pass",
  "wrong here": "fail",
  inherited: "inherited",
  wrong: "inherited",
  undecidable: "undecidable",
};

/** A learner's array, with its finding. */
export interface Row {
  given: Given;
  finding: Finding | undefined;
}

/** The findings and the hints. */
export interface Result {
  locale: Locale;
  bn: Backnorm;
  computed: Computed;
  diagnosis: Diagnosis | undefined;
  rows: readonly Row[];
  /** The whole case that was pasted, if the page shows it. */
  own: OwnCase | undefined;
  /** The id of the array whose numbers are shown. */
  looked: Finding | undefined;
  /** The number of open hints. */
  hints: number;
  /** Whether it is an assignment: verdicts and questions, without the solution. */
  sparing: boolean;
  linkTo(mistake: Mistake): string;

  look(id: string): void;
  remove(given: Given): void;
  nextHint(): void;
}

/** The arrays in the order of a program: values forward, gradients backward. Of two with the same name, the last counts. */
export function rowsOf(
  given: readonly Given[],
  diagnosis: Diagnosis | undefined,
  ids: readonly string[],
  nodes: number,
): Row[] {
  const place = (id: string): number => {
    const at = ids.indexOf(id);
    if (at >= 2 * nodes) return place(`d${nodeOf(id)}`) - 0.5; // the gradients on the edges come before their sum
    return at >= nodes ? 3 * nodes - at : at;
  };
  const last = new Map(given.map((one) => [one.id, one]));
  return given
    .filter(({ id }) => id !== undefined)
    .toSorted((a, b) => place(a.id as string) - place(b.id as string))
    .map((one) => ({
      given: one,
      finding: last.get(one.id) === one ? diagnosis?.nodes.find(({ id }) => id === one.id) : undefined,
    }));
}

export function resultView(result: Result) {
  const { locale, diagnosis, rows, sparing } = result;
  const { mine } = locale.rest;
  if (rows.length === 0)
    return html`
      <div class="empty">
        <p>${sparing ? mine.pasteAnySparing : mine.pasteAny}</p>
        <ol>${mine.stepsToDo.map((step) => html`<li>${step}</li>`)}</ol>
        <p>${mine.staysHere}</p>
      </div>`;
  return html`
    <div role="status" class="headline">${
      diagnosis
        ? html`${headline(locale, diagnosis, rows, result.computed.graph)}${[...ownNotes(result), ...notes(locale, diagnosis, rows)].map((note) => html`<p>${note}</p>`)}`
        : nothing
    }</div>
    ${arrayList(result)}
    ${diagnosis?.firstWrong && (!diagnosis.recognition || hiddenIn(diagnosis)) ? hintList(result, diagnosis) : nothing}`;
}

/** A browser lays out thousands of rows in seconds, so most of the arrays that were given again are left out. */
const kMostAgain = 20;

function arrayList(result: Result) {
  const { rows, locale } = result;
  const again = rows.filter(({ finding }) => !finding);
  const hidden = new Set(again.slice(kMostAgain));
  return html`
    <ul class="arrays">${rows.filter((row) => !hidden.has(row)).map((row) => arrayRow(result, row))}</ul>
    ${hidden.size > 0 ? html`<p>${locale.rest.mine.more(hidden.size)}</p>` : nothing}`;
}

/** Why arrays can't be judged. */
function undecided(mine: Locale["rest"]["mine"], open: readonly Finding[], precision: string): string[] {
  const sentences = [
    ["digits", mine.tooFewDigits],
    ["rounding", (names: readonly string[]) => mine.tooMuchRounding(names, precision)],
    [null, mine.cancels],
  ] as const;
  return sentences.flatMap(([reason, say]) => {
    const names = open.filter(({ limit }) => limit === reason).map(({ name }) => name);
    return names.length > 0 ? [say(names)] : [];
  });
}

/** That a whole case was pasted. */
function ownNotes({ own, locale: { rest, code } }: Result): string[] {
  if (!own) return [];
  const { caseTaken, filled } = rest.mine;
  const names = own.missing.map((id) => code[id]);
  return [caseTaken, ...(names.length > 0 ? [filled(names)] : [])];
}

/** What the arrays show besides mistakes. */
function notes(
  { rest: { mine }, code }: Locale,
  { arithmetic, nodes }: Diagnosis,
  rows: readonly Row[],
): string[] {
  const { precision, variance, inputs } = arithmetic;
  const isSaid = rows.some(
    ({ given: { array } }) =>
      precision === (array.dtype ?? (array.data instanceof Float32Array ? "float32" : "float64")),
  );
  return [
    ...(isSaid ? [] : [mine.computedIn(precision)]),
    ...(inputs === precision ? [] : [mine.readIn(inputs)]),
    ...(variance === "one-pass" ? [mine.onePass] : []),
    ...nodes.flatMap(({ name, channelAxis }) =>
      channelAxis === null ? [] : [mine.channelsAt(name, channelAxis)],
    ),
    ...nodes.flatMap(({ name, truth, explanation }) => {
      if (truth !== "pass") return [];
      const { sign, name: named } = mine.computedAs;
      if (explanation?.kind === "sign") return [`${name}${mine.colon}${sign}`];
      if (explanation?.kind !== "name") return [];
      return [`${name}${mine.colon}${named(codeOf(explanation.other, code))}`];
    }),
  ];
}

function headline(
  { rest: { mine }, code }: Locale,
  { firstWrong, nodes, recognition, arithmetic: { precision } }: Diagnosis,
  rows: readonly Row[],
  graph: Graph,
) {
  const first = nodes.find(({ id }) => id === firstWrong);
  const head = (judged: Judged, words: unknown) => html`<h3>${mark(judged)} ${words}</h3>`;
  if (recognition && recognition.kind !== "hidden") {
    const { norms, otherNorm, otherInputs, askInputs } = mine.recognised;
    return recognition.kind === "other-norm"
      ? head("undecidable", otherNorm(norms[recognition.norm], recognition.groups))
      : html`${head("undecidable", otherInputs)}<p>${askInputs}</p>`;
  }
  if (first) {
    const name = html`<b>${first.name}</b>`;
    if (nodes.length === 1 && !recognition) return head("wrong here", mine.wrong(name));
    const others = rows.flatMap(({ finding }) =>
      finding && finding !== first && finding.truth === "fail" ? finding : [],
    );
    const isHeir = ({ local }: Finding) => local !== "fail" || recognition !== null;
    const heirs = others.filter(isHeir).map((one) => one.name);
    const shown = heirs.length > 3 ? heirs.slice(0, 2) : heirs;
    const right = nodes.filter(({ truth }) => truth === "pass").length;
    const also = others.filter((one) => !isHeir(one)).map((one) => one.name);
    const title = recognition ? mine.hiddenWrong(codeOf(recognition.id, code)) : mine.firstWrong(name);
    return html`${head("wrong here", title)}
      ${also.length > 0 ? html`<p>${mine.wrongToo(also)}</p>` : nothing}
      <p>${mine.others(recognition ? [] : shown, recognition ? 0 : heirs.length - shown.length, right, nodes.length)}</p>`;
  }
  const open = nodes.filter(({ truth }) => truth !== "pass");
  if (open.length > 0)
    return html`${head("undecidable", mine.nothingWrong)}
      ${undecided(mine, open, precision).map((reason) => html`<p>${reason}</p>`)}`;
  const given = new Set(rows.map(({ given: { id } }) => id));
  const missing = ["dx", "dgamma", "dbeta"].filter(
    (id) => !given.has(id) && graph.nodes.some((node) => `d${node.id}` === id),
  );
  return html`${head("right", nodes.length === 1 ? mine.oneRight(html`<b>${nodes[0]?.name}</b>`) : mine.allRight(nodes.length))}
    <p>${missing.length === 0 ? mine.explained : mine.missing(missing.map((id) => codeOf(id, code)))}</p>`;
}

const mark = (judged: Judged) =>
  html`<svg class="sign" viewBox="-9 -9 18 18" width="18" height="18" aria-hidden="true">${verdictMark(kMarks[judged])}</svg>`;

function arrayRow({ locale, diagnosis, looked, look, remove }: Result, { given, finding }: Row) {
  const { labels, rest } = locale;
  const { mine } = rest;
  const { name, array, from } = given;
  const id = given.id as string;
  const label = labelOf(id, labels);
  // what is right for another case is no line's mistake
  const isOpen = diagnosis?.recognition && !hiddenIn(diagnosis) && finding?.truth === "fail";
  const own = finding && judge(finding);
  const isHeir = own === "wrong here" && diagnosis && hiddenIn(diagnosis);
  const judged = isOpen ? "undecidable" : isHeir ? "inherited" : own;
  const isFirst = finding !== undefined && id === diagnosis?.firstWrong && !isOpen && !isHeir;
  const isLooked = finding !== undefined && id === looked?.id;
  const verdict = judged ? mine.judged[judged] : diagnosis ? mine.givenAgain : "";
  return html`
    <li class=${isFirst ? "first" : ""}>
      <button class="pick" aria-pressed=${isLooked} ?disabled=${!finding} data-array=${id} @click=${() => look(id)}>
        ${judged ? mark(judged) : html`<span></span>`}
        <span class="name" translate="no">${name}</span>
        <span class="symbol">${label === name ? "" : label}</span>
        <span class="what">${arrayText(array, locale)}${isBrought(from) && from.file ? ` · ${from.file}` : ""}</span>
        <span class=${`judged ${judged ? kMarks[judged] : ""}`}>${verdict}</span>
      </button>
      <button class="remove" aria-label=${mine.remove(name)} @click=${() => remove(given)}>✕</button>
    </li>`;
}

/** The hints, in order: where, what kind, what it is. */
function hintList(result: Result, diagnosis: Diagnosis) {
  const { locale, hints, sparing } = result;
  const { mine } = locale.rest;
  const first = diagnosis.nodes.find(({ id }) => id === diagnosis.firstWrong) as Finding;
  const where = { ask: "", title: mine.where, body: whereItIs(result, diagnosis, first) };
  const solution = () => [
    { ask: mine.askKind, title: mine.kind, body: whatKind(result, diagnosis, first) },
    ...(isFlat(result.computed.kase) || diagnosis.mistakes.length > 0
      ? [{ ask: mine.askAnswer, title: mine.answer, body: whatItIs(result, diagnosis, first) }]
      : []), // the second hint said it
  ];
  const question = () =>
    givenIn(result.computed.graph).includes(first.id)
      ? []
      : [{ ask: mine.askQuestion, title: mine.question, body: questions(result, diagnosis) }];
  const steps = [where, ...(sparing ? question() : solution())];
  const next = steps[hints];
  return html`
    <ol class="hints" aria-live="polite">${steps
      .slice(0, hints)
      .map(
        ({ title, body }, at) => html`<li tabindex="-1" data-hint=${at + 1}><h4>${title}</h4>${body}</li>`,
      )}</ol>
    ${next ? html`<button class="control next" @click=${result.nextHint}>${next.ask}</button>` : nothing}`;
}

/** A wrong array that was not pasted and from which all others follow. */
const hiddenIn = ({ recognition }: Diagnosis) => (recognition?.kind === "hidden" ? recognition : undefined);

function whereItIs(
  { locale, rows, computed: { graph } }: Result,
  diagnosis: Diagnosis,
  { id, name }: Finding,
) {
  const { notation, code, rest } = locale;
  const { mine } = rest;
  const hidden = hiddenIn(diagnosis);
  if (hidden) return html`<p>${mine.recognised.hidden(codeOf(hidden.id, code))}</p>`;
  if (givenIn(graph).includes(id)) return html`<p>${mine.otherInput(name, printsWith(notation))}</p>`;
  const given = new Set(rows.map((row) => row.given.id));
  // pasting what a gradient is computed from narrows down where the mistake is
  const before = id === `d${nodeOf(id)}` ? stepsBefore(graph, nodeOf(id)).map((step) => `d${step}`) : [];
  const narrower = before.filter((one) => !given.has(one)).map((one) => codeOf(one, code));
  return html`<p>${narrower.length > 0 ? mine.wrongBefore(name, narrower) : mine.wrongHere(name)}</p>`;
}

const mistakesOf = ({ bn, computed: { graph } }: Result, { mistakes }: Diagnosis): Mistake[] =>
  mistakes.flatMap(({ id }) => bn.mistakes.filter((one) => one.id === id).map((one) => inGraph(one, graph)));

/** How an array differs: a simple relation to the right one, or what it is. */
function differenceText({ locale, computed, rows }: Result, { id, relation, explanation }: Finding): string {
  const isSimple =
    relation !== null && !relation.kind.endsWith("per-column") && explanation?.kind !== "not-finite";
  const own = new Map(rows.map(({ given }) => [given.id, given.name]));
  if (isSimple || !explanation) {
    const ratio = explanation?.kind === "formula" ? explanation.formula.ratio : null;
    return ratio && ratio.counts.length > 1 && relation?.kind === "ratio"
      ? ratioText(relation.ratio, ratio, computed, locale)
      : relationText(relation, computed.kase, locale);
  }
  return explanationText(
    id,
    explanation,
    computed,
    locale,
    (one) => own.get(one) ?? codeOf(one, locale.code),
  );
}

function whatKind(result: Result, diagnosis: Diagnosis, first: Finding) {
  const { relation } = first;
  const { locale } = result;
  const hidden = hiddenIn(diagnosis);
  if (hidden) return html`<p class="relation">${hiddenText(hidden, result.computed, locale)}</p>`;
  const { mine, mistakes: words } = locale.rest;
  const mistakes = mistakesOf(result, diagnosis);
  const edges = new Set(mistakes.flatMap((mistake) => mistake.edges.map((edge) => edgeWords(edge, locale))));
  const isBatch = nameOfNorm(result.computed.kase) === "batch";
  // the formulas of the others are those of batch norm, where each group has one gamma
  const broken = diagnosis.invariants.filter(({ holds, id }) => !holds && (isBatch || id === "sum-of-dx"));
  const [best, second] = mistakes;
  const pathIsSaid = relation !== null && "path" in relation;
  const pathsAreSaid = diagnosis.nodes.some(({ explanation }) => explanation?.kind === "paths");
  const isRms = nameOfNorm(result.computed.kase) === "rms"; // of which it doesn't speak
  const meaning = isRms
    ? null
    : meaningText(diagnosis, locale.language, (array) => codeOf(array, locale.code));
  return html`
    <p class="relation">${differenceText(result, first)}</p>
    ${!pathIsSaid && edges.size > 0 && edges.size < 3 ? html`<p>${mine.liesOn([...edges])}</p>` : nothing}
    ${mistakes.length > 0 ? nothing : alsoWrong(result, diagnosis, first)}
    ${broken.length > 0 ? html`<ul class="laws">${broken.map((law) => html`<li>${lawText(law, result.computed.kase, locale)}</li>`)}</ul>` : nothing}
    ${meaning && !pathsAreSaid ? html`<p>${meaning}</p>` : nothing}
    ${best && !second ? html`<p class=${`question ${locale.language}`}>${words.hint(best.id)}</p>` : nothing}`;
}

/** The other arrays that are wrong themselves: more than one line is. */
function alsoWrong(result: Result, { nodes }: Diagnosis, first: Finding) {
  const { mine } = result.locale.rest;
  const others = nodes.filter(
    (one) =>
      one !== first && one.truth === "fail" && one.local === "fail" && (one.relation || one.explanation),
  );
  return others
    .slice(0, kMostAlsoWrong)
    .map((one) => html`<p>${mine.alsoWrong(one.name, differenceText(result, one))}</p>`);
}

const kMostAlsoWrong = 3;

/** In an assignment, a question instead of the kind and the answer. */
function questions(result: Result, diagnosis: Diagnosis) {
  const { locale } = result;
  const { mine, mistakes: words } = locale.rest;
  const hints = mistakesOf(result, diagnosis)
    .slice(0, 3)
    .map(({ id }) => words.hint(id));
  if (hints.length === 0) return html`<p>${mine.noneFitsSparing}</p>`;
  return hints.map((hint) => html`<p class=${`question ${locale.language}`}>${hint}</p>`);
}

/** Whether an array is one of this graph: a mistake may be of another. */
const isIn = ({ nodes, edges }: Graph, id: string): boolean =>
  id.includes(">")
    ? edges.some(({ from, to }) => id === `${from}->${to}`)
    : nodes.some((node) => node.id === nodeOf(id));

function whatItIs(result: Result, diagnosis: Diagnosis, { id, relation, explanation }: Finding) {
  const { locale, bn, computed, linkTo } = result;
  const { notation, rest } = locale;
  const { mine, mistakes: words } = rest;
  const mistakes = mistakesOf(result, diagnosis);
  const elsewhere = mistakes.flatMap(({ edges }) => edges.slice(0, 1).map(({ from }) => `d${from}`));
  const coding = codingOf(computed, notation);
  const wrong = hiddenIn(diagnosis)?.id ?? id;
  const places = [wrong, ...(id.startsWith("d") ? elsewhere : [])].filter((one) => isIn(computed.graph, one));
  const lines = [...new Set(places)].flatMap((one) => rightLine(computed.graph, one, coding) ?? []);
  return html`
    ${
      mistakes.length === 0
        ? diagnosis.mistakes.length > 0 || relation || explanation || diagnosis.recognition
          ? nothing // the second hint said it
          : html`<p>${mine.noneFits(mistakesIn(bn, nameOfNorm(computed.kase)).length)}</p>`
        : html`
          ${mistakes.length > 1 ? html`<p>${mine.severalFit}</p>` : nothing}
          <ul class="answers">${mistakes.slice(0, 6).map(
            (mistake) => html`<li>${words.explanation(mistake.id)}
              ${mistake.switchable && mistake.norms.includes(nameOfNorm(computed.kase)) ? html`<a href=${linkTo(mistake)}>${mine.seeOnGraph}</a>` : nothing}</li>`,
          )}</ul>`
    }
    ${
      lines.length > 0
        ? html`<p>${mine.rightLines(lines.length, printsWith(notation))}</p><pre class="scrolls" translate="no" tabindex="0">${lines.join("\n")}</pre>`
        : nothing
    }`;
}
