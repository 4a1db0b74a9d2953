import type { NodeId, Trace } from "../../src/index.ts";
import { largest } from "../base/numbers.ts";
import { type Computed, nodeReport, nodeTrace } from "../maths/computed.ts";
import { kPaths, type Path, pathsOf } from "../maths/graph-facts.ts";
import type { LawName } from "../model/laws.ts";

/** By the name of a path; a graph has some of them. */
export type Paths = Readonly<Record<Path, Float64Array>>;

const key = (off: ReadonlySet<Path>) => kPaths.filter((path) => off.has(path)).join();

/** The known mistakes whose dx lacks some paths. If several lack the same paths, the page names the first. */
const kWithout: readonly (readonly [mistake: string, ...off: Path[]])[] = [
  ["no-direct-path", "direct"],
  ["no-rms-path", "throughRms"],
  ["no-variance-path", "throughVar"],
  ["no-mean-path", "throughMean"],
  ["detached-stats", "throughVar", "throughMean"],
  ["eval-backward", "throughVar", "throughMean"],
  // the direct path's gradient of x − μ would have gone on to the mean
  ["overwrite-at-xc", "direct", "throughMean"],
  ["overwrite-at-x", "direct", "throughVar"],
];

/** The mistake that leaves out these paths, if it has a name. */
export const mistakeWithout = (off: ReadonlySet<Path>): string | undefined =>
  kWithout.find(([, ...paths]) => key(new Set(paths)) === key(off))?.[0];

/** The paths that a mistake leaves out, if that is its only effect on dx. */
export function pathsLeftOut(mistake: string | undefined): ReadonlySet<Path> | undefined {
  const found = kWithout.find(([id]) => id === mistake);
  return found && new Set(found.slice(1) as Path[]);
}

/** The sum of only those paths, cell by cell. */
export function sumOfPaths(paths: Paths, which: readonly Path[]): Float64Array {
  const sum = new Float64Array(paths.direct.length);
  for (const path of which)
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (paths[path][i] as number);
  return sum;
}

/** A law of dx for each group: the sum, and what it should be. */
export interface Law {
  sum: Float64Array;
  belongs: Float64Array;
  /** The error that rounding explains; undefined during a check. */
  bound: Float64Array | undefined;
}

/** Σ dx = 0 and Σ dx·x̂ = ε·Σ ∂x̂·x̂·(σ²+ε)^(−3/2), tried on any dx. RMS norm has only the second, with its mean of squares. */
function lawsOf(computed: Computed, trace: Trace<Float64Array>, dx: Float64Array) {
  const { layout, kase, report, graph } = computed;
  const { statistics: groupOf, size: m } = layout.grouping;
  const groups = layout.of.statistics;
  const clean = { ...computed, trace };
  const [xhat, dxhat] = [nodeTrace(clean, "xhat").value, nodeTrace(clean, "xhat").grad];
  const average = graph.nodes.find(({ gate }) => gate === "square-root")?.inputs[0] as NodeId;
  const spread = nodeTrace(clean, average).value;
  const eps = kase.eps ?? 1e-5;
  const along = new Float64Array(groups);
  for (const [at, value] of xhat.entries())
    along[groupOf(at)] = (along[groupOf(at)] as number) + value * (dxhat[at] as number);
  const law = (
    factor: (at: number) => number,
    belongs: (group: number) => number,
    bound: Float64Array | undefined,
  ): Law => {
    const sum = new Float64Array(groups);
    const size = new Float64Array(groups);
    for (let at = 0; at < dx.length; at++) {
      const term = (dx[at] as number) * factor(at);
      const group = groupOf(at);
      sum[group] = (sum[group] as number) + term;
      size[group] = (size[group] as number) + Math.abs(term);
    }
    return {
      sum,
      belongs: Float64Array.from({ length: groups }, (_, group) => belongs(group)),
      // each addition of this sum adds a rounding error
      bound: bound?.map((known, group) => known + m * 2 ** -53 * (size[group] as number)),
    };
  };
  const laws: Partial<Record<LawName, Law>> = {};
  if (graph.laws.includes("sum-of-dx"))
    laws.sumOfDx = law(
      () => 1,
      () => 0,
      report?.invariants.sumOfDx.bound,
    );
  laws.sumOfDxXhat = law(
    (at) => xhat[at] as number,
    (group) => (along[group] as number) * eps * ((spread[group] as number) + eps) ** -1.5,
    report?.invariants.sumOfDxXhat.bound,
  );
  return laws;
}

/** The groups in which a law is broken; undefined until the rounding bound is known. */
export function brokenIn({ sum, belongs, bound }: Law): number[] | undefined {
  if (!bound) return undefined;
  return [...sum.keys()].filter(
    (c) => !(Math.abs((sum[c] as number) - (belongs[c] as number)) <= (bound[c] as number)),
  );
}

/** Σ (x − μ) of a group as computed, and a bound on its rounding error. */
export function centredSum({ layout, kase }: Computed, trace: Trace<Float64Array>, group: number) {
  const { members, size: m } = layout.grouping;
  const xc = trace.nodes.find(({ id }) => id === "xc")?.value as Float64Array;
  const its = members("statistics", group);
  const terms = its.map((at) => xc[at] as number);
  const most = its.reduce((size, at) => Math.max(size, Math.abs(kase.x[at] as number)), 0);
  return {
    terms,
    sum: terms.reduce((a, b) => a + b, 0),
    // M additions and a division round the mean, and each of the M terms inherits that error; each term and each addition
    // of the sum rounds too
    bound: m * (m + 3) * 2 ** -53 * most,
  };
}

/** What is left of dx without some paths, and which laws break. */
export interface Left {
  trace: Trace<Float64Array>;
  paths: Paths;
  dx: Float64Array;
  /** The end of the colour scale of all matrices. */
  most: number;
  /** The indices of cells in which more is missing than rounding explains. */
  wrong: ReadonlySet<number>;
  /** Whether dx is the sum of its paths. With a mistake it may not be. */
  addsUp: boolean;
  laws: Partial<Record<LawName, Law>>;
}

/** `trace` has all paths, even if a mistake leaves some out. */
export function leftWithout(computed: Computed, trace: Trace<Float64Array>, off: ReadonlySet<Path>): Left {
  const paths = trace.paths.x as unknown as Paths;
  const all = pathsOf(computed.graph);
  const given = nodeTrace(computed, "x").grad;
  const on = all.filter((path) => !off.has(path));
  const sum = sumOfPaths(paths, on);
  const dx = on.length < all.length ? sum : given;
  const missing = sumOfPaths(
    paths,
    all.filter((path) => off.has(path)),
  );
  const bound = nodeReport(computed, "x")?.bound;
  const isWrong = (at: number) => Math.abs(missing[at] as number) > (bound?.[at] ?? 0);
  const most = Math.max(...all.map((path) => largest(paths[path])), largest(dx));
  // two additions round, and the pass may add in another order
  const rounding = 4 * Number.EPSILON * most;
  return {
    trace,
    paths,
    dx,
    most,
    wrong: new Set([...missing.keys()].filter(isWrong)),
    addsUp: dx.every((value, at) => Math.abs(value - (sum[at] as number)) <= rounding),
    laws: lawsOf(computed, trace, dx),
  };
}
