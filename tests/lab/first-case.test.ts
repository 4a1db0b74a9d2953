/** The case that the page opens with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { firstCase, kFirst } from "../../web/lab/first-case.ts";

test("the case that the page opens with is the preset of that name", async () => {
  assert.deepEqual(firstCase(), (await load()).presets[kFirst]);
});
