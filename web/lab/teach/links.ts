import { html, LitElement, nothing, type PropertyValues } from "lit";
import type { Backnorm, Graph, Norm } from "../../src/index.ts";
import { load } from "../../src/load.ts";
import { mistakeText } from "../../src/mistake-words.ts";
import { norms } from "../../src/norm.ts";
import { settingOf } from "../maths/layout.ts";
import { type ArrayId, kNotations, type NotationId, notationOf, titleOf } from "../maths/notations.ts";
import { kLanguages, type Language } from "../model/choices.ts";
import { kOpenings, type Opening } from "../model/openings.ts";
import { nextTask } from "../session/in-parts.ts";
import { teach as english } from "../words/en/teach.ts";
import { teach as chinese } from "../words/zh/teach.ts";
import { type Answer, answerOf } from "./answers.ts";
import { csvOf } from "./csv.ts";
import {
  isPossible,
  kMostNumbers,
  kMostStudents,
  kUsual,
  namesIn,
  type Plan,
  plainShape,
  repeatsIn,
  type Student,
  studentsOf,
} from "./plan.ts";

/** So many numbers of an array recognise it. */
const kFirst = 4;
/** The pause in typing after which the key is computed, in milliseconds. */
const kPause = 150;
/** How long the key is computed in one task. */
const kTaskMilliseconds = 50;

/** A number on paper: four digits, with a minus sign as wide as a plus. */
const shown = (value: number) =>
  (Math.abs(value) >= 1e-3 || value === 0 ? value.toPrecision(4) : value.toExponential(3)).replaceAll(
    "-",
    "−",
  );

const begins = (values: Float64Array) =>
  `${Array.from(values.subarray(0, kFirst), shown).join("  ")}${values.length > kFirst ? "\u00a0…" : ""}`;

/**
 * The link builder of the teacher's pages, which is styled as they are: a link for each student, a sheet to print, and its key.
 * What is typed stays in the page.
 */
export class BnLinks extends LitElement {
  static override properties = {
    plan: { state: true },
    list: { state: true },
    sheet: { state: true },
    bn: { state: true },
    failed: { state: true },
    answers: { state: true },
    status: { state: true },
    byHand: { state: true },
  };
  /** The mistakes in the examples of Find my mistake. */
  static examples: readonly string[] = [];

  declare plan: Plan;
  /** The names as they were typed. */
  declare list: string;
  /** The title of the sheet. */
  declare sheet: string;
  declare bn: Backnorm | undefined;
  declare failed: boolean;
  /** The answers of the students, in the order of their links; undefined while they are computed. */
  declare answers: readonly Answer[] | undefined;
  declare status: string;
  /** A text that the browser doesn't copy. */
  declare byHand: string;

  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The last request for answers; a later one replaces it. */
  #request = 0;

  constructor() {
    super();
    const language: Language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
    this.plan = {
      norm: "batch",
      shape: kUsual.batch.shape,
      groups: 2,
      notation: "paper",
      language,
      opening: "assignment",
    };
    this.list = this.#words.studentsAtFirst;
    this.sheet = this.#words.titleAtFirst;
    this.failed = false;
    this.status = "";
    this.byHand = "";
  }

  /** The styles and the printed pages are those of the document. */
  protected override createRenderRoot() {
    this.replaceChildren(); // removes the message that it needs JavaScript
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    addEventListener("afterprint", this.#printed);
    load().then(
      (bn) => {
        this.bn = bn;
      },
      () => {
        this.failed = true;
      },
    );
  }

  override disconnectedCallback() {
    removeEventListener("afterprint", this.#printed);
    clearTimeout(this.#timer);
    super.disconnectedCallback();
  }

  get #words(): typeof english {
    return document.documentElement.lang.startsWith("zh") ? chinese : english;
  }

  get students(): Student[] {
    return isPossible(this.plan) ? studentsOf(this.plan, this.list) : [];
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has("plan") && !changed.has("list") && !changed.has("bn")) return;
    this.answers = undefined;
    const request = ++this.#request;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#answer(request), kPause);
  }

  async #answer(request: number) {
    const { bn, students } = this;
    if (!bn) return;
    const answers: Answer[] = [];
    let end = performance.now() + kTaskMilliseconds;
    for (const student of students) {
      answers.push(await answerOf(bn, student, BnLinks.examples));
      if (performance.now() < end) continue;
      await nextTask();
      end = performance.now() + kTaskMilliseconds;
      if (request !== this.#request) return;
    }
    if (request === this.#request) this.answers = answers;
  }

  // What is done.

  #change(part: Partial<Plan>) {
    const { norm, shape } = this.plan;
    const isUsual = part.norm !== undefined && shape === kUsual[norm].shape;
    this.plan = { ...this.plan, ...(isUsual ? { shape: kUsual[part.norm as Norm].shape } : {}), ...part };
    this.#say("");
  }

  #say(status: string, byHand = "") {
    this.status = status;
    this.byHand = byHand;
  }

