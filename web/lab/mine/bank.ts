import { css, html, nothing, type PropertyValues } from "lit";
import type { Backnorm, Mistake } from "../../src/index.ts";
import { wordsOf } from "../../src/mistake-words.ts";
import { inGraph, mistakesIn } from "../model/mistakes.ts";
import type { Selection } from "../model/selection.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import type { Locale } from "../words/locale.ts";
import { edgeLabel, edgeWords } from "./array-names.ts";
import { bringIntoView } from "./unfolded.ts";

/** The first mistake of each place, from the loss back to x: the order of the bank. */
const kPlaces = [
  "dy-ones",
  "swapped",
  "no-gamma",
  "dstd-sign",
  "dmean-sign",
  "detached-stats",
  "uncentred-variance",
  "stateful-forward",
] as const;
type Place = (typeof kPlaces)[number];

/** The mistakes of the norm that is shown, by place. */
function placesOf({ mistakes: all }: Backnorm, { graph, setting }: Locale) {
  const starts = kPlaces.map((first) => all.findIndex(({ id }) => id === first));
  return kPlaces.map((place, at) => ({
    place,
    mistakes: mistakesIn({ mistakes: all.slice(starts[at], starts[at + 1]) }, setting.norm).map((one) =>
      inGraph(one, graph),
    ),
  }));
}

/** What a mistake changes: edges as they are drawn, or gates. */
function changed({ edges, nodes, switchable }: Mistake, locale: Locale): string {
  const { labels, rest } = locale;
  if (!switchable) return rest.bank.aroundPasses;
  const [only, another] = edges;
  const drawn = only && !another ? [edgeWords(only, locale)] : edges.map((edge) => edgeLabel(edge, labels));
  return rest.bank.changes(
    drawn,
    nodes.map((id) => labels[id]),
  );
}

const splitWords = (text: string) => text.toLowerCase().replaceAll("−", "-").split(/\s+/).filter(Boolean);

/** All known mistakes. Each is a link that switches it on. */
export class BnBank extends Panel {
  static override properties = {
    ...fromSession("locale", "name", "mistake", "selection", "bn"),
    wanted: { state: true },
  };
  declare locale: Locale;
  /** The name of the case. */
  declare name: string;
  /** The id of the mistake that is switched on; "" if none is. */
  declare mistake: string;
  declare selection: Selection;
  declare bn: Backnorm;
  /** The search text. */
  declare wanted: string;

  /** The open places. */
  #open = new Set<Place>();

