/**
 * The small module. cpp/bindings/checker.cpp exports plain functions, so that no glue has to be fetched; here they
 * become what Embind makes of the whole module.
 */
import type { CaseRun, CheckerModule, GradcheckRun, TraceRun } from "./module.ts";
import { compile, type ReadWasm } from "./start.ts";

/** The address of a run, or 0. */
type Run = number;
/** The address of two words: where doubles or characters stand, and how many. */
type Told = number;

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;

  case_reserve(run: Run, rows: number, columns: number, eps: number, ddof: number): Told;
  case_x(run: Run): Told;
  case_dy(run: Run): Told;
  case_gamma(run: Run): Told;
  case_beta(run: Run): Told;
  case_add_mistake(run: Run, mistake: number): Told;

  trace_new(): Run;
  trace_delete(run: Run): void;
  trace_run(run: Run): Told;
  trace_value(run: Run, node: number): Told;
  trace_read_gradient(run: Run, node: number): Told;
  trace_gradient(run: Run): Told;
  trace_returned_rows(run: Run): number;
  trace_returned_columns(run: Run): number;
  trace_contribution(run: Run, edge: number): Told;
  trace_path(run: Run, path: number): Told;

  check_new(): Run;
  check_delete(run: Run): void;
  check_prepare(run: Run): Told;
  check_rows(run: Run, node: number): number;
  check_check(run: Run, node: number, begin: number, end: number): void;
  check_analytic(run: Run, node: number): Told;
  check_exact(run: Run, node: number): Told;
  check_numeric(run: Run, node: number): Told;
  check_bound(run: Run, node: number): Told;
  check_numeric_bound(run: Run, node: number): Told;
  check_signal(run: Run, node: number): Told;
  check_sum_of_dx(run: Run, column: number): Told;
  check_sum_of_dx_xhat(run: Run, column: number): Told;
  check_is_blinded_by(run: Run, warning: number): number;
  check_measures(run: Run, node: number, againstNumeric: boolean): Told;
  check_report(run: Run, node: number): Told;

  node_count(): number;
  node_name(node: number): Told;
  node_is_matrix(node: number): number;
  node_gate(node: number): Told;
  node_input(node: number, at: number): number;
  mistake_count(): number;
  mistake_id(mistake: number): Told;
  mistake_edge(mistake: number, edit: number): number;
  mistake_node(mistake: number, edit: number): number;
  warning_count(): number;
  warning_name(warning: number): Told;
}

type Five = [number, number, number, number, number];

/** In the order of C++. */
const kVerdicts = [{ value: 0 }, { value: 1 }, { value: 2 }] as const;

export async function startChecker(readWasm: ReadWasm): Promise<CheckerModule> {
  const abort = () => {
    throw new Error("abort()"); // what else a newer Emscripten's C library calls, it calls on the way there
  };
  const { exports } = await WebAssembly.instantiate(await compile(readWasm), {
    env: { emscripten_notify_memory_growth: () => {} }, // no view is kept that would have to be made anew
    wasi_snapshot_preview1: { proc_exit: abort, fd_write: abort, fd_close: abort, fd_seek: abort },
  });
  const wasm = exports as unknown as Exports;
  wasm._initialize();
  return adapt(wasm);
}

