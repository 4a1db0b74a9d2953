import { css, html, LitElement, nothing } from "lit";
import { math, partial } from "./formulas.ts";
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
    const dx = nodeTrace(this.computed, "x").grad;
    const most = Math.max(...[direct, throughVar, throughMean, dx].map(largest));
    const part = (caption: string, formula: unknown, values: Float64Array, operator = "") => html`
      <div class="term">
      ${operator ? html`<span class="operator">${operator}</span>` : nothing}
      <figure>
        <figcaption>${caption} ${formula}</figcaption>
        <bn-matrix .values=${values} .columns=${this.computed.columns} .most=${most} .cell=${this.selection.cell}
          node="x" digits="3" label=${`${caption} of the gradient of x`}></bn-matrix>
      </figure>
      </div>`;
    return html`
      <h2>Three paths of ${math(partial("x"))}<span>they add up, cell by cell</span></h2>
      <div class="sum">
        ${part("direct", html`<math><mfrac><mrow>${partial("xhat")}</mrow><msqrt><mrow><msup><mi>σ</mi><mn>2</mn></msup><mo>+</mo><mi>ε</mi></mrow></msqrt></mfrac></math>`, direct)}
        ${part("through the variance", html`<math><mrow>${partial("var")}<mo>·</mo><mfrac><mrow><mn>2</mn><mo stretchy="false">(</mo><mi>x</mi><mo>−</mo><mi>μ</mi><mo stretchy="false">)</mo></mrow><mi>N</mi></mfrac></mrow></math>`, throughVar, "+")}
        ${part("through the mean", html`<math><mfrac><mrow>${partial("mean")}</mrow><mi>N</mi></mfrac></math>`, throughMean, "+")}
        ${part("the gradient", math(partial("x")), dx, "=")}
      </div>
      <p class="note">
        The mean takes part in the variance as well, yet that way brings nothing back: it would carry a factor
        <math><mrow><munder><mo>∑</mo><mi>i</mi></munder><mo stretchy="false">(</mo><msub><mi>x</mi><mi>i</mi></msub><mo>−</mo><mi>μ</mi><mo stretchy="false">)</mo><mo>=</mo><mn>0</mn></mrow></math>, whatever the numbers are.
      </p>`;
  }
}

customElements.define("bn-paths", BnPaths);
