import { ContextProvider } from "@lit/context";
import { html, nothing } from "lit";
import { isMedium } from "../base/layout-free.ts";
import { Movable } from "../base/movable.ts";
import { BnChecks } from "../check/checks.ts";
import type { BnGraph } from "../graph/view.ts";
import type { ToolId } from "../model/choices.ts";
import type { Asking, Giving, LabSelection, LabVerdict, Telling } from "../session/backnorm-lab.ts";
import { fetchRest } from "./fetch-rest.ts";
import "../inputs/inputs.ts";
import "../check/inspector.ts";
import "../grid/matrix.ts";
import type { Computed } from "../maths/computed.ts";
import { isFlat } from "../maths/norms.ts";
import { sessionContext } from "../session/panel.ts";
import { textOfGiven } from "../session/same-given.ts";
import type { Message } from "../session/scene.ts";
import { Session } from "../session/session.ts";
import type { BnShare } from "../share/share.ts";
import { bringMathFont } from "../ui/math-font.ts";
import { printStyles } from "../ui/print-styles.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import { verdictStyles } from "../ui/verdict.ts";
import { assignmentHeader, header, tourHeader } from "./header.ts";
import { kLensViews } from "./lenses.ts";
import { Parts } from "./parts.ts";
import { barNote, legend, notes, tabs, verdict } from "./stage.ts";
import { labStyles } from "./styles.ts";
import { asking, Surroundings } from "./surroundings.ts";
import { kToolViews, type Tool } from "./tools.ts";

// Passed in, because the fetched modules import the session: an import would be a cycle.
BnChecks.fetchRest = fetchRest;

/** Whether this is the page in one file, which holds no JavaScript build of the engine. */
declare const BACKNORM_IS_ONE_FILE: boolean;

/** The page: a session and the panels that show it. */
export class BacknormLab extends Movable implements Asking, Giving, Telling {
  static override properties = {
    ...asking,
    case: { noAccessor: true },
    mine: { noAccessor: true },
    dropping: { state: true },
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

  readonly session = new Session(() => {
    this.#panels.setValue(this.session, true);
    this.requestUpdate();
  }, fetchRest);
  readonly #panels = new ContextProvider(this, { context: sessionContext, initialValue: this.session });
  readonly #parts = new Parts(this);
  readonly #surroundings = new Surroundings(this);
  readonly #given: Giving = {};
  readonly #contents: { [Name in keyof Giving]?: string | undefined } = {};
  #wasBrief = false;
  /** The panels below the lens have been shown. A lens that is still fetched at the beginning would move them. */
  #hasPanels = false;

  static override styles = [tokens, controls, panelText, verdictStyles, labStyles, printStyles];

  constructor() {
    super();
    this.dropping = false;
    this.addEventListener("dragover", (event) => this.#drag(event, true));
    this.addEventListener("dragleave", (event) => this.#drag(event, false));
    this.addEventListener("drop", (event) => this.#drop(event));
  }

  get case(): Giving["case"] {
    return this.#given.case;
  }

  set case(kase: Giving["case"]) {
    this.#give("case", kase);
  }

  get mine(): Giving["mine"] {
    return this.#given.mine;
  }

  set mine(mine: Giving["mine"]) {
    this.#give("mine", mine);
  }

  /**
   * A framework may set an equal object at each rendering. That changes nothing: read again, it would bring the next verdict, and
   * with it the next rendering.
   */
  #give(name: keyof Giving, given: Giving[keyof Giving]) {
    const content = textOfGiven(given);
    this.#given[name] = given;
    if (content !== undefined && content === this.#contents[name]) return;
    this.#contents[name] = content;
    this.session.give({ [name]: given });
  }

  get selection(): LabSelection | null {
    return this.#surroundings.selection;
  }

  get verdict(): LabVerdict | null {
    return this.#surroundings.verdict;
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
    if (event.dataTransfer.files.length > 0) this.session.open([...event.dataTransfer.files]);
  }

  get #words() {
    return this.session.locale.words;
  }

  protected override render() {
    const { message, computed, failure, sparing, brief, following, deck } = this.session;
    if (deck && !failure) return this.#presented(computed);
    const tours = this.session.tour > 0 && !sparing && !brief && !failure;
    const { page } = this.#words;
    const isWhole = !sparing && !brief;
    if (brief) this.#wasBrief = true;
    const { isOwnPage } = this.#header;
    const content = html`
        ${brief && isOwnPage ? html`<h1 class="unseen">backnorm</h1>` : nothing}
        ${message ? this.#message(message) : nothing}
        ${failure ? this.#failure(failure) : sparing ? this.#assignment(computed) : tours ? this.#tour(computed) : this.#lab(computed, brief)}`;
    return html`
      <div class=${`page ${brief ? "brief" : ""} ${tours ? "touring" : ""} ${this.dropping ? "dropping" : ""}`} lang=${page.languageCode} aria-busy=${following > 0}>
        ${sparing ? assignmentHeader(this.#header) : brief ? nothing : tours ? tourHeader(this.#header) : header(this.#header)}
        ${isOwnPage ? html`<main>${content}</main>` : content}
        ${this.#parts.has("share") ? html`<bn-share></bn-share>` : nothing}
        ${computed && isWhole && !tours && this.#hasPanels && this.hasAttribute("teach") ? html`<footer><a href=${page.teach.address}>${page.teach.label}</a></footer>` : nothing}
      </div>`;
  }

  override adoptedCallback() {
    super.adoptedCallback();
    this.requestUpdate(); // the other document may lack the font
  }

  protected override updated() {
    const { report, givenUp } = this.session.computed ?? {};
    if (report || givenUp) bringMathFont(this.renderRoot as ShadowRoot); // nothing delays the first verdict
  }

  get #header() {
    return {
      session: this.session,
      isOwnPage: this.hasAttribute("linked"),
      wasBrief: this.#wasBrief,
      skip: () => this.#skip(),
      share: () => this.#share(),
      openTool: (event: Event) => this.#openTool(event),
      turnBrief: () => this.#turn(true),
      turnTour: (tour: number) => this.#turnTour(tour),
      isDark: () => {
        const scheme = getComputedStyle(this).colorScheme;
        const follows = /light.*dark|dark.*light/.test(scheme);
        return follows ? isMedium("(prefers-color-scheme: dark)") : scheme.includes("dark");
      },
    };
  }

  #message({ kind, text }: Message) {
    return html`
      <div class=${`message ${kind}`} role=${kind === "fault" ? "alert" : "status"}>
        <p>${text}</p>
        <button class="link" @click=${() => this.session.dismiss()}>${this.#words.page.close}</button>
      </div>`;
  }

  #failure(failure: unknown) {
    const { page, fault } = this.#words;
    if (BACKNORM_IS_ONE_FILE && (failure as { code?: string }).code === "load-failed")
      return html`<div class="wait"><p role="alert">${page.needsWebAssembly}</p></div>`;
    return html`<div class="wait"><p role="alert">${page.failed(fault(failure))}</p>
      <button class="control" @click=${() => this.session.startAgain()}>${page.again}</button></div>`;
  }

