/** Cases, and what a program with a mistake would print of them. */
import { type Case, load, type NodeId } from "backnorm";
import { type Path, pathsOf } from "../../web/lab/maths/graph-facts.ts";

const bn = await load();

export const kase = bn.presets.cs231n;

export interface Printed {
  values: ArrayLike<number>;
  shape: readonly number[];
}

/** Values and gradients of a program with that mistake. */
export function programOf(mistake?: string): Map<string, Printed> {
  const { nodes } = bn.trace(kase, { mistakes: mistake ? [mistake] : [] });
  return new Map(
    nodes.flatMap(({ id, value, shape, grad, gradShape }) => [
      [id, { values: value, shape }],
      [`d${id}`, { values: grad, shape: gradShape }],
    ]),
  );
}

export const rowsOf = ({ values, shape }: Printed) => {
  const columns = shape.at(-1) as number;
  return Array.from({ length: values.length / columns }, (_, row) =>
    Array.from(values).slice(row * columns, (row + 1) * columns),
  );
};

export const nested = (array: Printed): string =>
  array.shape.length === 1 ? JSON.stringify(rowsOf(array)[0]) : JSON.stringify(rowsOf(array));

/** `dx = array(…)` of each of those arrays. */
export const print = (program: Map<string, Printed>, ids: readonly string[]) =>
  ids.map((id) => `${id} = array(${nested(program.get(id) as Printed)})`).join("\n");

export const hard: Case<Float64Array> = {
  ...bn.presets.cs231n,
  x: bn.presets.cs231n.x.map(
    (value, at) => [value, -0, 5e-324, 1.7e20, 2 ** 53, -1e-7, 12][at % 7] as number,
  ),
  eps: 0.1 + 0.2,
  ddof: 1,
};

export const unbiased: Case<Float64Array> = {
  x: Float64Array.of(1, 2, 4, 3, 5, 9),
  shape: [3, 2],
  gamma: Float64Array.of(1, 2),
  beta: Float64Array.of(0, 1),
  dy: Float64Array.of(1, 0, 2, 1, 0, 5),
  ddof: 1,
};

export const arrayOf = (
  kase: Case<Float64Array>,
  id: NodeId,
  which: "value" | "grad",
  mistakes: string[] = [],
) => bn.trace(kase, { mistakes }).nodes.find((node) => node.id === id)?.[which] as Float64Array;

/** The paths of batch norm, which its trace has. */
export const batchPaths = pathsOf(bn.graph) as Exclude<Path, "throughRms">[];

export const subsets: ReadonlySet<Path>[] = Array.from(
  { length: 8 },
  (_, bits) => new Set<Path>(batchPaths.filter((_path, at) => bits & (1 << at))),
);

export const left = (kase: Case<Float64Array>, off: ReadonlySet<Path>) => {
  const paths = bn.trace(kase).paths.x;
  return kase.x.map((_, at) =>
    batchPaths.reduce((sum, path) => sum + (off.has(path) ? 0 : (paths[path][at] as number)), 0),
  );
};

/** The place of a number among all float64. */
export function ordered(value: number): bigint {
  const bits = new BigInt64Array(Float64Array.of(value).buffer)[0] as bigint;
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

export const fusedOf = ({ x, shape, gamma, beta, dy, eps, ddof }: Case<Float64Array>) =>
  bn.backward(dy, bn.forward(x, { shape, gamma, beta, eps, ddof }).cache);
