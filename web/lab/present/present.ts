import { html, nothing, type PropertyValues } from "lit";
import { keyed } from "lit/directives/keyed.js";
import type { Graph, NodeId } from "../../src/index.ts";
import { resizeObserver } from "../base/layout-free.ts";
import "../grid/matrix.ts";
import { type Computed, nodeTrace } from "../maths/computed.ts";
import { extentOf } from "../maths/graph-facts.ts";
import { math } from "../maths/mathml.ts";
import { kTools, type Lens, type ToolId } from "../model/choices.ts";
import { type Moment, momentOf, momentsOf } from "../model/moment.ts";
import type { Selection } from "../model/selection.ts";
import { unjudged } from "../model/shown-verdict.ts";
import { type Deck, partsOf } from "../session/deck.ts";
import { fromSession, Panel } from "../session/panel.ts";
import type { Message } from "../session/scene.ts";
import { controls, tokens } from "../ui/theme.ts";
import { verdictChip, verdictStyles } from "../ui/verdict.ts";
import type { Locale } from "../words/locale.ts";
import { presentStyles } from "./styles.ts";

/** A slide is laid out at this size, and drawn larger. */
const kWidth = 800;
const kHeight = 450;
/** The window in which type has its least size; a larger one has larger type. */
const kLeastWindow = 1280;

/** How much of a screen a slide is scrolled that is higher than it, and what counts as no more of it. */
const kScreen = 0.85;
const kSlack = 6;

type Way = 1 | -1;

/** The keys of a presenter's clicker, and others that go on or back. */
const kWays: Readonly<Record<string, Way>> = {
  ArrowRight: 1,
  PageDown: 1,
  " ": 1,
  Enter: 1,
  ArrowLeft: -1,
  PageUp: -1,
};

/** What takes keys itself: all of these keys, or only those that press it. */
const kTakesKeys = "input, select, textarea, [contenteditable], [role=grid], [role=grid] *, [role=slider]";
const kIsPressed = "button, a, summary";

/** The parts of a link that make its case. */
const kOfCase = /^(?:case|x|gamma|beta|dy|eps|ddof|norm|groups|dims|axis|offset|shape|mistake)$/;

const kToolViews = {
  mine: html`<bn-mine></bn-mine>`,
  bank: html`<bn-bank></bn-bank>`,
  batches: html`<bn-batches></bn-batches>`,
} satisfies Record<ToolId, unknown>;

const kLensViews = {
  graph: html`<bn-graph close></bn-graph>`,
  steps: html`<bn-steps close .shown=${1}></bn-steps>`,
  paths: html`<bn-paths></bn-paths>`,
  closed: html`<bn-closed-form></bn-closed-form>`,
} satisfies Record<Lens, unknown>;

/** The derivation, whose lines are revealed one by one. */
interface Steps extends HTMLElement {
  shown: number | undefined;
  /** How many lines there are. */
  readonly count: number;
  readonly renderRoot: ParentNode;
  updateComplete: Promise<boolean>;
}

