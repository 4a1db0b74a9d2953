/** What a call needs of an AbortSignal. A type of its own, since projects without the DOM lack that one. */
export interface AbortSignalLike {
  /** Whether the call is to stop. */
  readonly aborted: boolean;
  /** What the call's promise then rejects with. */
  readonly reason: unknown;
  /** Throws the reason if it is aborted. */
  throwIfAborted(): void;
  /** Calls the listener when it is aborted. */
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
}
