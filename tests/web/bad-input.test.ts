/**
 * Every argument and every option of every call of the kernels, given everything that it cannot be: each gets its code
 * and its sentence, and nothing that was there is lost.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Backnorm, Cache, Case, ErrorCode, FloatArray, Layer } from "backnorm";
import {
  assertComplaint,
  given,
  type Kind,
  notArrays,
  notBooleans,
  notNames,
  notObjects,
  type Row,
  single,
  thrownBy,
  transferred,
  wrongDdof,
  wrongEps,
  wrongLayout,
  wrongLength,
  wrongShape,
  wrongShare,
} from "./bad-values.ts";
import { assertSameBits, engines, root, rounded, webassembly } from "./support.ts";

const { x, gamma, beta, dy } = webassembly.presets.cs231n as Case<Float64Array>;
const shape = [4, 5];
const options = { shape, gamma, beta };
const { cache } = webassembly.forward(x, options);
const statistics = webassembly.statistics(x, { shape });
const sums = webassembly.sums(dy, cache);
const ones = () => new Float64Array(5).fill(1);

/** What a call may be given in one place, and what it refuses there. Those inside are its parts. */
interface Argument {
  value?: unknown;
  optional?: true;
  rows: (name: string) => Row[];
  inside?: Record<string, Argument>;
}
const optional = (argument: Argument): Argument => ({ ...argument, optional: true });
const tensor = (value: Float64Array): Argument => ({
  value,
  rows: (name) => [...notArrays(name), ...wrongLength(name, 20, "for shape [4, 5]")],
});
const likeX = (value: Float64Array, length: number, of: string): Argument => ({
  value,
  rows: (name) => [...notArrays(name), ...wrongLength(name, length, of), single(name, length)],
});
const perChannel = (value: Float64Array) => likeX(value, 5, "for 5 channels");
const inFloat64 = (value: Float64Array): Argument => ({
  value,
  rows: (name) => [...notArrays(name), ...wrongLength(name, 5, "for 5 channels"), single(name, 5, "")],
});
const object = (inside: Record<string, Argument>): Argument => ({ rows: notObjects, inside });
const momentum: Argument = optional({ rows: (name) => wrongShare(name, "invalid-momentum") });
const decay: Argument = optional({ rows: (name) => wrongShare(name, "invalid-decay") });
const truth: Argument = optional({ value: true, rows: notBooleans });
const count = (value: number, expected: string): Argument => ({
  value,
  rows: (name) =>
    [undefined, "4", 0, -4, 2.5, Number.NaN, 2 ** 53].map((got) => {
      const text = typeof got === "string" ? `the string "${got}"` : String(got);
      return [text, got, "Range", "invalid-statistics", `${name}: expected ${expected}, got ${text}`];
    }),
});

const tensorOptions = {
  shape: { value: shape, rows: (name: string) => wrongShape(name, "2 to 5") },
  layout: optional({ value: "channels-first", rows: wrongLayout }),
};
const affineOptions = {
  ...tensorOptions,
  gamma: optional(perChannel(gamma)),
  beta: optional(perChannel(beta)),
  eps: optional({ value: 1e-5, rows: wrongEps }),
};
const ddof: Argument = { value: 0, rows: wrongDdof };
const running = optional(
  object({ mean: perChannel(ones()), var: perChannel(ones()), momentum, decay, unbiased: truth }),
);
const forwardOptions = object({ ...affineOptions, ddof: optional(ddof), running });
const inferOptions = { ...affineOptions, runningMean: perChannel(ones()), runningVar: perChannel(ones()) };

const foreign = (got: string) => `cache: expected the cache that forward() returned, got one whose ${got}`;
/** A part of a cache that is of no use: the message speaks of the cache. */
const notParts = (name: string): Row[] =>
  notArrays(name).map(([what, got, kind, , message]) => {
    const text = message.slice(message.indexOf(", got ") + 6);
    return [what, got, kind, "foreign-cache", foreign(`${name.replace("cache.", "")} is ${text}`)];
  });
