import type { Backnorm, Case, Trace } from "../../src/index.ts";
import type { Computed } from "../maths/computed.ts";

/** N²·D up to which a check fits between two frames and is done at once. */
const kWorkAtOnce = 120_000;

/** A gradient that a mistake gives another shape can't be drawn in its node: it shows as not a number. */
const inShape = (trace: Trace<Float64Array>): Trace<Float64Array> => ({
  ...trace,
  nodes: trace.nodes.map((node) =>
    node.gradShape.join() === node.shape.join()
      ? node
      : { ...node, grad: new Float64Array(node.value.length).fill(Number.NaN) },
  ),
});

/** A case with all that is computed of it at once: of a large one no report. Throws what the package does. */
export function compute(bn: Backnorm, kase: Case<Float64Array>, mistake: string): Computed {
  const [rows, columns] = kase.shape as [number, number];
  const check = rows * rows * columns <= kWorkAtOnce;
  const { trace, report, origins } = bn.examine(kase, { mistakes: mistake ? [mistake] : [], check });
  const wrongHere = new Set(origins);
  return {
    kase,
    rows,
    columns,
    trace: inShape(trace),
    report: report ?? undefined,
    wrongHere,
    givenUp: false,
  };
}
