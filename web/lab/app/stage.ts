import { html, nothing } from "lit";
import { firstWrong } from "../check/gradient-rows.ts";
import type { Computed } from "../maths/computed.ts";
import { frac, math, mi, partialOf } from "../maths/mathml.ts";
import { kLenses, type Lens } from "../model/choices.ts";
import { kFirst } from "../model/first-case.ts";
import { isPreset } from "../model/presets.ts";
import { type Shown, unjudged } from "../model/shown-verdict.ts";
import type { Session } from "../session/session.ts";
import { verdictChip, verdictMark } from "../ui/verdict.ts";

/** The lenses as tabs. The arrow keys move between them. */
export function tabs(session: Session) {
  const { lenses, page } = session.locale.words;
  const chosen = session.lens;
  const step = { ArrowRight: 1, ArrowLeft: -1 } as Record<string, number | undefined>;
  const key = (event: KeyboardEvent) => {
    const by = step[event.key];
    if (by === undefined) return;
    const next = kLenses[(kLenses.indexOf(chosen) + by + kLenses.length) % kLenses.length] as Lens;
    session.look(next);
    (event.currentTarget as Element).querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return html`
    <div class="tabs" role="tablist" aria-label=${page.lenses} @keydown=${key}>
      ${kLenses.map(
        (lens) => html`
        <button role="tab" id=${`tab-${lens}`} aria-controls="lens" title=${lenses[lens].words}
          aria-selected=${lens === chosen} tabindex=${lens === chosen ? 0 : -1}
          @click=${() => session.look(lens)}>${lenses[lens].label}</button>`,
      )}
    </div>`;
}

/** A mark beside what it means; it judges nothing. */
const sign = (verdict: Shown) =>
  html`<svg viewBox="-9 -9 18 18" width="15" height="15" aria-hidden="true">${verdictMark(verdict)}</svg>`;

const colours = ({ page }: Session["locale"]["words"]) =>
  html`<span class="key"><span class="swatch negative"></span> ${page.negative} <span class="swatch positive"></span> ${page.positive}</span>`;

/** How to read the graph, until it is closed. */
export function legend(session: Session) {
  const { words, formulas } = session.locale;
  const { page } = words;
  if (session.lens !== "graph" || !session.hasLegend) return nothing;
  const { x } = formulas.symbols;
  const close = (event: Event) => {
    const stage = (event.currentTarget as Element).closest(".stage");
    session.set({ hasLegend: false });
    stage?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus(); // the button that had the focus disappears
  };
  return html`
    <div class="legend" role="note">
      <span class="box" aria-hidden="true"><span>${page.value}</span><span>${page.gradient}</span></span>
      <span>${page.rule} ${page.means(math(formulas.partials.x), math(frac(partialOf(mi("L")), partialOf(x))))}</span>
      ${colours(words)}
      <span class="key">${sign("pass")} ${page.agrees}</span> <span class="key">${sign("fail")} ${page.differs}</span>
      <button class="control" name="close-legend" aria-label=${page.closeLegend} title=${page.closeLegend} @click=${close}>×</button>
    </div>`;
}

/** What stands in the bar: the colours where there is no legend, and which engine runs, if it is the slow one. */
export const barNote = ({ bn, lens, locale: { words } }: Session) =>
  html`<span class="engine">${lens === "graph" ? nothing : colours(words)} ${bn?.engine === "javascript" ? words.page.javascript : nothing}</span>`;

/** The verdict on the whole case, or the progress of a long check. */
export function verdict(session: Session, computed: Computed) {
  const { progress, locale } = session;
  const { page, verdicts } = locale.words;
  if (progress !== undefined)
    return html`
      <span class="checking"><label>${page.checking} <progress max="1" .value=${progress}></progress></label>
        <button class="link" @click=${() => session.cancelCheck()}>${page.cancel}</button></span>`;
  const found = firstWrong(computed) ? "fail" : (computed.report?.verdict ?? unjudged(computed));
  return verdictChip(found, verdicts[found]);
}

/** Notes: what to look for in the case, the deliberate mistake, and the case's blind spots. `unmake`: switches the mistake off. */
export function notes({ name, locale, hasRest, made }: Session, { report }: Computed, unmake: () => void) {
  const { words } = locale;
  const aim =
    name === kFirst ? words.firstCase : hasRest && isPreset(name) ? locale.rest.presets[name] : undefined;
  return html`
    ${aim && !made ? html`<p class="aim">${aim}</p>` : nothing /* a mistake may break what it says */}
    ${
      made && hasRest
        ? html`<p class="mistake" role="note"><strong>${words.page.mistakeMade}</strong> ${locale.rest.mistakes.explanation(made.id)} <button class="link" @click=${unmake}>${words.page.unmake}</button></p>`
        : nothing
    }
    ${(report?.warnings ?? []).map(({ id }) => html`<p class="warning" role="note">${words.warnings[id]}</p>`)}`;
}