  /** A slide of a lesson. */
  #presented(computed: Computed | undefined) {
    const { page } = this.#words;
    const isOwnPage = this.hasAttribute("linked");
    const slide = html`
      ${isOwnPage ? html`<h1 class="unseen">backnorm</h1>` : nothing}
      ${computed ? this.#parts.view("present", html`<bn-present ?whole=${isOwnPage}></bn-present>`) : html`<div class="wait"><p role="status">${page.starting}</p></div>`}`;
    return html`<div class="page" lang=${page.languageCode} aria-busy=${this.session.following > 0}>${isOwnPage ? html`<main>${slide}</main>` : slide}</div>`;
  }

  /** The tour. It is fetched while the engine starts. */
  #tour(computed: Computed | undefined) {
    const view = this.#parts.view("tour", html`<bn-tour ?whole=${this.hasAttribute("linked")}></bn-tour>`);
    return computed ? view : html`<div class="wait"><p role="status">${this.#words.page.starting}</p></div>`;
  }

  /** Opens the tour, or leaves it for the lab. The focus moves to what leads back. */
  async #turnTour(tour: number) {
    this.session.choose({ tour });
    if (tour === 0) this.session.fetchRest().catch(() => {}); // it says what to look for in the case
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(tour === 0 ? '[name="why"]' : '[name="skip"]')?.focus();
    this.scrollIntoView();
  }

  /** All panels. In a small space: a lens with its verdict, the chosen node, and a link to the whole page. */
  #lab(computed: Computed | undefined, brief: boolean) {
    if (computed && brief && this.session.tools.has("mine")) return this.#briefMine();
    const stage = this.#stage(computed);
    const { lens } = this.session;
    this.#hasPanels ||= computed !== undefined && !this.#parts.isFetching(lens);
    if (!computed || !this.#hasPanels)
      return html`${stage} ${brief || kLensViews[lens].isLater ? nothing : this.#inputs()}`;
    if (brief) return html`${stage} ${this.#inspector()}`;
    return html`
      ${stage}
      <div class="row">
        <section class="panel" part="check" aria-label=${this.#words.page.check}><bn-checks></bn-checks></section>
        ${this.#inspector()}
      </div>
      ${this.#inputs()}
      ${kToolViews.filter(({ id }) => id !== "batches" || isFlat(computed.kase)).map((tool) => this.#tool(tool))}`;
  }

  /** In a small space: only what is found in the reader's own arrays. */
  #briefMine() {
    const { title } = this.#words.tools.mine;
    return html`
      <section class="panel" part="tool" aria-label=${title}>
        <div class="titled"><h2>${title}</h2> ${this.#wayToWhole()}</div>
        ${this.#parts.view("mine", html`<bn-mine></bn-mine>`)}
      </section>`;
  }

  /** Switches between the small view and the whole page. The focus moves to the button that leads back. */
  async #turn(brief: boolean) {
    this.session.choose({ brief });
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(brief ? '[name="whole"]' : '[name="brief"]')?.focus();
  }

  #wayToWhole() {
    const { page } = this.#words;
    const { href } = this.session.link();
    // a frame that is not allowed to open windows has no origin
    return href && origin !== "null"
      ? html`<a class="control" name="whole" part="whole" target="_blank" rel="noopener" href=${href} aria-label=${page.whole} title=${page.whole}>↗</a>`
      : html`<button class="control" name="whole" part="whole" @click=${() => this.#turn(false)} aria-label=${page.whole} title=${page.whole}>⤢</button>`;
  }

  /** The open lens; until the engine has loaded, its frame. */
  #stage(computed: Computed | undefined) {
    const { session } = this;
    const { lens, brief } = session;
    const { view, controls, isLater } = kLensViews[lens];
    const { page } = this.#words;
    const bar = !computed
      ? nothing
      : brief
        ? html`${verdict(session, computed)} ${this.#wayToWhole()}`
        : html`${controls ?? nothing} ${barNote(session)} ${verdict(session, computed)}`;
    const shown = isLater ? this.#parts.view(lens, view) : view; // it is fetched while the engine starts
    const starting = html`<div class="wait"><p role="status">${page.starting}</p></div>`;
    return html`
      <section class="panel stage" part="stage" aria-label=${page.lens}>
        <div class="bar">${tabs(session)} ${bar}</div>
        ${computed ? notes(session, computed, this.#unmake) : nothing}
        ${computed && !brief ? legend(session) : nothing}
        <div class="lens" id="lens" role="tabpanel" aria-labelledby=${`tab-${lens}`}>
          ${computed ? shown : starting}
        </div>
      </section>`;
  }

  #unmake = () => {
    this.renderRoot.querySelector<HTMLElement>('[name="bank"], [name="whole"]')?.focus(); // the button that had the focus disappears
    this.session.chooseMistake("");
  };

  #inspector() {
    return html`
      <section class="panel" part="inspector" aria-label=${this.#words.page.chosen}>
        <bn-inspector ?brief=${this.session.lens === "steps"}></bn-inspector>
      </section>`;
  }

  #inputs() {
    const { kase, computed } = this.session;
    if (!kase) return nothing;
    return html`<section class="panel" part="inputs" ?inert=${!computed}><bn-inputs></bn-inputs></section>`;
  }

  /** Verdicts and hints, without the solution. */
  #assignment(computed: Computed | undefined) {
    const { assignment, tools, page } = this.#words;
    return html`
      <section class="panel assignment" aria-label=${assignment.title}>
        <h2>${assignment.title}<span>${assignment.words}</span></h2>
        <p>${assignment.how}</p>
        <p class="lock">${assignment.lock}</p>
      </section>
      ${this.#inputs()}
      <section class="panel" aria-label=${tools.mine.title}>
        <h2>${tools.mine.title}<span>${tools.mine.words}</span></h2>
        ${computed ? this.#parts.view("mine", html`<bn-mine></bn-mine>`) : html`<p role="status">${page.starting}</p>`}
      </section>`;
  }

  /** Moves the focus past the header. Only then can <main> have it: otherwise every click would focus it. */
  #skip() {
    const main = this.renderRoot.querySelector("main") as HTMLElement;
    main.tabIndex = -1;
    main.addEventListener("blur", () => main.removeAttribute("tabindex"), { once: true });
    main.focus();
  }

  async #share() {
    await this.#parts.fetch("share");
    await this.updateComplete;
    const graph = this.renderRoot.querySelector<BnGraph>("bn-graph");
    this.renderRoot.querySelector<BnShare>("bn-share")?.show(graph?.picture);
  }

  /** Opens the tool that a button names, and moves the focus there. */
  async #openTool(event: Event) {
    const { name } = event.currentTarget as HTMLButtonElement;
    if (!this.session.computed) return;
    if (this.session.tour > 0) this.session.choose({ tour: 0 });
    this.#hasPanels = true; // it is asked for, whatever lens is still fetched
    this.session.unfold(name as ToolId, true);
    await this.updateComplete;
    const tool = this.renderRoot.querySelector(`#${name}`);
    tool?.scrollIntoView();
    tool?.querySelector("summary")?.focus();
  }

  #tool({ id, view }: Tool) {
    const { session } = this;
    const { title, words } = this.#words.tools[id];
    const isOpen = session.tools.has(id);
    const toggled = (event: Event) => session.unfold(id, (event.target as HTMLDetailsElement).open);
    return html`
      <details class="panel tool" part="tool" id=${id} .open=${isOpen} @toggle=${toggled}>
        <summary><h2>${title}<span>${words}</span></h2></summary>
        ${isOpen || this.#parts.has(id) ? this.#parts.view(id, view) : nothing}
      </details>`;
  }
}

customElements.define("backnorm-lab", BacknormLab);