const saved = (value: Float64Array): Argument => ({
  value,
  rows: (name) => [
    ...notParts(name),
    ["float32", new Float32Array(5), "Type", "foreign-cache", foreign(`${name.slice(6)} is a Float32Array`)],
    ...wrongLength(name, 5, "for 5 channels"),
  ],
});
const cacheArgument: Argument = {
  rows: (name) => [
    ...notObjects(name),
    ["empty", {}, "Type", "foreign-cache", foreign("x is undefined")],
    ["the result of forward()", { y: x, cache }, "Type", "foreign-cache", foreign("x is undefined")],
    ["a case", { x, shape, gamma, beta, dy }, "Type", "foreign-cache", foreign("mean is undefined")],
    ["an array", [], "Type", "foreign-cache", foreign("x is undefined")],
    [
      "one that went through JSON",
      JSON.parse(JSON.stringify(cache)),
      "Type",
      "foreign-cache",
      foreign("x is an object"),
    ],
    [
      "that of another call",
      webassembly.forward(gamma, { shape: [1, 5] }).cache,
      "Range",
      "length-mismatch",
      "dy: expected 5 values for shape [1, 5], got 20",
    ],
  ],
  inside: {
    x: { value: x, rows: (name) => [...notParts(name), ...wrongLength(name, 20, "for shape [4, 5]")] },
    gamma: optional(perChannel(gamma)),
    shape: tensorOptions.shape,
    layout: { value: "channels-first", rows: wrongLayout },
    ddof,
    mean: saved(cache.mean),
    invstd: saved(cache.invstd),
    count: {
      value: 4,
      rows: () =>
        [undefined, null, 3, 4.5, Number.NaN, 2 ** 53].map((got) => {
          const text = foreign(`count is ${got}`);
          return [String(got), got, "Type", "foreign-cache", text];
        }),
    },
  },
};
const dyArgument = likeX(dy, 20, "for shape [4, 5]");
const wholeOf = (expected: string, least: number) =>
  object({ count: count(least, expected), mean: inFloat64(statistics.mean), m2: inFloat64(statistics.m2) });

function notPartsOfABatch(): Row[] {
  const expected = "parts: expected an array of one part or more";
  const empty = { count: 4, mean: new Float64Array(0), m2: new Float64Array(0) };
  const most = { ...statistics, count: 2 ** 53 - 1 };
  return [
    ["one part", statistics, "Type", "invalid-statistics", `${expected}, got an object`],
    ["null", null, "Type", "invalid-statistics", `${expected}, got null`],
    ["undefined", undefined, "Type", "invalid-statistics", `${expected}, got undefined`],
    ["empty", [], "Range", "invalid-statistics", `${expected}, got none`],
    [
      "with a hole",
      Object.assign([statistics], { 2: statistics }),
      "Type",
      "not-an-object",
      "parts[1]: expected an object, got undefined",
    ],
    [
      "with an array for a part",
      [x],
      "Range",
      "invalid-statistics",
      "parts[0].count: expected a positive whole number, got undefined",
    ],
    [
      "of no channels",
      [empty],
      "Range",
      "length-mismatch",
      "parts[0].mean: expected 1 value for 1 channel, got 0",
    ],
    [
      "of other channels",
      [statistics, webassembly.statistics(x, { shape: [20, 1] })],
      "Range",
      "length-mismatch",
      "parts[1].mean: expected 5 values for 5 channels, got 1",
    ],
    [
      "of more values than can be counted",
      [statistics, most],
      "Range",
      "invalid-statistics",
      "parts: expected at most 2^53 - 1 values per channel, got more",
    ],
  ];
}

