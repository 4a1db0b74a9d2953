import type { Backnorm, ParsedArray } from "../../src/index.ts";
import { normKeysOf, type PageCase } from "../maths/norms.ts";
import { type InputName, kInputs } from "../model/selection.ts";
import { filled, settingOf } from "../read/case.ts";
import type { Given } from "../read/input.ts";

/** A whole case that was pasted along with arrays of its passes. */
export interface OwnCase {
  kase: PageCase;
  /** What was not in it: gamma counts as 1 then, and beta as 0. */
  missing: readonly ("gamma" | "beta")[];
}

export const isEps = ({ name, array }: Given): boolean =>
  settingOf(name) === "eps" && array.data.length === 1;

/**
 * The case in the arrays, if there is another x than the page's, and a dy of its shape. before: the one that the page shows,
 * if it was pasted; more of it may be given by now. Throws if it is no case that the page can show.
 */
export function ownCase(
  given: readonly Given[],
  bn: Backnorm,
  current: PageCase,
  before: OwnCase | undefined,
): OwnCase | undefined {
  const last = (id: string) => given.findLast((one) => one.id === id)?.array;
  const [x, dy] = [last("x"), last("dy")];
  if (!x || !dy || x.shape.length < 2 || String(x.shape) !== String(dy.shape)) return undefined;
  const hasShape = String(x.shape) === String(current.shape);
  if (!before && hasShape && !(differs(x, current.x) && differs(dy, current.dy))) return undefined;
  const inputs = kInputs.flatMap((id) => {
    const array = last(id);
    return array ? [[id, { name: id, array }] as const] : [];
  });
  const eps = given.findLast(isEps)?.array.data[0] ?? current.eps;
  const { kase, plain } = filled(
    {
      inputs: new Map(inputs),
      settings: { ...normKeysOf(current), eps, ddof: current.ddof },
      own: [],
      left: [],
    },
    bn,
    current,
  );
  return { kase, missing: plain };
}

/** Whether it differs by more than its digits leave open. */
function differs({ data, resolution }: ParsedArray, values: Float64Array): boolean {
  return data.some((value, at) => {
    const wanted = values[at] as number;
    return Math.abs(value - wanted) > 2 * (resolution?.[at] ?? 0) + 1e-6 * Math.abs(wanted);
  });
}

/** Whether a case has these inputs, number for number. */
export const isSame = (a: PageCase, b: PageCase): boolean =>
  a.eps === b.eps && kInputs.every((name) => hasNumbers(b, name, a[name] ?? undefined));

export const hasNumbers = (kase: PageCase, name: InputName, values: ArrayLike<number> | undefined): boolean =>
  kase[name]?.length === values?.length && (kase[name]?.every((value, at) => value === values?.[at]) ?? true);
