import type { NodeId } from "../src/index.ts";

/** What the page knows of a node; the graph itself comes from the package, and a test compares the keys. */
export interface NodeView {
  /** As plain text, for the picture: the value, and the gradient without its ∂. */
  label: string;
  /** What it is, in words: "gradient of the loss with respect to …". */
  words: string;
  /** Its place in the wide picture: column from the left, lane (0 parameters, 1 direct, 2 below). */
  wide: readonly [column: number, lane: number];
  /** Its place in the tall picture of a phone: column (0 to 2), row. */
  tall: readonly [column: number, row: number];
  /** The sign on the arrow in front of it. */
  gate: string;
  /** What the gate does, for a tooltip. */
  gateWords: string;
}

export const kNodeViews: Readonly<Record<NodeId, NodeView>> = {
  x: { label: "x", words: "the batch", wide: [0, 1], tall: [1, 0], gate: "", gateWords: "" },
  gamma: { label: "γ", words: "the scale", wide: [8, 0], tall: [0, 7], gate: "", gateWords: "" },
  beta: { label: "β", words: "the shift", wide: [9, 0], tall: [0, 8], gate: "", gateWords: "" },
  mean: {
    label: "μ",
    words: "the mean of each column",
    wide: [1, 2],
    tall: [0, 1],
    gate: "Σ/N",
    gateWords: "Mean over rows: a sum gate for each column, all N rows into it, times 1/N.",
  },
  xc: {
    label: "x − μ",
    words: "the centred batch",
    wide: [2, 1],
    tall: [1, 2],
    gate: "−",
    gateWords: "Subtract; the mean is copied to N rows.",
  },
  sq: {
    label: "(x − μ)²",
    words: "the squares",
    wide: [3, 2],
    tall: [2, 3],
    gate: "·²",
    gateWords: "Square.",
  },
  var: {
    label: "σ²",
    words: "the variance of each column",
    wide: [4, 2],
    tall: [2, 4],
    gate: "Σ/N",
    gateWords:
      "Mean over rows, or with ddof 1 their sum over N − 1: a sum gate for each column, all N rows into it.",
  },
  std: {
    label: "√(σ²+ε)",
    words: "the standard deviation, with ε",
    wide: [5, 2],
    tall: [2, 5],
    gate: "√",
    gateWords: "Square root, after ε is added.",
  },
  invstd: {
    label: "1/√(σ²+ε)",
    words: "one over the standard deviation",
    wide: [6, 2],
    tall: [2, 6],
    gate: "1/·",
    gateWords: "Reciprocal.",
  },
  xhat: {
    label: "x̂",
    words: "the normalized batch",
    wide: [7, 1],
    tall: [1, 6],
    gate: "×",
    gateWords: "Multiply; 1/√(σ²+ε) is copied to N rows.",
  },
  scaled: {
    label: "γx̂",
    words: "the scaled batch",
    wide: [8, 1],
    tall: [1, 7],
    gate: "×",
    gateWords: "Multiply; γ is copied to N rows.",
  },
  y: {
    label: "y",
    words: "the output",
    wide: [9, 1],
    tall: [1, 8],
    gate: "+",
    gateWords: "Add; β is copied to N rows.",
  },
};

/** The six steps of the derivation, in its order. */
export const kSteps = ["beta", "gamma", "xhat", "var", "mean", "x"] as const satisfies readonly NodeId[];
export type Step = (typeof kSteps)[number];
