/** Values that no call takes for an argument, each with the error that it must give. `name` stands for the argument. */
import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import { BacknormRangeError, BacknormTypeError, type ErrorCode, type FloatArray } from "backnorm";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const another = runInNewContext("({ Uint32Array })") as typeof globalThis;

export type Kind = "Type" | "Range";
export type Row = [what: string, got: unknown, kind: Kind, code: ErrorCode, message: string];

/** Rows that differ in what was given and in what a message calls that. */
export const alike = (
  kind: Kind,
  code: ErrorCode,
  expected: string,
  values: [what: string, got: unknown, text: string][],
): Row[] => values.map(([what, got, text]) => [what, got, kind, code, `${expected}, got ${text}`]);

/** Those that an optional argument refuses: undefined leaves it out. */
export const given = (rows: Row[]) => rows.filter(([, got]) => got !== undefined);

/** An array whose buffer was transferred. */
export function sentAway<A extends FloatArray | Uint8Array>(array: A): A {
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}
export const detached = (length: number) => sentAway(new Float64Array(length));

// Node 20 has resizable buffers, the library of ES2023 does not
type Resizable = ArrayBuffer & { resize(size: number): void };
const ResizableBuffer = ArrayBuffer as unknown as new (
  size: number,
  options: { maxByteLength: number },
) => Resizable;
export const resizable = (size: number): Resizable => new ResizableBuffer(size, { maxByteLength: 2 * size });

/** Whose buffer has become too small for it. */
export function outOfBounds(length: number): Float64Array {
  const buffer = resizable(8 * length);
  const array = new Float64Array(buffer, 0, length);
  buffer.resize(8 * length - 8);
  return array;
}

/** As long as its buffer, which has shrunk. */
export function shrunk(length: number): Float64Array {
  const buffer = resizable(8 * length);
  const array = new Float64Array(buffer);
  buffer.resize(8 * length - 8);
  return array;
}

export const transferred =
  "expected an attached buffer, got one that was transferred away, or was the kernels' memory before it grew";

/** What no float array is. */
export const notArrays = (name: string): Row[] =>
  alike("Type", "not-a-typed-array", `${name}: expected a Float32Array or a Float64Array`, [
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a plain array", [1, 2, 3], "a plain array"],
    ["a number", 3, "3"],
    ["a string", "1, 2, 3", 'the string "1, 2, 3"'],
    ["a long string", "1234567890".repeat(5), 'the string "12345678901234567890123…"'],
    ["a boolean", true, "true"],
    ["a bigint", 3n, "a bigint"],
    ["a symbol", Symbol("x"), "a symbol"],
    ["a function", () => nan, "a function"],
    ["an object", { 0: 1, length: 1 }, "an object"],
    ["an ArrayBuffer", new ArrayBuffer(160), "an object"],
    ["a DataView", new DataView(new ArrayBuffer(160)), "a DataView"],
    ["a SharedArrayBuffer", new SharedArrayBuffer(160), "an object"],
    ["another realm's integers", new another.Uint32Array(20), "a Uint32Array"],
    ["integers", new Int32Array(20), "an Int32Array"],
    ["bytes", new Uint8Array(20), "a Uint8Array"],
    ["big integers", new BigInt64Array(20), "a BigInt64Array"],
  ]);

/** What is no array of `length` values. `of` ends the sentence: "for shape [4, 5]". */
export const wrongLength = (name: string, length: number, of: string): Row[] => [
  ...alike("Range", "length-mismatch", `${name}: expected ${length} values ${of}`, [
    ["one value short", new Float64Array(length - 1), String(length - 1)],
    ["one value long", new Float64Array(length + 1), String(length + 1)],
    ["empty", new Float64Array(0), "0"],
    ["out of the bounds of its buffer, which shrank", outOfBounds(length), "0"],
    ["as long as its buffer, which shrank", shrunk(length), String(length - 1)],
  ]),
  ["detached", detached(length), "Type", "detached-buffer", `${name}: ${transferred}`],
];

export const single = (name: string, length: number, like = " like x"): Row => [
  "float32",
  new Float32Array(length),
  "Type",
  "mixed-kinds",
  `${name}: expected a Float64Array${like}, got a Float32Array`,
];

