import { html, nothing } from "lit";
import { fileName } from "../base/escaped.ts";
import { fromSession, Panel } from "../session/panel.ts";
import { caseAsJson, caseAsNumpy, caseAsTorch } from "./case-text.ts";
import type { CopyEvent } from "./embed.ts";
import "./embed.ts";
import type { Computed } from "../maths/computed.ts";
import { kMostCharacters } from "../session/link.ts";
import type { Session } from "../session/session.ts";
import { controls, panelText, tokens } from "../ui/theme.ts";
import type { Locale } from "../words/locale.ts";
import { pngOf, svgOf } from "./picture.ts";
import { shareStyles } from "./styles.ts";

/** Whether this is the page in one file. */
declare const BACKNORM_IS_ONE_FILE: boolean;

/** The formats for copying. */
const kCopied = ["NumPy", "PyTorch", "JSON"] as const;
type Copied = (typeof kCopied)[number];

/** The delay before a URL is revoked, because the browser may still be reading it. */
const kUntilRead = 60_000;

/** The sheet for sharing: a link, the case as text or as a file, the graph as a picture, printing. */
export class BnShare extends Panel {
  static override properties = {
    ...fromSession("locale"),
    link: { state: true },
    status: { state: true },
    text: { state: true },
  };
  declare locale: Locale;
  declare link: ReturnType<Session["link"]>;
  declare status: string;
  /** The text that the browser did not allow to copy. */
  declare text: string | undefined;

  static override styles = [tokens, controls, panelText, shareStyles];

  #graph: SVGSVGElement | undefined;

  /** Opens the sheet. `graph` is given if the graph is the open lens. On closing, the focus returns to where it was. */
  async show(graph: SVGSVGElement | undefined) {
    this.#graph = graph;
    this.link = this.session.link();
    this.status = "";
    this.text = undefined;
    await this.updateComplete;
    this.#find("dialog")?.showModal();
    this.#find("input")?.focus();
  }

