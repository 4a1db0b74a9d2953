import type { Backnorm, Norm } from "../../src/index.ts";
import type { MistakeRow } from "../../src/mistakes.ts";
import { isFault } from "../base/fault.ts";
import type { Computed } from "../maths/computed.ts";
import type { Cell } from "../maths/layout.ts";
import { inNorm, isFlat, nameOfNorm, normKeysOf, type PageCase } from "../maths/norms.ts";
import type { NotationId } from "../maths/notations.ts";
import type { Choices, Language, Lens, ToolId } from "../model/choices.ts";
import { firstCase, kFirst } from "../model/first-case.ts";
import { isMistakeIn } from "../model/mistakes.ts";
import type { Moment } from "../model/moment.ts";
import { isPreset, type Preset } from "../model/presets.ts";
import type { Change, InputName, Selection } from "../model/selection.ts";
import { kTourCase } from "../model/tour.ts";
import type { Named } from "../read/case.ts";
import { Locale } from "../words/locale.ts";
import { PageError } from "../words/page-error.ts";
import type { Address } from "./address.ts";
import type { Giving } from "./backnorm-lab.ts";
import { Cases } from "./cases.ts";
import { Computing } from "./computing.ts";
import { deckLink } from "./deck.ts";
import { load } from "./engine.ts";
import { Fetching, faultOf, type Rest } from "./fetching.ts";
import type { History, HistoryStep } from "./history.ts";
import type { Intake } from "./intake.ts";
import { type CaseLink, drawOf, isSameCase, kOwn, type MineLink, type SaidMine } from "./link.ts";
import { Linked } from "./linked.ts";
import { baseOf, caseOf } from "./origin.ts";
import { type MineVerdict, type Said, Scene } from "./scene.ts";

const kFirstLink: CaseLink = { base: kFirst, changes: {} };
const kTourLink: CaseLink = { base: kTourCase, changes: {} };

/** Why a part of a link was ignored. */
const refusalOf =
  (error: Error): Said =>
  ({ words }) =>
    words.link(words.fault(error));

/** If no engine starts, the language is all that is read from a link. */
const saysChinese = ({ fragment, likelyLanguage }: Address) =>
  likelyLanguage.startsWith("zh") || new URLSearchParams(fragment.slice(1)).get("lang") === "zh";

/** Whether the lengths of the arrays match the shape. The engine checks this too, but it has not started yet. */
const fits = (kase: PageCase) => {
  const { shape: [rows, columns], x, dy, gamma, beta } = kase; // biome-ignore format: one line
  return (
    isFlat(kase) &&
    [x, dy].every(({ length }) => length === (rows as number) * (columns as number)) &&
    [gamma, beta].every((array) => array?.length === columns)
  );
};