/** A slide of a lesson in the whole window, and the keys of a clicker. `whole`: it is our own page, and takes keys anywhere. */
export class BnPresent extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "graph", "selection", "moment", "deck", "slide"),
    ...fromSession("lens", "tools", "parts", "message", "made", "progress"),
    whole: { type: Boolean, reflect: true },
    isBlank: { state: true },
  };
  declare locale: Locale;
  declare computed: Computed;
  declare graph: Graph;
  declare selection: Selection;
  declare moment: string;
  declare deck: Deck;
  /** The number of the slide, from 1. */
  declare slide: number;
  declare lens: Lens;
  declare tools: ReadonlySet<ToolId>;
  declare parts: ReadonlySet<string>;
  declare message: Message | undefined;
  declare whole: boolean;
  declare isBlank: boolean;
  /** What the keys ask for, one after the other. */
  #work: Promise<unknown> = Promise.resolve();

  readonly #size = resizeObserver(({ width, height }) => this.#zoom(width, height));

  static override styles = [tokens, controls, verdictStyles, presentStyles];

  constructor() {
    super();
    this.isBlank = false;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#zoom(this.clientWidth, this.clientHeight);
    this.#size.observe(this);
    this.#keys.addEventListener("keydown", this.#key, true);
  }

  override disconnectedCallback() {
    this.#size.disconnect();
    window.removeEventListener("keydown", this.#key, true);
    this.removeEventListener("keydown", this.#key, true);
    super.disconnectedCallback();
  }

  #zoom(width: number, height: number) {
    const both = Math.min(width / kWidth, height / kHeight);
    const least = Math.min(width, kLeastWindow) / kWidth;
    this.style.setProperty("--zoom", String(Math.max(1, both, least)));
  }

  get #keys(): EventTarget {
    return this.whole ? window : this;
  }

  // Keys.

  #key = (event: Event) => {
    const { key, altKey, ctrlKey, metaKey, shiftKey, defaultPrevented } = event as KeyboardEvent;
    if (defaultPrevented || altKey || ctrlKey || metaKey || shiftKey) return;
    const [inner] = event.composedPath();
    if (inner instanceof Element) {
      if (inner.matches(kTakesKeys) && key !== "Escape") return;
      if (inner.closest(kIsPressed) && (key === " " || key === "Enter") && !this.isBlank) return;
    }
    const act = this.isBlank ? this.#unblank : this.#actOf(key);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };

  #actOf(key: string): (() => void) | undefined {
    const way = kWays[key];
    if (way) return () => this.#then(() => this.#go(way));
    return {
      Home: () => this.#then(() => this.#show(1)),
      End: () => this.#then(() => this.#show(this.deck.slides.length)),
      Escape: () => (document.fullscreenElement ? document.exitFullscreen() : this.session.leaveDeck()),
      f: this.#fill,
      b: this.#blank,
      ".": this.#blank,
    }[key.length === 1 ? key.toLowerCase() : key];
  }

  #then(act: () => unknown) {
    this.#work = this.#work.then(() => this.isConnected && act());
  }

  #blank = () => {
    this.isBlank = true;
  };

  #unblank = () => {
    this.isBlank = false;
  };

  /** The Fullscreen API may be missing or forbidden; the view works without. */
  #fill = () => {
    const done = document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen?.();
    done?.catch(() => {});
  };

  // Going on and back.

  /** First through what the slide has inside, then to the next slide. */
  async #go(way: Way) {
    await this.updateComplete;
    const steps = this.#steps;
    const { scrollTop, scrollHeight, clientHeight } = this.#body;
    const isMore = way > 0 ? scrollTop + clientHeight < scrollHeight - kSlack : scrollTop > kSlack && !steps;
    if (isMore) return this.#body.scrollBy({ top: way * kScreen * clientHeight });
    if (steps) {
      const shown = (steps.shown ?? steps.count) + way;
      if (shown >= 1 && shown <= steps.count) return this.#reveal(steps, shown);
    }
    const moments = this.#moments;
    const at = moments.findIndex(({ id }) => id === momentOf(this.graph, this.moment).id);
    const moment = at < 0 ? undefined : moments[at + way];
    if (moment) return this.session.goTo(moment);
    const slide = this.slide + way;
    if (slide < 1 || slide > this.deck.slides.length) return;
    await this.#show(slide, way < 0);
  }

  /** isEnd: with all that it has inside. */
  async #show(slide: number, isEnd = false) {
    await this.session.present(slide);
    await this.updateComplete;
    const steps = this.#steps;
    const last = this.#moments.at(-1);
    if (isEnd && steps) {
      await steps.updateComplete;
      await this.#reveal(steps, steps.count);
    } else if (isEnd && last) this.session.goTo(last);
    else this.#body.scrollTop = isEnd ? this.#body.scrollHeight : 0;
  }

  async #reveal(steps: Steps, shown: number) {
    steps.shown = shown;
    await steps.updateComplete;
    const body = this.#body;
    body.scrollTop = 0;
    steps.style.marginBottom = "";
    const { top, height } = body.getBoundingClientRect();
    const end = steps.getBoundingClientRect().bottom - top;
    if (end <= height + kSlack) return;
    // a line that would begin above the screen is left out as a whole; the newest one begins on the screen
    const begins = Array.from(
      steps.renderRoot.querySelectorAll("[data-line]"),
      (head) => head.getBoundingClientRect().top - top,
    );
    const first = begins.find((at) => end - at <= height + kSlack) ?? (begins.at(-1) as number);
    const zoom = height / body.offsetHeight; // it is drawn larger
    steps.style.marginBottom = `${Math.max(0, height - (end - first)) / zoom}px`;
    body.scrollTop = first / zoom;
  }

  get #body(): HTMLElement {
    return this.renderRoot.querySelector(".body") as HTMLElement;
  }

  get #steps(): Steps | null {
    return this.renderRoot.querySelector<Steps>("bn-steps");
  }

  /** The moments that the slide goes through: from its own up to that of the next slide, if both are of the same case. */
  get #moments(): readonly Moment[] {
    if (this.#shown !== "graph") return [];
    const [own, next] = [this.slide, this.slide + 1].map((slide) => partsOf(this.deck, slide));
    const kase = (parts: URLSearchParams | undefined) =>
      String(new URLSearchParams([...(parts ?? [])].filter(([key]) => kOfCase.test(key))));
    const moments = momentsOf(this.graph);
    const [from, to] = [own, next].map((parts) =>
      moments.findIndex(({ id }) => id === parts?.get("moment")),
    ) as [number, number];
    const isOne = next?.get("lens") === null || next?.get("lens") === "graph";
    return from >= 0 && from < to && isOne && kase(own) === kase(next) ? moments.slice(from, to) : [];
  }

  // What is shown.

  /** The check or a tool, if the slide opens one; else its lens. */
  get #shown(): Lens | ToolId | "check" {
    return kTools.find((tool) => this.tools.has(tool)) ?? (this.parts.size > 0 ? "check" : this.lens);
  }

  protected override shouldUpdate(changed: PropertyValues): boolean {
    return super.shouldUpdate(changed) && this.deck !== undefined && this.computed !== undefined;
  }

  protected override updated(changed: PropertyValues<this>) {
    if (changed.has("slide") || changed.has("deck"))
      this.renderRoot.querySelector("h2")?.focus({ preventScroll: true });
  }

  protected override render() {
    const { deck, slide, locale } = this;
    const { present } = locale.rest;
    const shown = this.#shown;
    const title = deck.slides[slide - 1]?.title ?? "";
    return html`
      <div class="view">
        <div class="head">
          <h2 tabindex="-1" aria-describedby="count">${title}</h2>
          ${this.session.made ? this.#verdict() : nothing}
        </div>
        <div class="notes">${this.#notes()}</div>
        <div class=${`body ${shown === "graph" ? "with-numbers" : ""}`} tabindex=${shown === "graph" ? nothing : 0} data-shown=${shown}>
          ${keyed(slide, this.#view(shown))}
          ${shown === "graph" ? this.#numbers(this.selection.node) : nothing}
        </div>
        <nav class="foot" aria-label=${present.slides}>
          ${this.#button("back", `← ${present.back}`, "PageUp", () => this.#then(() => this.#go(-1)), slide === 1 && shown !== "steps" && this.#moments.length === 0)}
          <span class="count" id="count"><span class="unseen">${present.name(slide, deck.slides.length)}</span><span aria-hidden="true">${present.at(slide, deck.slides.length)}</span></span>
          ${this.#button("next", `${present.next} →`, "PageDown", () => this.#then(() => this.#go(1)))}
          <span class="space"></span>
          ${this.#button("full", present.fullscreen, "F", this.#fill)}
          ${this.#button("lab", present.toLab, "Esc", () => this.session.leaveDeck())}
        </nav>
      </div>
      ${this.isBlank ? html`<div class="blank" role="status" @click=${this.#unblank}><span class="unseen">${present.blank}</span></div>` : nothing}`;
  }

  #button(name: string, label: string, key: string, act: () => void, isOff = false) {
    const { present } = this.locale.rest;
    return html`<button class="control" name=${name} title=${present.tip(label, key)} aria-disabled=${isOff} @click=${act}>${label}</button>`;
  }

  #verdict() {
    const { computed, locale } = this;
    const { verdicts } = locale.words;
    const found = computed.wrongHere.size > 0 ? "fail" : (computed.report?.verdict ?? unjudged(computed));
    return verdictChip(found, verdicts[found]);
  }

  /** What is wrong with the link, the deliberate mistake, and what blinds the check. */
  #notes() {
    const { message, session, locale, computed } = this;
    const { made } = session;
    return html`
      ${message ? html`<p class="said" role=${message.kind === "fault" ? "alert" : "status"}><span>${message.text}</span> <button class="link" @click=${() => session.dismiss()}>${locale.words.page.close}</button></p>` : nothing}
      ${made ? html`<p class="mistake" role="note">${locale.rest.mistakes.explanation(made.id)}</p>` : nothing}
      ${(computed.report?.warnings ?? []).map(({ id }) => html`<p role="note">${locale.words.warnings[id]}</p>`)}`;
  }

  #view(shown: Lens | ToolId | "check") {
    if (shown === "check")
      return this.parts.has("float32") ? html`<bn-checks></bn-checks>` : html`<bn-sweep></bn-sweep>`;
    return { ...kLensViews, ...kToolViews }[shown];
  }

  /** The numbers of the chosen node, beside the picture. */
  #numbers(id: NodeId) {
    const { computed, locale, graph } = this;
    const { formulas, labels } = locale;
    const { value, grad } = nodeTrace(computed, id);
    const moment = momentOf(graph, this.moment);
    const matrix = (values: ArrayLike<number>, symbol: unknown, label: string) => html`
      <figure><figcaption>${symbol}</figcaption>
        <bn-matrix .values=${values} extent=${extentOf(graph, id)} node=${id} digits="3" label=${label}></bn-matrix></figure>`;
    return html`
      <div class="numbers">
        ${moment.values.has(id) ? matrix(value, math(formulas.symbols[id]), labels[id]) : nothing}
        ${moment.grads.has(id) ? matrix(grad, math(formulas.partials[id]), labels[`d${id}`]) : nothing}
      </div>`;
  }
}

customElements.define("bn-present", BnPresent);