  #find<Name extends "dialog" | "input" | "textarea">(name: Name) {
    return this.renderRoot.querySelector<HTMLElementTagNameMap[Name]>(name);
  }

  #close() {
    this.#find("dialog")?.close();
  }

  protected override render() {
    const { computed } = this.session;
    if (!computed || !this.link) return nothing;
    const { share } = this.locale.rest;
    return html`
      <dialog aria-labelledby="title" @click=${this.#clickBeside}>
        <div class="head">
          <h2 id="title">${share.title}</h2>
          <button class="link close" @click=${this.#close}>${this.locale.words.page.close}</button>
        </div>
        ${this.#link()}
        ${this.#case(computed)}
        ${this.#picture()}
        ${this.#embed()}
        <p class="status" role="status">${this.status}</p>
      </dialog>`;
  }

  /** Closes on a click outside the sheet. Its target is the dialog, as for a click on the edge of the sheet. */
  #clickBeside({ target, currentTarget, clientX: x, clientY: y }: MouseEvent) {
    if (target !== currentTarget) return;
    const { left, right, top, bottom } = (target as Element).getBoundingClientRect();
    if (x < left || x > right || y < top || y > bottom) this.#close();
  }

  #link() {
    const { share } = this.locale.rest;
    const { fragment, href, size, lacksMine } = this.link;
    if (fragment && !href) return nothing; // the URL of the whole page is unknown
    return html`
      <section aria-labelledby="link">
        <h3 id="link">${share.link}</h3>
        ${
          href
            ? html`
              <div class="line">
                <input class="field" readonly aria-labelledby="link" .value=${href} @focus=${({ target }: FocusEvent) => (target as HTMLInputElement).select()} />
                <button class="control" name="copy-link" @click=${() => this.#copy(href, share.link)}>${share.copy}</button>
              </div>
              <p>${share.says}</p>
              ${lacksMine ? html`<p>${share.withoutMine}</p>` : nothing}`
            : html`
              <p class="long">${share.tooLong(size, kMostCharacters)}</p>
              <p>${share.instead}</p>`
        }
      </section>`;
  }

  #case({ kase }: Computed) {
    const { share } = this.locale.rest;
    return html`
      <section aria-labelledby="case">
        <h3 id="case">${share.kase}<span>${this.session.name}, ${kase.shape.join("×")}</span></h3>
        <div class="acts">
          ${kCopied.map((kind) => html`<button class="control" name=${`copy-${kind}`} @click=${() => this.#copy(this.#textOf(kind), kind)}>${share.copyAs(kind)}</button>`)}
          <button class="control" name="download" @click=${this.#download}>${share.download}</button>
          ${BACKNORM_IS_ONE_FILE ? html`<button class="control" name="page" @click=${this.#savePage}>${share.savePage}</button>` : nothing}
        </div>
        ${
          this.text === undefined
            ? nothing
            : html`<textarea class="field" readonly spellcheck="false" aria-label=${share.byHand} .value=${this.text}></textarea>`
        }
      </section>`;
  }

  #picture() {
    const { share } = this.locale.rest;
    const { label } = this.locale.words.lenses[this.session.lens];
    return html`
      <section aria-labelledby="picture">
        <h3 id="picture">${share.lens}<span>${label}</span></h3>
        <div class="acts">
          ${
            this.#graph
              ? html`<button class="control" name="svg" @click=${this.#saveSvg}>${share.saveAs("SVG")}</button>
                <button class="control" name="png" @click=${this.#savePng}>${share.saveAs("PNG")}</button>`
              : nothing
          }
          <button class="control" name="print" @click=${this.#print}>${share.print}</button>
        </div>
        ${this.#graph ? nothing : html`<p>${share.onlyTheGraph}</p>`}
      </section>`;
  }

  #embed() {
    const { share, embed } = this.locale.rest;
    const { fragment, href } = this.link;
    const page = href && !href.startsWith("file:") ? href.replace(/#.*/s, "") : undefined;
    return html`
      <section aria-labelledby="embed">
        <h3 id="embed">${embed.title}<span>${embed.words}</span></h3>
        ${
          fragment
            ? html`<bn-embed .name=${this.session.name} .fragment=${fragment} .page=${page} @bn-copy=${this.#copyField}></bn-embed>`
            : html`<p>${share.instead}</p>`
        }
      </section>`;
  }

  async #copyField({ detail: { field, what } }: CopyEvent) {
    const { share } = this.locale.rest;
    try {
      await navigator.clipboard.writeText(field.value);
      this.status = share.copied(what);
    } catch {
      this.status = share.byHand;
      field.focus();
      field.select();
    }
  }

  #textOf(kind: Copied): string {
    const { kase } = this.session.computed as Computed;
    const { code, rest } = this.locale;
    const { name } = this.session;
    if (kind === "JSON") return caseAsJson(kase);
    return kind === "NumPy" ? caseAsNumpy(kase, code, name) : caseAsTorch(kase, code, name, rest.share.torch);
  }

  /** If the browser does not allow copying, the text is shown to be copied by hand. */
  async #copy(text: string, what: string) {
    const { share } = this.locale.rest;
    try {
      await navigator.clipboard.writeText(text);
      this.text = undefined;
      this.status = share.copied(what);
    } catch {
      const isLink = text === this.link.href;
      this.text = isLink ? undefined : text;
      this.status = share.byHand;
      await this.updateComplete;
      const field = this.#find(isLink ? "input" : "textarea");
      field?.focus();
      field?.select();
    }
  }

  #download() {
    const { kase } = this.session.computed as Computed;
    this.#save(
      caseAsJson(kase, this.session.saidMine),
      "application/json",
      `${fileName(this.session.name)}.json`,
    );
  }

  /** Saves the page in one file again, so that it opens on the current state. */
  #savePage() {
    const page = this.ownerDocument.documentElement.cloneNode(true) as HTMLElement;
    page.querySelector("backnorm-lab")?.setAttribute("link", this.session.carried);
    this.#save(`<!doctype html>\n${page.outerHTML}\n`, "text/html", `${fileName(this.session.name)}.html`);
  }

  #save(content: BlobPart, type: string, name: string) {
    const href = URL.createObjectURL(new Blob([content], { type }));
    Object.assign(document.createElement("a"), { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), kUntilRead);
    this.status = this.locale.rest.share.saving(name);
  }

  #svg(): string {
    const { name, computed } = this.session;
    const size = (computed as Computed).kase.shape.join("×");
    const { words, rest } = this.locale;
    const { label, words: what } = words.lenses.graph;
    const { languageCode: language, rule, negative, positive } = words.page;
    return svgOf(this.#graph as SVGSVGElement, {
      title: `backnorm: ${label}, ${name}`,
      description: rest.share.about(what, size, this.link.href),
      language,
      heading: `${name}, ${size}`,
      rule,
      negative,
      positive,
    });
  }

  #saveSvg() {
    this.#save(this.#svg(), "image/svg+xml", `${fileName(`${this.session.name}-graph`)}.svg`);
  }

  async #savePng() {
    try {
      this.#save(await pngOf(this.#svg()), "image/png", `${fileName(`${this.session.name}-graph`)}.png`);
    } catch {
      this.status = this.locale.rest.share.noPng;
    }
  }

  #print() {
    this.#close();
    this.ownerDocument.defaultView?.print();
  }
}

customElements.define("bn-share", BnShare);
