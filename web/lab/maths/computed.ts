import type { Graph, NodeId, Report, Trace } from "../../src/index.ts";
import { columnsOf, type Numbers } from "./evaluate.ts";
import type { PageCase } from "./norms.ts";

/** A cell of a node: its column, and its row if the node is a matrix. */
export interface Cell {
  row: number;
  column: number;
}

/** A case with everything computed from it. `report` is missing while a long check runs. */
export interface Computed {
  graph: Graph;
  kase: PageCase;
  rows: number;
  columns: number;
  trace: Trace<Float64Array>;
  report: Report<Float64Array> | undefined;
  /** Where a deliberate mistake begins: the ids of values, and "d" + id of gradients, that are wrong here and not inherited. */
  wrongHere: ReadonlySet<string>;
  /** The check ended without a report: it was cancelled or it failed. */
  givenUp: boolean;
}

/** The index of the chosen cell in an array of the node's shape. */
export function placeOf(shape: readonly number[], { row, column }: Cell): number {
  return shape.length === 2 ? row * (shape[1] as number) + column : column;
}

export function nodeTrace(computed: Computed, id: NodeId) {
  return computed.trace.nodes.find((node) => node.id === id) as Trace<Float64Array>["nodes"][number];
}

export function nodeReport(computed: Computed, id: NodeId) {
  return computed.report?.nodes.find((node) => node.id === id);
}

/** Its numbers, for expressions. */
export function numbersOf({ graph, kase, rows, columns, trace }: Computed): Numbers {
  const nodes = new Map(trace.nodes.map((node) => [node.id, node]));
  const { eps = 1e-5, ddof = 0 } = kase;
  return {
    graph,
    grouping: columnsOf(rows, columns),
    eps,
    ddof,
    read: ({ of, which }, at) => nodes.get(of)?.[which][at] as number,
  };
}
