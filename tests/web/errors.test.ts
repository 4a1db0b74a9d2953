import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import {
  type Backnorm,
  BacknormRangeError,
  BacknormTypeError,
  type Case,
  type FloatArray,
  load,
} from "backnorm";
import { assertSameBits, engines, javascript, rounded, webassembly } from "./support.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const { x, gamma, beta, dy } = webassembly.presets.cs231n as Case<Float64Array>;
const shape = [4, 5];
const short = new Float64Array(19);
const float32 = rounded({ x, gamma, beta, dy, shape });

/** An array whose buffer was sent away. */
function detached(length: number): Float64Array {
  const array = new Float64Array(length);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** x with one value put in the place of another. */
function spoilt<A extends FloatArray>(values: A, at: number, value: number): A {
  const copy = values.slice() as A;
  copy[at] = value;
  return copy;
}

type Row = [what: string, got: unknown, kind: "Type" | "Range", code: string, message: string];

const notTyped = (got: string) => `expected a Float32Array or a Float64Array, got ${got}`;
const transferred = "expected an attached buffer, got one that was transferred away";

/** What no float array is; `name` stands for the argument. */
const notArrays = (name: string): Row[] =>
  (
    [
      ["undefined", undefined, "undefined"],
      ["null", null, "null"],
      ["a plain array", [1, 2, 3], "a plain array"],
      ["a number", 3, "3"],
      ["a string", "1, 2, 3", 'the string "1, 2, 3"'],
      ["a long string", "1234567890".repeat(5), 'the string "123456789012345678901234…"'],
      ["a boolean", true, "true"],
      ["a bigint", 3n, "a bigint"],
      ["a symbol", Symbol("x"), "a symbol"],
      ["a function", () => x, "a function"],
      ["an object", { 0: 1, length: 1 }, "an object"],
      ["an ArrayBuffer", new ArrayBuffer(160), "an object"],
      ["a DataView", new DataView(new ArrayBuffer(160)), "an object"],
      ["a Proxy of a Float64Array", new Proxy(new Float64Array(20), {}), "an object"],
      ["an object that claims to be one", { [Symbol.toStringTag]: "Float64Array", length: 20 }, "an object"],
      ["an object made of Float64Array's prototype", Object.create(Float64Array.prototype), "an object"],
      ["integers", new Int32Array(20), "an Int32Array"],
      ["bytes", new Uint8Array(20), "a Uint8Array"],
      ["big integers", new BigInt64Array(20), "a BigInt64Array"],
    ] as [string, unknown, string][]
  ).map(([what, got, text]) => [what, got, "Type", "not-a-typed-array", `${name}: ${notTyped(text)}`]);

/** Those that an optional argument refuses: undefined leaves it out. */
const given = (rows: Row[]) => rows.filter(([, got]) => got !== undefined);

const wrongWhole = (name: string): Row[] => [
  [
    "one value short",
    short,
    "Range",
    "length-mismatch",
    `${name}: expected 20 values for shape [4, 5], got 19`,
  ],
  [
    "one value long",
    new Float64Array(21),
    "Range",
    "length-mismatch",
    `${name}: expected 20 values for shape [4, 5], got 21`,
  ],
  [
    "empty",
    new Float64Array(0),
    "Range",
    "length-mismatch",
    `${name}: expected 20 values for shape [4, 5], got 0`,
  ],
  ["detached", detached(20), "Type", "detached-buffer", `${name}: ${transferred}`],
];
const wrongRow = (name: string, of: string): Row[] => [
  [
    "one short",
    new Float64Array(4),
    "Range",
    "length-mismatch",
    `${name}: expected 5 values for 5 ${of}, got 4`,
  ],
  [
    "one long",
    new Float64Array(6),
    "Range",
    "length-mismatch",
    `${name}: expected 5 values for 5 ${of}, got 6`,
  ],
  ["empty", new Float64Array(0), "Range", "length-mismatch", `${name}: expected 5 values for 5 ${of}, got 0`],
  ["detached", detached(5), "Type", "detached-buffer", `${name}: ${transferred}`],
];
const mixed = (name: string, size: number): Row[] => [
  [
    "of the other kind",
    new Float32Array(size),
    "Type",
    "mixed-kinds",
    `${name}: expected a Float64Array like x, got a Float32Array`,
  ],
];

const wrongEps: Row[] = [
  ["a string", "1e-5", "Type", "invalid-eps", 'eps: expected a number, 0 or greater, got the string "1e-5"'],
  ["null", null, "Type", "invalid-eps", "eps: expected a number, 0 or greater, got null"],
  ["a bigint", 1n, "Type", "invalid-eps", "eps: expected a number, 0 or greater, got a bigint"],
  ["an array", [1e-5], "Type", "invalid-eps", "eps: expected a number, 0 or greater, got a plain array"],
  ["NaN", nan, "Range", "invalid-eps", "eps: expected a finite number, 0 or greater, got NaN"],
  ["infinite", infinity, "Range", "invalid-eps", "eps: expected a finite number, 0 or greater, got Infinity"],
  ["negative", -1e-5, "Range", "invalid-eps", "eps: expected a finite number, 0 or greater, got -0.00001"],
];
const wrongDdof = (name: string): Row[] =>
  (
    [
      ["2", 2, "2"],
      ["negative", -1, "-1"],
      ["a fraction", 0.5, "0.5"],
      ["NaN", nan, "NaN"],
      ["a string", "0", 'the string "0"'],
      ["a boolean", true, "true"],
      ["null", null, "null"],
    ] as [string, unknown, string][]
  ).map(([what, got, text]) => [what, got, "Range", "invalid-ddof", `${name}: expected 0 or 1, got ${text}`]);

const endless: unknown[] = [];
endless.length = 2 ** 32 - 1;

/** rank: "2 to 5" or "2". */
const wrongShape = (name: string, rank: string): Row[] => [
  ...(
    [
      ["undefined", undefined, "undefined"],
      ["null", null, "null"],
      ["a string", "4,5", 'the string "4,5"'],
      ["a number", 20, "20"],
      ["an object", { rows: 4, columns: 5 }, "an object"],
      ["a typed array", Int32Array.of(4, 5), "an Int32Array"],
    ] as [string, unknown, string][]
  ).map(
    ([what, got, text]): Row => [
      what,
      got,
      "Type",
      "invalid-shape",
      `${name}: expected an array of ${rank} positive whole numbers, got ${text}`,
    ],
  ),
  ...(
    [
      ["of a zero", [4, 0], "[4, 0]"],
      ["of a negative size", [-4, -5], "[-4, -5]"],
      ["of a fraction", [4.5, 5], "[4.5, 5]"],
      ["of a NaN", [nan, 5], "[NaN, 5]"],
      ["of an infinity", [infinity, 5], "[Infinity, 5]"],
      ["of a string", ["4", 5], '[the string "4", 5]'],
      ["of a bigint and a symbol", [4n, Symbol("D")], "[a bigint, a symbol]"],
      ["of nothing", [undefined, null], "[undefined, null]"],
      ["of a hole", Object.assign([], { 0: 4, 2: 5 }), "[4, undefined, 5]"],
      ["of a size past 2^53", [2 ** 53, 1], "[9007199254740992, 1]"],
      ["of arrays", [[4], [5]], "[a plain array, a plain array]"],
      ["of rank 0", [], "[]"],
      ["of rank 1", [20], "[20]"],
      ["of rank 6", [1, 2, 2, 1, 5, 1], "[1, 2, 2, 1, 5, 1]"],
      ["of rank 20", new Array(20).fill(1), "[1, 1, 1, 1, 1, 1, 1, 1, …]"],
      ["endless", endless, `[${"undefined, ".repeat(8)}…]`],
    ] as [string, unknown, string][]
  ).map(
    ([what, got, text]): Row => [
      what,
      got,
      "Range",
      "invalid-shape",
      `${name}: expected ${rank} positive whole numbers, got ${text}`,
    ],
  ),
  [
    "huge",
    [2 ** 20, 2 ** 20],
    "Range",
    "invalid-shape",
    `${name}: expected at most 2147483648 values, got [1048576, 1048576], 1099511627776 values`,
  ],
  [
    "too huge to multiply",
    [2 ** 52, 2 ** 52],
    "Range",
    "invalid-shape",
    `${name}: expected at most 2147483648 values, got [4503599627370496, 4503599627370496], 2.028240960365167e+31 values`,
  ],
];

const wrongLayout = (name: string): Row[] =>
  (
    [
      ["a typo", "channel-first", 'the string "channel-first"'],
      ["in capitals", "NCHW", 'the string "NCHW"'],
      ["empty", "", 'the string ""'],
      ["null", null, "null"],
      ["a number", 0, "0"],
    ] as [string, unknown, string][]
  ).map(([what, got, text]) => [
    what,
    got,
    "Type",
    "invalid-layout",
    `${name}: expected "channels-first" or "channels-last", got ${text}`,
  ]);

const notObjects = (name: string): Row[] =>
  (
    [
      ["undefined", undefined, "undefined"],
      ["null", null, "null"],
      ["a number", 5, "5"],
      ["a string", "cs231n", 'the string "cs231n"'],
      ["a function", () => ({}), "a function"],
    ] as [string, unknown, string][]
  ).map(([what, got, text]) => [
    what,
    got,
    "Type",
    "not-an-object",
    `${name}: expected an object, got ${text}`,
  ]);

/** Only where numbers are judged: the fused kernels let them through. */
const notFinite = (name: string, values: Float64Array): Row[] => {
  const last = values.length - 1;
  const place = (at: number) => (values.length === 20 ? `[${Math.floor(at / 5)}, ${at % 5}]` : `[${at}]`);
  return (
    [
      ["with a NaN", 0, nan],
      ["with an infinity", 3, infinity],
      ["with a negative infinity at the end", last, -infinity],
    ] as [string, number, number][]
  ).map(([what, at, value]) => [
    what,
    spoilt(values, at, value),
    "Range",
    "not-finite",
    `${name}: expected finite values, got ${value} at ${place(at)}`,
  ]);
};

interface Argument {
  title: string;
  call: (bn: Backnorm, got: never) => unknown;
  rows: Row[];
}

const cache = webassembly.forward(x, { shape, gamma, beta }).cache;
const foreign = (got: string) => `cache: expected the cache that forward() returned, got one whose ${got}`;

const forwardArguments: Argument[] = [
  {
    title: "forward() x",
    call: (bn, got) => bn.forward(got, { shape }),
    rows: [...notArrays("x"), ...wrongWhole("x")],
  },
  { title: "forward() options", call: (bn, got) => bn.forward(x, got), rows: notObjects("options") },
  {
    title: "forward() shape",
    call: (bn, got) => bn.forward(x, { shape: got }),
    rows: wrongShape("shape", "2 to 5"),
  },
  {
    title: "forward() gamma",
    call: (bn, got) => bn.forward(x, { shape, gamma: got }),
    rows: [...given(notArrays("gamma")), ...wrongRow("gamma", "channels"), ...mixed("gamma", 5)],
  },
  {
    title: "forward() beta",
    call: (bn, got) => bn.forward(x, { shape, beta: got }),
    rows: [...given(notArrays("beta")), ...wrongRow("beta", "channels"), ...mixed("beta", 5)],
  },
  { title: "forward() eps", call: (bn, got) => bn.forward(x, { shape, eps: got }), rows: wrongEps },
  {
    title: "forward() ddof",
    call: (bn, got) => bn.forward(x, { shape, ddof: got }),
    rows: wrongDdof("ddof"),
  },
  {
    title: "forward() layout",
    call: (bn, got) => bn.forward(x, { shape, layout: got }),
    rows: wrongLayout("layout"),
  },
];

const cacheArguments: Argument[] = [
  {
    title: "backward() dy",
    call: (bn, got) => bn.backward(got, cache),
    rows: [...notArrays("dy"), ...wrongWhole("dy"), ...mixed("dy", 20)],
  },
  {
    title: "backward() cache",
    call: (bn, got) => bn.backward(dy, got),
    rows: [
      ...notObjects("cache"),
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
    ],
  },
  {
    title: "backward() cache.mean",
    call: (bn, got) => bn.backward(dy, { ...cache, mean: got }),
    rows: [
      ["undefined", undefined, "Type", "foreign-cache", foreign("mean is undefined")],
      ["float32", new Float32Array(5), "Type", "foreign-cache", foreign("mean is a Float32Array")],
      ...wrongRow("cache.mean", "channels"),
    ],
  },
  {
    title: "backward() cache.invstd",
    call: (bn, got) => bn.backward(dy, { ...cache, invstd: got }),
    rows: [
      ["a plain array", [1, 2, 3, 4, 5], "Type", "foreign-cache", foreign("invstd is a plain array")],
      ["float32", new Float32Array(5), "Type", "foreign-cache", foreign("invstd is a Float32Array")],
      ...wrongRow("cache.invstd", "channels"),
    ],
  },
  {
    title: "backward() cache.x",
    call: (bn, got) => bn.backward(dy, { ...cache, x: got }),
    rows: wrongWhole("cache.x"),
  },
  {
    title: "backward() cache.gamma",
    call: (bn, got) => bn.backward(dy, { ...cache, gamma: got }),
    rows: [
      ...given(notArrays("cache.gamma")),
      ...wrongRow("cache.gamma", "channels"),
      ...mixed("cache.gamma", 5),
    ],
  },
  {
    title: "backward() cache.shape",
    call: (bn, got) => bn.backward(dy, { ...cache, shape: got }),
    rows: wrongShape("cache.shape", "2 to 5"),
  },
  {
    title: "backward() cache.layout",
    call: (bn, got) => bn.backward(dy, { ...cache, layout: got }),
    rows: wrongLayout("cache.layout"),
  },
  {
    title: "backward() cache.ddof",
    call: (bn, got) => bn.backward(dy, { ...cache, ddof: got }),
    rows: wrongDdof("cache.ddof"),
  },
];

/** The three calls that take a case refuse it in the same words. */
const caseArguments: Argument[] = (["trace", "gradcheck", "gradcheckAsync"] as const).flatMap((method) => {
  const change = (name: string) => (bn: Backnorm, got: never) =>
    bn[method]({ x, shape, gamma, beta, dy, [name]: got } as Case);
  const rows: [name: string, rows: Row[]][] = [
    ["x", [...notArrays("x"), ...wrongWhole("x"), ...notFinite("x", x)]],
    [
      "gamma",
      [
        ...notArrays("gamma"),
        ...wrongRow("gamma", "columns"),
        ...mixed("gamma", 5),
        ...notFinite("gamma", gamma),
      ],
    ],
    [
      "beta",
      [...notArrays("beta"), ...wrongRow("beta", "columns"), ...mixed("beta", 5), ...notFinite("beta", beta)],
    ],
    ["dy", [...notArrays("dy"), ...wrongWhole("dy"), ...mixed("dy", 20), ...notFinite("dy", dy)]],
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
    ["eps", wrongEps],
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
const engineNames = 'engine: expected "webassembly" or "javascript", got';
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
      ["undefined", undefined, "Range", "invalid-seed", `${seeds} undefined`],
      ["a string", "231", "Range", "invalid-seed", `${seeds} the string "231"`],
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
    rows: [
      ["a typo", "wasm", "Type", "invalid-engine", `${engineNames} the string "wasm"`],
      [
        "the name of a method that every object has",
        "toString",
        "Type",
        "invalid-engine",
        `${engineNames} the string "toString"`,
      ],
      ["null", null, "Type", "invalid-engine", `${engineNames} null`],
    ],
  },
];

/** What a call throws, or what its promise rejects with. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  assert.fail("nothing was thrown");
}

function assertComplaint(error: unknown, [, , kind, code, message]: Row): void {
  const [Class, Base] = kind === "Type" ? [BacknormTypeError, TypeError] : [BacknormRangeError, RangeError];
  assert.ok(error instanceof Base, String(error));
  assert.ok(error instanceof Class, String(error));
  const { name, argument } = error;
  assert.deepEqual(
    { name, code: error.code, message: error.message, argument },
    { name: `Backnorm${kind}Error`, code, message, argument: message.slice(0, message.indexOf(":")) },
  );
}

const everything = (bn: Backnorm) => {
  const { y, cache } = bn.forward(x, { shape, gamma, beta });
  return { y, cache, ...bn.backward(dy, cache), trace: bn.trace(kase) };
};
const inputs = structuredClone({ x, gamma, beta, dy, cache });

for (const { title, call, rows } of [
  ...forwardArguments,
  ...cacheArguments,
  ...caseArguments,
  ...otherArguments,
]) {
  for (const row of rows) {
    const [what, got] = row;
    test(`${title} that is ${what} is refused in one sentence, and the object goes on`, async () => {
      for (const bn of engines) {
        const want = everything(bn);
        assertComplaint(await thrownBy(() => call(bn, got as never)), row);
        assertSameBits(everything(bn), want, "the next call");
      }
      assertSameBits({ x, gamma, beta, dy, cache }, inputs, "the inputs");
    });
  }
}

type Complaint = [call: (bn: Backnorm) => unknown, ...rest: [Row[2], Row[3], Row[4]]];
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
  "a float32 cache asks for a float32 dy": [
    (bn) => bn.backward<FloatArray>(dy, bn.forward<FloatArray>(float32.x, { shape }).cache),
    "Type",
    "mixed-kinds",
    "dy: expected a Float32Array like x, got a Float64Array",
  ],
  "a float32 case asks for a float32 dy": [
    (bn) => bn.trace<FloatArray>({ ...float32, dy }),
    "Type",
    "mixed-kinds",
    "dy: expected a Float32Array like x, got a Float64Array",
  ],
  "ddof 1 needs two values per channel in forward()": [
    (bn) => bn.forward(gamma, { shape: [1, 5], ddof: 1 }),
    "Range",
    "one-value-per-channel",
    "ddof: expected 0, since a single value per channel has no unbiased variance, got 1",
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
  "an x that was sent away after the forward pass is missed in the backward pass": [
    (bn) => {
      const own = x.slice();
      const { cache: later } = bn.forward(own, { shape });
      structuredClone(own, { transfer: [own.buffer] });
      return bn.backward(dy, later);
    },
    "Type",
    "detached-buffer",
    `cache.x: ${transferred}`,
  ],
  "a getter that sends x away in the middle of the call is noticed": [
    (bn) => {
      const own = x.slice();
      const send = () => void structuredClone(own.buffer, { transfer: [own.buffer] });
      return bn.forward(own, {
        shape,
        get eps() {
          send();
          return 1e-5;
        },
      });
    },
    "Type",
    "detached-buffer",
    `x: ${transferred}`,
  ],
  "a batch beyond the memory's limit is refused": [
    (bn) => bn.forward(new Float64Array(2 ** 28), { shape: [2 ** 14, 2 ** 14] }), // 2 GiB, none of it touched
    "Range",
    "out-of-memory",
    "shape: expected a shape that fits in WebAssembly's memory, got [16384, 16384]",
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
  for (const bn of [webassembly, javascript]) {
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
