/** Arguments that are good alone and bad together, and options by a name that they do not have here. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Backnorm, type Case, type ErrorCode, type FloatArray, load } from "backnorm";
import {
  assertComplaint,
  type Kind,
  type Row,
  sentAway,
  spoilt,
  thrownBy,
  transferred,
} from "./bad-values.ts";
import {
  type Argument,
  type Call,
  changedAt,
  everyCall,
  everyPlace,
  nameOf,
  type Path,
  placesIn,
  valuesOf,
} from "./every-call.ts";
import { watch } from "./nothing-lost.ts";
import { assertSameBits, engines, root, rounded, webassembly } from "./support.ts";

const { NaN: nan } = Number;
const { x, gamma, beta, dy } = webassembly.presets.cs231n as Case<Float64Array>;
const shape = [4, 5];
const kase = { x, shape, gamma, beta, dy };
const float32 = rounded(kase);
const statistics = webassembly.statistics(x, { shape });
const whole = webassembly.mergeStatistics([statistics, statistics]);
const oneRow = { shape: [1, 5] };
const noVariance = "since a single value per channel has no unbiased variance";
const runningOf = () => ({ mean: new Float64Array(5), var: new Float64Array(5).fill(1) });
const overflow =
  "case: expected numbers that stay finite on the way through, got an overflow or a division by 0, as of eps = 0 with a constant column";

type Complaint = [call: (bn: Backnorm) => unknown, kind: Kind, code: ErrorCode, message: string];
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
  "channels-last contradicts another axis": [
    (bn) => bn.forward(x, { shape: [1, 4, 5], layout: "channels-last", axis: 1 }),
    "Range",
    "invalid-axis",
    "axis: expected 2, which is channels-last, got 1",
  ],
  "a negative axis counts its channels from the end": [
    (bn) => bn.forward(x, { shape: [1, 2, 2, 1, 5, 1], axis: -3, gamma }),
    "Range",
    "length-mismatch",
    "gamma: expected 1 value for 1 channel, got 5",
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
      sentAway(own);
      return bn.backward(dy, later);
    },
    "Type",
    "detached-buffer",
    `cache.x: ${transferred}`,
  ],
  "a float32 case asks for a float32 dy": [
    (bn) => bn.trace<FloatArray>({ ...float32, dy }),
    "Type",
    "mixed-kinds",
    "dy: expected a Float32Array like x, got a Float64Array",
  ],
  "ddof 1 needs two rows in gradcheck()": [
    (bn) => bn.gradcheck({ x: gamma, shape: [1, 5], gamma, beta, dy: beta, ddof: 1 }),
    "Range",
    "one-value-per-channel",
    "ddof: expected 0, since a single value per channel has no unbiased variance, got 1",
  ],
  "a NaN in a batch of one row has a row and a column": [
    (bn) => bn.gradcheck({ x: spoilt(gamma, 3, nan), shape: [1, 5], gamma, beta, dy: beta }),
    "Range",
    "not-finite",
    "x: expected finite values, got NaN at [0, 3]",
  ],
  "a NaN in a batch of one column has a row and a column": [
    (bn) =>
      bn.trace({
        x,
        shape: [20, 1],
        gamma: gamma.slice(0, 1),
        beta: beta.slice(0, 1),
        dy: spoilt(dy, 7, nan),
      }),
    "Range",
    "not-finite",
    "dy: expected finite values, got NaN at [7, 0]",
  ],
  "layer norm has a gamma for each normalized dim": [
    (bn) => bn.trace({ ...kase, norm: "layer", shape: [2, 2, 5], normalizedDims: 2 }),
    "Range",
    "length-mismatch",
    "gamma: expected 10 values for shape [2, 5], got 5",
  ],
  "batch norm of more than two dims has channels, not columns": [
    (bn) => bn.trace({ ...kase, shape: [1, 4, 5] }),
    "Range",
    "length-mismatch",
    'gamma: expected 4 values for 4 channels, got 5, the length of the last axis: for channels there, pass layout "channels-last"',
  ],
  "running statistics as long as the last axis say that channels-last was forgotten": [
    (bn) => bn.infer(x, { shape: [1, 4, 5], runningMean: gamma, runningVar: gamma }),
    "Range",
    "length-mismatch",
    'runningMean: expected 4 values for 4 channels, got 5, the length of the last axis: for channels there, pass layout "channels-last"',
  ],
  "an axis that was given is no layout that was forgotten": [
    (bn) => bn.forward(x, { shape: [1, 4, 5], axis: 1, gamma }),
    "Range",
    "length-mismatch",
    "gamma: expected 4 values for 4 channels, got 5",
  ],
  "groups that divide the last axis alone say that channels-last was forgotten": [
    (bn) => bn.forward(x, { norm: "group", groups: 5, shape: [1, 4, 5] }),
    "Range",
    "invalid-groups",
    'groups: expected a positive whole number that divides 4 channels, or layout "channels-last" for channels on the last axis, got 5',
  ],
  "saved statistics need mean, and invstd or var": [
    (bn) => bn.backward(dy, { x, shape, mean: gamma }),
    "Type",
    "foreign-cache",
    "cache: expected the cache of forward(), or x with mean and invstd, or mean, var and eps, got one whose invstd is undefined",
  ],
  "running statistics are no saved ones, for they are inputs of eval mode": [
    (bn) => bn.backward(dy, { x, shape, running_mean: gamma, running_var: gamma } as never),
    "Type",
    "unknown-option",
    "cache: expected inferBackward() for running statistics, which are inputs of their own, got running_mean",
  ],
  "PyTorch's name for invstd is answered by ours": [
    (bn) => bn.backward(dy, { x, shape, mean: gamma, rstd: gamma } as never),
    "Type",
    "unknown-option",
    "cache: expected invstd, got rstd",
  ],
  "RMS norm saves no mean": [
    (bn) => bn.backward(dy, { norm: "rms", x, shape, mean: gamma, invstd: gamma }),
    "Type",
    "unknown-option",
    "cache.mean: expected no mean, since RMS norm has none, got a Float64Array",
  ],
  "saved statistics as long as the last axis say that channels-last was forgotten": [
    (bn) => bn.backward(dy, { x, shape: [1, 4, 5], mean: gamma, invstd: gamma }),
    "Range",
    "length-mismatch",
    'cache.mean: expected 4 values for 4 channels, got 5, the length of the last axis: for channels there, pass layout "channels-last"',
  ],
  "a falsy gamma is no gamma that was left out": [
    (bn) => bn.backward(dy, { x, shape, mean: gamma, invstd: gamma, gamma: 0 as never }),
    "Type",
    "not-a-typed-array",
    "cache.gamma: expected a Float32Array or a Float64Array, got 0",
  ],
  "a saved var has one value per channel": [
    (bn) => bn.backward(dy, { x, shape, mean: gamma, variance: x }),
    "Range",
    "length-mismatch",
    "cache.variance: expected 5 values for 5 channels, got 20",
  ],
  "the eps beside a saved var is one of a norm": [
    (bn) => bn.backward(dy, { x, shape, mean: gamma, var: gamma, eps: -1 }),
    "Range",
    "invalid-eps",
    "cache.eps: expected a finite number, 0 or greater, got -1",
  ],
  "a case of RMS norm takes no beta": [
    (bn) => bn.gradcheck({ ...kase, norm: "rms" }),
    "Type",
    "unknown-option",
    "beta: expected no beta, since RMS norm has none, got a Float64Array",
  ],
  "a case of RMS norm takes no ddof": [
    (bn) => bn.gradcheck({ x, shape, gamma, dy, norm: "rms", ddof: 1 }),
    "Range",
    "invalid-ddof",
    "ddof: expected 0, since RMS norm divides by all values, got 1",
  ],
  "a group of one value has no unbiased variance": [
    (bn) => bn.diagnose({ ...kase, norm: "instance", ddof: 1 }, {}),
    "Range",
    "one-value-per-channel",
    "ddof: expected 0, since a single value per group has no unbiased variance, got 1",
  ],
  "a NaN in a case of three dims has an index in each": [
    (bn) => bn.trace({ ...kase, norm: "layer", shape: [2, 2, 5], dy: spoilt(dy, 13, nan) }),
    "Range",
    "not-finite",
    "dy: expected finite values, got NaN at [1, 0, 3]",
  ],
  "a NaN in gamma has its index in the normalized dims": [
    (bn) =>
      bn.trace({
        x,
        shape: [2, 2, 5],
        norm: "rms",
        normalizedDims: 2,
        gamma: spoilt(x.slice(10), 7, nan),
        dy,
      }),
    "Range",
    "not-finite",
    "gamma: expected finite values, got NaN at [1, 2]",
  ],
  "a node of batch norm is none of RMS norm": [
    (bn) => bn.extrapolate({ x, shape, gamma, dy, norm: "rms" }, "xc"),
    "Range",
    "invalid-node",
    'node: expected one of x, gamma, sq, ms, rms, invrms, xhat, y, got the string "xc"',
  ],
  "gradcheck() judges no pass that overflows": [
    (bn) => bn.gradcheck({ ...kase, x: x.map((value) => value * 1e200) }),
    "Range",
    "not-finite",
    overflow,
  ],
  "gradcheck() judges no constant channel at eps 0": [
    (bn) => bn.gradcheck({ ...kase, x: new Float64Array(20), eps: 0 }),
    "Range",
    "not-finite",
    overflow,
  ],
};
for (const [what, [call, ...rest]] of Object.entries(inCombination)) {
  test(what, async () => {
    for (const bn of engines) {
      const watched = watch(bn);
      assertComplaint(await thrownBy(() => call(bn)), [what, undefined, ...rest]);
      watched.assertNothingLost(what);
      watched.end();
    }
  });
}

const misspelt: [name: string, value: unknown, meant: string, calls: string][] = [
  ["epsilon", 1e-3, "eps", "forward infer inferBackward layer normalize"],
  ["Eps", 1e-3, "eps", "forward infer inferBackward layer normalize"],
  ["Axis", 1, "axis", "forward infer inferBackward layer normalize statistics"],
  ["data_format", "NCHW", "layout", "forward infer inferBackward layer normalize statistics"],
  ["layuot", "channels-last", "layout", "forward infer inferBackward layer normalize statistics"],
  ["weight", gamma, "gamma", "forward infer inferBackward normalize"],
  ["gama", gamma, "gamma", "forward infer inferBackward normalize"],
  ["bias", beta, "beta", "forward infer normalize"],
  ["correction", 1, "ddof", "forward layer normalize"],
  ["runnning", {}, "running", "forward normalize"],
  ["momentun", 0.1, "momentum", "layer"],
  ["is_training", false, "training", "layer"],
  ["momentum", 0.1, "running.momentum", "forward normalize"],
  ["decay", 0.9, "running.decay", "forward normalize"],
  ["unbiased", false, "running.unbiased", "forward normalize"],
  ["mean", gamma, "runningMean", "infer inferBackward"],
  ["variance", gamma, "runningVar", "infer inferBackward"],
  ["running", {}, "runningMean", "infer inferBackward"],
  ["unbiased", false, "unbiasedRunningVariance", "layer"],
  ["e_p_s", 1e-3, "eps", "forward infer inferBackward layer normalize"],
];
test("a misspelt option, or another library's name for one, is refused with the right name", async () => {
  for (const bn of engines) {
    const watched = watch(bn);
    for (const [name, value, meant, methods] of misspelt) {
      for (const method of methods.split(" ")) {
        const { given, call } = everyCall[method] as Call;
        const { options, ...rest } = valuesOf(given) as { options: Record<string, unknown> };
        const { [meant]: _, ...others } = options;
        const bad = { ...rest, options: { ...others, [name]: value } };
        const row: Row = [name, value, "Type", "unknown-option", `options: expected ${meant}, got ${name}`];
        assertComplaint(await thrownBy(() => call(bn, bad)), row);
        watched.assertNothingLost(name);
      }
    }
    for (const [name, meant] of [
      ["running_mean", "mean"],
      ["runningVar", "var"],
      ["unbiasedRunningVariance", "unbiased"],
    ] as const) {
      const { [meant]: _, ...others } = { ...runningOf(), unbiased: true };
      const running = { ...others, [name]: new Float64Array(5) } as never;
      const row: Row = [name, 0, "Type", "unknown-option", `running: expected ${meant}, got ${name}`];
      assertComplaint(await thrownBy(() => bn.forward(x, { shape, running })), row);
      watched.assertNothingLost(name);
    }
    watched.end();
  }
});

const ofStatistics = "forward() to normalize by the batch, or infer() by runningMean and runningVar";
const impossible: [names: string, expected: string, calls: string][] = [
  ["training is_training eval track_running_stats", ofStatistics, "forward infer normalize statistics"],
  ["mean var variance runningMean moving_variance", ofStatistics, "forward normalize statistics"],
  [
    "eval track_running_stats use_global_stats",
    "training: false to normalize by runningMean and runningVar, which are options too",
    "layer",
  ],
  [
    "axes dim reduction_axes",
    "axis to say where the channels are, since all other axes are normalized over",
    "forward infer layer statistics",
  ],
  ["mask lengths", "x without the values to leave out, since every value counts", "forward layer statistics"],
  [
    "affine elementwise_affine center",
    "gamma and beta to be left out, which stands for ones and zeros",
    "forward layer",
  ],
  ["dtype", "no dtype beside x, whose type it is", "forward infer statistics"],
];
test("an option that no call has is refused with what to do instead", async () => {
  for (const bn of engines) {
    const watched = watch(bn);
    for (const [names, expected, methods] of impossible) {
      for (const method of methods.split(" ")) {
        for (const name of names.split(" ")) {
          const { given, call } = everyCall[method] as Call;
          const values = valuesOf(given) as { options: object };
          const bad = { ...values, options: { ...values.options, [name]: false } };
          const row: Row = [
            name,
            bad,
            "Type",
            "unknown-option",
            `options: expected ${expected}, got ${name}`,
          ];
          assertComplaint(await thrownBy(() => call(bn, bad)), row);
          watched.assertNothingLost(name);
        }
      }
    }
    watched.end();
  }
});

/** Where a call has options, or something else with named fields. */
const objects = everyPlace.filter(({ argument }) => argument.is === "object" && !argument.ofAnyName);
const placeAt = (given: Record<string, Argument>, path: Path) =>
  placesIn(given).find(([at]) => at.join() === path.join())?.[1] as Argument;
