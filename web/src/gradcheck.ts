import { settle } from "./arguments.ts";
import { type CheckedCase, type NormCase, type PassOptions, withCase } from "./case.ts";
import type { FloatArray } from "./float-array.ts";
import { type Graph, type Graphs, graphFor } from "./graph.ts";
import type { CaseRun, Module } from "./module.ts";
import { Columns, type Report, readEvidence, readMeasures, readNode } from "./report.ts";

/** The whole check of a run. */
export function checkAll<A extends FloatArray>(
  module: Module,
  graph: Graph,
  run: CaseRun,
  checked: CheckedCase<A>,
): Report<A> {
  settle(run.prepareCheck(), "case", checked.norm.shape);
  for (const at of graph.nodes.keys()) run.check(at, 0, run.rows(at));
  const nodes = graph.nodes.map((node, at) =>
    readNode(node, checked, readEvidence(run, at, checked.x), {
      report: [...run.report(at)],
      groups: run.groups().slice(),
      exactMeasures: readMeasures(run.measures(at, false)),
      numericMeasures: readMeasures(run.measures(at, true)),
    }),
  );
  const columns = new Columns(module, graph, checked.columns);
  columns.read(run, 0, checked.columns);
  return columns.report(module, nodes, checked);
}

export const gradcheck = <A extends FloatArray>(
  module: Module,
  graphs: Graphs,
  kase: NormCase<A>,
  options: PassOptions = {},
): Report<A> =>
  withCase(module, kase, options, (run, checked) =>
    checkAll(module, graphFor(graphs, checked.norm.norm), run, checked),
  );
