import { css, html, LitElement, nothing } from "lit";
import type { Graph, Invariant, NodeId, Report } from "../src/index.ts";
import {
  backwardFormulas,
  equation,
  formula,
  kLaws,
  kSymbols,
  math,
  partial,
  withNumbers,
} from "./formulas.ts";
import "./matrix.ts";
import { kNodeViews } from "./nodes.ts";
import { inFull, largest, scientific, superscript } from "./numbers.ts";
import { type Computed, nodeReport, nodeTrace, placeOf, type Selection } from "./selection.ts";
import { panelText, tokens } from "./theme.ts";
import { shownVerdict, verdictChip, verdictStyles } from "./verdict.ts";

/** Where a contribution comes from, in words. */
const arrival = (to: NodeId) => `from ${kNodeViews[to].label}`;

/** Everything about the chosen node: value, gradient, finite difference, how they differ, and the formula of a cell. */
export class BnInspector extends LitElement {
  static override properties = {
    computed: { attribute: false },
    graph: { attribute: false },
    selection: { attribute: false },
    brief: { type: Boolean },
  };
  declare computed: Computed;
  declare graph: Graph;
  declare selection: Selection;
  /** Leaves out the formula and the three ways: the stage has them. */
  declare brief: boolean;

  static override styles = [
    tokens,
    panelText,
    verdictStyles,
    css`
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
        flex: 1;
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
        overflow-x: auto;
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
      td:last-child {
        font: 13px/1.6 var(--sans);
        color: var(--muted);
        padding-right: 0;
      }
      @container (max-width: 560px) {
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
    const { node: id, cell } = this.selection;
    const { columns } = this.computed;
    const node = nodeTrace(this.computed, id);
    const report = nodeReport(this.computed, id);
    const view = kNodeViews[id];
    const most = largest(node.grad);
    return html`
      <header>
        <h2>${math(partial(id))}</h2>
        <span class="words">gradient of the loss with respect to ${math(kSymbols[id])}, ${view.words} · shape (${node.shape.join(", ")})</span>
        ${verdictChip(shownVerdict(this.computed, id))}
      </header>
      <div class="matrices">
        ${this.#matrix("value", node.value, columns)}
        ${this.#matrix("gradient, by the backward pass", node.grad, columns, most)}
        ${
          report
            ? html`
              ${this.#matrix("gradient, by finite differences", report.numeric, columns, most)}
              ${this.#difference(report.analytic, report.numeric, columns)}`
            : nothing
        }
      </div>
      ${report ? this.#judgement(report) : html`<p>${this.computed.givenUp ? "Not checked." : "The finite differences are being taken …"}</p>`}
      ${
        this.brief
          ? nothing
          : html`<div class="formula" tabindex="0">${formula(equation(partial(id), backwardFormulas(this.computed.kase.ddof)[id]))}</div>
            <div class="formula" data-filled tabindex="0">${formula(withNumbers(this.computed, id, cell))}</div>`
      }
      ${this.#arrivals(id)}`;
  }

  #matrix(caption: string, values: ArrayLike<number>, columns: number, most?: number) {
    return html`
      <figure>
        <figcaption>${caption}</figcaption>
        <bn-matrix .values=${values} .columns=${columns} .cell=${this.selection.cell} .most=${most}
          node=${this.selection.node} label=${`${caption} of ${kNodeViews[this.selection.node].label}`}></bn-matrix>
      </figure>`;
  }

  /** Scaled by a power of ten, since it is a round-off that is to be seen. */
  #difference(analytic: Float64Array, numeric: Float64Array, columns: number) {
    const difference = analytic.map((value, at) => value - (numeric[at] as number));
    const most = largest(difference);
    const power = most > 0 ? -Math.floor(Math.log10(most)) : 0;
    const caption = power === 0 ? "difference" : `difference × 10${superscript(power)}`;
    return this.#matrix(
      caption,
      difference.map((value) => value * 10 ** power),
      columns,
    );
  }

  /** The chosen cell in full, by three ways that have little in common, and what the verdict rests on. */
  #judgement(report: NonNullable<ReturnType<typeof nodeReport>>) {
    const at = placeOf(report.shape, this.selection.cell);
    const of = (values: ArrayLike<number>) => values[at] as number;
    const [analytic, exact, numeric] = [report.analytic, report.exact, report.numeric].map(of) as [
      number,
      number,
      number,
    ];
    // roles by name, since a phone lays the rows out anew
    const line = (name: string, value: number, distance?: number, bound = 0) => html`
      <tr role="row">
        <th role="rowheader" scope="row">${name}</th>
        <td role="cell">${inFull(value)}</td>
        <td role="cell">${distance === undefined ? "" : `off by ${scientific(Math.abs(distance))}, allowed ${scientific(bound)}`}</td>
      </tr>`;
    const meaning = report.checkerAtFault
      ? "The exact derivative and the finite difference contradict each other: that is a fault of the checker, and says nothing about the gradient."
      : {
          pass: "All cells lie within what rounding explains.",
          fail: this.#whyItFails(report.id),
          undecidable:
            "They agree, but this gradient has cancelled to nothing here, and a wrong one would agree as well.",
        }[report.verdict];
    const lines = this.brief
      ? []
      : [
          line("backward pass", analytic),
          line("exact derivative", exact, analytic - exact, of(report.bound)),
          line("finite difference", numeric, numeric - exact, of(report.numericBound)),
        ];
    if (report.id === "x") lines.push(...this.#invariants());
    return html`
      ${
        lines.length > 0
          ? html`<table role="table"><caption>${this.brief ? "Two laws of the column" : "The chosen cell in full"}</caption>${lines}</table>`
          : nothing
      }
      <p role="status">${meaning}</p>`;
  }

  #whyItFails(id: NodeId): string {
    const { gradShape, shape } = nodeTrace(this.computed, id);
    if (gradShape.join() !== shape.join())
      return `It is returned with the shape (${gradShape.join(", ")}), where (${shape.join(", ")}) belongs.`;
    const off = "At least one cell lies further off than rounding explains";
    return shownVerdict(this.computed, id) === "inherited"
      ? `${off}: it follows rightly from what is wrong before it.`
      : `${off}.`;
  }

