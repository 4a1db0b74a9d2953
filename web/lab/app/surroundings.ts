import type { ReactiveController, ReactiveControllerHost } from "lit";
import { firstWrong } from "../check/gradient-rows.ts";
import type { Computed } from "../maths/computed.ts";
import { documentAddress, kAsking, OwnAddress } from "../session/address.ts";
import type { Asking, LabSelection, LabVerdict } from "../session/backnorm-lab.ts";
import { type HistoryStep, historyKey } from "../session/history.ts";
import type { MineVerdict } from "../session/scene.ts";
import type { Session } from "../session/session.ts";

/** Tells our own page the lab's language and theme, so that the page can use them too. */
export class LookEvent extends CustomEvent<{ language: string; title: string; theme: string | undefined }> {
  constructor(language: string, title: string, theme: string | undefined) {
    super("bn-look", { detail: { language, title, theme } });
  }
}

/** The attributes as Lit's properties. */
export const asking = Object.fromEntries(kAsking.map((name) => [name, {}]));

type Host = ReactiveControllerHost & HTMLElement & Asking & { readonly session: Session };

/**
 * The element's relation to its host page. On our own page it is `linked`: it uses the URL of the document and all keys.
 * On any other page it leaves those alone, follows its attributes, and reports changes as events.
 */
export class Surroundings implements ReactiveController {
  readonly #host: Host;
  #own: OwnAddress | undefined;
  #look = "";
  #tall = "";
  #theme: string | undefined;
  /** It was removed from the page during a check. */
  #wasChecking = false;
  #selected = "";
  #judged: Computed["report"];
  #mine: MineVerdict | undefined;
  verdict: LabVerdict | null = null;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
    host.addEventListener("click", this.#click);
  }

  get #isLinked() {
    return this.#host.hasAttribute("linked");
  }

  get #keys(): EventTarget {
    return this.#isLinked ? window : this.#host;
  }

  hostConnected() {
    const { session } = this.#host;
    this.#keys.addEventListener("keydown", this.#key);
    if (this.#isLinked) {
      window.addEventListener("hashchange", this.#follow);
      session.start(documentAddress(String(this.#host.link ?? "")));
    } else if (!this.#own) {
      this.#own = new OwnAddress(this.#host);
      session.start(this.#own);
    }
    if (this.#wasChecking) session.checkAgain();
  }

  hostDisconnected() {
    const { session } = this.#host;
    window.removeEventListener("hashchange", this.#follow);
    window.removeEventListener("keydown", this.#key);
    this.#host.removeEventListener("keydown", this.#key);
    this.#wasChecking = session.progress !== undefined;
    session.stop();
  }

  #follow = () => this.#host.session.followLink();

  #key = (event: Event) => {
    const step: HistoryStep | undefined = historyKey(event as KeyboardEvent);
    if (!step) return;
    event.preventDefault();
    this.#host.session.goThrough(step);
  };

  /** A link to another state of the lab. On a foreign page, the document's URL stays. */
  #click = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.composedPath().find((target) => target instanceof HTMLAnchorElement);
    const fragment = (link as HTMLAnchorElement | undefined)?.getAttribute("href") ?? "";
    if (!fragment.startsWith("#")) return;
    this.#host.scrollTop = 0;
    this.#host.scrollIntoView();
    if (!this.#own) return;
    event.preventDefault();
    this.#own.write(fragment);
    this.#follow();
  };

  hostUpdated() {
    const { session, style } = this.#host;
    if (this.#own?.isBehind) {
      session.flush(); // changes that the reader made meanwhile
      this.#own.follow();
      this.#follow();
    }
    const height = this.#own?.height;
    const tall = height ? `${height}px` : "";
    if (tall !== this.#tall) style.height = tall; // keeps a height that the author set by hand
    this.#tall = tall;
    const { locale, theme, selection, computed, mine } = session;
    const { languageCode, title } = locale.words.page;
    const look = `${languageCode} ${theme}`;
    if (look !== this.#look) this.#host.dispatchEvent(new LookEvent(languageCode, title, theme));
    this.#look = look;
    if (this.#own && theme !== this.#theme) style.colorScheme = theme ?? "";
    this.#theme = theme;
    if (!computed) return;
    const { node, cell } = selection;
    const selected = `${node} ${cell.row} ${cell.column}`;
    if (this.#selected && this.#selected !== selected)
      this.#tell("backnorm-select", { node, cell: { ...cell } });
    this.#selected = selected;
    if (computed.report && computed.report !== this.#judged) this.#tellVerdict(computed);
    this.#judged = computed.report;
    if (mine && mine !== this.#mine) this.#tellMine(mine);
    this.#mine = mine;
  }

  get selection(): LabSelection | null {
    const { computed, selection } = this.#host.session;
    return computed ? { node: selection.node, cell: { ...selection.cell } } : null;
  }

  #tellVerdict(computed: Computed) {
    const { nodes, verdict } = computed.report as NonNullable<Computed["report"]>;
    const first = firstWrong(computed);
    this.#tell("backnorm-verdict", {
      source: "check",
      verdict: first ? "fail" : verdict, // if a value is wrong, the gradients may still be right
      firstWrong: first ? `${first.isValue ? "" : "d"}${first.id}` : null,
      right: nodes.filter((node) => node.verdict === "pass").length,
      given: nodes.length,
    });
  }

  #tellMine({ firstWrong, right, given }: MineVerdict) {
    const verdict = firstWrong ? "fail" : right === given ? "pass" : "undecidable";
    this.#tell("backnorm-verdict", { source: "mine", verdict, firstWrong, right, given });
  }

  #tell(name: "backnorm-select", detail: Session["selection"]): void;
  #tell(name: "backnorm-verdict", detail: LabVerdict): void;
  #tell(name: string, detail: unknown) {
    if (name === "backnorm-verdict") this.verdict = detail as LabVerdict;
    this.#host.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}