function adapt(wasm: Exports): CheckerModule {
  const told = (at: Told) =>
    new Uint32Array(wasm.memory.buffer, at, 2) as Iterable<number> as [number, number];
  const view = (at: Told) => new Float64Array(wasm.memory.buffer, ...told(at));
  const text = (at: Told) => String.fromCharCode(...new Uint8Array(wasm.memory.buffer, ...told(at)));
  /** A record, whose fields are read by index. */
  const fields = <Tuple extends number[]>(at: Told) => view(at) as ArrayLike<number> as Tuple;
  const law = (at: Told) => {
    const { 0: residual, 1: bound } = fields<[number, number]>(at);
    return { residual, bound };
  };

  const inputs = (run: Run): Omit<CaseRun, "delete"> => ({
    reserve: (rows, columns, eps, ddof) => text(wasm.case_reserve(run, rows, columns, eps, ddof)),
    x: () => view(wasm.case_x(run)),
    dy: () => view(wasm.case_dy(run)),
    gamma: () => view(wasm.case_gamma(run)),
    beta: () => view(wasm.case_beta(run)),
    addMistake: (mistake) => text(wasm.case_add_mistake(run, mistake)),
  });

  function traceRun(): TraceRun | null {
    const run = wasm.trace_new();
    if (run === 0) return null;
    return {
      ...inputs(run),
      delete: () => wasm.trace_delete(run),
      run: () => text(wasm.trace_run(run)),
      value: (node) => view(wasm.trace_value(run, node)),
      readGradient: (node) => text(wasm.trace_read_gradient(run, node)),
      gradient: () => view(wasm.trace_gradient(run)),
      returnedRows: () => wasm.trace_returned_rows(run),
      returnedColumns: () => wasm.trace_returned_columns(run),
      contribution: (edge) => view(wasm.trace_contribution(run, edge)),
      path: (path) => view(wasm.trace_path(run, path)),
    };
  }

  function gradcheckRun(): GradcheckRun | null {
    const run = wasm.check_new();
    if (run === 0) return null;
    return {
      ...inputs(run),
      delete: () => wasm.check_delete(run),
      prepare: () => text(wasm.check_prepare(run)),
      rows: (node) => wasm.check_rows(run, node),
      check: (node, begin, end) => wasm.check_check(run, node, begin, end),
      analytic: (node) => view(wasm.check_analytic(run, node)),
      exact: (node) => view(wasm.check_exact(run, node)),
      numeric: (node) => view(wasm.check_numeric(run, node)),
      bound: (node) => view(wasm.check_bound(run, node)),
      numericBound: (node) => view(wasm.check_numeric_bound(run, node)),
      signal: (node) => view(wasm.check_signal(run, node)),
      sumOfDx: (column) => law(wasm.check_sum_of_dx(run, column)),
      sumOfDxXhat: (column) => law(wasm.check_sum_of_dx_xhat(run, column)),
      isBlindedBy: (warning) => wasm.check_is_blinded_by(run, warning) !== 0,
      measures: (node, againstNumeric) => {
        const at = wasm.check_measures(run, node, againstNumeric);
        const { 0: maxRelative, 1: normRatio, 2: numpyExcess, 3: pytorchExcess, 4: ulps } = fields<Five>(at);
        return { maxRelative, normRatio, numpyExcess, pytorchExcess, ulps };
      },
      report: (node) => {
        const at = wasm.check_report(run, node);
        const { 0: place, 1: maxError, 2: numericError, 3: worst, 4: atFault } = fields<Five>(at);
        const verdict = kVerdicts[place] as (typeof kVerdicts)[0];
        return { verdict, maxError, numericError, worst, checkerAtFault: atFault !== 0 };
      },
    };
  }

  const [pass, fail, undecidable] = kVerdicts;
  return {
    TraceRunFloat64: { make: traceRun },
    GradcheckRunFloat64: { make: gradcheckRun },
    Verdict: { pass, fail, undecidable },
    mistakeCount: wasm.mistake_count(),
    mistakeId: (mistake) => text(wasm.mistake_id(mistake)),
    mistakeEdge: wasm.mistake_edge,
    mistakeNode: wasm.mistake_node,
    warningCount: wasm.warning_count,
    warningName: (warning) => text(wasm.warning_name(warning)),
    nodeCount: wasm.node_count,
    nodeRow: (node) => ({
      id: text(wasm.node_name(node)),
      matrix: wasm.node_is_matrix(node) !== 0,
      gate: text(wasm.node_gate(node)),
      inputs: [wasm.node_input(node, 0), wasm.node_input(node, 1)],
    }),
  };
}
