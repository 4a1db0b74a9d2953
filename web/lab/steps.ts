import { css, html, LitElement } from "lit";
import { backwardFormulas, math, numpyLines, partial } from "./formulas.ts";
import { kNodeViews, kSteps } from "./nodes.ts";
import { largest, scientific } from "./numbers.ts";
import { type Computed, nodeReport, SelectEvent, type Selection } from "./selection.ts";
import { tokens } from "./theme.ts";
import { kVerdictWords, shownVerdict, verdictChip, verdictStyles } from "./verdict.ts";

/** The backward pass in six steps: formula, a line of NumPy, how far finite differences are off, a verdict. */
export class BnSteps extends LitElement {
  static override properties = { computed: { attribute: false }, selection: { attribute: false } };
  declare computed: Computed;
  declare selection: Selection;

  static override styles = [
    tokens,
    verdictStyles,
    css`
      ol {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      button {
        display: grid;
        grid-template-columns: 18px minmax(40px, max-content) 1fr max-content;
        gap: 2px 12px;
        align-items: baseline;
        width: 100%;
        padding: 9px 12px 9px 10px;
        border: 0;
        border-left: 3px solid transparent;
        border-radius: 6px;
        background: none;
        color: inherit;
        font: inherit;
        text-align: left;
        cursor: pointer;
      }
      button:hover {
        background: var(--wash);
      }
      button[aria-pressed="true"] {
        background: var(--accent-wash);
        border-left-color: var(--accent);
      }
      .number {
        color: var(--muted);
        font-variant-numeric: tabular-nums;
      }
      .name {
        font-size: 16px;
        font-weight: 600;
      }
      .formula {
        font-size: 15px;
        overflow-x: auto;
        overflow-y: hidden;
        scrollbar-width: none;
        padding-block: 2px;
      }
      .result {
        display: flex;
        gap: 12px;
        justify-content: end;
        font-size: 13px;
        font-variant-numeric: tabular-nums;
      }
      code {
        grid-column: 2 / -1;
        color: var(--muted);
        font: 11.5px/1.4 var(--mono);
        overflow-wrap: anywhere;
      }
      @container (max-width: 520px) {
        .formula {
          grid-column: 2 / -1;
          grid-row: 2;
        }
        .result {
          grid-column: 3 / -1;
          grid-row: 1;
        }
      }
    `,
  ];

  protected override render() {
    const { ddof } = this.computed.kase;
    const [formulas, lines] = [backwardFormulas(ddof), numpyLines(ddof)];
    return html`<ol>${kSteps.map((id, at) => {
      const report = nodeReport(this.computed, id);
      const verdict = shownVerdict(this.computed, id);
      return html`
        <li>
          <button aria-pressed=${this.selection.node === id} data-step=${id}
            aria-label=${`Step ${at + 1}: gradient of ${kNodeViews[id].label}, ${kNodeViews[id].words}: ${kVerdictWords[verdict]}`}
            @click=${() => this.dispatchEvent(new SelectEvent(id))}>
            <span class="number">${at + 1}</span>
            <span class="name">${math(partial(id))}</span>
            <span class="formula">${math(formulas[id])}</span>
            <span class="result">
              <span title="largest distance to the finite difference, beside the largest gradient">${
                report && report.verdict !== "undecidable"
                  ? scientific(report.numericError / largest(report.exact))
                  : ""
              }</span>
              ${verdictChip(verdict)}
            </span>
            <code>${lines[id]}</code>
          </button>
        </li>`;
    })}</ol>`;
  }
}

customElements.define("bn-steps", BnSteps);