interface Call {
  inside: Record<string, Argument>;
  // biome-ignore lint/suspicious/noExplicitAny: bad arguments are of no type
  call: (bn: Backnorm, given: any) => unknown;
}
const calls: Record<string, Call> = {
  "forward()": {
    inside: { x: tensor(x), options: forwardOptions },
    call: (bn, { x, options }) => bn.forward(x, options),
  },
  "backward()": {
    inside: { dy: dyArgument, cache: cacheArgument },
    call: (bn, { dy, cache }) => bn.backward(dy, cache),
  },
  "infer()": {
    inside: { x: tensor(x), options: object(inferOptions) },
    call: (bn, { x, options }) => bn.infer(x, options),
  },
  "inferBackward()": {
    inside: { dy: dyArgument, options: object({ x: tensor(x), ...inferOptions }) },
    call: (bn, { dy, options }) => bn.inferBackward(dy, options),
  },
  "layer()": {
    inside: {
      options: object({
        ...tensorOptions,
        dtype: optional({
          value: "float64",
          rows: (name) => notNames(name, "invalid-dtype", ["float32", "float64"], "f32"),
        }),
        eps: affineOptions.eps,
        ddof: optional(ddof),
        momentum,
        decay,
        unbiasedRunningVariance: truth,
      }),
    },
    call: (bn, { options }) => bn.layer(options).dispose(),
  },
  "statistics()": {
    inside: { x: tensor(x), options: object(tensorOptions) },
    call: (bn, { x, options }) => bn.statistics(x, options),
  },
  "mergeStatistics() of anything": {
    inside: { parts: { value: [statistics], rows: notPartsOfABatch } },
    call: (bn, { parts }) => bn.mergeStatistics(parts),
  },
  "mergeStatistics() of two": {
    inside: { "parts[1]": wholeOf("a positive whole number", 4) },
    call: (bn, given) => bn.mergeStatistics([statistics, given["parts[1]"]]),
  },
  "normalize()": {
    inside: {
      x: tensor(x),
      statistics: wholeOf("a whole number of at least 4, the values per channel of x", 8),
      options: forwardOptions,
    },
    call: (bn, { x, statistics, options }) => bn.normalize(x, statistics, options),
  },
  "sums()": {
    inside: { dy: dyArgument, cache: cacheArgument },
    call: (bn, { dy, cache }) => bn.sums(dy, cache),
  },
  "apply()": {
    inside: {
      dy: dyArgument,
      cache: cacheArgument,
      sums: object({ dbeta: inFloat64(sums.dbeta), dgamma: inFloat64(sums.dgamma) }),
    },
    call: (bn, { dy, cache, sums }) => bn.apply(dy, cache, sums),
  },
};

/** Good values of all arguments. */
const valuesOf = (inside: Record<string, Argument>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(inside).map(([name, { value, inside }]) => [name, inside ? valuesOf(inside) : value]),
  );
/** A copy with one value put in the place of another. */
const replaced = (values: object, [name, ...rest]: string[], value: unknown): object => {
  const old = values[name as keyof typeof values];
  return { ...values, [name as string]: rest.length ? replaced(old, rest, value) : value };
};
const placesIn = (inside: Record<string, Argument>): [path: string[], argument: Argument][] =>
  Object.entries(inside).flatMap(([name, argument]) => [
    [[name], argument] as [string[], Argument],
    ...placesIn(argument.inside ?? {}).map(([path, inner]): [string[], Argument] => [[name, ...path], inner]),
  ]);

const seen = new Set<string>();
const everyInput = () => ({ x, gamma, beta, dy, cache, statistics, sums });
const inputsBefore = structuredClone(everyInput());

/** A layer between its forward and its backward pass. */
function newLayer(bn: Backnorm): Layer<Float64Array> {
  const layer = bn.layer({ shape, dtype: "float64" });
  layer.x.set(x);
  layer.gamma.set(gamma);
  layer.beta.set(beta);
  layer.forward();
  layer.dy.set(dy);
  return layer;
}
const [inputs, outputs] = [["x", "dy", "gamma", "beta"] as const, ["y", "dx", "dgamma", "dbeta"] as const];
const arrayNames = [...inputs, ...outputs, "runningMean", "runningVar"] as const;
/** Copies of all arrays. */
const arraysOf = (layer: Layer<Float64Array>) => {
  const copies = arrayNames.map((name) => [name, layer[name].slice()]);
  return Object.fromEntries(copies) as Record<(typeof arrayNames)[number], Float64Array>;
};