  /** Two laws of a column of ∂x that need no reference at all. */
  #invariants() {
    const { sumOfDx, sumOfDxXhat } = (this.computed.report as Report).invariants;
    const { column } = this.selection.cell;
    const line = (law: unknown, { residual, bound }: Invariant) => html`
      <tr role="row">
        <th role="rowheader" scope="row">${law}</th>
        <td role="cell">in column ${column + 1}</td>
        <td role="cell">off by ${scientific(residual[column] as number)}, allowed ${scientific(bound[column] as number)}</td>
      </tr>`;
    return [line(math(kLaws.sumOfDx), sumOfDx), line(math(kLaws.sumOfDxXhat), sumOfDxXhat)];
  }

  /** What each edge brings back, where there is more than one. */
  #arrivals(id: NodeId) {
    const edges = this.computed.trace.edges.filter((edge) => edge.from === id);
    if (edges.length < 2) return nothing;
    const { columns } = this.computed;
    const most = Math.max(...edges.map((edge) => largest(edge.contribution)));
    return html`
      <h3>${math(partial(id))} is a sum of what comes back from ${edges.map((edge, at) => html`${at > 0 ? " and from " : ""}${math(kSymbols[edge.to])}`)}</h3>
      <div class="matrices">
        ${edges.map(
          (edge, at) => html`
            <div class="term">
              ${at > 0 ? html`<span class="operator">+</span>` : nothing}
              ${this.#matrix(arrival(edge.to), edge.contribution, columns, most)}
            </div>`,
        )}
      </div>`;
  }
}

customElements.define("bn-inspector", BnInspector);
