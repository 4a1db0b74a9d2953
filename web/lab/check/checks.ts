import { css, html, nothing } from "lit";
import type { Invariant, NodeId, Report } from "../../src/index.ts";
import { scientific } from "../base/numbers.ts";
import { type Computed, nodeReport, nodeTrace } from "../maths/computed.ts";
import { extentOf } from "../maths/graph-facts.ts";
import { math } from "../maths/mathml.ts";
import { type CheckPart, kCheckParts } from "../model/choices.ts";
import { type LawName, lawsIn } from "../model/laws.ts";
import type { Selection } from "../model/selection.ts";
import { type Shown, shownVerdict } from "../model/shown-verdict.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { screenOnly } from "../ui/print-styles.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import { verdictChip, verdictStyles } from "../ui/verdict.ts";
import type { Locale } from "../words/locale.ts";
import type { Float32 } from "./float32.ts";
import { distance, figure, firstWrong, gradientRows, nameCell, rowStyles } from "./gradient-rows.ts";

/** A law longer than this gets its own line. */
const kLongLaw = 30;

const button = (name: string, label: string, act: () => void, isPressed?: boolean) =>
  html`<button class="control" name=${name} aria-pressed=${isPressed ?? nothing} @click=${act}>${label}</button>`;

/** The group in which a law is broken most, relative to its bound. */
function furthest({ residual, bound }: Invariant) {
  let at = 0;
  const share = (i: number) => (residual[i] as number) / (bound[i] as number);
  for (let i = 1; i < residual.length; i++) if (share(i) > share(at)) at = i;
  return { residual: residual[at] as number, bound: bound[at] as number };
}

const percent = (share: number) =>
  share < 1e-3 ? scientific(share * 100) : String(Number((share * 100).toPrecision(2)));

/** The verdicts on all gradients, their basis, and the first wrong gradient. */
export class BnChecks extends Panel {
  /** Fetches the rest of the page; set by the page. */
  static fetchRest: () => Promise<{ Float32: typeof Float32 }>;

  static override properties = {
    ...fromSession("locale", "computed", "selection", "progress", "parts"),
    rest: { state: true },
    unfetched: { state: true },
  };
  declare locale: Locale;
  declare computed: Computed;
  declare selection: Selection;
  /** The progress of a long check, 0 to 1. */
  declare progress: number | undefined;
  /** The parts to show beside the verdicts. */
  declare parts: ReadonlySet<CheckPart>;
  /** Those parts, once one of them was opened. */
  declare rest: { Float32: typeof Float32 } | undefined;
  declare unfetched: boolean;
  #isFetching = false;
  #float32: Float32 | undefined;

