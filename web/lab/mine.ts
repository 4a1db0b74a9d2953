import { html, LitElement, nothing, type PropertyValues } from "lit";
import type { Backnorm, Claim, Diagnosis, Finding, Mistake, ParsedArray, Trace } from "../src/index.ts";
import { toGraph } from "./bank.ts";
import { type NameReader, readArrays, readerOfNames, type Unread } from "./claims.ts";
import "./matrix.ts";
import { mineStyles } from "./mine-styles.ts";
import {
  arrayWords,
  edgeWords,
  inputsAsNumpy,
  isInput,
  type Judged,
  judge,
  lawWords,
  nodeOf,
  printed,
  relationWords,
  rightLine,
  symbolOf,
} from "./mine-words.ts";
import { largest, quote, scientific, single, superscript } from "./numbers.ts";
import { contentOf } from "./open-file.ts";
import { type Computed, SelectEvent, type Selection } from "./selection.ts";
import { panelText, tokens } from "./theme.ts";
import { type Shown, verdictMark, verdictStyles } from "./verdict.ts";

/** How long typing may pause before it is read. */
const kPause = 150;
/** Mistakes that an example is made of, one after another. */
const kExamples = ["dvar-half", "no-mean-path", "dgamma-from-xc", "dmean-sign", "no-gamma"];
/** More numbers than this are no example to look at: matrices are left out. */
const kMostPrinted = 4000;

/** What narrows a wrong array down: those that it is made of. */
const kBefore: Readonly<Record<string, readonly string[]>> = {
  dx: ["dxhat", "dvar", "dmean"],
  dmean: ["dxhat", "dvar"],
  dvar: ["dxhat"],
};

const kMarks: Readonly<Record<Judged, Shown>> = {
  right: "pass",
  "wrong here": "fail",
  inherited: "inherited",
  wrong: "inherited",
  undecidable: "undecidable",
};

const listOf = (words: readonly string[]) => words.join(", ").replace(/, ([^,]*)$/, " and $1");

const sized = (error: number) => (error >= 1e-3 && error < 1e4 ? single(error) : scientific(error));

/** An array of the learner's. */
interface Given {
  name: string;
  /** The array that the name means, if it is known. */
  id: string | undefined;
  array: ParsedArray;
  /** The file that it is from, or its place in the text. */
  from: FileOf | { start: number; body: number; end: number };
}

interface FileOf {
  file: string;
  name: string;
  array: ParsedArray;
}

/** All that was put in; the arrays are read from it. */
interface Input {
  text: string;
  files: readonly FileOf[];
}

const isFile = (from: Given["from"]): from is FileOf => "file" in from;

/** Takes a learner's own arrays in any form, and says which is the first that is wrong, with hints one by one. */
export class BnMine extends LitElement {
  static override properties = {
    computed: { attribute: false },
    name: {},
    selection: { attribute: false },
    whole: { attribute: false },
    linkTo: { attribute: false },
    input: { state: true },
    aside: { state: true },
    given: { state: true },
    unread: { state: true },
    refused: { state: true },
    diagnosis: { state: true },
    fault: { state: true },
    hints: { state: true },
    looked: { state: true },
    copied: { state: true },
    dropping: { state: true },
  };
  /** The case that the arrays are of, and what the page calls it. */
  declare computed: Computed;
  declare name: string;
  declare selection: Selection;

  declare whole: Backnorm;
  /** The link that makes a mistake. */
  declare linkTo: (mistake: Mistake) => string;

  declare input: Input;
  /** What was there before it was cleared or replaced. */
  declare aside: Input | undefined;
  declare given: readonly Given[];
  declare unread: readonly Unread[];
  /** Sentences about files and names that were not taken. */
  declare refused: readonly string[];
  declare diagnosis: Diagnosis | undefined;
  declare fault: string | undefined;
  /** How many hints are open, 1 to 3. */
  declare hints: number;
  /** The id of the array whose numbers are shown. */
  declare looked: string | undefined;
  declare copied: "copied" | "shown" | undefined;
  declare dropping: boolean;

  #reader: NameReader | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #example = 0;
  /** What the hints are about: others begin anew. */
  #about = "";
  #truth: { kase: unknown; trace: Trace } | undefined;

