/** Every public call of the package on many inputs: what it gives, or what it throws. */
import type {
  Backnorm,
  Case,
  Engine,
  FloatArray,
  ForwardOptions,
  NodeId,
  NormCase,
  ParsedArray,
} from "backnorm";
import { load, parseNpy } from "backnorm";
import { rounded } from "../../web/support.ts";
import { cases, drawer, type Tensor, tensors } from "./cases.ts";

/** What a call throws is a result as well: code, argument and sentence. */
const thrown = (error: unknown) => {
  const { name, code, argument, message } = error as Error & { code: string; argument: string };
  if (!code) throw error; // no error of ours
  return { name, code, argument, message };
};

type Named<T> = [name: string, value: T][];
type Results = Record<string, unknown>;

/** Of every case by name. */
async function ofAll<T>(
  all: Iterable<[name: string, value: T]>,
  call: (value: T) => unknown,
): Promise<Results> {
  const results: Results = {};
  for (const [name, value] of all) results[name] = await Promise.resolve(value).then(call).catch(thrown);
  return results;
}

const affine = ({ shape, layout, gamma, beta, eps }: Tensor) => ({ shape, layout, gamma, beta, eps });
/** A check takes N²·D. */
const smallCases = (bn: Backnorm) => cases(bn).filter(([, { x }]) => x.length <= 160);

function training(bn: Backnorm, tensor: Tensor) {
  const { x, dy, shape, layout, ddof, runningMean, runningVar } = tensor;
  const running = { mean: runningMean.slice(), var: runningVar.slice(), unbiased: ddof === 1 };
  const { y, cache } = bn.forward(x, { ...affine(tensor), ddof, running });
  const { mean, invstd, var: variance, count } = cache;
  const { y: plain } = bn.forward(x, { shape, layout });
  return { y, plain, mean, invstd, variance, count, running, ...bn.backward(dy, cache) };
}

/** The norms whose statistics stay within a sample. */
const otherNorms: Named<(tensor: Tensor) => ForwardOptions<FloatArray>> = [
  ["layer", ({ shape, eps, ddof }) => ({ norm: "layer", shape, eps, ddof: shape.at(-1) === 1 ? 0 : ddof })],
  ["all dims", ({ shape, eps }) => ({ norm: "layer", shape, eps, normalizedDims: shape.length })],
  ["rms", ({ shape, eps }) => ({ norm: "rms", shape, eps, unitOffset: true })],
  ["instance", (tensor) => ({ norm: "instance", ...affine(tensor) })],
  ["group", (tensor) => ({ norm: "group", groups: tensor.gamma.length, ...affine(tensor) })],
  ["one group", (tensor) => ({ norm: "group", groups: 1, ...affine(tensor) })],
];
const ofOtherNorms = (): Named<[Tensor, ForwardOptions<FloatArray>]> =>
  Array.from(tensors()).flatMap(([name, tensor]) =>
    otherNorms.map(([norm, of]) => [`${norm} norm of ${name}`, [tensor, of(tensor)]]),
  );

function withinSamples(bn: Backnorm, { x, dy }: Tensor, options: ForwardOptions<FloatArray>) {
  const { y, cache } = bn.forward<FloatArray>(x, options);
  const { mean, invstd, variance } = cache;
  return { y, mean, invstd, variance, ...bn.backward<FloatArray>(dy, cache) };
}

function inference(bn: Backnorm, tensor: Tensor) {
  const { x, dy, beta, runningMean, runningVar } = tensor;
  const { beta: _, ...options } = { ...affine(tensor), runningMean, runningVar };
  return { y: bn.infer(x, { ...options, beta }), ...bn.inferBackward(dy, { ...options, x }) };
}

/** Two steps of training, then eval mode. */
function layer(bn: Backnorm, tensor: Tensor) {
  const { x, dy, gamma, beta, shape, layout, ddof } = tensor;
  const dtype = x instanceof Float32Array ? "float32" : "float64";
  const one = bn.layer({ shape, layout, dtype, momentum: 0.25, ddof, unbiasedRunningVariance: ddof === 1 });
  one.gamma.set(gamma);
  one.beta.set(beta);
  const steps = [true, true, false].map((training) => {
    one.training = training;
    one.x.set(x);
    one.dy.set(dy);
    one.forward();
    one.backward();
    const { y, dx, dgamma, dbeta, runningMean, runningVar } = one;
    return [y, dx, dgamma, dbeta, runningMean, runningVar].map((array) => array.slice());
  });
  one.dispose();
  return steps;
}

