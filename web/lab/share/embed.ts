import { css, html } from "lit";
import { fromSession, Panel } from "../session/panel.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import type { Locale } from "../words/locale.ts";
import { kPlaces, kSnippets, type Part, type Place } from "./snippets.ts";

/** The version of the package that the page was built with. */
declare const BACKNORM_VERSION: string;

/** The smallest useful height of a frame. */
const kLeastHeight = 360;

/** Places that have little room or show the lab inside another page. */
const kLittleRoom: ReadonlySet<Place> = new Set(["reveal", "notebook", "frame"]);

/** Asks the sheet to copy the text of a field. */
export class CopyEvent extends CustomEvent<{ field: HTMLTextAreaElement; what: string }> {
  constructor(field: HTMLTextAreaElement, what: string) {
    super("bn-copy", { bubbles: true, composed: true, detail: { field, what } });
  }
}

/** The code that embeds the current state in a page of a course. */
export class BnEmbed extends Panel {
  static override properties = {
    ...fromSession("locale"),
    name: {},
    fragment: {},
    page: {},
    place: { state: true },
    heading: { state: true },
    height: { state: true },
    brief: { state: true },
  };
  declare locale: Locale;
  /** The name of the case. */
  declare name: string;
  /** The fragment of the link to the current state. */
  declare fragment: string;
  /** The URL of the page without the fragment. */
  declare page: string | undefined;
  declare place: Place;
  /** The author's title; by default the name of the case. */
  declare heading: string | undefined;
  declare height: number;
  declare brief: boolean;

  static override styles = [
    tokens,
    controls,
    panelText,
    css`
      .choices {
        display: grid;
        grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
        gap: 10px 14px;
      }
      label {
        display: grid;
        gap: 3px;
        color: var(--muted);
        font-size: 12.5px;
      }
      .title,
      .small {
        grid-column: 1 / -1;
      }
      .small {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 24px;
        color: var(--ink);
        font-size: 14px;
      }
      .small input {
        flex: none;
        width: 18px;
        height: 18px;
        margin: 0;
        accent-color: var(--accent);
      }
      .choices .field {
        width: 100%;
        font: 14px var(--sans);
      }
      textarea {
        field-sizing: content;
        max-height: 220px;
      }
      .part {
        margin-top: 12px;
      }
      .part header {
        display: flex;
        justify-content: space-between;
        align-items: end;
        gap: 12px;
        margin-bottom: 4px;
        color: var(--muted);
        font-size: 12.5px;
        overflow-wrap: anywhere;
      }
      .control {
        font-size: 14px;
      }
      p {
        margin: 12px 0 0;
        color: var(--muted);
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.place = "html";
    this.height = 600;
    this.brief = false;
  }

  get #words() {
    return this.locale.rest.embed;
  }

  protected override render() {
    const words = this.#words;
    const version = BACKNORM_VERSION;
    const { supply, folder, parts } = kSnippets[this.place];
    const heading = this.heading ?? words.titled(this.name);
    const { fragment, height, brief } = this;
    const page = this.page ?? `backnorm-${version}.html`;
    return html`
      <div class="choices">
        <label>${words.where}
          <select class="field" name="place" @change=${this.#choosePlace}>
            ${kPlaces.map((id) => html`<option value=${id} .selected=${id === this.place}>${kSnippets[id].name}</option>`)}
          </select>
        </label>
        <label>${words.height}
          <input class="field" name="height" type="number" min=${kLeastHeight} step="20" .value=${String(height)} @change=${this.#chooseHeight} />
        </label>
        <label class="title">${words.name}
          <input class="field" name="title" .value=${heading} @input=${(event: Event) => {
            this.heading = (event.target as HTMLInputElement).value;
          }} />
        </label>
        <label class="small"><input name="small" type="checkbox" .checked=${brief} @change=${(
          event: Event,
        ) => {
          this.brief = (event.target as HTMLInputElement).checked;
        }} />${words.small}</label>
      </div>
      ${parts({ fragment, title: heading, height, brief, version, page }).map((part) => this.#part(part))}
      <p>${words.supply[supply](version, `${folder ?? ""}backnorm-${version}`)}</p>`;
  }

  #part({ file, isPage, text }: Part) {
    const words = this.#words;
    const where = isPage ? words.inPage(file) : words.inFile(file);
    const copy = (event: Event) => {
      const field = (event.target as Element).closest(".part")?.querySelector("textarea");
      this.dispatchEvent(new CopyEvent(field as HTMLTextAreaElement, where));
    };
    return html`
      <div class="part">
        <header><span>${where}</span><button class="control" aria-label=${`${words.copy}: ${where}`} @click=${copy}>${words.copy}</button></header>
        <textarea class="field" readonly spellcheck="false" translate="no" rows="4" aria-label=${where} .value=${text}></textarea>
      </div>`;
  }

  #choosePlace(event: Event) {
    this.place = (event.target as HTMLSelectElement).value as Place;
    this.brief = kLittleRoom.has(this.place);
  }

  #chooseHeight(event: Event) {
    const field = event.target as HTMLInputElement;
    this.height = Math.max(kLeastHeight, Math.round(Number(field.value)) || this.height);
    field.value = String(this.height);
  }
}

customElements.define("bn-embed", BnEmbed);
