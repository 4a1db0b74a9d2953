import type { Graph } from "./graph.ts";

/**
 * The names of arrays. Canonical ids: a node's id for its value, "d" + id for its gradient, "x->mean" for the
 * contribution of that edge. The other names are those of CS231n, Kratzert's staged graph, makemore, and PyTorch, where
 * "grad_" + any name of a value is its gradient.
 */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  x: ["hprebn", "input"],
  gamma: ["bngain", "weight"],
  beta: ["bnbias", "bias"],
  mean: ["mu", "sample_mean", "bnmeani", "save_mean"],
  xc: ["xmu", "x_centered", "bndiff"],
  sq: ["bndiff2"],
  var: ["v", "sample_var", "bnvar"],
  std: ["sigma", "sqrtvar"],
  invstd: ["ivar", "bnvar_inv", "save_invstd"],
  xhat: ["x_hat", "x_norm", "bnraw"],
  scaled: ["gammax"],
  y: ["out", "hpreact", "output"],
  dx: ["dhprebn", "grad_input"],
  dgamma: ["dbngain", "grad_weight"],
  dbeta: ["dbnbias", "grad_bias"],
  dmean: ["dmu", "dsample_mean", "dbnmeani"],
  dxc: ["dxmu", "dx_centered", "dbndiff"],
  dsq: ["dbndiff2"],
  dvar: ["dv", "dsample_var", "dbnvar"],
  dstd: ["dsigma", "dsqrtvar"],
  dinvstd: ["divar", "dbnvar_inv"],
  dxhat: ["dx_hat", "dx_norm", "dbnraw"],
  dscaled: ["dgammax"],
  dy: ["dout", "dhpreact", "grad_output"],
  // Kratzert's partial gradients are contributions of edges, not gradients of nodes.
  "xc->xhat": ["dxmu1"],
  "xc->sq": ["dxmu2"],
  "x->xc": ["dx1"],
  "x->mean": ["dx2"],
};

/** Values, gradients and contributions, in the order of cpp/include/backnorm/diagnosis.hpp. */
export const quantityIds = (graph: Graph): string[] => [
  ...graph.nodes.map(({ id }) => id),
  ...graph.nodes.map(({ id }) => `d${id}`),
  ...graph.edges.map(({ from, to }) => `${from}->${to}`),
];

/** The usual names of an array: its id, then the names in the dialects. */
export const usualNames = (id: string): readonly string[] => [id, ...(synonyms[id] ?? [])];

/** Every name of an array, and the array's place among the ids. */
export function dialectNames(ids: readonly string[]): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  for (const [at, id] of ids.entries()) {
    const [, value] = /^d(\w+)$/.exec(id) ?? [];
    const prefixed = value ? usualNames(value).map((name) => `grad_${name}`) : [];
    for (const name of [...usualNames(id), ...prefixed]) names.set(name, at);
  }
  return names;
}