/** A batch in two parts, the first row and the rest. */
function inParts(bn: Backnorm, tensor: Tensor) {
  const { x, dy, gamma, shape, layout } = tensor;
  const [rows = 0, ...inner] = shape;
  const size = x.length / rows;
  const parts = [[0, 1] as const, [1, rows] as const].map(([from, to]) => {
    const part = [from * size, to * size];
    return { shape: [to - from, ...inner], x: x.slice(...part), dy: dy.slice(...part) };
  });
  const statistics = parts.map((part) => bn.statistics(part.x, { shape: part.shape, layout }));
  const whole = bn.mergeStatistics(statistics);
  const passes = parts.map((part) => {
    const { y, cache } = bn.normalize(part.x, whole, { ...affine(tensor), shape: part.shape });
    return { y, cache, dy: part.dy, sums: bn.sums(part.dy, cache) };
  });
  const add = (name: "dbeta" | "dgamma") =>
    Float64Array.from(gamma, (_, c) => passes.reduce((sum, { sums }) => sum + (sums[name][c] as number), 0));
  const total = { dbeta: add("dbeta"), dgamma: add("dgamma") };
  const dx = passes.map(({ dy, cache }) => bn.apply(dy, cache, total));
  return { statistics, whole, passes: passes.map(({ y, sums }) => ({ y, sums })), dx };
}

const ofNodes = (bn: Backnorm, call: (kase: Case, id: NodeId) => unknown) =>
  ofAll(smallCases(bn), (kase) => bn.graph.nodes.map(({ id }) => call(kase, id)));

/** Those of batch norm. */
const switchable = (bn: Backnorm): Named<string> =>
  bn.mistakes
    .filter(({ switchable, norms }) => switchable && norms.includes("batch"))
    .map(({ id }) => [id, id]);

/** The mistakes that the presets of the other norms can have. */
function ofPresets(bn: Backnorm): Named<[kase: NormCase, mistake: string]> {
  const { layernorm, groupnorm, tokens } = bn.presets;
  const elsewhere = ["gamma-along-samples", "no-keepdims", "no-unit-offset"]; // in a square, with an offset
  return [layernorm, groupnorm, tokens].flatMap((kase): [string, [NormCase, string]][] =>
    bn.mistakes
      .filter(
        ({ id, switchable, norms }) =>
          switchable && norms.includes(kase.norm ?? "batch") && !elsewhere.includes(id),
      )
      .map(({ id }) => [`${kase.norm}, ${id}`, [kase, id]]),
  );
}

/** What a program with a mistake would have, some of it under the names of a dialect, and dx as it was printed. */
function claims(bn: Backnorm, kase: Case, mistakes: readonly string[]) {
  const { nodes, edges } = bn.trace(kase, { mistakes });
  const arrays: Record<string, FloatArray | ParsedArray> = {};
  for (const { id, value, grad } of nodes) {
    if (id !== "x") arrays[id] = value;
    arrays[`grad_${id}`] = id === "x" ? bn.parseArray(`[${Array.from(grad, (v) => v.toFixed(4))}]`) : grad;
  }
  for (const { from, to, contribution } of edges) arrays[`${from}->${to}`] = contribution;
  return arrays;
}

/** Exponents of every size, with as many digits as there are and with fewer. */
function prints(): Named<string> {
  const draw = drawer(77);
  const mantissas = Array.from({ length: 60 }, (_, at) => (at % 2 ? `${draw()}` : draw().toFixed(8)));
  return mantissas.map((text, at) => [text, `array([[${text}e${at * 11 - 330}, 1.5], [nan, -0.]])`]);
}

/** Numbers of drawn bits, in both orders of bytes. */
function npy(): Named<Uint8Array> {
  const draw = drawer(7);
  return ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "<i8", ">u4", "|i1"].map((descr) => {
    const header = `{'descr': '${descr}', 'fortran_order': True, 'shape': (16, 2), }\n`;
    const head = `\x93NUMPY\x01\0${String.fromCharCode(header.length)}\0${header}`;
    const bytes = Array.from({ length: 32 * Number(descr[2]) }, () => draw() * 128);
    return [descr, Uint8Array.from([...Array.from(head, (letter) => letter.charCodeAt(0)), ...bytes])];
  });
}

