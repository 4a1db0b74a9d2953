import type { NodeId } from "../../src/index.ts";
import type { Cell } from "../maths/layout.ts";
import type { PageCase } from "../maths/norms.ts";

/** The chosen node and the cell in it that all panels show. */
export interface Selection {
  node: NodeId;
  cell: Cell;
}

export const kInputs = ["x", "gamma", "beta", "dy"] as const;
export type InputName = (typeof kInputs)[number];

/** The inputs that a case has: RMS norm has no beta. */
export const inputsOf = (kase: PageCase) => kInputs.filter((name) => kase[name] !== undefined);

/** One number of an input, by its index in the array. */
export interface Change {
  at: number;
  value: number;
}
