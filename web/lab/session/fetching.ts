import type { NotationId } from "../maths/notations.ts";
import type { Language } from "../model/choices.ts";
import { localeOf } from "../words/locale.ts";
import type { openFile } from "./open-file.ts";
import type { Said, Scene } from "./scene.ts";

/** How long the page may be silent about what it waits for. */
const kPatience = 1000;

const fetching: Said = ({ words }) => words.page.fetching;

/** The rest of the page can't be had; `cause` says why. */
class Unfetched extends Error {}

/** Why something failed, as a sentence. */
export const faultOf =
  (error: unknown): Said =>
  ({ words }) =>
    error instanceof Unfetched ? words.page.unfetchedRest(words.fault(error.cause)) : words.fault(error);

/** What the rest of the page has for a session. */
export interface Rest {
  openFile: typeof openFile;
}

/** What is being fetched: the rest of the page, and languages. Where that takes a while, a sentence says so. */
export class Fetching {
  readonly #scene: Scene;
  readonly #fetchPage: () => Promise<Rest>;

  /** fetchPage: how the rest of the page is fetched. */
  constructor(scene: Scene, fetchPage: () => Promise<Rest>) {
    this.#scene = scene;
    this.#fetchPage = fetchPage;
  }

  async #awaited<Fetched>(fetched: Promise<Fetched>): Promise<Fetched> {
    const scene = this.#scene;
    const timer = setTimeout(() => scene.note(fetching), kPatience);
    try {
      return await fetched;
    } catch (cause) {
      throw new Unfetched("", { cause });
    } finally {
      clearTimeout(timer);
      if (scene.said?.say === fetching) scene.dismiss();
    }
  }

  /** The rest of the page. */
  async rest(): Promise<Rest> {
    const rest = await this.#awaited(this.#fetchPage());
    if (!this.#scene.hasRest) this.#scene.set({ hasRest: true });
    return rest;
  }

  /** Speaks another language, or by other names. */
  async speak(language: Language, notation: NotationId): Promise<void> {
    const locale = await this.#awaited(localeOf(language, notation));
    this.#scene.set({ locale });
  }
}
