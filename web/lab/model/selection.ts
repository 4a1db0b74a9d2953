import type { NodeId } from "../../src/index.ts";
import type { Cell } from "../maths/computed.ts";

/** The chosen node, and the place in it that all panels point at. */
export interface Selection {
  node: NodeId;
  cell: Cell;
}

export type InputName = "x" | "gamma" | "beta" | "dy";

/** One number of an input, by its place in the array. */
export interface Change {
  at: number;
  value: number;
}
