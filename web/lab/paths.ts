import { css, html, LitElement, nothing } from "lit";
import { centredSumIsZero, math, partial, pathFormulas } from "./formulas.ts";
import "./matrix.ts";
import { largest } from "./numbers.ts";
import { type Computed, nodeTrace, type Selection } from "./selection.ts";
import { panelText, tokens } from "./theme.ts";

/** dx as three matrices that add up, one for each way back from x̂ to x. */
export class BnPaths extends LitElement {
  static override properties = { computed: { attribute: false }, selection: { attribute: false } };
  declare computed: Computed;
  declare selection: Selection;

  static override styles = [
    tokens,
    panelText,
    css`
      .sum {
        display: flex;
        flex-wrap: wrap;
        align-items: start;
        gap: 14px 12px;
      }
      figcaption {
        display: flex;
        align-items: end;
        min-height: 44px;
        gap: 8px;
        margin-bottom: 6px;
        color: var(--muted);
        font-size: 12.5px;
      }
      figcaption math {
        color: var(--ink);
        font-size: 15px;
      }
      .operator {
        align-self: center;
        margin-top: 40px;
        font: 20px var(--serif);
        color: var(--muted);
      }
      .note {
        color: var(--muted);
        margin: 14px 0 0;
        max-width: 75ch;
      }
    `,
  ];

  protected override render() {
    const { direct, throughVar, throughMean } = this.computed.trace.paths.x;
    const formulas = pathFormulas(this.computed.kase.ddof ?? 0);
    const dx = nodeTrace(this.computed, "x").grad;
    const most = Math.max(...[direct, throughVar, throughMean, dx].map(largest));
    const part = (
      caption: string,
      formula: ReturnType<typeof partial>,
      values: Float64Array,
      operator = "",
    ) => html`
      <div class="term">
      ${operator ? html`<span class="operator">${operator}</span>` : nothing}
      <figure>
        <figcaption>${caption} ${math(formula)}</figcaption>
        <bn-matrix .values=${values} .columns=${this.computed.columns} .most=${most} .cell=${this.selection.cell}
          node="x" digits="3" label=${`${caption} of the gradient of x`}></bn-matrix>
      </figure>
      </div>`;
    return html`
      <h2>Three paths of ${math(partial("x"))}<span>they add up, cell by cell</span></h2>
      <div class="sum">
        ${part("direct", formulas.direct, direct)}
        ${part("through the variance", formulas.throughVar, throughVar, "+")}
        ${part("through the mean", formulas.throughMean, throughMean, "+")}
        ${part("the gradient", partial("x"), dx, "=")}
      </div>
      <p class="note">
        The mean takes part in the variance as well, yet that way brings nothing back: it would carry a factor
        ${math(centredSumIsZero)}, whatever the numbers are.
      </p>`;
  }
}

customElements.define("bn-paths", BnPaths);
