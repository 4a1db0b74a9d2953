import { html, nothing } from "lit";
import type { Norm } from "../../src/index.ts";
import { norms as allNorms } from "../../src/norm.ts";
import { kNotations, type NotationId, titleOf } from "../maths/notations.ts";
import type { Language } from "../model/choices.ts";
import { isPreset, kPresetGroups, type PresetGroup } from "../model/presets.ts";
import type { Session } from "../session/session.ts";

const kOther: Readonly<Record<Language, Language>> = { en: "zh", zh: "en" };

/** What the header needs from the lab element. */
interface Lab {
  session: Session;
  /** Whether it is the heading of our own page. */
  isOwnPage: boolean;
  /** Whether the small view was opened as the whole page. */
  wasBrief: boolean;
  skip(): void;
  share(): void;
  openTool(event: Event): void;
  /** Opens the tour, or leaves it. */
  turnTour(tour: number): void;
  turnBrief(): void;
  /** The theme in use. */
  isDark(): boolean;
}

export function header(lab: Lab) {
  const { session } = lab;
  const { page } = session.locale.words;
  return html`
    <header class="top" part="header">
      ${title(lab)}
      <div class="controls">
        ${cases(session)}
        ${norm(session)}
        ${looks(lab)}
        <button class="control" name="share" @click=${lab.share}>${page.share}</button>
        ${lab.wasBrief ? html`<button class="control" name="brief" @click=${lab.turnBrief}>${page.brief}</button>` : nothing}
      </div>
      <div class="controls acts">
        <button class="control door" name="mine" @click=${lab.openTool}>${page.findMine}</button>
        <button class="control door" name="why" @click=${() => lab.turnTour(1)}>${page.showWhy}</button>
        <button class="control" name="bank" @click=${lab.openTool}>${page.makeOne}</button>
        <label class="control">${page.openFile}
          <input type="file" multiple accept=".csv,.tsv,.txt,.json,.npy,.npz" @change=${(event: Event) => {
            const field = event.target as HTMLInputElement;
            if (field.files?.length) session.open([...field.files]);
            field.value = ""; // so that the same file can be opened again
          }} />
        </label>
      </div>
    </header>`;
}

/** An assignment offers no other cases and nothing that leads to the solution. */
export const assignmentHeader = (lab: Lab) => html`
  <header class="top" part="header">
    ${title(lab)}
    <div class="controls">${looks(lab)}</div>
  </header>`;

/** The tour leaves everything else to the lab. */
export const tourHeader = (lab: Lab) => html`
  <header class="top" part="header">
    ${name(lab)}
    <div class="controls quiet">
      ${languageAndTheme(lab)}
      <button class="control" name="mine" @click=${lab.openTool}>${lab.session.locale.words.page.findMine}</button>
      <button class="control" name="skip" @click=${() => lab.turnTour(0)}>${lab.session.locale.words.page.toLab}</button>
    </div>
  </header>`;

/** The heading of our own page. A foreign page has its own heading, so there it is only a name. */
const name = ({ isOwnPage }: Lab) =>
  isOwnPage ? html`<h1 class="name">backnorm</h1>` : html`<span class="name">backnorm</span>`;

/** After a way past the header: a button, since the fragment of a link is the state of the lab. */
const title = (lab: Lab) => {
  const { page } = lab.session.locale.words;
  return html`
    ${lab.isOwnPage ? html`<button class="control skip" @click=${lab.skip}>${page.skip}</button>` : nothing}
    ${name(lab)}
    <span class="tagline">${page.tagline}</span>`;
};

/** A list that shows the current choice, even after a choice that failed. */
const choosing = (choice: (value: string) => unknown, chosen: () => string) => async (event: Event) => {
  const list = event.target as HTMLSelectElement;
  await choice(list.value);
  list.value = chosen();
};

function cases(session: Session) {
  const { name, base } = session;
  const { page, presetNames } = session.locale.words;
  const choose = (value: string) =>
    isPreset(value) ? session.choosePreset(value) : value === "draw" && session.draw();
  return html`
    <label class="control"><span>${page.case}</span>
      <select aria-label=${page.case} @change=${choosing(choose, () => session.name)}>
        ${isPreset(name) ? nothing : html`<option value=${name} .selected=${true}>${name}</option>`}
        ${(Object.keys(kPresetGroups) as PresetGroup[]).map(
          (group) => html`
          <optgroup label=${page.groups[group]}>
            ${kPresetGroups[group].map((id) => html`<option value=${id} .selected=${id === base && id === name}>${presetNames[id]}</option>`)}
          </optgroup>`,
        )}
        <optgroup label=${page.groups.drawn}><option value="draw">${page.draw}</option></optgroup>
      </select>
    </label>`;
}

/** The norm of the case. */
function norm(session: Session) {
  const { norms } = session.locale.words.inputs;
  const chosen = () => session.setting.norm;
  return html`
    <label class="control"><span>${norms.title}</span>
      <select name="norm" aria-label=${norms.title} @change=${choosing((value) => session.chooseNorm(value as Norm), chosen)}>
        ${allNorms.map((id) => html`<option value=${id} .selected=${id === chosen()}>${norms[id]}</option>`)}
      </select>
    </label>`;
}

/** Names, language and theme. */
function looks(lab: Lab) {
  const { session } = lab;
  const { notation } = session;
  const { page } = session.locale.words;
  const name = (id: string) => session.speak(session.language, id as NotationId);
  return html`
    <label class="control"><span>${page.names}</span>
      <select name="names" aria-label=${page.names} @change=${choosing(name, () => session.notation)}>
        ${kNotations.map((id) => html`<option value=${id} .selected=${id === notation}>${titleOf(id)}</option>`)}
      </select>
    </label>
    ${languageAndTheme(lab)}`;
}

function languageAndTheme({ session, isDark }: Lab) {
  const { language, notation } = session;
  const { page } = session.locale.words;
  const other = kOther[language];
  return html`
    <button class="control" name="language" lang=${other === "zh" ? "zh-Hans" : "en"} @click=${() => session.speak(other, notation)}>${page.language}</button>
    <button class="control" name="theme" @click=${() => session.choose({ theme: isDark() ? "light" : "dark" })} aria-label=${page.theme} title=${page.theme}>◐</button>`;
}
