/**
 * Options, caches, cases and lists whose reading runs the caller's code: what that throws arrives as it is, and
 * whatever it does in between, to the arrays or to the package, gives an error or the right result. What reads them is
 * the same for both engines, and what it writes to is their memory: WebAssembly's, where nothing is said of the other.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type Backnorm, BacknormRangeError, BacknormTypeError } from "backnorm";
import { resizable, sentAway, thrownBy } from "./bad-values.ts";
import {
  type Argument,
  type Call,
  changedAt,
  everyCall,
  nameOf,
  type Path,
  placesIn,
  valueAt,
  valuesOf,
} from "./every-call.ts";
import { memoryOf, newLayer, watch } from "./nothing-lost.ts";
import { assertSameBits, engines, webassembly } from "./support.ts";

const calls = Object.entries(everyCall);

/** Places of a call at which the caller's code may run: fields of objects, first entries of lists. */
const readingsOf = ({ given }: Call): Path[] =>
  placesIn(given).flatMap(([path, { is, fields }]) => {
    const inside = path.length > 1 ? [path] : [];
    return is === "list" && !fields ? [...inside, [...path, "0"]] : inside;
  });
const placesThatAre = ({ given }: Call, ...kinds: Argument["is"][]) =>
  placesIn(given)
    .filter(([, { is }]) => kinds.includes(is))
    .map(([path]) => path);

/** The same values with a getter in one place, whose object is a copy. */
const withGetter = <Values>(values: Values, path: Path, get: () => unknown): Values =>
  changedAt(values, path.slice(0, -1), (old) => {
    const copy = (Array.isArray(old) ? [...old] : { ...(old as object) }) as object;
    return Object.defineProperty(copy, path.at(-1) as string, { get, enumerable: true, configurable: true });
  });

const mine = new Error("mine");
const fail = () => {
  throw mine;
};
const kTraps = Object.getOwnPropertyNames(Reflect).filter((name) => name in Reflect);
const failing = Object.fromEntries(kTraps.map((name) => [name, fail]));

for (const [name, one] of calls) {
  test(`what a getter or a Proxy throws in ${name} arrives as it is, and nothing is lost`, async () => {
    for (const bn of engines) {
      const watched = watch(bn);
      for (const path of readingsOf(one)) {
        const values = valuesOf(one.given);
        const bad = withGetter(values, path, fail);
        assert.equal(await thrownBy(() => one.call(bn, bad)), mine, nameOf(path));
        assertSameBits(values, valuesOf(one.given), `${nameOf(path)}: what was given`);
        watched.assertNothingLost(nameOf(path));
      }
      for (const path of placesThatAre(one, "object", "list")) {
        const bad = changedAt(valuesOf(one.given), path, (old) => new Proxy(old as object, failing));
        assert.equal(await thrownBy(() => one.call(bn, bad)), mine, nameOf(path));
        watched.assertNothingLost(nameOf(path));
      }
      watched.end();
    }
  });

  test(`${name} takes what is frozen, or a Proxy that does nothing, for what it is`, async () => {
    const want = await one.call(webassembly, valuesOf(one.given));
    for (const path of placesThatAre(one, "object", "list")) {
      for (const wrapped of [Object.freeze, (old: object) => new Proxy(old, {})]) {
        const good = changedAt(valuesOf(one.given), path, (old) => wrapped(old as object));
        assertSameBits(await one.call(webassembly, good), want, nameOf(path));
      }
    }
  });

  test(`${name} asks no value what else it might be worth, and a message has no more of it than fits`, async () => {
    const asked: string[] = [];
    const ask = (what: string) => () => {
      asked.push(what);
      return 1;
    };
    const costly = {
      valueOf: { value: ask("valueOf") },
      toString: { value: ask("toString") },
      toJSON: { value: ask("toJSON") },
      [Symbol.toPrimitive]: { value: ask("toPrimitive") },
      [Symbol.iterator]: { value: ask("iterator") },
      [Symbol.toStringTag]: { get: ask("toStringTag") },
    };
    const long = "9".repeat(1e6);
    const odd = [Object.create(null, costly), Symbol(long), 10n ** 9999n, long, [[[]]]];
    for (const path of placesThatAre(one, "array", "value", "list")) {
      const functions = path.includes("onProgress") ? [] : [Object.defineProperties(() => 1, costly)];
      for (const value of [...odd, ...functions].flatMap((value) => [value, [value, value]])) {
        if (name === "parseArray" && value === long) continue; // which is a number
        const bad = changedAt(valuesOf(one.given), path, () => value);
        const error = await thrownBy(() => one.call(webassembly, bad));
        assert.ok(isOurs(error), String(error));
        assert.ok(error.message.length < 250, error.message.slice(0, 500));
      }
    }
    assert.deepEqual(asked, []);
  });
}

