import type { Backnorm, Case, ParsedArray } from "../../src/index.ts";
import { caseOf } from "../session/open-file.ts";
import type { Given } from "./input.ts";

/** A whole case that was pasted along with arrays of its passes. */
export interface OwnCase {
  kase: Case<Float64Array>;
  /** What was not in it: gamma counts as 1 then, and beta as 0. */
  missing: readonly ("gamma" | "beta")[];
}

export const isEps = ({ name, array }: Given): boolean =>
  /^(?:eps|epsilon|variance_epsilon)$/i.test(name) && array.data.length === 1;

/**
 * The case in the arrays, if there is another x than the page's, and a dy of its shape. before: the one that the page shows,
 * if it was pasted; more of it may be given by now. Throws if it is no case that the page can show.
 */
export function ownCase(
  given: readonly Given[],
  bn: Backnorm,
  current: Case<Float64Array>,
  before: OwnCase | undefined,
): OwnCase | undefined {
  const last = (id: string) => given.findLast((one) => one.id === id)?.array;
  const [x, gamma, beta, dy] = ["x", "gamma", "beta", "dy"].map(last);
  if (!x || !dy || x.shape.length !== 2 || String(x.shape) !== String(dy.shape)) return undefined;
  const hasShape = String(x.shape) === String(current.shape);
  if (!before && hasShape && !(differs(x, current.x) && differs(dy, current.dy))) return undefined;
  const columns = x.shape[1] as number;
  const filled = (value: number): ParsedArray => ({
    data: new Float64Array(columns).fill(value),
    shape: [columns],
  });
  const eps = given.findLast(isEps)?.array.data[0] ?? current.eps;
  const { kase } = caseOf({ x, dy, gamma: gamma ?? filled(1), beta: beta ?? filled(0), eps }, bn, current);
  bn.trace(kase); // which checks it
  return { kase, missing: (["gamma", "beta"] as const).filter((name) => last(name) === undefined) };
}

/** Whether it differs by more than its digits leave open. */
function differs({ data, resolution }: ParsedArray, values: Float64Array): boolean {
  return data.some((value, at) => {
    const wanted = values[at] as number;
    return Math.abs(value - wanted) > 2 * (resolution?.[at] ?? 0) + 1e-6 * Math.abs(wanted);
  });
}

/** Whether a case has these inputs, number for number. */
export const isSame = (a: Case<Float64Array>, b: Case<Float64Array>): boolean =>
  a.eps === b.eps &&
  (["x", "gamma", "beta", "dy"] as const).every(
    (name) => a[name].length === b[name].length && a[name].every((value, at) => value === b[name][at]),
  );
