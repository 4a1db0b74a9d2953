import type { Computed } from "../maths/computed.ts";
import type { Cell } from "../maths/layout.ts";
import type { PageCase } from "../maths/norms.ts";
import type { Selection } from "../model/selection.ts";
import type { Computing } from "./computing.ts";
import { History, type HistoryStep } from "./history.ts";
import type { Origin } from "./origin.ts";
import type { Said, Scene } from "./scene.ts";

/** The state that a step of the history restores. */
interface Shown {
  kase: PageCase;
  origin: Origin;
  selection: Selection;
}

/** The cases shown so far. Each step can be undone. */
export class Cases {
  readonly history = new History<Shown>();
  readonly #scene: Scene;
  readonly #computing: Computing;

  constructor(scene: Scene, computing: Computing) {
    this.#scene = scene;
    this.#computing = computing;
  }

  /** Shows another case, as a step that can be undone. If that fails, returns the reason. `goesOn`: extends the last step. */
  replace(
    kase: PageCase,
    origin: Origin,
    { mistake = this.#scene.mistake, goesOn = false }: { mistake?: string; goesOn?: boolean } = {},
  ): Said | undefined {
    const scene = this.#scene;
    const before = this.#shown;
    const fault = this.#computing.show(kase, mistake, origin);
    if (fault) return fault;
    const { node, cell } = scene.selection;
    scene.set({ selection: { node, cell: this.within(cell) } });
    if (before) this.history.record(before, this.#shown as Shown, kase.x.length, goesOn);
    return undefined;
  }

  /** Undoes or redoes a step. `taken` receives the reason if that fails, otherwise nothing. */
  goThrough(step: HistoryStep, taken: (fault: Said | undefined) => void) {
    this.history.take(step, ({ kase, origin, selection }) => {
      const fault = this.#computing.show(kase, this.#scene.mistake, origin);
      if (!fault) this.#scene.set({ selection });
      taken(fault);
      return !fault;
    });
  }

  /** The cell, or the nearest one that exists. */
  within({ row, column }: Cell): Cell {
    const { rows, columns } = (this.#scene.computed as Computed).layout.sheets.elements;
    return { row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
  }

  get #shown(): Shown | undefined {
    const { computed, selection, origin } = this.#scene;
    return computed && { kase: computed.kase, origin, selection };
  }
}
