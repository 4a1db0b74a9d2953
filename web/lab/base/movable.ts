import { adoptStyles, type CSSResult, LitElement, supportsAdoptingStyleSheets } from "lit";

/** Copies of style sheets for other documents: a sheet serves only the document that made it. */
const kCopies = new WeakMap<Document, Map<CSSResult, CSSStyleSheet>>();

function copyFor(styles: CSSResult, view: Window & typeof globalThis): CSSStyleSheet {
  const copies = kCopies.get(view.document) ?? new Map<CSSResult, CSSStyleSheet>();
  kCopies.set(view.document, copies);
  let copy = copies.get(styles);
  if (!copy) {
    copy = new view.CSSStyleSheet();
    copy.replaceSync(styles.cssText);
    copies.set(styles, copy);
  }
  return copy;
}

/** An element whose styles follow it into another document, such as that of a frame. Those of Lit stay behind. */
export class Movable extends LitElement {
  readonly #styles = [...((this.constructor as typeof LitElement).elementStyles as CSSResult[])];

  protected override createRenderRoot() {
    const root = this.attachShadow({ mode: "open" });
    this.#dress(root, this.#styles);
    return root;
  }

  adoptedCallback() {
    if (this.shadowRoot && supportsAdoptingStyleSheets) this.#dress(this.shadowRoot, this.#styles);
  }

  /** Adds the styles of a part that was fetched later. */
  wear(styles: CSSResult) {
    if (this.#styles.includes(styles)) return;
    this.#styles.push(styles);
    const root = this.shadowRoot as ShadowRoot;
    this.#dress(root, supportsAdoptingStyleSheets ? this.#styles : [styles]);
  }

  #dress(root: ShadowRoot, styles: readonly CSSResult[]) {
    const { defaultView: view } = this.ownerDocument; // null for a document that nobody sees
    if (view === window || !supportsAdoptingStyleSheets) adoptStyles(root, [...styles]);
    else if (view) root.adoptedStyleSheets = styles.map((one) => copyFor(one, view));
  }
}
