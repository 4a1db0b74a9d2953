import { html, LitElement, nothing } from "lit";
import type { Checker } from "../src/checker.ts";
import type { Mistake } from "../src/index.ts";
import "./checks.ts";
import { type HistoryEvent, historyKey } from "./history.ts";
import "./inputs.ts";
import "./inspector.ts";
import type { ChangeEvent } from "./knobs.ts";
import { labStyles } from "./lab-styles.ts";
import { kLenses, kLensViews, type Lens } from "./lenses.ts";
import { isPreset, kPresetGroups } from "./presets.ts";
import type { Computed, EditEvent, MistakeEvent, SelectEvent } from "./selection.ts";
import { type Message, Session } from "./session.ts";
import { panelText, tokens } from "./theme.ts";
import { kTools, type Tool } from "./tools.ts";
import { unjudged, verdictChip, verdictStyles } from "./verdict.ts";

/** The page: one case, one selection, and the panels that show them. */
export class BacknormLab extends LitElement {
  static override properties = {
    theme: { state: true },
    dropping: { state: true },
    fetched: { state: true },
    unfetched: { state: true },
  };
  declare theme: "light" | "dark" | undefined;
  declare dropping: boolean;
  /** The lenses and tools that are here, and those that could not be fetched. */
  declare fetched: ReadonlySet<string>;
  declare unfetched: ReadonlySet<string>;

  readonly session = new Session(() => this.requestUpdate());

  static override styles = [tokens, panelText, verdictStyles, labStyles];

