/** What takes the place of node:assert where the package's tests run in browsers says what node:assert says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import ours from "../engines/browser/assert.ts";

class Point {
  x = 1;
}
const thing = { a: 1, b: [1, 2, { c: -0 }] };
/** Each is equal to itself, and, but for the second of a pair, to none of the others. */
const values: unknown[] = [
  ...[0, -0, 1, Number.NaN, 1n, "1", "", true, false, null, undefined, Symbol("s"), () => 1],
  ...[
    [],
    [1],
    [1, 2],
    [2, 1],
    [undefined],
    new Array(1),
    Object.assign([1], { a: 1 }),
    {},
    { a: 1 },
    { a: 2 },
  ],
  ...[
    { a: undefined },
    { a: 1, b: 2 },
    Object.create(null),
    new Point(),
    thing,
    { ...thing, b: [1, 2, { c: 0 }] },
  ],
  ...[
    Float64Array.of(0),
    Float64Array.of(-0),
    Float64Array.of(Number.NaN),
    Float32Array.of(0),
    Uint8Array.of(0),
  ],
  ...[
    new Float64Array(0),
    new Float64Array(2),
    new ArrayBuffer(8),
    new ArrayBuffer(4),
    Uint8Array.of(1).buffer,
  ],
  ...[new Set([1, 2]), new Set([1]), new Set(["1"]), new Error("a"), new Error("b"), new TypeError("a")],
];
/** Equal to one of the above, but not the same; clones of what can be cloned. */
const clones = [
  ...[[1, 2], { b: 2, a: 1 }, { a: 1 }, new Point(), { a: 1, b: [1, 2, { c: -0 }] }],
  ...[Float64Array.of(-0), Float64Array.of(Number.NaN), new Float64Array(2), new ArrayBuffer(8)],
  ...[new Set([2, 1]), new TypeError("a"), Object.create(null)],
];

/** Whether it throws. */
function refuses(call: () => unknown): boolean {
  try {
    call();
    return false;
  } catch {
    return true;
  }
}

test("two values are equal where Node says so", () => {
  const all = [...values, ...clones];
  let equal = 0;
  for (const [i, a] of all.entries())
    for (const [j, b] of all.entries()) {
      for (const name of ["equal", "notEqual", "deepEqual", "notDeepEqual"] as const) {
        const [got, want] = [ours[name], assert[name]].map((is) => refuses(() => is(a, b)));
        assert.equal(got, want, `${name} of the ${i}th and the ${j}th value`);
      }
      equal += refuses(() => assert.deepEqual(a, b)) ? 0 : 1;
    }
  assert.equal(equal, all.length + 2 * clones.length, "each clone has its twin");
});

test("what it can't compare it refuses, and does not take for equal", () => {
  for (const make of [
    () => new Map(),
    () => new Date(0),
    () => /a/,
    () => new WeakSet(),
    () => Promise.resolve(),
  ])
    assert.throws(() => ours.deepEqual(make(), make()), /compares no/);
});

test("what is thrown is as expected where Node says so", async () => {
  const thrown = Object.assign(new RangeError("x: expected 2"), { code: "c" });
  const expectations = [
    ...[undefined, Error, RangeError, TypeError, /expected 2/, /^RangeError: x/, /expected 3/],
    ...[
      { code: "c" },
      { code: "d" },
      { code: "c", message: /2$/ },
      { message: /3$/ },
      { name: "RangeError" },
      { cause: 1 },
    ],
    ...[(error: unknown) => error === thrown, () => false, () => 1],
  ];
  for (const [at, expected] of expectations.entries()) {
    const calls = [assert, ours].map((by) => by.throws as (call: () => unknown, expected?: unknown) => void);
    const [want, got] = calls.map((throws) =>
      refuses(() =>
        throws(() => {
          throw thrown;
        }, expected),
      ),
    );
    assert.equal(got, want, `expectation ${at}`);
    const rejecting = [assert, ours].map(
      (by) => by.rejects as (call: unknown, expected?: unknown) => Promise<void>,
    );
    const [wanted, given] = await Promise.all(
      rejecting.map((rejects) =>
        rejects(Promise.reject(thrown), expected).then(
          () => false,
          () => true,
        ),
      ),
    );
    assert.equal(given, wanted, `expectation ${at} of a promise`);
  }
  assert.ok(refuses(() => ours.throws(() => 1)) && refuses(() => ours.doesNotThrow(() => assert.fail())));
  await assert.rejects(ours.rejects(async () => 1));
});

test("patterns and truths", () => {
  for (const value of [0, "", null, undefined, Number.NaN, 1, "a", {}])
    assert.equal(
      refuses(() => ours(value)),
      refuses(() => assert(value)),
      String(value),
    );
  assert.ok(refuses(() => ours.match("a", /b/)) && !refuses(() => ours.match("a", /a/)));
  assert.ok(refuses(() => ours.doesNotMatch("a", /a/)) && !refuses(() => ours.doesNotMatch("a", /b/)));
  assert.ok(refuses(() => ours.fail("no")));
});
