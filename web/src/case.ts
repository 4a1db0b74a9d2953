import {
  arrayLike,
  ddofOf,
  epsOf,
  finite,
  floatArray,
  floatArrayOf,
  type Kind,
  kindOf,
  outside,
  settle,
} from "./arguments.ts";
import type { FloatArray } from "./float-array.ts";
import { given } from "./given.ts";
import { type Grouping, groupingOf, toGroups } from "./grouping.ts";
import { type CaseRun, type Inputs, type Module, withRun } from "./module.ts";
import { type CheckedNorm, lengthOfParameters, type NormOptions, normOf } from "./norm.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import { fault } from "./sentences.ts";
import { product } from "./tensor.ts";

/** One batch to normalize by any norm, with the gradient of the loss. */
export interface NormCase<A extends FloatArray = FloatArray> extends NormOptions {
  /** As many values as the shape says. */
  x: A;
  /** In any rank that the norm has; [N, D] for batch norm: rows are the batch, columns the features. */
  shape: readonly [number, number] | readonly number[];
  /** One value per channel: C of them. Of layer and RMS norm, in the shape of the normalized dims. */
  gamma: A;
  /** Like gamma. Default, or null: zeros. RMS norm has none. */
  beta?: A | null | undefined;
  /** Like x: the gradient of the loss with respect to y. */
  dy: A;
  /** Added to the variance, or to the mean of squares. Default 1e-5. */
  eps?: number | undefined;
  /** 0 (default): population variance, /M. 1: unbiased variance, /(M - 1), not in RMS norm. M: the values of a group. */
  ddof?: 0 | 1 | undefined;
}

/** A case that has a beta. */
export interface Case<A extends FloatArray = FloatArray> extends NormCase<A> {
  /** Like gamma. */
  beta: A;
}

/** A case of RMS norm, whose trace and report have the nodes of its own graph. */
export type RmsCase<A extends FloatArray = FloatArray> = NormCase<A> & {
  /** RMS norm. */
  norm: "rms";
};

/** The options of `trace` and `gradcheck`. */
export interface PassOptions {
  /** Ids of `mistakes` to switch on in the passes, in this order. Default: none. */
  mistakes?: readonly string[] | undefined;
}

/** A case with every field checked. */
export interface CheckedCase<A extends FloatArray = FloatArray> {
  kind: Kind;
  norm: CheckedNorm;
  grouping: Grouping;
  /** M, the values of a group. */
  rows: number;
  /** G, the groups. */
  columns: number;
  /** In the order of the grouping. */
  x: A;
  gamma: A;
  /** Empty for RMS norm. */
  beta: A;
  /** In the order of the grouping. */
  dy: A;
  eps: number;
  ddof: 0 | 1;
}

const kCase: NamesOf<NormCase> = {
  x: 0,
  shape: 0,
  gamma: 0,
  beta: 0,
  dy: 0,
  eps: 0,
  ddof: 0,
  norm: 0,
  groups: 0,
  normalizedDims: 0,
  unitOffset: 0,
  axis: 0,
  layout: 0,
};

export function checkCase<A extends FloatArray>(value: NormCase<A>): CheckedCase<A> {
  const kase = optionsOf<NormCase<A>>("case", value, kCase);
  const { x, gamma, dy, eps = 1e-5, ddof = 0 } = kase;
  const kind = kindOf(floatArray("x", x));
  const norm = normOf("", kase);
  const { shape, channels } = norm;
  const isRms = norm.norm === "rms";
  const isMatrix = norm.norm === "batch" && shape.length === 2;
  const lengthOf = isMatrix ? "column" : lengthOfParameters(norm);
  floatArrayOf("x", x, kind, product(shape), shape);
  floatArrayOf("gamma", gamma, kind, channels, lengthOf);
  if (isRms && (kase.beta ?? undefined) !== undefined)
    throw fault("rms-without-beta", "beta", { got: given(kase.beta) });
  const beta = kase.beta ?? arrayLike(x, isRms ? 0 : channels); // as many as gamma has, which has been checked
  if (!isRms) floatArrayOf("beta", beta, kind, channels, lengthOf);
  floatArrayOf("dy", dy, kind, product(shape), shape);
  finite("x", x, shape);
  finite("gamma", gamma, norm.parametersShape);
  finite("beta", beta, norm.parametersShape);
  finite("dy", dy, shape);
  epsOf("eps", eps);
  ddofOf("ddof", ddof, norm.m, norm.norm);
  const grouping = groupingOf(norm);
  const { rows, columns, places } = grouping;
  const sorted = { x: toGroups(x, places), gamma, beta, dy: toGroups(dy, places) };
  return { kind, norm, grouping, rows, columns, ...sorted, eps, ddof };
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
  { kind, grouping, norm, x, gamma, beta, dy, eps, ddof }: CheckedCase,
  made: readonly number[] = [],
  module?: Module,
): void {
  const { samples, channels, positions, groups } = grouping;
  const memory = run.x();
  const given = [x, gamma, beta, dy].map((array) => outside(array, memory));
  settle(run.reserve(grouping.norm, samples, channels, positions, groups), "shape", norm.shape);
  run.configure(eps, ddof, norm.unitOffset, kind === "Float32");
  for (const [at, mistake] of made.entries()) {
    if (!run.canHave(mistake)) {
      throw fault("not-in-this-norm", `mistakes[${at}]`, {
        norm: norm.norm,
        id: module?.mistakeId(mistake) ?? "",
      });
    }
    settle(run.addMistake(mistake), "shape", norm.shape);
  }
  for (const [at, view] of (["x", "gamma", "beta", "dy"] as const).entries()) {
    run[view]().set(given[at] as FloatArray);
  }
}

/** Passes a run that holds the case to `use`, and frees it afterwards. */
export function withCase<A extends FloatArray, Result>(
  module: Module,
  value: NormCase<A>,
  options: PassOptions,
  use: (run: CaseRun, checked: CheckedCase<A>, made: readonly number[]) => Result,
): Result {
  const made = mistakesOf(module, options);
  const checked = checkCase(value);
  return withRun(module.CaseRun, checked.norm.shape, (run) => {
    fillRun(run, checked, made, module);
    return use(run, checked, made);
  });
}
