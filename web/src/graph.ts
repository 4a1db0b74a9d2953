import {
  ddofOf,
  epsOf,
  finite,
  floatArray,
  floatArrayOf,
  type Kind,
  kindOf,
  outside,
  settle,
  shapeOf,
} from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import { type CaseRun, type Inputs, type Module, withRun } from "./module.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import { fault } from "./sentences.ts";

/** The nodes of the graph in topological order, with the names of cpp/include/backnorm/table.hpp. */
export type NodeId =
  | "x"
  | "gamma"
  | "beta"
  | "mean"
  | "xc"
  | "sq"
  | "var"
  | "std"
  | "invstd"
  | "xhat"
  | "scaled"
  | "y";

export type Gate =
  | "input"
  | "mean"
  | "variance"
  | "subtract"
  | "square"
  | "square-root"
  | "reciprocal"
  | "multiply"
  | "add";

export interface GraphNode {
  readonly id: NodeId;
  /** A matrix is (N, D). A row is (D), broadcast to N rows where it meets a matrix. */
  readonly extent: "matrix" | "row";
  /** The operation that computes this node from its inputs. */
  readonly gate: Gate;
  readonly inputs: readonly NodeId[];
}

export interface GraphEdge {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** The computational graph: the table that the passes, the checker and the page read. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** One for every input of every node. */
  readonly edges: readonly GraphEdge[];
}

/** One batch to normalize, with the gradient of the loss. */
export interface Case<A extends FloatArray = FloatArray> {
  /** N·D values, row by row. */
  x: A;
  /** [N, D]: rows are the batch, columns the features. */
  shape: readonly [number, number] | readonly number[];
  /** D values. */
  gamma: A;
  /** D values. */
  beta: A;
  /** N·D values: the gradient of the loss with respect to y. */
  dy: A;
  /** Added to the variance. Default 1e-5. */
  eps?: number | undefined;
  /** 0 (default): population variance, /N. 1: unbiased variance, /(N - 1). */
  ddof?: 0 | 1 | undefined;
}

export interface NodeTrace<A extends FloatArray = FloatArray> {
  id: NodeId;
  /** [N, D] or [D]. */
  shape: number[];
  value: A;
  /** The gradient of L = Σ dy·y with respect to this node. */
  grad: A;
  /** The shape of grad: the node's, unless a mistake returns another one. */
  gradShape: number[];
}

export interface PassOptions {
  /** Ids of `mistakes` to switch on in the passes, in this order. Default: none. */
  mistakes?: readonly string[] | undefined;
}

export interface EdgeTrace<A extends FloatArray = FloatArray> extends GraphEdge {
  /**
   * The contribution of this edge, in the shape of `from`. A node's gradient is the sum over the edges that leave it.
   */
  contribution: A;
}

/** The paths of the gradient. */
export interface Paths<A extends FloatArray = FloatArray> {
  /** (N, D) each; they add up to dx. */
  x: { direct: A; throughVar: A; throughMean: A };
  /** (D) each; they add up to dmean. The second is 0 up to round-off, since Σ (x - mean) = 0. */
  mean: { direct: A; throughVar: A };
}

export interface Trace<A extends FloatArray = FloatArray> {
  /** In topological order. */
  nodes: NodeTrace<A>[];
  edges: EdgeTrace<A>[];
  paths: Paths<A>;
}

export function readGraph(module: Module): Graph {
  const rows = Array.from({ length: module.nodeCount }, (_, node) => module.nodeRow(node));
  const idOf = (node: number) => (rows[node] as (typeof rows)[number]).id as NodeId;
  const nodes = rows.map(({ id, matrix, gate, inputs }): GraphNode => {
    const names = inputs.filter((node) => node >= 0).map(idOf);
    const extent = matrix ? "matrix" : "row";
    return Object.freeze({ id: id as NodeId, extent, gate: gate as Gate, inputs: Object.freeze(names) });
  });
  const edges = nodes.flatMap((node) => node.inputs.map((from) => Object.freeze({ from, to: node.id })));
  return Object.freeze({ nodes: Object.freeze(nodes), edges: Object.freeze(edges) });
}

/** A case with every field checked. */
export interface CheckedCase<A extends FloatArray = FloatArray> {
  kind: Kind;
  rows: number;
  columns: number;
  x: A;
  gamma: A;
  beta: A;
  dy: A;
  eps: number;
  ddof: 0 | 1;
}

