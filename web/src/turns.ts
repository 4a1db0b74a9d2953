import { given } from "./given.ts";
import { fault } from "./sentences.ts";
import type { AbortSignalLike } from "./signal.ts";

/** Lets a few at a time work, and the others wait for their turn in the order in which they came. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Waits for a turn, which ends with `end`. Rejects with the signal's reason as soon as it is aborted. */
  async begin(signal?: AbortSignalLike): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await untilAborted(
      signal,
      (resolve) => this.#waiting.push(resolve),
      (resolve) => this.#waiting.splice(this.#waiting.indexOf(resolve), 1),
    );
  }

  end() {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}

/** Checks for a signal of any realm. */
export function signalOf(signal: AbortSignalLike | undefined): AbortSignalLike | undefined {
  if (signal !== undefined && typeof (signal as AbortSignalLike | null)?.throwIfAborted !== "function") {
    throw fault("not-a-signal", "signal", { got: given(signal) });
  }
  return signal;
}

/** What waits for each signal: Node warns of more than ten listeners. */
const listeners = new WeakMap<AbortSignalLike, Set<() => void>>();

function listenersOf(signal: AbortSignalLike): Set<() => void> {
  let all = listeners.get(signal);
  if (!all) {
    const made = new Set<() => void>();
    const abortAll = () => {
      for (const abort of made) abort();
    };
    signal.addEventListener("abort", abortAll, { once: true });
    listeners.set(signal, made);
    all = made;
  }
  return all;
}

/** Waits until `start`'s argument is called. Rejects as soon as the signal is aborted, after `leave`. */
export function untilAborted(
  signal: AbortSignalLike | undefined,
  start: (resolve: () => void) => void,
  leave: (resolve: () => void) => void = () => {},
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const all = signal && listenersOf(signal);
    const done = () => {
      all?.delete(abort);
      resolve();
    };
    const abort = () => {
      leave(done);
      reject(signal?.reason);
    };
    all?.add(abort);
    start(done);
  });
}
