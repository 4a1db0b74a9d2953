/**
 * Every public call, every argument of it and every option: what each takes and what it refuses. The one list that the
 * tests of bad input are made from; bad-input.test.ts holds it against the calls and the types that there are.
 */
import { type Backnorm, type Case, linkOf, load, parseNpy, parseNpz } from "backnorm";
import {
  notFunctions,
  notSignals,
  notStrings,
  wrongBytes,
  wrongMistakes,
  wrongNode,
  wrongSeed,
  wrongSizes,
  wrongSteps,
  wrongText,
  wrongZip,
} from "./bad-lists.ts";
import {
  notCaches,
  notClaims,
  notParts,
  notSaved,
  wrongClaimedShape,
  wrongClaims,
  wrongCount,
  wrongCountOf,
  wrongData,
  wrongFirstMean,
  wrongResolution,
  wrongSaved,
} from "./bad-parts.ts";
import {
  given,
  noShape,
  notArrays,
  notBooleans,
  notFinite,
  notModules,
  notNames,
  notObjects,
  ofAnotherNorm,
  type Row,
  single,
  wrongAxis,
  wrongDdof,
  wrongEps,
  wrongLayout,
  wrongLength,
  wrongNorm,
  wrongShape,
  wrongShare,
} from "./bad-values.ts";
import { arraysOf } from "./nothing-lost.ts";
import { webassembly } from "./support.ts";

/** What a call may be given in one place, and what it refuses there. */
export interface Argument {
  /** A list is of numbers or names. */
  is: "array" | "list" | "object" | "value";
  /** A good value, made anew. An object is made of its fields. */
  good?: () => unknown;
  optional?: true;
  /** null leaves it out as well. */
  nullable?: true;
  rows: (name: string) => Row[];
  fields?: Record<string, Argument>;
  /** The fields are examples of what may have any name, or of the entries of a list. */
  ofAnyName?: true;
}

export interface Call {
  given: Record<string, Argument>;
  // biome-ignore lint/suspicious/noExplicitAny: bad arguments are of no type
  call: (bn: Backnorm, given: any) => unknown;
}

const { x, gamma, beta, dy } = webassembly.presets.cs231n as Case<Float64Array>;
const shape = [4, 5];
const { cache } = webassembly.forward(x, { shape, gamma, beta });
const other = webassembly.forward(gamma, { shape: [1, 5] }).cache;
const statistics = webassembly.statistics(x, { shape });
const ofOneChannel = webassembly.statistics(x, { shape: [20, 1] });
const sums = webassembly.sums(dy, cache);
const ones = new Float64Array(5).fill(1);

const optional = (argument: Argument): Argument => ({ ...argument, optional: true });
const nullable = (argument: Argument): Argument => ({ ...argument, optional: true, nullable: true });
const value = (rows: Argument["rows"], good?: unknown): Argument => ({ is: "value", rows, good: () => good });
const list = (rows: Argument["rows"], good: readonly unknown[]): Argument => ({
  is: "list",
  rows,
  good: () => [...good],
});
const array = (values: Float64Array, rows: Argument["rows"]): Argument => ({
  is: "array",
  rows,
  good: () => values.slice(),
});
const object = (fields: Record<string, Argument>, more: Row[] = []): Argument => ({
  is: "object",
  rows: (name) => [...notObjects(name), ...more],
  fields,
});

const tensor = (values: Float64Array) =>
  array(values, (name) => [...notArrays(name), ...wrongLength(name, 20, "for shape [4, 5]")]);
const likeX = (values: Float64Array, length: number, of: string, like?: string) =>
  array(values, (name) => [...notArrays(name), ...wrongLength(name, length, of), single(name, length, like)]);
const perChannel = (values: Float64Array) => likeX(values, 5, "for 5 channels");
const inFloat64 = (values: Float64Array) => likeX(values, 5, "for 5 channels", "");
const truth = optional(value(notBooleans, true));
const momentum = optional(value((name) => wrongShare(name, "invalid-momentum")));
const decay = optional(value((name) => wrongShare(name, "invalid-decay")));

