/** Bad input of the calls that take a case, and of the rest; that of the kernels is in bad-input.test.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { type Backnorm, BacknormTypeError, type Case, type FloatArray, load } from "backnorm";
import {
  assertComplaint,
  given,
  type Kind,
  notArrays,
  notFinite,
  notNames,
  notObjects,
  type Row,
  single,
  spoilt,
  thrownBy,
  wrongDdof,
  wrongEps,
  wrongLength,
  wrongShape,
} from "./bad-values.ts";
import { assertSameBits, engines, rounded, webassembly } from "./support.ts";

const { NaN: nan } = Number;
const { x, gamma, beta, dy } = webassembly.presets.cs231n as Case<Float64Array>;
const shape = [4, 5];
const float32 = rounded({ x, gamma, beta, dy, shape });

interface Argument {
  title: string;
  call: (bn: Backnorm, got: never) => unknown;
  rows: Row[];
}

const whole = (name: string) => wrongLength(name, 20, "for shape [4, 5]");

/** The three calls that take a case refuse it in the same words. */
const caseArguments: Argument[] = (["trace", "gradcheck", "gradcheckAsync"] as const).flatMap((method) => {
  const change = (name: string) => (bn: Backnorm, got: never) =>
    bn[method]({ x, shape, gamma, beta, dy, [name]: got } as Case);
  const rows: [name: string, rows: Row[]][] = [
    ["x", [...notArrays("x"), ...whole("x"), ...notFinite("x", x)]],
    [
      "gamma",
      [
        ...notArrays("gamma"),
        ...wrongLength("gamma", 5, "for 5 columns"),
        single("gamma", 5),
        ...notFinite("gamma", gamma),
      ],
    ],
    [
      "beta",
      [
        ...notArrays("beta"),
        ...wrongLength("beta", 5, "for 5 columns"),
        single("beta", 5),
        ...notFinite("beta", beta),
      ],
    ],
    ["dy", [...notArrays("dy"), ...whole("dy"), single("dy", 20), ...notFinite("dy", dy)]],
    ["shape", wrongShape("shape", "2")],
    [
      "shape",
      [
        [
          "of rank 3",
          [2, 2, 5],
          "Range",
          "invalid-shape",
          "shape: expected 2 positive whole numbers, got [2, 2, 5]",
        ],
      ],
    ],
    ["eps", wrongEps("eps")],
    ["ddof", wrongDdof("ddof")],
  ];
  return [
    {
      title: `${method}() case`,
      call: (bn: Backnorm, got: never) => bn[method](got),
      rows: notObjects("case"),
    },
    ...rows.map(([name, of]): Argument => ({ title: `${method}() ${name}`, call: change(name), rows: of })),
  ];
});

const kase = { x, shape, gamma, beta, dy };
const seeds = "seed: expected a whole number from 0 to 4294967295, got";
const sizes = "sizes: expected an array of whole numbers from 0 to 2147483648, got";
const size = "sizes: expected whole numbers from 0 to 2147483648, got";
const otherArguments: Argument[] = [
  {
    title: "gradcheckAsync() options",
    call: (bn, got) => bn.gradcheckAsync(kase, got),
    rows: given(notObjects("options")),
  },
  {
    title: "gradcheckAsync() signal",
    call: (bn, got) => bn.gradcheckAsync(kase, { signal: got }),
    rows: [
      ["null", null, "Type", "not-a-signal", "signal: expected an AbortSignal, got null"],
      [
        "its controller",
        new AbortController(),
        "Type",
        "not-a-signal",
        "signal: expected an AbortSignal, got an object",
      ],
      ["a boolean", true, "Type", "not-a-signal", "signal: expected an AbortSignal, got true"],
    ],
  },
  {
    title: "gradcheckAsync() onProgress",
    call: (bn, got) => bn.gradcheckAsync(kase, { onProgress: got }),
    rows: [
      ["null", null, "Type", "not-a-function", "onProgress: expected a function, got null"],
      ["a string", "log", "Type", "not-a-function", 'onProgress: expected a function, got the string "log"'],
    ],
  },
  {
    title: "randn() seed",
    call: (bn, got) => bn.randn(got, [2]),
    rows: [
      ["undefined", undefined, "Type", "invalid-seed", `${seeds} undefined`],
      ["a string", "231", "Type", "invalid-seed", `${seeds} the string "231"`],
      ["negative", -1, "Range", "invalid-seed", `${seeds} -1`],
      ["a fraction", 0.5, "Range", "invalid-seed", `${seeds} 0.5`],
      ["NaN", nan, "Range", "invalid-seed", `${seeds} NaN`],
      ["past 32 bits", 2 ** 32, "Range", "invalid-seed", `${seeds} 4294967296`],
    ],
  },
  {
    title: "randn() sizes",
    call: (bn, got) => bn.randn(231, got),
    rows: [
      ["undefined", undefined, "Type", "invalid-sizes", `${sizes} undefined`],
      ["a number", 20, "Type", "invalid-sizes", `${sizes} 20`],
      ["of a negative size", [3, -1], "Range", "invalid-sizes", `${size} -1`],
      ["of a fraction", [2.5], "Range", "invalid-sizes", `${size} 2.5`],
      ["of a string", ["3"], "Range", "invalid-sizes", `${size} the string "3"`],
      ["of nothing", [undefined], "Range", "invalid-sizes", `${size} undefined`],
      ["huge", [2 ** 40], "Range", "invalid-sizes", `${size} 1099511627776`],
    ],
  },
  {
    title: "parseArray() text",
    call: (bn, got) => bn.parseArray(got),
    rows: [["a number", 3, "Type", "not-a-string", "text: expected a string, got 3"]],
  },
  { title: "load() options", call: (_, got) => load(got), rows: given(notObjects("options")) },
  {
    title: "load() engine",
    call: (_, got) => load({ engine: got }),
    rows: notNames("engine", "invalid-engine", ["webassembly", "javascript"], "wasm"),
  },
];

