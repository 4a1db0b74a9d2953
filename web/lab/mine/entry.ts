import { html, nothing } from "lit";
import type { Graph } from "../../src/index.ts";
import { printsWith } from "../maths/code-lines.ts";
import type { NameReader, Unread } from "../read/arrays.ts";
import { type Entered, type Given, isBrought, isEmpty, type Sentence } from "../read/input.ts";
import type { Locale } from "../words/locale.ts";
import { codeOf, labelOf, namesOf } from "./array-names.ts";
import { arrayText } from "./finding-text.ts";

/** The inputs of the case as code, or the cell for a notebook. */
export type Copied = "inputs" | "cell";

/** The form for a learner's arrays. */
export interface Entry {
  locale: Locale;
  graph: Graph;
  names: NameReader;
  /** "cs231n 4×5". */
  kase: string;
  input: Entered;
  given: readonly Given[];
  unread: readonly Unread[];
  refused: readonly Sentence[];
  /** Why the diagnosis failed. */
  fault: unknown;
  /** What was copied, or is shown because the browser didn't allow it. */
  copied: { what: Copied; text: string; isShown: boolean } | undefined;
  /** Whether it is an assignment. It offers no example, because examples contain right gradients. */
  sparing: boolean;
  /** Whether an example was shown before. */
  hadExample: boolean;
  canPutBack: boolean;

  copy(what: Copied): void;
  paste(event: ClipboardEvent): void;
  type(text: string): void;
  tryExample(): void;
  open(files: Iterable<File>): void;
  clear(): void;
  putBack(): void;
  goTo(place: number): void;
  rename(given: Given, name: string): void;
}

/** Of so many arrays with unknown names, each is asked about. */
const kMostAsked = 2;

const textOf = (event: Event) => (event.target as HTMLInputElement | HTMLTextAreaElement).value;

export function entryView(entry: Entry) {
  const { locale, input, copied } = entry;
  const { mine } = locale.rest;
  const open = (event: Event) => {
    const field = event.target as HTMLInputElement;
    entry.open([...(field.files ?? [])]);
    field.value = "";
  };
  return html`
    <p class="lead"><span>${mine.kase(html`<strong>${entry.kase}</strong>`)}</span>
      <button class="control" name="inputs" @click=${() => entry.copy("inputs")}>${mine.copy(printsWith(locale.notation))}</button>
      <button class="control" name="cell" @click=${() => entry.copy("cell")}>${mine.copyCell}</button></p>
    <p class="copied" role="status">${copied && !copied.isShown ? mine.copied[copied.what] : ""}</p>
    ${
      copied?.isShown
        ? html`<label class="code">${mine.copyByHand}
            <textarea class="field" readonly translate="no" rows="8" .value=${copied.text}></textarea></label>`
        : nothing
    }
    <label class="paste"><span>${mine.paste}</span>
      <textarea class="field" name="arrays" translate="no" rows="13" spellcheck="false" autocomplete="off" autocapitalize="off" wrap="off"
        placeholder=${mine.placeholder} @paste=${entry.paste} @input=${(event: Event) => entry.type(textOf(event))}></textarea>
    </label>
    <div class="actions">
      ${
        entry.sparing
          ? nothing
          : html`<button class=${isEmpty(input) ? "control main" : "control"} @click=${entry.tryExample}>${entry.hadExample ? mine.anotherExample : mine.tryExample}</button>`
      }
      <label class="control">${mine.chooseFiles}<input type="file" multiple accept=".npy,.npz,.txt,.json,.csv,.tsv" @change=${open} /></label>
      ${isEmpty(input) ? nothing : html`<button class="control" @click=${entry.clear}>${mine.clear}</button>`}
      ${entry.canPutBack ? html`<button class="control" @click=${entry.putBack}>${mine.putBack}</button>` : nothing}
    </div>
    ${troubles(entry)}
    ${nameTable(entry)}`;
}

