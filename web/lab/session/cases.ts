import type { Case } from "../../src/index.ts";
import type { Cell, Computed } from "../maths/computed.ts";
import type { Selection } from "../model/selection.ts";
import type { Computing } from "./computing.ts";
import { History, type HistoryStep } from "./history.ts";
import type { Origin } from "./origin.ts";
import type { Said, Scene } from "./scene.ts";

/** What a step of the history leads back to. */
interface Shown {
  kase: Case<Float64Array>;
  origin: Origin;
  selection: Selection;
}

/** The cases that were shown, one after the other: each can be undone. */
export class Cases {
  readonly history = new History<Shown>();
  readonly #scene: Scene;
  readonly #computing: Computing;

  constructor(scene: Scene, computing: Computing) {
    this.#scene = scene;
    this.#computing = computing;
  }

  /** Shows another case, as a step that can be undone; else the answer says why not. `goesOn`: as the last step did. */
  replace(
    kase: Case<Float64Array>,
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

  /** Undoes a step, or takes it again; `taken` is told why that failed, or nothing. */
  goThrough(step: HistoryStep, taken: (fault: Said | undefined) => void) {
    this.history.take(step, ({ kase, origin, selection }) => {
      const fault = this.#computing.show(kase, this.#scene.mistake, origin);
      if (!fault) this.#scene.set({ selection });
      taken(fault);
      return !fault;
    });
  }

  /** The cell, or the nearest one that there is. */
  within({ row, column }: Cell): Cell {
    const { rows, columns } = this.#scene.computed as Computed;
    return { row: Math.min(row, rows - 1), column: Math.min(column, columns - 1) };
  }

  get #shown(): Shown | undefined {
    const { computed, selection, origin } = this.#scene;
    return computed && { kase: computed.kase, origin, selection };
  }
}