export const wrongEps = (name: string): Row[] => [
  ...alike("Type", "invalid-eps", `${name}: expected a finite number, 0 or greater`, [
    ["a string", "1e-5", 'the string "1e-5"'],
    ["null", null, "null"],
    ["a bigint", 1n, "a bigint"],
    ["an array", [1e-5], "a plain array"],
    ["a boxed number", Object(1e-5), "an object"],
  ]),
  ...alike("Range", "invalid-eps", `${name}: expected a finite number, 0 or greater`, [
    ["NaN", nan, "NaN"],
    ["infinite", infinity, "Infinity"],
    ["negative", -1e-5, "-0.00001"],
    ["hugely negative", -Number.MAX_VALUE, "-1.7976931348623157e+308"],
  ]),
];

export const wrongDdof = (name: string): Row[] => [
  ...alike("Range", "invalid-ddof", `${name}: expected 0 or 1`, [
    ["2", 2, "2"],
    ["negative", -1, "-1"],
    ["a fraction", 0.5, "0.5"],
    ["NaN", nan, "NaN"],
    ["infinite", infinity, "Infinity"],
    ["huge", 2 ** 53, "9007199254740992"],
  ]),
  ...alike("Type", "invalid-ddof", `${name}: expected 0 or 1`, [
    ["a string", "1", 'the string "1"'],
    ["a boolean", true, "true"],
    ["null", null, "null"],
  ]),
];

/** Of momentum and decay. */
export const wrongShare = (name: string, code: ErrorCode): Row[] => [
  ...alike("Range", code, `${name}: expected a number from 0 to 1`, [
    ["above 1", 1.5, "1.5"],
    ["negative", -0.1, "-0.1"],
    ["NaN", nan, "NaN"],
    ["infinite", infinity, "Infinity"],
    ["huge", Number.MAX_VALUE, "1.7976931348623157e+308"],
  ]),
  ...alike("Type", code, `${name}: expected a number from 0 to 1`, [
    ["a string", "0.1", 'the string "0.1"'],
    ["null", null, "null"],
    ["a boolean", true, "true"],
  ]),
];

export const notBooleans = (name: string): Row[] =>
  alike("Type", "not-a-boolean", `${name}: expected true or false`, [
    ["1", 1, "1"],
    ["a string", "false", 'the string "false"'],
    ["null", null, "null"],
  ]);

/** rank: "2 to 5" or "2". */
export const wrongShape = (name: string, rank: string): Row[] => [
  ...noShape(name, rank, "positive whole numbers"),
  [
    "of a zero",
    [4, 0],
    "Range",
    "invalid-shape",
    `${name}: expected an array of ${rank} positive whole numbers, got [4, 0]`,
  ],
];
/** Of a tensor that may be empty. */
export const noShape = (name: string, rank: string, numbers = "whole numbers from 0"): Row[] => [
  ...alike("Type", "invalid-shape", `${name}: expected an array of ${rank} ${numbers}`, [
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a string", "4,5", 'the string "4,5"'],
    ["a number", 20, "20"],
    ["an object", { rows: 4, columns: 5 }, "an object"],
    ["a typed array", Int32Array.of(4, 5), "an Int32Array"],
  ]),
  ...alike("Range", "invalid-shape", `${name}: expected an array of ${rank} ${numbers}`, [
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
    ["of rank 9", [1, 1, 1, 1, 1, 1, 1, 1, 20], "[1, 1, 1, 1, 1, 1, 1, 1, …]"],
    ["of rank 20", new Array(20).fill(1), "[1, 1, 1, 1, 1, 1, 1, 1, …]"],
  ]),
  ...alike("Range", "invalid-shape", `${name}: expected at most 2147483648 values`, [
    ["of 2^32 values, which 32 bits count as none", [65536, 65536], "[65536, 65536], 4294967296 values"],
    ["of 2^40 values", [2 ** 20, 2 ** 20], "[1048576, 1048576], 1099511627776 values"],
    [
      "of more values than 2^53",
      [2 ** 52, 2 ** 52],
      "[4503599627370496, 4503599627370496], 2.028240960365167e+31 values",
    ],
  ]),
];

/** What is none of the names. */
export const notNames = (name: string, code: ErrorCode, names: readonly string[], typo: string): Row[] => {
  const list = names.map((one) => `"${one}"`).join(", ");
  const expected = `${name}: expected ${list.replace(/, ([^,]*)$/, " or $1")}`;
  return [
    ...alike("Range", code, expected, [
      ["a typo", typo, `the string "${typo}"`],
      ["the name of a method that every object has", "toString", 'the string "toString"'],
      ["an empty string", "", 'the string ""'],
    ]),
    ...alike("Type", code, expected, [
      ["null", null, "null"],
      ["a number", 0, "0"],
    ]),
  ];
};
/** The bytes of the smallest module that there is, which isn't this package's. */
export const emptyWasm = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

