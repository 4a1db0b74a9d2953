import { css, html, nothing, type ReactiveController, type ReactiveControllerHost, svg } from "lit";
import type { Case, FloatArray, NodeId, NodeReport, Report } from "../src/index.ts";
import { math, partial } from "./formulas.ts";
import { scientific, superscript } from "./numbers.ts";
import type { Computed } from "./selection.ts";
import type { Session } from "./session.ts";
import { kVerdictWords, verdictMark } from "./verdict.ts";

const kWidth = 120;
/** The exponents at the two ends of the scale; what is smaller is drawn at its left end. */
const [kLeast, kMost] = [-17, 0];
const kTicks = [
  [-16, "start"],
  [-8, "middle"],
  [0, "end"],
] as const;

const place = (exponent: number) =>
  6 + ((Math.min(Math.max(exponent, kLeast), kMost) - kLeast) / (kMost - kLeast)) * (kWidth - 12);

const inFloat32 = ({ x, gamma, beta, dy, ...rest }: Case<Float64Array>): Case<Float32Array> => ({
  ...rest,
  x: Float32Array.from(x),
  gamma: Float32Array.from(gamma),
  beta: Float32Array.from(beta),
  dy: Float32Array.from(dy),
});

/** How many digits are right. */
function digits(off: number): string {
  if (off === 0) return "every digit";
  const right = Math.max(0, Math.floor(-Math.log10(off)));
  return right === 0 ? "no digit" : right === 1 ? "1 digit" : `${right} digits`;
}

const styles = css`
  .float32 .line {
    grid-template-columns: minmax(0, 1fr) ${kWidth}px 62px 62px 18px;
  }
  .scale {
    display: block;
  }
  .scale .tick {
    stroke: var(--hairline);
  }
  .scale .lost {
    stroke: var(--muted);
  }
  .scale circle {
    fill: var(--ink);
  }
  .scale rect {
    fill: var(--card);
    stroke: var(--ink);
    stroke-width: 1.4;
  }
  .scale text {
    fill: var(--muted);
    font: 10.5px var(--sans);
  }
  @container (max-width: 460px) {
    .float32 .line {
      grid-template-columns: minmax(0, 1fr) ${kWidth}px 58px 18px;
    }
    .float32 .name,
    .float32 svg {
      grid-row: span 2;
    }
    .float32 .figure {
      grid-column: 3;
    }
    .float32 .mark {
      grid-column: 4;
    }
  }
`;

interface Host extends ReactiveControllerHost {
  session: Session;
  computed: Computed;
  renderRoot: HTMLElement | DocumentFragment;
}

/** Checks the case of an element in float32 as well, again for each new one, and draws how far it is off beside float64. */
export class Float32 implements ReactiveController {
  report: Report<Float32Array> | undefined;
  progress = 0;
  fault = "";
  #host: Host;
  #offOf: (report: NodeReport<FloatArray>) => number;
  /** What is being checked, or was. */
  #kase: Case<Float64Array> | undefined;
  #mistake = "";
  #run: AbortController | undefined;

  /** offOf: the distance to the exact derivative that is to be shown. */
  constructor(host: Host, offOf: (report: NodeReport<FloatArray>) => number) {
    this.#host = host;
    this.#offOf = offOf;
    const { adoptedStyleSheets } = host.renderRoot as ShadowRoot;
    const sheet = styles.styleSheet as CSSStyleSheet;
    if (!adoptedStyleSheets.includes(sheet)) adoptedStyleSheets.push(sheet);
    host.addController(this);
  }

  stop(): undefined {
    this.#host.removeController(this);
    this.#run?.abort();
  }

  hostDisconnected() {
    this.#run?.abort();
    this.#kase = undefined;
  }

