import { html, nothing, type PropertyValues } from "lit";
import type { Backnorm, Claim, DiagnoseOptions, Diagnosis, Finding, Graph, Trace } from "../../src/index.ts";
import { mineText } from "../../src/link.ts";
import type { Computed } from "../maths/computed.ts";
import { givenIn, lastOf, stepsOf } from "../maths/graph-facts.ts";
import { nameOfNorm } from "../maths/norms.ts";
import type { Labels } from "../maths/notations.ts";
import { isMistakeIn, switchableIn } from "../model/mistakes.ts";
import { kInputs, type Selection } from "../model/selection.ts";
import { type NameReader, readerOfNames, type Unread } from "../read/arrays.ts";
import {
  type Entered,
  type Given,
  kNothing,
  readFiles,
  readInput,
  refuseLong,
  renamed,
  type Sentence,
  without,
} from "../read/input.ts";
import { packed } from "../read/link-arrays.ts";
import { recognised } from "../read/proposals.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import { verdictStyles } from "../ui/verdict.ts";
import { Locale } from "../words/locale.ts";
import { codeOf, namesOf, nodeOf } from "./array-names.ts";
import { cellAsCode } from "./cell.ts";
import { comparisonView } from "./comparison.ts";
import { type Copied, type Entry, entryView, namesNote } from "./entry.ts";
import { kExamples } from "./examples.ts";
import { inputsAsCode, printed } from "./inputs-as-code.ts";
import { hasNumbers, isEps, isSame, type OwnCase, ownCase } from "./own-case.ts";
import { resultView, rowsOf } from "./result.ts";
import { mineStyles } from "./styles.ts";
import { bringIntoView } from "./unfolded.ts";

/** The pause in typing after which the text is read, in milliseconds. */
const kPause = 150;
/** Pasting so many characters as typed text, line by line, can take a browser minutes. They are set at once. */
const kLongPaste = 50_000;
/** A case of more numbers is diagnosed in slices. */
const kMostAtOnce = 4096;
/** In a larger case, arrays are not recognised by their numbers. */
const kMostRecognised = 100_000;
/** More numbers don't fit into a link. */
const kMostSaid = 4000;
/** A longer text is compressed for the link. */
const kLongText = 2000;
/** An example with more numbers than this leaves out the matrices. */
const kMostPrinted = 4000;

