/**
 * The oracle grid (tests/data/oracle.py): ours, NumPy and PyTorch on hundreds of cases, judged by fifty digits.
 * oracle-bounds.ts has what they are held to, oracle-table.ts the committed table.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Backnorm, FloatArray, NodeTrace } from "backnorm";
import { type Bounds, type Channel, fusedBounds, gateBounds, type Name, sizes } from "./oracle-bounds.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const python = "/usr/bin/python3"; // the one whose NumPy and PyTorch are those of the system

export const valueNames = ["mean", "xc", "sq", "var", "std", "invstd", "xhat", "scaled", "y"] as const;
export const gradientNames = [
  ...["dy", "dbeta", "dscaled", "dgamma", "dxhat", "dinvstd", "dstd", "dvar", "dsq", "dxc", "dmean", "dx"],
] as Name[];
export const nodeNames: Name[] = [...valueNames, ...gradientNames];
export const fusedNames: Name[] = ["mean", "invstd", "y", "dbeta", "dgamma", "dx"];

type Dtype = "float32" | "float64";
type Layout = "channels-first" | "channels-last";

/** A case as oracle.py writes it; tensors lie as n rows of channels. */
export interface OracleCase {
  name: string;
  group: "place" | "settings" | "shapes" | "special" | "large";
  dtype: Dtype;
  dims: number[];
  layout: Layout;
  n: number;
  channels: number;
  eps: number;
  ddof: 0 | 1;
  gamma: boolean;
  beta: boolean;
  hard: boolean;
  array(name: string): Float64Array;
  has(name: string): boolean;
  /** What rounding may do, and how large the nodes are: channel by channel. */
  perChannel: {
    size: Record<Name, number>;
    gates: Bounds;
    /** The same where sums are added up in the dtype. */
    gatesOfPeers: Bounds;
    fused: Bounds;
  }[];
  /** What the float32 kernels for many values may be off, by their header. */
  lanes: Partial<Record<Name, number>>;
  /** The largest |x|, in deviations: 1/u of it, and no digit of xhat is left. */
  distance: number;
}

export interface Grid {
  versions: { numpy: string; torch: string };
  cases: OracleCase[];
}

