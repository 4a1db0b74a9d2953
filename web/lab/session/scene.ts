import type { Backnorm, Graph, Mistake } from "../../src/index.ts";
import type { Computed } from "../maths/computed.ts";
import { kNoGraph } from "../maths/graph-facts.ts";
import { isSameSetting, kColumns, type Layout, layoutOf, type Setting } from "../maths/layout.ts";
import type { PageCase } from "../maths/norms.ts";
import type { NotationId } from "../maths/notations.ts";
import { type Choices, kLenses, type Language, type Lens } from "../model/choices.ts";
import { kFirst } from "../model/first-case.ts";
import { inGraph } from "../model/mistakes.ts";
import { kEnd } from "../model/moment.ts";
import type { Entered } from "../read/input.ts";
import { Locale } from "../words/locale.ts";
import type { Deck } from "./deck.ts";
import type { Origin } from "./origin.ts";

/** A message in the current language. */
export type Said = (locale: Locale) => string;

export interface Message {
  kind: "fault" | "note";
  text: string;
}

/** The findings about the reader's own arrays. */
export interface MineVerdict {
  /** The id of the first wrong array, or null. */
  firstWrong: string | null;
  right: number;
  given: number;
}

/** What the page shows. Only the session changes it, and panels are notified of each change. */
export class Scene implements Choices {
  /** The engine, once it has started, or why it did not start. */
  bn: Backnorm | undefined;
  failure: unknown;
  /** Whether the rest of the page has loaded. */
  hasRest = false;
  locale = new Locale("en", "paper", kNoGraph);
  computed: Computed | undefined;
  /** The numbers that wait for the engine, if they are known without it. */
  draft: PageCase | undefined;
  origin: Origin = { base: kFirst, kase: undefined };
  /** The progress of a long check, 0 to 1. */
  progress: number | undefined;
  /** The number of links that are still being opened, because something has to load. */
  following = 0;
  said: { kind: Message["kind"]; say: Said } | undefined;
  mine: MineVerdict | undefined;
  /** The reader's own arrays, as they were entered. */
  entered: Entered = { text: "", brought: [] };

  /** Whether the legend stands above the lens. Closed, it stays so as long as the page is open. */
  hasLegend = true;

  selection: Choices["selection"] = { node: "var", cell: { row: 0, column: 0 } };
  lens: Lens = kLenses[0];
  mistake = "";
  moment = kEnd;
  theme: Choices["theme"];
  off: Choices["off"] = new Set();
  factor: Choices["factor"] = "scale";
  parts: Choices["parts"] = new Set();
  tools: Choices["tools"] = new Set();
  example: Choices["example"];
  /** The lesson of which a slide is shown, and the number of the slide, from 1. */
  deck: Deck | undefined;
  slide = 1;
  sparing = false;
  tour = 0;
  brief = false;

  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  set(part: Partial<Scene>) {
    Object.assign(this, part);
    this.#changed();
  }

  note(say: Said) {
    this.set({ said: { kind: "note", say } });
  }

  fault(say: Said) {
    this.set({ said: { kind: "fault", say } });
  }

  dismiss() {
    this.set({ said: undefined });
  }

  /** The numbers shown. */
  get kase(): PageCase | undefined {
    return this.computed?.kase ?? this.draft;
  }

  /** Without nodes until the engine has started. */
  get graph(): Graph {
    return this.computed?.graph ?? this.bn?.graph ?? kNoGraph;
  }

  /** Names the arrays of another norm, and chooses a node that it has. */
  rename(graph: Graph, setting: Setting) {
    const { node, cell } = this.selection;
    const { locale } = this;
    if (locale.graph === graph && isSameSetting(locale.setting, setting)) return;
    this.set({
      locale: new Locale(this.language, this.notation, graph, setting),
      ...(graph.nodes.some(({ id }) => id === node) ? {} : { selection: { node: "x", cell } }),
    });
  }

  /** Where the numbers shown stand. */
  get layout(): Layout | undefined {
    return this.kase && layoutOf(this.kase);
  }

  get setting(): Setting {
    return this.layout ?? kColumns;
  }

  /** The mistake that is switched on. */
  get made(): Mistake | undefined {
    const made = this.bn?.mistakes.find(({ id }) => id === this.mistake);
    return made && inGraph(made, this.graph);
  }

  get language(): Language {
    return this.locale.language;
  }

  get notation(): NotationId {
    return this.locale.notation.id;
  }

  get message(): Message | undefined {
    return this.said && { kind: this.said.kind, text: this.said.say(this.locale) };
  }

  /** The name of the case in the list of cases. */
  get base(): string {
    return this.origin.base;
  }
}