export const notModules = (name: string): Row[] =>
  alike("Type", "invalid-module", `${name}: expected a WebAssembly.Module`, [
    ["null", null, "null"],
    ["a URL", "backnorm.wasm", 'the string "backnorm.wasm"'],
    ["bytes", emptyWasm, "a Uint8Array"],
    ["an instance", new WebAssembly.Instance(new WebAssembly.Module(emptyWasm)), "an object"],
    ["an object with its prototype", Object.create(WebAssembly.Module.prototype), "an object"],
  ]);

export const wrongLayout = (name: string): Row[] =>
  notNames(name, "invalid-layout", ["channels-first", "channels-last"], "NCHW");

export const wrongNorm = (name: string): Row[] => {
  const names = ["batch", "layer", "group", "instance", "rms"];
  const rows = notNames(name, "invalid-norm", names, "LayerNorm");
  const [, , , code, sentence] = rows[0] as Row;
  const missing = sentence.replace(/got .*/, "got undefined");
  return [...rows, ["undefined", undefined, "Type", code, missing]];
};

/** Whatever the value: the norm is batch norm. */
export const ofAnotherNorm =
  (value: unknown, owners: string) =>
  (name: string): Row[] => [
    [
      "of another norm",
      value,
      "Type",
      "invalid-norm",
      `${name}: expected norm ${owners} with it, got "batch"`,
    ],
  ];

export const wrongAxis = (name: string): Row[] => {
  const expected = `${name}: expected a whole number from 0 to 1, or from -2 to -1`;
  return [
    ...alike("Range", "invalid-axis", expected, [
      ["past the end", 2, "2"],
      ["before the beginning", -3, "-3"],
      ["a fraction", 0.5, "0.5"],
      ["a negative fraction", -0.5, "-0.5"],
      ["NaN", nan, "NaN"],
      ["infinite", -infinity, "-Infinity"],
    ]),
    ...alike("Type", "invalid-axis", expected, [
      ["null", null, "null"],
      ["a string", "1", 'the string "1"'],
      ["a list, as for several axes", [1], "a plain array"],
      ["a bigint", 1n, "a bigint"],
    ]),
    [
      "another axis than that of the layout",
      0,
      "Range",
      "invalid-axis",
      `${name}: expected 1, which is channels-first, got 0`,
    ],
  ];
};

export const notObjects = (name: string): Row[] =>
  alike("Type", "not-an-object", `${name}: expected an object`, [
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a number", 5, "5"],
    ["a string", "cs231n", 'the string "cs231n"'],
    ["a function", () => ({}), "a function"],
    ["a symbol", Symbol("options"), "a symbol"],
    ["a bigint", 5n, "a bigint"],
  ]);

/** A copy with one value put in the place of another. */
export function spoilt<A extends FloatArray>(values: A, at: number, value: number): A {
  const copy = values.slice() as A;
  copy[at] = value;
  return copy;
}

/** Only where numbers are judged: the fused kernels let them through. */
export const notFinite = (name: string, values: Float64Array): Row[] => {
  const place = (at: number) => (values.length === 20 ? `[${Math.floor(at / 5)}, ${at % 5}]` : `[${at}]`);
  return (
    [
      ["with a NaN", 0, nan],
      ["with an infinity", 3, infinity],
      ["with a negative infinity at the end", values.length - 1, -infinity],
    ] as [string, number, number][]
  ).map(([what, at, value]) => [
    what,
    spoilt(values, at, value),
    "Range",
    "not-finite",
    `${name}: expected finite values, got ${value} at ${place(at)}`,
  ]);
};

/** What a call throws, or what its promise rejects with. */
export async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  assert.fail("nothing was thrown");
}

/** The class, code, argument and sentence of an error. */
export function assertComplaint(error: unknown, [what, , kind, code, message]: Row): void {
  const [Class, Base] = kind === "Type" ? [BacknormTypeError, TypeError] : [BacknormRangeError, RangeError];
  assert.ok(error instanceof Base, `${what}: ${error}`);
  assert.ok(error instanceof Class, `${what}: ${error}`);
  const { name, argument, params } = error;
  assert.deepEqual(structuredClone(params), params, `${what}: params are plain data`);
  assert.deepEqual(
    { name, code: error.code, message: error.message, argument },
    { name: `Backnorm${kind}Error`, code, message, argument: message.slice(0, message.indexOf(":")) },
    what,
  );
}
