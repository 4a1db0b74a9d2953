import { css, html, LitElement, nothing } from "lit";
import type { Invariant, Report } from "../src/index.ts";
import type { Float32 } from "./float32.ts";
import { kLaws, kSymbols, math, partial } from "./formulas.ts";
import { distance, firstWrong, type Gradient, gradientRows, rowStyles } from "./gradient-rows.ts";
import { kBackward } from "./nodes.ts";
import { scientific } from "./numbers.ts";
import { type Computed, nodeReport, nodeTrace, SelectEvent, type Selection } from "./selection.ts";
import type { Session } from "./session.ts";
import { panelText, tokens } from "./theme.ts";
import { kVerdictWords, shownVerdict, verdictChip, verdictStyles } from "./verdict.ts";

/** Parts of the panel that are fetched when they are asked for. */
const kParts = { float32: "In float32", sweep: "Step sweep" } as const;
type Part = keyof typeof kParts;

const button = (name: string, label: string, act: () => void, isPressed?: boolean) =>
  html`<button class="control" name=${name} aria-pressed=${isPressed ?? nothing} @click=${act}>${label}</button>`;

const kHead = html`
  <div class="line head" aria-hidden="true"><span></span><span class="size">shape</span><span class="figure">off by</span><span class="figure">allowed</span></div>`;

/** Where a law is broken furthest beside its bound. */
function furthest({ residual, bound }: Invariant) {
  let at = 0;
  const share = (i: number) => (residual[i] as number) / (bound[i] as number);
  for (let i = 1; i < residual.length; i++) if (share(i) > share(at)) at = i;
  return { residual: residual[at] as number, bound: bound[at] as number };
}

const percent = (share: number) =>
  `${share < 1e-3 ? scientific(share * 100) : Number((share * 100).toPrecision(2))} %`;

/** The verdicts on all twelve gradients with what they rest on, and the first wrong one. */
export class BnChecks extends LitElement {
  static override properties = {
    session: { attribute: false },
    computed: { attribute: false },
    selection: { attribute: false },
    progress: { attribute: false },
    parts: { state: true },
  };
  declare session: Session;
  declare computed: Computed;
  declare selection: Selection;
  /** How much of a long check is done, 0 to 1. */
  declare progress: number | undefined;
  /** The parts that were asked for: false for one that could not be fetched. */
  declare parts: Partial<Record<Part, boolean>>;
  #float32: Float32 | undefined;

