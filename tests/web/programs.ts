/** A staged backward pass as course notes write it, in plain loops: what a caller of diagnose() would have. */
import type { Backnorm, Case, Claim, Norm, NormCase } from "backnorm";
import { type NormOptions, normOf } from "../../web/src/norm.ts";
import { product } from "../../web/src/tensor.ts";

export type Program = Readonly<Record<string, Float64Array>>;

/**
 * Every array of both passes under the graph's names; shares no line with the C++.
 * round: after every operation, Math.fround for a program in float32.
 */
export function runProgram(
  { x, shape, gamma, beta, dy, eps = 1e-5, ddof = 0 }: Case,
  round: (value: number) => number = (value) => value,
): Program {
  const [rows, columns] = shape as [number, number];
  const at = (values: ArrayLike<number>, i: number) => values[i] as number;
  const matrix = (cell: (i: number, c: number) => number) =>
    Float64Array.from({ length: rows * columns }, (_, i) => round(cell(i, i % columns)));
  const row = (cell: (c: number) => number) =>
    Float64Array.from({ length: columns }, (_, c) => round(cell(c)));
  const sum = (values: Float64Array) =>
    row((c) => {
      let total = 0;
      for (let r = 0; r < rows; r++) total = round(total + at(values, r * columns + c));
      return total;
    });
  const m = rows - ddof;

  const mean = sum(Float64Array.from(x)).map((total) => round(total / rows));
  const xc = matrix((i, c) => at(x, i) - at(mean, c));
  const sq = xc.map((v) => round(v * v));
  const variance = sum(sq).map((total) => round(total / m));
  const std = variance.map((v) => round(Math.sqrt(round(v + eps))));
  const invstd = std.map((v) => round(1 / v));
  const xhat = matrix((i, c) => at(xc, i) * at(invstd, c));
  const scaled = matrix((i, c) => at(xhat, i) * at(gamma, c));
  const y = matrix((i, c) => at(scaled, i) + at(beta, c));

  const dscaled = Float64Array.from(dy);
  const dbeta = sum(dscaled);
  const dgamma = sum(matrix((i) => at(dy, i) * at(xhat, i)));
  const dxhat = matrix((i, c) => at(dy, i) * at(gamma, c));
  const dinvstd = sum(matrix((i) => at(dxhat, i) * at(xc, i)));
  const dxcDirect = matrix((i, c) => at(dxhat, i) * at(invstd, c));
  const dstd = row((c) => -at(dinvstd, c) / at(std, c) ** 2);
  const dvar = row((c) => at(dstd, c) / (2 * at(std, c)));
  const dsq = matrix((_, c) => at(dvar, c) / m);
  const dxcThroughVar = matrix((i) => 2 * at(xc, i) * at(dsq, i));
  const dxc = matrix((i) => at(dxcDirect, i) + at(dxcThroughVar, i));
  const dmean = sum(dxc).map((total) => -total);
  const dxThroughMean = matrix((_, c) => at(dmean, c) / rows);
  const dx = matrix((i) => at(dxc, i) + at(dxThroughMean, i));
  const [forward, backward] = [
    { x: Float64Array.from(x), gamma: Float64Array.from(gamma), beta: Float64Array.from(beta) },
    { dy: dscaled.slice(), dbeta, dscaled, dgamma, dxhat, dinvstd, dstd, dvar, dsq, dxc, dmean, dx },
  ];
  return {
    ...forward,
    ...{ mean, xc, sq, var: variance, std, invstd, xhat, scaled, y },
    ...backward,
    "xc->xhat": dxcDirect,
    "xc->sq": dxcThroughVar,
    "x->xc": dxc.slice(),
    "x->mean": dxThroughMean,
  };
}

