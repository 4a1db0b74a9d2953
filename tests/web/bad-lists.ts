/** As bad-values.ts, for the arguments that one or two calls have: lists, names, parts of a batch, texts. */
import type { ErrorCode } from "backnorm";
import { alike, detached, type Row, resizable, sentAway, transferred } from "./bad-values.ts";

const gone = transferred.slice(transferred.indexOf("one that"));
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

export const wrongSeed = (name: string): Row[] => {
  const expected = `${name}: expected a whole number from 0 to 4294967295`;
  return [
    ...alike("Type", "invalid-seed", expected, [
      ["undefined", undefined, "undefined"],
      ["null", null, "null"],
      ["a string", "231", 'the string "231"'],
      ["a bigint", 231n, "a bigint"],
    ]),
    ...alike("Range", "invalid-seed", expected, [
      ["negative", -1, "-1"],
      ["a fraction", 0.5, "0.5"],
      ["NaN", nan, "NaN"],
      ["infinite", infinity, "Infinity"],
      ["past 32 bits", 2 ** 32, "4294967296"],
    ]),
  ];
};

/** What no list of numbers is. */
const notLists: [what: string, got: unknown, text: string][] = [
  ["null", null, "null"],
  ["a number", 20, "20"],
  ["a string", "1, 2", 'the string "1, 2"'],
  ["an object", { 0: 1, length: 1 }, "an object"],
  ["a set", new Set([1]), "an object"],
  ["integers", Int32Array.of(1), "an Int32Array"],
];

/** Lists of which one entry is refused. */
const entries = (
  code: ErrorCode,
  name: string,
  expected: string,
  lists: [what: string, got: unknown, at: number, text: string][],
): Row[] =>
  lists.map(([what, got, at, text]) => [
    what,
    got,
    "Range",
    code,
    `${name}[${at}]: expected ${expected}, got ${text}`,
  ]);

export const wrongSizes = (name: string): Row[] => [
  ...alike("Type", "invalid-sizes", `${name}: expected an array of whole numbers from 0 to 2147483648`, [
    ["undefined", undefined, "undefined"],
    ...notLists,
  ]),
  ...entries("invalid-sizes", name, "a whole number from 0 to 2147483648", [
    ["of a negative size", [3, -1], 1, "-1"],
    ["of a fraction", [2.5], 0, "2.5"],
    ["of a NaN", [nan], 0, "NaN"],
    ["of an infinity", [infinity], 0, "Infinity"],
    ["of a string", ["3"], 0, 'the string "3"'],
    ["of a symbol", [Symbol("n")], 0, "a symbol"],
    ["of nothing", [undefined], 0, "undefined"],
    ["of a hole", new Array(1), 0, "undefined"],
    ["huge", [2 ** 40], 0, "1099511627776"],
  ]),
  ...alike("Range", "out-of-memory", `${name}: expected a shape that fits in the kernels' memory`, [
    ["of more than memory holds", [2 ** 31], "[2147483648]"],
    ["of more than memory holds together", [2 ** 28, 1], "[268435456, 1]"],
  ]),
];

export const wrongSteps = (name: string): Row[] => [
  ...alike("Type", "invalid-steps", `${name}: expected an array of positive finite numbers`, notLists),
  ["detached", detached(3), "Type", "detached-buffer", `${name}: ${transferred}`],
  ...alike("Range", "invalid-steps", `${name}: expected an array of positive finite numbers`, [
    ["of none", [], "none"],
    ["of none in a typed array", new Float32Array(0), "none"],
  ]),
  ...entries("invalid-steps", name, "a positive finite number", [
    ["of 0", [1e-3, 0], 1, "0"],
    ["of a negative one", [-1e-3], 0, "-0.001"],
    ["of a NaN", Float64Array.of(1e-3, nan), 1, "NaN"],
    ["of an infinity", [infinity], 0, "Infinity"],
    ["of a string", ["1e-3"], 0, 'the string "1e-3"'],
    ["of a bigint", [1n], 0, "a bigint"],
    ["of a symbol", [Symbol("h")], 0, "a symbol"],
    ["of a hole", Object.assign([], { 1: 1e-3 }), 0, "undefined"],
  ]),
];