export function readGrid(): Grid {
  const folder = mkdtempSync(join(tmpdir(), "backnorm-"));
  try {
    const { status, stderr } = spawnSync(python, ["tests/data/oracle.py", folder], {
      cwd: root,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`oracle.py: ${stderr}`);
    const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as {
      versions: Grid["versions"];
      cases: (Omit<OracleCase, "array" | "has"> & { arrays: Record<string, number> })[];
    };
    const { buffer, byteOffset, byteLength } = readFileSync(join(folder, "data.bin"));
    const numbers = new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
    const cases = index.cases.map(({ arrays, ...settings }) => {
      const { n, channels } = settings;
      const array = (name: string) => {
        const begin = arrays[name];
        if (begin === undefined) throw new Error(`case ${settings.name} has no array ${name}`);
        const key = name.split(".").at(-1) as string;
        return numbers.subarray(begin, begin + (isMatrix(key) ? n * channels : channels));
      };
      return boundedCase({ ...settings, array, has: (name: string) => name in arrays });
    });
    return { versions: index.versions, cases };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const matrices = ["x", "xc", "sq", "xhat", "scaled", "y"];
const isMatrix = (key: string) => matrices.includes(key.replace(/^d(?=.)/, ""));

type Unbounded = Omit<OracleCase, "perChannel" | "lanes" | "distance">;

function boundedCase(given: Unbounded): OracleCase {
  const { n, channels, eps, ddof, dtype, array } = given;
  const perChannel = Array.from({ length: channels }, (_, c) => {
    const column = (name: string) =>
      Array.from({ length: isMatrix(name.split(".").at(-1) as string) ? n : 1 }, (_, row) => {
        return array(name)[row * channels + c] as number;
      });
    const known = new Map<Name, number[]>(nodeNames.map((name) => [name, column(`exact.${name}`)]));
    const channel: Channel = {
      ...{ n, m: n - ddof, eps, x: column("x"), dy: column("dy") },
      ...{ gamma: array("gamma")[c] as number, beta: array("beta")[c] as number },
      exact: (name) => known.get(name) as number[],
    };
    return {
      size: sizes(channel, dtype),
      gates: gateBounds(channel, dtype, "float64"),
      gatesOfPeers: gateBounds(channel, dtype, dtype),
      fused: fusedBounds(channel, dtype),
    };
  });
  const far = (i: number) => Math.abs(array("x")[i] as number) / (array("exact.std")[i % channels] as number);
  const distance = Array.from({ length: n * channels }, (_, i) => far(i)).reduce((a, b) => Math.max(a, b), 0);
  return { ...given, perChannel, lanes: lanesBounds(given), distance };
}

/**
 * "var, y, dx, dgamma keep within 1e-6 of the largest exact value", says batch_norm.hpp of float32 tensors of more than
 * 1024 values. The standard deviation is what y keeps its mean by. A sum of n terms may cancel; it is told by what n
 * signs at random leave of it.
 */
function lanesBounds({ n, array }: Unbounded): OracleCase["lanes"] {
  const largest = (name: string) => array(name).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const ofSum = (name: string) => Math.max(largest(name), Math.sqrt(n) / 4);
  const [y, dx, invstd] = [largest("exact.y"), largest("exact.dx"), largest("exact.invstd")];
  const sums = { dgamma: ofSum("exact.dgamma"), dbeta: ofSum("exact.dbeta") };
  const all = { mean: largest("exact.std"), invstd, y, dx, ...sums };
  return Object.fromEntries(Object.entries(all).map(([name, size]) => [name, 1e-6 * size]));
}

/** The worst entry of one array of one case. */
export interface Off {
  /** |got - exact|, over what rounding may do. */
  share: number;
  /** |got - exact|, over what the node is by nature. */
  error: number;
}

/** How far `got` is off: as n rows of channels, or a row of them. */
export function compare(
  kase: OracleCase,
  name: Name,
  got: ArrayLike<number>,
  by: "gates" | "gatesOfPeers" | "fused" | "lanes",
): Off {
  const [exact, rest] = [kase.array(`exact.${name}`), kase.array(`rest.${name}`)];
  if (got.length !== exact.length) throw new Error(`${kase.name}, ${name}: ${got.length} values`);
  const worst: Off = { share: 0, error: 0 };
  for (let i = 0; i < exact.length; i++) {
    const channel = kase.perChannel[i % kase.channels] as OracleCase["perChannel"][number];
    const off = Math.abs((got[i] as number) - (exact[i] as number) - (rest[i] as number));
    const bound = by === "lanes" ? kase.lanes[name] : channel[by][name]?.[Math.floor(i / kase.channels)];
    if (bound === undefined) throw new Error(`${by} has no bound for ${name}`);
    // a NaN is the worst of all
    worst.share = Math.max(worst.share, off === 0 ? 0 : off / bound);
    worst.error = Math.max(worst.error, off / channel.size[name]);
  }
  return worst;
}

type Offs = Partial<Record<Name, Off>>;
const kinds = { float32: Float32Array, float64: Float64Array };
const inKind = (kase: OracleCase, name: string): FloatArray => kinds[kase.dtype].from(kase.array(name));

/** Values and gradients of the graph, by the names of their arrays. */
export function traced(bn: Backnorm, kase: OracleCase, mistakes: string[] = []): Map<string, FloatArray> {
  const { n, channels, eps, ddof } = kase;
  const [x, gamma, beta, dy] = ["x", "gamma", "beta", "dy"].map((name) => inKind(kase, name)) as [
    FloatArray,
    FloatArray,
    FloatArray,
    FloatArray,
  ];
  const { nodes } = bn.trace({ x, gamma, beta, dy, shape: [n, channels], eps, ddof }, { mistakes });
  return new Map(
    nodes.flatMap(({ id, value, grad }: NodeTrace) => [[id, value] as const, [`d${id}`, grad] as const]),
  );
}

/** From n rows of channels to the order of memory, or back. */
function turned(kase: OracleCase, from: FloatArray, back: boolean): FloatArray {
  if (kase.layout === "channels-last") return from;
  const { n, channels } = kase;
  const inner = kase.dims.slice(2).reduce((a, b) => a * b, 1);
  const to = from.slice();
  for (let row = 0; row < n; row++) {
    for (let c = 0; c < channels; c++) {
      const flat = row * channels + c;
      const there = (Math.floor(row / inner) * channels + c) * inner + (row % inner);
      if (back) to[flat] = from[there] as number;
      else to[there] = from[flat] as number;
    }
  }
  return to;
}

/** What the fused passes give on the tensor as it lies in memory. */
export function fused(bn: Backnorm, kase: OracleCase): Record<string, FloatArray> {
  const { dims: shape, layout, eps, ddof } = kase;
  const gamma = kase.gamma ? inKind(kase, "gamma") : undefined;
  const beta = kase.beta ? inKind(kase, "beta") : undefined;
  const options = { shape, layout, gamma, beta, eps, ddof };
  const { y, cache } = bn.forward(turned(kase, inKind(kase, "x"), false), options);
  const { dx, dgamma, dbeta } = bn.backward(turned(kase, inKind(kase, "dy"), false), cache);
  const { mean, invstd } = cache;
  return { mean, invstd, y: turned(kase, y, true), dx: turned(kase, dx, true), dgamma, dbeta };
}

/** Whether the fused passes of WebAssembly take the case by a kernel that isn't the formulas as they are written. */
export const hasLanes = ({ group }: OracleCase): boolean => group === "large";

/** How far everybody is off on one case. */
export interface Judged {
  kase: OracleCase;
  gates: Offs;
  numpy: Offs;
  torch: Offs;
  fused: Offs;
  fusedJavaScript: Offs;
  /** PyTorch's batch norm, where it takes the case. */
  batchNorm: Offs;
}

const offsOf = (names: readonly Name[], of: (name: Name) => Off): Offs =>
  Object.fromEntries(names.map((name) => [name, of(name)]));

export function judge(webassembly: Backnorm, javascript: Backnorm, kase: OracleCase): Judged {
  const own = traced(webassembly, kase);
  const runs = [webassembly, javascript].map((bn) => fused(bn, kase)) as [
    Record<string, FloatArray>,
    Record<string, FloatArray>,
  ];
  const peer = (whose: string) =>
    offsOf(nodeNames, (name) =>
      compare(kase, name, kase.array(name === "dy" ? "dy" : `${whose}.${name}`), "gatesOfPeers"),
    );
  const lanes = hasLanes(kase) && kase.dtype === "float32";
  const theirs = fusedNames.filter((name) => kase.has(`bn.${name}`));
  return {
    kase,
    gates: offsOf(nodeNames, (name) => compare(kase, name, own.get(name) as FloatArray, "gates")),
    numpy: peer("numpy"),
    torch: peer("torch"),
    fused: offsOf(fusedNames, (name) =>
      compare(kase, name, runs[0][name] as FloatArray, lanes ? "lanes" : "fused"),
    ),
    fusedJavaScript: offsOf(fusedNames, (name) => compare(kase, name, runs[1][name] as FloatArray, "fused")),
    batchNorm: offsOf(theirs, (name) => compare(kase, name, kase.array(`bn.${name}`), "fused")),
  };
}