const kCase: NamesOf<Case> = { x: 0, shape: 0, gamma: 0, beta: 0, dy: 0, eps: 0, ddof: 0 };

export function checkCase<A extends FloatArray>(value: Case<A>): CheckedCase<A> {
  const kase = optionsOf<Case<A>>("case", value, kCase);
  const { x, gamma, beta, dy, eps = 1e-5, ddof = 0 } = kase;
  const kind = kindOf(floatArray("x", x));
  const shape = shapeOf("shape", kase.shape, 2, 2);
  const [rows, columns] = shape as [number, number];
  floatArrayOf("x", x, kind, rows * columns, shape);
  floatArrayOf("gamma", gamma, kind, columns, "column");
  floatArrayOf("beta", beta, kind, columns, "column");
  floatArrayOf("dy", dy, kind, rows * columns, shape);
  finite("x", x, columns);
  finite("gamma", gamma);
  finite("beta", beta);
  finite("dy", dy, columns);
  epsOf("eps", eps);
  ddofOf("ddof", ddof, rows);
  return { kind, rows, columns, x, gamma, beta, dy, eps, ddof };
}

/** The indices of the mistakes to switch on. */
export function mistakesOf(module: Module, options: PassOptions): number[] {
  const { mistakes = [] } = optionsOf<PassOptions>("options", options, { mistakes: 0 }, []);
  const known = Array.from({ length: module.mistakeCount }, (_, at) => module.mistakeId(at));
  if (!Array.isArray(mistakes)) {
    throw fault("not-mistakes", "mistakes", { got: given(mistakes) });
  }
  return Array.from(mistakes, (id, at) => {
    const row = known.indexOf(id);
    if (row >= 0) return row;
    throw fault("unknown-mistake", `mistakes[${at}]`, { got: given(id) });
  });
}

/**
 * Copies a case into the memory of a run. An array that lies in that memory itself, such as a layer's x, is copied
 * first: reserving may grow the memory, which detaches every view.
 */
export function fillRun(
  run: Inputs,
  { rows, columns, x, gamma, beta, dy, eps, ddof }: CheckedCase,
  made: readonly number[] = [],
): void {
  const shape = [rows, columns];
  for (const mistake of made) settle(run.addMistake(mistake), "shape", shape);
  const memory = run.x();
  const given = [x, gamma, beta, dy].map((array) => outside(array, memory));
  settle(run.reserve(rows, columns, eps, ddof), "shape", shape);
  for (const [at, view] of (["x", "gamma", "beta", "dy"] as const).entries()) {
    run[view]().set(given[at] as FloatArray);
  }
}

/** Passes a run that holds the case to `use`, and frees it afterwards. */
export function withCase<A extends FloatArray, Result>(
  module: Module,
  value: Case<A>,
  options: PassOptions,
  use: (run: CaseRun, checked: CheckedCase<A>, made: readonly number[]) => Result,
): Result {
  const made = mistakesOf(module, options);
  const checked = checkCase(value);
  return withRun(module[`CaseRun${checked.kind}`], [checked.rows, checked.columns], (run) => {
    fillRun(run, checked, made);
    return use(run, checked, made);
  });
}

export function readTrace<A extends FloatArray>(
  graph: Graph,
  run: CaseRun,
  { rows, columns }: CheckedCase<A>,
): Trace<A> {
  settle(run.trace(), "case", [rows, columns]);
  const path = (at: number) => run.path(at).slice() as A;
  return {
    nodes: graph.nodes.map(({ id, extent }, at) => {
      settle(run.readGradient(at), "case", [rows, columns]);
      const grad = run.gradient().slice() as A;
      const [gradRows, gradColumns] = [run.returnedRows(), run.returnedColumns()];
      return {
        id,
        shape: extent === "matrix" ? [rows, columns] : [columns],
        value: run.value(at).slice() as A,
        grad,
        gradShape: extent === "row" && gradRows === 1 ? [gradColumns] : [gradRows, gradColumns],
      };
    }),
    edges: graph.edges.map((edge, at) => ({ ...edge, contribution: run.contribution(at).slice() as A })),
    paths: {
      x: { direct: path(0), throughVar: path(1), throughMean: path(2) },
      mean: { direct: path(3), throughVar: path(4) },
    },
  };
}

export const trace = <A extends FloatArray>(
  module: Module,
  graph: Graph,
  kase: Case<A>,
  options: PassOptions = {},
): Trace<A> => withCase(module, kase, options, (run, checked) => readTrace(graph, run, checked));
