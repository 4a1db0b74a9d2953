/**
 * What rounding may do to each node, and how large a node is by nature: what the errors of the oracle grid are held
 * against. All of it follows from the exact values and the number format; no figure here was fitted to a result.
 */

export const valueNames = ["mean", "xc", "sq", "var", "std", "invstd", "xhat", "scaled", "y"] as const;
/** A value of a node, or its gradient; those of RMS norm go by batch norm's names. */
export type Name = (typeof valueNames)[number] | `d${(typeof valueNames)[number] | "x" | "gamma" | "beta"}`;

/** The values that share statistics: exact values of one entry per value, or of one. */
export interface Group {
  /** RMS norm has no mean: xc is x. */
  centred: boolean;
  n: number;
  m: number;
  eps: number;
  x: readonly number[];
  dy: readonly number[];
  /** What multiplies xhat, value by value: gamma, or 1 + gamma. */
  gamma: readonly number[];
  beta: readonly number[];
  exact: (name: Name) => readonly number[];
}

/** The values that use a parameter: dy and the exact xhat of each, and what the group makes of xhat. */
export interface Shared {
  dy: readonly number[];
  xhat: readonly Off[];
  dgamma: number;
  dbeta: number;
}

export type Bounds = Partial<Record<Name, number[]>>;

/** Of a number format: half an ulp of 1, half the least number, the least normal one. */
interface Format {
  u: number;
  least: number;
  normal: number;
}
const formats: Record<"float32" | "float64", Format> = {
  float32: { u: 2 ** -24, least: 2 ** -150, normal: 2 ** -126 },
  // half of the least is no number; the whole is on the safe side
  float64: { u: 2 ** -53, least: 2 ** -1074, normal: 2 ** -1022 },
};

/** An exact value, and how far off it may have been computed. */
export interface Off {
  value: number;
  off: number;
}

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const largest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);

/** How far off a product is before it is rounded. */
const times = (a: Off, b: Off) => Math.abs(a.value) * b.off + Math.abs(b.value) * a.off + a.off * b.off;

/**
 * The arithmetic of a pass: `each` operation is rounded to one format, a sum is added up in `sums`.
 *
 * After Higham, Accuracy and Stability of Numerical Algorithms, section 3: what an operation is handed is off by so
 * much, and its own rounding takes u of the result; a sum of n terms takes (n + 1)·u of what its terms are without
 * their signs, in whatever order they are added. Second orders are kept, since at a mean of 1e8 beside a spread of 1e-6
 * they come first.
 */
class Arithmetic {
  readonly #each: Format;
  readonly #sums: Format;
  readonly #offset: boolean;

  constructor(each: Format, sums: Format, offset = false) {
    this.#each = each;
    this.#sums = sums;
    this.#offset = offset;
  }

  /** A result that was off before it is rounded. */
  rounded(value: number, off: number): Off {
    const { u, least } = this.#each;
    return { value, off: off + u * (Math.abs(value) + off) + least };
  }

