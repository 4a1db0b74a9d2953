import type { Trace } from "../../src/index.ts";
import { largest } from "../base/numbers.ts";
import { type Computed, nodeReport, nodeTrace } from "../maths/computed.ts";
import { kPaths, type Path } from "../maths/graph-facts.ts";

type Paths = Trace<Float64Array>["paths"]["x"];

const key = (off: ReadonlySet<Path>) => kPaths.filter((path) => off.has(path)).join();

/** The known mistakes whose dx lacks some paths. If several lack the same paths, the page names the first. */
const kWithout: readonly (readonly [mistake: string, ...off: Path[]])[] = [
  ["no-direct-path", "direct"],
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

/** A law of dx for each column: the sum, and what it should be. */
export interface Law {
  sum: Float64Array;
  belongs: Float64Array;
  /** The error that rounding explains; undefined during a check. */
  bound: Float64Array | undefined;
}

/** Σ dx = 0 and Σ dx·x̂ = γ·∂γ·ε·(σ²+ε)^(−3/2), tried on any dx. */
function lawsOf(computed: Computed, trace: Trace<Float64Array>, dx: Float64Array) {
  const { columns, rows, kase, report } = computed;
  const clean = { ...computed, trace };
  const [xhat, variance] = [nodeTrace(clean, "xhat").value, nodeTrace(clean, "var").value];
  const dgamma = nodeTrace(clean, "gamma").grad;
  const eps = kase.eps ?? 1e-5;
  const law = (
    factor: (at: number) => number,
    belongs: (column: number) => number,
    bound: Float64Array | undefined,
  ): Law => {
    const sum = new Float64Array(columns);
    const size = new Float64Array(columns);
    for (let at = 0; at < rows * columns; at++) {
      const term = (dx[at] as number) * factor(at);
      sum[at % columns] = (sum[at % columns] as number) + term;
      size[at % columns] = (size[at % columns] as number) + Math.abs(term);
    }
    return {
      sum,
      belongs: Float64Array.from({ length: columns }, (_, column) => belongs(column)),
      // each addition of this sum adds a rounding error
      bound: bound?.map((known, column) => known + rows * 2 ** -53 * (size[column] as number)),
    };
  };
  return {
    sumOfDx: law(
      () => 1,
      () => 0,
      report?.invariants.sumOfDx.bound,
    ),
    sumOfDxXhat: law(
      (at) => xhat[at] as number,
      (c) =>
        (kase.gamma[c] as number) * (dgamma[c] as number) * eps * ((variance[c] as number) + eps) ** -1.5,
      report?.invariants.sumOfDxXhat.bound,
    ),
  };
}

/** The columns in which a law is broken; undefined until the rounding bound is known. */
export function brokenIn({ sum, belongs, bound }: Law): number[] | undefined {
  if (!bound) return undefined;
  return [...sum.keys()].filter(
    (c) => !(Math.abs((sum[c] as number) - (belongs[c] as number)) <= (bound[c] as number)),
  );
}

/** Σ (x − μ) of a column as computed, and a bound on its rounding error. */
function centredSum(computed: Computed, trace: Trace<Float64Array>, column: number) {
  const { columns, rows, kase } = computed;
  const xc = nodeTrace({ ...computed, trace }, "xc").value;
  const terms = Array.from({ length: rows }, (_, row) => xc[row * columns + column] as number);
  let most = 0;
  for (let row = 0; row < rows; row++)
    most = Math.max(most, Math.abs(kase.x[row * columns + column] as number));
  return {
    terms,
    sum: terms.reduce((a, b) => a + b, 0),
    // N additions and a division round the mean, and each of the N terms inherits that error; each term and each addition
    // of the sum rounds too
    bound: rows * (rows + 3) * 2 ** -53 * most,
  };
}

/** What is left of dx without some paths, and which laws break. */
export interface Left {
  trace: Trace<Float64Array>;
  paths: Paths;
  dx: Float64Array;
  /** The end of the colour scale of all four matrices. */
  most: number;
  /** The indices of cells in which more is missing than rounding explains. */
  wrong: ReadonlySet<number>;
  /** Whether dx is the sum of its paths. With a mistake it may not be. */
  addsUp: boolean;
  laws: { sumOfDx: Law; sumOfDxXhat: Law };
  /** Σ (x − μ) of every column. */
  centred: ReturnType<typeof centredSum>[];
}

/** `trace` has all paths, even if a mistake leaves some out. */
export function leftWithout(computed: Computed, trace: Trace<Float64Array>, off: ReadonlySet<Path>): Left {
  const paths = trace.paths.x;
  const given = nodeTrace(computed, "x").grad;
  const on = kPaths.filter((path) => !off.has(path));
  const sum = sumOfPaths(paths, on);
  const dx = off.size > 0 ? sum : given;
  const missing = sumOfPaths(paths, [...off]);
  const bound = nodeReport(computed, "x")?.bound;
  const isWrong = (at: number) => Math.abs(missing[at] as number) > (bound?.[at] ?? 0);
  const most = Math.max(...kPaths.map((path) => largest(paths[path])), largest(dx));
  // two additions round, and the pass may add in another order
  const rounding = 4 * Number.EPSILON * most;
  const centred = Array.from({ length: computed.columns }, (_, column) =>
    centredSum(computed, trace, column),
  );
  return {
    trace,
    paths,
    dx,
    most,
    wrong: new Set([...missing.keys()].filter(isWrong)),
    addsUp: dx.every((value, at) => Math.abs(value - (sum[at] as number)) <= rounding),
    laws: lawsOf(computed, trace, dx),
    centred,
  };
}
