import { html, LitElement, nothing } from "lit";
import type { Backnorm, Mistake } from "../../src/index.ts";
import { BnChecks } from "../check/checks.ts";
import { firstWrong } from "../check/gradient-rows.ts";
import type { FactorEvent } from "../closed-form/fused.ts";
import { kLenses, type Language, type Lens, type ToolId } from "../model/choices.ts";
import { kFirst } from "../model/first-case.ts";
import type { Asking } from "../session/backnorm-lab.ts";
import type { HistoryEvent } from "../session/history.ts";
import { fetchRest } from "./fetch-rest.ts";
import "../inputs/inputs.ts";
import "../check/inspector.ts";
import { BnMatrix } from "../grid/matrix.ts";
import type { Computed } from "../maths/computed.ts";
import { kNotations, type NotationId, notationOf } from "../maths/notations.ts";
import { isPreset, kPresetGroups, type PresetGroup } from "../model/presets.ts";
import type { EditEvent, MistakeEvent, SelectEvent } from "../model/selection.ts";
import { unjudged } from "../model/shown-verdict.ts";
import type { LeaveOutEvent } from "../paths/laws.ts";
import { type Message, Session } from "../session/session.ts";
import type { BnShare } from "../share/share.ts";
import type { ChangeEvent } from "../ui/knobs.ts";
import { printStyles } from "../ui/print-styles.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import { verdictChip, verdictStyles } from "../ui/verdict.ts";
import { kLensViews } from "./lenses.ts";
import { labStyles } from "./styles.ts";
import { asking, Surroundings } from "./surroundings.ts";
import { kToolViews, type Tool } from "./tools.ts";

// They can't import it themselves: what it fetches imports them.
BnMatrix.fetchRest = BnChecks.fetchRest = fetchRest;

const kOther: Readonly<Record<Language, Language>> = { en: "zh", zh: "en" };

/** The page: one case, one selection, and the panels that show them. */
export class BacknormLab extends LitElement implements Asking {
  static override properties = {
    ...asking,
    dropping: { state: true },
    fetched: { state: true },
    unfetched: { state: true },
  };
  declare link: Asking["link"];
  declare preset: Asking["preset"];
  declare lens: Asking["lens"];
  declare node: Asking["node"];
  declare mode: Asking["mode"];
  declare view: Asking["view"];
  declare language: Asking["language"];
  declare notation: Asking["notation"];
  declare theme: Asking["theme"];
  declare height: Asking["height"];
  declare page: Asking["page"];
  declare dropping: boolean;
  /** The lenses and tools that are here, and those that could not be fetched. */
  declare fetched: ReadonlySet<string>;
  declare unfetched: ReadonlySet<string>;

  readonly session = new Session(() => this.requestUpdate(), fetchRest);

  static override styles = [tokens, controls, panelText, verdictStyles, labStyles, printStyles];

  constructor() {
    super();
    this.dropping = false;
    this.fetched = new Set();
    this.unfetched = new Set();
    const { session } = this;
    new Surroundings(this);
    this.addEventListener("bn-select", (event) => session.select((event as SelectEvent).detail));
    this.addEventListener("bn-edit", (event) => session.edit((event as EditEvent).detail));
    this.addEventListener("bn-change", (event) => {
      const { part, goesOn } = (event as ChangeEvent).detail;
      session.change(part, goesOn);
    });
    this.addEventListener("bn-history", (event) => session.goThrough((event as HistoryEvent).detail.step));
    this.addEventListener("bn-mistake", (event) => session.chooseMistake((event as MistakeEvent).detail.id));
    this.addEventListener("bn-leave-out", (event) => {
      session.choose({ off: new Set((event as LeaveOutEvent).detail.off) });
    });
    this.addEventListener("bn-factor", (event) => {
      session.choose({ factor: (event as FactorEvent).detail.factor }, { isStep: false });
    });
    this.addEventListener("dragover", (event) => this.#drag(event, true));
    this.addEventListener("dragleave", (event) => this.#drag(event, false));
    this.addEventListener("drop", (event) => this.#drop(event));
  }

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
    const scheme = getComputedStyle(this).colorScheme;
    const follows = /light.*dark|dark.*light/.test(scheme);
    const dark = follows ? matchMedia("(prefers-color-scheme: dark)").matches : scheme.includes("dark");
    this.session.choose({ theme: dark ? "light" : "dark" });
  }

  /** A list shows what is chosen, also where the choice could not be had. */
  #choose(choice: (value: string) => Promise<void>, chosen: () => string) {
    return async (event: Event) => {
      const list = event.target as HTMLSelectElement;
      await choice(list.value);
      list.value = chosen();
    };
  }

  get #words() {
    return this.session.locale.words;
  }

