/**
 * The oracle grid (tests/data/oracle.py): ours, NumPy and PyTorch on hundreds of cases, judged by fifty digits.
 * oracle-bounds.ts has what they are held to, oracle-table.ts the committed table.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Backnorm, FloatArray, NormCase } from "backnorm";
import {
  fusedBounds,
  type Group,
  gateArithmetic,
  type Name,
  parameterSizes,
  type Shared,
  sizes,
  valueNames,
} from "./oracle-bounds.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const python = "/usr/bin/python3"; // the one whose NumPy and PyTorch are those of the system

const gradientNames = [
  ...["dy", "dbeta", "dscaled", "dgamma", "dxhat", "dinvstd", "dstd", "dvar", "dsq", "dxc", "dmean", "dx"],
] as Name[];
export const nodeNames: Name[] = [...valueNames, ...gradientNames];
const notOfRms: Name[] = ["mean", "xc", "scaled", "dbeta", "dscaled", "dxc", "dmean"];
const statistics = ["mean", "var", "std", "invstd"];
/** RMS norm's nodes, by batch norm's names. */
const usual: Readonly<Record<string, string>> = { ms: "var", rms: "std", invrms: "invstd" };
export const fusedNames: Name[] = ["mean", "invstd", "y", "dbeta", "dgamma", "dx"];

type Dtype = "float32" | "float64";
type Layout = "channels-first" | "channels-last";

export const norms = ["batch", "layer", "group", "instance", "rms"] as const;

/** Bounds or sizes of each entry of each array. */
type PerEntry = Partial<Record<Name, Float64Array>>;

/** A case as oracle.py writes it; batch norm's tensors lie as rows of channels. */
export interface OracleCase {
  name: string;
  group: "place" | "settings" | "shapes" | "special" | "large";
  dtype: Dtype;
  norm: (typeof norms)[number];
  shape: number[];
  groups: number;
  dims: number;
  offset: boolean;
  /** How many values share statistics. */
  count: number;
  /** The dims as they lie in memory, of a batch norm. */
  memory: number[];
  layout: Layout;
  eps: number;
  ddof: 0 | 1;
  gamma: boolean;
  beta: boolean;
  hard: boolean;
  /** The nodes that the norm has. */
  names: Name[];
  array(name: string): Float64Array;
  has(name: string): boolean;
  /** How large the nodes are. */
  size: PerEntry;
  /** What rounding may do. */
  gates: PerEntry;
  /** The same where sums are added up in the dtype. */
  gatesOfPeers: PerEntry;
  fused: PerEntry;
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
      cases: (Given & { arrays: Record<string, [number, number]> })[];
    };
    const { buffer, byteOffset, byteLength } = readFileSync(join(folder, "data.bin"));
    const numbers = new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
    const cases = index.cases.map(({ arrays, ...settings }) => {
      const array = (name: string) => {
        const place = arrays[name];
        if (place === undefined) throw new Error(`case ${settings.name} has no array ${name}`);
        return numbers.subarray(...place);
      };
      return boundedCase({ ...settings, array, has: (name: string) => name in arrays });
    });
    return { versions: index.versions, cases };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Given = Omit<OracleCase, "names" | "array" | "has" | "size" | Whole | "lanes" | "distance">;
type Whole = "gates" | "gatesOfPeers" | "fused";
type Unbounded = Given & Pick<OracleCase, "array" | "has">;

/** For each number of a list from 0 up: where it is. */
function placesOf(numbers: Float64Array): number[][] {
  const places: number[][] = [];
  for (const [at, number] of numbers.entries()) {
    places[number] ??= [];
    (places[number] as number[]).push(at);
  }
  return places;
}