/** What the page shows, and every way to change it. It draws nothing. */
export class Session extends Scene {
  readonly #computing = new Computing(this);
  readonly #cases = new Cases(this, this.#computing);
  readonly #linked = new Linked(this);
  readonly #fetching: Fetching;
  #hasBegun = () => {};
  readonly #begun = new Promise<void>((resolve) => {
    this.#hasBegun = resolve;
  });
  #started: Promise<void> | undefined;
  /** What is given next, and what is being read. */
  #given: Giving = {};
  #giving: Promise<void> = Promise.resolve();
  /** The last case that was asked for. A case may take a while, and a later one replaces it. */
  #request = 0;

  /** fetchPage: fetches the rest of the page. */
  constructor(changed: () => void, fetchPage: () => Promise<Rest>) {
    super(changed);
    this.#fetching = new Fetching(this, fetchPage);
  }

  /** The name of the preset, random case or file, and whether it was changed. */
  get name(): string {
    const { page } = this.locale.words;
    const { base, file } = this.origin;
    const name = file ?? (base === kOwn ? page.own : base);
    return this.isChanged ? page.changed(name) : name;
  }

  get history(): Pick<History<unknown>, "can"> {
    return this.#cases.history;
  }

  get isChanged(): boolean {
    return this.origin.kase !== undefined && Object.keys(this.#linked.kase.changes).length > 1;
  }

  // The beginning and the end.

  start(address: Address): Promise<void> {
    this.#started = this.#start(address);
    this.#hasBegun();
    return this.#started;
  }

  async #start(address: Address) {
    this.#linked.address = address;
    this.set({ failure: undefined });
    if (!this.bn) this.#sketch();
    try {
      const bn = await load();
      this.set({ bn, locale: new Locale(this.language, this.notation, bn.graph) });
      await this.followLink();
      if (address.likelyLanguage.startsWith("zh")) {
        await this.#fetching.speak("zh", this.notation).catch(() => {}); // if that fails, the page stays English
        this.#linked.write();
      }
    } catch (error) {
      if (saysChinese(address)) await this.#fetching.speak("zh", this.notation).catch(() => {});
      this.set({ failure: error });
    }
  }

  /** Tries again after a failure. */
  startAgain() {
    return this.start(this.#linked.address);
  }

  stop() {
    this.cancelCheck();
    this.flush();
  }

  /** Shows the parts of the link that need no engine: its numbers and the layout. */
  #sketch() {
    const { choices, kase = kFirstLink, deck, slide } = this.#linked.read();
    const { lens, theme, tour, sparing, brief } = choices;
    const draft = caseOf(kase.base === kFirst ? firstCase() : undefined, kase);
    this.set({
      lens,
      theme,
      tour,
      sparing,
      brief,
      deck,
      slide,
      draft: draft && fits(draft) ? draft : undefined,
    });
  }

  // What is computed.

  cancelCheck() {
    this.#computing.cancel();
  }

  checkAgain() {
    this.#computing.again();
  }

  // What is fetched.

  async fetchRest(): Promise<Rest> {
    return this.#fetching.rest();
  }

  async #hasRest(): Promise<boolean> {
    try {
      await this.#fetching.rest();
      return true;
    } catch (error) {
      this.fault(faultOf(error));
      return false;
    }
  }

  /** Switches to another language or notation. */
  async speak(language: Language, notation: NotationId) {
    this.flush();
    try {
      await this.#fetching.speak(language, notation);
      this.#linked.write({ isStep: true });
    } catch (error) {
      this.fault(faultOf(error));
    }
  }

  // Its link.

  /** Shows the state of the fragment. Each error in it becomes a message. */
  async followLink() {
    if (!this.bn) return;
    this.set({ following: this.following + 1 });
    try {
      await this.#follow();
    } finally {
      this.set({ following: this.following - 1 });
    }
  }

  async #follow() {
    this.#linked.forget();
    const asked = this.#linked.read();
    const request = asked.kase ? ++this.#request : this.#request;
    const { choices } = asked;
    const faults: Said[] = [...asked.faults, ...this.#linked.address.faults].map(refusalOf);
    const first = choices.tour ? kTourLink : kFirstLink;
    let kase = asked.kase ?? (this.computed && asked.fragment ? undefined : first);
    if (choices.language !== this.language || choices.notation !== this.notation)
      await this.#fetching
        .speak(choices.language, choices.notation)
        .catch((error) => faults.push(faultOf(error)));
    const here = [kFirst, kOwn, this.computed && this.base, choices.tour && kTourCase];
    const isHere = !kase || here.includes(kase.base);
    if (!this.hasRest && (choices.mistake || choices.sparing || !isHere)) {
      try {
        await this.#fetching.rest();
      } catch (error) {
        faults.push(faultOf(error));
        kase = this.computed ? undefined : kFirstLink;
        choices.mistake = "";
      }
    }
    if (asked.fragment !== this.#linked.address.fragment) return; // a newer fragment came meanwhile; its own call shows it
    const arrays = await this.#arraysOf(asked.mine, faults);
    if (asked.fragment !== this.#linked.address.fragment) return;
    if (arrays && !choices.sparing) choices.tools = new Set([...choices.tools, "mine"]);
    const link = kase && !(this.computed && isSameCase(kase, this.#linked.saidCase)) ? kase : undefined;
    const from = link && (await this.#baseOf(link, faults));
    const whole = link && caseOf(from, link);
    const filled = link && !whole ? await this.#filled(link, faults) : undefined;
    const numbers = link ? (whole ?? filled?.kase) : this.computed?.kase;
    const isOther = numbers && !isMistakeIn(this.bn as Backnorm, choices.mistake, nameOfNorm(numbers));
    if (isOther)
      faults.push(
        refusalOf(
          new PageError(
            "mistake-of-other-norm",
            { got: choices.mistake, norm: nameOfNorm(numbers) },
            { argument: { link: "mistake" } },
          ),
        ),
      );
    const mistake = choices.sparing || isOther ? "" : choices.mistake;
    if (numbers && (link || mistake !== this.mistake)) await this.#computing.prepare(numbers, mistake);
    if (asked.fragment !== this.#linked.address.fragment || request !== this.#request) return;
    // what follows changes the page at once
    if (link) this.#begin(link, from, numbers, mistake, faults);
    else if (mistake !== this.mistake && this.computed) {
      const fault = this.#computing.show(this.computed.kase, mistake, this.origin);
      if (fault) faults.push(fault); // one that needs another shape
    }
    const { cell } = choices.selection;
    const isKnown = this.graph.nodes.some(({ id }) => id === choices.selection.node);
    const node = isKnown ? choices.selection.node : this.selection.node; // a node of another norm
    const { language, notation, ...others } = choices;
    const isOtherSlide = asked.deck !== undefined && asked.slide !== this.slide;
    if (arrays || isOtherSlide) this.set({ entered: { text: "", brought: arrays ?? [] } });
    const { deck, slide } = asked;
    this.set({
      ...others,
      deck,
      slide,
      mistake: this.mistake,
      selection: { node, cell: this.#cases.within(cell) },
    });
    if (faults.length > 0) this.fault((locale) => faults.map((say) => say(locale)).join(" "));
    else if (filled) this.note(filled.say);
    else this.dismiss();
    if (mistake !== choices.mistake) this.#linked.writeNow(); // the URL of an assignment must not contain the answer
  }

  /** The case that a link begins with. A draw must have a shape that its norm can have. */
  async #baseOf({ base, changes }: CaseLink, faults: Said[]): Promise<PageCase | undefined> {
    try {
      return await baseOf(this.bn as Backnorm, base, changes);
    } catch (error) {
      faults.push(refusalOf(error as Error));
      return undefined;
    }
  }

  /** The case of a link that has its x, but not all of its inputs. */
  async #filled({ base, changes }: CaseLink, faults: Said[]): Promise<Intake | undefined> {
    if (base !== kOwn || !changes.x) return undefined;
    try {
      const { fromObject } = await this.#fetching.rest();
      return await fromObject({ case: changes }, this.bn as Backnorm, undefined);
    } catch (error) {
      faults.push(isFault(error) ? refusalOf(error) : faultOf(error));
      return undefined;
    }
  }

  /** The reader's own arrays in a link, if they are others than those that are here. */
  async #arraysOf(mine: SaidMine | undefined, faults: Said[]): Promise<Named[] | undefined> {
    if (!mine || this.#linked.isSameMine(mine)) return undefined;
    try {
      const { arraysInLink, unpacked } = await this.#fetching.rest();
      const plain = mine.plain ?? (await unpacked(mine.packed as string));
      return arraysInLink(plain);
    } catch (error) {
      faults.push(isFault(error) ? refusalOf(error) : faultOf(error));
      return undefined;
    }
  }

  /** Shows the case of a link, or the default case if that fails. */
  #begin(
    link: CaseLink,
    from: PageCase | undefined,
    kase: PageCase | undefined,
    mistake: string,
    faults: Said[],
  ) {
    const { shape } = link.changes;
    if (kase) {
      const fault = this.#cases.replace(kase, { base: link.base, kase: from }, { mistake });
      if (!fault) return;
      faults.push(fault);
    } else if (from && shape) {
      const params = { shape, base: from.shape };
      faults.push(refusalOf(new PageError("one-of-two", params, { argument: { link: "" } })));
    } else if (link.base === kOwn) {
      const names = Object.keys(link.changes).filter((name) => name !== "shape");
      const place = { argument: { link: "" } };
      const fault =
        names.length > 0
          ? new PageError("no-x-there", { names }, place)
          : new PageError("no-numbers", {}, place);
      if (faults.length === 0) faults.push(refusalOf(fault)); // otherwise what is wrong with x is said
    }
    if (this.computed) return;
    const first = firstCase();
    this.#cases.replace(first, { base: kFirst, kase: first });
  }

  /** The link to the current state, and its length in characters. */
  link() {
    return this.#linked.here;
  }

  /** Where a notebook's cell opens its link: on this page, or in this assignment; undefined if its URL is not on the web. */
  get pageForCell(): string | undefined {
    const { fragment, href } = this.link();
    const isOnWeb = href !== undefined && /^https?:/.test(href);
    return isOnWeb && fragment
      ? href.replace(/#.*/s, this.sparing ? this.#linked.fragmentOfCase : "")
      : undefined;
  }

  /** The link to the current state, of any length. */
  get carried(): string {
    return this.#linked.carried;
  }

  /** A link to the current case with other choices. */
  linkWith(others: Partial<Choices>): string {
    return this.#linked.with(others);
  }

  /** A link to the node where a mistake first shows on this case. */
  linkTo(mistake: MistakeRow): string {
    return this.#linked.to(mistake);
  }

  flush() {
    this.#linked.flush();
  }

  // What is chosen.

  choose(part: Partial<Omit<Choices, "language" | "notation">>, { isStep = true } = {}) {
    if (isStep) this.flush();
    this.set(part);
    this.#linked.write({ isStep });
  }

  /** Without a cell, the chosen cell stays. */
  select(node: Selection["node"], cell: Cell = this.selection.cell) {
    this.choose({ selection: { node, cell } }, { isStep: node !== this.selection.node });
  }

  /** Shows the passes up to that moment, and chooses the node computed last. */
  goTo({ id, node }: Moment) {
    this.choose({ moment: id, selection: { node, cell: this.selection.cell } }, { isStep: false });
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

  /** Shows another slide of the deck. */
  async present(slide: number) {
    if (!this.deck?.slides[slide - 1]) return;
    this.flush();
    this.#linked.address.write(deckLink(this.deck, slide), true);
    await this.followLink();
  }

  /** Leaves the deck for the lab, which shows the same. */
  leaveDeck() {
    this.flush();
    this.set({ deck: undefined });
    this.#linked.write({ isStep: true });
  }

  /** "" switches the mistake off. */
  async chooseMistake(id: string) {
    this.flush();
    if (id && !(await this.#hasRest())) return;
    if (!this.computed) return;
    const { kase } = this.computed;
    await this.#computing.prepare(kase, id);
    if (kase === this.computed.kase) this.#step(this.#computing.show(kase, id, this.origin));
  }

  /** Records the findings about the reader's own arrays. */
  judgeMine(mine: MineVerdict | undefined) {
    this.set({ mine });
  }

  /** Writes the reader's own arrays into the link. */
  sayMine(mine: MineLink) {
    const { plain, packed } = this.#linked.mine;
    this.#linked.mine = mine;
    if (mine.plain !== plain || mine.packed !== packed) this.#linked.write();
  }

  /** The reader's own arrays, as a link has them. */
  get saidMine(): string {
    return this.#linked.mine.whole();
  }

  // The case.

  async choosePreset(name: Preset) {
    this.flush();
    if (!this.bn) return;
    this.#request++; // before the wait, so that it doesn't replace what is asked for during it
    if (name !== kFirst && !(await this.#hasRest())) return;
    const kase = (await baseOf(this.bn, name)) as PageCase;
    this.#step(this.#cases.replace(kase, { base: name, kase }));
  }

  /** The case in another norm: with the same numbers if its shape allows that, else a preset of that norm. */
  async chooseNorm(norm: Norm) {
    this.flush();
    if (!this.bn || !this.computed) return;
    const { kase } = this.computed;
    const same = inNorm(kase, norm);
    if (same) return this.#step(this.#cases.replace(same, { base: kOwn, kase: undefined }));
    const base =
      ({ group: "groupnorm", instance: "spatial", rms: "tokens" } as const)[norm as "rms"] ?? "layernorm";
    const from = this.bn.presets[base];
    const made = norm === "instance" ? inNorm(from, norm) : from;
    this.#step(this.#cases.replace(made as PageCase, { base, kase: from }));
  }

  /** New random numbers, by default in the same shape. */
  async draw(shape: readonly number[] = this.computed?.kase.shape ?? []) {
    this.flush();
    if (!this.bn || !this.computed) return;
    const before = drawOf(this.base);
    const spread = before ? /(?:x\d+)+(.*)/.exec(this.base)?.[1] : "";
    const base = `randn:${(before?.seed ?? 0) + 1}:${shape.join("x")}${spread}`;
    const keys = normKeysOf(this.computed.kase);
    const request = ++this.#request;
    let from: PageCase | undefined;
    try {
      from = await baseOf(this.bn, base, keys);
    } catch (error) {
      return this.#refuse(faultOf(error)); // a norm that can't have the shape
    }
    const kase = from && caseOf(from, { base, changes: keys });
    if (kase) await this.#computing.prepare(kase, this.mistake);
    if (request !== this.#request) return;
    this.#step(
      kase
        ? this.#cases.replace(kase, { base, kase: from })
        : ({ words }: Scene["locale"]) => words.page.tooLargeToDraw,
    );
  }

  /** Opens files: a case, arrays of the reader's own, or both. */
  open(files: readonly File[]) {
    this.flush();
    return this.#receive((rest, bn, current) => rest.fromFiles(files, bn, current), files);
  }

  /** Takes a text that was pasted over the inputs: a whole case, or another x. */
  paste(text: string) {
    this.flush();
    return this.#receive((rest, bn, current) => rest.fromText(text, bn, current));
  }

  /** Takes what a program gives: a case, arrays of the reader's own, or both. One after the other. */
  give(given: Giving) {
    const whole = { ...this.#given, ...given }; // what is set in one go is read together
    this.#given = whole;
    this.#giving = this.#giving.then(async () => {
      await this.#begun; // an element may be given a case before it is on the page
      await this.#started;
      if (whole !== this.#given) return;
      this.#given = {};
      if ((whole.case ?? whole.mine ?? null) === null) return;
      this.flush();
      await this.#receive((rest, bn, current) => rest.fromObject(whole, bn, current));
    });
  }

  async #receive(
    read: (rest: Rest, bn: Backnorm, current: PageCase) => Promise<Intake> | Intake,
    files: readonly File[] = [],
  ) {
    if (!this.bn || !this.computed) return;
    const request = ++this.#request;
    const rest = await this.#fetching.rest().catch((error) => this.fault(faultOf(error)));
    if (!rest) return;
    const [only, ...others] = files;
    const from = only && others.length === 0 ? `${only.name}: ` : "";
    const refuse = (fault: Said) => this.#refuse((locale) => from + fault(locale));
    try {
      const { kase, file, inputs, own, say } = await read(rest, this.bn, this.computed.kase);
      const isShown = kase !== undefined && !this.sparing; // the case of an assignment is given
      if (isShown) await this.#computing.prepare(kase, this.mistake);
      if (request !== this.#request) return; // what was given later has been read first
      if (isShown) {
        const name = file && isPreset(file) ? `${file} (file)` : file;
        const fault = this.#cases.replace(kase, { base: kOwn, kase: undefined, ...(name && { file: name }) });
        if (fault) return refuse(fault);
      }
      if (!this.sparing) this.set({ tour: 0 }); // which doesn't show them
      const brought = this.sparing ? [...inputs, ...own] : own;
      if (brought.length > 0) this.set({ entered: { text: "", brought } });
      if (own.length > 0 && !this.sparing) this.set({ tools: new Set([...this.tools, "mine"]) });
      this.#linked.write({ isStep: true });
      this.note(
        kase && !isShown ? ({ rest: { files } }) => files.assignment(brought.map(({ name }) => name)) : say,
      );
    } catch (error) {
      refuse(faultOf(error));
    }
  }

  /** Shows a case of the reader's own. Returns whether it could be shown. */
  own(kase: PageCase): boolean {
    const fault = this.#cases.replace(kase, { base: kOwn, kase: undefined });
    this.#step(fault);
    return fault === undefined;
  }

  /** Changes several numbers of an input in one step. */
  edit(input: InputName, changes: readonly Change[]) {
    const values = ((this.computed as Computed).kase[input] as Float64Array).slice();
    for (const { at, value } of changes) values[at] = value;
    this.change({ [input]: values });
  }

  /** Changes a part of the case. `goesOn`: extends the last change, so that one undo reverts both. */
  change(part: Partial<PageCase>, goesOn = false) {
    const kase = { ...(this.computed as Computed).kase, ...part };
    const fault = this.#cases.replace(kase, this.origin, { goesOn });
    if (fault) return this.#refuse(fault);
    this.dismiss();
    this.#linked.write();
  }

  goThrough(step: HistoryStep) {
    this.#cases.goThrough(step, (fault) => {
      if (fault) return this.#refuse(fault);
      this.dismiss();
      this.#linked.write();
    });
  }

  /** After a choice of the reader: writes it to the URL, or says why that failed. */
  #step(fault: Said | undefined) {
    if (fault) return this.#refuse(fault);
    this.dismiss();
    this.#linked.write({ isStep: true });
  }

  #refuse(say: Said) {
    this.fault((locale) => locale.words.page.stays(say(locale)));
  }
}
