import { css, html, svg } from "lit";
import type { Graph } from "../../src/index.ts";
import type { Computed } from "../maths/computed.ts";
import { type Moment, momentsOf } from "../model/moment.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { tokens } from "../ui/theme.ts";
import type { Locale } from "../words/locale.ts";
import { announcement } from "./words.ts";

/** How often the base speed, in the order in which the button goes through them. */
const kSpeeds = [1, 2, 4, 0.5] as const;
/** The least duration of a step at speed 1, and what it needs for each character of its sentence, in milliseconds. */
const kLeastStay = 1400;
const kReading = 45;
const kTick = 100;

const kIcons = {
  start: "M14 4L8 10L14 16zM8 4L2 10L8 16z",
  back: "M13 4L6 10L13 16z",
  step: "M7 4L14 10L7 16z",
  end: "M6 4L12 10L6 16zM12 4L18 10L12 16z",
  play: "M6.5 4L15.5 10L6.5 16z",
  pause: "M5.5 4.5h3v11h-3zM11.5 4.5h3v11h-3z",
} as const;

/** Plays through the passes, steps forward or back, and jumps to either end. Its keys work anywhere on the stage. */
export class BnPlayer extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "graph", "moment"),
    playing: { state: true },
    speed: { state: true },
  };
  declare locale: Locale;
  declare computed: Computed;
  declare graph: Graph;
  /** The id of the moment shown. */
  declare moment: string;
  declare playing: boolean;
  declare speed: (typeof kSpeeds)[number];

  #timer = 0;
  #stage: Element | null = null;

  static override styles = [
    tokens,
    css`
      :host {
        order: 1;
        display: flex;
        align-items: center;
        gap: 2px;
      }
      button {
        display: grid;
        place-items: center;
        width: 32px;
        height: 32px;
        padding: 0;
        border: 1px solid transparent;
        border-radius: 6px;
        background: none;
        color: var(--ink);
        cursor: pointer;
      }
      button:hover {
        background: var(--wash);
      }
      button[aria-disabled="true"] {
        color: var(--muted);
        opacity: 0.55;
        cursor: default;
        background: none;
      }
      .speed {
        width: auto;
        min-width: 38px;
        color: var(--muted);
        font: 600 13px var(--sans);
        font-variant-numeric: tabular-nums;
      }
      .play {
        margin-right: 8px;
        border-color: var(--hairline);
      }
      svg {
        width: 18px;
        height: 18px;
        fill: currentColor;
      }
      output {
        min-width: 10.6em;
        text-align: center;
        font-weight: 600;
        font-variant-numeric: tabular-nums;
      }
      @container (max-width: 560px) {
        :host {
          order: 0;
          gap: 0;
          width: 100%;
          margin: 4px 0;
        }
        button {
          width: 32px;
          height: 40px;
        }
        .play {
          margin: 0 0 0 -8px;
        }
        output {
          flex: 1;
          min-width: 0;
          font-size: 13px;
          line-height: 1.25;
          text-wrap: balance; /* two lines, where one is too narrow */
        }
      }
    `,
  ];

  constructor() {
    super();
    this.playing = false;
    this.speed = 1;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#stage = this.closest(".stage");
    this.#stage?.addEventListener("keydown", this.#key);
  }

  override disconnectedCallback() {
    this.#stage?.removeEventListener("keydown", this.#key);
    this.#pause();
    super.disconnectedCallback();
  }

  protected override render() {
    const { player, moments } = this.locale.words;
    const at = this.#at();
    const last = momentsOf(this.graph).length - 1;
    const button = (
      icon: keyof typeof kIcons,
      name: string,
      key: string,
      act: () => void,
      off = false,
    ) => html`
      <button class=${icon === "pause" ? "play" : icon} aria-label=${name} title=${player.tip(name, key)} aria-disabled=${off}
        @click=${act}><svg viewBox="0 0 20 20" aria-hidden="true">${svg`<path d=${kIcons[icon]}></path>`}</svg></button>`;
    return html`
      ${this.playing ? button("pause", player.pause, player.space, () => this.#pause()) : button("play", player.play, player.space, () => this.#play())}
      ${button("start", player.start, "Home", () => this.#go(0), at === 0)}
      ${button("back", player.back, "←", () => this.#go(at - 1), at === 0)}
      <output aria-live="off">${moments.name(momentsOf(this.graph)[at] as Moment)}</output>
      ${button("step", player.step, "→", () => this.#go(at + 1), at === last)}
      ${button("end", player.end, "End", () => this.#go(last), at === last)}
      <button class="speed" name="speed" aria-label=${player.speed(this.speed)} title=${player.speed(this.speed)}
        @click=${this.#hasten}>${this.speed === 0.5 ? "½" : this.speed}×</button>`;
  }

  #at(): number {
    const moments = momentsOf(this.graph);
    const at = moments.findIndex(({ id }) => id === this.moment);
    return at < 0 ? moments.length - 1 : at;
  }

  /** A step by hand, which pauses the player. */
  #go(at: number) {
    this.#pause();
    this.#show(at);
  }

  #show(at: number) {
    const moment = momentsOf(this.graph)[at];
    if (moment) this.session.goTo(moment);
  }

  #play() {
    const last = momentsOf(this.graph).length - 1;
    this.playing = true;
    let due = 0;
    const advance = (to: number) => {
      this.#show(to);
      due = performance.now() + this.#stay(to);
      if (to >= last) this.#pause();
    };
    this.#timer = window.setInterval(() => {
      if (performance.now() >= due) advance(this.#at() + 1);
    }, kTick);
    advance(this.#at() === last ? 0 : this.#at() + 1);
  }

  /** As long as its sentence takes to read. A Chinese character says more than a Latin one. */
  #stay(at: number): number {
    const { locale, computed, graph } = this;
    const moment = momentsOf(graph)[at] as Moment;
    const { length } = announcement({ locale, computed, graph, mistake: undefined, moment });
    const reading = length * kReading * (locale.language === "zh" ? 2.5 : 1);
    return Math.max(kLeastStay, reading) / this.speed;
  }

  #hasten() {
    this.speed = kSpeeds[(kSpeeds.indexOf(this.speed) + 1) % kSpeeds.length] as (typeof kSpeeds)[number];
  }

  #pause() {
    clearInterval(this.#timer);
    this.playing = false;
  }

  #key = (event: Event) => {
    const { key, ctrlKey, altKey, metaKey, shiftKey, defaultPrevented } = event as KeyboardEvent;
    const target = event.composedPath()[0] as Element;
    if (defaultPrevented || ctrlKey || altKey || metaKey || shiftKey) return;
    // these elements use the keys themselves
    if (target.closest("input, select, textarea, [role=tablist], [role=grid]")) return;
    if (key === " " && target.closest("button")) return;
    const act = {
      " ": () => (this.playing ? this.#pause() : this.#play()),
      ArrowLeft: () => this.#go(this.#at() - 1),
      ArrowRight: () => this.#go(this.#at() + 1),
      Home: () => this.#go(0),
      End: () => this.#go(momentsOf(this.graph).length - 1),
    }[key];
    if (!act) return;
    event.preventDefault(); // the page would scroll
    act();
  };
}

customElements.define("bn-player", BnPlayer);
