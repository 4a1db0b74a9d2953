import type { NotationId } from "../maths/notations.ts";
import type { Language } from "../model/choices.ts";
import type { arraysInLink, unpacked } from "../read/link-arrays.ts";
import { localeOf } from "../words/locale.ts";
import type { fromFiles, fromObject, fromText } from "./intake.ts";
import type { Said, Scene } from "./scene.ts";

/** The delay before a message says that something is loading, in milliseconds. */
const kPatience = 1000;

const fetching: Said = ({ words }) => words.page.fetching;

/** The rest of the page failed to load; `cause` says why. */
class Unfetched extends Error {}

/** Why something failed, as a sentence. */
export const faultOf =
  (error: unknown): Said =>
  ({ words }) =>
    error instanceof Unfetched ? words.page.unfetchedRest(words.fault(error.cause)) : words.fault(error);

/** What the rest of the page provides to a session. */
export interface Rest {
  fromFiles: typeof fromFiles;
  fromText: typeof fromText;
  fromObject: typeof fromObject;
  arraysInLink: typeof arraysInLink;
  unpacked: typeof unpacked;
}

/** Loads the rest of the page and languages. If that takes long, a message says so. */
export class Fetching {
  readonly #scene: Scene;
  readonly #fetchPage: () => Promise<Rest>;

  /** fetchPage: fetches the rest of the page. */
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

  /** Switches to another language or notation. */
  async speak(language: Language, notation: NotationId): Promise<void> {
    const locale = await this.#awaited(localeOf(language, notation, this.#scene.graph, this.#scene.setting));
    this.#scene.set({ locale });
  }
}
