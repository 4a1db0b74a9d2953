import type { Graph, NodeId, Report, Trace } from "../../src/index.ts";
import type { Numbers } from "./evaluate.ts";
import { extentOf } from "./graph-facts.ts";
import { type Cell, indexAt, type Layout } from "./layout.ts";
import type { PageCase } from "./norms.ts";

/** A case with everything computed from it. `report` is missing while a long check runs. */
export interface Computed {
  graph: Graph;
  kase: PageCase;
  layout: Layout;
  trace: Trace<Float64Array>;
  report: Report<Float64Array> | undefined;
  /** Where a deliberate mistake begins: the ids of values, and "d" + id of gradients, that are wrong here and not inherited. */
  wrongHere: ReadonlySet<string>;
  /** The check ended without a report: it was cancelled or it failed. */
  givenUp: boolean;
}

/** The index of a cell of x in the arrays of a node. */
export const placeIn = ({ graph, layout }: Computed, id: NodeId, cell: Cell): number =>
  indexAt(layout, extentOf(graph, id), cell);

export function nodeTrace(computed: Computed, id: NodeId) {
  return computed.trace.nodes.find((node) => node.id === id) as Trace<Float64Array>["nodes"][number];
}

export function nodeReport(computed: Computed, id: NodeId) {
  return computed.report?.nodes.find((node) => node.id === id);
}

/** Its numbers, for expressions. */
export function numbersOf({ graph, kase, layout, trace }: Computed): Numbers {
  const nodes = new Map(trace.nodes.map((node) => [node.id, node]));
  const { eps = 1e-5, ddof = 0, unitOffset = false } = kase;
  return {
    graph,
    grouping: layout.grouping,
    eps,
    ddof,
    read: ({ of, which }, at) =>
      (nodes.get(of)?.[which][at] as number) + Number(unitOffset && of === "gamma" && which === "value"),
  };
}
