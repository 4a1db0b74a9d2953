import type { NodeId } from "../../src/index.ts";
import { digit, type Formula, frac, group, hat, mi, mo, partialOf, row, sqrt, sup } from "./mathml.ts";

/** The sets of names that the page can use. */
export const kNotations = ["paper", "cs231n", "kratzert", "makemore", "pytorch"] as const;
export type NotationId = (typeof kNotations)[number];

/** Every array: a node's value by its id, its gradient by "d" + id. */
export type ArrayId = NodeId | `d${NodeId}`;
/** A text for every array. */
export type Labels = Readonly<Record<ArrayId, string>>;

type Letter = "x" | "gamma" | "beta" | "mean" | "var" | "xhat" | "y";
type Built = "xc" | "sq" | "std" | "invstd" | "scaled";

interface Spec {
  /** Its name in the list of notations. */
  title: string;
  /** The symbol of each array in formulas. What `Built` leaves out is made from the others. */
  symbols: Readonly<Record<Letter, string>> & Readonly<Partial<Record<Built, string>>>;
  /** The name in code, if it differs from ours. */
  code: Readonly<Partial<Record<NodeId, string>>>;
  /** The prefix of a gradient's name in formulas and in code. "∂" is an operator, not a letter. */
  formulaPrefix: "∂" | "d" | "grad_";
  codePrefix: "d" | "grad_";
}

