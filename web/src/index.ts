export type { Backnorm, Engine } from "./backnorm.ts";
export type { Case, NormCase, PassOptions, RmsCase } from "./case.ts";
export type { Claim, ClaimedArray } from "./claim.ts";
export type {
  Arithmetic,
  ClaimedInvariant,
  DiagnoseAsyncOptions,
  DiagnoseOptions,
  Diagnosis,
  Finding,
  Recognition,
  Relation,
} from "./diagnose.ts";
export type {
  DotProductTest,
  DotProductTestOptions,
  Extrapolation,
  StepSweep,
  StepSweepOptions,
  TaylorTest,
  TaylorTestOptions,
} from "./differences.ts";
export {
  BacknormRangeError,
  BacknormTypeError,
  type Complaint,
  type ErrorCode,
  type ErrorPlace,
} from "./errors.ts";
export type { Examination, ExamineOptions } from "./examine.ts";
export type {
  Cause,
  CountId,
  CountPower,
  Explanation,
  Factor,
  Formula,
  Root,
  Share,
  ValuePower,
} from "./explanation.ts";
export type { FloatArray } from "./float-array.ts";
export type { GradcheckAsyncOptions } from "./gradcheck-async.ts";
export type {
  AnyNodeId,
  Extent,
  Gate,
  Graph,
  GraphEdge,
  GraphNode,
  GraphPath,
  LawId,
  NodeId,
  RmsNodeId,
} from "./graph.ts";
export type { ArrayOf, Dtype, Layer, LayerOptions } from "./layer.ts";
export { type LinkOptions, linkOf } from "./link.ts";
export { type LoadOptions, load } from "./load.ts";
export type { Mistake, Words } from "./mistake-words.ts";
export type { MistakeRow } from "./mistakes.ts";
export type { Norm, NormOptions } from "./norm.ts";
export { type ParsedArray, parseArray } from "./parse-array.ts";
export { parseNpy } from "./parse-npy.ts";
export { parseNpz } from "./parse-npz.ts";
export type { StatisticsOptions } from "./parts.ts";
export type {
  AffineOptions,
  Backward,
  Cache,
  Forward,
  ForwardOptions,
  InferBackward,
  InferBackwardOptions,
  InferOptions,
  Saved,
} from "./passes.ts";
export type { Precision } from "./precision.ts";
export type { Presets } from "./presets.ts";
export type {
  Closeness,
  Evidence,
  GroupState,
  Invariant,
  Measures,
  NodeReport,
  Report,
  WorstValue,
} from "./report.ts";
export type { Running, RunningRule } from "./running.ts";
export type { AbortSignalLike } from "./signal.ts";
export type { Statistics, Sums } from "./statistics.ts";
export type { Layout, TensorOptions } from "./tensor.ts";
export type { EdgeTrace, NodeTrace, Paths, RmsPaths, RmsTrace, Trace } from "./trace.ts";
export type { Verdict } from "./verdict.ts";
export type { Warning, WarningId } from "./warnings.ts";
export type { MistakeWords } from "./words.ts";