function boundedCase(given: Unbounded): OracleCase {
  const { norm, count, eps, ddof, dtype, offset, array } = given;
  const centred = norm !== "rms";
  const names = centred ? nodeNames : nodeNames.filter((name) => !notOfRms.includes(name));
  const empty = (): PerEntry =>
    Object.fromEntries(names.map((name) => [name, new Float64Array(array(`exact.${name}`).length)]));
  const [size, gates, gatesOfPeers, fused] = [empty(), empty(), empty(), empty()];
  const [own, peers] = [gateArithmetic(dtype, "float64", offset), gateArithmetic(dtype, dtype, offset)];
  const [groups, parameters] = [placesOf(array("group")), placesOf(array("parameter"))];
  const pick = (name: string, at: readonly number[]) => at.map((i) => array(name)[i] as number);
  const used = (name: string, at: readonly number[]) => pick(name, pick("parameter", at));
  const xhats = { gates: [] as Shared["xhat"][number][], gatesOfPeers: [] as Shared["xhat"][number][] };

  for (const [g, at] of groups.entries()) {
    const places = (name: string) => (statistics.includes(name.replace(/^d/, "")) ? [g] : at);
    const inGroups = names.filter((name) => name !== "dgamma" && name !== "dbeta");
    const known = new Map<Name, number[]>(
      inGroups.map((name) => [name, pick(`exact.${name}`, places(name))]),
    );
    const group: Group = {
      ...{ centred, n: count, m: count - ddof, eps, x: pick("x", at), dy: pick("dy", at) },
      gamma: used("gamma", at).map((value) => (offset ? 1 + value : value)),
      beta: centred ? used("beta", at) : [],
      exact: (name) => known.get(name) as number[],
    };
    const write = (to: PerEntry, from: Partial<Record<string, readonly number[] | number>>) => {
      for (const name of inGroups) {
        const values = from[name];
        if (values === undefined) continue;
        for (const [k, place] of places(name).entries())
          (to[name] as Float64Array)[place] = typeof values === "number" ? values : (values[k] as number);
      }
    };
    write(size, sizes(group, dtype));
    for (const [to, whose, arithmetic] of [
      [gates, "gates", own],
      [gatesOfPeers, "gatesOfPeers", peers],
    ] as const) {
      const { xhats: offs, ...bounds } = arithmetic.gates(group);
      write(to, bounds);
      for (const [k, place] of at.entries()) xhats[whose][place] = offs[k] as Shared["xhat"][number];
    }
    if (norm === "batch") {
      const exact = ["dgamma", "dbeta"].map((name) => array(`exact.${name}`)[g] as number) as [
        number,
        number,
      ];
      const { dgamma, dbeta, ...bounds } = fusedBounds(group, ...exact, dtype);
      write(fused, bounds);
      for (const [name, bound] of Object.entries({ dgamma, dbeta }))
        (fused[name as Name] as Float64Array)[g] = bound?.[0] as number;
    }
  }
  for (const [p, at] of parameters.entries()) {
    const exact = (name: Name) => (names.includes(name) ? (array(`exact.${name}`)[p] as number) : 0);
    const shared = (whose: keyof typeof xhats): Shared => ({
      ...{ dy: pick("dy", at), dgamma: exact("dgamma"), dbeta: exact("dbeta") },
      xhat: at.map((i) => xhats[whose][i] as Shared["xhat"][number]),
    });
    for (const name of ["dgamma", "dbeta"] as const) {
      if (!names.includes(name)) continue;
      (size[name] as Float64Array)[p] = parameterSizes(shared("gates"), dtype)[name];
      (gates[name] as Float64Array)[p] = own.parameter(shared("gates"))[name];
      (gatesOfPeers[name] as Float64Array)[p] = peers.parameter(shared("gatesOfPeers"))[name];
    }
  }
  const group = array("group");
  const far = (x: number, i: number) => Math.abs(x) / (array("exact.std")[group[i] as number] as number);
  const distance = array("x").reduce((most, x, i) => Math.max(most, far(x, i)), 0);
  const lanes = norm === "batch" ? lanesBounds(given) : {};
  return { ...given, names, size, gates, gatesOfPeers, fused, lanes, distance };
}

/**
 * "var, y, dx, dgamma keep within 1e-6 of the largest exact value", says batch_norm.hpp of float32 tensors of more than
 * 1024 values. The standard deviation is what y keeps its mean by. A sum of n terms may cancel; it is told by what n
 * signs at random leave of it.
 */
