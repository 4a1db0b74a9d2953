import { moduleOf } from "../../src/backnorm.ts";
import type { Backnorm, Case } from "../../src/index.ts";
import { draws } from "../../src/presets.ts";
import { kNormKeys, type NormKeys, normKeysOf, type PageCase, readNorm } from "../maths/norms.ts";
import { firstCase, kFirst } from "../model/first-case.ts";
import { isPreset } from "../model/presets.ts";
import { type InputName, inputsOf, kInputs } from "../model/selection.ts";
import { nextTask } from "./in-parts.ts";
import { type CaseLink, type Changes, type Draw, drawOf } from "./link.ts";

/** The origin of the numbers of a case. */
export interface Origin {
  /** A preset, a random case, or "own". */
  base: string;
  /** The case that was changed; undefined if all numbers are its own. */
  kase: PageCase | undefined;
  /** The file that it was read from. */
  file?: string;
}

/** What a case has of its norm that says nothing of it. */
const kUsual = {
  norm: "batch",
  groups: undefined,
  normalizedDims: 1,
  unitOffset: undefined,
  axis: undefined,
} as const;

/** How long numbers are drawn in one task. */
const kTaskMilliseconds = 50;

/** What a link must contain besides the base of the case. */
export function changesOf(kase: PageCase, from: PageCase | undefined): Changes {
  const { shape, eps = 1e-5, ddof = 0 } = kase;
  const isInShape = shape.join() === from?.shape.join();
  const isSame = (name: InputName) =>
    from !== undefined &&
    (isInShape || name === "gamma" || name === "beta") &&
    (kase[name] === from[name] ||
      (kase[name]?.length === from[name]?.length &&
        (kase[name] as Float64Array).every((value, at) => Object.is(value, from[name]?.[at]))));
  const arrays = inputsOf(kase)
    .filter((name) => !isSame(name))
    .map((name) => [name, kase[name]]);
  return {
    shape,
    ...Object.fromEntries(arrays),
    ...(eps === (from?.eps ?? 1e-5) ? {} : { eps }),
    ...(ddof === (from?.ddof ?? 0) ? {} : { ddof }),
    ...Object.fromEntries(
      kNormKeys.flatMap((key) => (kase[key] === from?.[key] ? [] : [[key, kase[key] ?? kUsual[key]]])),
    ),
  };
}

/** The numbers of a random case. A large one takes several tasks. */
async function drawn(
  bn: Backnorm,
  { seed, shape, spread, mean }: Draw,
  channels: number,
): Promise<Case<Float64Array>> {
  const size = shape.reduce((all, one) => all * one, 1);
  const sizes = [size, channels, channels, size];
  const steps = draws(moduleOf(bn), seed, sizes);
  let step = steps.next();
  for (let end = performance.now() + kTaskMilliseconds; !step.done; step = steps.next()) {
    if (performance.now() < end) continue;
    await nextTask();
    end = performance.now() + kTaskMilliseconds;
  }
  const [z, gamma, beta, dy] = step.value as [Float64Array, Float64Array, Float64Array, Float64Array];
  return { x: z.map((value) => spread * value + mean), shape, gamma, beta, dy, eps: 1e-5 };
}

/** The case that a base names; undefined for "own". keys: the norm of a draw, on which the length of gamma depends. */
export async function baseOf(bn: Backnorm, base: string, keys: NormKeys = {}): Promise<PageCase | undefined> {
  if (base === kFirst) return firstCase();
  if (isPreset(base)) return bn.presets[base];
  const draw = drawOf(base);
  return draw && drawn(bn, draw, readNorm({ shape: draw.shape, ...normKeysOf(keys) }).channels);
}

/** The case of a link, whose base is `from`; undefined if some of its numbers are missing. */
export function caseOf(from: PageCase | undefined, { changes }: CaseLink): PageCase | undefined {
  const { shape, ...others } = changes;
  const isRms = (changes.norm ?? from?.norm) === "rms";
  const isGiven = (name: InputName) => changes[name] !== undefined || (name === "beta" && isRms);
  if (!from && !kInputs.every(isGiven)) return undefined;
  if (from && shape && shape.join() !== from.shape.join() && !(changes.x && changes.dy)) return undefined;
  if (from && Object.keys(changes).length === 0) return from;
  const { beta, ...kase } = { eps: 1e-5, ...from, ...others, shape: shape ?? from?.shape } as PageCase;
  const { norm, ...batch } = kase;
  return { ...(norm === "batch" ? batch : kase), ...(isRms ? {} : { beta }) };
}
