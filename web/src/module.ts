/** The types of the module in cpp/bindings. Only this folder uses them. */
import { outOfMemory } from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import type { Verdict } from "./verdict.ts";

/** A view into wasm memory. The next call may detach it: read or fill it at once and never keep it. */
type View<A extends FloatArray = FloatArray> = A;

interface Deletable {
  delete(): void;
}

/** Makes a run, or null if memory is full. */
interface Maker<Run, Given extends unknown[] = []> {
  make(...given: Given): Run | null;
}

/** The result of a run: "ok", or the code of a status. */
type StatusCode = string;

export interface NormRun extends Deletable {
  /** Before reserve(): a norm whose statistics stay within a sample. */
  divide(before: number, groups: number, rms: boolean, unitOffset: boolean): void;
  /** apart: y doesn't overwrite x, nor dx dy. */
  reserve(
    outer: number,
    channels: number,
    inner: number,
    gamma: boolean,
    beta: boolean,
    apart: boolean,
  ): StatusCode;
  x(): View;
  y(): View;
  dy(): View;
  dx(): View;
  gamma(): View;
  beta(): View;
  mean(): View<Float64Array>;
  invstd(): View<Float64Array>;
  /** Of forward() without `apart`. */
  var(): View<Float64Array>;
  dgamma(): View;
  dbeta(): View;
  forward(eps: number, ddof: number): StatusCode;
  backward(ddof: number): StatusCode;
  infer(eps: number): StatusCode;
  inferBackward(eps: number): StatusCode;
  runningMean(): View;
  runningVar(): View;
  /** Lets forward and normalize update the running statistics. */
  track(momentum: number, unbiased: boolean): void;
  m2(): View<Float64Array>;
  sumDy(): View<Float64Array>;
  sumDyXhat(): View<Float64Array>;
  statistics(): StatusCode;
  normalize(count: number, eps: number, ddof: number): StatusCode;
  sums(): StatusCode;
  apply(count: number, ddof: number): StatusCode;
}

export interface MergeRun extends Deletable {
  reserve(channels: number): StatusCode;
  mean(): View<Float64Array>;
  m2(): View<Float64Array>;
  otherMean(): View<Float64Array>;
  otherM2(): View<Float64Array>;
  merge(count: number, otherCount: number): StatusCode;
}

/** The inputs of a case, and the mistakes to switch on. */
export interface Inputs extends Deletable {
  /** norm: in the order of C++. */
  reserve(norm: number, samples: number, channels: number, positions: number, groups: number): StatusCode;
  /** isSingle: the inputs are float32. They are held in float64. */
  configure(eps: number, ddof: number, unitOffset: boolean, isSingle: boolean): void;
  /** Whether the mistake can be made in this case. */
  canHave(mistake: number): boolean;
  x(): View<Float64Array>;
  dy(): View<Float64Array>;
  gamma(): View<Float64Array>;
  beta(): View<Float64Array>;
  addMistake(mistake: number): StatusCode;
}

/** What C++ tells as numbers in this order. Reads them before the next ones are told. */
type Told<Numbers extends readonly number[]> = Readonly<Numbers>;

/** A case, copied in once. Its trace, its check and its diagnosis are each made on demand. */
export interface CaseRun extends Inputs {
  trace(): StatusCode;
  /** Selects the array of the three methods below: values of nodes, then gradients, then contributions of edges. */
  read(quantity: number): StatusCode;
  /** Selects a path of the graph. */
  readPath(path: number): StatusCode;
  array(): View<Float64Array>;
  arrayRows(): number;
  arrayColumns(): number;

  prepareCheck(): StatusCode;
  rows(node: number): number;
  check(node: number, begin: number, end: number): void;
  /** May be overwritten before the node is checked. */
  analytic(node: number): View<Float64Array>;
  exact(node: number): View<Float64Array>;
  numeric(node: number): View<Float64Array>;
  bound(node: number): View<Float64Array>;
  numericBound(node: number): View<Float64Array>;
  signal(node: number): View<Float64Array>;
  sumOfDx(column: number): Told<[residual: number, bound: number]>;
  sumOfDxXhat(column: number): Told<[residual: number, bound: number]>;
  isBlindedBy(warning: number): boolean;
  measures(node: number, againstNumeric: boolean): MeasuresRow;
  report(node: number): ReportRow;
  /** Of the node that was reported last, a state per group or parameter: its place in kGroupStates. */
  groups(): Uint8Array;

