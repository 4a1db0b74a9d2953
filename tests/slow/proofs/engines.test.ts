/** WebAssembly and the JavaScript fallback, of one source: the same bits, or as far apart as ENGINES.md says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "backnorm";
import { calls } from "../engines/calls.ts";
import { asMarkdown, compareAll, tablePath } from "./engines-table.ts";

const rows = await compareAll();

test("there is a row for every public call", async () => {
  const called = Object.keys(calls).flatMap((name) => name.split(", "));
  const { engine, ...bn } = await load();
  assert.deepEqual(called.sort(), [...Object.keys(bn), "parseNpy"].sort());
});

test("JavaScript gives the bits of WebAssembly, or stays within the stated bound", () => {
  const faults = rows.flatMap(({ faults }) => faults);
  assert.deepEqual(faults.slice(0, 20), [], `${faults.length} faults`);
  assert.ok(rows.filter(({ shares }) => shares.size === 0).length >= 12, "most have no bound at all");
});

test("the committed table equals this run's", () => {
  assert.equal(readFileSync(tablePath, "utf8"), asMarkdown(rows), "npm run engines writes it anew");
});