function isOurs(error: unknown): error is BacknormTypeError | BacknormRangeError {
  return error instanceof BacknormTypeError || error instanceof BacknormRangeError;
}

/** The arrays and lists among values, but for those at a path or around it. */
function othersIn({ given }: Call, values: unknown, path: Path) {
  const found = placesIn(given)
    .filter(([other]) => !path.join().startsWith(other.join()))
    .map(([other]) => valueAt(values, other));
  return {
    arrays: found.filter((one) => ArrayBuffer.isView(one)) as Float64Array[],
    lists: found.filter((one) => Array.isArray(one)) as unknown[][],
  };
}

/** Good values, whose arrays lie in buffers that can be resized. */
const inResizable = (one: Call): Record<string, unknown> =>
  placesThatAre(one, "array").reduce(
    (values, path) =>
      changedAt(values, path, (old) => {
        const good = old as Float64Array;
        const Same = good.constructor as Float64ArrayConstructor;
        const copy = new Same(resizable(good.byteLength) as ArrayBuffer);
        copy.set(good);
        return copy;
      }),
    valuesOf(one.given),
  );

const resize = ({ buffer }: Float64Array, size: number) =>
  (buffer as ReturnType<typeof resizable>).resize(size);
const changes: Record<string, (others: ReturnType<typeof othersIn>) => void> = {
  "sends all arrays away": ({ arrays }) => {
    for (const array of arrays) sentAway(array);
  },
  "shrinks all arrays": ({ arrays }) => {
    for (const array of arrays) resize(array, 0);
  },
  "takes a value from all arrays": ({ arrays }) => {
    for (const array of arrays) resize(array, array.byteLength - array.BYTES_PER_ELEMENT);
  },
  "empties all lists": ({ lists }) => {
    for (const list of lists) list.length = 0;
  },
  "doubles all lists": ({ lists }) => {
    for (const list of lists) list.push(...list);
  },
};

/** A result without the arrays in its cache that are the caller's own. */
function withoutOwn(result: unknown): unknown {
  const { cache, ...rest } = Object(result) as { cache?: object };
  return cache ? { ...rest, cache: { ...cache, x: null, gamma: null } } : result;
}
/** A result or an error. */
const outcomeOf = async (call: () => unknown): Promise<{ result: unknown } | { error: unknown }> => {
  try {
    return { result: withoutOwn(await call()) };
  } catch (error) {
    return { error };
  }
};