  /** What is fetched when it is first looked at, or a sentence until then. */
  #part(id: string, fetch: Tool["fetch"] | undefined, view: () => unknown) {
    const { page } = this.#words;
    if (!fetch || this.fetched.has(id)) return view();
    if (this.unfetched.has(id))
      return html`<div class="wait"><p role="alert">${page.unfetched}</p>
        <button class="control" @click=${() => this.#fetch(id, fetch)}>${page.again}</button></div>`;
    this.#fetch(id, fetch);
    return html`<div class="wait"><p role="status">${page.fetching}</p></div>`;
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
    const { message, computed, failure, sparing, brief, locale } = this.session;
    const { page } = locale.words;
    return html`
      <div class=${`page ${brief ? "brief" : ""} ${this.dropping ? "dropping" : ""}`} lang=${page.languageCode} aria-busy=${this.session.following > 0}>
        ${sparing ? this.#assignmentHeader() : brief ? nothing : this.#header()}
        ${message ? this.#messageBar(message) : nothing}
        ${!computed ? this.#waiting(failure) : sparing ? this.#assignment(computed) : brief ? this.#brief(computed) : this.#panels(computed)}
        ${this.fetched.has("share") ? html`<bn-share .locale=${locale} .session=${this.session}></bn-share>` : nothing}
        ${computed && !sparing && !brief && this.hasAttribute("teach") ? html`<footer><a href=${page.teach.address}>${page.teach.label}</a></footer>` : nothing}
      </div>`;
  }

  #header() {
    const { page } = this.#words;
    return html`
      <header class="top" part="header">
        ${this.#name()}
        <span class="tagline">${page.tagline}</span>
        <div class="controls">
          ${this.#cases()}
          ${this.#looks()}
          <button class="control" name="share" @click=${this.#share}>${page.share}</button>
          ${this.#wasBrief ? html`<button class="control" name="brief" @click=${() => this.#turn(true)}>${page.brief}</button>` : nothing}
        </div>
        <div class="controls acts">
          <button class="control" name="mine" @click=${this.#openTool}>${page.findMine}</button>
          <button class="control" name="bank" @click=${this.#openTool}>${page.makeOne}</button>
          <label class="control">${page.openFile}
            <input type="file" accept=".csv,.tsv,.txt,.json,.npy" @change=${(event: Event) => {
              const field = event.target as HTMLInputElement;
              const [chosen] = field.files ?? [];
              if (chosen) this.session.open(chosen);
              field.value = ""; // so that the same file can be opened again
            }} />
          </label>
        </div>
      </header>`;
  }

  /** The heading of a page of our own; on somebody else's, which has one, only a name. */
  #name() {
    return this.hasAttribute("linked")
      ? html`<h1 class="name">backnorm</h1>`
      : html`<span class="name">backnorm</span>`;
  }

  #cases() {
    const { session } = this;
    const { name, base } = session;
    const { page, presetNames } = this.#words;
    const choose = async (value: string) => {
      if (isPreset(value)) await session.choosePreset(value);
      else if (value === "draw") await session.draw();
    };
    return html`
      <label class="control"><span>${page.case}</span>
        <select aria-label=${page.case} @change=${this.#choose(choose, () => session.name)}>
          ${isPreset(name) ? nothing : html`<option value=${name} .selected=${true}>${name}</option>`}
          ${(Object.keys(kPresetGroups) as PresetGroup[]).map(
            (group) => html`
            <optgroup label=${page.groups[group]}>
              ${kPresetGroups[group].map((id) => html`<option value=${id} .selected=${id === base && id === name}>${presetNames[id]}</option>`)}
            </optgroup>`,
          )}
          <optgroup label=${page.groups.drawn}><option value="draw">${page.draw}</option></optgroup>
        </select>
      </label>`;
  }

  /** Names, language and colours. */
  #looks() {
    const { session } = this;
    const { language, notation } = session;
    const { page } = this.#words;
    const other = kOther[language];
    const name = (id: string) => session.speak(session.language, id as NotationId);
    return html`
      <label class="control"><span>${page.names}</span>
        <select name="names" aria-label=${page.names} @change=${this.#choose(name, () => session.notation)}>
          ${kNotations.map((id) => html`<option value=${id} .selected=${id === notation}>${notationOf(id).title}</option>`)}
        </select>
      </label>
      <button class="control" name="language" lang=${other === "zh" ? "zh-Hans" : "en"} @click=${() => session.speak(other, notation)}>${page.language}</button>
      <button class="control" name="theme" @click=${this.#toggleTheme} aria-label=${page.theme} title=${page.theme}>◐</button>`;
  }

  #messageBar({ kind, text }: Message) {
    return html`
      <div class=${`message ${kind}`} role=${kind === "fault" ? "alert" : "status"}>
        <p>${text}</p>
        <button class="link" @click=${() => this.session.dismiss()}>${this.#words.page.close}</button>
      </div>`;
  }

  #waiting(failure: unknown) {
    const { page, fault } = this.#words;
    return failure
      ? html`<div class="wait"><p role="alert">${page.failed(fault(failure))}</p>
          <button class="control" @click=${() => this.session.startAgain()}>${page.again}</button></div>`
      : html`<div class="wait"><p role="status">${page.starting}</p></div>`;
  }

  #panels(computed: Computed) {
    const { session } = this;
    const { bn, lens, selection, locale, parts, progress } = session;
    const { page } = locale.words;
    const bar = html`${kLensViews[lens].controls?.(session) ?? nothing} ${this.#legend(bn as Backnorm)} ${this.#verdict(computed)}`;
    return html`
      ${this.#stage(computed, bar)}
      <div class="row">
        <section class="panel" part="check" aria-label=${page.check}>
          <bn-checks .locale=${locale} .parts=${parts} .session=${session} .computed=${computed} .selection=${selection} .progress=${progress}></bn-checks>
        </section>
        ${this.#inspector(computed)}
      </div>
      ${this.#inputs(computed)}
      ${kToolViews.map((tool) => this.#tool(tool))}`;
  }

  /** For little room: a lens with its verdict, the chosen node, and a way to the whole. */
  #brief(computed: Computed) {
    this.#wasBrief = true;
    const bar = html`${this.#verdict(computed)} ${this.#wayToWhole()}`;
    return html`${this.#stage(computed, bar)} ${this.#inspector(computed)}`;
  }

  #wasBrief = false;

  /** To the small view or the whole; the keyboard goes to the button that leads back. */
  async #turn(brief: boolean) {
    this.session.choose({ brief });
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(brief ? '[name="whole"]' : '[name="brief"]')?.focus();
  }

  #wayToWhole() {
    const { session } = this;
    const { page } = this.#words;
    const { href } = session.link();
    // a frame that may not open windows has no origin of its own
    return href && origin !== "null"
      ? html`<a class="control" name="whole" part="whole" target="_blank" rel="noopener" href=${href} aria-label=${page.whole} title=${page.whole}>↗</a>`
      : html`<button class="control" name="whole" part="whole" @click=${() => this.#turn(false)} aria-label=${page.whole} title=${page.whole}>⤢</button>`;
  }

  #stage(computed: Computed, bar: unknown) {
    const { session } = this;
    const { lens, bn } = session;
    const mistake = bn?.mistakes.find(({ id }) => id === session.mistake);
    const { fetch, view } = kLensViews[lens];
    return html`
      <section class="panel stage" part="stage" aria-label=${this.#words.page.lens}>
        <div class="bar">${this.#tabs(lens)} ${bar}</div>
        ${this.#notes(computed, mistake)}
        <div class="lens" id="lens" role="tabpanel" aria-labelledby=${`tab-${lens}`}>
          ${this.#part(lens, fetch, () => view(session, mistake))}
        </div>
      </section>`;
  }

  #inspector(computed: Computed) {
    const { lens, selection, locale } = this.session;
    return html`
      <section class="panel" part="inspector" aria-label=${locale.words.page.chosen}>
        <bn-inspector .locale=${locale} .computed=${computed} .selection=${selection} ?brief=${lens === "steps"}></bn-inspector>
      </section>`;
  }

  #inputs(computed: Computed) {
    const { selection, history, locale } = this.session;
    return html`
      <section class="panel" part="inputs">
        <bn-inputs .locale=${locale} .computed=${computed} .selection=${selection} .history=${history}></bn-inputs>
      </section>`;
  }

  #tabs(chosen: Lens) {
    const { lenses, page } = this.#words;
    const step = { ArrowRight: 1, ArrowLeft: -1 } as Record<string, number | undefined>;
    const key = (event: KeyboardEvent) => {
      const by = step[event.key];
      if (by === undefined) return;
      const next = kLenses[(kLenses.indexOf(chosen) + by + kLenses.length) % kLenses.length] as Lens;
      this.session.look(next);
      (this.renderRoot.querySelector(`#tab-${next}`) as HTMLElement).focus();
    };
    return html`
      <div class="tabs" role="tablist" aria-label=${page.lenses} @keydown=${key}>
        ${kLenses.map(
          (lens) => html`
          <button role="tab" id=${`tab-${lens}`} aria-controls="lens" title=${lenses[lens].words}
            aria-selected=${lens === chosen} tabindex=${lens === chosen ? 0 : -1}
            @click=${() => this.session.look(lens)}>${lenses[lens].label}</button>`,
        )}
      </div>`;
  }

  #legend({ engine }: Backnorm) {
    const { page } = this.#words;
    return html`
      <span class="legend">${this.session.lens === "graph" ? page.rule : nothing}
        <span class="key"><span class="swatch negative"></span> ${page.negative} <span class="swatch positive"></span> ${page.positive}</span>
        ${engine === "javascript" ? html` · ${page.javascript}` : nothing}
      </span>`;
  }

  #verdict(computed: Computed) {
    const { progress } = this.session;
    const { page, verdicts } = this.#words;
    if (progress !== undefined)
      return html`
        <span class="checking"><label>${page.checking} <progress max="1" .value=${progress}></progress></label>
          <button class="link" @click=${() => this.session.cancelCheck()}>${page.cancel}</button></span>`;
    const verdict = firstWrong(computed) ? "fail" : (computed.report?.verdict ?? unjudged(computed));
    return verdictChip(verdict, verdicts[verdict]);
  }

  #notes({ report }: Computed, mistake: Mistake | undefined) {
    const { name, locale, hasRest } = this.session;
    const { words } = locale;
    const aim =
      name === kFirst ? words.firstCase : hasRest && isPreset(name) ? locale.rest.presets[name] : undefined;
    return html`
      ${aim ? html`<p class="aim">${aim}</p>` : nothing}
      ${
        mistake
          ? html`<p class="mistake" role="note"><strong>${words.page.mistakeMade}</strong> ${locale.rest.mistakes.explanation(mistake.id)} <button class="link" @click=${this.#unmake}>${words.page.unmake}</button></p>`
          : nothing
      }
      ${(report?.warnings ?? []).map(({ id }) => html`<p class="warning" role="note">${words.warnings[id]}</p>`)}`;
  }

  #unmake() {
    this.renderRoot.querySelector<HTMLElement>('[name="bank"], [name="whole"]')?.focus(); // the button that had it goes
    this.session.chooseMistake("");
  }

  #assignmentHeader() {
    return html`
      <header class="top" part="header">
        ${this.#name()}
        <span class="tagline">${this.#words.page.tagline}</span>
        <div class="controls">${this.#looks()}</div>
      </header>`;
  }

  /** Verdicts and hints, and nothing of the solution. */
  #assignment(computed: Computed) {
    const { assignment, tools } = this.#words;
    const mine = kToolViews.find(({ id }) => id === "mine") as Tool;
    return html`
      <section class="panel assignment" aria-label=${assignment.title}>
        <h2>${assignment.title}<span>${assignment.words}</span></h2>
        <p>${assignment.how}</p>
        <p class="lock">${assignment.lock}</p>
      </section>
      ${this.#inputs(computed)}
      <section class="panel" aria-label=${tools.mine.title}>
        <h2>${tools.mine.title}<span>${tools.mine.words}</span></h2>
        ${this.#part(mine.id, mine.fetch, () => mine.view(this.session))}
      </section>`;
  }

  async #share() {
    await this.#fetch("share", fetchRest);
    await this.updateComplete;
    const lens = this.renderRoot.querySelector("#lens");
    if (lens) this.renderRoot.querySelector<BnShare>("bn-share")?.show(lens);
  }

  /** Unfolds the tool that a button names, and takes the keyboard there. */
  async #openTool(event: Event) {
    const { name } = event.currentTarget as HTMLButtonElement;
    if (!this.session.computed) return;
    this.session.unfold(name as ToolId, true);
    await this.updateComplete;
    const tool = this.renderRoot.querySelector(`#${name}`);
    tool?.scrollIntoView();
    tool?.querySelector("summary")?.focus();
  }

  #tool({ id, fetch, view }: Tool) {
    const { session } = this;
    const { title, words } = this.#words.tools[id];
    const isOpen = session.tools.has(id);
    const toggled = (event: Event) => session.unfold(id, (event.target as HTMLDetailsElement).open);
    return html`
      <details class="panel tool" part="tool" id=${id} .open=${isOpen} @toggle=${toggled}>
        <summary><h2>${title}<span>${words}</span></h2></summary>
        ${isOpen || this.fetched.has(id) ? this.#part(id, fetch, () => view(session)) : nothing}
      </details>`;
  }
}

customElements.define("backnorm-lab", BacknormLab);
