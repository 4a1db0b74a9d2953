/** As bad-values.ts, for what one call returns and another takes: caches, statistics, sums, arrays to diagnose. */
import type { Cache, Statistics } from "backnorm";
import {
  alike,
  detached,
  notArrays,
  outOfBounds,
  type Row,
  single,
  transferred,
  wrongLength,
} from "./bad-values.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const foreign = (got: string) =>
  `cache: expected the cache of forward(), or x with mean and invstd, or mean, var and eps, got one whose ${got}`;

/** A part of a cache that is of no use: the message speaks of the cache. Without invstd, var is read. */
export const notSaved = (name: string): Row[] =>
  notArrays(name).map(([what, got, kind, , message]) => {
    const text = message.slice(message.indexOf(", got ") + 6);
    return [what, got, kind, "foreign-cache", foreign(`${name.replace("cache.", "")} is ${text}`)];
  });

export const wrongSaved = (name: string): Row[] => [
  ...notSaved(name),
  ...wrongLength(name, 5, "for 5 channels"),
];

export const wrongCount = (): Row[] =>
  [null, 3, 4.5, nan, infinity, -4, 2 ** 53].map((got) => [
    String(got),
    got,
    "Type",
    "foreign-cache",
    foreign(`count is ${got}`),
  ]);

/** What is no cache of a batch of 4 rows and 5 columns; `other` is that of a batch of [1, 5]. */
export const notCaches = (cache: Cache, other: Cache): Row[] => [
  ["empty", {}, "Type", "foreign-cache", foreign("x is undefined")],
  ["the result of forward()", { y: cache.x, cache }, "Type", "foreign-cache", foreign("x is undefined")],
  ["a case", { ...cache, mean: undefined }, "Type", "foreign-cache", foreign("mean is undefined")],
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
    other,
    "Range",
    "length-mismatch",
    "dy: expected 5 values for shape [1, 5], got 20",
  ],
];

/** What is no count of a part that has `least` values per channel. */
export const wrongCountOf =
  (expected: string) =>
  (name: string): Row[] =>
    alike("Range", "invalid-statistics", `${name}: expected ${expected}`, [
      ["undefined", undefined, "undefined"],
      ["a string", "4", 'the string "4"'],
      ["a bigint", 4n, "a bigint"],
      ["0", 0, "0"],
      ["negative", -4, "-4"],
      ["a fraction", 2.5, "2.5"],
      ["NaN", nan, "NaN"],
      ["infinite", infinity, "Infinity"],
      ["huge", 2 ** 53, "9007199254740992"],
    ]);

/** Of the first part, which says how many channels there are. */
export const wrongFirstMean = (name: string): Row[] => [
  ...notArrays(name),
  single(name, 5, ""),
  ["detached", detached(5), "Type", "detached-buffer", `${name}: ${transferred}`],
  ...alike("Range", "length-mismatch", `${name}: expected 1 value for 1 channel`, [
    ["empty", new Float64Array(0), "0"],
    ["out of the bounds of its buffer, which shrank", outOfBounds(5), "0"],
  ]),
  [
    "one value short",
    new Float64Array(4),
    "Range",
    "length-mismatch",
    `${name.replace("mean", "m2")}: expected 4 values for 4 channels, got 5`,
  ],
];

/** `part` is one of 4 values in 5 channels, `other` of 20 values in one. */
export function notParts(part: Statistics, other: Statistics): Row[] {
  const expected = "parts: expected an array of one part or more";
  const empty = { count: 4, mean: new Float64Array(0), m2: new Float64Array(0) };
  const most = { ...part, count: 2 ** 53 - 1 };
  const hole = Object.assign([part], { 2: part });
  const noObject = "parts[1]: expected an object, got undefined";
  const noCount = "parts[0].count: expected a positive whole number, got undefined";
  return [
    ...alike("Type", "invalid-statistics", expected, [
      ["one part", part, "an object"],
      ["null", null, "null"],
      ["undefined", undefined, "undefined"],
      ["a set", new Set([part]), "an object"],
    ]),
    ["empty", [], "Range", "invalid-statistics", `${expected}, got none`],
    ["with a hole", hole, "Type", "not-an-object", noObject],
    ["with an array for a part", [part.mean], "Range", "invalid-statistics", noCount],
    [
      "of no channels",
      [empty],
      "Range",
      "length-mismatch",
      "parts[0].mean: expected 1 value for 1 channel, got 0",
    ],
    [
      "of other channels",
      [part, other],
      "Range",
      "length-mismatch",
      "parts[1].mean: expected 5 values for 5 channels, got 1",
    ],
    [
      "of more values than can be counted",
      [part, most],
      "Range",
      "invalid-statistics",
      "parts: expected at most 2^53 - 1 values per channel, got more",
    ],
  ];
}