const everything = (bn: Backnorm) => {
  const { y, cache } = bn.forward(x, { shape, gamma, beta });
  return { y, cache, ...bn.backward(dy, cache), trace: bn.trace(kase) };
};
const inputs = structuredClone({ x, gamma, beta, dy });

for (const { title, call, rows } of [...caseArguments, ...otherArguments]) {
  for (const row of rows) {
    const [what, got] = row;
    test(`${title} that is ${what} is refused in one sentence, and the object goes on`, async () => {
      for (const bn of engines) {
        const want = everything(bn);
        assertComplaint(await thrownBy(() => call(bn, got as never)), row);
        assertSameBits(everything(bn), want, "the next call");
      }
      assertSameBits({ x, gamma, beta, dy }, inputs, "the inputs");
    });
  }
}

type Complaint = [call: (bn: Backnorm) => unknown, kind: Kind, code: Row[3], message: string];
const inCombination: Record<string, Complaint> = {
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
    "case: expected numbers that stay finite on the way through, got an overflow or a division by 0, as of eps = 0 with a constant column",
  ],
  "gradcheck() judges no constant channel at eps 0": [
    (bn) => bn.gradcheck({ ...kase, x: new Float64Array(20), eps: 0 }),
    "Range",
    "not-finite",
    "case: expected numbers that stay finite on the way through, got an overflow or a division by 0, as of eps = 0 with a constant column",
  ],
};
for (const [what, [call, ...rest]] of Object.entries(inCombination)) {
  test(what, async () => {
    for (const bn of engines) {
      const want = everything(bn);
      assertComplaint(await thrownBy(() => call(bn)), ["", undefined, ...rest]);
      assertSameBits(everything(bn), want, "the next call");
    }
  });
}

test("gradcheckAsync() rejects and never throws", async () => {
  const running = webassembly.gradcheckAsync(null as never); // would throw here
  await assert.rejects(running, BacknormTypeError);
  await assert.rejects(load(null as never), BacknormTypeError);
});

test("what a getter or a Proxy of the caller throws arrives as it is", async () => {
  const mine = new Error("mine");
  const fail = () => {
    throw mine;
  };
  const trap = new Proxy({}, { get: fail, has: fail, ownKeys: fail, getOwnPropertyDescriptor: fail });
  const getter = (name: string) => Object.defineProperty({ ...kase }, name, { get: fail, enumerable: true });
  for (const bn of engines) {
    const want = everything(bn);
    const calls = [
      () => bn.forward(x, trap as never),
      () => bn.backward(dy, trap as never),
      () => bn.trace(trap as never),
      () => bn.gradcheck(trap as never),
      () => bn.gradcheckAsync(trap as never),
      () => bn.gradcheckAsync(kase, trap),
      ...["shape", "gamma", "eps", "ddof", "layout"].map((name) => () => bn.forward(x, getter(name))),
      ...["x", "shape", "dy", "eps", "ddof"].map((name) => () => bn.trace(getter(name))),
      () => bn.forward(x, { shape: Object.defineProperty([4, 5], 1, { get: fail }) }),
    ];
    for (const call of calls) assert.equal(await thrownBy(call), mine);
    assertSameBits(everything(bn), want, "the next call");
  }
});

test("an array that lies about its length gives an error or a result, and no crash", () => {
  for (const bn of engines) {
    const want = everything(bn);
    const long = Object.defineProperty(new Float64Array(25), "length", { value: 20 });
    assert.throws(() => bn.forward(long, { shape }), RangeError);
    const lacking = Object.defineProperty(new Float64Array(15), "length", { value: 20 });
    assert.equal(bn.forward(lacking, { shape }).y.length, 20);
    assertSameBits(everything(bn), want, "the next call");
  }
});

test("arrays of another realm are taken, and the results are of this one", () => {
  const theirs = (values: Float64Array): Float64Array =>
    runInNewContext(`Float64Array.of(${values.join(",")})`);
  const there = {
    x: theirs(x),
    gamma: theirs(gamma),
    beta: theirs(beta),
    dy: theirs(dy),
    shape: runInNewContext("[4, 5]"),
  };
  assert.ok(!(there.x instanceof Float64Array));
  for (const bn of engines) {
    const { y, cache } = bn.forward(there.x, there);
    const got = { y, ...bn.backward(there.dy, cache), trace: bn.trace(there) };
    const { cache: _, ...want } = everything(bn);
    assertSameBits(got, want, "results");
    assertSameBits(bn.gradcheck(there), bn.gradcheck(kase), "the report");
  }
});

test("arrays in shared and in resizable memory are taken, and one that was shrunk is refused", () => {
  const want = webassembly.forward(x, { shape }).y;
  const shared = new Float64Array(new SharedArrayBuffer(160));
  shared.set(x);
  assertSameBits(webassembly.forward<FloatArray>(shared, { shape }).y, want, "shared");
  // Node 20 has them, the library of ES2023 does not
  const Resizable = ArrayBuffer as unknown as new (
    size: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(size: number): void };
  const buffer = new Resizable(160, { maxByteLength: 320 });
  const array = new Float64Array(buffer, 0, 20);
  array.set(x);
  assertSameBits(webassembly.forward(array, { shape }).y, want, "resizable");
  buffer.resize(80);
  assert.throws(() => webassembly.forward(array, { shape }), {
    code: "length-mismatch",
    message: "x: expected 20 values for shape [4, 5], got 0",
  });
});