/** The parts that could not be read, with buttons that go there. */
function troubles(entry: Entry) {
  const { locale, names, given, unread, refused, fault } = entry;
  const { words, rest, code } = locale;
  const { mine } = rest;
  const shown = unread.slice(0, 4);
  const more = (count: number) => (count > 0 ? html`<li>${mine.more(count)}</li>` : nothing);
  const unnamed = askedAbout(given);
  return html`
    <div role="alert"><ul class="troubles">
      ${shown.map(
        ({
          name,
          error,
          at,
        }) => html`<li>${mine.trouble(name ? html`<b>${name}</b>` : mine.noArray, words.fault(error))}
          <button class="link" @click=${() => entry.goTo(at)}>${mine.goThere}</button></li>`,
      )}
      ${more(unread.length - shown.length)}
      ${refused.map((sentence) => html`<li>${sentence(locale)}</li>`)}
      ${fault ? html`<li>${mine.fault(words.fault(fault))}</li>` : nothing}
    </ul></div>
    ${namesNote(locale, given)}
    ${
      unnamed.length === 0
        ? nothing
        : html`<ul class="unnamed">${unnamed.slice(0, 8).map((one) => unnamedArray(entry, one))}
            ${more(unnamed.length - 8)}</ul>
          <datalist id="names">${names.ids.map((id) => html`<option value=${codeOf(id, code)}>${namesOf(id, code).join(", ")}</option>`)}</datalist>`
    }`;
}

/** Of many arrays that came with unknown names, as all that a program computed, none is asked about. */
function askedAbout(given: readonly Given[]): Given[] {
  const open = given.filter(({ id, proposed }) => id === undefined || proposed === "order");
  return open.length > kMostAsked ? open.filter(({ name, from }) => name === "" || !isBrought(from)) : open;
}

/** What arrays with unknown names were taken for, and which of them are left out. */
export function namesNote({ rest: { mine }, code }: Locale, given: readonly Given[]) {
  const found = given.filter(({ proposed }) => proposed === "numbers");
  const asked = new Set(askedAbout(given));
  const left = given.filter((one) => one.id === undefined && !asked.has(one));
  return html`
    ${found.length > 0 ? html`<p class="note">${mine.byNumbers(found.map(({ name, id }) => [name, codeOf(id as string, code)]))}</p>` : nothing}
    ${left.length > 0 ? html`<p class="note">${mine.leftOut(left.map(({ name }) => name))}</p>` : nothing}`;
}

function unnamedArray({ locale, input, rename }: Entry, given: Given) {
  const { mine } = locale.rest;
  const { name, id, proposed, array, from } = given;
  const place = isBrought(from)
    ? mine.file(from.file)
    : mine.line(input.text.slice(0, from.body).split("\n").length);
  const what = arrayText(array, locale);
  const sentence = proposed
    ? mine.takenFor(codeOf(id as string, locale.code), place, what)
    : mine.unnamed(name, place, what);
  return html`<li><span>${sentence}</span>
    <label>${mine.whichOne} <input class="field" list="names" autocomplete="off" spellcheck="false"
      placeholder=${mine.suchAs} @change=${(event: Event) => rename(given, textOf(event))} /></label></li>`;
}

function nameTable({ locale, graph, names: { ids } }: Entry) {
  const { labels, code, rest } = locale;
  const nodes = graph.nodes.length;
  const gradients = ids.slice(nodes, 2 * nodes).toReversed();
  const partial = ids.slice(2 * nodes).filter((id) => namesOf(id, code).length > 1);
  const line = (id: string) => html`
    <tr><th scope="row">${labelOf(id, labels)}</th><td translate="no">${namesOf(id, code).join(", ")}</td></tr>`;
  return html`
    <details class="names">
      <summary>${rest.mine.knownNames}</summary>
      <p>${rest.mine.aboutNames()}</p>
      <table><tbody>${[...gradients, ...ids.slice(0, nodes), ...partial].map(line)}</tbody></table>
    </details>`;
}