  constructor() {
    super();
    this.dropping = false;
    this.fetched = new Set();
    this.unfetched = new Set();
    const { session } = this;
    this.addEventListener("bn-select", (event) => session.select((event as SelectEvent).detail));
    this.addEventListener("bn-edit", (event) => session.edit((event as EditEvent).detail));
    this.addEventListener("bn-change", (event) => {
      const { part, goesOn } = (event as ChangeEvent).detail;
      session.change(part, goesOn);
    });
    this.addEventListener("bn-history", (event) => session.goThrough((event as HistoryEvent).detail.step));
    this.addEventListener("bn-mistake", (event) => session.chooseMistake((event as MistakeEvent).detail.id));
    this.addEventListener("dragover", (event) => this.#drag(event, true));
    this.addEventListener("dragleave", (event) => this.#drag(event, false));
    this.addEventListener("drop", (event) => this.#drop(event));
  }

  override connectedCallback() {
    super.connectedCallback();
    window.addEventListener("hashchange", this.#followLink);
    window.addEventListener("keydown", this.#key);
    this.session.start();
  }

  override disconnectedCallback() {
    window.removeEventListener("hashchange", this.#followLink);
    window.removeEventListener("keydown", this.#key);
    this.session.stop();
    super.disconnectedCallback();
  }

  #followLink = () => this.session.followLink();

  #key = (event: KeyboardEvent) => {
    const step = historyKey(event);
    if (!step) return;
    event.preventDefault();
    this.session.goThrough(step);
  };

  #drag(event: DragEvent, over: boolean) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.dropping = over;
  }

  #drop(event: DragEvent) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.dropping = false;
    const [file] = event.dataTransfer.files;
    if (file) this.session.open(file);
  }

  #toggleTheme() {
    const dark = this.theme ? this.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    this.theme = dark ? "light" : "dark";
    document.documentElement.dataset["theme"] = this.theme;
  }

  /** A list shows what is chosen, also where the choice could not be had. */
  #choose(choice: (value: string) => Promise<void>, chosen: () => string) {
    return async (event: Event) => {
      const list = event.target as HTMLSelectElement;
      await choice(list.value);
      list.value = chosen();
    };
  }

  /** What is fetched when it is first looked at, or a sentence until then. */
  #part(id: string, fetch: Tool["fetch"] | undefined, view: () => unknown) {
    if (!fetch || this.fetched.has(id)) return view();
    if (this.unfetched.has(id))
      return html`<div class="wait"><p role="alert">This part of the page could not be fetched.</p>
        <button class="control" @click=${() => this.#fetch(id, fetch)}>Try again</button></div>`;
    this.#fetch(id, fetch);
    return html`<div class="wait"><p role="status">Fetching …</p></div>`;
  }

  #fetching = new Set<string>();

  async #fetch(id: string, fetch: Tool["fetch"]) {
    if (this.#fetching.has(id)) return;
    this.#fetching.add(id);
    const without = (set: ReadonlySet<string>) => new Set([...set].filter((one) => one !== id));
    try {
      await fetch(this.session);
      this.fetched = new Set([...this.fetched, id]);
      this.unfetched = without(this.unfetched);
    } catch {
      this.unfetched = new Set([...this.unfetched, id]);
    } finally {
      this.#fetching.delete(id);
    }
  }

  protected override render() {
    const { message, computed, failure } = this.session;
    return html`
      <div class=${`page ${this.dropping ? "dropping" : ""}`}>
        ${this.#header()}
        ${message ? this.#messageBar(message) : nothing}
        ${computed ? this.#panels(computed) : this.#waiting(failure)}
      </div>`;
  }

  #header() {
    const { session } = this;
    const { name } = session;
    const file = isPreset(name) ? nothing : html`<option value=${name} .selected=${true}>${name}</option>`;
    return html`
      <header class="top">
        <h1>backnorm</h1>
        <span class="tagline">batch normalization’s backward pass, every gradient in the open</span>
        <div class="controls">
          <label class="control"><span>Case</span>
            <select aria-label="Case" @change=${this.#choose(
              async (value) => {
                if (isPreset(value)) await session.choosePreset(value);
              },
              () => session.name,
            )}>
              ${file}
              ${Object.entries(kPresetGroups).map(
                ([group, presets]) => html`
                <optgroup label=${group}>
                  ${Object.entries(presets).map(([id, label]) => html`<option value=${id} .selected=${id === name}>${label}</option>`)}
                </optgroup>`,
              )}
            </select>
          </label>
          <button class="control" name="mine" @click=${this.#openTool}>Find my mistake</button>
          <button class="control" name="bank" @click=${this.#openTool}>Make a mistake …</button>
          <label class="control">Open a file …
            <input type="file" accept=".csv,.tsv,.txt,.json,.npy" @change=${(event: Event) => {
              const field = event.target as HTMLInputElement;
              const [chosen] = field.files ?? [];
              if (chosen) session.open(chosen);
              field.value = ""; // so that the same file can be opened again
            }} />
          </label>
          <button class="control" @click=${this.#toggleTheme} aria-label="Switch between light and dark">◐</button>
        </div>
      </header>`;
  }