export const wrongMistakes = (name: string): Row[] => [
  ...alike("Type", "unknown-mistake", `${name}: expected an array of ids of bn.mistakes`, notLists),
  ...entries("unknown-mistake", name, "an id of bn.mistakes", [
    ["of an unknown id", ["nonsense"], 0, 'the string "nonsense"'],
    ["of an unknown id behind a known one", ["swapped", "x"], 1, 'the string "x"'],
    ["of a mistake of the calls", ["momentum"], 0, 'the string "momentum"'],
    ["of an empty id", [""], 0, 'the string ""'],
    ["of a number", [0], 0, "0"],
    ["of null", [null], 0, "null"],
    ["of a symbol", [Symbol("swapped")], 0, "a symbol"],
    ["of a boxed id", [Object("swapped")], 0, "an object"],
    ["of a hole", new Array(1), 0, "undefined"],
    ["of a name that every object has", ["constructor"], 0, 'the string "constructor"'],
    ["of a long id", ["swapped".repeat(1e5)], 0, 'the string "swappedswappedswappedsw…"'],
  ]),
  ...entries("unknown-mistake", name, "a mistake that this case of batch norm can have", [
    ["of one of RMS norm alone", ["no-unit-offset"], 0, "no-unit-offset"],
    [
      "of one of group norm behind one of batch norm",
      ["swapped", "interleaved-groups"],
      1,
      "interleaved-groups",
    ],
  ]),
];

export const wrongNode =
  (ids: readonly string[]) =>
  (name: string): Row[] => {
    const expected = `${name}: expected one of ${ids.join(", ")}`;
    return [
      ...alike("Range", "invalid-node", expected, [
        ["another library's name", "sigma", 'the string "sigma"'],
        ["a gradient", "dx", 'the string "dx"'],
        ["empty", "", 'the string ""'],
        ["a name that every object has", "toString", 'the string "toString"'],
      ]),
      ...alike("Type", "invalid-node", expected, [
        ["undefined", undefined, "undefined"],
        ["null", null, "null"],
        ["a number", 3, "3"],
        ["the node itself", { id: "x" }, "an object"],
        ["a list", ["x"], "a plain array"],
      ]),
    ];
  };

export const notSignals = (name: string): Row[] =>
  alike("Type", "not-a-signal", `${name}: expected an AbortSignal`, [
    ["null", null, "null"],
    ["its controller", new AbortController(), "an object"],
    ["a boolean", true, "true"],
    ["a function", () => nan, "a function"],
  ]);

export const notFunctions = (name: string): Row[] =>
  alike("Type", "not-a-function", `${name}: expected a function`, [
    ["null", null, "null"],
    ["a string", "log", 'the string "log"'],
    ["an object", { call: () => nan }, "an object"],
  ]);

export const notStrings = (name: string): Row[] =>
  alike("Type", "not-a-string", `${name}: expected a string`, [
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a number", 3, "3"],
    ["a boxed string", Object("[1]"), "an object"],
    ["bytes", Uint8Array.of(49), "a Uint8Array"],
    ["a list", ["[1]"], "a plain array"],
  ]);

export const wrongText = (name: string): Row[] => [
  ...notStrings(name),
  ...alike("Range", "unreadable-array", `${name}: expected a number or "[" (line 1, column 1)`, [
    ["empty", "", "the end of the text"],
    ["a long word", "x".repeat(1e6), `"${"x".repeat(23)}…"`],
  ]),
  [
    "what a terminal would act on",
    "\u001b[31m",
    "Range",
    "unreadable-array",
    `${name}: expected a number (line 1, column 1), got "\uFFFD"`,
  ],
];

const notBytes =
  (code: "unreadable-npy" | "unreadable-npz", begin: string) =>
  (name: string): Row[] => [
    ...alike("Type", "not-a-typed-array", `${name}: expected a Uint8Array or an ArrayBuffer`, [
      ["undefined", undefined, "undefined"],
      ["null", null, "null"],
      ["a string", "a.npy", 'the string "a.npy"'],
      ["a list", [0x93], "a plain array"],
      ["signed bytes", new Int8Array(8), "an Int8Array"],
      ["floats", new Float64Array(8), "a Float64Array"],
      ["shared memory without a view", new SharedArrayBuffer(8), "an object"],
      ["a DataView", new DataView(new ArrayBuffer(8)), "a DataView"],
    ]),
    ...alike("Type", "detached-buffer", `${name}: expected an attached buffer`, [
      ["a detached buffer", detached(8).buffer, gone],
      ["of a detached buffer", sentAway(new Uint8Array(8)), gone],
    ]),
    ...alike("Range", code, `${name}: expected ${begin} files begin (byte 0)`, [
      ["empty", new Uint8Array(0), "no bytes"],
      ["out of the bounds of their buffer", bytesOutOfBounds(), "no bytes"],
      ["of another file", Uint8Array.of(1, 2), "01 02"],
    ]),
  ];
export const wrongBytes = notBytes("unreadable-npy", "93 4e 55 4d 50 59, with which .npy");
export const wrongZip = notBytes("unreadable-npz", "50 4b 03 04, with which .npz");

function bytesOutOfBounds(): Uint8Array {
  const buffer = resizable(8);
  const bytes = new Uint8Array(buffer, 0, 8);
  buffer.resize(4);
  return bytes;
}
