/** The presets, as the page offers them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "backnorm";
import { kNoGraph } from "../../web/lab/maths/graph-facts.ts";
import { kColumns } from "../../web/lab/maths/layout.ts";
import { notationOf } from "../../web/lab/maths/notations.ts";
import { firstCase, kFirst } from "../../web/lab/model/first-case.ts";
import { kPresets } from "../../web/lab/model/presets.ts";
import { files } from "../../web/lab/words/en/files.ts";
import { page as pageWords } from "../../web/lab/words/en/page.ts";

const presetWords = files(notationOf("paper", kNoGraph)).presets;

test("the page has a label and a sentence for every preset", async () => {
  const names = Object.keys((await load()).presets).sort();
  assert.deepEqual([...kPresets].sort(), names);
  assert.deepEqual(Object.keys(presetWords).sort(), names);
  assert.deepEqual(Object.keys(pageWords(notationOf("paper", kNoGraph), kColumns).presetNames).sort(), names);
});

test("the page opens with the preset of that name", async () => {
  assert.deepEqual(firstCase(), (await load()).presets[kFirst]);
});
