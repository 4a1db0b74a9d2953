import { copyColumns, inputsOf, partsOf } from "../../src/columns.ts";
import type { Backnorm, Case, NodeId, Trace } from "../../src/index.ts";
import { blocksOf } from "../base/blocks.ts";
import { extentOf } from "../maths/graph-facts.ts";
import type { PageCase } from "../maths/norms.ts";

/** Up to this many values, a trace takes less than a tenth of a second and is computed in one go. */
export const kTracedAtOnce = 250_000;
/** The values of a part, whose trace takes some 20 ms. */
const kTraced = 50_000;

/** Whether all that happens to a case takes too long for one task. */
export const isVeryLarge = (kase: PageCase | undefined) => kase !== undefined && kase.x.length > 2 * kTraced;
/** The values of a part in which mistakes are looked for, which takes some 50 ms. */
export const kDiagnosedAtOnce = 4096;

/** Ends the current task, so that the browser can paint and take input. */
export const nextTask = () => new Promise<void>((resume) => setTimeout(resume));

/** Some columns at a time of a case. */
export function* partsOfCase(kase: PageCase, size: number) {
  const [rows, columns] = kase.shape as [number, number];
  for (const [first, count] of partsOf(rows, columns, size)) {
    const inputs = inputsOf(kase as Case<Float64Array>, columns, first, count);
    yield { first, count, kase: { ...kase, ...inputs, shape: [rows, count] } };
  }
}

/** The trace of a large case, computed some columns at a time. A gradient to which a mistake gives another shape is NaN. */
export async function traceInParts(
  bn: Backnorm,
  kase: PageCase,
  mistakes: readonly string[],
): Promise<Trace<Float64Array>> {
  const [rows, columns] = kase.shape as [number, number];
  const sizeOf = (isMatrix: boolean) => new Float64Array(isMatrix ? rows * columns : columns);
  const isMatrix = (id: NodeId) => extentOf(bn.graph, id) === "elements";
  const whole: Trace<Float64Array> = {
    nodes: bn.graph.nodes.map(({ id }) => {
      const shape = isMatrix(id) ? [rows, columns] : [columns];
      const [value, grad] = [sizeOf(isMatrix(id)), sizeOf(isMatrix(id))];
      return { id, shape, value, grad, gradShape: shape };
    }),
    edges: bn.graph.edges.map((edge) => ({
      ...edge,
      contribution: sizeOf(isMatrix(edge.from)),
    })),
    paths: {
      x: { direct: sizeOf(true), throughVar: sizeOf(true), throughMean: sizeOf(true) },
      mean: { direct: sizeOf(false), throughVar: sizeOf(false) },
    },
  };
  const size = Math.floor(kTraced / rows) === rows ? kTraced / 2 : kTraced; // a square part fits when it is transposed
  let fits: boolean[] | undefined;
  for (const { first, count, kase: part } of partsOfCase(kase, size)) {
    await nextTask();
    const { nodes, edges, paths } = bn.trace(part, { mistakes });
    const arrays = (trace: Trace<Float64Array>) => [
      ...trace.nodes.map(({ value }) => value),
      ...trace.edges.map(({ contribution }) => contribution),
      ...Object.values(trace.paths.x),
      ...Object.values(trace.paths.mean),
    ];
    const to = arrays(whole);
    for (const [at, from] of arrays({ nodes, edges, paths }).entries())
      copyColumns(count, [from, 0, count], [to[at] as Float64Array, first, columns]);
    fits ??= nodes.map(({ shape, gradShape }) => gradShape.join() === shape.join());
    for (const [at, { grad }] of whole.nodes.entries()) {
      if (fits[at])
        copyColumns(count, [(nodes[at] as (typeof nodes)[number]).grad, 0, count], [grad, first, columns]);
      else grad.fill(Number.NaN);
    }
  }
  for (const { shape, value, grad } of whole.nodes) {
    await nextTask();
    const [height, width] = shape.length === 2 ? [rows, columns] : [1, columns];
    for (const tensor of [value, grad]) blocksOf(tensor, height, width); // so that the heat maps are drawn soon
  }
  await nextTask();
  return whole;
}
