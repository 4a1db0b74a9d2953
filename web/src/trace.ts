import { arrayLike, settle } from "./arguments.ts";
import { type CheckedCase, type NormCase, type PassOptions, withCase } from "./case.ts";
import type { FloatArray } from "./float-array.ts";
import {
  type Extent,
  type Graph,
  type GraphEdge,
  type Graphs,
  graphFor,
  type NodeId,
  type RmsNodeId,
} from "./graph.ts";
import { toGiven } from "./grouping.ts";
import type { CaseRun, Module } from "./module.ts";
import type { CheckedNorm } from "./norm.ts";

/** A node with its numbers. */
export interface NodeTrace<A extends FloatArray = FloatArray, Id = NodeId> {
  /** The node. */
  id: Id;
  /** Like x, like gamma, or that of the norm's statistics; [length] if a mistake gives the value another length. */
  shape: number[];
  /** Its value, in that shape. */
  value: A;
  /** The gradient of L = Σ dy·y with respect to this node. */
  grad: A;
  /** The shape of grad: the node's, unless a mistake returns another one. */
  gradShape: number[];
}

/** An edge with its numbers. */
export interface EdgeTrace<A extends FloatArray = FloatArray, Id = NodeId> extends GraphEdge<Id> {
  /**
   * The contribution of this edge, in the shape of `from`. A node's gradient is the sum over the edges that leave it.
   */
  contribution: A;
}

/** The paths of the gradient. */
export interface Paths<A extends FloatArray = FloatArray> {
  /** Like x each; they add up to dx. Of RMS norm, see `RmsPaths`. */
  x: {
    /** From xhat, as if mean and variance were constants. */
    direct: A;
    /** Through the variance. */
    throughVar: A;
    /** Through the mean. */
    throughMean: A;
  };
  /** One value per group each; they add up to dmean. */
  mean: {
    /** From xhat, as if the variance were a constant. */
    direct: A;
    /** Through the variance: 0 up to round-off, since Σ (x - mean) = 0. */
    throughVar: A;
  };
}
/** The paths of RMS norm. */
export interface RmsPaths<A extends FloatArray = FloatArray> {
  /** Like x each; they add up to dx. */
  x: {
    /** From xhat, as if the root mean square were a constant. */
    direct: A;
    /** Through the root mean square. */
    throughRms: A;
  };
}

/** What `trace` returns. */
export interface Trace<A extends FloatArray = FloatArray, Id = NodeId, P = Paths<A>> {
  /** In topological order. */
  nodes: NodeTrace<A, Id>[];
  /** One for every input of every node. */
  edges: EdgeTrace<A, Id>[];
  /** The parts that dx and dmean are the sums of. */
  paths: P;
}
/** What `trace` returns for RMS norm. */
export type RmsTrace<A extends FloatArray = FloatArray> = Trace<A, RmsNodeId, RmsPaths<A>>;

/** The shape of a node's tensor, as the caller sees it. */
export const shapeOfNode = ({ shape, statisticsShape, parametersShape }: CheckedNorm, extent: Extent) => [
  ...{ elements: shape, statistics: statisticsShape, parameters: parametersShape }[extent],
];

interface Returned<A> {
  values: A;
  shape: number[];
}

/** An array of the kernels in the caller's order, with its shape. */
function returned<A extends FloatArray>(
  run: CaseRun,
  { x, norm, grouping: { rows, columns, places } }: CheckedCase<A>,
  extent: Extent,
): Returned<A> {
  const values = arrayLike(x, run.array());
  const [height, width] = [run.arrayRows(), run.arrayColumns()];
  const own = shapeOfNode(norm, extent);
  if (height === rows && width === columns && (extent === "elements" || rows > 1)) {
    return { values: toGiven(values, places), shape: [...norm.shape] };
  }
  if (extent === "elements") {
    // transposed: rows of samples become columns
    if (!places) return { values, shape: [height, width] };
    const turned = arrayLike(values, values.length);
    for (const at of values.keys())
      turned[(at % width) * height + Math.floor(at / width)] = values[at] as number;
    return { values: turned, shape: [width, height] };
  }
  if (height > 1) return { values, shape: [height, width] };
  return { values, shape: own.reduce((a, b) => a * b, 1) === width ? own : [width] };
}

export function readTrace<A extends FloatArray>(
  graph: Graph,
  run: CaseRun,
  checked: CheckedCase<A>,
): Trace<A> {
  const answer = (status: string) => settle(status, "case", checked.norm.shape);
  answer(run.trace());
  const count = graph.nodes.length;
  const read = (number: number, extent: Extent) => {
    answer(run.read(number));
    return returned(run, checked, extent);
  };
  const extentOf = (id: NodeId) => graph.nodes.find((node) => node.id === id)?.extent as Extent;
  const paths: Record<string, Record<string, A>> = {};
  for (const [at, { id, to }] of graph.paths.entries()) {
    answer(run.readPath(at));
    const name = id.replace(/-./, (end) => end.slice(1).toUpperCase());
    paths[to] = { ...paths[to], [name]: returned(run, checked, extentOf(to)).values };
  }
  return {
    nodes: graph.nodes.map(({ id, extent }, at) => {
      const { values, shape } = read(at, extent);
      const gradient = read(count + at, extent);
      return { id, shape, value: values, grad: gradient.values, gradShape: gradient.shape };
    }),
    edges: graph.edges.map((edge, at) => ({
      ...edge,
      contribution: read(2 * count + at, extentOf(edge.from)).values,
    })),
    paths: paths as unknown as Paths<A>,
  };
}

export const trace = <A extends FloatArray>(
  module: Module,
  graphs: Graphs,
  kase: NormCase<A>,
  options: PassOptions = {},
): Trace<A> =>
  withCase(module, kase, options, (run, checked) =>
    readTrace(graphFor(graphs, checked.norm.norm), run, checked),
  );
