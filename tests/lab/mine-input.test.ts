/** What is pasted into Find my mistake. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { readerOfNames } from "../../web/lab/claims.ts";
import { readInput } from "../../web/lab/mine-input.ts";

const bn = await load();

test("of a text that is too long for its field nothing is read, and a sentence says so", () => {
  const { given, unread } = readInput({ text: "dx = [1]\n".repeat(1e6), files: [] }, readerOfNames(bn.graph));
  assert.deepEqual(given, []);
  assert.deepEqual(
    unread.map(({ error }) => error.message),
    ["expected at most 8 MiB, got 9"],
  );
});
