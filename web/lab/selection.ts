import type { Case, NodeId, Report, Trace } from "../src/index.ts";

/** A place in a node: its column, and its row where it is a matrix. */
export interface Cell {
  row: number;
  column: number;
}

export interface Selection {
  node: NodeId;
  cell: Cell;
}

/** A case with everything that was computed of it. `report` is missing while a long check runs. */
export interface Computed {
  kase: Case<Float64Array>;
  rows: number;
  columns: number;
  trace: Trace<Float64Array>;
  report: Report<Float64Array> | undefined;
  /** Where a mistake that is made on purpose begins: the ids of values, and "d" + id of gradients, wrong here and not inherited. */
  wrongHere: ReadonlySet<string>;
  /** The check ended without a report: it was cancelled, or it failed. */
  givenUp: boolean;
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

/** The place in the arrays of a node's shape that the selected cell stands for. */
export function placeOf(shape: readonly number[], { row, column }: Cell): number {
  return shape.length === 2 ? row * (shape[1] as number) + column : column;
}

export function nodeTrace(computed: Computed, id: NodeId) {
  return computed.trace.nodes.find((node) => node.id === id) as Trace<Float64Array>["nodes"][number];
}

export function nodeReport(computed: Computed, id: NodeId) {
  return computed.report?.nodes.find((node) => node.id === id);
}
