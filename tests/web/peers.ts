/**
 * Reader of tests/data/peers/*.json: what other libraries publish in their tests, in numbers. Each file names its source,
 * version and licence, and lists what it leaves out, with the reason.
 */
import type { Norm } from "backnorm";
import burn from "../data/peers/burn.json" with { type: "json" };
import candle from "../data/peers/candle.json" with { type: "json" };
import dfdx from "../data/peers/dfdx.json" with { type: "json" };
import keras from "../data/peers/keras.json" with { type: "json" };
import onnx from "../data/peers/onnx.json" with { type: "json" };
import onnxruntime from "../data/peers/onnxruntime.json" with { type: "json" };
import pytorch from "../data/peers/pytorch.json" with { type: "json" };
import tfjsCore from "../data/peers/tfjs-core.json" with { type: "json" };
import tfjsLayers from "../data/peers/tfjs-layers.json" with { type: "json" };
import webnnBaseline from "../data/peers/webnn-baseline.json" with { type: "json" };
import wptWebnn from "../data/peers/wpt-webnn.json" with { type: "json" };
import xla from "../data/peers/xla.json" with { type: "json" };

/**
 * How far a value may lie from the expected one, as the source has it: `absolute` plus `relative` times the expected
 * value, or the larger of the two (of: "max", where it is relative to the larger of both values). Or: equal to it once
 * rounded to so many decimals. Or: so many steps of float32 away (ulps). Or: so many units in the last place of the
 * largest expected value (units).
 */
export type Tolerance =
  | { absolute?: number; relative?: number; of?: "max" }
  | { decimals: number }
  | { ulps: number }
  | { units: number };

/**
 * | mode | calls |
 * |---|---|
 * | train | forward(); the running statistics, if they are given, and infer() by them afterwards |
 * | eval | infer() |
 * | backward | forward() and backward() |
 * | eval-backward | inferBackward() |
 * | saved-backward | backward() from x, mean, var and eps |
 * | statistics | statistics() |
 * | fit | epochs of gradient descent, with a dense layer before or after the norm whose kernel begins with ones |
 */
export interface PeerCase {
  name: string;
  /** Of the file that has it, in the source. */
  path: string;
  norm: Norm;
  mode: "train" | "eval" | "backward" | "eval-backward" | "saved-backward" | "statistics" | "fit";
  dtype: "float32" | "float64";
  shape: number[];
  axis?: number;
  groups?: number;
  normalizedDims?: number;
  eps?: number;
  x: number[];
  gamma?: number[];
  beta?: number[];
  /** The statistics of eval mode, or those saved by a forward pass. */
  mean?: number[];
  var?: number[];
  dy?: number[];
  /** The running statistics before the pass, and the rule that updates them. */
  runningMean?: number[];
  runningVar?: number[];
  momentum?: number;
  decay?: number;
  unbiased?: boolean;
  /** Of a fit, whose loss is the mean squared distance to the targets. */
  fit?: Fit;
  expected: Partial<Record<Result, number[]>>;
  tolerance: Tolerance;
  /** How the source's case became one of ours, where that isn't plain. */
  note?: string;
}

export interface Fit {
  before?: { inputs: number; bias: boolean };
  after?: { bias: boolean };
  targets: number[];
  rate: number;
  epochs: number;
}

export const results = [
  ...["y", "mean", "var", "invstd", "dx", "dgamma", "dbeta"],
  ...["runningMean", "runningVar", "yAfterwards", "losses", "gamma", "beta", "kernelBefore", "kernelAfter"],
] as const;
export type Result = (typeof results)[number];

export interface Peer {
  project: string;
  version: string;
  licence: string;
  files: string;
  /** Where the tolerance stands in the source. */
  toleranceFrom: string;
  cases: PeerCase[];
  /** What isn't tested: `count` tests of the source, or 0 if they were not counted. */
  skipped: { name: string; norm: Norm; count: number; reason: string }[];
}

/** A file as it is written: a string stands for the array of that name in `arrays`. */
interface Written extends Omit<Peer, "cases"> {
  tolerance: Tolerance;
  arrays: Record<string, number[]>;
  cases: (Omit<PeerCase, "dtype" | "tolerance" | "fit"> & Partial<PeerCase> & Partial<Fit>)[];
}

function peerOf(written: unknown): Peer {
  const { tolerance, arrays, cases, ...source } = written as Written;
  const array = (value: unknown, what: string): unknown => {
    if (typeof value !== "string") return value;
    if (!arrays[value]) throw new Error(`${source.project}, ${what}: no array is called ${value}`);
    return arrays[value];
  };
  const words = ["name", "path", "norm", "mode", "dtype", "note"];
  return {
    ...source,
    cases: cases.map(({ before, after, targets, rate, epochs, expected, ...one }) => {
      const read = Object.entries(one).map(([key, value]) => [
        key,
        words.includes(key) ? value : array(value, `${one.name}, ${key}`),
      ]);
      const wanted = Object.entries(expected).map(([key, value]) => {
        if (!results.includes(key as Result))
          throw new Error(`${source.project}, ${one.name} expects ${key}`);
        return [key, array(value, `${one.name}, expected ${key}`)];
      });
      const fit = { ...(before && { before }), ...(after && { after }), targets, rate, epochs };
      return {
        ...{ dtype: "float32", tolerance },
        ...Object.fromEntries(read),
        ...(one.mode === "fit" && { fit }),
        expected: Object.fromEntries(wanted),
      } as PeerCase;
    }),
  };
}

export const peers: Peer[] = [
  ...[burn, candle, dfdx, keras, onnx, onnxruntime],
  ...[pytorch, tfjsCore, tfjsLayers, webnnBaseline, wptWebnn, xla],
].map(peerOf);
