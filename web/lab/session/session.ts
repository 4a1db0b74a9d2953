import type { Backnorm, Case } from "../../src/index.ts";
import { load } from "../../src/load.ts";
import type { MistakeRow } from "../../src/mistakes.ts";
import type { Cell, Computed } from "../maths/computed.ts";
import type { NotationId } from "../maths/notations.ts";
import { type Choices, kLenses, type Language, type Lens, type ToolId } from "../model/choices.ts";
import { firstCase, kFirst } from "../model/first-case.ts";
import { kEnd, type Moment, momentsOf } from "../model/moment.ts";
import { isPreset, type Preset } from "../model/presets.ts";
import type { EditEvent, SelectEvent } from "../model/selection.ts";
import { Locale, localeOf } from "../words/locale.ts";
import type { Address } from "./address.ts";
import { compute } from "./computing.ts";
import { History, type HistoryStep } from "./history.ts";
import {
  type CaseLink,
  type Changes,
  choicesOf,
  drawOf,
  isSameCase,
  kMostCharacters,
  kOwn,
  readLink,
  writeLink,
} from "./link.ts";
import type { openFile } from "./open-file.ts";
import { changesOf, drawn, kInputs, type Origin } from "./origin.ts";

/** Browsers limit how often the address may change, and take milliseconds for it. */
const kAddressPause = 250;
/** How long it may be silent about what it waits for. */
const kPatience = 1000;

/** What a page without a fragment shows. */
const kAtFirst = {
  base: kFirst,
  selection: { node: "var", cell: { row: 0, column: 0 } },
} satisfies { base: string; selection: Choices["selection"] };
const kFirstLink: CaseLink = { base: kFirst, changes: {} };

/** A sentence in whatever language is on. */
type Said = (locale: Locale) => string;

export interface Message {
  kind: "fault" | "note";
  text: string;
}

/** What a step of the history leads back to. */
interface Shown {
  kase: Case<Float64Array>;
  origin: Origin;
  selection: Choices["selection"];
}

/** The rest of the page can't be had; `cause` says why. */
class Unfetched extends Error {}

const faultOf =
  (error: unknown): Said =>
  ({ words }) =>
    error instanceof Unfetched ? words.page.unfetchedRest(words.fault(error.cause)) : words.fault(error);

/** Where no engine starts, no more of a link is read than that. */
const saysChinese = ({ fragment, likelyLanguage }: Address) =>
  likelyLanguage.startsWith("zh") || new URLSearchParams(fragment.slice(1)).get("lang") === "zh";

/** What the page shows, and all ways of changing it. It draws nothing: whoever made it is told of each change. */
export class Session implements Choices {
  /** What computes, once it has started; why it did not. */
  bn: Backnorm | undefined;
  failure: unknown;
  /** Whether the rest of the page is here. */
  hasRest = false;
  locale = new Locale("en", "paper");
  computed: Computed | undefined;
  /** Links that were not followed to their end yet, since something has to be fetched. */
  following = 0;
  /** How much of a long check is done, 0 to 1. */
  progress: number | undefined;

  selection: Choices["selection"] = kAtFirst.selection;
  lens: Lens = kLenses[0];
  mistake = "";
  moment = kEnd;
  theme: Choices["theme"];
  off: Choices["off"] = new Set();
  factor: Choices["factor"] = "scale";
  parts: Choices["parts"] = new Set();
  tools: Choices["tools"] = new Set();
  example: Choices["example"];
  sparing = false;
  brief = false;

  readonly history = new History<Shown>();
  #changed: () => void;
  #fetchPage: () => Promise<{ openFile: typeof openFile }>;
  #address!: Address;
  #check: AbortController | undefined;
  #opening = 0;
  #origin: Origin = { base: kFirst, kase: undefined };
  #said: { kind: Message["kind"]; say: Said } | undefined;
  #changes: { kase: Case<Float64Array>; origin: Origin; changes: Changes } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** fetchPage: how the rest of the page is fetched. */
  constructor(changed: () => void, fetchPage: () => Promise<{ openFile: typeof openFile }>) {
    this.#changed = changed;
    this.#fetchPage = fetchPage;
  }

  get language(): Language {
    return this.locale.language;
  }

  get notation(): NotationId {
    return this.locale.notation.id;
  }