  static override styles = [
    tokens,
    controls,
    panelText,
    screenOnly,
    verdictStyles,
    rowStyles,
    css`
      :host {
        display: block;
        container-type: inline-size;
        font-variant-numeric: tabular-nums;
      }
      header {
        display: flex;
        gap: 14px;
      }
      .law .name {
        grid-column: span 2;
        padding: 2px 0;
        font-size: 14px;
      }
      .law .name.long {
        grid-column: 1 / -1;
      }
      .law .long + .figure {
        grid-column: 3;
      }
      .laws {
        margin-top: 8px;
        padding-top: 8px;
        border-top: 1px solid var(--hairline);
      }
      p .chip {
        vertical-align: -3px;
        margin-right: 6px;
      }
      .control {
        margin: 6px 8px 0 0;
      }
      .control[aria-pressed="true"] {
        border-color: var(--muted);
      }
      .control[aria-pressed="true"] {
        background: var(--wash);
        box-shadow: inset 0 -2px var(--ink);
      }
      .off {
        grid-column: span 2;
      }
      @container (max-width: 460px) {
        .law .name {
          grid-column: 1 / -1;
        }
        .law .long + .figure {
          grid-column: 2;
        }
        .off {
          grid-column: 2;
          grid-row: span 2;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.parts = new Set();
    this.unfetched = false;
  }

  protected override willUpdate() {
    if (this.parts.size > 0 && !this.rest && !this.unfetched) this.#fetch();
    if (this.rest && this.parts.has("float32"))
      this.#float32 ??= new this.rest.Float32(this, (report) => distance(report).off);
    else this.#float32 = this.#float32?.stop();
  }

  async #fetch() {
    if (this.#isFetching) return;
    this.#isFetching = true;
    try {
      await this.session.fetchRest();
      this.rest = await BnChecks.fetchRest();
    } catch {
      this.unfetched = true;
    }
    this.#isFetching = false;
  }

  protected override render() {
    const { session, computed, parts, locale, rest } = this;
    const { checks, page } = locale.words;
    const float32 = this.#float32;
    const isFetching = parts.size > 0 && !rest && !this.unfetched;
    return html`
      <header><h2>${page.check}</h2>${this.#summary()}</header>
      ${computed.givenUp ? html`<p>${checks.endedEarly}<br>${button("again", checks.again, () => session.checkAgain())}</p>` : nothing}
      ${float32 ? this.#beside(float32) : html`${this.#head()}${this.#wrongValue()}${gradientRows(this, (id) => this.#row(id))}`}
      ${this.#evidence()}
      <p class="screen-only">${kCheckParts.map((part) => button(part, checks.parts[part], () => this.#toggle(part), this.#isOpen(part)))}</p>
      ${this.unfetched ? html`<p role="alert">${page.unfetched}</p>` : nothing}
      ${isFetching ? html`<p role="status">${page.fetching}</p>` : nothing}
      ${rest && parts.has("sweep") ? html`<bn-sweep></bn-sweep>` : nothing}`;
  }

  #isOpen(part: CheckPart) {
    return this.parts.has(part) && !this.unfetched;
  }

  /** Opens or closes a part. A part that failed to load is tried again. */
  #toggle(part: CheckPart) {
    const parts = new Set(this.parts);
    if (this.#isOpen(part)) parts.delete(part);
    else parts.add(part);
    this.unfetched = false;
    this.session.choose({ parts });
  }

  #head() {
    const { shape, off, allowed } = this.locale.words.checks.heads;
    return html`
      <div class="line head" aria-hidden="true"><span></span><span class="size">${shape}</span><span class="figure">${off}</span><span class="figure">${allowed}</span></div>`;
  }

  #chip(verdict: Shown) {
    return verdictChip(verdict, this.locale.words.verdicts[verdict]);
  }

  #beside(float32: Float32) {
    const { computed, selection } = this;
    const { node } = selection;
    return html`
      <div class="float32">
        <div class="line head" aria-hidden="true">${float32.head()}</div>
        ${gradientRows(this, (id) => float32.row(id, nodeReport(computed, id)))}
      </div>
      ${float32.words(node, nodeReport(computed, node))}`;
  }

  /** Announces the result of the check when it ends or changes. Announcing the progress would be too much. */
  #summary() {
    const { checks } = this.locale.words;
    const { report, givenUp } = this.computed;
    const isOver = report !== undefined || givenUp;
    return html`<span role="status">${isOver ? this.#outcome() : nothing}</span>
      ${isOver ? nothing : verdictChip("pending", checks.checking(Math.floor(100 * (this.progress ?? 0))))}`;
  }

  #outcome() {
    const { computed, locale } = this;
    const { words, formulas } = locale;
    const { checks } = words;
    if (computed.givenUp) return this.#chip("unchecked");
    const first = firstWrong(computed);
    if (first) {
      const { id, isValue } = first;
      const what = isValue ? checks.valueOf(math(formulas.symbols[id])) : math(formulas.partials[id]);
      return verdictChip("fail", checks.firstWrong(what));
    }
    const { nodes } = computed.graph;
    const count = (verdict: Shown) => nodes.filter(({ id }) => shownVerdict(computed, id) === verdict).length;
    const open = count("undecidable");
    return verdictChip(open > 0 ? "undecidable" : "pass", checks.passed(count("pass"), nodes.length, open));
  }

  /** A mistake of the forward pass comes before all gradients. */
  #wrongValue() {
    const first = firstWrong(this.computed);
    if (!first?.isValue) return nothing;
    const { id } = first;
    const { words, formulas } = this.locale;
    return html`
      <button class="line first" data-value=${id} @click=${() => this.session.select(id)}>
        <em>${words.verdicts.wrongHere}</em>${nameCell(formulas.symbols[id])}
        <span class="size">${nodeTrace(this.computed, id).shape.join("×")}</span>
        <span class="figure off">${words.checks.forwardValue}</span>
        ${this.#chip("fail")}
      </button>`;
  }

  #row(id: NodeId) {
    const { checks } = this.locale.words;
    const { shape, gradShape } = nodeTrace(this.computed, id);
    const report = nodeReport(this.computed, id);
    const verdict = shownVerdict(this.computed, id);
    const [should, is] = [shape.join("×"), gradShape.join("×")];
    const size = html`<span class="size">${should}</span>`;
    if (is !== should)
      return html`${size} <span class="figure off">${checks.has(is)}</span> ${this.#chip(verdict)}`;
    if (!report)
      return html`${size} <span class="figure"></span> <span class="figure"></span> ${this.#chip(verdict)}`;
    const { off, allowed } = distance(report);
    const { heads } = checks;
    return html`${size} ${figure(heads.off, scientific(off))} ${figure(heads.allowed, scientific(allowed))} ${this.#chip(verdict)}`;
  }

  /** The parts beside the verdicts. */
  #evidence() {
    const { report } = this.computed;
    if (!report) return nothing;
    const { checks } = this.locale.words;
    const { warnings, checkerAtFault } = report;
    return html`
      <p>${checks.aboutFigures}</p>
      <div class="laws">${lawsIn(report).map(({ name, invariant }) => this.#law(name, invariant))}</div>
      ${this.#signal(report)}
      ${warnings.length > 0 ? html`<p>${verdictChip("undecidable", "")}${checks.hidden(warnings.length)}</p>` : nothing}
      ${checkerAtFault ? html`<p role="alert">${checks.contradiction}</p>` : nothing}`;
  }

  #law(name: LawName, invariant: Invariant) {
    const { words, formulas } = this.locale;
    const { residual, bound } = furthest(invariant);
    const law = formulas.laws[name];
    const isLong = law.text.length > kLongLaw;
    return html`
      <div class="line law">
        <span class=${isLong ? "name long scrolls" : "name scrolls"} tabindex=${isLong ? 0 : nothing}>${math(law)}</span>
        <span class="figure">${scientific(residual)}</span><span class="figure">${scientific(bound)}</span>
        ${invariant.holds ? verdictChip("pass", words.checks.holds) : verdictChip("fail", words.checks.broken)}
      </div>`;
  }

  #signal({ nodes }: Report) {
    const { words, formulas } = this.locale;
    const { node: id } = this.selection;
    const { signal } = nodes.find((node) => node.id === id) as Report["nodes"][number];
    const [least, most] = [Math.min(...signal), Math.max(...signal)].map(percent) as [string, string];
    return html`<p>${words.checks.survives(math(formulas.partials[id]), least, most, extentOf(this.computed.graph, id) === "parameters")}</p>`;
  }
}

customElements.define("bn-checks", BnChecks);