const normOptions = {
  norm: optional(value(wrongNorm, "batch")),
  groups: optional(value(ofAnotherNorm(2, '"group"'))),
  normalizedDims: optional(value(ofAnotherNorm(1, '"layer" or "rms"'))),
  unitOffset: optional(value(ofAnotherNorm(true, '"rms"'))),
};
const tensorOptions = {
  shape: list((name) => noShape(name, "1 to 8"), shape),
  layout: optional(value(wrongLayout, "channels-first")),
  axis: optional(value(wrongAxis, -1)),
};
const eps = optional(value(wrongEps, 1e-5));
const ddof = value(wrongDdof, 0);
const affineOptions = {
  ...tensorOptions,
  ...normOptions,
  gamma: nullable(perChannel(gamma)),
  beta: nullable(perChannel(beta)),
  eps,
};
const running = nullable(
  object({ mean: perChannel(ones), var: perChannel(ones), momentum, decay, unbiased: truth }),
);
const forwardOptions = object({ ...affineOptions, ddof: optional(ddof), running });
const { beta: _, ...withoutBeta } = affineOptions;
const runningStatistics = {
  runningMean: perChannel(ones),
  runningVar: perChannel(ones),
  ddof: { ...optional(ddof), rows: () => [] }, // which batch norm doesn't read
};
const dtype = optional(
  value((name) => notNames(name, "invalid-dtype", ["float32", "float64"], "f32"), "float64"),
);
const ofALayer = (values: Float64Array) => nullable(likeX(values, 5, "for 5 channels", ""));
const layerOptions = {
  ...tensorOptions,
  ...normOptions,
  dtype,
  gamma: ofALayer(gamma),
  beta: ofALayer(beta),
  runningMean: ofALayer(ones),
  runningVar: ofALayer(ones),
  training: truth,
  eps,
  ddof: optional(ddof),
  momentum,
  decay,
};

const dyOfX = likeX(dy, 20, "for shape [4, 5]");
const cacheOfX = object(
  {
    x: array(x, (name) => [...notSaved(name), ...wrongLength(name, 20, "for shape [4, 5]")]),
    gamma: nullable(perChannel(gamma)),
    shape: tensorOptions.shape,
    ...normOptions,
    layout: optional(value(wrongLayout, "channels-first")),
    axis: optional(value(wrongAxis, -1)),
    ddof: optional(ddof),
    mean: array(cache.mean, wrongSaved),
    invstd: nullable(array(cache.invstd, wrongSaved)),
    // which a cache with invstd doesn't read
    var: optional(array(cache.var, () => [])),
    variance: optional(array(cache.var, () => [])),
    eps: optional(value(() => [], 1e-5)),
    count: optional(value(wrongCount, 4)),
  },
  notCaches(cache, other),
);
const statisticsOf = (expected: string, count: number) =>
  object({
    count: value(wrongCountOf(expected), count),
    mean: inFloat64(statistics.mean),
    m2: inFloat64(statistics.m2),
  });
const part = statisticsOf("a positive whole number", 4);
const wholeOfX = statisticsOf("a whole number of at least 4, the values per channel of x", 8);

/** The arrays of a case must be finite. */
const judged = (argument: Argument): Argument => ({
  ...argument,
  rows: (name) => [...argument.rows(name), ...notFinite(name, argument.good?.() as Float64Array)],
});
const perColumn = (values: Float64Array) => judged(likeX(values, 5, "for 5 columns"));
const kase = object({
  ...tensorOptions,
  shape: list((name) => wrongShape(name, "1 to 8"), shape),
  ...normOptions,
  x: judged(tensor(x)),
  gamma: perColumn(gamma),
  beta: nullable(perColumn(beta)),
  dy: judged(dyOfX),
  eps,
  ddof: optional(ddof),
});
const mistakes = optional(list(wrongMistakes, ["swapped"]));
const passOptions = optional(object({ mistakes }));
const idle = () => {};
const { signal } = new AbortController();
const node = value(wrongNode(webassembly.graph.nodes.map(({ id }) => id)), "var");
const seed = optional(value(wrongSeed, 231));

const precisions = ["float64", "float32", "float16", "bfloat16"];
const claimed: Record<string, Argument> = {
  dvar: optional(array(ones, notClaims)),
  dx: {
    is: "object",
    optional: true,
    rows: notClaims,
    fields: {
      data: array(dy, wrongData),
      shape: optional(list(wrongClaimedShape(20), shape)),
      resolution: optional(array(new Float64Array(20), wrongResolution(20))),
      dtype: optional(value((name) => notNames(name, "invalid-dtype", precisions, "f32"), "float64")),
    },
  },
};
const claims: Argument = { ...object(claimed, wrongClaims(dy)), ofAnyName: true };
const setting = (good: string) => optional(value(notStrings, good));
const parts: Argument = {
  is: "list",
  rows: () => notParts(statistics, ofOneChannel),
  fields: {
    0: { ...part, fields: { ...part.fields, mean: array(statistics.mean, wrongFirstMean) } },
    1: part,
  },
  ofAnyName: true,
};

