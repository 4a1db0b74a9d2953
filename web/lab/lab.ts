import { html, LitElement, nothing } from "lit";
import type { Checker } from "../src/checker.ts";
import type { Backnorm, Case, Claim, Diagnosis, Trace } from "../src/index.ts";
import { load, loadWhole } from "./engine.ts";
import { firstCase, kFirst } from "./first-case.ts";
import "./graph-view.ts";
import { History, type HistoryEvent, type HistoryStep, historyKey } from "./history.ts";
import "./inputs.ts";
import type { EpsEvent } from "./inputs.ts";
import "./inspector.ts";
import { labStyles } from "./lab-styles.ts";
import { readLink, writeLink } from "./link.ts";
import "./paths.ts";
import type { Computed, EditEvent, SelectEvent, Selection } from "./selection.ts";
import "./steps.ts";
import { panelText, tokens } from "./theme.ts";
import { verdictChip, verdictStyles } from "./verdict.ts";

/** N²·D up to which a check fits between two frames and is done at once. */
const kWorkAtOnce = 120_000;

const kPresets = {
  cs231n: "cs231n 4×5",
  iris: "iris 150×4",
} as const;
type Preset = keyof typeof kPresets;
const isPreset = (name: string): name is Preset => Object.hasOwn(kPresets, name);
const kPresetWords: Record<Preset, string> = {
  cs231n: "CS231n’s own test case: NumPy seed 231, four rows of five features around 12.",
  iris: "Fisher’s measurements of 150 irises, in centimetres; γ, β and ∂y from NumPy, seed 1936.",
};

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

/** The page: one case, one selection, and the panels that show them. */
export class BacknormLab extends LitElement {
  static override properties = {
    bn: { state: true },
    whole: { state: true },
    failure: { state: true },
    name: { state: true },
    computed: { state: true },
    selection: { state: true },
    mistake: { state: true },
    message: { state: true },
    progress: { state: true },
    theme: { state: true },
    dropping: { state: true },
  };
  declare bn: Checker | undefined;
  /** The rest of the package, once something needed it. */
  declare whole: Backnorm | undefined;
  declare failure: string | undefined;
  /** A preset, or the name of a file. */
  declare name: string;
  declare computed: Computed | undefined;
  declare selection: Selection;
  /** The id of the mistake that is made; "" if none is. */
  declare mistake: string;
  declare message: { kind: "fault" | "note"; text: string } | undefined;
  declare progress: number | undefined;
  declare theme: "light" | "dark" | undefined;
  declare dropping: boolean;

  #check: AbortController | undefined;
  #opening = 0;
  #history = new History<Shown>();

  static override styles = [tokens, panelText, verdictStyles, labStyles];

