import type { Gate, Graph } from "../../src/index.ts";
import type { AnyNodeId } from "./graph-facts.ts";

/** The position of each node on the picture. The graph itself comes from the package; a test compares the keys. */
export interface NodeView {
  /** Its position in the wide picture: left edge, lane (0 parameters, 1 direct, 2 below). */
  wide: readonly [left: number, lane: number];
  /** Its position in the tall picture on a phone: column (0 to 2), row. */
  tall: readonly [column: number, row: number];
}

type Views = Readonly<Partial<Record<AnyNodeId, NodeView>>>;

export const kBatchViews: Views = {
  x: { wide: [16, 1], tall: [1, 0] },
  gamma: { wide: [984, 0], tall: [0, 7] },
  beta: { wide: [1108, 0], tall: [0, 8] },
  mean: { wide: [168, 2], tall: [0, 1] },
  xc: { wide: [286, 1], tall: [1, 2] },
  sq: { wide: [432, 2], tall: [2, 3] },
  var: { wide: [556, 2], tall: [2, 4] },
  std: { wide: [680, 2], tall: [2, 5] },
  invstd: { wide: [804, 2], tall: [2, 6] },
  xhat: { wide: [922, 1], tall: [1, 6] },
  scaled: { wide: [1046, 1], tall: [1, 7] },
  y: { wide: [1170, 1], tall: [1, 8] },
};

export const kRmsViews: Views = {
  x: { wide: [16, 1], tall: [1, 0] },
  gamma: { wide: [1068, 0], tall: [0, 5] },
  sq: { wide: [214, 2], tall: [2, 1] },
  ms: { wide: [390, 2], tall: [2, 2] },
  rms: { wide: [566, 2], tall: [2, 3] },
  invrms: { wide: [742, 2], tall: [2, 4] },
  xhat: { wide: [930, 1], tall: [1, 4] },
  y: { wide: [1130, 1], tall: [1, 5] },
};

/** The positions of a graph's nodes. */
export const viewsOf = ({ nodes }: Graph): Readonly<Record<string, NodeView>> =>
  (nodes.some(({ id }) => id === "mean") ? kBatchViews : kRmsViews) as Readonly<Record<string, NodeView>>;

/** The names of the lanes in the wide picture: each begins at a node, and stands on the arrow behind another or below all. */
const kLaneNames = [
  { lane: "direct", from: "var", behind: "xc" },
  { lane: "mean", from: "mean" },
  { lane: "variance", from: "var" },
] as const satisfies readonly { lane: string; from: AnyNodeId; behind?: AnyNodeId }[];

const kRmsLaneNames = [
  { lane: "direct", from: "ms", behind: "x" },
  { lane: "rms", from: "sq" },
] as const satisfies readonly { lane: string; from: AnyNodeId; behind?: AnyNodeId }[];

export const lanesOf = ({ nodes }: Graph) =>
  nodes.some(({ id }) => id === "mean") ? kLaneNames : kRmsLaneNames;

/** The sign on the arrow in front of a node. */
export const kGateSigns: Readonly<Record<Gate, string>> = {
  input: "",
  mean: "Σ/N",
  variance: "Σ/N",
  subtract: "−",
  square: "·²",
  "square-root": "√",
  reciprocal: "1/·",
  multiply: "×",
  add: "+",
};
