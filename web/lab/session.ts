import type { Checker } from "../src/checker.ts";
import type { Backnorm, Case, Claim, Diagnosis, Trace } from "../src/index.ts";
import type { MistakeRow } from "../src/mistakes.ts";
import { load, loadWhole } from "./engine.ts";
import { firstCase, kFirst, kFirstWords } from "./first-case.ts";
import { History, type HistoryStep } from "./history.ts";
import { kLenses, type Lens } from "./lenses.ts";
import { readLink, writeLink } from "./link.ts";
import { kEnd, type Moment, momentsOf } from "./moment.ts";
import { isPreset, kPresets, type Preset } from "./presets.ts";
import type { Cell, Computed, EditEvent, SelectEvent, Selection } from "./selection.ts";

/** N²·D up to which a check fits between two frames and is done at once. */
const kWorkAtOnce = 120_000;

export interface Message {
  kind: "fault" | "note";
  text: string;
}

/** All that the page shows. */
export interface State {
  /** What computes, once it has started; why it did not. */
  bn: Checker | undefined;
  failure: string | undefined;
  /** The rest of the package, once something needed it. */
  whole: Backnorm | undefined;
  /** What to look for in each preset that is here. */
  words: Readonly<Partial<Record<string, string>>>;
  /** A preset, or the name of a file. */
  name: string;
  computed: Computed | undefined;
  /** How much of a long check is done, 0 to 1. */
  progress: number | undefined;
  selection: Selection;
  lens: Lens;
  /** The id of the mistake that is made; "" if none is. */
  mistake: string;
  /** The id of the moment that the graph shows. */
  moment: string;
  message: Message | undefined;
}

/** What a step of the history leads back to. */
interface Shown {
  kase: Case<Float64Array>;
  name: string;
  selection: Selection;
}

/** What went wrong. The package names the argument first; of a whole file or text there is nothing to name. */
const sentenceOf = (error: unknown) => (error as Error).message.replace(/^(text|bytes): /, "");

/** Values and gradients, as diagnose takes them. */
const everyArray = ({ nodes }: Trace<Float64Array>): Record<string, Claim> =>
  Object.fromEntries(
    nodes.flatMap(({ id, value, grad, gradShape }) => [
      [id, value],
      [`d${id}`, { data: grad, shape: gradShape }],
    ]),
  );

const wrongIn = ({ nodes }: Diagnosis) =>
  nodes.filter(({ truth, local }) => truth === "fail" && local === "fail").map(({ id }) => id);

/** A gradient that a mistake gives another shape can't be drawn in its node: it shows as not a number. */
const inShape = (trace: Trace<Float64Array>): Trace<Float64Array> => ({
  ...trace,
  nodes: trace.nodes.map((node) =>
    node.gradShape.join() === node.shape.join()
      ? node
      : { ...node, grad: new Float64Array(node.value.length).fill(Number.NaN) },
  ),
});

/** What the page shows, and all ways of changing it. It draws nothing: whoever made it is told of each change. */
export class Session implements State {
  bn: State["bn"];
  failure: State["failure"];
  whole: State["whole"];
  words: State["words"] = { [kFirst]: kFirstWords };
  name: State["name"] = kFirst;
  computed: State["computed"];
  progress: State["progress"];
  selection: State["selection"] = { node: "var", cell: { row: 0, column: 0 } };
  lens: State["lens"] = kLenses[0];
  mistake: State["mistake"] = "";
  moment: State["moment"] = kEnd;
  message: State["message"];

