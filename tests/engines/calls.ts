/** Every public call of the package on many inputs: what it gives, or what it throws. */
import type { Backnorm, Case, FloatArray, NodeId, ParsedArray } from "backnorm";
import { cases, drawer, single, type Tensor, tensors } from "./cases.ts";

/** What a call gives, or the error that it throws: code, argument and sentence. */
function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return thrown(error);
  }
}
const thrown = (error: unknown) => {
  const { name, code, argument, message } = error as Error & { code: string; argument: string };
  if (!code) throw error; // no error of ours
  return { name, code, argument, message };
};

type Named<T> = [name: string, value: T][];

/** Of every case by name. */
const ofAll = <T>(all: Named<T>, call: (value: T) => unknown) =>
  Object.fromEntries(all.map(([name, value]) => [name, outcome(() => call(value))]));

const affine = ({ shape, layout, gamma, beta }: Tensor) => ({ shape, layout, gamma, beta });
const m = ({ x, gamma }: Tensor) => x.length / gamma.length;
/** A check takes N²·D, in each engine and each binary. */
const isSmall = ({ x }: Case) => x.length <= 160;
const smallCases = (bn: Backnorm) => cases(bn).filter(([, kase]) => isSmall(kase));
const bothDdof = (tensor: Tensor) => (m(tensor) > 1 ? ([0, 1] as const) : ([0] as const));

const forward = (bn: Backnorm, tensor: Tensor) =>
  bothDdof(tensor).map((ddof) => {
    const { y, cache } = bn.forward(tensor.x, { ...affine(tensor), ddof });
    const { mean, invstd, count } = cache;
    const running = {
      mean: tensor.runningMean.slice(),
      var: tensor.runningVar.slice(),
      unbiased: ddof === 1,
    };
    const plain = bn.forward(tensor.x, { shape: tensor.shape, layout: tensor.layout, eps: 1e-12, running });
    return { y, mean, invstd, count, plain: plain.y, running };
  });

const backward = (bn: Backnorm, tensor: Tensor) =>
  bothDdof(tensor).map((ddof) => {
    const { cache } = bn.forward(tensor.x, { ...affine(tensor), ddof });
    return bn.backward(tensor.dy, cache);
  });

const inferred = (tensor: Tensor) => {
  const { runningMean, runningVar } = tensor;
  return { ...affine(tensor), runningMean, runningVar };
};