/** A file of one byte, 7. */
/** A zip without files: the end of its directory. */
const npz = () => Uint8Array.of(0x50, 0x4b, 5, 6, ...new Array(18).fill(0));
function npy(): Uint8Array {
  const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}";
  const text = `\x93NUMPY\x01\0${String.fromCharCode(header.length)}\0${header}\x07`;
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export const everyCall: Record<string, Call> = {
  forward: {
    given: { x: tensor(x), options: forwardOptions },
    call: (bn, { x, options }) => bn.forward(x, options),
  },
  backward: {
    given: { dy: dyOfX, cache: cacheOfX },
    call: (bn, { dy, cache }) => bn.backward(dy, cache),
  },
  infer: {
    given: { x: tensor(x), options: object({ ...affineOptions, ...runningStatistics }) },
    call: (bn, { x, options }) => bn.infer(x, options),
  },
  inferBackward: {
    given: { dy: dyOfX, options: object({ x: tensor(x), ...withoutBeta, ...runningStatistics }) },
    call: (bn, { dy, options }) => bn.inferBackward(dy, options),
  },
  layer: {
    given: { options: object({ ...layerOptions, unbiasedRunningVariance: truth }) },
    call: (bn, { options }) => {
      const layer = bn.layer(options);
      layer.x.fill(2, 1);
      layer.forward();
      const { y, runningMean, runningVar } = arraysOf(layer);
      layer.dispose();
      return { y, runningMean, runningVar };
    },
  },
  "layer.training": {
    given: { training: value(notBooleans, true) },
    call: (bn, { training }) => {
      const layer = bn.layer({ shape, dtype: "float64" });
      try {
        return Object.assign(layer, { training }).training;
      } finally {
        layer.dispose();
      }
    },
  },
  "layer.momentum": {
    given: { momentum: value((name) => wrongShare(name, "invalid-momentum"), 0.25) },
    call: (bn, { momentum }) => {
      const layer = bn.layer({ shape, dtype: "float64" });
      try {
        return Object.assign(layer, { momentum }).momentum;
      } finally {
        layer.dispose();
      }
    },
  },
  statistics: {
    given: { x: tensor(x), options: object(tensorOptions) },
    call: (bn, { x, options }) => bn.statistics(x, options),
  },
  mergeStatistics: { given: { parts }, call: (bn, { parts }) => bn.mergeStatistics(parts) },
  normalize: {
    given: { x: tensor(x), statistics: wholeOfX, options: forwardOptions },
    call: (bn, { x, statistics, options }) => bn.normalize(x, statistics, options),
  },
  sums: {
    given: { dy: dyOfX, cache: cacheOfX },
    call: (bn, { dy, cache }) => bn.sums(dy, cache),
  },
  apply: {
    given: {
      dy: dyOfX,
      cache: cacheOfX,
      sums: object({ dbeta: inFloat64(sums.dbeta), dgamma: inFloat64(sums.dgamma) }),
    },
    call: (bn, { dy, cache, sums }) => bn.apply(dy, cache, sums),
  },
  graphOf: {
    given: { norm: value(wrongNorm, "rms") },
    call: (bn, { norm }) => bn.graphOf(norm),
  },
  trace: {
    given: { kase, options: passOptions },
    call: (bn, { kase, options }) => bn.trace(kase, options),
  },
  gradcheck: {
    given: { kase, options: passOptions },
    call: (bn, { kase, options }) => bn.gradcheck(kase, options),
  },
  gradcheckAsync: {
    given: {
      kase,
      options: optional(
        object({
          mistakes,
          signal: optional(value(notSignals, signal)),
          onProgress: optional(value(notFunctions, idle)),
        }),
      ),
    },
    call: (bn, { kase, options }) => bn.gradcheckAsync(kase, options),
  },
  examine: {
    given: { kase, options: optional(object({ mistakes, check: optional(value(notBooleans, true)) })) },
    call: (bn, { kase, options }) => bn.examine(kase, options),
  },
  diagnose: {
    given: {
      kase,
      arrays: claims,
      options: optional(object({ printedInputs: optional(value(notBooleans, true)) })),
    },
    call: (bn, { kase, arrays, options }) => bn.diagnose(kase, arrays, options),
  },
  diagnoseAsync: {
    given: {
      kase,
      arrays: claims,
      options: optional(
        object({
          printedInputs: optional(value(notBooleans, true)),
          signal: optional(value(notSignals, signal)),
        }),
      ),
    },
    call: (bn, { kase, arrays, options }) => bn.diagnoseAsync(kase, arrays, options),
  },
  extrapolate: {
    given: { kase, node },
    call: (bn, { kase, node }) => bn.extrapolate(kase, node),
  },
  stepSweep: {
    given: { kase, node, options: optional(object({ steps: optional(list(wrongSteps, [1e-3, 1e-6])) })) },
    call: (bn, { kase, node, options }) => bn.stepSweep(kase, node, options),
  },
  taylorTest: {
    given: {
      kase,
      options: optional(object({ seed, dx: optional(judged(likeX(dy, 20, "for shape [4, 5]"))) })),
    },
    call: (bn, { kase, options }) => bn.taylorTest(kase, options),
  },
  dotProductTest: {
    given: { kase, options: optional(object({ seed })) },
    call: (bn, { kase, options }) => bn.dotProductTest(kase, options),
  },
  randn: {
    given: { seed: value(wrongSeed, 231), sizes: list(wrongSizes, [2, 3]) },
    call: (bn, { seed, sizes }) => bn.randn(seed, sizes),
  },
  linkOf: {
    given: {
      kase,
      options: optional(
        object({
          mine: { ...object(claimed), ofAnyName: true, optional: true },
          page: setting("https://example.org/"),
          lens: setting("graph"),
          node: setting("var"),
          mode: setting("no-spoiler"),
          view: setting("embed"),
          language: setting("zh"),
          notation: setting("cs231n"),
          theme: setting("dark"),
        }),
      ),
    },
    call: (_, { kase, options }) => linkOf(kase, options),
  },
  parseArray: {
    given: { text: value(wrongText, "[1.5, 2]") },
    call: (bn, { text }) => bn.parseArray(text),
  },
  parseNpy: {
    given: { bytes: { is: "array", rows: wrongBytes, good: npy } },
    call: (_, { bytes }) => parseNpy(bytes),
  },
  parseNpz: {
    given: { bytes: { is: "array", rows: wrongZip, good: npz } },
    call: (_, { bytes }) => parseNpz(bytes),
  },
  load: {
    given: {
      options: optional(
        object({
          engine: optional(
            value(
              (name) => notNames(name, "invalid-engine", ["webassembly", "javascript"], "wasm"),
              "webassembly",
            ),
          ),
          module: optional(value(notModules)),
        }),
      ),
    },
    call: async (_, { options }) => (await load(options)).engine,
  },
};

