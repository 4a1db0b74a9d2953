import { css, html, nothing } from "lit";
import type { Invariant, NodeId, Report } from "../../src/index.ts";
import { display, equation, type Formula, math } from "../maths/mathml.ts";
import { fromSession, Panel } from "../session/panel.ts";
import type { Locale } from "../words/locale.ts";
import "../grid/matrix.ts";
import { inFull, largest, scientific, superscript } from "../base/numbers.ts";
import { type Computed, nodeReport, nodeTrace, placeIn } from "../maths/computed.ts";
import { extentOf } from "../maths/graph-facts.ts";
import { indexAt, placeOf } from "../maths/layout.ts";
import { lawsIn } from "../model/laws.ts";
import type { Selection } from "../model/selection.ts";
import { shownVerdict } from "../model/shown-verdict.ts";
import { panelText, tokens } from "../ui/theme.ts";
import { verdictChip, verdictStyles } from "../ui/verdict.ts";

/** A mean that is this many times the spread takes most digits of what is left of it. */
const kDrowning = 1e5;

type Judged = NonNullable<ReturnType<typeof nodeReport>>;

// explicit roles, because the phone layout of the rows would remove the implicit ones
const tableRow = (name: unknown, value: string, note: string) => html`
  <tr role="row">
    <th role="rowheader" scope="row">${name}</th>
    <td role="cell">${value}</td>
    <td role="cell">${note}</td>
  </tr>`;

/** Everything about the chosen node: value, gradient, finite difference, their difference, and the formula of a cell. */
export class BnInspector extends Panel {
  static override properties = {
    ...fromSession("locale", "computed", "selection"),
    brief: { type: Boolean },
  };
  declare locale: Locale;
  declare computed: Computed;
  declare selection: Selection;
  /** Leaves out the formula and the table of three derivatives, because the stage shows them. */
  declare brief: boolean;

  static override styles = [
    tokens,
    panelText,
    verdictStyles,
    css`
      :host {
        display: block;
        container-type: inline-size;
      }
      header {
        display: flex;
        align-items: baseline;
        flex-wrap: wrap;
        gap: 4px 14px;
        margin-bottom: 12px;
      }
      h2,
      h3 {
        font: 600 17px/1.3 var(--serif);
        margin: 0;
      }
      h2 {
        font-size: 19px;
      }
      h3 {
        font-size: 15px;
        margin: 22px 0 8px;
      }
      header .words {
        color: var(--muted);
        flex: 1 1 200px;
      }
      .matrices {
        display: flex;
        flex-wrap: wrap;
        gap: 14px 26px;
        align-items: start;
      }
      .operator {
        align-self: center;
        font: 18px var(--serif);
        color: var(--muted);
        margin-top: 18px;
      }
      .formula {
        margin: 18px 0 0;
        font-size: 17px;
        padding: 4px 0;
      }
      .formula + .formula {
        margin-top: 8px;
      }
      .number {
        color: var(--accent);
      }
      p {
        margin: 12px 0 0;
        color: var(--muted);
        font-variant-numeric: tabular-nums;
      }
      table {
        margin-top: 16px;
        border-collapse: collapse;
        font-variant-numeric: tabular-nums;
      }
      caption {
        color: var(--muted);
        font-size: 12.5px;
        text-align: left;
        padding-bottom: 3px;
      }
      th {
        font-weight: 400;
        text-align: left;
      }
      th,
      td {
        padding: 2px 18px 2px 0;
        border-top: 1px solid var(--hairline);
      }
      td {
        font: 12px/1.6 var(--mono);
      }
      .law {
        max-width: 300px;
        padding: 2px 0;
      }
      td:last-child {
        font: 13px/1.6 var(--sans);
        color: var(--muted);
        padding-right: 0;
      }
      @container (max-width: 560px) {
        table,
        caption,
        tbody {
          display: block;
        }
        th {
          max-width: 100%;
        }
        tr {
          display: flex;
          flex-wrap: wrap;
          border-top: 1px solid var(--hairline);
          padding: 3px 0;
        }
        th,
        td {
          padding: 0 14px 0 0;
          border: 0;
        }
      }
    `,
  ];

  protected override render() {
    const { computed, locale, brief } = this;
    const { node: id, cell } = this.selection;
    const { words, formulas } = locale;
    const { inspector } = words;
    const node = nodeTrace(computed, id);
    const report = nodeReport(computed, id);
    const verdict = shownVerdict(computed, id);
    const most = largest(node.grad);
    const gradient = formulas.partials[id];
    return html`
      <header>
        <h2>${math(gradient)}</h2>
        <span class="words">${inspector.what(math(formulas.symbols[id]), words.nodes[id], node.shape.join(", "))}</span>
        ${verdictChip(verdict, words.verdicts[verdict])}
      </header>
      <div class="matrices">
        ${this.#matrix(inspector.value, node.value)}
        ${this.#matrix(inspector.gradient, node.grad, most)}
        ${report ? [this.#matrix(inspector.numeric, report.numeric, most), this.#difference(report)] : nothing}
      </div>
      ${report ? this.#judgement(report) : html`<p>${computed.givenUp ? inspector.unchecked : inspector.beingTaken}</p>`}
      ${
        brief
          ? nothing
          : html`<div class="formula scrolls" tabindex="0">${display(equation(gradient, formulas.gradient(id, computed.kase.ddof)))}</div>
            <div class="formula scrolls" data-filled tabindex="0">${display(formulas.withNumbers(computed, id, cell))}</div>`
      }
      ${this.#arrivals(id)}`;
  }

