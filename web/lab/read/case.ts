import type { Backnorm, ParsedArray } from "../../src/index.ts";
import { fault } from "../../src/sentences.ts";
import {
  type kNormKeys,
  type NormKeys,
  normKeysOf,
  type PageCase,
  readNorm,
  workOf,
} from "../maths/norms.ts";
import { type InputName, inputsOf, kInputs } from "../model/selection.ts";
import { PageError } from "../words/page-error.ts";
import type { NameReader } from "./arrays.ts";
import { refuseNotFinite } from "./refusals.ts";

/** An array that a text, a file, a link or another page has named; "" if it has no name. */
export interface Named {
  name: string;
  array: ParsedArray;
  /** The file that it was in. */
  file?: string | undefined;
}

/** What a case has beside its arrays, as it was given. */
export type Settings = Partial<Record<"eps" | "ddof" | (typeof kNormKeys)[number], unknown>>;

export const isInput = (id: string | undefined): id is InputName =>
  (kInputs as readonly unknown[]).includes(id);

const settings: Readonly<Record<string, keyof Settings>> = {
  eps: "eps",
  epsilon: "eps",
  variance_epsilon: "eps",
  ddof: "ddof",
  correction: "ddof",
  norm: "norm",
  groups: "groups",
  num_groups: "groups",
  normalizeddims: "normalizedDims",
  unitoffset: "unitOffset",
  axis: "axis",
};

/** The setting that a name means. */
export const settingOf = (name: string): keyof Settings | undefined =>
  Object.hasOwn(settings, name.toLowerCase()) ? settings[name.toLowerCase()] : undefined;

/** Throws an error for a setting that is given twice. */
export function setOnce(found: Settings, setting: keyof Settings, name: string, value: unknown) {
  if (found[setting] !== undefined)
    throw fault("same-array-twice", "case", { id: setting, names: [setting, name] });
  found[setting] = value;
}

/** What named arrays were taken for. */
export interface Sorted {
  inputs: ReadonlyMap<InputName, Named>;
  settings: Settings;
  /** Arrays of the passes: the learner's own. */
  own: readonly Named[];
  /** Those whose names are not known. */
  left: readonly Named[];
}

/** A single matrix without a known name is x. Throws an error for an input that is given twice. */
export function sorted(
  arrays: readonly Named[],
  given: Settings,
  { idOf }: Pick<NameReader, "idOf">,
): Sorted {
  const inputs = new Map<InputName, Named>();
  const found: Settings = { ...given };
  const own: Named[] = [];
  const left: Named[] = [];
  for (const one of arrays) {
    const { name, array } = one;
    const known = array.data.length === 1 ? settingOf(name) : undefined;
    const setting = known === "norm" ? undefined : known; // which is x̂ in llm.c
    const id = setting ? undefined : idOf(name);
    if (setting) setOnce(found, setting, name, array.data[0]);
    else if (id === undefined) left.push(one);
    else if (!isInput(id)) own.push(one);
    else {
      const twin = inputs.get(id);
      if (twin) {
        const isOneFile = twin.file === one.file;
        const nameOf = (array: Named) => (isOneFile ? array.name : (array.file ?? array.name));
        throw fault("same-array-twice", "case", { id, names: [nameOf(twin), nameOf(one)] });
      }
      inputs.set(id, one);
    }
  }
  const [only] = left;
  const isX = only !== undefined && left.length === 1 && own.length === 0 && !inputs.has("x");
  if (isX) inputs.set("x", only);
  // beside the learner's own arrays, those with unknown names are others of them
  return own.length > 0
    ? { inputs, settings: found, own: [...own, ...left], left: [] }
    : { inputs, settings: found, own, left: isX ? [] : left };
}

/** A case, and how its inputs were filled in that were not given. */
export interface Filled {
  kase: PageCase;
  /** Those of the case before. */
  kept: readonly InputName[];
  /** gamma counts as 1, and beta as 0. */
  plain: readonly ("gamma" | "beta")[];
  /** Whether dy was drawn: np.random.seed(0), then randn. */
  isDrawn: boolean;
  /** Whether eps is the usual one. */
  isUsualEps: boolean;
}

/** The time of a check grows as N²·D. This much takes about twenty seconds. */
const kMostWork = 4e8;

/** The largest case that a link can have too. Its arrays take half a gigabyte. */
export const kMostValues = 1e6;

const kUsualEps = 1e-5;

function tensorOf({ data, shape }: ParsedArray): { x: Float64Array; shape: readonly number[] } {
  const argument = "matrix";
  if (shape.length < 2) throw new PageError("not-a-matrix", { shape }, { argument });
  if (data.length > kMostValues)
    throw new PageError("too-many-numbers", { most: kMostValues, shape }, { argument });
  refuseNotFinite(data, shape.at(-1) as number, argument);
  return { x: Float64Array.from(data), shape };
}

/**
 * The case of the inputs. current: that of the page. What is missing is filled in: beside x in another shape, or beside x and
 * dy, gamma with ones, beta with zeros and dy by a draw, since a dy of ones would check nothing; otherwise all of it stays.
 */
export function filled({ inputs, settings }: Sorted, bn: Backnorm, current: PageCase | undefined): Filled {
  const given = (name: InputName) => inputs.get(name)?.array;
  const x = given("x");
  const from = x ? tensorOf(x) : current;
  if (!from) throw new PageError("no-x", {});
  const { x: matrix, shape } = from;
  const hasShape = String(shape) === String(current?.shape);
  const isWhole = x !== undefined && (inputs.has("dy") || !hasShape);
  // x alone is normalized as the page does it
  const before = isWhole && inputs.has("dy") ? {} : normKeysOf(current ?? {});
  const keys =
    settings.norm === undefined
      ? { ...before, ...normKeysOf(settings as NormKeys) }
      : normKeysOf(settings as NormKeys);
  const { channels, norm } = readNorm({ shape, ...keys });
  const isRms = norm === "rms";
  const same = isWhole ? undefined : current;
  const kase: PageCase = {
    ...keys,
    x: matrix,
    shape,
    gamma: same?.gamma ?? new Float64Array(channels).fill(1),
    ...(isRms ? {} : { beta: same?.beta ?? new Float64Array(channels) }),
    dy: same?.dy ?? (inputs.has("dy") ? matrix : (bn.randn(0, [matrix.length])[0] as Float64Array)),
    eps: same?.eps ?? kUsualEps,
    ...(isRms ? {} : { ddof: same?.ddof ?? 0 }),
  };
  if (workOf(kase) > kMostWork)
    throw new PageError("too-much-work", { most: kMostWork, shape }, { argument: "matrix" });
  for (const name of ["gamma", "beta", "dy"] as const) {
    const array = given(name);
    if (!array) continue;
    if (name === "dy" && String(array.shape) !== String(shape))
      throw new PageError(
        "not-like-x",
        { shape, got: array.shape },
        { argument: inputs.get(name)?.name || name },
      );
    kase[name] = Float64Array.from(array.data);
  }
  const { eps, ddof } = settings;
  if (eps !== undefined) kase.eps = eps as number;
  if (ddof !== undefined) kase.ddof = ddof as 0 | 1;
  bn.trace(kase); // the package checks the case before anything on the page is replaced
  const missing = inputsOf(kase).filter((name) => !inputs.has(name));
  return {
    kase,
    kept: isWhole ? [] : missing,
    plain: isWhole ? missing.filter((name) => name === "gamma" || name === "beta") : [],
    isDrawn: isWhole && missing.includes("dy"),
    isUsualEps: isWhole && eps === undefined,
  };
}