  static override styles = [
    tokens,
    panelText,
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
        font-size: 14px;
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
        min-height: 30px;
        margin: 6px 8px 0 0;
        padding: 0 12px;
        border: 1px solid var(--hairline);
        border-radius: 6px;
        background: none;
        color: var(--ink);
        font: inherit;
        cursor: pointer;
      }
      .control:hover,
      .control[aria-pressed="true"] {
        border-color: var(--muted);
      }
      .control[aria-pressed="true"] {
        background: var(--wash);
      }
      .off {
        grid-column: span 2;
      }
      @container (max-width: 460px) {
        .law .name {
          grid-column: 1 / -1;
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
    this.parts = {};
  }

  protected override render() {
    const { session, computed, selection, parts } = this;
    const float32 = this.#float32;
    const again = () => session.checkAgain();
    return html`
      <header><h2>Check</h2><span role="status">${this.#summary()}</span></header>
      ${computed.givenUp ? html`<p>The check ended early: no gradient was judged.<br>${button("again", "Check again", again)}</p>` : nothing}
      ${float32 ? this.#beside(float32) : html`${kHead}${this.#wrongValue()}${gradientRows(computed, selection, (id) => this.#row(id))}`}
      ${this.#evidence()}
      <p>${(Object.keys(kParts) as Part[]).map((part) => button(part, kParts[part], () => this.#toggle(part), parts[part] ?? false))}</p>
      ${Object.values(parts).includes(false) ? html`<p role="alert">This part could not be fetched. Try it again.</p>` : nothing}
      ${parts.sweep ? html`<bn-sweep .session=${session} .computed=${computed} .selection=${selection}>Fetching …</bn-sweep>` : nothing}`;
  }

  #beside(float32: Float32) {
    const { computed, selection } = this;
    const { node } = selection;
    return html`
      <div class="float32">
        <div class="line head" aria-hidden="true">${float32.head()}</div>
        ${gradientRows(computed, selection, (id) => float32.row(id, nodeReport(computed, id)))}
      </div>
      ${float32.words(node, nodeReport(computed, node))}`;
  }

  #summary() {
    const { computed, progress } = this;
    if (!computed.report)
      return computed.givenUp
        ? verdictChip("unchecked")
        : verdictChip("pending", `checking … ${Math.floor(100 * (progress ?? 0))} %`);
    const first = firstWrong(computed);
    if (first) {
      const { id, isValue } = first;
      return verdictChip(
        "fail",
        html`first wrong: ${isValue ? html`the value of ${math(kSymbols[id])}` : math(partial(id))}`,
      );
    }
    const count = (verdict: string) =>
      kBackward.filter((id) => shownVerdict(computed, id) === verdict).length;
    const open = count("undecidable");
    const words = `${count("pass")} of ${kBackward.length} gradients pass`;
    return open ? verdictChip("undecidable", `${words}, ${open} undecidable`) : verdictChip("pass", words);
  }

  /** A mistake of the forward pass comes before all gradients. */
  #wrongValue() {
    const first = firstWrong(this.computed);
    if (!first?.isValue) return nothing;
    const { id } = first;
    return html`
      <button class="line first" data-value=${id} @click=${() => this.dispatchEvent(new SelectEvent(id))}>
        <em>first wrong here</em><span class="name">${math(kSymbols[id])}</span>
        <span class="size">${nodeTrace(this.computed, id).shape.join("×")}</span>
        <span class="figure off">forward value</span>
        ${verdictChip("fail")}
      </button>`;
  }

  #row(id: Gradient) {
    const { shape, gradShape } = nodeTrace(this.computed, id);
    const report = nodeReport(this.computed, id);
    const verdict = shownVerdict(this.computed, id);
    const word = kVerdictWords[verdict];
    const size = html`<span class="size">${shape.join("×")}</span>`;
    if (shape.join() !== gradShape.join())
      return [
        html`${size}<span class="figure off">has ${gradShape.join("×")}</span>${verdictChip(verdict)}`,
        `shape ${gradShape.join("×")} where ${shape.join("×")} belongs, ${word}`,
      ] as const;
    const far = report && distance(report);
    const [off, allowed] = far ? [scientific(far.off), scientific(far.allowed)] : ["", ""];
    return [
      html`${size}<span class="figure">${off}</span><span class="figure">${allowed}</span>${verdictChip(verdict)}`,
      far ? `off by ${off}, allowed ${allowed}, ${word}` : word,
    ] as const;
  }

  /** What there is beside the twelve verdicts. */
  #evidence() {
    const { report } = this.computed;
    if (!report) return nothing;
    const { invariants, warnings, checkerAtFault } = report;
    return html`
      <p>Off by: from the exact derivative, over the largest of the gradient. Allowed: what rounding explains.</p>
      <div class="laws">${this.#law("sumOfDx", invariants.sumOfDx)}${this.#law("sumOfDxXhat", invariants.sumOfDxXhat)}</div>
      ${this.#signal(report)}
      ${warnings.length > 0 ? html`<p>${verdictChip("undecidable", "")}This case hides some mistakes: see the ${warnings.length > 1 ? "notes" : "note"} above the picture.</p>` : nothing}
      ${checkerAtFault ? html`<p role="alert">The checker contradicts itself on this case.</p>` : nothing}`;
  }

  #law(law: keyof typeof kLaws, invariant: Invariant) {
    const { residual, bound } = furthest(invariant);
    return html`
      <div class="line law">
        <span class="name">${math(kLaws[law])}</span>
        <span class="figure">${scientific(residual)}</span><span class="figure">${scientific(bound)}</span>
        ${invariant.holds ? verdictChip("pass", "holds") : verdictChip("fail", "broken")}
      </div>`;
  }

  #signal({ nodes }: Report) {
    const { node: id } = this.selection;
    const { signal } = nodes.find((node) => node.id === id) as Report["nodes"][number];
    const [least, most] = [Math.min(...signal), Math.max(...signal)].map(percent);
    return html`<p>Of ${math(partial(id))}, ${least === most ? least : html`${least} to ${most}`} survives cancellation, by column.</p>`;
  }

  /** Opens a part or closes it; one that could not be fetched is tried again. */
  async #toggle(part: Part) {
    const { [part]: open, ...others } = this.parts;
    this.parts = open ? others : { ...others, [part]: true };
    if (part === "float32") this.#float32 = this.#float32?.stop();
    if (open) return;
    try {
      if (part === "sweep") await import("./rest.ts");
      else {
        const { Float32 } = await import("./rest.ts");
        if (this.parts.float32) this.#float32 ??= new Float32(this, (report) => distance(report).off);
      }
      this.requestUpdate();
    } catch {
      if (this.parts[part]) this.parts = { ...this.parts, [part]: false };
    }
  }
}

customElements.define("bn-checks", BnChecks);