  #messageBar({ kind, text }: Message) {
    return html`
      <div class=${`message ${kind}`} role=${kind === "fault" ? "alert" : "status"}>
        <p>${text}</p>
        <button @click=${() => this.session.dismiss()}>Close</button>
      </div>`;
  }

  #waiting(failure: string | undefined) {
    return failure
      ? html`<div class="wait"><p role="alert">The kernels did not start. ${failure}</p></div>`
      : html`<div class="wait"><p role="status">Starting the kernels …</p></div>`;
  }

  #panels(computed: Computed) {
    const { session } = this;
    const { bn, lens, selection, whole } = session;
    const mistake = whole?.mistakes.find(({ id }) => id === session.mistake);
    const { fetch, view, controls } = kLensViews[lens];
    return html`
      <section class="panel stage" aria-label="Lens">
        <div class="bar">
          ${this.#tabs(lens)}
          ${controls?.(session) ?? nothing}
          ${this.#legend(bn as Checker)}
          ${this.#verdict(computed)}
        </div>
        ${this.#notes(computed, mistake)}
        <div class="lens" id="lens" role="tabpanel" aria-labelledby=${`tab-${lens}`}>
          ${this.#part(lens, fetch, () => view(session, mistake))}
        </div>
      </section>
      <div class="row">
        <section class="panel" aria-label="Check">
          <bn-checks .session=${session} .computed=${computed} .selection=${selection} .progress=${session.progress}></bn-checks>
        </section>
        <section class="panel" aria-label="The chosen node">
          <bn-inspector .computed=${computed} .graph=${bn?.graph} .selection=${selection} ?brief=${lens === "steps"}></bn-inspector>
        </section>
      </div>
      <section class="panel">
        <bn-inputs .computed=${computed} .selection=${selection} .history=${session.history}></bn-inputs>
      </section>
      ${kTools.map((tool) => this.#tool(tool))}`;
  }

  #tabs(chosen: Lens) {
    const step = { ArrowRight: 1, ArrowLeft: -1 } as Record<string, number | undefined>;
    const key = (event: KeyboardEvent) => {
      const by = step[event.key];
      if (by === undefined) return;
      const next = kLenses[(kLenses.indexOf(chosen) + by + kLenses.length) % kLenses.length] as Lens;
      this.session.look(next);
      (this.renderRoot.querySelector(`#tab-${next}`) as HTMLElement).focus();
    };
    return html`
      <div class="tabs" role="tablist" aria-label="Lenses" @keydown=${key}>
        ${kLenses.map(
          (lens) => html`
          <button role="tab" id=${`tab-${lens}`} aria-controls="lens" title=${kLensViews[lens].words}
            aria-selected=${lens === chosen} tabindex=${lens === chosen ? 0 : -1}
            @click=${() => this.session.look(lens)}>${kLensViews[lens].label}</button>`,
        )}
      </div>`;
  }

  #legend({ engine }: Checker) {
    return html`
      <span class="legend">${this.session.lens === "graph" ? "Above the rule the value, below it the gradient ∂." : nothing}
        <span class="swatch negative"></span> negative <span class="swatch positive"></span> positive
        ${engine === "javascript" ? html` · WebAssembly is not to be had here: the same code runs as JavaScript, more slowly.` : nothing}
      </span>`;
  }

  #verdict(computed: Computed) {
    const { progress } = this.session;
    if (progress !== undefined)
      return html`
        <span class="checking"><label>checking <progress max="1" .value=${progress}></progress></label>
          <button @click=${() => this.session.cancelCheck()}>Cancel</button></span>`;
    return verdictChip(computed.report?.verdict ?? unjudged(computed));
  }

  #notes({ report }: Computed, mistake: Mistake | undefined) {
    const { words, name } = this.session;
    return html`
      ${isPreset(name) ? html`<p class="aim">${words[name]}</p>` : nothing}
      ${
        mistake
          ? html`<p class="mistake" role="note"><strong>A mistake is made on purpose.</strong> ${mistake.explanation.en} <button @click=${this.#unmake}>Switch it off</button></p>`
          : nothing
      }
      ${(report?.warnings ?? []).map(({ message }) => html`<p class="warning" role="note">${message}</p>`)}`;
  }

  #unmake() {
    (this.renderRoot.querySelector('[name="bank"]') as HTMLElement).focus(); // the button that had it goes
    this.session.chooseMistake("");
  }

  /** Unfolds the tool that a button names, and takes the keyboard there. */
  #openTool(event: Event) {
    const { name } = event.currentTarget as HTMLButtonElement;
    const tool = this.renderRoot.querySelector<HTMLDetailsElement>(`#${name}`);
    if (!tool) return; // there is no case yet
    tool.open = true;
    tool.scrollIntoView();
    tool.querySelector("summary")?.focus();
  }

  #tool({ id, title, words, fetch, view }: Tool) {
    const isOpen = (event: Event) => {
      if ((event.target as HTMLDetailsElement).open) this.#fetch(id, fetch);
    };
    return html`
      <details class="panel tool" id=${id} @toggle=${isOpen}>
        <summary><h2>${title}<span>${words}</span></h2></summary>
        ${this.fetched.has(id) || this.unfetched.has(id) ? this.#part(id, fetch, () => view(this.session)) : nothing}
      </details>`;
  }
}

customElements.define("backnorm-lab", BacknormLab);