  static override styles = [tokens, panelText, verdictStyles, mineStyles];

  constructor() {
    super();
    this.input = { text: "", files: [] };
    this.given = [];
    this.unread = [];
    this.refused = [];
    this.hints = 1;
    this.dropping = false;
  }

  override disconnectedCallback() {
    clearTimeout(this.#timer);
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    const before = changed.get("computed");
    if (before && before.kase !== this.computed.kase) this.#soon();
    if (changed.has("name") || changed.has("computed")) this.copied = undefined;
  }

  protected override firstUpdated() {
    // at the foot of the page there was no room for it before
    this.parentElement?.scrollIntoView({ block: "nearest" });
  }

  protected override updated(changed: PropertyValues<this>) {
    // while it is typed into, it already has the text, and keeps its own steps back
    if (changed.has("input") && this.#area.value !== this.input.text) this.#area.value = this.input.text;
  }

  // What goes in.

  #put(input: Partial<Input>, { keep = false, soon = false } = {}) {
    this.aside = keep ? this.input : undefined;
    this.input = { ...this.input, ...input };
    if (soon) this.#soon();
    else this.#read();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#read(), kPause);
  }

  #clear() {
    this.refused = [];
    this.#put({ text: "", files: [] }, { keep: true });
    this.#area.focus();
  }

