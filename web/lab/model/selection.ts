import type { NodeId } from "../../src/index.ts";
import type { Cell } from "../maths/computed.ts";

/** The chosen node and the cell in it that all panels show. */
export interface Selection {
  node: NodeId;
  cell: Cell;
}

export const kInputs = ["x", "gamma", "beta", "dy"] as const;
export type InputName = (typeof kInputs)[number];

/** One number of an input, by its index in the array. */
export interface Change {
  at: number;
  value: number;
}
