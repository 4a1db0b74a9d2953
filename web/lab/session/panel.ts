import { type ContextCallback, ContextEvent, createContext } from "@lit/context";
import type { LitElement } from "lit";
import { Movable } from "../base/movable.ts";
import { isVeryLarge, nextTask } from "./in-parts.ts";
import type { Session } from "./session.ts";

/** The context by which an element finds the session of its lab. */
export const sessionContext = createContext<Session>(Symbol("session"));

/** Properties that a panel takes from the session, with the same names. */
export const fromSession = (...names: (keyof Session)[]) =>
  Object.fromEntries(names.map((name) => [name, { attribute: false, fromSession: true }]));

/** An element that shows a part of the session, and asks it to change. */
export class Panel extends Movable {
  declare session: Session;
  #leave: (() => void) | undefined;

  override connectedCallback() {
    super.connectedCallback();
    this.dispatchEvent(new ContextEvent(sessionContext, this, this.#take, true));
  }

  /** With a very large case, each panel is drawn in a task of its own. */
  protected override scheduleUpdate(): undefined | Promise<unknown> {
    if (isVeryLarge(this.session?.computed?.kase)) return nextTask().then(() => super.scheduleUpdate());
    super.scheduleUpdate();
    return undefined;
  }

  override disconnectedCallback() {
    this.#leave?.();
    super.disconnectedCallback();
  }

  #take: ContextCallback<Session> = (session, leave) => {
    this.#leave = leave;
    this.session = session;
    const shown = Array.from((this.constructor as typeof LitElement).elementProperties).flatMap(
      ([name, options]) => ("fromSession" in options ? [[name, session[name as keyof Session]]] : []),
    );
    Object.assign(this, Object.fromEntries(shown)); // Lit redraws only for values that changed
  };
}