/** What diagnose() takes for no arrays. */
export function wrongClaims(array: Float64Array): Row[] {
  const names =
    "arrays: expected names such as mean, xc, sq, var, std, invstd, dx, dvar, or those of CS231n, Kratzert, makemore, PyTorch";
  const twice = "arrays: expected dx once, got dx and grad_input, which are the same";
  const edgeTwice = "arrays: expected x->mean once, got dx2 and x->mean, which are the same";
  return [
    ...alike("Range", "unknown-array", names, [
      ["a list", [array], 'the string "0"'],
      ["an array", array, 'the string "0"'],
      ["of an unknown name", { dX: array }, 'the string "dX"'],
      ["of a name that every object has", { constructor: array }, 'the string "constructor"'],
      ["of an unknown edge", { "xhat->xc": array }, 'the string "xhat->xc"'],
      ["of a long name", { ["d".repeat(1e6)]: array }, 'the string "ddddddddddddddddddddddd…"'],
    ]),
    ["one under two names", { dx: array, grad_input: array }, "Type", "same-array-twice", twice],
    ["an edge under two names", { dx2: array, "x->mean": array }, "Type", "same-array-twice", edgeTwice],
  ];
}

/** What neither is an array nor holds one as its data. */
export const notClaims = (name: string): Row[] =>
  notArrays(name).map((row) => {
    const [what, got, kind, code] = row;
    const isRecord = typeof got === "object" && got && !ArrayBuffer.isView(got) && !Array.isArray(got);
    const message = `${name}.data: expected a Float32Array or a Float64Array, got undefined`;
    return isRecord ? [what, got, kind, code, message] : row;
  });

/** Of data of `length` values. */
export const wrongClaimedShape =
  (length: number) =>
  (name: string): Row[] => {
    const expected = `${name}: expected whole numbers whose product is ${length}, the length of data`;
    return alike("Range", "invalid-shape", expected, [
      ["null", null, "null"],
      ["a string", "4,5", 'the string "4,5"'],
      ["a number", 20, "20"],
      ["a typed array", Int32Array.of(4, 5), "an Int32Array"],
      ["of another product", [4, 4], "[4, 4]"],
      ["of none", [], "[]"],
      ["of a fraction", [2.5, 8], "[2.5, 8]"],
      ["of two negatives", [-4, -5], "[-4, -5]"],
      ["of strings", ["4", "5"], '[the string "4", the string "5"]'],
      ["of a symbol", [Symbol("N"), 5], "[a symbol, 5]"],
      ["of a bigint", [4n, 5], "[a bigint, 5]"],
      ["of a NaN", [nan, 5], "[NaN, 5]"],
      ["of a hole", Object.assign([], { 1: 20 }), "[undefined, 20]"],
      ["of 65 dimensions", [length, ...new Array(64).fill(1)], `[${length}, 1, 1, 1, 1, 1, 1, 1, …]`],
    ]);
  };

export const wrongResolution =
  (length: number) =>
  (name: string): Row[] => [
    ...notArrays(name),
    ...wrongLength(name, length, "as data has"),
    [
      "float32",
      new Float32Array(length),
      "Type",
      "mixed-kinds",
      `${name}: expected a Float64Array, got a Float32Array`,
    ],
    ...alike("Range", "invalid-resolution", `${name}: expected finite numbers, 0 or greater`, [
      ["of a NaN", new Float64Array(length).fill(nan, 1), "NaN"],
      ["of an infinity", new Float64Array(length).fill(infinity, 1), "Infinity"],
      ["of a negative distance", new Float64Array(length).fill(-1e-8, 1), "-1e-8"],
    ]),
  ];

export const wrongData = (name: string): Row[] => [
  ...notArrays(name),
  ["detached", detached(20), "Type", "detached-buffer", `${name}: ${transferred}`],
];