/** Names from well-known sources. If a source has no name for an array, ours is used. */
const specs: Readonly<Record<NotationId, Spec>> = {
  // Ioffe and Szegedy 2015, without their index B, since there is only one batch
  paper: {
    title: "Ioffe & Szegedy",
    symbols: { x: "x", gamma: "γ", beta: "β", mean: "μ", var: "σ²", xhat: "x̂", y: "y" },
    code: {},
    formulaPrefix: "∂",
    codePrefix: "d",
  },
  // the figure and the code of assignment 2
  cs231n: {
    title: "CS231n",
    symbols: { x: "x", gamma: "γ", beta: "β", mean: "μ", var: "v", std: "σ", xhat: "x̂", y: "out" },
    code: {
      mean: "sample_mean",
      xc: "x_centered",
      var: "sample_var",
      std: "sigma",
      xhat: "x_hat",
      y: "out",
    },
    formulaPrefix: "∂",
    codePrefix: "d",
  },
  // "Understanding the backward pass through Batch Normalization Layer", 2016
  kratzert: {
    title: "Kratzert",
    symbols: {
      x: "x",
      gamma: "gamma",
      beta: "beta",
      mean: "mu",
      xc: "xmu",
      sq: "sq",
      var: "var",
      std: "sqrtvar",
      invstd: "ivar",
      xhat: "xhat",
      scaled: "gammax",
      y: "out",
    },
    code: { mean: "mu", xc: "xmu", std: "sqrtvar", invstd: "ivar", scaled: "gammax", y: "out" },
    formulaPrefix: "d",
    codePrefix: "d",
  },
  // part 4, "Becoming a backprop ninja"
  makemore: {
    title: "makemore",
    symbols: {
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
    code: {
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
    formulaPrefix: "d",
    codePrefix: "d",
  },
  // torch.nn.functional.batch_norm and native_batch_norm
  pytorch: {
    title: "PyTorch",
    symbols: {
      x: "input",
      gamma: "weight",
      beta: "bias",
      mean: "save_mean",
      var: "var",
      invstd: "save_invstd",
      xhat: "xhat",
      y: "output",
    },
    code: {
      x: "input",
      gamma: "weight",
      beta: "bias",
      mean: "save_mean",
      invstd: "save_invstd",
      y: "output",
    },
    formulaPrefix: "grad_",
    codePrefix: "grad_",
  },
};

/** A set of names: in formulas, in plain text, and in code. */
export interface Notation {
  id: NotationId;
  title: string;
  symbols: Readonly<Record<NodeId, Formula>>;
  partials: Readonly<Record<NodeId, Formula>>;
  /** Plain text, as on the graph: σ², ∂σ². */
  labels: Labels;
  /** Names of NumPy: var, dvar. */
  code: Labels;
  /** Whether x − μ has its own symbol, which can take an index. */
  namesCentred: boolean;
}

export const kNodeIds = [
  "x",
  "gamma",
  "beta",
  "mean",
  "xc",
  "sq",
  "var",
  "std",
  "invstd",
  "xhat",
  "scaled",
  "y",
] as const satisfies readonly NodeId[];

const eps = mi("ε");
const symbolOf = (name: string): Formula =>
  name === "x̂" ? hat("x") : name === "σ²" ? sup(mi("σ"), digit(2)) : mi(name);

function symbolsOf({ symbols }: Spec): Record<NodeId, Formula> {
  const of = (id: Letter) => symbolOf(symbols[id]);
  const own = (id: Built, built: () => Formula) => (symbols[id] ? mi(symbols[id]) : built());
  const xc = own("xc", () => row(of("x"), mo("−"), of("mean")));
  const std = own("std", () => sqrt(row(of("var"), mo("+"), eps)));
  const isWord = symbols.gamma.length > 1;
  return {
    x: of("x"),
    gamma: of("gamma"),
    beta: of("beta"),
    mean: of("mean"),
    xc,
    sq: own("sq", () => sup(symbols.xc ? xc : group(xc), digit(2))),
    var: of("var"),
    std,
    invstd: own("invstd", () => frac(digit(1), std)),
    xhat: of("xhat"),
    scaled: own("scaled", () =>
      isWord ? row(of("gamma"), mo("·"), of("xhat")) : row(of("gamma"), of("xhat")),
    ),
    y: of("y"),
  };
}

/** Names of nodes that fit on the cards of the graph. */
function labelsOf({ symbols }: Spec): Record<NodeId, string> {
  const { x, gamma, mean, xhat } = symbols;
  const xc = symbols.xc ?? `${x} − ${mean}`;
  const std = symbols.std ?? `√(${symbols.var}+ε)`;
  return {
    ...symbols,
    xc,
    sq: symbols.sq ?? `(${xc})²`,
    std,
    invstd: symbols.invstd ?? `1/${std}`,
    scaled: symbols.scaled ?? (gamma.length > 1 ? `${gamma}·${xhat}` : `${gamma}${xhat}`),
  };
}

function withGradients(values: Readonly<Record<NodeId, string>>, gradient: (id: NodeId) => string): Labels {
  return Object.fromEntries(
    kNodeIds.flatMap((id) => [
      [id, values[id]],
      [`d${id}`, gradient(id)],
    ]),
  ) as Labels;
}

function build(id: NotationId): Notation {
  const spec = specs[id];
  const { formulaPrefix: prefix } = spec;
  const symbols = symbolsOf(spec);
  const values = labelsOf(spec);
  const own = (node: NodeId) => spec.code[node] ?? node;
  const isComposed = (node: NodeId) => !(node in spec.symbols);
  /** Has several parts, so it needs brackets after a ∂. */
  const isLoose = (node: NodeId) => isComposed(node) && !["sq", "std"].includes(node);
  // in sentences, an array without a name in this notation has the name from our code
  const wordOf = (node: NodeId) => `${prefix}${isComposed(node) ? own(node) : values[node]}`;
  const partial = (node: NodeId): Formula => {
    if (prefix !== "∂") return mi(wordOf(node));
    return partialOf(isLoose(node) ? group(symbols[node]) : symbols[node]);
  };
  return {
    id,
    title: spec.title,
    symbols,
    partials: Object.fromEntries(kNodeIds.map((node) => [node, partial(node)])) as Record<NodeId, Formula>,
    labels: withGradients(values, (node) =>
      prefix === "∂" ? `∂${isLoose(node) ? `(${values[node]})` : values[node]}` : wordOf(node),
    ),
    code: withGradients(
      Object.fromEntries(kNodeIds.map((node) => [node, own(node)])) as Record<NodeId, string>,
      (node) => `${spec.codePrefix}${own(node)}`,
    ),
    namesCentred: spec.symbols.xc !== undefined,
  };
}

const known = new Map<NotationId, Notation>();

export function notationOf(id: NotationId): Notation {
  const notation = known.get(id) ?? build(id);
  known.set(id, notation);
  return notation;
}
