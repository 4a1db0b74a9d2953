import type { Checker } from "../../src/checker.ts";
import type { Backnorm, Case, Claim, Diagnosis, Trace } from "../../src/index.ts";
import type { Computed } from "../maths/computed.ts";

/** N²·D up to which a check fits between two frames and is done at once. */
const kWorkAtOnce = 120_000;

/** Values and gradients, as diagnose takes them. */
const everyArray = ({ nodes }: Trace<Float64Array>): Record<string, Claim> =>
  Object.fromEntries(
    nodes.flatMap(({ id, value, grad, gradShape }) => [
      [id, value],
      [`d${id}`, { data: grad, shape: gradShape }],
    ]),
  );

const wrongIn = ({ nodes }: Diagnosis) =>
  nodes.filter(({ truth, local }) => truth === "fail" && local === "fail").map(({ id }) => id);

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
export function compute(
  bn: Checker,
  whole: Backnorm | undefined,
  kase: Case<Float64Array>,
  mistake: string,
): Computed {
  const options = { mistakes: mistake ? [mistake] : [] };
  const [rows, columns] = kase.shape as [number, number];
  const trace = bn.trace(kase, options);
  const report = rows * rows * columns <= kWorkAtOnce ? bn.gradcheck(kase, options) : undefined;
  const wrongHere = new Set(mistake && whole ? wrongIn(whole.diagnose(kase, everyArray(trace))) : []);
  return { kase, rows, columns, trace: inShape(trace), report, wrongHere, givenUp: false };
}