const ofNothing = ["statistics", "parts", "sums"]; // whose fields are all required
for (const { name, path, call, given } of objects.filter(
  ({ path: [first] }) => !ofNothing.includes(first as string),
)) {
  test(`${name} refuses any key that ${nameOf(path)} doesn't have, and lists those that it has`, async () => {
    for (const bn of engines) {
      const watched = watch(bn);
      for (const key of ["title", "constructor", "__proto__ "]) {
        const bad = changedAt(valuesOf(given), path, (old) => ({ ...(old as object), [key]: undefined }));
        const error = (await thrownBy(() => call(bn, bad))) as { params: { names: string[] } };
        const fields = Object.keys(placeAt(given, path).fields ?? {});
        assert.deepEqual(error.params.names.toSorted(), fields.toSorted());
        const expected = `only ${error.params.names.join(", ")}`;
        const row: Row = [
          key,
          bad,
          "Type",
          "unknown-option",
          `${nameOf(path)}: expected ${expected}, got ${key}`,
        ];
        assertComplaint(error, row);
        watched.assertNothingLost(key);
      }
      watched.end();
    }
  });
}

test("the reference lists the options of each call as its error does", async () => {
  const reference = readFileSync(join(root, "web/reference/calls.md"), "utf8");
  for (const { name, call, given } of objects.filter(({ path }) => path.join() === "options")) {
    const [, options = ""] =
      new RegExp(`^\\| \`${name}\` \\| (.*) \\|$`, "m").exec(
        reference.split("| call | options |")[1] as string,
      ) ?? [];
    const bad = changedAt(valuesOf(given), ["options"], (old) => ({ ...(old as object), title: 1 }));
    const { params } = (await thrownBy(() => call(webassembly, bad))) as { params: { names: string[] } };
    assert.equal(options, params.names.join(", "), name);
  }
});