  #putBack() {
    if (this.aside) this.#put(this.aside);
    this.#area.focus();
  }

  /** What a program with a mistake would print for the case. */
  #tryExample() {
    const whole = this.whole;
    const { kase } = this.computed;
    const id = kExamples[this.#example++ % kExamples.length] as string;
    const { nodes } = whole.trace(kase, { mistakes: [id] });
    const lines = ["beta", "gamma", "xhat", "var", "mean", "x"].flatMap((step) => {
      const { grad, gradShape } = nodes.find((node) => node.id === step) as (typeof nodes)[number];
      return grad.length > kMostPrinted ? [] : [printed(`d${step}`, grad, gradShape)];
    });
    const text = `# An example: what a program with one mistake prints.\n${lines.join("\n")}\n`;
    const own = this.input.files.length > 0 || !/^(# An example:|\s*$)/.test(this.input.text);
    this.hints = 1;
    this.#put({ text, files: [] }, { keep: own });
  }

  async #open(files: Iterable<File>) {
    const opened: FileOf[] = [];
    const refused: string[] = [];
    for (const file of files) {
      try {
        const content = await contentOf(file);
        const stem = file.name.replace(/\.[^.]*$/, "");
        if (typeof content !== "string") {
          opened.push({ file: file.name, name: stem, array: content });
          continue;
        }
        const { arrays, unread } = readArrays(content.replace(/\r\n?/g, "\n"), this.#names);
        for (const { name, array } of arrays)
          opened.push({ file: file.name, name: name || (arrays.length === 1 ? stem : ""), array });
        if (unread[0]) refused.push(`${file.name}: ${unread[0].sentence}.`);
        else if (arrays.length === 0) refused.push(`${file.name}: expected an array, got none.`);
      } catch (error) {
        refused.push(`${file.name}: ${(error as Error).message.replace(/^(text|bytes): /, "")}.`);
      }
    }
    this.refused = refused;
    this.#put({ files: [...this.input.files, ...opened] });
  }

  #drag(event: DragEvent, over: boolean) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation(); // the page would take it for a case
    this.dropping = over;
  }

  #drop(event: DragEvent) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    this.#drag(event, false);
    this.#open([...event.dataTransfer.files]);
  }

  #remove({ from }: Given) {
    if (isFile(from)) this.#put({ files: this.input.files.filter((file) => file !== from) }, { keep: true });
    else {
      const { text } = this.input;
      const after = text.slice(from.end).replace(/^[ \t]*,?[ \t]*\n?/, "");
      this.#put({ text: text.slice(0, from.start) + after }, { keep: true });
    }
    this.#area.focus(); // the button that had the keyboard is gone
  }

  /** Gives an array the name that was chosen for it. */
  #rename({ from }: Given, name: string) {
    const known = this.#names.idOf(name.trim());
    if (known === undefined) {
      this.refused = [`${quote(name)} is no name that is known here. The names are listed below.`];
      return;
    }
    this.refused = [];
    if (isFile(from)) {
      const files = this.input.files.map((file) => (file === from ? { ...file, name: known } : file));
      return this.#put({ files });
    }
    const { text } = this.input;
    this.#put({ text: `${text.slice(0, from.start)}${known} = ${text.slice(from.body)}` });
  }

  get #names(): NameReader {
    this.#reader ??= readerOfNames(this.whole.graph);
    return this.#reader;
  }

  get #area() {
    return this.renderRoot.querySelector("textarea") as HTMLTextAreaElement;
  }

  #goTo(at: number) {
    this.#area.focus();
    this.#area.setSelectionRange(at, Math.min(at + 1, this.input.text.length));
  }

  #code(): string {
    const names = this.#names.ids.filter((id) => !isInput(id)).flatMap((id) => this.#names.namesOf(id));
    const common = /^.$|->/; // what a program may well use for something else, and what is no name of Python
    return inputsAsNumpy(
      this.name,
      this.computed.kase,
      names.filter((name) => name === "y" || !common.test(name)),
    );
  }

  async #copy() {
    const code = this.#code();
    try {
      await navigator.clipboard.writeText(code);
      this.copied = "copied";
    } catch {
      this.copied = "shown"; // a browser may forbid it
    }
  }

  // What comes out.

  /** Reads all that is there, and diagnoses what it could read. */
  #read() {
    clearTimeout(this.#timer);
    const names = this.#names;
    const { text, files } = this.input;
    const { arrays, unread } = readArrays(text, names);
    this.unread = unread;
    this.given = [
      ...arrays.map(({ name, array, ...from }) => ({ name, id: names.idOf(name), array, from })),
      ...files.map((from) => ({ name: from.name, id: names.idOf(from.name), array: from.array, from })),
    ];
    const claims = new Map(this.given.flatMap(({ id, array }) => (id ? [[id, array as Claim]] : [])));
    try {
      const { whole, computed } = this;
      const found = claims.size > 0 ? whole.diagnose(computed.kase, Object.fromEntries(claims)) : undefined;
      const nameOf = (id: string) => this.given.findLast((given) => given.id === id)?.name ?? id;
      this.diagnosis = found && {
        ...found,
        nodes: found.nodes.map((node) => ({ ...node, name: nameOf(node.id) })),
      };
      this.fault = undefined;
    } catch (error) {
      this.diagnosis = undefined;
      this.fault = (error as Error).message;
    }
    const { firstWrong = null, mistakes = [] } = this.diagnosis ?? {};
    const about = `${firstWrong} ${mistakes.map(({ id }) => id)}`;
    if (about !== this.#about) {
      this.hints = 1;
      this.looked = undefined;
    }
    this.#about = about;
  }

  /** In the order of a program: values forward, gradients back. The last of those with the same name counts. */
  get #rows(): { given: Given; finding: Finding | undefined }[] {
    const ids = this.#names.ids;
    const nodes = this.whole.graph.nodes.length;
    const place = (id: string): number => {
      const at = ids.indexOf(id);
      if (at >= 2 * nodes) return place(`d${nodeOf(id)}`) - 0.5; // what an edge brings, before their sum
      return at >= nodes ? 3 * nodes - at : at;
    };
    const last = new Map(this.given.map((given) => [given.id, given]));
    return this.given
      .filter((given) => given.id !== undefined)
      .toSorted((a, b) => place(a.id as string) - place(b.id as string))
      .map((given) => ({
        given,
        finding:
          last.get(given.id) === given ? this.diagnosis?.nodes.find(({ id }) => id === given.id) : undefined,
      }));
  }

  protected override render() {
    return html`
      <div class=${`mine ${this.dropping ? "dropping" : ""}`} @dragover=${(event: DragEvent) => this.#drag(event, true)}
        @dragleave=${(event: DragEvent) => this.#drag(event, false)} @drop=${this.#drop}>
        <div class="columns">
          <section aria-label="Your arrays">${this.#entry()}</section>
          <section aria-label="What was found">${this.#result()}</section>
        </div>
        ${this.#comparison()}
      </div>`;
  }

  #entry() {
    const { text, files } = this.input;
    const { rows, columns } = this.computed;
    const nothingYet = text === "" && files.length === 0;
    return html`
      <p class="lead">For the case <strong>${this.name} ${rows}×${columns}</strong> above.
        <button @click=${() => this.#copy()}>Copy its inputs as NumPy</button>
        <span role="status">${this.copied === "copied" ? "Copied." : ""}</span></p>
      ${
        this.copied === "shown"
          ? html`<label class="code">The browser did not allow to copy. Select it all here:
              <textarea readonly rows="8" .value=${this.#code()}></textarea></label>`
          : nothing
      }
      <label class="paste"><span>Your arrays, as your program prints them</span>
        <textarea name="arrays" rows="13" spellcheck="false" autocomplete="off" autocapitalize="off" wrap="off"
          placeholder=${"dvar = array([-0.0111, -0.0367, …])\ndmean = …\ndx = [[ 0.0083, …"}
          @input=${(event: Event) => this.#put({ text: (event.target as HTMLTextAreaElement).value }, { soon: true })}></textarea>
      </label>
      <div class="actions">
        <button class=${nothingYet ? "main" : ""} @click=${() => this.#tryExample()}>${this.#example === 0 ? "Try an example" : "Another example"}</button>
        <label class="file">Choose files …<input type="file" multiple accept=".npy,.txt,.json,.csv,.tsv" @change=${(
          event: Event,
        ) => {
          const field = event.target as HTMLInputElement;
          this.#open([...(field.files ?? [])]);
          field.value = "";
        }} /></label>
        ${nothingYet ? nothing : html`<button @click=${() => this.#clear()}>Clear all</button>`}
        ${this.aside ? html`<button @click=${() => this.#putBack()}>Put back what was here</button>` : nothing}
      </div>
      ${this.#troubles()}
      ${this.#nameTable()}`;
  }

  /** What was not understood, with the way to it. */
  #troubles() {
    const shown = this.unread.slice(0, 4);
    const more = this.unread.length - shown.length;
    const unnamed = this.given.filter(({ id }) => id === undefined);
    return html`
      <ul class="troubles" role="alert">
        ${shown.map(
          ({
            name,
            sentence,
            at,
          }) => html`<li>${name ? html`<b>${name}</b>` : "What is no array"}: ${sentence}.
            <button @click=${() => this.#goTo(at)}>Go there</button></li>`,
        )}
        ${more > 0 ? html`<li>And ${more} more.</li>` : nothing}
        ${this.refused.map((sentence) => html`<li>${sentence}</li>`)}
        ${this.fault ? html`<li>${this.fault}.</li>` : nothing}
      </ul>
      ${
        unnamed.length === 0
          ? nothing
          : html`<ul class="unnamed">${unnamed.slice(0, 8).map((given) => this.#unnamed(given))}
              ${unnamed.length > 8 ? html`<li>And ${unnamed.length - 8} more.</li>` : nothing}</ul>
            <datalist id="names">${this.#names.ids.map((id) => html`<option value=${id}>${this.#names.namesOf(id).join(", ")}</option>`)}</datalist>`
      }`;
  }

  #unnamed(given: Given) {
    const { name, array, from } = given;
    const line = isFile(from)
      ? `from ${from.file}`
      : `line ${this.input.text.slice(0, from.body).split("\n").length}`;
    const what = name
      ? `${quote(name)}, ${line}, is no name that is known here: left out.`
      : `An array without a name, ${line}.`;
    return html`<li><span>${what} ${arrayWords(array)}.</span>
      <label>Which one is it? <input list="names" autocomplete="off" spellcheck="false"
        placeholder="dx, dvar, dmu …" @change=${(event: Event) => this.#rename(given, (event.target as HTMLInputElement).value)} /></label></li>`;
  }

  #nameTable() {
    const names = this.#names;
    const nodes = this.whole.graph.nodes.length;
    const gradients = names.ids.slice(nodes, 2 * nodes).toReversed();
    const line = (id: string) => html`
      <tr><th scope="row">${symbolOf(id)}</th><td>${names.namesOf(id).join(", ")}</td></tr>`;
    const partial = names.ids.slice(2 * nodes).filter((id) => names.namesOf(id).length > 1);
    return html`
      <details class="names">
        <summary>Names that are known</summary>
        <p>Those of the graph, of CS231n, Kratzert, makemore and PyTorch, each as <code>dvar = …</code>,
          <code>dvar: …</code>, <code>"dvar": …</code>, <code>x.grad</code>, or after a prompt. NumPy, PyTorch, JSON and CSV are read, and <code>.npy</code> files by
          their name.</p>
        <table><tbody>${[...gradients, ...names.ids.slice(0, nodes), ...partial].map(line)}</tbody></table>
      </details>`;
  }

  #result() {
    const { diagnosis } = this;
    const rows = this.#rows;
    if (rows.length === 0)
      return html`
        <div class="empty">
          <p>Paste any of your arrays, and the first that is wrong shows up here, with what it has to do with the right one.</p>
          <ol>
            <li>Copy the inputs into your program.</li>
            <li>Print what your backward pass computes: dx at least, and dgamma, dvar, dmean where you have them.</li>
            <li>Paste all of it at once.</li>
          </ol>
          <p>Nothing leaves this page.</p>
        </div>`;
    return html`
      <div role="status" class="headline">${diagnosis ? this.#headline(diagnosis, rows) : nothing}</div>
      <ul class="arrays">${rows.map(({ given, finding }) => this.#row(given, finding))}</ul>
      ${diagnosis?.firstWrong ? this.#hints(diagnosis) : nothing}`;
  }

  #headline(
    { firstWrong, nodes }: Diagnosis,
    rows: readonly { given: Given; finding: Finding | undefined }[],
  ) {
    const first = nodes.find(({ id }) => id === firstWrong);
    if (first) {
      const heirs = rows.flatMap(({ finding }) =>
        finding && finding !== first && finding.truth === "fail" ? finding.name : [],
      );
      const [one, two, ...more] = heirs;
      const others = more.length > 1 ? [one as string, two as string, `${more.length} more`] : heirs;
      const right = nodes.filter(({ truth }) => truth === "pass").length;
      return html`<h3>${this.#mark("wrong here")} <b>${first.name}</b> ${nodes.length === 1 ? "is wrong." : "is the first that is wrong."}</h3>
        ${nodes.length === 1 ? nothing : html`<p>${heirs.length > 0 ? `So ${others.length > 1 ? "are" : "is"} ${listOf(others)}.` : ""} ${right} of ${nodes.length} are right.</p>`}`;
    }
    const open = nodes.filter(({ truth }) => truth !== "pass");
    if (open.length > 0)
      return html`<h3>${this.#mark("undecidable")} Nothing is found to be wrong.</h3>
        <p>${open.map(({ name }) => name).join(", ")} can’t be told from a wrong one on this case: it has cancelled to nothing, or was printed with too few digits.</p>`;
    const given = new Set(rows.map(({ given: { id } }) => id));
    const missing = ["dx", "dgamma", "dbeta"].filter((id) => !given.has(id));
    return html`<h3>${this.#mark("right")} ${nodes.length === 1 ? html`Your <b>${nodes[0]?.name}</b> is right.` : `All ${nodes.length} of your arrays are right.`}</h3>
      <p>${missing.length === 0 ? "Every number lies within what rounding and the digits given explain." : `Not given yet: ${missing.join(", ")}.`}</p>`;
  }

  #mark(judged: Judged) {
    return html`<svg class="sign" viewBox="-9 -9 18 18" width="18" height="18" aria-hidden="true">${verdictMark(kMarks[judged])}</svg>`;
  }

  #row(given: Given, finding: Finding | undefined) {
    const { name, id, array, from } = given;
    const judged = finding && judge(finding);
    const isFirst = finding !== undefined && id === this.diagnosis?.firstWrong;
    const isLooked = finding !== undefined && id === this.#looked?.id;
    return html`
      <li class=${isFirst ? "first" : ""}>
        <button class="pick" aria-pressed=${isLooked} ?disabled=${!finding} data-array=${id} @click=${() => this.#look(id as string)}>
          ${judged ? this.#mark(judged) : html`<span></span>`}
          <span class="name">${name}</span>
          <span class="symbol">${symbolOf(id as string)}</span>
          <span class="what">${arrayWords(array)}${isFile(from) ? ` · ${from.file}` : ""}</span>
          <span class=${`judged ${judged ? kMarks[judged] : ""}`}>${judged ?? (this.diagnosis ? "given again" : "")}</span>
        </button>
        <button class="remove" aria-label=${`Remove ${name}`} @click=${() => this.#remove(given)}>✕</button>
      </li>`;
  }

  #look(id: string) {
    this.looked = id;
    this.dispatchEvent(new SelectEvent(nodeOf(id)));
  }

  /** The array whose numbers are shown: the one that was chosen, or the first that is wrong. */
  get #looked(): Finding | undefined {
    const find = (wanted: string | null | undefined) => this.diagnosis?.nodes.find(({ id }) => id === wanted);
    return find(this.looked) ?? find(this.diagnosis?.firstWrong);
  }

  /** What may be asked for, one after another: where, what kind, what it is. */
  #hints(diagnosis: Diagnosis) {
    const first = diagnosis.nodes.find(({ id }) => id === diagnosis.firstWrong) as Finding;
    const steps = [
      html`<h4>Where</h4>${this.#where(first)}`,
      html`<h4>What kind</h4>${this.#kind(diagnosis, first)}`,
      html`<h4>What it is</h4>${this.#answer(diagnosis, first)}`,
    ];
    const next = ["", "A hint: what kind of mistake is it?", "Show what it is"][this.hints];
    return html`
      <ol class="hints" aria-live="polite">${steps.slice(0, this.hints).map((step, at) => html`<li tabindex="-1" data-hint=${at + 1}>${step}</li>`)}</ol>
      ${next ? html`<button class="next" @click=${this.#next}>${next}</button>` : nothing}`;
  }

  async #next() {
    this.hints += 1;
    await this.updateComplete;
    if (this.hints === 3) (this.renderRoot.querySelector('[data-hint="3"]') as HTMLElement).focus(); // the button is gone
  }

  #where({ id, name }: Finding) {
    if (isInput(id))
      return html`<p>${name} is an input, and yours is not the case’s. Copy the inputs as NumPy, run again, and paste anew; what follows from other inputs can’t be judged.</p>`;
    const given = new Set(this.given.map((one) => one.id));
    const narrower = (kBefore[id] ?? []).filter((one) => !given.has(one));
    if (narrower.length > 0)
      return html`<p>The mistake is in ${name} or before it. Paste ${listOf(narrower)} as well, and the place gets narrower.</p>`;
    return html`<p>Nothing that you gave before ${name} is wrong, so look at the line that makes ${name} first.</p>`;
  }

  #mistakesOf({ mistakes }: Diagnosis): Mistake[] {
    return mistakes.flatMap(({ id }) => this.whole.mistakes.find((one) => one.id === id) ?? []);
  }

  #kind(diagnosis: Diagnosis, { relation }: Finding) {
    const mistakes = this.#mistakesOf(diagnosis);
    const edges = new Set(mistakes.flatMap((mistake) => mistake.edges.map(edgeWords)));
    const broken = diagnosis.invariants.filter(({ holds }) => !holds);
    const [best, second] = mistakes;
    const pathIsSaid = relation !== null && "path" in relation;
    return html`
      <p class="relation">${relationWords(relation, this.computed.rows)}</p>
      ${!pathIsSaid && edges.size > 0 && edges.size < 3 ? html`<p>It lies on ${[...edges].join("; and on ")}.</p>` : nothing}
      ${broken.length > 0 ? html`<ul class="laws">${broken.map((law) => html`<li>${lawWords(law)}</li>`)}</ul>` : nothing}
      ${diagnosis.meaning ? html`<p>${diagnosis.meaning.en}</p>` : nothing}
      ${best && !second ? html`<p class="question">${best.hint.en}</p>` : nothing}`;
  }

  #answer(diagnosis: Diagnosis, { id }: Finding) {
    const mistakes = this.#mistakesOf(diagnosis);
    const elsewhere = mistakes.flatMap(({ edges }) => edges.slice(0, 1).map(({ from }) => `d${from}`));
    const { ddof = 0 } = this.computed.kase;
    const lines = [...new Set([id, ...(id.startsWith("d") ? elsewhere : [])])].flatMap(
      (one) => rightLine(one, ddof) ?? [],
    );
    const many = mistakes.length > 1;
    return html`
      ${
        mistakes.length === 0
          ? html`<p>None of the ${this.whole.mistakes.length} known mistakes gives exactly these numbers: it is another one, or more than two at once.</p>`
          : html`
            ${many ? html`<p>These fit all that you gave equally well:</p>` : nothing}
            <ul class="answers">${mistakes.slice(0, 6).map(
              (mistake) => html`<li>${mistake.explanation.en}
                ${mistake.switchable ? html`<a href=${this.linkTo(mistake)} @click=${toGraph}>See it on the graph</a>` : nothing}</li>`,
            )}</ul>`
      }
      ${
        lines.length > 0
          ? html`<p>Right ${lines.length > 1 ? "lines" : "line"} of NumPy:</p><pre tabindex="0">${lines.join("\n")}</pre>`
          : nothing
      }`;
  }

  /** Yours, the right one, and their difference, in which wrong cells are framed. */
  #comparison() {
    const finding = this.#looked;
    const given = finding && this.given.findLast(({ id }) => id === finding.id);
    if (!finding || !given) return nothing;
    const { id, bound, worst, name, truth } = finding;
    const yours = given.array.data;
    const right = this.#right(id);
    const { columns } = this.computed;
    const [ownWidth = 1] = given.array.shape.slice(-1);
    const fits = !Number.isNaN(finding.maxError) && yours.length === right.length;
    const most = fits ? Math.max(largest(yours), largest(right)) : undefined;
    const figure = (caption: string, values: ArrayLike<number>, width: number, marked?: Set<number>) => html`
      <figure><figcaption>${caption}</figcaption>
        <bn-matrix .values=${values} .columns=${width} .most=${marked ? undefined : most} .cell=${fits ? this.selection.cell : undefined}
          .wrong=${marked} node=${nodeOf(id)} label=${`${caption}, ${name}`}></bn-matrix></figure>`;
    const difference = Float64Array.from(right, (value, at) => (yours[at] as number) - value);
    const marked = new Set<number>();
    if (truth === "fail") {
      for (const [at, off] of difference.entries()) if (!(Math.abs(off) <= bound)) marked.add(at);
      const at = worst.length === 2 ? (worst[0] as number) * columns + (worst[1] as number) : worst[0];
      if (at !== undefined) marked.add(at);
    }
    const size = largest(difference);
    const power = size > 0 && (size < 1e-2 || size >= 1e4) ? -Math.floor(Math.log10(size)) : 0;
    const scaled = difference.map((value) => value * 10 ** power);
    return html`
      <section class="comparison" aria-label=${`The numbers of ${name}`}>
        <h3><b>${name}</b> <span>${symbolOf(id)}${fits ? ` · off by ${sized(finding.maxError)} at most, ${sized(bound)} is allowed` : ""}</span></h3>
        <div class="figures">
          ${yours.length > 0 ? figure("yours", yours, fits ? columns : ownWidth) : nothing}
          ${figure("the right one", right, columns)}
          ${fits ? figure(`yours − right${power === 0 ? "" : ` × 10${superscript(power)}`}`, scaled, columns, marked) : nothing}
        </div>
        ${marked.size > 0 && fits ? html`<p>${marked.size === difference.length ? "Every cell is wrong" : `${marked.size} of ${difference.length} cells are wrong, and framed`}.</p>` : nothing}
      </section>`;
  }

  #right(id: string): ArrayLike<number> {
    const { kase } = this.computed;
    if (this.#truth?.kase !== kase) this.#truth = { kase, trace: this.whole.trace(kase) as Trace };
    const { nodes, edges } = this.#truth.trace;
    const edge = edges.find(({ from, to }) => `${from}->${to}` === id);
    if (edge) return edge.contribution;
    const node = nodes.find((one) => one.id === nodeOf(id)) as (typeof nodes)[number];
    return node.id === id ? node.value : node.grad;
  }
}

customElements.define("bn-mine", BnMine);