  get message(): Message | undefined {
    return this.#said && { kind: this.#said.kind, text: this.#said.say(this.locale) };
  }

  /** A preset, a draw, or the name of a file; and whether it was changed. */
  get name(): string {
    const { page } = this.locale.words;
    const { base, file } = this.#origin;
    const name = file ?? (base === kOwn ? page.own : base);
    return this.isChanged ? page.changed(name) : name;
  }

  /** Of the list of cases. */
  get base(): string {
    return this.#origin.base;
  }

  get isChanged(): boolean {
    return this.#origin.kase !== undefined && Object.keys(this.#caseLink().changes).length > 1;
  }

  #set(part: Partial<Session>) {
    Object.assign(this, part);
    this.#changed();
  }

  async start(address: Address) {
    this.#address = address;
    this.#set({ failure: undefined });
    try {
      this.#set({ bn: await load() });
      await this.followLink();
      if (address.likelyLanguage.startsWith("zh")) {
        await this.#speak("zh", this.notation, []); // where that fails, English stays
        this.#writeLink();
      }
    } catch (error) {
      if (saysChinese(address)) await this.#speak("zh", this.notation, []);
      this.#set({ failure: error });
    }
  }

  /** After a failure. */
  startAgain() {
    return this.start(this.#address);
  }

  stop() {
    this.cancelCheck();
    this.flush();
  }

  /** Gives up a long check; what it would have judged stays open. */
  cancelCheck() {
    if (this.progress === undefined) return;
    this.#check?.abort();
    this.#giveUp();
  }

  /** Begins a check anew that was given up. */
  checkAgain() {
    const { computed } = this;
    if (!computed?.givenUp) return;
    this.#set({ computed: { ...computed, givenUp: false } });
    this.#checkInSlices(computed.kase);
  }

  #giveUp() {
    this.#set({ computed: { ...(this.computed as Computed), givenUp: true }, progress: undefined });
  }

  /** Fetches the rest of the page. */
  async fetchRest() {
    try {
      await this.#fetchPage();
      if (!this.hasRest) this.#set({ hasRest: true });
    } catch (cause) {
      throw new Unfetched("", { cause });
    }
  }

  /** Shows what the fragment says; what it says wrong becomes a sentence, as text. */
  async followLink() {
    if (!this.bn) return;
    this.#set({ following: this.following + 1 });
    try {
      await this.#follow();
    } finally {
      this.#set({ following: this.following - 1 });
    }
  }

  async #follow() {
    clearTimeout(this.#timer); // what waits to be written belongs to the address that was left
    this.#timer = undefined;
    const asked = this.#readLink();
    const { choices } = asked;
    const faults: Said[] = [...asked.faults, ...this.#address.faults].map(
      (say) =>
        ({ words }) =>
          say(words),
    );
    let kase = asked.kase ?? (this.computed && asked.fragment ? undefined : kFirstLink);
    if (choices.language !== this.language || choices.notation !== this.notation)
      await this.#speak(choices.language, choices.notation, faults);
    const isHere =
      !kase || kase.base === kFirst || kase.base === kOwn || (this.computed && kase.base === this.base);
    if (!this.hasRest && (choices.mistake || choices.sparing || !isHere)) {
      try {
        await this.#awaited(this.fetchRest());
      } catch (error) {
        faults.push(faultOf(error));
        kase = this.computed ? undefined : kFirstLink;
        choices.mistake = "";
      }
    }
    if (asked.fragment !== this.#address.fragment) return; // another one came meanwhile, and is followed by its own call
    const mistake = choices.sparing ? "" : choices.mistake;
    if (kase && !(this.computed && isSameCase(kase, this.#saidCase()))) this.#begin(kase, mistake, faults);
    else if (mistake !== this.mistake && this.computed) this.#show(this.computed.kase, { mistake });
    const { node, cell } = choices.selection;
    const { language, notation, ...others } = choices;
    this.#set({ ...others, mistake: this.mistake, selection: { node, cell: this.#within(cell) } });
    this.#say(
      faults.length > 0
        ? { kind: "fault", say: (locale) => faults.map((say) => say(locale)).join(" ") }
        : undefined,
    );
    if (mistake !== choices.mistake) this.#write(false); // an assignment's address has no answer
  }

  /** Shows the case of a link, or the first one if that can't be. */
  #begin(link: CaseLink, mistake: string, faults: Said[]) {
    const from = this.#caseOf(link.base);
    const { shape, ...changes } = link.changes;
    const complete = from !== undefined || kInputs.every((name) => changes[name]);
    const isOther = from && shape && shape.join() !== from.shape.join();
    if (!complete) faults.push(({ words }) => words.link.noNumbers);
    else if (isOther && !(changes.x && changes.dy)) {
      const [given, base] = [shape, from.shape].map((one) => one.join("×")) as [string, string];
      faults.push(({ words }) => words.link.otherShape(given, base));
    } else {
      const kase = { eps: 1e-5, ...from, ...changes, shape: shape ?? from?.shape } as Case<Float64Array>;
      const plain = Object.keys(link.changes).length === 0 && from ? from : kase;
      const fault = this.#replace(plain, { base: link.base, kase: from }, { mistake });
      if (!fault) return;
      faults.push(fault);
    }
    if (this.computed) return;
    const kase = firstCase();
    this.#replace(kase, { base: kFirst, kase });
  }

  #readLink() {
    const { graph, mistakes } = this.bn as Backnorm;
    const known = {
      nodes: graph.nodes.map((node) => node.id),
      mistakes: mistakes.filter(({ switchable }) => switchable).map(({ id }) => id),
      moments: momentsOf(graph).map(({ id }) => id),
    };
    const address = this.#address;
    const { fragment } = address;
    const here = fragment ? { base: this.base, selection: this.selection } : kAtFirst;
    return { fragment, ...readLink(fragment, known, here, (key, words) => address.nameOf(key, words)) };
  }

  #caseLink(): CaseLink {
    const { kase } = this.computed as Computed;
    const origin = this.#origin;
    if (this.#changes?.kase !== kase || this.#changes.origin !== origin)
      this.#changes = { kase, origin, changes: changesOf(kase, origin.kase) };
    return { base: origin.base, changes: this.#changes.changes };
  }

  /** The case as the address says it: of one that is too large, only that there is one. */
  #saidCase(): CaseLink {
    const { size } = this.#fragment(this);
    return size > kMostCharacters ? { base: kOwn, changes: {} } : this.#caseLink();
  }

  /** Of a case that is too large, only that there is one. */
  #fragment(choices: Choices): { fragment: string; size: number } {
    const link = this.#caseLink();
    const fragment = writeLink(choices, link);
    const fits = fragment.length <= kMostCharacters;
    return {
      fragment: fits ? fragment : writeLink(choices, { base: kOwn, changes: {} }),
      size: fragment.length,
    };
  }

  /** What leads to this, and how many characters that is; nothing, if those are too many. `href`: on the whole page, if anybody knows where that is. */
  link(): { fragment: string | undefined; href: string | undefined; size: number } {
    const { fragment, size } = this.#fragment({ ...choicesOf(this), brief: false });
    if (size > kMostCharacters) return { fragment: undefined, href: undefined, size };
    return { fragment, href: this.#address.whole(fragment), size };
  }

  /** Leads to where a mistake, made on this case, is first seen. */
  linkTo = ({ id, edges, nodes }: MistakeRow): string => {
    const node = nodes[0] ?? edges[0]?.from ?? "x";
    const selection = { node, cell: this.selection.cell };
    const fragment = writeLink(
      { ...choicesOf(this), selection, lens: "graph", mistake: id, moment: kEnd },
      this.#caseLink(),
    );
    // on this page it leads to the case that is here
    return fragment.length <= kMostCharacters ? fragment : fragment.replace(/&case=.*(?=&node=)/, "");
  };

  /** A step of the reader's, which the browser's buttons go back to; what moves on by itself or by small steps is none. */
  #writeLink({ isStep = false } = {}) {
    clearTimeout(this.#timer);
    if (isStep) this.#write(true);
    else this.#timer = setTimeout(() => this.#write(false), kAddressPause);
  }

  /** Writes the address at once, where it waits for a pause. */
  flush() {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#write(false);
  }

  #write(isStep: boolean) {
    this.#timer = undefined;
    if (!this.computed) return;
    const { fragment } = this.#fragment(this);
    if (fragment !== this.#address.fragment) this.#address.write(fragment, isStep);
  }

  /** Changes what is chosen. */
  choose(part: Partial<Omit<Choices, "language" | "notation">>, { isStep = true } = {}) {
    if (isStep) this.flush();
    this.#set(part);
    this.#writeLink({ isStep });
  }

  select({ node, cell }: SelectEvent["detail"]) {
    const isStep = node !== this.selection.node;
    if (isStep) this.flush();
    this.#set({ selection: { node, cell: cell ?? this.selection.cell } });
    this.#writeLink({ isStep });
  }

  /** Shows the passes as far as they have come then, and chooses the node that was made last. */
  goTo({ id, node }: Moment) {
    this.#set({ moment: id, selection: { node, cell: this.selection.cell } });
    this.#writeLink();
  }

  look(lens: Lens) {
    this.choose({ lens });
  }

  unfold(tool: ToolId, isOpen: boolean) {
    if (this.tools.has(tool) === isOpen) return;
    const tools = new Set(this.tools);
    if (!tools.delete(tool)) tools.add(tool);
    this.choose({ tools });
  }

  /** Speaks another language, or by other names. */
  async speak(language: Language, notation: NotationId) {
    this.flush();
    const faults: Said[] = [];
    await this.#speak(language, notation, faults);
    const [fault] = faults;
    if (fault) this.#say({ kind: "fault", say: fault });
    else this.#writeLink({ isStep: true });
  }

  async #speak(language: Language, notation: NotationId, faults: Said[]) {
    try {
      this.#set({ locale: await this.#awaited(localeOf(language, notation)) });
    } catch (cause) {
      faults.push(faultOf(new Unfetched("", { cause })));
    }
  }

  dismiss() {
    this.#say(undefined);
  }

  async choosePreset(name: Preset) {
    this.flush();
    if (!this.bn) return;
    if (name !== kFirst && !(await this.#hasRest())) return;
    const kase = this.#caseOf(name) as Case<Float64Array>;
    this.#step(this.#replace(kase, { base: name, kase }));
  }

  /** Other numbers in the shape that is here. */
  async draw() {
    this.flush();
    if (!this.computed || !(await this.#hasRest())) return;
    const { rows, columns } = this.computed;
    const before = drawOf(this.base);
    const shape = before ? /:\d+x\d+.*/.exec(this.base)?.[0] : `:${rows}x${columns}`;
    const base = `randn:${(before?.seed ?? 0) + 1}${shape}`;
    const kase = this.#caseOf(base);
    const fault: Said = ({ words }) => words.page.tooLargeToDraw;
    this.#step(kase ? this.#replace(kase, { base, kase }) : fault);
  }

  /** "" makes none. */
  async chooseMistake(id: string) {
    this.flush();
    if (id && !(await this.#hasRest())) return;
    if (!this.computed) return;
    this.#step(this.#show(this.computed.kase, { mistake: id }));
  }

  async open(file: File) {
    this.flush();
    if (!this.bn || !this.computed) return;
    const opening = ++this.#opening;
    const refuse = (fault: Said) => this.#fault((locale) => `${file.name}: ${fault(locale)}`);
    try {
      await this.#awaited(this.fetchRest());
      const { openFile } = await this.#fetchPage();
      const { kase, note } = await openFile(file, this.bn, this.computed.kase);
      if (opening !== this.#opening) return; // a file opened later was faster
      const name = isPreset(file.name) ? `${file.name} (file)` : file.name;
      const fault = this.#replace(kase, { base: kOwn, kase: undefined, file: name });
      if (fault) return refuse(fault);
      this.#writeLink({ isStep: true });
      const size = kase.shape.join("×");
      this.#say({ kind: "note", say: ({ rest }) => `${file.name}: ${size}. ${note(rest)}` });
    } catch (error) {
      if (error instanceof Unfetched) this.#say({ kind: "fault", say: faultOf(error) });
      else refuse(faultOf(error));
    }
  }

  edit({ input, changes }: EditEvent["detail"]) {
    const values = (this.computed as Computed).kase[input].slice();
    for (const { at, value } of changes) values[at] = value;
    this.change({ [input]: values });
  }

  /** Changes a part of the case. `goesOn`: as the last change did, so that both are one step to undo. */
  change(part: Partial<Case<Float64Array>>, goesOn = false) {
    const kase = { ...(this.computed as Computed).kase, ...part };
    const fault = this.#replace(kase, this.#origin, { goesOn });
    if (fault) return this.#fault(fault);
    this.#say(undefined);
    this.#writeLink();
  }

  goThrough(step: HistoryStep) {
    this.history.take(step, ({ kase, origin, selection }) => {
      const fault = this.#show(kase, {}, origin);
      if (fault) this.#fault(fault);
      else {
        this.#set({ selection });
        this.#say(undefined);
        this.#writeLink();
      }
      return !fault;
    });
  }

  #say(said: { kind: Message["kind"]; say: Said } | undefined) {
    this.#said = said;
    this.#changed();
  }

  /** What is fetched; where that takes a while, a sentence says so until it is there. */
  async #awaited<Fetched>(fetched: Promise<Fetched>): Promise<Fetched> {
    const note = { kind: "note", say: ({ words }: Locale) => words.page.fetching } as const;
    const timer = setTimeout(() => this.#say(note), kPatience);
    try {
      return await fetched;
    } finally {
      clearTimeout(timer);
      if (this.#said === note) this.#say(undefined);
    }
  }

  #fault(say: Said) {
    this.#say({ kind: "fault", say: (locale) => locale.words.page.stays(say(locale)) });
  }

  /** After something that the reader chose: it is in the address, or a sentence says why not. */
  #step(fault: Said | undefined) {
    if (fault) return this.#fault(fault);
    this.#say(undefined);
    this.#writeLink({ isStep: true });
  }

  async #hasRest(): Promise<boolean> {
    try {
      await this.#awaited(this.fetchRest());
      return true;
    } catch (error) {
      this.#say({ kind: "fault", say: faultOf(error) });
      return false;
    }
  }

  /** What a base begins with; nothing, if all numbers are a case's own. */
  #caseOf(base: string): Case<Float64Array> | undefined {
    if (base === kFirst) return firstCase();
    if (isPreset(base)) return this.bn?.presets[base];
    const draw = drawOf(base);
    return draw && drawn(this.bn as Backnorm, draw);
  }

  #within({ row, column }: Cell): Cell {
    const { rows, columns } = this.computed as Computed;
    return { row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
  }

  /** Shows another case, as a step that can be undone; else the answer says why not. */
  #replace(
    kase: Case<Float64Array>,
    origin: Origin,
    { mistake, goesOn = false }: { mistake?: string; goesOn?: boolean } = {},
  ): Said | undefined {
    const before = this.#shown();
    const fault = this.#show(kase, mistake === undefined ? {} : { mistake }, origin);
    if (fault) return fault;
    const { node, cell } = this.selection;
    this.#set({ selection: { node, cell: this.#within(cell) } });
    if (before) this.history.record(before, this.#shown() as Shown, kase.x.length, goesOn);
    return undefined;
  }

  #shown(): Shown | undefined {
    const { computed, selection } = this;
    return computed && { kase: computed.kase, origin: this.#origin, selection };
  }

  /** Computes a case and shows it; one that can't be computed leaves the page as it was, and the answer says why. */
  #show(
    kase: Case<Float64Array>,
    { mistake = this.mistake }: { mistake?: string },
    origin = this.#origin,
  ): Said | undefined {
    try {
      const computed = compute(this.bn as Backnorm, kase, mistake);
      this.#check?.abort();
      this.#origin = origin;
      this.#set({ computed, mistake, progress: undefined });
    } catch (error) {
      return faultOf(error);
    }
    if (!this.computed?.report) this.#checkInSlices(kase);
    return undefined;
  }

  async #checkInSlices(kase: Case<Float64Array>) {
    const check = new AbortController();
    this.#check = check;
    this.#set({ progress: 0 });
    try {
      const report = await (this.bn as Backnorm).gradcheckAsync(kase, {
        signal: check.signal,
        onProgress: (progress) => this.#set({ progress }),
        mistakes: this.mistake ? [this.mistake] : [],
      });
      this.#set({ computed: { ...(this.computed as Computed), report }, progress: undefined });
    } catch (error) {
      if (check.signal.aborted) return; // a newer case took its place, or it was given up
      this.#giveUp();
      this.#say({ kind: "fault", say: faultOf(error) });
    }
  }
}