  #matrix(caption: string, values: ArrayLike<number>, most?: number) {
    const { locale, selection } = this;
    const { node } = selection;
    return html`
      <figure>
        <figcaption>${caption}</figcaption>
        <bn-matrix .values=${values} extent=${extentOf(this.computed.graph, node)} .most=${most}
          node=${node} label=${locale.words.inspector.of(caption, locale.labels[node])}></bn-matrix>
      </figure>`;
  }

  /** Scaled by a power of ten, so that rounding errors can be seen. */
  #difference({ analytic, numeric }: Judged) {
    const difference = analytic.map((value, at) => value - (numeric[at] as number));
    const most = largest(difference);
    const power = most > 0 ? -Math.floor(Math.log10(most)) : 0;
    const { inspector } = this.locale.words;
    return this.#matrix(
      inspector.difference(power === 0 ? "" : ` × 10${superscript(power)}`),
      difference.map((value) => value * 10 ** power),
    );
  }

  /** The chosen cell with all digits, computed in three independent ways, and the basis of the verdict. */
  #judgement(report: Judged) {
    const { inspector } = this.locale.words;
    const { ways } = inspector;
    const at = placeIn(this.computed, report.id, this.selection.cell);
    const of = (values: ArrayLike<number>) => values[at] as number;
    const [analytic, exact, numeric] = [report.analytic, report.exact, report.numeric].map(of) as [
      number,
      number,
      number,
    ];
    const line = (name: string, value: number, off?: number, bound = 0) =>
      tableRow(
        name,
        inFull(value),
        off === undefined ? "" : inspector.offBy(scientific(Math.abs(off)), scientific(bound)),
      );
    const lines = this.brief
      ? []
      : [
          line(ways.pass, analytic),
          line(ways.exact, exact, analytic - exact, of(report.bound)),
          line(ways.difference, numeric, numeric - exact, of(report.numericBound)),
        ];
    if (report.id === "x") lines.push(...this.#invariants());
    return html`
      ${
        lines.length > 0
          ? html`<table role="table"><caption>${this.brief ? inspector.laws : inspector.cell}</caption>${lines}</table>`
          : nothing
      }
      <p class="meaning">${this.#meaning(report)}</p>`;
  }

  /** The basis of the verdict. */
  #meaning({ id, verdict, checkerAtFault, groups, exact, bound }: Judged): string {
    const { inspector } = this.locale.words;
    if (checkerAtFault) return inspector.contradiction;
    const { gradShape, shape } = nodeTrace(this.computed, id);
    if (gradShape.join() !== shape.join())
      return inspector.otherShape(gradShape.join(", "), shape.join(", "));
    const { graph, layout } = this.computed;
    const lost = groups.flatMap((state, at) => (state === "lost" ? [at] : []));
    const isNothing = exact.every((value, at) => Math.abs(value) <= (bound[at] as number));
    if (verdict === "undecidable" && lost.length > 0 && !isNothing) {
      const onto = extentOf(graph, id) === "parameters" ? "parameters" : "statistics";
      const tell = groups.filter((state) => state === "tells").length;
      return inspector.lost(
        tell,
        groups.length,
        lost.map((at) => this.locale.words.cells.place(placeOf(layout, onto, at))),
        onto === "statistics" && this.#drowns(lost),
        onto === "parameters",
      );
    }
    return inspector[shownVerdict(this.computed, id) === "inherited" ? "inherited" : verdict];
  }

  /** Whether the spread of these groups is lost in their mean. */
  #drowns(groups: readonly number[]): boolean {
    const [mean, std] = (["mean", "std"] as const).map((id) => nodeTrace(this.computed, id)?.value);
    return (
      mean !== undefined &&
      std !== undefined &&
      groups.every((at) => Math.abs(mean[at] as number) > kDrowning * (std[at] as number))
    );
  }

  /** The laws of a group of ∂x, which need no reference value. */
  #invariants() {
    const { words, formulas } = this.locale;
    const { inspector } = words;
    const { layout, report } = this.computed;
    const at = indexAt(layout, "statistics", this.selection.cell);
    const place = words.cells.place(placeOf(layout, "statistics", at));
    const line = (law: Formula, { residual, bound }: Invariant) =>
      tableRow(
        html`<div class="law scrolls" tabindex="0">${math(law)}</div>`,
        inspector.inGroup(place),
        inspector.offBy(scientific(residual[at] as number), scientific(bound[at] as number)),
      );
    return lawsIn(report as Report).map(({ name, invariant }) => line(formulas.laws[name], invariant));
  }

  /** The gradient on each edge, if there are several. */
  #arrivals(id: NodeId) {
    const edges = this.computed.trace.edges.filter((edge) => edge.from === id);
    if (edges.length < 2) return nothing;
    const { words, formulas, labels } = this.locale;
    const { inspector } = words;
    const most = Math.max(...edges.map((edge) => largest(edge.contribution)));
    const sources = edges.map(({ to }) => math(formulas.symbols[to]));
    return html`
      <h3>${inspector.sum(math(formulas.partials[id]), sources)}</h3>
      <div class="matrices">
        ${edges.map(
          ({ to, contribution }, at) => html`
            <div class="term">
              ${at > 0 ? html`<span class="operator">+</span>` : nothing}
              ${this.#matrix(inspector.from(labels[to]), contribution, most)}
            </div>`,
        )}
      </div>`;
  }
}

customElements.define("bn-inspector", BnInspector);