  async #copy(text: string, what: string) {
    try {
      await navigator.clipboard.writeText(text);
      this.#say(this.#words.copied(what));
    } catch {
      this.#say(this.#words.byHand, text);
      await this.updateComplete;
      const field = this.querySelector<HTMLTextAreaElement>("textarea[readonly]");
      field?.focus();
      field?.select();
    }
  }

  #copyAll() {
    const { name, seed, link, table } = this.#words;
    const rows = this.students.map((one) => [one.name, one.seed, this.#href(one)]);
    return this.#copy(csvOf([[name, seed, link], ...rows]), table);
  }

  /** Prints only the sheet and the key. */
  #print() {
    document.documentElement.dataset["print"] = "sheet";
    print();
  }

  readonly #printed = () => {
    delete document.documentElement.dataset["print"];
  };

  #href({ fragment }: Student) {
    return new URL(`./${fragment}`, location.href).href;
  }

  // What is shown.

  protected override render() {
    const { students } = this;
    return html`${this.#form()} ${this.#table(students)} ${this.#pages(students)}`;
  }

  #form() {
    const words = this.#words;
    const { plan } = this;
    const { norm, opening, notation, language } = plan;
    const isWrong = !isPossible(plan);
    const choice = <Value extends string>(
      id: string,
      label: string,
      values: readonly Value[],
      chosen: Value,
      textOf: (value: Value) => string,
      choose: (value: Value) => void,
    ) => html`
      <div class=${id === "links-opening" ? "entry broad" : "entry"}>
        <label for=${id}>${label}</label>
        <select id=${id} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as Value)}>
          ${values.map((value) => html`<option value=${value} ?selected=${value === chosen}>${textOf(value)}</option>`)}
        </select>
      </div>`;
    return html`
      <div class="form" role="group" aria-label=${words.form}>
        ${choice(
          "links-norm",
          words.norm,
          norms,
          norm,
          (one) => words.norms[one],
          (value: Norm) => this.#change({ norm: value }),
        )}
        <div class="entry">
          <label for="links-shape">${words.shape} <span>${words.shapeOf[norm]}</span></label>
          <input id="links-shape" type="text" autocomplete="off" spellcheck="false" .value=${plan.shape}
            aria-invalid=${isWrong} aria-describedby=${isWrong ? "links-impossible" : nothing}
            @input=${(event: Event) => this.#change({ shape: (event.target as HTMLInputElement).value })} />
        </div>
        ${
          norm === "group"
            ? html`<div class="entry">
                <label for="links-groups">${words.groups}</label>
                <input id="links-groups" type="number" min="1" max="999" .value=${String(plan.groups)}
                  @input=${(event: Event) => this.#change({ groups: Number((event.target as HTMLInputElement).value) })} />
              </div>`
            : nothing
        }
        ${choice("links-names", words.notation, kNotations, notation, titleOf, (value: NotationId) => this.#change({ notation: value }))}
        ${choice(
          "links-opening",
          words.opening,
          kOpenings,
          opening,
          (one) => words.openings[one],
          (value: Opening) => this.#change({ opening: value }),
        )}
        ${choice(
          "links-language",
          words.language,
          kLanguages,
          language,
          (one) => words.languages[one],
          (value: Language) => this.#change({ language: value }),
        )}
        <div class="entry whole">
          <label for="links-students">${words.students}</label>
          <textarea id="links-students" rows="5" spellcheck="false" .value=${this.list}
            @input=${(event: Event) => this.#enter((event.target as HTMLTextAreaElement).value)}></textarea>
        </div>
        <div class="entry whole">
          <label for="links-title">${words.title}</label>
          <input id="links-title" type="text" autocomplete="off" .value=${this.sheet}
            @input=${(event: Event) => {
              this.sheet = (event.target as HTMLInputElement).value;
            }} />
        </div>
      </div>
      ${
        isWrong
          ? html`<p class="refused" id="links-impossible" role="alert">
              ${words.impossible(words.norms[norm], kUsual[norm].shape.replaceAll("x", "×"), kMostNumbers)}
              ${norm === "group" ? words.indivisible : nothing}
            </p>`
          : nothing
      }`;
  }

  #enter(list: string) {
    this.list = list;
    this.#say("");
  }

  #table(students: readonly Student[]) {
    const words = this.#words;
    if (!isPossible(this.plan)) return nothing;
    if (students.length === 0) return html`<p class="note">${words.empty}</p>`;
    const repeats = repeatsIn(this.list);
    const isCut = namesIn(this.list).length > kMostStudents;
    return html`
      ${repeats > 0 ? html`<p class="note">${words.repeated(repeats)}</p>` : nothing}
      ${isCut ? html`<p class="note">${words.tooMany(kMostStudents)}</p>` : nothing}
      <table class="links">
        <caption>${words.links(students.length)}</caption>
        <thead>
          <tr>
            <th scope="col">${words.name}</th>
            <th scope="col">${words.seed}</th>
            <th scope="col">${words.link}</th>
            <td></td>
          </tr>
        </thead>
        <tbody>
          ${students.map(
            (student) => html`<tr>
              <th scope="row">${student.name}</th>
              <td class="seed">${student.seed}</td>
              <td class="address"><a href=${`./${student.fragment}`}><code>${student.fragment}</code></a></td>
              <td class="act">
                <button type="button" aria-label=${words.copyOf(student.name)} @click=${() => this.#copy(this.#href(student), student.name)}>${words.copy}</button>
              </td>
            </tr>`,
          )}
        </tbody>
      </table>
      <p class="acts">
        <button type="button" @click=${this.#copyAll}>${words.copyAll}</button>
        <button type="button" ?disabled=${!this.answers && !this.failed} @click=${this.#print}>${words.print}</button>
        <span role="status">${this.status}</span>
      </p>
      ${this.byHand ? html`<textarea readonly rows="4" aria-label=${words.byHand} .value=${this.byHand}></textarea>` : nothing}`;
  }

  /** The printed sheet, and the key, which is on the screen as well. */
  #pages(students: readonly Student[]) {
    const words = this.#words;
    const { answers, plan, failed } = this;
    if (students.length === 0) return nothing;
    const { norm, shape, opening } = plan;
    const setting = words.setting(words.norms[norm], plainShape(shape).replaceAll("x", "×"));
    return html`
      <section class="sheet">
        <h2>${this.sheet}</h2>
        <p>${words.task[opening]}</p>
        ${students.map(
          (student, at) => html`<div class="slip">
            <p class="who">${student.name}<span>${setting}</span></p>
            <p class="where">${this.#href(student)}</p>
            ${answers?.[at] ? html`<p class="what"><span>${words.x}</span> ${begins(answers[at].kase.x)}</p>` : nothing}
          </div>`,
        )}
      </section>
      ${
        failed
          ? html`<p class="refused" role="alert">${words.failed}</p>`
          : answers
            ? this.#key(students, answers, setting)
            : html`<p class="note">${words.computing}</p>`
      }`;
  }

  #key(students: readonly Student[], answers: readonly Answer[], setting: string) {
    const words = this.#words;
    const { bn, plan } = this;
    const isExample = plan.opening === "example";
    const { code } = notationOf(plan.notation, (bn as Backnorm).graphOf(plan.norm) as Graph);
    const nameOf = (array: string) => code[array as ArrayId] ?? array;
    const language: Language = words === chinese ? "zh" : "en";
    return html`
      <details class="key">
        <summary>${words.key}</summary>
        <p class="heading">${this.sheet}<span>${words.key} · ${setting}</span></p>
        <p class="note">${isExample ? words.keyWords.mistakes : words.keyWords.numbers}</p>
        <div>
          <table>
            <thead>
              <tr>
                <th scope="col">${words.name}</th>
                ${isExample ? html`<th scope="col">${words.mistake}</th>` : html`<th scope="col">${words.dgamma}</th>`}
                <th scope="col">${words.dx}</th>
                <th scope="col">${words.total}</th>
              </tr>
            </thead>
            <tbody>
              ${students.map(({ name }, at) => {
                const { kase, dgamma, dx, total, mistake, firstWrong } = answers[at] as Answer;
                const said = mistake && mistakeText(mistake.id, language, nameOf, settingOf(kase));
                return html`<tr>
                  <th scope="row">${name}</th>
                  ${
                    said
                      ? html`<td><strong>${said.title}</strong><br />${said.explanation}<br />${words.firstWrong} <code>${nameOf(firstWrong ?? "")}</code></td>`
                      : html`<td class="numbers" data-label=${words.dgamma}>${begins(dgamma)}</td>`
                  }
                  <td class="numbers" data-label=${words.dx}>${begins(dx)}</td>
                  <td class="numbers" data-label=${words.total}>${shown(total)}</td>
                </tr>`;
              })}
            </tbody>
          </table>
        </div>
      </details>`;
  }
}