  constructor() {
    super();
    this.name = kFirst;
    this.mistake = "";
    this.selection = { node: "var", cell: { row: 0, column: 0 } };
    this.dropping = false;
    this.addEventListener("bn-select", (event) => this.#select((event as SelectEvent).detail));
    this.addEventListener("bn-edit", (event) => this.#edit((event as EditEvent).detail));
    this.addEventListener("bn-eps", (event) => this.#change({ eps: (event as EpsEvent).detail.eps }));
    this.addEventListener("bn-history", (event) => this.#goThrough((event as HistoryEvent).detail.step));
    this.addEventListener("dragover", (event) => this.#drag(event, true));
    this.addEventListener("dragleave", (event) => this.#drag(event, false));
    this.addEventListener("drop", (event) => this.#drop(event));
  }

  override connectedCallback() {
    super.connectedCallback();
    window.addEventListener("hashchange", this.#followLink);
    window.addEventListener("keydown", this.#key);
    this.#start();
  }

  override disconnectedCallback() {
    window.removeEventListener("hashchange", this.#followLink);
    window.removeEventListener("keydown", this.#key);
    this.#check?.abort();
    super.disconnectedCallback();
  }

  async #start() {
    try {
      this.bn = await load();
      await this.#followLink();
    } catch (error) {
      this.failure = (error as Error).message;
    }
  }

  /** Fetches what mistakes, and all presets but the first, need. Where that fails, the answer is a sentence. */
  async #fetchRest(): Promise<string> {
    try {
      this.whole = await loadWhole();
      return "";
    } catch (error) {
      return `The rest of the page could not be fetched: ${sentenceOf(error)}.`;
    }
  }

  /** Fetches what it takes to show what a list says now. Where that can't be had, the list goes back to `before`. */
  async #canShow(list: HTMLSelectElement, before: string): Promise<boolean> {
    const { value } = list;
    const fault = this.whole ? "" : await this.#fetchRest();
    if (list.value !== value) return false; // another was chosen meanwhile
    if (fault === "") return true;
    list.value = before;
    this.message = { kind: "fault", text: fault };
    return false;
  }

  #presetOf(name: Preset): Case<Float64Array> {
    return name === kFirst ? firstCase() : (this.whole as Backnorm).presets[name];
  }

  #readLink() {
    const { graph, mistakes } = this.bn as Checker;
    const known = {
      cases: Object.keys(kPresets),
      nodes: graph.nodes.map((node) => node.id),
      mistakes: mistakes.map(({ id }) => id),
    };
    const here = { kase: this.name, selection: this.selection, mistake: this.mistake };
    return readLink(location.hash, known, here);
  }

  /** Shows what the fragment says; what it says wrong becomes a sentence, as text. */
  #followLink = async () => {
    if (!this.bn) return;
    const asked = this.#readLink();
    const isHere = asked.kase === kFirst || (this.computed && asked.kase === this.name);
    const needsRest = !this.whole && (asked.mistake !== "" || !isHere);
    const fault = needsRest ? await this.#fetchRest() : "";
    const link = this.#readLink(); // it may be another one by now
    if (fault) {
      link.faults.push(fault);
      Object.assign(link, { kase: this.computed ? this.name : kFirst, mistake: "" });
    }
    if (!this.computed || link.kase !== this.name)
      this.#replace(this.#presetOf(link.kase as Preset), link.kase, "", link.mistake);
    else if (link.mistake !== this.mistake) this.#show(this.computed.kase, "", link.mistake);
    this.selection = { node: link.selection.node, cell: this.#within(link.selection.cell) };
    this.message = link.faults.length > 0 ? { kind: "fault", text: link.faults.join(" ") } : undefined;
  };

  #within({ row, column }: Selection["cell"]) {
    const { rows, columns } = this.computed as Computed;
    return { row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
  }

  #writeLink() {
    if (!isPreset(this.name)) return history.replaceState(null, "", location.pathname + location.search);
    const { name: kase, selection, mistake } = this;
    history.replaceState(null, "", writeLink({ kase, selection, mistake }));
  }

  /** Computes a case and puts it on the page; one that cannot be computed leaves the page as it was. `file` begins the sentence. */
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
      this.progress = undefined;
      this.mistake = mistake;
      this.computed = { kase, rows, columns, trace: inShape(trace), report, wrongHere };
    } catch (error) {
      this.message = { kind: "fault", text: `${file}${sentenceOf(error)}. What was here stays.` };
      return false;
    }
    if (!atOnce) this.#checkInSlices(kase);
    return true;
  }

  async #checkInSlices(kase: Case<Float64Array>) {
    this.#check = new AbortController();
    const { signal } = this.#check;
    this.progress = 0;
    try {
      const onProgress = (done: number) => (this.progress = done);
      const mistakes = this.mistake ? [this.mistake] : [];
      const report = await (this.bn as Checker).gradcheckAsync(kase, { signal, onProgress, mistakes });
      this.computed = { ...(this.computed as Computed), report };
      this.progress = undefined;
    } catch (error) {
      if (signal.aborted) return; // a newer case took its place
      this.progress = undefined;
      this.message = { kind: "fault", text: (error as Error).message };
    }
  }

  #select({ node, cell }: SelectEvent["detail"]) {
    this.selection = { node, cell: cell ?? this.selection.cell };
    this.#writeLink();
  }

  #edit({ input, changes }: EditEvent["detail"]) {
    const values = (this.computed as Computed).kase[input].slice();
    for (const { at, value } of changes) values[at] = value;
    this.#change({ [input]: values });
  }