/** What must come through a refusal as it was: the inputs, and a layer that was in the middle of a step. */
async function assertRefused(bn: Backnorm, call: () => unknown, row: Row): Promise<void> {
  const layer = newLayer(bn);
  const before = arraysOf(layer);
  const size = layer.x.buffer.byteLength;
  assertComplaint(await thrownBy(call), row);
  seen.add(row[3]);
  assertSameBits(arraysOf(layer), before, `${row[0]}: the layer`);
  assert.equal(layer.x.buffer.byteLength, size, `${row[0]}: the size of the kernels' memory`);
  layer.backward();
  const { dx, dgamma, dbeta } = arraysOf(layer);
  layer.dispose();
  const want = bn.backward(dy, bn.forward(x, options).cache);
  assertSameBits({ dx, dgamma, dbeta }, want, `${row[0]}: the layer's backward pass`);
  assertSameBits(everyInput(), inputsBefore, `${row[0]}: the inputs`);
}

test("the table has every call of the kernels", () => {
  const others = [
    "trace",
    "gradcheck",
    "gradcheckAsync",
    "diagnose",
    "extrapolate",
    "stepSweep",
    "taylorTest",
  ];
  others.push("dotProductTest", "randn", "parseArray"); // see errors.test.ts and their own tests
  const inTable = new Set(Object.keys(calls).map((title) => title.slice(0, title.indexOf("("))));
  const functions = Object.entries(webassembly).filter(([, value]) => typeof value === "function");
  const names = functions.map(([name]) => name).filter((name) => !others.includes(name));
  assert.deepEqual([...inTable].sort(), names.sort());
});

for (const [title, { inside, call }] of Object.entries(calls)) {
  test(`${title} takes what the table calls good`, () => {
    for (const bn of engines) assert.doesNotThrow(() => call(bn, valuesOf(inside)));
  });

  for (const [path, argument] of placesIn(inside)) {
    const name = path.filter((part) => part !== "options" || path.length === 1).join(".");
    test(`${title} refuses every bad ${name} in one sentence, and nothing is lost`, async () => {
      const rows = argument.rows(name);
      for (const bn of engines) {
        for (const row of argument.optional ? given(rows) : rows) {
          const values = valuesOf(inside);
          const bad = replaced(values, path, row[1]);
          const before = structuredClone(values);
          await assertRefused(bn, () => call(bn, bad), row);
          assertSameBits(values, before, `${row[0]}: what else was given`);
        }
      }
    });
  }
}

type Complaint = [call: (bn: Backnorm) => unknown, kind: Kind, code: ErrorCode, message: string];
const float32 = rounded({ x, gamma, beta, dy, shape });
const oneRow = { shape: [1, 5] };
const noVariance = "since a single value per channel has no unbiased variance";
const runningOf = () => ({ mean: ones(), var: ones() });
const whole = webassembly.mergeStatistics([statistics, statistics]);
const huge = new Float64Array(2 ** 28); // 2 GiB, none of it touched
const hugeOptions = { shape: [2 ** 14, 2 ** 14] };
const beyond = "shape: expected a shape that fits in the kernels' memory, got [16384, 16384]";
const send = (array: Float64Array) => structuredClone(array.buffer, { transfer: [array.buffer] });

