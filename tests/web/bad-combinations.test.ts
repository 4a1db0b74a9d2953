/** Arguments that are good alone and bad together, and options by a name that they do not have here. */
import { test } from "node:test";
import type { Backnorm, Case, ErrorCode, FloatArray } from "backnorm";
import {
  assertComplaint,
  type Kind,
  type Row,
  sentAway,
  spoilt,
  thrownBy,
  transferred,
} from "./bad-values.ts";
import { type Call, everyCall, valuesOf } from "./every-call.ts";
import { watch } from "./nothing-lost.ts";
import { assertSameBits, engines, rounded, webassembly } from "./support.ts";

const { NaN: nan } = Number;
const { x, gamma, beta, dy } = webassembly.presets.cs231n as Case<Float64Array>;
const shape = [4, 5];
const kase = { x, shape, gamma, beta, dy };
const float32 = rounded(kase);
const statistics = webassembly.statistics(x, { shape });
const whole = webassembly.mergeStatistics([statistics, statistics]);
const affine = { shape, gamma, beta };
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

test("unknown options are ignored, so that one object can serve several calls", () => {
  const shared = {
    ...affine,
    dy,
    title: "cs231n",
    shapes: [],
    epsilon: 7,
    eps: 1e-5,
    constructor: 1,
    toString: 2,
  };
  for (const bn of engines) {
    assertSameBits(bn.forward(x, shared), bn.forward(x, affine), "forward()");
    bn.layer(shared).dispose();
    bn.statistics(x, shared);
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
