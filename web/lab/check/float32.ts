import {
  type CSSResult,
  css,
  html,
  nothing,
  type ReactiveController,
  type ReactiveControllerHost,
  svg,
} from "lit";
import type { Backnorm, FloatArray, NodeId, NodeReport, NormCase, Report } from "../../src/index.ts";
import { scientific, superscript } from "../base/numbers.ts";
import type { Computed } from "../maths/computed.ts";
import { math } from "../maths/mathml.ts";
import type { PageCase } from "../maths/norms.ts";
import type { Session } from "../session/session.ts";
import { verdictMark } from "../ui/verdict.ts";
import type { Locale } from "../words/locale.ts";
import { figure } from "./gradient-rows.ts";

const kWidth = 120;
/** The exponents at the two ends of the scale. Smaller errors are drawn at its left end. */
const [kLeast, kMost] = [-17, 0];
const kTicks = [
  [-16, "start"],
  [-8, "middle"],
  [0, "end"],
] as const;

const place = (exponent: number) =>
  6 + ((Math.min(Math.max(exponent, kLeast), kMost) - kLeast) / (kMost - kLeast)) * (kWidth - 12);

const inFloat32 = ({ x, gamma, beta, dy, ...rest }: PageCase): NormCase<Float32Array> => ({
  ...rest,
  x: Float32Array.from(x),
  gamma: Float32Array.from(gamma),
  beta: beta && Float32Array.from(beta),
  dy: Float32Array.from(dy),
});

/** How many digits are right. */
const digits = (off: number) => (off === 0 ? Infinity : Math.max(0, Math.floor(-Math.log10(off))));

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
    font: max(10.5px, var(--least-type, 0px)) var(--sans);
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
    .float32 .name.long {
      grid-row: auto;
    }
    .float32 .name.long ~ .scale {
      grid-column: 1 / span 2;
      justify-self: end;
    }
  }
`;

interface Host extends ReactiveControllerHost {
  locale: Locale;
  /** The whole package. */
  session: Session;
  computed: Computed;
  wear(styles: CSSResult): void;
}

/** Checks each case in float32 too, and draws the errors beside those in float64. */
export class Float32 implements ReactiveController {
  report: Report<Float32Array> | undefined;
  /** The last report. */
  #last: Report<Float32Array> | undefined;
  progress = 0;
  /** The error that the package threw. */
  fault: unknown;
  #host: Host;
  #offOf: (report: NodeReport<FloatArray>) => number;
  /** The case that is or was checked. */
  #kase: PageCase | undefined;
  #mistake = "";
  #run: AbortController | undefined;

  /** offOf: the error to show. */
  constructor(host: Host, offOf: (report: NodeReport<FloatArray>) => number) {
    this.#host = host;
    this.#offOf = offOf;
    host.wear(styles);
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

  async #check(kase: PageCase, session: Session) {
    this.#run?.abort();
    this.#run = new AbortController();
    const { signal } = this.#run;
    const show = (part: Partial<Pick<Float32, "report" | "progress" | "fault">>) => {
      if (signal.aborted) return;
      Object.assign(this, part);
      this.#host.requestUpdate();
    };
    this.#last = this.report ?? this.#last;
    this.report = undefined;
    this.progress = 0;
    this.fault = undefined;
    try {
      const mistakes = this.#mistake ? [this.#mistake] : [];
      const onProgress = (progress: number) => show({ progress });
      const bn = session.bn as Backnorm;
      show({ report: await bn.gradcheckAsync(inFloat32(kase), { signal, onProgress, mistakes }) });
    } catch (fault) {
      show({ fault });
    }
  }

  head() {
    return html`
      <span></span>
      <svg class="scale" width=${kWidth} height="16">${kTicks.map(
        ([exponent, anchor]) =>
          svg`<text x=${place(exponent)} y="12" text-anchor=${anchor}>${exponent === 0 ? "1" : `10${superscript(exponent)}`}</text>`,
      )}</svg>
      ${["float64", "float32"].map((kind) => html`<span class="figure">${kind}</span>`)}`;
  }

  #node(id: NodeId) {
    return this.report?.nodes.find((node) => node.id === id);
  }

  /** The cells of a row. */
  row(id: NodeId, wideReport: NodeReport | undefined) {
    const { words, rest } = this.#host.locale;
    const node = this.#node(id);
    const verdict = node?.verdict ?? (this.fault ? "undecidable" : "pending");
    const [wide, narrow] = [wideReport, node].map((report) => report && this.#offOf(report));
    const at = (off: number | undefined) =>
      off === undefined || Number.isNaN(off) ? undefined : place(Math.log10(off));
    const [from, to] = [at(wide), at(narrow)];
    const told = (off: number | undefined) => (off !== undefined ? scientific(off) : this.fault ? "–" : "…");
    return html`
        <svg class="scale" width=${kWidth} height="22" aria-hidden="true">
          ${kTicks.map(([exponent]) => svg`<path class="tick" d="M${place(exponent)} 0V22"></path>`)}
          ${from !== undefined && to !== undefined ? svg`<path class="lost" d="M${from} 11H${to}"></path>` : nothing}
          ${to === undefined ? nothing : svg`<rect x=${to - 3.8} y="7.2" width="7.6" height="7.6"></rect>`}
          ${from === undefined ? nothing : svg`<circle cx=${from} cy="11" r=${from === to ? 1.8 : 3.4}></circle>`}
        </svg>
        ${figure("float64", told(wide))} ${figure("float32", told(narrow))}
        <svg class="mark" role="img" viewBox="-9 -9 18 18" width="16" height="16"><title>${rest.float32.mark(words.verdicts[verdict])}</title>${verdictMark(verdict)}</svg>`;
  }

  /** The number of right digits of a gradient, and all verdicts. */
  words(id: NodeId, wideReport: NodeReport | undefined) {
    const { words, rest, formulas } = this.#host.locale;
    const { float32 } = rest;
    if (this.fault) return html`<p role="alert">${float32.failed(words.fault(this.fault))}</p>`;
    const node = this.#node(id);
    const wide = wideReport && digits(this.#offOf(wideReport));
    const kept =
      node &&
      float32.keeps(
        math(formulas.partials[id]),
        wide,
        digits(this.#offOf(node)),
        node.verdict === "undecidable",
      );
    return html`
      <p>${kept ?? float32.checking(Math.floor(100 * this.progress))}</p>
      <p role="status">${this.#summary()}</p>
      <p>${float32.about}</p>`;
  }

  /** Announced when it changes and at the end of a long check. During a short check the old text stays. */
  #summary() {
    const { words, rest } = this.#host.locale;
    const isLong = !this.report && this.progress > 0 && this.progress < 1;
    const report = this.report ?? (isLong ? undefined : this.#last);
    if (!report) return nothing;
    const count = (wanted: string) => report.nodes.filter(({ verdict }) => verdict === wanted).length;
    return rest.float32.summary(
      words.checks.passed(count("pass"), report.nodes.length, count("undecidable")),
    );
  }
}