  #change(part: Partial<Case<Float64Array>>) {
    // a link to the preset would not bring the change back
    const name = isPreset(this.name) ? `${this.name}, changed` : this.name;
    if (!this.#replace({ ...(this.computed as Computed).kase, ...part }, name)) return;
    this.message = undefined;
    this.#writeLink();
  }

  /** Shows another case, as a step that can be undone. */
  #replace(kase: Case<Float64Array>, name: string, file?: string, mistake?: string): boolean {
    const before = this.#shown();
    if (!this.#show(kase, file, mistake)) return false;
    this.name = name;
    this.selection = { ...this.selection, cell: this.#within(this.selection.cell) };
    if (before) this.#history.record(before, this.#shown() as Shown, kase.x.length);
    return true;
  }

  #shown(): Shown | undefined {
    const { computed, name, selection } = this;
    return computed && { kase: computed.kase, name, selection };
  }

  #goThrough(step: HistoryStep) {
    this.#history.take(step, ({ kase, name, selection }) => {
      if (!this.#show(kase)) return false;
      Object.assign(this, { name, selection, message: undefined });
      this.#writeLink();
      return true;
    });
  }

  #key = (event: KeyboardEvent) => {
    const step = historyKey(event);
    if (!step) return;
    event.preventDefault();
    this.#goThrough(step);
  };

  async #choosePreset(event: Event) {
    const list = event.target as HTMLSelectElement;
    const name = list.value;
    if (!isPreset(name) || !this.bn) return;
    if (name !== kFirst && !(await this.#canShow(list, this.name))) return;
    this.message = undefined;
    if (this.#replace(this.#presetOf(name), name)) this.#writeLink();
  }

  async #chooseMistake(event: Event) {
    const list = event.target as HTMLSelectElement;
    const id = list.value;
    if (id && !(await this.#canShow(list, this.mistake))) return;
    if (this.#show((this.computed as Computed).kase, "", id)) this.#writeLink();
  }

  async #open(file: File | undefined) {
    if (!file || !this.bn || !this.computed) return;
    const opening = ++this.#opening;
    try {
      const [{ openFile }, whole] = await Promise.all([import("./open-file.ts"), loadWhole()]);
      const { kase, note } = await openFile(file, whole, this.computed.kase);
      if (opening !== this.#opening) return; // a file opened later was faster
      const name = isPreset(file.name) ? `${file.name} (file)` : file.name;
      if (!this.#replace(kase, name, `${file.name}: `)) return;
      this.message = { kind: "note", text: `${file.name}: ${kase.shape.join("×")}. ${note}` };
      this.#writeLink();
    } catch (error) {
      this.message = {
        kind: "fault",
        text: `${file.name}: ${sentenceOf(error)}. What was here stays.`,
      };
    }
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
    this.#open(event.dataTransfer.files[0]);
  }

  #toggleTheme() {
    const dark = this.theme ? this.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    this.theme = dark ? "light" : "dark";
    document.documentElement.dataset["theme"] = this.theme;
  }

  protected override render() {
    return html`
      <div class=${`page ${this.dropping ? "dropping" : ""}`}>
        ${this.#header()}
        ${this.message ? this.#messageBar(this.message) : nothing}
        ${this.computed ? this.#panels(this.computed) : this.#waiting()}
      </div>`;
  }

  #header() {
    const file = isPreset(this.name)
      ? nothing
      : html`<option value=${this.name} .selected=${true}>${this.name}</option>`;
    return html`
      <header class="top">
        <h1>backnorm</h1>
        <span class="tagline">batch normalization’s backward pass, every gradient in the open</span>
        <div class="controls">
          <label class="control"><span>Case</span>
            <select aria-label="Case" @change=${this.#choosePreset}>
              ${file}
              ${Object.entries(kPresets).map(([name, words]) => html`<option value=${name} .selected=${name === this.name}>${words}</option>`)}
            </select>
          </label>
          <label class="control">Open a file …
            <input type="file" accept=".csv,.tsv,.txt,.json,.npy" @change=${(event: Event) => {
              const field = event.target as HTMLInputElement;
              this.#open(field.files?.[0]);
              field.value = ""; // so that the same file can be opened again
            }} />
          </label>
          <button class="control" @click=${this.#toggleTheme} aria-label="Switch between light and dark">◐</button>
        </div>
      </header>`;
  }

  #messageBar({ kind, text }: { kind: string; text: string }) {
    return html`
      <div class=${`message ${kind}`} role=${kind === "fault" ? "alert" : "status"}>
        <p>${text}</p>
        <button @click=${() => (this.message = undefined)}>Close</button>
      </div>`;
  }

  #waiting() {
    return this.failure
      ? html`<div class="wait"><p role="alert">The kernels did not start. ${this.failure}</p></div>`
      : html`<div class="wait"><p role="status">Starting the kernels …</p></div>`;
  }

  #panels(computed: Computed) {
    const { bn, selection } = this;
    const { graph, engine, mistakes } = bn as Checker;
    const nodes = computed.report?.nodes;
    const passing = nodes?.filter((node) => node.verdict === "pass").length;
    const about = isPreset(this.name) ? kPresetWords[this.name] : "";
    const mistake = this.whole?.mistakes.find(({ id }) => id === this.mistake);
    return html`
      <section class="panel stage" aria-label="Graph">
        <div class="bar">
          <span class="legend">Above the rule the value, below it the gradient ∂.
            <span class="swatch negative"></span> negative <span class="swatch positive"></span> positive
            ${engine === "javascript" ? html` · WebAssembly is not to be had here: the same code runs as JavaScript, more slowly.` : nothing}
          </span>
          <label class="control"><span>Mistake</span>
            <select aria-label="Mistake" @change=${this.#chooseMistake}>
              <option value="" .selected=${!mistake}>none</option>
              ${mistakes.map(({ id }) => html`<option value=${id} .selected=${id === this.mistake}>${id}</option>`)}
            </select>
          </label>
          <span title=${about}>${
            this.progress === undefined
              ? html`${verdictChip(computed.report?.verdict ?? "pending")}`
              : html`<label>checking <progress max="1" .value=${this.progress}></progress></label>`
          }</span>
        </div>
        ${mistake ? html`<p class="mistake" role="note"><strong>A mistake is made on purpose.</strong> ${mistake.explanation.en}</p>` : nothing}
        ${(computed.report?.warnings ?? []).map(({ message }) => html`<p class="warning" role="note">${message}</p>`)}
        <div class="picture"><bn-graph .computed=${computed} .graph=${graph} .selection=${selection} .mistake=${mistake}></bn-graph></div>
      </section>
      <div class="row">
        <section class="panel steps">
          <h2>Six steps<span>${nodes ? `${passing} of ${nodes.length} gradients pass` : "finite differences are being taken …"}</span></h2>
          <bn-steps .computed=${computed} .selection=${selection}></bn-steps>
        </section>
        <section class="panel" aria-label="The chosen node">
          <bn-inspector .computed=${computed} .graph=${graph} .selection=${selection}></bn-inspector>
        </section>
      </div>
      <section class="panel"><bn-paths .computed=${computed} .selection=${selection}></bn-paths></section>
      <section class="panel"><bn-inputs .computed=${computed} .selection=${selection} .history=${this.#history}></bn-inputs></section>`;
  }
}

customElements.define("backnorm-lab", BacknormLab);
