import { html, nothing, type PropertyValues } from "lit";
import type { Backnorm } from "../../src/index.ts";
import type { Computed } from "../maths/computed.ts";
import { kScenes, type SceneId } from "../model/tour.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { controls, shades, tokens } from "../ui/theme.ts";
import { verdictStyles } from "../ui/verdict.ts";
import { Locale } from "../words/locale.ts";
import { claim } from "./claim.ts";
import { code } from "./code.ts";
import { type Column, columnOf } from "./column.ts";
import { columnStyles } from "./column-styles.ts";
import { mean } from "./mean.ts";
import { moving } from "./moving.ts";
import { nudge } from "./nudge.ts";
import { paths } from "./paths.ts";
import { pictureStyles } from "./picture-styles.ts";
import { kUntouched, type Play, type Stage, type View } from "./stage.ts";
import { tourStyles } from "./styles.ts";
import { sum } from "./sum.ts";

const kViews: Readonly<Record<SceneId, (stage: Stage) => View>> = {
  claim,
  column: moving,
  sum,
  mean,
  paths,
  nudge,
  code,
};

/** The keys of a presenter's clicker, and the arrows. */
const kKeys: Readonly<Record<string, number>> = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };

/** What takes these keys itself. */
const kTakesKeys = "input, select, textarea, [role=grid] *";

/** A walk through the backward pass of one column in a few scenes. `whole`: it is our own page, and takes keys anywhere. */
export class BnTour extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "bn", "tour"),
    whole: { type: Boolean },
    play: { state: true },
  };
  declare locale: Locale;
  declare computed: Computed;
  declare bn: Backnorm;
  /** The number of the scene, from 1. */
  declare tour: number;
  declare whole: boolean;
  declare play: Play;
  #batch: { of: Locale; locale: Locale } | undefined;
  #column: { of: unknown; column: Column } | undefined;

  static override styles = [tokens, controls, shades, verdictStyles, tourStyles, columnStyles, pictureStyles];

  constructor() {
    super();
    this.play = kUntouched;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#keys.addEventListener("keydown", this.#key);
  }

  override disconnectedCallback() {
    window.removeEventListener("keydown", this.#key);
    this.removeEventListener("keydown", this.#key);
    super.disconnectedCallback();
  }

  get #keys(): EventTarget {
    return this.whole ? window : this;
  }

  #key = (event: Event) => {
    const { key, altKey, ctrlKey, metaKey, shiftKey, defaultPrevented } = event as KeyboardEvent;
    const by = kKeys[key];
    const [inner] = event.composedPath();
    if (by === undefined || defaultPrevented || altKey || ctrlKey || metaKey || shiftKey) return;
    if (inner instanceof Element && inner.matches(kTakesKeys)) return;
    if (key.startsWith("Page") && !this.#isAtEnd(by)) return; // the browser scrolls what doesn't fit
    event.preventDefault();
    this.#go(this.tour + by);
  };

  #isAtEnd(by: number): boolean {
    if (!this.whole) return true;
    const { scrollTop, clientHeight, scrollHeight } = document.documentElement;
    return by > 0 ? scrollTop + clientHeight >= scrollHeight - 2 : scrollTop <= 2;
  }

  #go(tour: number) {
    if (tour >= 1 && tour <= kScenes.length) this.session.choose({ tour });
  }

  /** The tour is about batch norm of a matrix, whatever the page shows. */
  get #locale(): Locale {
    const { locale, bn } = this;
    const { language, notation, setting } = locale;
    if (setting.kind === "columns") return locale;
    if (this.#batch?.of !== locale)
      this.#batch = { of: locale, locale: new Locale(language, notation.id, bn.graph) };
    return this.#batch.locale;
  }

  get #stage(): Stage {
    const { bn, computed, play, session } = this;
    const locale = this.#locale;
    if (this.#column?.of !== computed.kase)
      this.#column = { of: computed.kase, column: columnOf(bn, computed.kase) };
    const { text, brought } = session.entered;
    const hasOwn = text !== "" || brought.length > 0;
    const mine = session.linkWith({
      tour: 0,
      tools: new Set([...session.tools, "mine"]),
      example: session.example ?? (hasOwn ? undefined : 1),
    });
    return {
      locale,
      bn,
      play,
      mine,
      column: this.#column.column,
      set: (part) => Object.assign(this, { play: { ...this.play, ...part } }),
    };
  }

  protected override shouldUpdate(changed: PropertyValues): boolean {
    return super.shouldUpdate(changed) && this.tour > 0 && this.computed !== undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const isOther = changed.has("computed") && changed.get("computed")?.kase !== this.computed.kase; // or its check has ended
    if (changed.has("tour") || isOther) this.play = kUntouched;
  }

  protected override updated(changed: PropertyValues<this>) {
    if (changed.get("tour") === undefined) return; // it has just been opened
    this.renderRoot.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
    if (this.whole) window.scrollTo(0, 0);
  }

  protected override render() {
    const { tour: words } = this.locale.tour;
    const id = kScenes[this.tour - 1] as SceneId;
    const { title, note, picture, act, said } = kViews[id](this.#stage);
    return html`
      <section class=${this.locale.labels.x.length > 2 ? "scene long" : "scene"} data-scene=${id} aria-labelledby="title">
        <p class="count">${words.scenesByName[id]}</p>
        <h2 id="title" tabindex="-1">${title}</h2>
        ${note ? html`<p class="note">${note}</p>` : nothing}
        <div class="picture">${picture}</div>
        <div class="acts">${act}</div>
        <p class="said" role="status">${said}</p>
      </section>
      ${this.#nav()}`;
  }

  #nav() {
    const { tour: words } = this.locale.tour;
    const { tour, session } = this;
    return html`
      <nav aria-label=${words.scenes}>
        <button class="control" name="back" ?disabled=${tour === 1} @click=${() => this.#go(tour - 1)}>${words.back}</button>
        <ol>${kScenes.map(
          (id, at) => html`<li><a href=${session.linkWith({ tour: at + 1 })} title=${words.scenesByName[id]}
            aria-label=${`${words.scene(at + 1, kScenes.length)}: ${words.scenesByName[id]}`} aria-current=${at + 1 === tour ? "step" : nothing}></a></li>`,
        )}</ol>
        <button class=${`control ${this.play === kUntouched ? "" : "act"}`} name="next" ?disabled=${tour === kScenes.length} @click=${() => this.#go(tour + 1)}>${words.next}</button>
      </nav>`;
  }
}

customElements.define("bn-tour", BnTour);