for (const [name, one] of calls.filter(([, one]) => readingsOf(one).length > 0)) {
  test(`a getter in ${name} that changes all else gives an error, or the result of before or after`, async () => {
    const bn = webassembly;
    const want = withoutOwn(await one.call(bn, valuesOf(one.given)));
    const memory = memoryOf(bn);
    for (const path of readingsOf(one)) {
      for (const [change, act] of Object.entries(changes)) {
        const what = `${nameOf(path)} ${change}`;
        const values = inResizable(one);
        let times = 0;
        const bad = withGetter(values, path, () => {
          if (times++ === 0) act(othersIn(one, values, path));
          return valueAt(values, path);
        });
        const got = await outcomeOf(() => one.call(bn, bad));
        assert.equal(times, 1, `${what}: how often it was read`);
        if ("error" in got) {
          assert.ok(isOurs(got.error), `${what}: ${(got.error as Error).stack}`);
        } else if (!isDeepStrictEqual(got.result, want)) {
          const after = await outcomeOf(() => one.call(bn, values));
          assertSameBits(got, after, what);
        }
      }
    }
    assert.deepEqual(memoryOf(bn), memory, "the kernels' memory");
  });

  test(`a getter in ${name} may call the package, make layers and dispose of them`, async () => {
    const bn = webassembly;
    const want = await one.call(bn, valuesOf(one.given));
    const watched = watch(bn);
    for (const path of readingsOf(one)) {
      const values = valuesOf(one.given);
      const gone = newLayer(bn);
      const made: { dispose(): void }[] = [];
      let inner: unknown;
      const bad = withGetter(values, path, () => {
        gone.dispose();
        made.push(newLayer(bn));
        inner = one.call(bn, valuesOf(one.given));
        return valueAt(values, path);
      });
      assertSameBits(await one.call(bn, bad), want, nameOf(path));
      assertSameBits(await inner, want, `${nameOf(path)}: the call in between`);
      for (const layer of made) layer.dispose();
      assert.equal(made.length, 1, `${nameOf(path)}: how often it was read`);
      watched.assertNothingLost(nameOf(path));
    }
    watched.end();
  });
}

/** Makes the kernels' memory grow, which detaches every view of it. */
function grow(bn: Backnorm): void {
  const before = memoryOf(bn).size;
  const layers = [];
  while (memoryOf(bn).size === before) layers.push(bn.layer({ shape: [2 ** 9, 2 ** 9] })); // 4 MiB each
  for (const layer of layers) layer.dispose();
}

const growing = ["forward", "backward", "infer", "mergeStatistics", "trace", "diagnose", "taylorTest"];
for (const name of growing) {
  test(`a getter that ${name} reads last may make the memory grow`, async () => {
    const one = everyCall[name] as Call;
    for (const bn of engines) {
      const want = await one.call(bn, valuesOf(one.given));
      let times = 0;
      const everywhere = (act: () => void) =>
        readingsOf(one).reduceRight((values, path) => {
          const good = valueAt(values, path);
          return withGetter(values, path, () => {
            times += 1;
            act();
            return good;
          });
        }, valuesOf(one.given)); // an object's getters before its own
      await one.call(
        bn,
        everywhere(() => {}),
      );
      const last = times;
      const { size } = memoryOf(bn);
      times = 0;
      const growAtLast = () => {
        if (times === last) grow(bn);
      };
      assertSameBits(await one.call(bn, everywhere(growAtLast)), want, "the result");
      assert.ok(memoryOf(bn).size > size, "the memory grew");
    }
  });
}

test("onProgress may make the memory grow, begin other checks, and make and dispose of layers", async () => {
  for (const bn of engines) {
    const kase = bn === webassembly ? bn.presets.iris : bn.presets.cs231n; // the slower one takes less
    const want = bn.gradcheck(kase);
    const { size } = memoryOf(bn);
    const inner: Promise<unknown>[] = [];
    const onProgress = () => {
      newLayer(bn).dispose();
      if (inner.length > 0) return;
      grow(bn);
      inner.push(bn.gradcheckAsync(kase));
    };
    assertSameBits(await bn.gradcheckAsync(kase, { onProgress }), want, "the report");
    assertSameBits(await inner[0], want, "the report of the check in between");
    assert.ok(memoryOf(bn).size > size, "the memory grew");
  }
});

test("what onProgress throws ends the check, and gives its memory back", async () => {
  for (const bn of engines) {
    const watched = watch(bn);
    assert.equal(await thrownBy(() => bn.gradcheckAsync(bn.presets.cs231n, { onProgress: fail })), mine);
    watched.assertNothingLost("onProgress");
    watched.end();
  }
});
