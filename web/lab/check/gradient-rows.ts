import { css, html, nothing, type TemplateResult } from "lit";
import type { FloatArray, NodeId, NodeReport } from "../../src/index.ts";
import { largest } from "../base/numbers.ts";
import type { Computed } from "../maths/computed.ts";
import { type Formula, math } from "../maths/mathml.ts";
import type { Selection } from "../model/selection.ts";
import { shownVerdict } from "../model/shown-verdict.ts";
import type { Session } from "../session/session.ts";
import type { Locale } from "../words/locale.ts";

/** The first error: in a value of the forward pass, or in a gradient that does not inherit it. */
export function firstWrong(computed: Computed): { id: NodeId; isValue: boolean } | undefined {
  const { report, trace, wrongHere } = computed;
  const value = report && trace.nodes.find(({ id }) => wrongHere.has(id));
  const id = value?.id ?? computed.graph.backwardOrder.find((one) => shownVerdict(computed, one) === "fail");
  return id && { id, isValue: value !== undefined };
}

/**
 * The error of a gradient and its bound, both divided by the largest gradient entry (absolute if the gradient vanishes).
 * They are those of the deciding cell: one beyond its bound if there is one, otherwise the one with the largest error.
 */
export function distance({ analytic, exact, bound, worst, verdict }: NodeReport<FloatArray>) {
  const off = (at: number) => Math.abs((analytic[at] as number) - (exact[at] as number));
  let at = verdict === "fail" ? worst.at : 0;
  if (verdict !== "fail") for (let i = 1; i < exact.length; i++) if (off(i) > off(at)) at = i;
  const most = largest(exact) || 1;
  return { off: off(at) / most, allowed: (bound[at] as number) / most };
}

/** The formula of a row. A long name gets its own line if there is little room. */
export const nameCell = (name: Formula) =>
  html`<span class=${/\w{7}/.test(name.text) ? "name long" : "name"}>${math(name)}</span>`;

/** A number of a row. Its heading is read aloud before it. */
export const figure = (head: string, text: string) =>
  html`<span class="unseen">${head}</span> <span class="figure">${text}</span>`;

/** The panel that contains the rows. */
interface Shows {
  locale: Locale;
  computed: Computed;
  selection: Selection;
  session: Pick<Session, "select">;
}

/**
 * All gradients in the order of the backward pass. Each is a button that chooses its node; the arrow keys move between
 * them. `cells`: the cells of a row after its name. A row is named by what it shows.
 */
export function gradientRows(
  { locale: { words, formulas }, computed, selection: { node }, session }: Shows,
  cells: (id: NodeId) => TemplateResult,
) {
  const first = firstWrong(computed);
  const order = computed.graph.backwardOrder;
  const choose = (event: KeyboardEvent) => {
    const at = order.indexOf(node);
    const last = order.length - 1;
    const wanted = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    const rows = (event.currentTarget as HTMLElement).children;
    const row = rows[Math.min(Math.max(wanted, 0), last)] as HTMLElement;
    row.focus();
    row.click();
  };
  return html`
    <div role="group" aria-label=${words.checks.gradients} @keydown=${choose}>
      ${order.map((id) => {
        const note = id === first?.id && !first.isValue ? words.verdicts.wrongHere : "";
        return html`<button class=${`line ${note && "first"}`} data-gradient=${id} aria-pressed=${id === node}
          tabindex=${id === node ? 0 : -1} @click=${() => session.select(id)}>
          ${note ? html`<em>${note}</em>` : nothing} ${nameCell(formulas.partials[id])} ${cells(id)}
        </button>`;
      })}
    </div>`;
}

export const rowStyles = css`
  p {
    margin: 8px 11px 0;
    color: var(--muted);
    font-size: 13px;
  }
  .line {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 52px 66px 66px 122px;
    gap: 0 8px;
    align-items: center;
    width: 100%;
    min-height: 31px;
    padding: 0 8px;
    border: 0;
    border-left: 3px solid transparent;
    border-radius: 5px;
    background: none;
    color: inherit;
    font: inherit;
    text-align: left;
  }
  button.line {
    cursor: pointer;
  }
  button.line:hover {
    background: var(--wash);
  }
  button.line[aria-pressed="true"] {
    background: var(--accent-wash);
    border-left-color: var(--accent);
  }
  .line:focus-visible {
    outline-offset: -2px;
  }
  .line.first {
    box-shadow: inset 0 2px var(--fail);
    border-radius: 0;
    padding-bottom: 5px;
  }
  .name {
    font-size: 15px;
  }
  .name mfrac {
    font-size: 12px;
  }
  em {
    grid-column: 1 / -1;
    padding: 7px 0 4px;
    color: var(--fail);
    font: 600 12.5px var(--sans);
  }
  .size,
  .head {
    color: var(--muted);
    font-size: 12.5px;
  }
  .figure {
    text-align: right;
    font: 12px var(--mono);
  }
  .head .figure {
    font: inherit;
  }
  .line .chip {
    padding-left: 8px;
    font-size: 13px;
  }
  @container (max-width: 460px) {
    .line {
      grid-template-columns: minmax(0, 1fr) 66px 112px;
      grid-auto-flow: dense;
      padding-block: 4px;
    }
    .name.long {
      grid-column: 1 / -1;
    }
    .size {
      grid-column: 1;
    }
    .figure {
      grid-column: 2;
    }
    .line .chip {
      grid-column: 3;
      grid-row: span 2;
    }
  }
`;
