/** Every argument and every option of every call, given everything that it cannot be: each gets its code and its sentence, and nothing that was there is lost. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as entry from "backnorm";
import { assertComplaint, thrownBy } from "./bad-values.ts";
import {
  type Argument,
  changedAt,
  everyCall,
  everyPlace,
  nameOf,
  placesIn,
  rowsOf,
  valuesOf,
} from "./every-call.ts";
import { newLayer, watch } from "./nothing-lost.ts";
import { placesOfCalls } from "./public-types.ts";
import { assertSameBits, engines, root, webassembly } from "./support.ts";

const functionsOf = (object: object) =>
  Object.entries(object)
    .filter(([, value]) => typeof value === "function")
    .map(([name]) => name);

test("the list has every call of the object, every exported function, and the settings of a layer", () => {
  const layer = newLayer(webassembly);
  const members = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(layer)) as PropertyDescriptorMap;
  layer.dispose();
  const takes = ({ set, value }: PropertyDescriptor) => set !== undefined || (value?.length ?? 0) > 0;
  const { constructor: _, ...others } = members; // bn.layer calls it
  const ofLayer = Object.entries(others).filter(([, member]) => takes(member));
  const exported = functionsOf(entry).filter((name) => !/^Backnorm\w+Error$/.test(name)); // thrown, and never to be made
  const wanted = new Set([
    ...functionsOf(webassembly),
    ...exported,
    ...ofLayer.map(([name]) => `layer.${name}`),
  ]);
  assert.deepEqual(Object.keys(everyCall).sort(), [...wanted].sort());
  assert.equal(webassembly.parseArray, entry.parseArray, "the object's parseArray is the exported one");
  for (const bn of engines) assert.deepEqual(functionsOf(bn), functionsOf(webassembly));
});

/** Paths as the types have them: "parts.*.mean". */
function pathsOf(given: Record<string, Argument>): string[] {
  const paths = placesIn(given).map(([path]) =>
    path.map((name, at) => {
      const around = placesIn(given).find(([other]) => other.join() === path.slice(0, at).join());
      return around?.[1].ofAnyName ? "*" : name;
    }),
  );
  return [...new Set(paths.map((path) => path.join(".")))].sort();
}

test("the list has exactly the parameters and options of the types", () => {
  const typed = Object.entries(placesOfCalls());
  assert.ok(typed.length > 20, "the types were read");
  for (const [name, places] of typed) {
    const { given } = everyCall[name] as (typeof everyCall)[string];
    assert.deepEqual(pathsOf(given), places.map((path) => path.join(".")).sort(), `${name}()`);
  }
});

for (const [name, { given, call }] of Object.entries(everyCall)) {
  test(`${name} takes the good arguments of the list`, async () => {
    for (const bn of engines) {
      const watched = watch(bn);
      await call(bn, valuesOf(given));
      watched.assertNothingLost("what is good");
      watched.end();
    }
  });
}

for (const place of everyPlace) {
  const { name, path, call } = place;
  test(`${name} refuses every bad ${nameOf(path)} with one sentence, and changes nothing`, async () => {
    for (const bn of engines) {
      const watched = watch(bn);
      const before = valuesOf(place.given);
      for (const row of rowsOf(place)) {
        const values = valuesOf(place.given);
        const bad = changedAt(values, path, () => row[1]);
        assertComplaint(await thrownBy(() => call(bn, bad)), row);
        assertSameBits(values, before, `${row[0]}: what else was given`);
        watched.assertNothingLost(row[0]);
      }
      watched.end();
    }
  });
}

test("the codes are those of errors.ts, and each is thrown in some test", () => {
  const source = readFileSync(join(root, "web/src/errors.ts"), "utf8");
  const listed = [...source.matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, code]) => code as string);
  const inTable = new Set(everyPlace.flatMap((place) => rowsOf(place).map(([, , , code]) => code)));
  const elsewhere: Record<string, entry.ErrorCode[]> = {
    "bad-combinations.test.ts": ["one-value-per-channel", "partial-cache", "unknown-option"],
    "bad-layer.test.ts": ["no-forward", "disposed"],
    "empty-batch.test.ts": ["empty-batch"],
    "load.test.ts": ["load-failed"],
    "norm.test.ts": ["invalid-groups", "invalid-dims"],
    "norms.test.ts": ["no-running-statistics"],
  };
  assert.deepEqual([...inTable, ...Object.values(elsewhere).flat()].sort(), listed.toSorted());
  for (const [file, codes] of Object.entries(elsewhere)) {
    const text = readFileSync(join(root, "tests/web", file), "utf8");
    for (const code of codes) assert.ok(text.includes(`"${code}"`), `${file} has no ${code}`);
  }
});
