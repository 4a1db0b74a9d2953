import { moduleOf } from "../../src/backnorm.ts";
import type { Backnorm, Case } from "../../src/index.ts";
import { draws } from "../../src/presets.ts";
import { firstCase, kFirst } from "../model/first-case.ts";
import { isPreset } from "../model/presets.ts";
import { type InputName, kInputs } from "../model/selection.ts";
import { nextTask } from "./in-parts.ts";
import { type CaseLink, type Changes, type Draw, drawOf } from "./link.ts";

/** The origin of the numbers of a case. */
export interface Origin {
  /** A preset, a random case, or "own". */
  base: string;
  /** The case that was changed; undefined if all numbers are its own. */
  kase: Case<Float64Array> | undefined;
  /** The file that it was read from. */
  file?: string;
}

/** How long numbers are drawn in one task. */
const kTaskMilliseconds = 50;

/** What a link must contain besides the base of the case. */
export function changesOf(kase: Case<Float64Array>, from: Case<Float64Array> | undefined): Changes {
  const { shape, eps = 1e-5, ddof = 0 } = kase;
  const isInShape = shape.join() === from?.shape.join();
  const isSame = (name: InputName) =>
    from !== undefined &&
    (isInShape || name === "gamma" || name === "beta") &&
    (kase[name] === from[name] ||
      (kase[name].length === from[name].length &&
        kase[name].every((value, at) => Object.is(value, from[name][at]))));
  const arrays = kInputs.filter((name) => !isSame(name)).map((name) => [name, kase[name]]);
  return {
    shape,
    ...Object.fromEntries(arrays),
    ...(eps === (from?.eps ?? 1e-5) ? {} : { eps }),
    ...(ddof === (from?.ddof ?? 0) ? {} : { ddof }),
  };
}

/** The numbers of a random case. A large one takes several tasks. */
async function drawn(bn: Backnorm, { seed, rows, columns, spread, mean }: Draw): Promise<Case<Float64Array>> {
  const sizes = [rows * columns, columns, columns, rows * columns];
  const steps = draws(moduleOf(bn), seed, sizes);
  let step = steps.next();
  for (let end = performance.now() + kTaskMilliseconds; !step.done; step = steps.next()) {
    if (performance.now() < end) continue;
    await nextTask();
    end = performance.now() + kTaskMilliseconds;
  }
  const [z, gamma, beta, dy] = step.value as [Float64Array, Float64Array, Float64Array, Float64Array];
  return { x: z.map((value) => spread * value + mean), shape: [rows, columns], gamma, beta, dy, eps: 1e-5 };
}

/** The case that a base names; undefined for "own". */
export async function baseOf(bn: Backnorm, base: string): Promise<Case<Float64Array> | undefined> {
  if (base === kFirst) return firstCase();
  if (isPreset(base)) return bn.presets[base];
  const draw = drawOf(base);
  return draw && drawn(bn, draw);
}

/** The case of a link, whose base is `from`; undefined if some of its numbers are missing. */
export function caseOf(
  from: Case<Float64Array> | undefined,
  { changes }: CaseLink,
): Case<Float64Array> | undefined {
  const { shape, ...others } = changes;
  if (!from && !kInputs.every((name) => changes[name])) return undefined;
  if (from && shape && shape.join() !== from.shape.join() && !(changes.x && changes.dy)) return undefined;
  if (from && Object.keys(changes).length === 0) return from;
  return { eps: 1e-5, ...from, ...others, shape: shape ?? from?.shape } as Case<Float64Array>;
}
