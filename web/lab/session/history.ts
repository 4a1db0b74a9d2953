export type HistoryStep = "undo" | "redo";

/** The states before and after a step. States share unchanged arrays. */
interface Step<State> {
  from: State;
  to: State;
}

const kMostSteps = 100;
/** 80 MB. */
const kMostNumbers = 1e7;

/** The steps for undo and redo. A new step discards the undone ones. */
export class History<State> {
  #steps: Step<State>[] = [];
  #taken = 0;

  can(step: HistoryStep): boolean {
    return step === "undo" ? this.#taken > 0 : this.#taken < this.#steps.length;
  }

  /**
   * Records a step, or extends the last one. `numbers`: how many numbers the step holds. Fewer large steps are kept than
   * small ones.
   */
  record(from: State, to: State, numbers: number, goesOn = false) {
    const most = Math.max(1, Math.min(kMostSteps, Math.floor(kMostNumbers / numbers)));
    const before = this.#steps.slice(0, this.#taken);
    const begun = goesOn ? before.pop()?.from : undefined;
    this.#steps = [...before, { from: begun ?? from, to }].slice(-most);
    this.#taken = this.#steps.length;
  }

  /** Takes a step if `show` accepts the state that it leads to. */
  take(step: HistoryStep, show: (state: State) => boolean) {
    if (!this.can(step)) return;
    const back = step === "undo";
    const { from, to } = this.#steps[back ? this.#taken - 1 : this.#taken] as Step<State>;
    if (show(back ? from : to)) this.#taken += back ? -1 : 1;
  }
}

const writesText = (target: EventTarget | undefined) =>
  target instanceof HTMLTextAreaElement ||
  (target instanceof HTMLInputElement &&
    !["button", "checkbox", "file", "radio", "range"].includes(target.type));

/** The step for a key. In a field, the browser undoes the typing itself. */
export function historyKey(event: KeyboardEvent): HistoryStep | undefined {
  const { altKey, ctrlKey, metaKey, shiftKey } = event;
  if (altKey || !(ctrlKey || metaKey) || writesText(event.composedPath()[0])) return undefined;
  const key = event.key.toLowerCase();
  if (key === "z") return shiftKey ? "redo" : "undo";
  return key === "y" && !shiftKey ? "redo" : undefined;
}