const inCombination: Record<string, Complaint> = {
  "one channel is spoken of in the singular": [
    (bn) => bn.forward(x, { shape: [20, 1], gamma }),
    "Range",
    "length-mismatch",
    "gamma: expected 1 value for 1 channel, got 5",
  ],
  "channels-last counts its channels at the end": [
    (bn) => bn.forward(x, { shape: [1, 5, 4], layout: "channels-last", gamma }),
    "Range",
    "length-mismatch",
    "gamma: expected 4 values for 4 channels, got 5",
  ],
  "a float32 x asks for a float32 gamma": [
    (bn) => bn.forward<FloatArray>(float32.x, { shape, gamma }),
    "Type",
    "mixed-kinds",
    "gamma: expected a Float32Array like x, got a Float64Array",
  ],
  "a float32 x asks for float32 running statistics": [
    (bn) => bn.forward<FloatArray>(float32.x, { shape, running: runningOf() }),
    "Type",
    "mixed-kinds",
    "running.mean: expected a Float32Array like x, got a Float64Array",
  ],
  "a float32 cache asks for a float32 dy": [
    (bn) => bn.backward<FloatArray>(dy, bn.forward<FloatArray>(float32.x, { shape }).cache),
    "Type",
    "mixed-kinds",
    "dy: expected a Float32Array like x, got a Float64Array",
  ],
  "momentum and decay exclude one another in a layer": [
    (bn) => bn.layer({ shape, momentum: 0.1, decay: 0.9 }),
    "Type",
    "invalid-momentum",
    "decay: expected either momentum or decay, which is 1 - momentum, got both",
  ],
  "momentum and decay exclude one another in forward()": [
    (bn) => bn.forward(x, { shape, running: { ...runningOf(), momentum: 0.1, decay: 0.9 } }),
    "Type",
    "invalid-momentum",
    "running.decay: expected either momentum or decay, which is 1 - momentum, got both",
  ],
  "an unbiased running variance needs two values per channel": [
    (bn) => bn.forward(gamma, { ...oneRow, running: runningOf() }),
    "Range",
    "one-value-per-channel",
    `running.unbiased: expected false, ${noVariance}, got true`,
  ],
  "ddof 1 needs two values per channel in forward()": [
    (bn) => bn.forward(gamma, { ...oneRow, ddof: 1 }),
    "Range",
    "one-value-per-channel",
    `ddof: expected 0, ${noVariance}, got 1`,
  ],
  "ddof 1 needs two values per channel in a layer": [
    (bn) => bn.layer({ ...oneRow, ddof: 1 }),
    "Range",
    "one-value-per-channel",
    `ddof: expected 0, ${noVariance}, got 1`,
  ],
  "ddof 1 needs two values per channel in all parts together": [
    (bn) => bn.normalize(gamma, bn.statistics(gamma, oneRow), { ...oneRow, ddof: 1 }),
    "Range",
    "one-value-per-channel",
    `ddof: expected 0, ${noVariance}, got 1`,
  ],
  "backward() takes no cache of a part": [
    (bn) => bn.backward(dy, bn.normalize(x, whole, { shape }).cache),
    "Range",
    "partial-cache",
    "cache: expected a cache of a whole batch, 4 values per channel, got one of a part of 8: add up sums() of all parts, and apply() them to each",
  ],
  "an x that was sent away after the forward pass is missed in the backward pass": [
    (bn) => {
      const own = x.slice();
      const { cache: later } = bn.forward(own, { shape });
      send(own);
      return bn.backward(dy, later);
    },
    "Type",
    "detached-buffer",
    `cache.x: ${transferred}`,
  ],
  "a getter that sends x away in the middle of the call is noticed": [
    (bn) => {
      const own = x.slice();
      return bn.forward(own, {
        shape,
        get eps() {
          send(own);
          return 1e-5;
        },
      });
    },
    "Type",
    "detached-buffer",
    `x: ${transferred}`,
  ],
  "a batch beyond the memory's limit is refused by forward()": [
    (bn) => bn.forward(huge, hugeOptions),
    "Range",
    "out-of-memory",
    beyond,
  ],
  "a batch beyond the memory's limit is refused by backward()": [
    (bn) => {
      const perChannel = new Float64Array(2 ** 14);
      const parts = { x: huge, gamma: undefined, mean: perChannel, invstd: perChannel, count: 2 ** 14 };
      const cache: Cache<Float64Array> = { ...parts, ...hugeOptions, layout: "channels-first", ddof: 0 };
      return bn.backward(huge, cache);
    },
    "Range",
    "out-of-memory",
    beyond,
  ],
  "a batch beyond the memory's limit is refused by infer()": [
    (bn) => {
      const perChannel = new Float64Array(2 ** 14);
      return bn.infer(huge, { ...hugeOptions, runningMean: perChannel, runningVar: perChannel });
    },
    "Range",
    "out-of-memory",
    beyond,
  ],
  "a batch beyond the memory's limit is refused by statistics()": [
    (bn) => bn.statistics(huge, hugeOptions),
    "Range",
    "out-of-memory",
    beyond,
  ],
  "a layer beyond the memory's limit is refused": [
    (bn) => bn.layer(hugeOptions), // 1 GiB each for x, y, dx, dy
    "Range",
    "out-of-memory",
    beyond,
  ],
  "a layer of more channels than the memory holds is refused": [
    (bn) => bn.layer({ shape: [1, 2 ** 26], unbiasedRunningVariance: false }), // 256 MiB each for x, y, dx, dy
    "Range",
    "out-of-memory",
    "shape: expected a shape that fits in the kernels' memory, got [1, 67108864]",
  ],
  "a layer whose bytes 32 bits cannot count is refused": [
    (bn) => bn.layer({ shape: [65536, 32768] }),
    "Range",
    "out-of-memory",
    "shape: expected a shape that fits in the kernels' memory, got [65536, 32768]",
  ],
};
for (const [what, [call, ...rest]] of Object.entries(inCombination)) {
  test(what, async () => {
    for (const bn of engines) await assertRefused(bn, () => call(bn), [what, undefined, ...rest]);
  });
}