test("every call takes a whole case for its options, and ignores what it doesn't read", () => {
  const whole = { ...kase, eps: 1e-3, ddof: 0 as const, layout: "channels-first" as const, axis: 1 };
  const { dy: _, ...read } = whole;
  const saved = { runningMean: x.subarray(0, 5), runningVar: gamma };
  for (const bn of engines) {
    const { y, cache } = bn.forward(x, whole);
    assertSameBits({ y, cache }, bn.forward(x, read), "forward()");
    bn.backward(dy, { ...whole, ...cache });
    assertSameBits(bn.infer(x, { ...whole, ...saved }), bn.infer(x, { ...read, ...saved }), "infer()");
    bn.inferBackward(dy, { ...whole, ...saved });
    bn.normalize(x, bn.statistics(x, whole), whole);
    const layer = bn.layer(whole);
    layer.x.set(x);
    layer.forward();
    assertSameBits(layer.y, y, "a layer of the case's gamma, beta, eps and type");
    layer.dispose();
    bn.trace(whole);
  }
});

test("a case refuses other names of its parts, of which it would take none in silence", async () => {
  for (const [name, meant] of [
    ["epsilon", "eps"],
    ["Gamma", "gamma"],
    ["DY", "dy"],
    ["dout", "dy"],
    ["input", "x"],
  ] as const) {
    for (const bn of engines) {
      const row: Row = [name, 0, "Type", "unknown-option", `case: expected ${meant}, got ${name}`];
      assertComplaint(await thrownBy(() => bn.trace({ ...kase, [name]: gamma })), row);
      assertComplaint(await thrownBy(() => bn.diagnose({ ...kase, [name]: gamma }, {})), row);
    }
  }
});

