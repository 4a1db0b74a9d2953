import type { NodeId } from "../../src/index.ts";
import type { Cell } from "../maths/computed.ts";

export interface Selection {
  node: NodeId;
  cell: Cell;
}

/** Asks whoever holds the selection to move it. Without a cell, the cell stays where it is. */
export class SelectEvent extends CustomEvent<{ node: NodeId; cell?: Cell | undefined }> {
  constructor(node: NodeId, cell?: Cell) {
    super("bn-select", { bubbles: true, composed: true, detail: { node, cell } });
  }
}

export type InputName = "x" | "gamma" | "beta" | "dy";

/** One number of an input, by its place in the array. */
export interface Change {
  at: number;
  value: number;
}

/** Asks whoever holds the case to change numbers of an input, all in one step. */
export class EditEvent extends CustomEvent<{ input: InputName; changes: readonly Change[] }> {
  constructor(input: InputName, changes: readonly Change[]) {
    super("bn-edit", { bubbles: true, composed: true, detail: { input, changes } });
  }
}

/** Asks whoever holds the case to make a mistake on purpose; "" makes none. */
export class MistakeEvent extends CustomEvent<{ id: string }> {
  constructor(id: string) {
    super("bn-mistake", { bubbles: true, composed: true, detail: { id } });
  }
}