test("a hundred thousand refused layers leave nothing behind in the kernels' memory", () => {
  const memory = webassembly.layer({ shape: [1, 1] });
  const size = memory.x.buffer.byteLength;
  for (let at = 0; at < 100_000; at++) {
    assert.throws(() => webassembly.layer({ shape: [65536, 32768] }), { code: "out-of-memory" });
  }
  assert.equal(memory.x.buffer.byteLength, size); // 16 MB at first, and 17 more if none were freed
  memory.dispose();
});

const misspelt: [name: string, value: unknown, meant: string, calls: string][] = [
  ["epsilon", 1e-3, "eps", "forward infer inferBackward layer normalize"],
  ["Eps", 1e-3, "eps", "forward infer inferBackward layer normalize"],
  ["axis", 1, "layout", "forward infer inferBackward layer normalize statistics"],
  ["data_format", "NCHW", "layout", "forward infer inferBackward layer normalize statistics"],
  ["layuot", "channels-last", "layout", "forward infer inferBackward layer normalize statistics"],
  ["weight", gamma, "gamma", "forward infer inferBackward normalize"],
  ["gama", gamma, "gamma", "forward infer inferBackward normalize"],
  ["bias", beta, "beta", "forward infer normalize"],
  ["correction", 1, "ddof", "forward layer normalize"],
  ["runnning", {}, "running", "forward normalize"],
  ["momentun", 0.1, "momentum", "layer"],
  ["unbiased", false, "unbiasedRunningVariance", "layer"],
];
test("an option that is misspelt, or named as elsewhere, is refused by the name that it has here", async () => {
  for (const bn of engines) {
    for (const [name, value, meant, methods] of misspelt) {
      for (const method of methods.split(" ")) {
        const { inside, call } = calls[`${method}()`] as Call;
        const { options, ...rest } = valuesOf(inside) as { options: Record<string, unknown> };
        const { [meant]: _, ...others } = options;
        const bad = { ...rest, options: { ...others, [name]: value } };
        const row: Row = [name, value, "Type", "unknown-option", `options: expected ${meant}, got ${name}`];
        await assertRefused(bn, () => call(bn, bad), row);
      }
    }
    for (const [name, meant] of [
      ["running_mean", "mean"],
      ["runningVar", "var"],
      ["unbiasedRunningVariance", "unbiased"],
    ] as const) {
      const { [meant]: _, ...others } = { ...runningOf(), unbiased: true };
      const running = { ...others, [name]: ones() } as never;
      const row: Row = [name, 0, "Type", "unknown-option", `running: expected ${meant}, got ${name}`];
      await assertRefused(bn, () => bn.forward(x, { shape, running }), row);
    }
  }
});

test("names that mean nothing to a call are left alone, so that one object may serve several", () => {
  const shared = {
    ...options,
    dy,
    title: "cs231n",
    shapes: [],
    epsilon: 7,
    eps: 1e-5,
    constructor: 1,
    toString: 2,
  };
  for (const bn of engines) {
    assertSameBits(bn.forward(x, shared), bn.forward(x, options), "forward()");
    bn.layer(shared).dispose();
    bn.statistics(x, shared);
  }
});