/** Two steps of training, then eval mode. */
function layer(bn: Backnorm, tensor: Tensor) {
  const { x, dy, gamma, beta, shape, layout } = tensor;
  const dtype = x instanceof Float32Array ? "float32" : "float64";
  const unbiasedRunningVariance = m(tensor) > 1;
  const one = bn.layer({ shape, layout, dtype, momentum: 0.25, unbiasedRunningVariance });
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

/** A batch in two parts, the first row and the rest; parts have the layout whose rows lie together. */
function inParts(bn: Backnorm, tensor: Tensor) {
  const { x, dy, shape, layout } = tensor;
  const [rows = 0, ...inner] = shape;
  if (rows < 2) return bn.statistics(x, { shape, layout });
  const size = x.length / rows;
  const parts = [
    { shape: [1, ...inner], at: [0, size] as const },
    { shape: [rows - 1, ...inner], at: [size, x.length] as const },
  ].map(({ shape, at }) => ({ shape, x: x.slice(...at), dy: dy.slice(...at) }));
  const statistics = parts.map((part) => bn.statistics(part.x, { shape: part.shape, layout }));
  const whole = bn.mergeStatistics(statistics);
  const passes = parts.map((part) => {
    const { y, cache } = bn.normalize(part.x, whole, { ...affine(tensor), shape: part.shape });
    return { y, cache, sums: bn.sums(part.dy, cache) };
  });
  const add = (name: "dbeta" | "dgamma") =>
    Float64Array.from(tensor.gamma, (_, c) =>
      passes.reduce((sum, { sums }) => sum + (sums[name][c] as number), 0),
    );
  const total = { dbeta: add("dbeta"), dgamma: add("dgamma") };
  const dx = parts.map((part, at) => bn.apply(part.dy, (passes[at] as (typeof passes)[0]).cache, total));
  return { statistics, whole, passes: passes.map(({ y, sums }) => ({ y, sums })), dx };
}

const nodeIds = (bn: Backnorm) => bn.graph.nodes.map(({ id }) => id);

/** What a program with a mistake would have: its gradients, some under the names of a dialect, one as it was printed. */
function claims(bn: Backnorm, kase: Case, mistakes: readonly string[]) {
  const { nodes, edges } = bn.trace(kase, { mistakes });
  const arrays: Record<string, FloatArray | ParsedArray> = {};
  for (const { id, value, grad } of nodes) {
    if (id !== "x") arrays[id] = value;
    arrays[`grad_${id}`] = grad;
  }
  for (const { from, to, contribution } of edges) arrays[`${from}->${to}`] = contribution;
  arrays["grad_x"] = bn.parseArray(
    `[${Array.from((nodes[0] as (typeof nodes)[0]).grad, (v) => v.toFixed(4))}]`,
  );
  return arrays;
}

/** Prints with digits and exponents of every length, and what is no array. */
function prints(): string[] {
  const draw = drawer(77);
  const exponents = Array.from({ length: 60 }, (_, at) => at * 11 - 330);
  const numbers = exponents.map((exponent) => `${(draw() * 10).toFixed(8)}e${exponent}`);
  return [
    ...numbers.map((number) => `array([${number}, 1.00000000e+00])`),
    ...numbers.map((number) => `${number} * tensor([1.2345, -0.0001])`),
    `[${Array.from({ length: 400 }, () => draw() / 3)}]`,
    "tensor([[nan, inf], [-inf, -0.]])",
    "array([[0.1, 1e-400], [5e-324, 1.7976931348623157e308]], dtype=float32)",
    "a,b\n1.5,2\n-0,4e-320",
    "[[1, 2], [3]]",
    "1 2 … 3",
    "",
  ];
}

/** A small .npy file of a dtype, its bytes drawn, and what is no such file. */
function files(): Named<Uint8Array> {
  const widths = {
    f2: 2,
    f4: 4,
    f8: 8,
    i1: 1,
    i2: 2,
    i4: 4,
    i8: 8,
    u1: 1,
    u2: 2,
    u4: 4,
    u8: 8,
    b1: 1,
    c16: 16,
  };
  const all: Named<Uint8Array> = [];
  for (const [name, width] of Object.entries(widths))
    for (const order of ["<", ">"] as const) {
      const draw = drawer(width * 7 + 1);
      const descr = `${width === 1 ? "|" : order}${name}`;
      const dict = `{'descr': '${descr}', 'fortran_order': True, 'shape': (16, 2), }`.padEnd(117);
      const body = Array.from({ length: 32 * width }, () => (name === "b1" ? +(draw() > 0) : draw() * 128));
      const head = [0x93, ...[..."NUMPY"].map((letter) => letter.charCodeAt(0)), 1, 0, 118, 0];
      const text = [...`${dict}\n`].map((letter) => letter.charCodeAt(0));
      all.push([descr, Uint8Array.from([...head, ...text, ...body])]);
    }
  return [
    ...all,
    ["cut off", (all[0] as [string, Uint8Array])[1].slice(0, 150)],
    ["empty", new Uint8Array()],
  ];
}

/** A bad argument of each kind: the sentences are the same everywhere. */
const refusals: ((bn: Backnorm) => unknown)[] = [
  (bn) => bn.forward([1, 2] as never, { shape: [2, 1] }),
  (bn) => bn.forward(new Float64Array(3), { shape: [2, 2] }),
  (bn) => bn.forward(new Float64Array(4), { shape: [2, 2], gamma: new Float32Array(2) as never }),
  (bn) => bn.forward(new Float64Array(4), { shape: [2, 2], epsilon: 1e-5 } as never),
  (bn) => bn.forward(new Float64Array(4), { shape: [2, 2], eps: -1e-7 }),
  (bn) => bn.forward(new Float64Array(4), { shape: [2, 2], ddof: 2 as never }),
  (bn) => bn.forward(new Float64Array(4), { shape: [2, 2], layout: "NCHW" as never }),
  (bn) => bn.forward(new Float64Array(2), { shape: [1, 2], ddof: 1 }),
  (bn) => bn.layer({ shape: [2 ** 15, 2 ** 15] }),
  (bn) => bn.layer({ shape: [2, 2], dtype: "half" as never }),
  (bn) => bn.layer({ shape: [2, 2], momentum: 1.5 }),
  (bn) => bn.layer({ shape: [2, 2] }).backward(),
  (bn) => bn.backward(new Float64Array(4), {} as never),
  (bn) => bn.mergeStatistics([]),
  (bn) => bn.trace({ ...bn.presets.cs231n, x: new Float64Array(20).fill(Number.NaN) }),
  (bn) => bn.trace(bn.presets.cs231n, { mistakes: ["none"] }),
  (bn) => bn.extrapolate(bn.presets.cs231n, "z" as NodeId),
  (bn) => bn.stepSweep(bn.presets.cs231n, "x", { steps: [0] }),
  (bn) => bn.diagnose(bn.presets.cs231n, { nobody: new Float64Array(5) }),
  (bn) => bn.randn(-1, [2]),
  (bn) => bn.randn(1, [2 ** 53]),
  (bn) => bn.parseArray(5 as never),
];

export interface Parsers {
  parseNpy(bytes: Uint8Array): ParsedArray;
}

export type Results = Record<string, unknown>;

/** By the name of the call, every result of it. */
export const calls: Record<string, (bn: Backnorm, parsers: Parsers) => Results | Promise<Results>> = {
  forward: (bn) => ofAll(tensors(), (tensor) => forward(bn, tensor)),
  backward: (bn) => ofAll(tensors(), (tensor) => backward(bn, tensor)),
  infer: (bn) => ofAll(tensors(), (tensor) => bn.infer(tensor.x, inferred(tensor))),
  inferBackward: (bn) =>
    ofAll(tensors(), ({ beta, ...tensor }) => {
      const { x, dy, shape, layout, gamma, runningMean, runningVar } = tensor;
      return bn.inferBackward(dy, { x, shape, layout, gamma, runningMean, runningVar });
    }),
  layer: (bn) => ofAll(tensors(), (tensor) => layer(bn, tensor)),
  "statistics, mergeStatistics, normalize, sums, apply": (bn) =>
    ofAll(tensors(), (tensor) => inParts(bn, tensor)),
  trace: (bn) => ({
    ...ofAll(cases(bn), (kase) => bn.trace(kase)),
    cs231nAlt: bn.trace(bn.presets.cs231nAlt).paths.x.direct,
    ...ofAll(
      bn.mistakes.filter(({ switchable }) => switchable).map(({ id }) => [id, id]),
      (id) => bn.trace(bn.presets.cs231n, { mistakes: [id] }),
    ),
  }),
  gradcheck: (bn) => ofAll([...smallCases(bn), ["iris", bn.presets.iris]], (kase) => bn.gradcheck(kase)),
  gradcheckAsync: async (bn) => {
    const results: Results = {};
    for (const [name, kase] of smallCases(bn))
      results[name] = await bn.gradcheckAsync(kase, { mistakes: ["no-mean-path"] }).catch(thrown);
    return results;
  },
  extrapolate: (bn) => ofAll(smallCases(bn), (kase) => nodeIds(bn).map((id) => bn.extrapolate(kase, id))),
  stepSweep: (bn) => ofAll(smallCases(bn), (kase) => nodeIds(bn).map((id) => bn.stepSweep(kase, id))),
  taylorTest: (bn) => ofAll(cases(bn), (kase) => [0, 1].map((seed) => bn.taylorTest(kase, { seed }))),
  dotProductTest: (bn) => ofAll(cases(bn), (kase) => [0, 1].map((seed) => bn.dotProductTest(kase, { seed }))),
  diagnose: (bn) =>
    ofAll(
      [...bn.mistakes.filter(({ switchable }) => switchable).map(({ id }) => [id]), []].flatMap(
        (mistakes) => {
          const { cs231n } = bn.presets;
          const named: Named<Case> = [
            ["float64", cs231n],
            ["float32", single(cs231n)],
          ];
          return named.map(([name, kase]): [string, () => unknown] => [
            `${name}, ${mistakes}`,
            () => bn.diagnose(kase, claims(bn, kase, mistakes)),
          ]);
        },
      ),
      (call) => call(),
    ),
  randn: (bn) =>
    ofAll(
      [0, 1, 231, 2 ** 32 - 1].map((seed) => [`${seed}`, seed]),
      (seed) => bn.randn(seed, [3, 5000]),
    ),
  parseArray: (bn) =>
    ofAll(
      prints().map((text) => [text.slice(0, 40), text]),
      (text) => bn.parseArray(text),
    ),
  parseNpy: (_, { parseNpy }) => ofAll(files(), (bytes) => parseNpy(bytes)),
  "graph, mistakes, presets": ({ graph, mistakes, presets }) => ({ graph, mistakes, presets }),
  "bad input": (bn) =>
    ofAll(
      refusals.map((call, at) => [`${at}`, call]),
      (call) => call(bn),
    ),
};