/** What each school calls the arrays of its own program. */
export const dialects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "the graph": Object.fromEntries(
    "x gamma beta mean xc sq var std invstd xhat scaled y dx dgamma dbeta dmean dxc dsq dvar dstd dinvstd dxhat dscaled dy"
      .split(" ")
      .map((name) => [name, name]),
  ),
  CS231n: {
    ...{ sample_mean: "mean", sample_var: "var", x_hat: "xhat", sigma: "std", out: "y" },
    ...{ dout: "dy", dgamma: "dgamma", dbeta: "dbeta", dx_hat: "dxhat", dsample_var: "dvar" },
    ...{ dsample_mean: "dmean", dsigma: "dstd", dx: "dx" },
  },
  "CS231n's short names": {
    ...{ mu: "mean", v: "var", x_norm: "xhat", x_centered: "xc", dmu: "dmean", dv: "dvar" },
    ...{ dx_norm: "dxhat", dx_centered: "dxc" },
  },
  Kratzert: {
    ...{ mu: "mean", xmu: "xc", sq: "sq", var: "var", sqrtvar: "std", ivar: "invstd", xhat: "xhat" },
    ...{ gammax: "scaled", out: "y", dout: "dy", dbeta: "dbeta", dgammax: "dscaled", dgamma: "dgamma" },
    ...{ dxhat: "dxhat", divar: "dinvstd", dsqrtvar: "dstd", dvar: "dvar", dsq: "dsq", dmu: "dmean" },
    ...{ dxmu1: "xc->xhat", dxmu2: "xc->sq", dx1: "x->xc", dx2: "x->mean", dx: "dx" },
  },
  makemore: {
    ...{ hprebn: "x", bngain: "gamma", bnbias: "beta", bnmeani: "mean", bndiff: "xc", bndiff2: "sq" },
    ...{ bnvar: "var", bnvar_inv: "invstd", bnraw: "xhat", hpreact: "y", dhpreact: "dy" },
    ...{ dbngain: "dgamma", dbnbias: "dbeta", dbnraw: "dxhat", dbnvar_inv: "dinvstd", dbnvar: "dvar" },
    ...{ dbndiff2: "dsq", dbndiff: "dxc", dbnmeani: "dmean", dhprebn: "dx" },
  },
  PyTorch: {
    ...{ input: "x", weight: "gamma", bias: "beta", save_mean: "mean", save_invstd: "invstd", output: "y" },
    ...{ grad_output: "dy", grad_input: "dx", grad_weight: "dgamma", grad_bias: "dbeta" },
  },
};

/** A program's arrays under the names of one school. */
export function inDialect(program: Program, school: string): Record<string, Float64Array> {
  const names = Object.entries(dialects[school] as Record<string, string>);
  return Object.fromEntries(names.map(([theirs, ours]) => [theirs, program[ours] as Float64Array]));
}

/** What `trace` makes with one mistake in it, each array in the shape in which it is returned. */
export function claimsOf(bn: Backnorm, kase: NormCase, ...mistakes: string[]): Record<string, Claim> {
  const { nodes, edges } = bn.trace(kase, { mistakes });
  const claims: Record<string, Claim> = {};
  for (const { id, shape, value, grad, gradShape } of nodes) {
    claims[id] = { data: value, shape };
    claims[`d${id}`] = { data: grad, shape: gradShape };
  }
  for (const { from, to, contribution } of edges) claims[`${from}->${to}`] = contribution;
  return claims;
}

/** N(0, 1) of NumPy's generator, with a spread and a mean for x: generic, so that no mistake hides. */
export function randomCase(
  bn: Backnorm,
  { seed = 5, rows = 7, columns = 3, mean = -2, spread = 3, eps = 1e-1, ddof = 0 as 0 | 1 } = {},
): Case<Float64Array> {
  const size = rows * columns;
  const [x, gamma, beta, dy] = bn.randn(seed, [size, columns, columns, size]) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { x: x.map((z) => spread * z + mean), gamma, beta, dy, shape: [rows, columns], eps, ddof };
}

/** The same for a case of any norm. */
export function randomNormCase(bn: Backnorm, options: NormOptions, mean = -2): NormCase<Float64Array> {
  const [size, { channels }] = [product(options.shape), normOf("", options)];
  const drawn = bn.randn(5, [size, channels, channels, size]);
  const [x, gamma, beta, dy] = drawn as [Float64Array, Float64Array, Float64Array, Float64Array];
  const shift = options.norm === "rms" ? {} : { beta };
  return { ...options, x: x.map((z) => 3 * z + mean), gamma, ...shift, dy, eps: 1e-1 };
}

/** A generic shape of each norm but batch norm: no two of its lengths are the same, so that no mistake hides. */
export const genericShapes: Readonly<Record<Exclude<Norm, "batch">, NormOptions>> = {
  layer: { norm: "layer", shape: [2, 3, 4] },
  group: { norm: "group", groups: 2, shape: [5, 6, 4] },
  instance: { norm: "instance", shape: [3, 2, 4] },
  rms: { norm: "rms", shape: [2, 3, 4] },
};

/** Where a mistake can be made at all, if not at a generic shape. */
const elsewhere: Readonly<Record<string, Partial<NormOptions>>> = {
  "gamma-along-samples": { shape: [4, 4] },
  "no-keepdims": { shape: [4, 4] },
  "no-unit-offset": { unitOffset: true },
};
/** A case of a norm in which a mistake can be made. */
export const caseFor = (bn: Backnorm, norm: Exclude<Norm, "batch">, mistake: string) =>
  randomNormCase(bn, { ...genericShapes[norm], ...elsewhere[mistake] });