  static override styles = [
    tokens,
    controls,
    panelText,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      .search {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 16px;
        margin-bottom: 14px;
        color: var(--muted);
      }
      input {
        width: 300px;
        font: inherit;
      }
      details {
        border-top: 1px solid var(--hairline);
      }
      details:last-of-type {
        border-bottom: 1px solid var(--hairline);
      }
      summary {
        display: grid;
        grid-template-columns: 14px 300px minmax(0, 1fr) auto;
        gap: 0 12px;
        align-items: baseline;
        padding: 9px 4px;
        cursor: pointer;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      summary:hover {
        background: var(--wash);
      }
      summary::before {
        content: "";
        align-self: center;
        width: 6px;
        height: 6px;
        border: solid var(--muted);
        border-width: 0 1.5px 1.5px 0;
        transform: rotate(-45deg);
      }
      [open] > summary::before {
        transform: translateY(-2px) rotate(45deg);
      }
      h3 {
        margin: 0;
        font: 600 16px/1.4 var(--serif);
      }
      .some {
        overflow: hidden;
        color: var(--muted);
        font-size: 12.5px;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      [open] .some {
        visibility: hidden;
      }
      .count {
        color: var(--muted);
        font-variant-numeric: tabular-nums;
      }
      ul {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 0 36px;
        list-style: none;
        margin: 0;
        padding: 2px 0 14px 26px;
      }
      li {
        padding: 9px 0 9px 12px;
        border-left: 3px solid transparent;
      }
      li.on {
        border-left-color: var(--fail);
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 2px 12px;
      }
      .title {
        color: var(--ink);
        font-weight: 600;
      }
      .id {
        color: var(--muted);
        font: 12px var(--mono);
      }
      a {
        text-underline-offset: 3px;
      }
      .changed,
      .hint {
        color: var(--muted);
        font-size: 12.5px;
      }
      p {
        margin: 3px 0 0;
        max-width: 72ch;
      }
      .line .link {
        color: var(--fail);
        font-weight: 600;
      }
      @container (max-width: 760px) {
        ul {
          grid-template-columns: minmax(0, 1fr);
          padding-left: 0;
        }
        summary {
          grid-template-columns: 14px minmax(0, 1fr) auto;
        }
        .some {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.wanted = "";
    this.mistake = "";
  }

  protected override firstUpdated() {
    bringIntoView(this);
  }

  protected override willUpdate(changes: PropertyValues<this>) {
    if (!changes.has("mistake")) return;
    const found = placesOf(this.bn, this.locale).find(({ mistakes }) =>
      mistakes.some(({ id }) => id === this.mistake),
    );
    if (found) this.#open.add(found.place);
  }

  protected override render() {
    const { bn, locale, wanted } = this;
    const places = placesOf(bn, locale);
    const mistakes = places.flatMap((place) => place.mistakes);
    const { bank, mistakes: said } = locale.rest;
    const words = splitWords(wanted);
    // searches the names of the page and our own
    const isFound = (mistake: Mistake) => {
      const { id } = mistake;
      const { title, explanation, hint } = wordsOf(mistake);
      const own = [title, explanation, hint].flatMap(({ en, zh }) => [en, zh]);
      const page = [said.title(id), said.explanation(id), said.hint(id)];
      const all = [id, ...own, ...page, changed(mistake, locale)].join(" ");
      const text = all.toLowerCase().replaceAll("−", "-");
      return words.every((word) => text.includes(word));
    };
    const found = new Set(words.length > 0 ? mistakes.filter(isFound) : mistakes);
    return html`
      <div class="search">
        <input class="field" type="search" aria-label=${bank.search} placeholder=${bank.suchAs} .value=${wanted}
          spellcheck="false" autocomplete="off" @input=${(event: Event) => (this.wanted = (event.target as HTMLInputElement).value)} />
        <span role="status">${
          words.length === 0
            ? bank.all(mistakes.length)
            : found.size === 0
              ? bank.none(wanted.trim())
              : bank.some(found.size, mistakes.length)
        }</span>
      </div>
      ${places.map(({ place, mistakes: its }) => {
        const shown = its.filter((mistake) => found.has(mistake));
        return shown.length === 0 ? nothing : this.#place(place, shown, words.length > 0);
      })}`;
  }

  #place(place: Place, mistakes: readonly Mistake[], isSearched: boolean) {
    const { bank, mistakes: said } = this.locale.rest;
    const note = (event: Event) => {
      if (isSearched) return;
      if ((event.target as HTMLDetailsElement).open) this.#open.add(place);
      else this.#open.delete(place);
    };
    return html`
      <details .open=${isSearched || this.#open.has(place)} @toggle=${note}>
        <summary><h3>${bank.places[place]}</h3><span class="some" aria-hidden="true">${mistakes.map(({ id }) => said.title(id)).join(" · ")}</span><span class="count">${mistakes.length}</span></summary>
        <ul>${mistakes.map((mistake) => this.#mistake(mistake))}</ul>
      </details>`;
  }

  #unmake(event: Event) {
    (event.target as Element).parentElement?.querySelector("a")?.focus(); // the button disappears
    this.session.chooseMistake("");
  }

  #mistake(mistake: Mistake) {
    const { locale } = this;
    const { words, rest } = locale;
    const { id, switchable } = mistake;
    const title = rest.mistakes.title(id);
    const isOn = id === this.mistake;
    return html`
      <li class=${isOn ? "on" : ""} data-mistake=${id}>
        <div class="line">
          ${switchable ? html`<a class="title" href=${this.session.linkTo(mistake)} aria-current=${isOn}>${title}</a>` : html`<span class="title">${title}</span>`}
          <code class="id" translate="no">${id}</code>
          ${isOn ? html`<button class="link" @click=${this.#unmake}>${words.page.unmake}</button>` : nothing}
          <span class="changed">${changed(mistake, locale)}</span>
        </div>
        <p>${rest.mistakes.explanation(id)}</p>
        <p class="hint">${rest.mistakes.hint(id)}</p>
      </li>`;
  }
}

customElements.define("bn-bank", BnBank);
