import { boolean, settle } from "./arguments.ts";
import { type CheckedCase, type NormCase, type PassOptions, withCase } from "./case.ts";
import type { FloatArray } from "./float-array.ts";
import { checkAll } from "./gradcheck.ts";
import { type Graph, type Graphs, graphFor } from "./graph.ts";
import { type CaseRun, type Module, verdictOf } from "./module.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import type { Report } from "./report.ts";
import { readTrace, type Trace } from "./trace.ts";

/** The options of `examine`. */
export interface ExamineOptions extends PassOptions {
  /** Whether to check the gradients. Default: true. The time of a check grows with N²·D. */
  check?: boolean | undefined;
}

/** The results of `trace` and `gradcheck`, and the arrays at which the switched-on mistakes begin. */
export interface Examination<A extends FloatArray = FloatArray> {
  /** What `trace` returns. */
  trace: Trace<A>;
  /** What `gradcheck` returns; null if no check was requested. */
  report: Report<A> | null;
  /** The arrays that a mistake makes wrong itself, not through other arrays: "var", "dvar". */
  origins: string[];
}

function originsOf({ nodes }: Graph, run: CaseRun, { norm: { shape } }: CheckedCase): string[] {
  for (const status of [() => run.prepareDiagnosis(0), () => run.claimTrace(), () => run.judge()])
    settle(status(), "case", shape);
  const quantities = [...nodes.map(({ id }) => id), ...nodes.map(({ id }) => `d${id}`)];
  return quantities.filter((_, at) => {
    const [truth = 0, local = 0] = run.finding(at);
    return verdictOf(truth) === "fail" && verdictOf(local) === "fail";
  });
}

const kOptions: NamesOf<ExamineOptions> = { mistakes: 0, check: 0 };

export function examine<A extends FloatArray>(
  module: Module,
  graphs: Graphs,
  kase: NormCase<A>,
  options: ExamineOptions = {},
): Examination<A> {
  const { check = true, mistakes } = optionsOf<ExamineOptions>("options", options, kOptions, []);
  boolean("check", check);
  return withCase(module, kase, { mistakes }, (run, checked, made) => {
    const graph = graphFor(graphs, checked.norm.norm);
    const trace = readTrace(graph, run, checked);
    return {
      trace,
      report: check ? checkAll(module, graph, run, checked) : null,
      origins: made.length > 0 ? originsOf(graph, run, checked) : [],
    };
  });
}
