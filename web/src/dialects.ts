import type { Graph } from "./graph.ts";

/** The names of a well-known program. */
interface Dialect {
  /** What comes before the name of a value in the name of its gradient. */
  gradient: "d" | "grad_";
  /**
   * By the id of an array: its names, of which the first is the one to write. A program without a name of its own has the
   * id. "x->mean" is what that edge brings back; only Kratzert's graph names such arrays.
   */
  names: Readonly<Record<string, string>>;
}

/** Whose names are known. Within one graph, a name is that of one array only. */
export const kDialects = {
  paper: { gradient: "d", names: { mean: "mean mu", var: "var v", std: "std sigma" } },
  // assignment 2
  cs231n: {
    gradient: "d",
    names: {
      mean: "sample_mean",
      xc: "x_centered",
      var: "sample_var",
      std: "sigma",
      xhat: "x_hat x_norm",
      y: "out",
    },
  },
  // "Understanding the backward pass through Batch Normalization Layer", 2016
  kratzert: {
    gradient: "d",
    names: {
      mean: "mu",
      xc: "xmu",
      sq: "sq",
      std: "sqrtvar",
      invstd: "ivar",
      scaled: "gammax",
      y: "out",
      "xc->xhat": "dxmu1",
      "xc->sq": "dxmu2",
      "x->xc": "dx1",
      "x->mean": "dx2",
    },
  },
  // part 4, "Becoming a backprop ninja"
  makemore: {
    gradient: "d",
    names: {
      x: "hprebn",
      gamma: "bngain",
      beta: "bnbias",
      mean: "bnmeani",
      xc: "bndiff",
      sq: "bndiff2",
      var: "bnvar",
      invstd: "bnvar_inv",
      xhat: "bnraw",
      y: "hpreact",
    },
  },
  // torch.nn.functional and the native functions
  pytorch: {
    gradient: "grad_",
    names: {
      x: "input",
      gamma: "weight",
      beta: "bias",
      mean: "save_mean",
      invstd: "save_invstd rstd",
      invrms: "rstd",
      y: "output",
    },
  },
  // layernorm_forward and layernorm_backward
  llmc: {
    gradient: "d",
    names: {
      x: "inp",
      gamma: "weight",
      beta: "bias",
      invstd: "rstd",
      xhat: "norm",
      y: "out",
    },
  },
  // LlamaRMSNorm of Transformers, whose variance is not centred
  llama: { gradient: "grad_", names: { x: "hidden_states", gamma: "weight", ms: "variance" } },
} as const satisfies Readonly<Record<string, Dialect>>;

export type DialectId = keyof typeof kDialects;

const split = (names: string | undefined) => names?.split(" ") ?? [];

/** The name of a value in a dialect; undefined if it has none of its own. */
export const ownName = (dialect: DialectId, id: string): string | undefined =>
  split((kDialects[dialect] as Dialect).names[id])[0];

/** Values, gradients and contributions, in the order of cpp/include/backnorm/diagnosis.hpp. */
export const quantityIds = (graph: Graph): string[] => [
  ...graph.nodes.map(({ id }) => id),
  ...graph.nodes.map(({ id }) => `d${id}`),
  ...graph.edges.map(({ from, to }) => `${from}->${to}`),
];

/** The usual names of an array: its id, then the names in the dialects. */
export function usualNames(id: string): readonly string[] {
  const [, value] = /^d(\w+)$/.exec(id) ?? [];
  const own = (Object.values(kDialects) as Dialect[]).flatMap(({ gradient, names }) => [
    ...split(names[id]),
    ...split(value && names[value]).map((name) => gradient + name),
  ]);
  return [...new Set([id, ...own])];
}

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