/** Good values of all arguments, made anew. */
export const valuesOf = (given: Record<string, Argument>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).map(([name, argument]) => [name, goodOf(argument)]));
function goodOf({ is, good, fields = {} }: Argument): unknown {
  if (good) return good();
  return is === "list" ? Object.values(valuesOf(fields)) : valuesOf(fields);
}

/** A place among arguments: ["options", "running", "mean"]. */
export type Path = readonly string[];

export const placesIn = (given: Record<string, Argument>): [path: Path, argument: Argument][] =>
  Object.entries(given).flatMap(([name, argument]) => [
    [[name], argument] as [Path, Argument],
    ...placesIn(argument.fields ?? {}).map(([path, inner]): [Path, Argument] => [[name, ...path], inner]),
  ]);

export const valueAt = (values: unknown, path: Path): unknown =>
  path.reduce((inside, name) => (inside as Record<string, unknown>)[name], values);

/** A copy with what `change` makes of the value in one place. */
export function changedAt<Values>(
  values: Values,
  [name, ...rest]: Path,
  change: (old: unknown) => unknown,
): Values {
  const copy = (Array.isArray(values) ? [...values] : { ...values }) as Record<string, unknown>;
  const old = copy[name as string];
  copy[name as string] = rest.length > 0 ? changedAt(old, rest, change) : change(old);
  return copy as Values;
}

/** What a message calls it: options and a case by the names of their fields alone. */
export function nameOf([first, ...rest]: Path): string {
  if (rest.length === 0) return first === "kase" ? "case" : (first as string);
  const whole = ["options", "kase", "arrays"].includes(first as string) ? rest : [first as string, ...rest];
  return whole.reduce((name, part) => (/^\d/.test(part) ? `${name}[${part}]` : `${name}.${part}`));
}

/** What an argument refuses in its place. */
export function rowsOf({ path, argument }: Place): Row[] {
  const rows = argument.rows(nameOf(path));
  return argument.optional ? given(rows).filter(([, got]) => got !== null || !argument.nullable) : rows;
}

export interface Place extends Call {
  /** Of the call. */
  name: string;
  path: Path;
  argument: Argument;
}
export const everyPlace: readonly Place[] = Object.entries(everyCall).flatMap(([name, { given, call }]) =>
  placesIn(given).map(([path, argument]) => ({ name, given, call, path, argument })),
);