/** Takes a learner's own arrays in any form, finds the first wrong one, and gives hints one by one. */
export class BnMine extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "name", "selection", "bn", "sparing", "brief", "example", "entered"),
    aside: { state: true },
    given: { state: true },
    unread: { state: true },
    refused: { state: true },
    diagnosis: { state: true },
    fault: { state: true },
    hints: { state: true },
    looked: { state: true },
    compares: { state: true },
    copied: { state: true },
    dropping: { state: true },
  };
  declare locale: Locale;
  /** The case of the arrays, and its name. */
  declare computed: Computed;
  declare name: string;
  declare selection: Selection;

  declare bn: Backnorm;
  /** Whether it is an assignment: verdicts and questions, without the solution. */
  declare sparing: boolean;
  /** For small spaces: only the result, if the arrays came from outside. */
  declare brief: boolean;
  /** The example to start with, counted from 1. */
  declare example: number | undefined;

  /** What was entered here, or came from outside. */
  declare entered: Entered;
  /** The input before it was cleared or replaced. */
  declare aside: Entered | undefined;
  declare given: readonly Given[];
  declare unread: readonly Unread[];
  /** Messages about files and names that were refused. */
  declare refused: readonly Sentence[];
  declare diagnosis: Diagnosis | undefined;
  /** Why the diagnosis failed. */
  declare fault: unknown;
  /** The number of open hints, 1 to 3. */
  declare hints: number;
  /** The id of the array whose numbers are shown. */
  declare looked: string | undefined;
  /** Whether the reader asked for the right numbers. */
  declare compares: boolean;
  declare copied: Entry["copied"];
  declare dropping: boolean;

  #reader: { graph: Graph; names: NameReader } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #examples = 0;
  /** The last example. */
  #lastExample: { mistake: string; text: string } | undefined;
  /** The subject of the hints. A new subject closes them. */
  #about = "";
  #truth: { kase: unknown; trace: Trace } | undefined;
  /** What is being typed: it is read after a pause. */
  #typed: Entered | undefined;
  /** The whole case that was pasted. */
  #own: OwnCase | undefined;
  #named: { key: string; of: Locale; locale: Locale } | undefined;
  /** Aborts the diagnosis of a large case. */
  #running: AbortController | undefined;

  static override styles = [tokens, controls, panelText, verdictStyles, mineStyles];

  constructor() {
    super();
    this.sparing = false;
    this.entered = kNothing;
    this.given = [];
    this.unread = [];
    this.refused = [];
    this.hints = 1;
    this.compares = false;
    this.dropping = false;
  }

  override disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#running?.abort();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const before = changed.get("computed");
    const { kase, graph } = this.computed;
    if (before && before.graph !== graph)
      this.#read(); // at once: its arrays have other names
    else if (before && before.kase !== kase) this.#soon();
    if (changed.has("name") || changed.has("computed") || changed.has("locale")) this.copied = undefined;
    if (!this.hasUpdated && this.example && !this.sparing) {
      this.#examples = this.example - 1;
      this.#tryExample();
    } else if (changed.has("locale") && this.#showsExample) this.#reprint();
    // also what the lines above have entered
    if (changed.has("entered") && this.entered !== this.#typed) this.#read();
  }

  protected override firstUpdated() {
    if (!this.sparing) bringIntoView(this);
  }

  protected override updated(changed: PropertyValues<this>) {
    // during typing the field already has the text; setting it would erase its undo history
    const area = this.#area;
    if (changed.has("entered") && area && area.value !== this.entered.text) area.value = this.entered.text;
  }

  #take(part: Partial<Entered>, { keep = false, soon = false } = {}) {
    this.aside = keep ? this.entered : undefined;
    const entered = { ...this.entered, ...part };
    this.#typed = soon ? entered : undefined;
    this.session.set({ entered }); // which has it read
    if (soon) this.#soon();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#timer = setTimeout(() => this.#read(), kPause);
  }

  #clear() {
    this.refused = [];
    this.#take(kNothing, { keep: true });
    this.#area?.focus();
  }

  #putBack() {
    if (this.aside) this.#take(this.aside);
    this.#area?.focus();
  }

  get #showsExample() {
    const { text, brought } = this.entered;
    return brought.length === 0 && text === this.#lastExample?.text;
  }

  #tryExample() {
    const known = switchableIn(this.bn, nameOfNorm(this.computed.kase)).map(({ id }) => id);
    const usual = kExamples.filter((id) => known.includes(id));
    const examples = usual.length > 0 ? usual : known.slice(0, kExamples.length);
    const mistake = examples[this.#examples++ % examples.length] as string;
    const { text, brought } = this.entered;
    const isOwn = !this.#showsExample && (brought.length > 0 || text.trim() !== "");
    this.hints = 1;
    this.compares = false;
    this.#lastExample = { mistake, text: this.#printed(mistake) };
    this.#take({ text: this.#lastExample.text, brought: [] }, { keep: isOwn });
  }

  /** The same example in another notation, or of another case. */
  #reprint() {
    const { mistake } = this.#lastExample as { mistake: string };
    if (!isMistakeIn(this.bn, mistake, nameOfNorm(this.computed.kase))) return this.#tryExample();
    this.#lastExample = { mistake, text: this.#printed(mistake) };
    this.#take({ text: this.#lastExample.text, brought: [] });
  }

  /** The output of a program with a mistake, for this case. */
  #printed(mistake: string): string {
    const { notation, code, rest } = this.locale;
    const { nodes } = this.bn.trace(this.computed.kase, { mistakes: [mistake] });
    const lines = stepsOf(this.computed.graph).flatMap((step) => {
      const { grad, gradShape } = nodes.find(({ id }) => id === step) as (typeof nodes)[number];
      return grad.length > kMostPrinted ? [] : [printed(code[`d${step}`], grad, gradShape, notation)];
    });
    return `# ${rest.mine.example}\n${lines.join("\n")}\n`;
  }

  async #open(files: Iterable<File>) {
    const { brought, refused } = await readFiles(files, this.#names);
    this.refused = refused;
    this.#take({ brought: [...this.entered.brought, ...brought] });
  }

  #drag(event: DragEvent, over: boolean) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation(); // otherwise the page would open it as a case
    this.dropping = over;
  }

  #drop(event: DragEvent) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    this.#drag(event, false);
    this.#open([...event.dataTransfer.files]);
  }

  #paste(event: ClipboardEvent) {
    this.refused = [];
    const text = event.clipboardData?.getData("text/plain") ?? "";
    try {
      refuseLong(text);
    } catch (error) {
      event.preventDefault();
      this.refused = [({ words, rest }) => rest.mine.fault(words.fault(error))];
      return;
    }
    if (text.length < kLongPaste) return;
    event.preventDefault();
    const area = event.target as HTMLTextAreaElement;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    this.#take({ text: area.value }, { keep: true, soon: true });
  }

  #remove(given: Given) {
    this.#take(without(this.entered, given), { keep: true });
    this.#area?.focus(); // the button that had the focus is gone
  }

  /** Gives an array the name that the reader chose. */
  #rename(given: Given, name: string) {
    const id = this.#names.idOf(name.trim());
    this.refused = id === undefined ? [({ rest }) => rest.mine.unknownName(name)] : [];
    if (id !== undefined) this.#take(renamed(this.entered, given, codeOf(id, this.locale.code)));
  }

  get #names(): NameReader {
    const { graph } = this.computed;
    if (this.#reader?.graph !== graph) this.#reader = { graph, names: readerOfNames(graph) };
    return this.#reader.names;
  }

  get #area() {
    return this.renderRoot.querySelector("textarea[name]") as HTMLTextAreaElement | null;
  }

  #goTo(place: number) {
    this.#area?.focus();
    this.#area?.setSelectionRange(place, Math.min(place + 1, this.entered.text.length));
  }

  #code(): string {
    const { notation, code, rest } = this.locale;
    const { graph } = this.computed;
    const given = givenIn(graph);
    const names = this.#names.ids.filter((id) => !given.includes(id)).flatMap((id) => namesOf(id, code));
    const common = /^.$|->/; // names that a program may use for something else, and names that are not valid in Python
    return inputsAsCode(
      this.name,
      this.computed.kase,
      names.filter((name) => name === lastOf(graph) || !common.test(name)),
      notation,
      rest.mine.afterPasses,
    );
  }

  async #copy(what: Copied) {
    const text = what === "inputs" ? this.#code() : cellAsCode(this.session.pageForCell);
    try {
      await navigator.clipboard.writeText(text);
      this.copied = { what, text, isShown: false };
    } catch {
      this.copied = { what, text, isShown: true }; // the browser may not allow it
    }
  }

  /** Reads the input, and diagnoses the arrays in it. */
  #read() {
    clearTimeout(this.#timer);
    const { x, gamma } = this.computed.kase;
    const sizes = [x.length / gamma.length, gamma.length] as const;
    Object.assign(this, readInput(this.entered, this.#names, sizes));
    this.given = this.#recognise(this.given);
    this.#running?.abort();
    if (this.#adopts()) return this.#soon(); // the arrays are read again beside it
    this.#say();
    const claims = Object.fromEntries(
      this.given.flatMap(({ id, array }) => (id ? [[id, array as Claim] as const] : [])),
    );
    if (Object.keys(claims).length === 0) return this.#show(undefined);
    const { bn, computed } = this;
    const options = { printedInputs: this.#hasInputs };
    try {
      if (computed.kase.x.length <= kMostAtOnce) this.#show(bn.diagnose(computed.kase, claims, options));
      else this.#diagnose(claims, options);
    } catch (error) {
      this.#show(undefined, error);
    }
  }

  /** Takes arrays with unknown names for what their numbers are. */
  #recognise(given: readonly Given[]): readonly Given[] {
    const { x } = this.computed.kase;
    const unknown = given.filter(({ name, id }) => name !== "" && id === undefined).map(({ array }) => array);
    if (unknown.length === 0 || x.length > kMostRecognised) return given;
    const known = new Set(given.map(({ id }) => id));
    const found = recognised(unknown, known, this.#rightTrace, givenIn(this.computed.graph));
    return given.map((one) => {
      const id = found.get(one.array);
      return id ? { ...one, id, proposed: "numbers" } : one;
    });
  }

  /** Writes the arrays into the link. */
  async #say() {
    const arrays = this.#showsExample ? [] : this.given.map(({ name, array }) => [name, array] as const);
    const numbers = arrays.reduce((all, [, { data }]) => all + data.length, 0);
    const plain = numbers > kMostSaid ? "" : mineText(arrays);
    const { given } = this;
    const short = plain.length > kLongText ? await packed(plain) : undefined;
    if (given === this.given)
      this.session.sayMine({ plain, packed: short, count: arrays.length, whole: () => mineText(arrays) });
  }

  /** In slices. */
  async #diagnose(claims: Record<string, Claim>, options: DiagnoseOptions) {
    const running = new AbortController();
    this.#running = running;
    this.#show(undefined);
    try {
      const found = await this.bn.diagnoseAsync(this.computed.kase, claims, {
        ...options,
        signal: running.signal,
      });
      this.#show(found);
    } catch (error) {
      if (!running.signal.aborted) this.#show(undefined, error);
    }
  }

  #show(found: Diagnosis | undefined, fault?: unknown) {
    const nameOf = (id: string) => this.given.findLast((given) => given.id === id)?.name ?? id;
    this.diagnosis = found && {
      ...found,
      nodes: found.nodes.map((node) => ({ ...node, name: nameOf(node.id) })),
    };
    this.fault = fault;
    const { firstWrong = null, mistakes = [] } = this.diagnosis ?? {};
    const about = `${firstWrong} ${mistakes.map(({ id }) => id)}`;
    if (about !== this.#about) {
      this.hints = 1;
      this.compares = false;
      this.looked = undefined;
    }
    this.#about = about;
    if (!this.diagnosis) return;
    const { nodes } = this.diagnosis;
    const right = nodes.filter(({ truth }) => truth === "pass").length;
    this.session.judgeMine({ firstWrong, right, given: nodes.length });
  }

  /** Takes a whole case that was pasted. In an assignment the case is given. */
  #adopts(): boolean {
    if (this.sparing) return false;
    try {
      const before = this.#isOwn ? this.#own : undefined;
      const own = ownCase(this.given, this.bn, this.computed.kase, before);
      if (!own || (this.#own && isSame(own.kase, this.#own.kase))) return false; // or it was undone
      this.#own = own;
      return this.session.own(own.kase);
    } catch {
      return false; // its arrays are judged beside the case of the page
    }
  }

  /** Whether the inputs are among the arrays: then what their digits leave open counts. */
  get #hasInputs(): boolean {
    const inputs = kInputs.flatMap((name) => {
      const array = this.given.findLast(({ id }) => id === name)?.array;
      return array ? [hasNumbers(this.computed.kase, name, array.data)] : [];
    });
    return inputs.length > 0 && inputs.every(Boolean);
  }

  /** Whether the page shows the case that was pasted. */
  get #isOwn(): boolean {
    return this.#own !== undefined && isSame(this.#own.kase, this.computed.kase);
  }

  protected override render() {
    const { locale, given, entered } = this;
    const { mine } = locale.rest;
    const isBrief = this.brief && entered.text === "" && entered.brought.length > 0;
    return html`
      <div class=${`mine ${this.dropping ? "dropping" : ""}`} @dragover=${(event: DragEvent) => this.#drag(event, true)}
        @dragleave=${(event: DragEvent) => this.#drag(event, false)} @drop=${this.#drop}>
        <div class=${isBrief ? "" : "columns"}>
          ${isBrief ? nothing : html`<section aria-label=${mine.yourArrays}>${this.#entry()}</section>`}
          <section aria-label=${mine.found}>${this.#result()} ${isBrief ? namesNote(locale, given) : nothing}</section>
        </div>
        ${this.#comparison()}
      </div>`;
  }

  #entry() {
    const { locale, name, computed, entered, given, unread, refused, fault, copied } = this;
    return entryView({
      locale,
      graph: computed.graph,
      names: this.#names,
      kase: `${name} ${computed.kase.shape.join("×")}`,
      input: entered,
      given: this.#isOwn ? given.filter((one) => !isEps(one)) : given,
      unread,
      refused,
      fault,
      copied,
      sparing: this.sparing,
      hadExample: this.#examples > 0,
      canPutBack: this.aside !== undefined,
      copy: (what) => this.#copy(what),
      paste: (event) => this.#paste(event),
      type: (text) => this.#take({ text }, { soon: true }),
      tryExample: () => this.#tryExample(),
      open: (files) => this.#open(files),
      clear: () => this.#clear(),
      putBack: () => this.#putBack(),
      goTo: (place) => this.#goTo(place),
      rename: (array, to) => this.#rename(array, to),
    });
  }

  /** The words with the names that the reader pasted. */
  get #namedLocale(): Locale {
    const { language, notation, graph, setting, code } = this.locale;
    const named = this.given.filter(
      ({ id, name }) => id !== undefined && name !== "" && Object.hasOwn(code, id),
    );
    const names: Partial<Labels> = Object.fromEntries(named.map(({ id, name }) => [id, name]));
    const key = JSON.stringify(names);
    if (this.#named?.key !== key || this.#named.of !== this.locale)
      this.#named = {
        key,
        of: this.locale,
        locale: new Locale(language, notation.id, graph, setting, names),
      };
    return this.#named.locale;
  }

  #result() {
    const { bn, computed, diagnosis, given, hints, sparing, session } = this;
    return resultView({
      locale: this.#namedLocale,
      bn,
      computed,
      diagnosis,
      rows: rowsOf(given, diagnosis, this.#names.ids, computed.graph.nodes.length),
      own: this.#isOwn ? this.#own : undefined,
      looked: this.#looked,
      hints,
      sparing,
      linkTo: (mistake) => session.linkTo(mistake),
      look: (id) => this.#look(id),
      remove: (array) => this.#remove(array),
      nextHint: () => this.#nextHint(),
    });
  }

  #look(id: string) {
    this.looked = id;
    this.session.select(nodeOf(id));
  }

  /** The array whose numbers are shown: the chosen one, or the first wrong one. */
  get #looked(): Finding | undefined {
    const find = (wanted: string | null | undefined) => this.diagnosis?.nodes.find(({ id }) => id === wanted);
    return find(this.looked) ?? find(this.diagnosis?.firstWrong);
  }

  async #nextHint() {
    this.hints += 1;
    await this.updateComplete;
    if (this.renderRoot.querySelector(".next")) return;
    this.renderRoot.querySelector<HTMLElement>(".hints > :last-child")?.focus(); // the button is gone
  }

  #comparison() {
    const finding = this.#looked;
    const given = finding && this.given.findLast(({ id }) => id === finding.id);
    if (this.sparing || !given) return nothing;
    const { locale } = this;
    const right = this.#right(finding.id);
    if (!right) return nothing; // it is of a case before this one
    // the right numbers are the solution: the reader asks for them, or for a hint that tells as much
    if (finding.truth !== "pass" && !this.compares && this.hints < 2)
      return html`<div class="comparison"><button class="control" name="compare" @click=${() => this.#compare()}>${locale.rest.mine.compare}</button></div>`;
    const { values, shape } = right;
    return comparisonView(locale, finding, given.array, values, shape);
  }

  async #compare() {
    this.compares = true;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".comparison")?.focus(); // the button is gone
  }

  /** The trace of the right passes. */
  get #rightTrace(): Trace {
    const { kase } = this.computed;
    if (this.#truth?.kase !== kase) this.#truth = { kase, trace: this.bn.trace(kase) as Trace };
    return this.#truth.trace;
  }

  #right(id: string): { values: ArrayLike<number>; shape: readonly number[] } | undefined {
    const { nodes, edges } = this.#rightTrace;
    const edge = edges.find(({ from, to }) => `${from}->${to}` === id);
    const of = edge?.from ?? nodeOf(id);
    const node = nodes.find((one) => one.id === of);
    return node && { values: edge?.contribution ?? (of === id ? node.value : node.grad), shape: node.shape };
  }
}

customElements.define("bn-mine", BnMine);