  /** precision: the coarsest that an array names, as its place in `precisions`. */
  prepareDiagnosis(precision: number): StatusCode;
  /** The inputs are known only to the digits of their claims. */
  takeClaimedInputs(): void;
  claim(quantity: number, rows: number, columns: number): StatusCode;
  claimedValues(quantity: number): View<Float64Array>;
  resolution(quantity: number): View<Float64Array>;
  /** Claims every value and gradient of the trace. */
  claimTrace(): StatusCode;
  /** The largest difference of a claimed array from the right one. */
  distance(quantity: number): number;
  beginDiagnosis(): void;
  hasStep(): boolean;
  /** A few passes. */
  step(): StatusCode;
  /** Judges only. */
  judge(): StatusCode;
  /** kind, norm, groups, hidden quantity, and the numbers of its explanation. */
  recognition(): Float64Array;
  arithmetic(): Told<[precision: number, isOnePass: number, hasRoundedInputs: number]>;
  /** The verdicts, the relation of a quantity that is wrong, and the numbers of its explanation: see diagnose.ts. */
  finding(quantity: number): Float64Array;
  firstWrong(): number;
  fitCount(): number;
  fit(place: number): Told<[mistake: number, residual: number]>;
  /** Empty if an array of the law was not given. */
  law(law: number, column: number): Told<[residual: number, bound: number] | []>;
}

/** The evidence for the verdict on one node, gathered from checks of some columns at a time. */
export interface EvidenceRun extends Deletable {
  reserve(size: number, columns: number, isSingle: boolean): StatusCode;
  analytic(): View<Float64Array>;
  exact(): View<Float64Array>;
  numeric(): View<Float64Array>;
  bound(): View<Float64Array>;
  numericBound(): View<Float64Array>;
  signal(): View<Float64Array>;
  report(): ReportRow;
  groups(): Uint8Array;
  measures(againstNumeric: boolean): MeasuresRow;
}

export type ReportRow = Told<
  [verdict: number, maxError: number, numericError: number, worst: number, checkerAtFault: number]
>;

/** The measures of cpp/include/backnorm/measures.hpp. */
export type MeasuresRow = Told<
  [maxRelative: number, normRatio: number, numpyExcess: number, pytorchExcess: number, ulps: number]
>;

export interface DifferencesRun extends Inputs {
  makeRoom(size: number): StatusCode;
  given(): View<Float64Array>;
  found(): View<Float64Array>;
  bars(): View<Float64Array>;
  extrapolate(node: number): StatusCode;
  sweep(node: number): StatusCode;
  taylor(seed: number, single: boolean): StatusCode;
  steps(): View<Float64Array>;
  remainders(): View<Float64Array>;
  taylorVerdict(): Told<[slope: number, verdict: number]>;
  dotProduct(seed: number): StatusCode;
  dot(): Told<[forward: number, backward: number, bound: number]>;
}

/** The module, as Embind exposes it. */
export interface Module {
  NormRunFloat32: Maker<NormRun>;
  NormRunFloat64: Maker<NormRun>;
  MergeRun: Maker<MergeRun>;
  CaseRun: Maker<CaseRun>;
  EvidenceRun: Maker<EvidenceRun>;
  DifferencesRun: Maker<DifferencesRun>;
  Random: Maker<Deletable & { normal(most: number): View<Float64Array> }, [seed: number]>;
  /** graph: 0 of batch norm, 1 of RMS norm. */
  graphFact(graph: number, what: number, row: number): number;
  graphName(graph: number, what: number, row: number): string;
  mistakeCount: number;
  editCount: number;
  mistakeId(mistake: number): string;
  mistakeEdge(graph: number, mistake: number, edit: number): number;
  mistakeNode(graph: number, mistake: number, edit: number): number;
  mistakeIsOf(mistake: number, norm: number): boolean;
  warningCount: number;
  warningName(warning: number): string;
}

const verdicts: readonly Verdict[] = ["pass", "fail", "undecidable"];
/** By its number in C++. */
export const verdictOf = (verdict: number) => verdicts[verdict] as Verdict;

/** Makes a run; delete it after use. Throws `out-of-memory`. */
export function make<Run>(of: Maker<Run>, shape: readonly number[], argument = "shape"): Run {
  const run = of.make();
  if (!run) throw outOfMemory(argument, shape);
  return run;
}

/** Passes a run to `use` and always frees it afterwards. */
export function withRun<Run extends Deletable, Result>(
  of: Maker<Run>,
  shape: readonly number[],
  use: (run: Run) => Result,
  argument?: string,
): Result {
  const run = make(of, shape, argument);
  try {
    return use(run);
  } finally {
    run.delete();
  }
}