test("the options of a check have no place for the parts of a case", async () => {
  for (const bn of engines) {
    for (const [call, message] of [
      [() => bn.trace(kase, { mistake: ["swapped"] } as never), "options: expected mistakes, got mistake"],
      [() => bn.gradcheck(kase, { eps: 1e-6 } as never), "options: expected only mistakes, got eps"],
      [() => bn.gradcheck(kase, { atol: 1e-6 } as never), "options: expected only mistakes, got atol"],
      [() => bn.taylorTest(kase, { sede: 1 } as never), "options: expected only seed, dx, got sede"],
      [() => load({ engin: "javascript" } as never), "options: expected engine, got engin"],
    ] as const) {
      assertComplaint(await thrownBy(call), [message, 0, "Type", "unknown-option", message]);
    }
  }
});

test("a case of too many channels is refused before a beta of zeros is made for them", () => {
  for (const bn of engines) {
    const before = process.memoryUsage().arrayBuffers;
    const far = { x, shape: [1, 2 ** 28], gamma, dy };
    assert.throws(() => bn.trace(far), {
      code: "length-mismatch",
      message: "x: expected 268435456 values for shape [1, 268435456], got 20",
    });
    const taken = process.memoryUsage().arrayBuffers - before;
    assert.ok(taken < 2 ** 20, `${taken} bytes`);
  }
});

test("a message shortens a long misspelt name", async () => {
  const name = `e${"_".repeat(1e6)}ps`;
  const message = `options: expected eps, got e${"_".repeat(22)}…`;
  for (const bn of engines) {
    const bad = { shape, [name]: 1e-3 };
    const error = await thrownBy(() => bn.forward(x, bad));
    assertComplaint(error, [name, bad, "Type", "unknown-option", message]);
  }
});