  readonly history = new History<Shown>();
  #changed: () => void;
  #check: AbortController | undefined;
  #opening = 0;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  #set(part: Partial<State>) {
    Object.assign(this, part);
    this.#changed();
  }

  async start() {
    try {
      this.#set({ bn: await load() });
      await this.followLink();
    } catch (error) {
      this.#set({ failure: (error as Error).message });
    }
  }

  stop() {
    this.#check?.abort();
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

  /** Fetches the rest of the package. Where that fails, the answer is a sentence. */
  async fetchRest(): Promise<string> {
    try {
      const [whole, { kPresetWords }] = await Promise.all([loadWhole(), import("./rest.ts")]);
      if (this.whole !== whole) this.#set({ whole, words: kPresetWords });
      return "";
    } catch (error) {
      return `The rest of the page could not be fetched: ${sentenceOf(error)}.`;
    }
  }

  /** Shows what the fragment says; what it says wrong becomes a sentence, as text. */
  async followLink() {
    if (!this.bn) return;
    const asked = this.#readLink();
    const isHere = asked.kase === kFirst || (this.computed && asked.kase === this.name);
    const needsRest = !this.whole && (asked.mistake !== "" || !isHere);
    const fault = needsRest ? await this.fetchRest() : "";
    const link = this.#readLink(); // it may be another one by now
    if (fault) {
      link.faults.push(fault);
      Object.assign(link, { kase: this.computed ? this.name : kFirst, mistake: "" });
    }
    const { kase, lens, mistake, moment, selection, faults } = link;
    if (!this.computed || kase !== this.name)
      this.#replace(this.#presetOf(kase as Preset), kase, { mistake });
    else if (mistake !== this.mistake) this.#show(this.computed.kase, "", mistake);
    this.#set({
      lens,
      moment,
      selection: { node: selection.node, cell: this.#within(selection.cell) },
      message: faults.length > 0 ? { kind: "fault", text: faults.join(" ") } : undefined,
    });
  }

  #readLink() {
    const { graph, mistakes } = this.bn as Checker;
    const known = {
      cases: kPresets,
      nodes: graph.nodes.map((node) => node.id),
      lenses: kLenses,
      mistakes: mistakes.map(({ id }) => id),
      moments: momentsOf(graph).map(({ id }) => id),
    };
    const { name: kase, selection, lens, mistake, moment } = this;
    return readLink(location.hash, known, { kase, selection, lens, mistake, moment });
  }

  #writeLink() {
    const { name: kase, selection, lens, mistake, moment } = this;
    const link = isPreset(kase) ? writeLink({ kase, selection, lens, mistake, moment }) : "";
    // takes milliseconds, even where it changes nothing
    if (link !== location.hash) history.replaceState(null, "", link || location.pathname + location.search);
  }

  /** Leads to where a mistake, made on this case, is first seen. A case that no link leads to, it does not name. */
  linkTo = ({ id, edges, nodes }: MistakeRow): string => {
    const node = nodes[0] ?? edges[0]?.from ?? "x";
    const selection = { node, cell: this.selection.cell };
    const link = writeLink({ kase: this.name, selection, lens: kLenses[0], mistake: id, moment: kEnd });
    return isPreset(this.name) ? link : link.replace(/&case=[^&]*/, "");
  };

  select({ node, cell }: SelectEvent["detail"]) {
    this.#set({ selection: { node, cell: cell ?? this.selection.cell } });
    this.#writeLink();
  }

  /** Shows the passes as far as they have come then, and chooses the node that was made last. */
  goTo({ id, node }: Moment) {
    this.#set({ moment: id, selection: { node, cell: this.selection.cell } });
    this.#writeLink();
  }

  look(lens: Lens) {
    this.#set({ lens });
    this.#writeLink();
  }

  dismiss() {
    this.#set({ message: undefined });
  }

  async choosePreset(name: Preset) {
    if (!this.bn) return;
    if (name !== kFirst && !(await this.#hasRest())) return;
    this.#set({ message: undefined });
    if (this.#replace(this.#presetOf(name), name)) this.#writeLink();
  }

  /** "" makes none. */
  async chooseMistake(id: string) {
    if (id && !(await this.#hasRest())) return;
    if (this.computed && this.#show(this.computed.kase, "", id)) this.#writeLink();
  }

  async open(file: File) {
    if (!this.bn || !this.computed) return;
    const opening = ++this.#opening;
    try {
      const [{ openFile }, whole] = await Promise.all([import("./rest.ts"), loadWhole()]);
      const { kase, note } = await openFile(file, whole, this.computed.kase);
      if (opening !== this.#opening) return; // a file opened later was faster
      const name = isPreset(file.name) ? `${file.name} (file)` : file.name;
      if (!this.#replace(kase, name, { file: `${file.name}: ` })) return;
      this.#set({ message: { kind: "note", text: `${file.name}: ${kase.shape.join("×")}. ${note}` } });
      this.#writeLink();
    } catch (error) {
      this.#fault(`${file.name}: ${sentenceOf(error)}. What was here stays.`);
    }
  }

  edit({ input, changes }: EditEvent["detail"]) {
    const values = (this.computed as Computed).kase[input].slice();
    for (const { at, value } of changes) values[at] = value;
    this.change({ [input]: values });
  }

  /** Changes a part of the case. `goesOn`: as the last change did, so that both are one step to undo. */
  change(part: Partial<Case<Float64Array>>, goesOn = false) {
    // a link to the preset would not bring the change back
    const name = isPreset(this.name) ? `${this.name}, changed` : this.name;
    if (!this.#replace({ ...(this.computed as Computed).kase, ...part }, name, { goesOn })) return;
    this.#set({ message: undefined });
    this.#writeLink();
  }

  goThrough(step: HistoryStep) {
    this.history.take(step, ({ kase, name, selection }) => {
      if (!this.#show(kase)) return false;
      this.#set({ name, selection, message: undefined });
      this.#writeLink();
      return true;
    });
  }

  #fault(text: string) {
    this.#set({ message: { kind: "fault", text } });
  }

  async #hasRest(): Promise<boolean> {
    const fault = await this.fetchRest();
    if (fault) this.#fault(fault);
    return fault === "";
  }

  #presetOf(name: Preset): Case<Float64Array> {
    return name === kFirst ? firstCase() : (this.whole as Backnorm).presets[name];
  }

  #within({ row, column }: Cell): Cell {
    const { rows, columns } = this.computed as Computed;
    return { row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
  }

  /** Shows another case, as a step that can be undone. */
  #replace(
    kase: Case<Float64Array>,
    name: string,
    { file, mistake, goesOn = false }: { file?: string; mistake?: string; goesOn?: boolean } = {},
  ): boolean {
    const before = this.#shown();
    if (!this.#show(kase, file, mistake)) return false;
    const { node, cell } = this.selection;
    this.#set({ name, selection: { node, cell: this.#within(cell) } });
    if (before) this.history.record(before, this.#shown() as Shown, kase.x.length, goesOn);
    return true;
  }

  #shown(): Shown | undefined {
    const { computed, name, selection } = this;
    return computed && { kase: computed.kase, name, selection };
  }

  /** Computes a case and shows it; one that cannot be computed leaves the page as it was. `file` begins the sentence. */
  #show(kase: Case<Float64Array>, file = "", mistake = this.mistake): boolean {
    const bn = this.bn as Checker;
    const options = { mistakes: mistake ? [mistake] : [] };
    const [rows, columns] = kase.shape as [number, number];
    const atOnce = rows * rows * columns <= kWorkAtOnce;
    try {
      const trace = bn.trace(kase, options);
      const report = atOnce ? bn.gradcheck(kase, options) : undefined;
      const wrongHere = new Set(
        mistake ? wrongIn((this.whole as Backnorm).diagnose(kase, everyArray(trace))) : [],
      );
      this.#check?.abort();
      const computed = { kase, rows, columns, trace: inShape(trace), report, wrongHere, givenUp: false };
      this.#set({ computed, mistake, progress: undefined });
    } catch (error) {
      this.#fault(`${file}${sentenceOf(error)}. What was here stays.`);
      return false;
    }
    if (!atOnce) this.#checkInSlices(kase);
    return true;
  }

  async #checkInSlices(kase: Case<Float64Array>) {
    const check = new AbortController();
    this.#check = check;
    this.#set({ progress: 0 });
    try {
      const report = await (this.bn as Checker).gradcheckAsync(kase, {
        signal: check.signal,
        onProgress: (progress) => this.#set({ progress }),
        mistakes: this.mistake ? [this.mistake] : [],
      });
      this.#set({ computed: { ...(this.computed as Computed), report }, progress: undefined });
    } catch (error) {
      if (check.signal.aborted) return; // a newer case took its place, or it was given up
      this.#giveUp();
      this.#fault((error as Error).message);
    }
  }
}