  /** What adding up these terms loses, beside what they were off before. */
  #adding(terms: readonly Off[]): number {
    const size = total(terms.map(({ value, off }) => Math.abs(value) + off));
    return (terms.length + 1) * this.#sums.u * size;
  }

  sum(value: number, terms: readonly Off[]): Off {
    return this.rounded(value, total(terms.map(({ off }) => off)) + this.#adding(terms));
  }

  /** a·b where the product is no node. */
  product(a: Off, b: Off): Off {
    return this.rounded(a.value * b.value, times(a, b));
  }

  /** mean to y, and the least that the computed std can be. */
  forward({ centred, n, m, eps, x, gamma, exact }: Group) {
    const { u, least } = this.#each;
    const one = (name: Name) => exact(name)[0] as number;
    const given = x.map((value) => ({ value, off: 0 }));
    const mean = centred ? this.rounded(one("mean"), this.#adding(given) / n) : { value: 0, off: 0 };
    // x - mean: a difference is rounded by its own size, so all that hurts is what the mean is off, in every row alike
    const xc = centred ? exact("xc").map((value) => this.rounded(value, mean.off)) : given;
    const sq = exact("sq").map((value, i) => {
      const from = xc[i] as Off;
      return this.rounded(value, times(from, from));
    });
    // That shift enters the variance squared, since Σ xc = 0: Σ (xc - shift)² = Σ xc² + n·shift². Each term is rounded
    // twice and squared, and then they are added up.
    const loss = 4 * u + (n + 2) * this.#sums.u;
    const squares = m * one("var");
    const shifted = n * mean.off ** 2;
    const variance = this.rounded(
      one("var"),
      (shifted + loss * (squares + shifted) + n * least) / m, // the shift makes it larger only
    );
    const both = one("var") + eps;
    const offBoth = variance.off + 2 * u * (both + variance.off);
    const s = one("std");
    const std = this.rounded(s, Math.min(offBoth / s, Math.sqrt(offBoth)));
    const lost = (loss * squares + n * least) / m + u * one("var") + least + 2 * u * both;
    const leastStd = Math.sqrt(Math.max(0, both - lost)) * (1 - 2 * u);
    const invstd = this.rounded(one("invstd"), Math.min(std.off / (s * leastStd), 1 / leastStd));
    const xhat = exact("xhat").map((value, i) => this.rounded(value, times(xc[i] as Off, invstd)));
    const weight = gamma.map((value) => this.weight(value));
    const scaled = exact(centred ? "scaled" : "y").map((value, i) =>
      this.rounded(value, times(xhat[i] as Off, weight[i] as Off)),
    );
    const y = centred ? exact("y").map((value, i) => this.rounded(value, (scaled[i] as Off).off)) : scaled;
    return { mean, xc, sq, var: variance, std, invstd, xhat, scaled, y, leastStd };
  }

  /** gamma; or 1 + gamma, which is rounded. */
  weight(value: number): Off {
    return { value, off: this.#offset ? this.#each.u * Math.abs(value) : 0 };
  }

  /** Every value and gradient of the graph but those of the parameters, gate by gate. */
  gates(group: Group): Bounds & { xhats: readonly Off[] } {
    const { centred, m, n, dy, gamma, exact } = group;
    const one = (name: Name) => exact(name)[0] as number;
    const { leastStd, ...values } = this.forward(group);
    const { xc, std, invstd, xhat } = values;
    const dxhat = dy.map((value, i) => this.product({ value, off: 0 }, this.weight(gamma[i] as number)));
    const dinvstd = this.sum(
      one("dinvstd"),
      dxhat.map((d, i) => this.product(d, xc[i] as Off)),
    );
    // times invstd², or over std²
    const squared = this.product(invstd, invstd);
    const local = this.rounded(squared.value, squared.off);
    const dstd = this.rounded(one("dstd"), times(dinvstd, local));
    const ratio = Math.abs(one("dvar")) * 2 * std.off;
    const dvar = this.rounded(one("dvar"), (dstd.off + ratio) / (2 * leastStd));
    const dsq = this.rounded(one("dsq"), dvar.off / m);
    const dxc = exact(centred ? "dxc" : "dx").map((value, i) => {
      const { value: v, off } = xc[i] as Off;
      const direct = this.product(dxhat[i] as Off, invstd);
      const throughVar = this.product(dsq, { value: 2 * v, off: 2 * off });
      return this.rounded(value, direct.off + throughVar.off);
    });
    const rows = <T>(value: T) => dy.map(() => value);
    const all = {
      ...offs(values),
      ...offs({ dx: dxc, dvar, dstd, dinvstd, dxhat }),
      dsq: rows(dsq.off),
      dscaled: rows(0), // copies of dy
      dy: rows(0),
      xhats: xhat,
    };
    if (!centred) return all;
    const dmean = this.sum(one("dmean"), dxc);
    const throughMean = this.rounded(one("dmean") / n, dmean.off / n);
    const dx = exact("dx").map((value, i) => this.rounded(value, (dxc[i] as Off).off + throughMean.off));
    return { ...all, ...offs({ dx, dmean, dxc }) };
  }

  /** The gradients of a parameter: sums over all that use it, whatever groups these are in. */
  parameter({ dy, xhat, dgamma, dbeta }: Shared): { dgamma: number; dbeta: number } {
    const pulled = dy.map((value) => ({ value, off: 0 }));
    const terms = pulled.map((d, i) => this.product(d, xhat[i] as Off));
    return { dgamma: this.sum(dgamma, terms).off, dbeta: this.sum(dbeta, pulled).off };
  }

  /** What the fused passes of batch norm write: dx = gamma·invstd·(dy - dbeta/n - xhat·dgamma/m). */
  fused(channel: Group, dgammaExact: number, dbetaExact: number): Bounds {
    const { m, n, dy, exact } = channel;
    const gamma = channel.gamma[0] as number;
    const { mean, xc, invstd, xhat } = this.forward(channel);
    const scale = this.product(invstd, { value: gamma, off: 0 });
    const y = exact("y").map((value, i) => this.rounded(value, this.product(xc[i] as Off, scale).off));
    const pulled = dy.map((value) => ({ value, off: 0 }));
    const dbeta = this.sum(dbetaExact, pulled);
    const terms = pulled.map((d, i) => this.product(d, xhat[i] as Off));
    const dgamma = this.sum(dgammaExact, terms);
    const ofMean = this.rounded(dbetaExact / n, dbeta.off / n);
    const ofVar = this.rounded(dgammaExact / m, dgamma.off / m);
    const dx = exact("dx").map((value, i) => {
      const centred = this.rounded((dy[i] as number) - ofMean.value, ofMean.off);
      const along = this.product(xhat[i] as Off, ofVar);
      const rest = this.rounded(centred.value - along.value, centred.off + along.off);
      return this.rounded(value, times(scale, rest));
    });
    return offs({ mean, invstd, y, dx, dgamma, dbeta });
  }
}

function offs(nodes: Partial<Record<Name, Off | readonly Off[]>>): Bounds {
  const entries = Object.entries(nodes).map(([name, off]) => [name, [off].flat().map((one) => one.off)]);
  return Object.fromEntries(entries);
}

type Dtype = keyof typeof formats;

/** `trace`, and whoever walks the graph gate by gate: ours adds up in float64, NumPy and PyTorch in the dtype. */
export const gateArithmetic = (dtype: Dtype, sums: Dtype, offset: boolean) =>
  new Arithmetic(formats[dtype], formats[sums], offset);

/** The fused passes: float64 throughout, and what is handed out in float32 is rounded once more. */
export function fusedBounds(channel: Group, dgamma: number, dbeta: number, dtype: Dtype): Bounds {
  const bounds = new Arithmetic(formats.float64, formats.float64).fused(channel, dgamma, dbeta);
  if (dtype === "float64") return bounds;
  const { u, least } = formats.float32;
  const exact = { y: channel.exact("y"), dx: channel.exact("dx"), dgamma: [dgamma], dbeta: [dbeta] };
  for (const name of ["y", "dx", "dgamma", "dbeta"] as const) {
    bounds[name] = (bounds[name] as number[]).map(
      (off, i) => off + u * (Math.abs(exact[name][i] as number) + off) + least,
    );
  }
  return bounds;
}

type Size = Record<Exclude<Name, "dgamma" | "dbeta">, number>;

/**
 * How large a node is by nature, so that an error can be told in digits: what its terms come to before they cancel,
 * and no less than what the format holds in full.
 */
export function sizes({ n, m, x, dy, gamma, beta, exact }: Group, dtype: Dtype): Size {
  const s = exact("std")[0] as number;
  const xhat = Math.max(1, largest(exact("xhat")));
  const weight = largest(gamma);
  const pulled = dy.map((value, i) => value * (gamma[i] as number));
  const dinvstd = total(pulled.map(Math.abs)) * s * xhat;
  const dvar = dinvstd / (2 * s ** 3);
  const dxc = largest(pulled) / s + (dvar / m) * 2 * s * xhat;
  const known: Size = {
    mean: total(x.map(Math.abs)) / n,
    xc: s * xhat,
    sq: (s * xhat) ** 2,
    var: s ** 2,
    std: s,
    invstd: 1 / s,
    xhat,
    scaled: weight * xhat,
    y: weight * xhat + largest(beta),
    dx: dxc,
    dmean: n * dxc,
    dxc,
    dsq: dvar / m,
    dvar,
    dstd: dinvstd / s ** 2,
    dinvstd,
    dxhat: largest(pulled),
    dscaled: largest(dy),
    dy: largest(dy),
  };
  return Object.fromEntries(
    Object.entries(known).map(([name, size]) => [name, inFormat(size, dtype)]),
  ) as Size;
}

/** The same of the gradients of a parameter. */
export function parameterSizes({ dy, xhat }: Shared, dtype: Dtype): { dgamma: number; dbeta: number } {
  const pulled = total(dy.map(Math.abs));
  const most = Math.max(1, largest(xhat.map(({ value }) => value)));
  return { dgamma: inFormat(pulled * most, dtype), dbeta: inFormat(pulled, dtype) };
}

const inFormat = (size: number, dtype: Dtype) => Math.max(size, formats[dtype].normal);
