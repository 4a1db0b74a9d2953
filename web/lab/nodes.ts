import type { NodeId } from "../src/index.ts";

/** What the page knows of a node; the graph itself comes from the package, and a test compares the keys. */
export interface NodeView {
  /** As plain text, for the picture: the value, and the gradient without its ∂. */
  label: string;
  /** What it is, in words: "gradient of the loss with respect to …". */
  words: string;
  /** Its place in the wide picture: left rim, lane (0 parameters, 1 direct, 2 below). */
  wide: readonly [left: number, lane: number];
  /** Its place in the tall picture of a phone: column (0 to 2), row. */
  tall: readonly [column: number, row: number];
  /** The sign on the arrow in front of it. */
  gate: string;
}

export const kNodeViews: Readonly<Record<NodeId, NodeView>> = {
  x: { label: "x", words: "the batch", wide: [16, 1], tall: [1, 0], gate: "" },
  gamma: { label: "γ", words: "the scale", wide: [984, 0], tall: [0, 7], gate: "" },
  beta: { label: "β", words: "the shift", wide: [1108, 0], tall: [0, 8], gate: "" },
  mean: {
    label: "μ",
    words: "the mean of each column",
    wide: [168, 2],
    tall: [0, 1],
    gate: "Σ/N",
  },
  xc: {
    label: "x − μ",
    words: "the centred batch",
    wide: [286, 1],
    tall: [1, 2],
    gate: "−",
  },
  sq: {
    label: "(x − μ)²",
    words: "the squares",
    wide: [432, 2],
    tall: [2, 3],
    gate: "·²",
  },
  var: {
    label: "σ²",
    words: "the variance of each column",
    wide: [556, 2],
    tall: [2, 4],
    gate: "Σ/N",
  },
  std: {
    label: "√(σ²+ε)",
    words: "the standard deviation, with ε",
    wide: [680, 2],
    tall: [2, 5],
    gate: "√",
  },
  invstd: {
    label: "1/√(σ²+ε)",
    words: "one over the standard deviation",
    wide: [804, 2],
    tall: [2, 6],
    gate: "1/·",
  },
  xhat: {
    label: "x̂",
    words: "the normalized batch",
    wide: [922, 1],
    tall: [1, 6],
    gate: "×",
  },
  scaled: {
    label: "γx̂",
    words: "the scaled batch",
    wide: [1046, 1],
    tall: [1, 7],
    gate: "×",
  },
  y: {
    label: "y",
    words: "the output",
    wide: [1170, 1],
    tall: [1, 8],
    gate: "+",
  },
};

/** The six steps of the derivation, in its order. */
export const kSteps = ["beta", "gamma", "xhat", "var", "mean", "x"] as const satisfies readonly NodeId[];
export type Step = (typeof kSteps)[number];

/** All gradients in the order in which a backward pass comes by them: the first wrong one is the first of these. */
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