test("a training that is no boolean is refused, and the layer goes on", async () => {
  for (const bn of engines) {
    const layer = newLayer(bn);
    for (const row of notBooleans("training")) {
      const before = arraysOf(layer);
      await assertRefused(bn, () => Object.assign(layer, { training: row[1] }), row);
      assert.equal(layer.training, true);
      assertSameBits(arraysOf(layer), before, "the layer");
    }
    layer.dispose();
  }
});

test("backward() before forward() is refused, and the layer goes on", async () => {
  const message = "backward(): expected forward() to have run, got a layer that is new";
  for (const bn of engines) {
    const layer = bn.layer({ shape, dtype: "float64" });
    layer.x.set(x);
    layer.dy.set(dy);
    const before = arraysOf(layer);
    await assertRefused(bn, () => layer.backward(), ["", 0, "Range", "no-forward", message]);
    assertSameBits(arraysOf(layer), before, "the layer");
    layer.forward();
    layer.backward();
    const { cache } = bn.forward(x, { shape });
    assertSameBits(layer.dx.slice(), bn.backward(dy, cache).dx, "dx");
    layer.dispose();
  }
});

test("a training pass that one value per channel forbids leaves y, the statistics and the way back from eval", async () => {
  const expected = "two or more values per channel, for the running variance is unbiased";
  const message = `forward(): expected ${expected}, got [1, 5]`;
  for (const bn of engines) {
    const layer = bn.layer({ shape: [1, 5], dtype: "float64" });
    layer.x.set(gamma);
    layer.dy.set(beta);
    layer.training = false;
    layer.forward();
    layer.training = true;
    const before = arraysOf(layer);
    await assertRefused(bn, () => layer.forward(), ["", 0, "Range", "one-value-per-channel", message]);
    assertSameBits(arraysOf(layer), before, "the layer");
    layer.backward();
    const statistics = { runningMean: new Float64Array(5), runningVar: ones() };
    const want = bn.inferBackward(beta, { x: gamma, shape: [1, 5], ...statistics });
    assertSameBits(layer.dx.slice(), want.dx, "dx by the eval pass");
    layer.dispose();
  }
});

test("a layer that was disposed of refuses everything but dispose()", async () => {
  const message = "layer: expected a layer in use, got one that was disposed of";
  for (const bn of engines) {
    const layer = newLayer(bn);
    layer.dispose();
    layer.dispose();
    layer[Symbol.dispose]();
    const acts: Record<string, () => unknown> = {
      "forward()": () => layer.forward(),
      "backward()": () => layer.backward(),
      training: () => Object.assign(layer, { training: false }),
      ...Object.fromEntries(arrayNames.map((name) => [name, () => layer[name]])),
    };
    for (const [what, act] of Object.entries(acts)) {
      await assertRefused(bn, act, [what, undefined, "Type", "disposed", message]);
    }
  }
});

test("the codes are those that errors.ts lists, and each of them is refused in some test", () => {
  const source = readFileSync(join(root, "web/src/errors.ts"), "utf8");
  const listed = [...source.matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, code]) => code as string);
  const elsewhere: Record<string, ErrorCode[]> = {
    "errors.test.ts": [
      "not-finite",
      "invalid-seed",
      "invalid-sizes",
      "not-a-signal",
      "not-a-function",
      "not-a-string",
      "invalid-engine",
    ],
    "load.test.ts": ["load-failed"],
    "differences.test.ts": ["invalid-node", "invalid-steps"],
    "diagnose.test.ts": ["unknown-array", "same-array-twice", "invalid-resolution"],
    "mistakes.test.ts": ["unknown-mistake"],
    "parse-array.test.ts": ["unreadable-array"],
    "parse-npy.test.ts": ["unreadable-npy"],
  };
  assert.deepEqual([...seen, ...Object.values(elsewhere).flat()].sort(), listed.toSorted());
  for (const [file, codes] of Object.entries(elsewhere)) {
    const text = readFileSync(join(root, "tests/web", file), "utf8");
    for (const code of codes) assert.ok(text.includes(`"${code}"`), `${file} has no ${code}`);
  }
});