  hostUpdate() {
    const { session, computed } = this.#host;
    if (computed.kase === this.#kase && session.mistake === this.#mistake) return;
    this.#kase = computed.kase;
    this.#mistake = session.mistake;
    this.#check(computed.kase, session);
  }

  async #check(kase: Case<Float64Array>, session: Session) {
    this.#run?.abort();
    this.#run = new AbortController();
    const { signal } = this.#run;
    const show = (part: Partial<Pick<Float32, "report" | "progress" | "fault">>) => {
      if (signal.aborted) return;
      Object.assign(this, part);
      this.#host.requestUpdate();
    };
    this.report = undefined;
    this.progress = 0;
    this.fault = "";
    show({ fault: await session.fetchRest() });
    const { whole } = session;
    if (!whole || signal.aborted) return;
    try {
      const mistakes = this.#mistake ? [this.#mistake] : [];
      const onProgress = (progress: number) => show({ progress });
      show({ report: await whole.gradcheckAsync(inFloat32(kase), { signal, onProgress, mistakes }) });
    } catch (error) {
      show({ fault: `This case can’t be checked in float32. ${(error as Error).message}.` });
    }
  }

  head() {
    return html`
      <span></span>
      <svg class="scale" width=${kWidth} height="16">${kTicks.map(
        ([exponent, anchor]) =>
          svg`<text x=${place(exponent)} y="12" text-anchor=${anchor}>${exponent === 0 ? "1" : `10${superscript(exponent)}`}</text>`,
      )}</svg>
      <span class="figure">float64</span><span class="figure">float32</span>`;
  }

  #node(id: NodeId) {
    return this.report?.nodes.find((node) => node.id === id);
  }

  /** The cells of a row, and what they say. */
  row(id: NodeId, wideReport: NodeReport | undefined) {
    const node = this.#node(id);
    const verdict = node?.verdict ?? "pending";
    const [wide, narrow] = [wideReport, node].map((report) => report && this.#offOf(report));
    const at = (off: number | undefined) =>
      off === undefined || Number.isNaN(off) ? undefined : place(Math.log10(off));
    const [from, to] = [at(wide), at(narrow)];
    const told = (off: number | undefined) => (off === undefined ? "…" : scientific(off));
    return [
      html`
        <svg class="scale" width=${kWidth} height="22" aria-hidden="true">
          ${kTicks.map(([exponent]) => svg`<path class="tick" d="M${place(exponent)} 0V22"></path>`)}
          ${from !== undefined && to !== undefined ? svg`<path class="lost" d="M${from} 11H${to}"></path>` : nothing}
          ${to === undefined ? nothing : svg`<rect x=${to - 3.8} y="7.2" width="7.6" height="7.6"></rect>`}
          ${from === undefined ? nothing : svg`<circle cx=${from} cy="11" r=${from === to ? 1.8 : 3.4}></circle>`}
        </svg>
        <span class="figure">${told(wide)}</span><span class="figure">${told(narrow)}</span>
        <svg class="mark" viewBox="-9 -9 18 18" width="16" height="16"><title>${`float32: ${kVerdictWords[verdict]}`}</title>${verdictMark(verdict)}</svg>`,
      `off by ${told(wide)} in float64, by ${told(narrow)} in float32, ${kVerdictWords[verdict]}`,
    ] as const;
  }

  words(id: NodeId, wideReport: NodeReport | undefined) {
    if (this.fault) return html`<p role="alert">${this.fault}</p>`;
    const node = this.#node(id);
    if (!node) return html`<p role="status">Checking in float32 … ${Math.floor(100 * this.progress)} %</p>`;
    const wide = wideReport ? html`float64 keeps ${digits(this.#offOf(wideReport))}, ` : nothing;
    const why =
      node.verdict === "undecidable"
        ? " It can’t be judged in float32: rounding explains more than the whole of it."
        : "";
    return html`
      <p role="status">Of ${math(partial(id))}, ${wide}float32 ${wideReport ? "" : "keeps "}${digits(this.#offOf(node))}.${why}</p>
      <p>The inputs are rounded to float32, and its gradients compared with the exact derivative there. The marks are float32’s verdicts.</p>`;
  }
}
