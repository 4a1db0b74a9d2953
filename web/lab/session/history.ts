export type HistoryStep = "undo" | "redo";

/** What one step went from and to. States share the arrays that they have in common. */
interface Step<State> {
  from: State;
  to: State;
}

const kMostSteps = 100;
/** 80 MB. */
const kMostNumbers = 1e7;

/** The steps taken, of which those undone can be taken again until there is a new one. */
export class History<State> {
  #steps: Step<State>[] = [];
  #taken = 0;

  can(step: HistoryStep): boolean {
    return step === "undo" ? this.#taken > 0 : this.#taken < this.#steps.length;
  }

  /**
   * Takes note of a step, or of one that goes on where the last one led. `numbers`: how many of them it holds, since
   * fewer large steps are kept.
   */
  record(from: State, to: State, numbers: number, goesOn = false) {
    const most = Math.max(1, Math.min(kMostSteps, Math.floor(kMostNumbers / numbers)));
    const before = this.#steps.slice(0, this.#taken);
    const begun = goesOn ? before.pop()?.from : undefined;
    this.#steps = [...before, { from: begun ?? from, to }].slice(-most);
    this.#taken = this.#steps.length;
  }

  /** Takes a step if `show` can show the state that it leads to. */
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

/** The step that a key asks for. What is being typed into a field is the browser's to undo. */
export function historyKey(event: KeyboardEvent): HistoryStep | undefined {
  const { altKey, ctrlKey, metaKey, shiftKey } = event;
  if (altKey || !(ctrlKey || metaKey) || writesText(event.composedPath()[0])) return undefined;
  const key = event.key.toLowerCase();
  if (key === "z") return shiftKey ? "redo" : "undo";
  return key === "y" && !shiftKey ? "redo" : undefined;
}
