import { html, type ReactiveControllerHost } from "lit";
import type { Session } from "../session/session.ts";
import { fetchRest, fetchTour } from "./fetch-rest.ts";

type Host = Pick<ReactiveControllerHost, "requestUpdate"> & { readonly session: Session };

/** Lenses and tools that load when they are first opened: which have loaded, and which failed to load. */
export class Parts {
  readonly #host: Host;
  readonly #here = new Set<string>();
  readonly #failed = new Set<string>();
  readonly #fetching = new Set<string>();

  constructor(host: Host) {
    this.#host = host;
  }

  has(id: string): boolean {
    return this.#here.has(id);
  }

  isFetching(id: string): boolean {
    return this.#fetching.has(id);
  }

  /** The part, or a message while it loads or if it failed to load. */
  view(id: string, part: unknown): unknown {
    if (this.#here.has(id)) return part;
    const { page } = this.#host.session.locale.words;
    if (this.#failed.has(id))
      return html`<div class="wait"><p role="alert">${page.unfetched}</p>
        <button class="control" @click=${() => this.fetch(id)}>${page.again}</button></div>`;
    this.fetch(id);
    return html`<div class="wait"><p role="status">${page.fetching}</p></div>`;
  }

  async fetch(id: string) {
    if (this.#fetching.has(id)) return;
    this.#fetching.add(id);
    try {
      await (id === "tour" ? fetchTour() : fetchRest());
      this.#here.add(id);
      this.#failed.delete(id);
    } catch {
      this.#failed.add(id);
    } finally {
      this.#fetching.delete(id);
      this.#host.requestUpdate();
    }
  }
}