function lanesBounds({ count: n, array }: Unbounded): OracleCase["lanes"] {
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

/** How far `got` is off, an array of a node of the case. */
export function compare(kase: OracleCase, name: Name, got: ArrayLike<number>, by: Whole | "lanes"): Off {
  const [exact, rest] = [kase.array(`exact.${name}`), kase.array(`rest.${name}`)];
  if (got.length !== exact.length) throw new Error(`${kase.name}, ${name}: ${got.length} values`);
  const worst: Off = { share: 0, error: 0 };
  for (let i = 0; i < exact.length; i++) {
    const off = Math.abs((got[i] as number) - (exact[i] as number) - (rest[i] as number));
    const bound = by === "lanes" ? kase.lanes[name] : kase[by][name]?.[i];
    if (bound === undefined) throw new Error(`${by} has no bound for ${name}`);
    // a NaN is the worst of all
    worst.share = Math.max(worst.share, off === 0 ? 0 : off / bound);
    worst.error = Math.max(worst.error, off / (kase.size[name]?.[i] as number));
  }
  return worst;
}

type Offs = Partial<Record<Name, Off>>;
const kinds = { float32: Float32Array, float64: Float64Array };
const inKind = (kase: OracleCase, name: string): FloatArray => kinds[kase.dtype].from(kase.array(name));

/** The case as a caller has it. */
export function caseOf(kase: OracleCase): NormCase {
  const { norm, shape, groups, dims, offset, eps, ddof } = kase;
  const [x, gamma, dy] = ["x", "gamma", "dy"].map((name) => inKind(kase, name)) as [
    FloatArray,
    FloatArray,
    FloatArray,
  ];
  const inputs = { x, gamma, dy, ...(norm === "rms" ? {} : { beta: inKind(kase, "beta") }) };
  const own = {
    ...(norm === "group" ? { groups } : {}),
    ...(dims > 1 ? { normalizedDims: dims } : {}),
    ...(offset ? { unitOffset: true } : {}),
  };
  if (norm === "batch") return { ...inputs, shape, eps, ddof };
  return { norm, ...own, ...inputs, shape, eps, ...(norm === "rms" ? {} : { ddof }) };
}

/** Values and gradients of the graph, by the names of their arrays. */
export function traced(bn: Backnorm, kase: OracleCase, mistakes: string[] = []): Map<string, FloatArray> {
  const { nodes } = bn.trace(caseOf(kase), { mistakes });
  return new Map(
    nodes.flatMap(({ id, value, grad }): [string, FloatArray][] => {
      const name = usual[id] ?? id;
      return [
        [name, value],
        [`d${name}`, grad],
      ];
    }),
  );
}

/** From n rows of channels to the order of memory, or back. */
function turned(kase: OracleCase, from: FloatArray, back: boolean): FloatArray {
  if (kase.layout === "channels-last") return from;
  const [n, channels] = kase.shape as [number, number];
  const inner = kase.memory.slice(2).reduce((a, b) => a * b, 1);
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
  const { memory: shape, layout, eps, ddof } = kase;
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
  const peer = (whose: string) =>
    offsOf(kase.names, (name) =>
      compare(kase, name, kase.array(name === "dy" ? "dy" : `${whose}.${name}`), "gatesOfPeers"),
    );
  const judged: Judged = {
    kase,
    gates: offsOf(kase.names, (name) => compare(kase, name, own.get(name) as FloatArray, "gates")),
    numpy: peer("numpy"),
    torch: peer("torch"),
    ...{ fused: {}, fusedJavaScript: {}, batchNorm: {} },
  };
  if (kase.norm !== "batch") return judged;
  const runs = [webassembly, javascript].map((bn) => fused(bn, kase)) as [
    Record<string, FloatArray>,
    Record<string, FloatArray>,
  ];
  const lanes = hasLanes(kase) && kase.dtype === "float32";
  const theirs = fusedNames.filter((name) => kase.has(`bn.${name}`));
  return {
    ...judged,
    fused: offsOf(fusedNames, (name) =>
      compare(kase, name, runs[0][name] as FloatArray, lanes ? "lanes" : "fused"),
    ),
    fusedJavaScript: offsOf(fusedNames, (name) => compare(kase, name, runs[1][name] as FloatArray, "fused")),
    batchNorm: offsOf(theirs, (name) => compare(kase, name, kase.array(`bn.${name}`), "fused")),
  };
}