/** By the names of the calls, every result of theirs. */
export const calls: Record<string, (bn: Backnorm) => Results | Promise<Results>> = {
  "forward, backward": async (bn) => ({
    ...(await ofAll(tensors(), (tensor) => training(bn, tensor))),
    ...(await ofAll(ofOtherNorms(), ([tensor, options]) => withinSamples(bn, tensor, options))),
  }),
  "infer, inferBackward": (bn) => ofAll(tensors(), (tensor) => inference(bn, tensor)),
  layer: (bn) => ofAll(tensors(), (tensor) => layer(bn, tensor)),
  "statistics, mergeStatistics, normalize, sums, apply": (bn) =>
    ofAll(tensors(), (tensor) => inParts(bn, tensor)),
  trace: (bn) =>
    ofAll<Case | string | [NormCase, string]>([...cases(bn), ...switchable(bn), ...ofPresets(bn)], (of) =>
      typeof of === "string"
        ? bn.trace(bn.presets.cs231n, { mistakes: [of] })
        : Array.isArray(of)
          ? bn.trace(of[0], { mistakes: [of[1]] })
          : bn.trace(of),
    ),
  gradcheck: (bn) => ofAll([...smallCases(bn), ["iris", bn.presets.iris]], (kase) => bn.gradcheck(kase)),
  examine: (bn) => ofAll(smallCases(bn), (kase) => bn.examine(kase, { mistakes: ["dvar-half"] })),
  gradcheckAsync: (bn) =>
    ofAll(smallCases(bn), (kase) => bn.gradcheckAsync(kase, { mistakes: ["dvar-half"] })),
  extrapolate: (bn) => ofNodes(bn, (kase, id) => bn.extrapolate(kase, id)),
  stepSweep: (bn) => ofNodes(bn, (kase, id) => bn.stepSweep(kase, id)),
  taylorTest: (bn) => ofAll(cases(bn), (kase) => [0, 1].map((seed) => bn.taylorTest(kase, { seed }))),
  dotProductTest: (bn) => ofAll(cases(bn), (kase) => [0, 1].map((seed) => bn.dotProductTest(kase, { seed }))),
  diagnoseAsync: (bn) =>
    ofAll(smallCases(bn), (kase) => bn.diagnoseAsync(kase, claims(bn, kase, ["dvar-half"]))),
  diagnose: (bn) => {
    const { cs231n } = bn.presets;
    const programs = [[], ...switchable(bn).map(([id]) => [id])].flatMap((mistakes) =>
      [cs231n, rounded(cs231n)].map((kase): [string, () => unknown] => [
        `${kase.x.constructor.name}, ${mistakes}`,
        () => bn.diagnose(kase, claims(bn, kase, mistakes)),
      ]),
    );
    return ofAll(programs, (diagnose) => diagnose());
  },
  randn: (bn) =>
    ofAll(Object.entries({ least: 0, course: 231, largest: 2 ** 32 - 1 }), (seed) =>
      bn.randn(seed, [3, 5000]),
    ),
  parseArray: (bn) => ofAll(prints(), (text) => bn.parseArray(text)),
  parseNpy: () => ofAll(npy(), (bytes) => parseNpy(bytes)),
  "graph, graphOf, mistakes, presets": ({ graph, graphOf, mistakes, presets }) => ({
    graph,
    ofRms: graphOf("rms"),
    mistakes,
    presets,
  }),
};

/** SHA-256 of every bit of a result. What a NaN carries is nobody's promise: all are one. */
async function digestOf(result: unknown): Promise<string> {
  const text = JSON.stringify(result, (_, value) => {
    if (ArrayBuffer.isView(value)) return [value.constructor.name, ...(value as Float64Array)];
    if (typeof value === "number") return `#${Object.is(value, -0) ? "-0" : value}`;
    return value === undefined ? "undefined" : value;
  });
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A digest of each result. */
export async function digestsBy(engine: Engine): Promise<Record<string, string>> {
  const bn = await load({ engine });
  const digests: Record<string, string> = {};
  for (const [call, make] of Object.entries(calls))
    for (const [name, result] of Object.entries(await make(bn)))
      digests[`${call}: ${name}`] = await digestOf(result);
  return digests;
}
