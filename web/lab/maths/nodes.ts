import type { NodeId } from "../../src/index.ts";

/** The position of each node on the picture. The graph itself comes from the package; a test compares the keys. */
export interface NodeView {
  /** Its position in the wide picture: left edge, lane (0 parameters, 1 direct, 2 below). */
  wide: readonly [left: number, lane: number];
  /** Its position in the tall picture on a phone: column (0 to 2), row. */
  tall: readonly [column: number, row: number];
  /** The sign on the arrow in front of it. */
  gate: string;
}

export const kNodeViews: Readonly<Record<NodeId, NodeView>> = {
  x: { wide: [16, 1], tall: [1, 0], gate: "" },
  gamma: { wide: [984, 0], tall: [0, 7], gate: "" },
  beta: { wide: [1108, 0], tall: [0, 8], gate: "" },
  mean: { wide: [168, 2], tall: [0, 1], gate: "Σ/N" },
  xc: { wide: [286, 1], tall: [1, 2], gate: "−" },
  sq: { wide: [432, 2], tall: [2, 3], gate: "·²" },
  var: { wide: [556, 2], tall: [2, 4], gate: "Σ/N" },
  std: { wide: [680, 2], tall: [2, 5], gate: "√" },
  invstd: { wide: [804, 2], tall: [2, 6], gate: "1/·" },
  xhat: { wide: [922, 1], tall: [1, 6], gate: "×" },
  scaled: { wide: [1046, 1], tall: [1, 7], gate: "×" },
  y: { wide: [1170, 1], tall: [1, 8], gate: "+" },
};

/** The six steps of the derivation, in order. */
export const kSteps = ["beta", "gamma", "xhat", "var", "mean", "x"] as const satisfies readonly NodeId[];
export type Step = (typeof kSteps)[number];

/** All gradients in the order of the backward pass. "The first wrong one" follows this order. */
export const kBackward = [
  "y",
  "beta",
  "scaled",
  "gamma",
  "xhat",
  "invstd",
  "std",
  "var",
  "sq",
  "xc",
  "mean",
  "x",
] as const satisfies readonly NodeId[];
